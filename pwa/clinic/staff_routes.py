"""The clinic's own people over HTTP. Only administrators change them."""

from __future__ import annotations

import re

from flask import Blueprint, current_app, redirect, request
from flask.typing import ResponseReturnValue

from pwa.accounts import invites, memberships, people, resets, second_factor
from pwa.accounts.models import Account
from pwa.accounts.people import Colleague
from pwa.clinic.desk import Desk, draw, opened, refuse, sit_down
from pwa.clinic.invite_card import make_card
from pwa.clinic.settings_routes import draw_settings
from pwa.config import Settings
from pwa.database import writing
from pwa.doors import administrators_only, require_confirmation
from pwa.problems import Conflict, Invalid, NotFound, Problem, TooManyRequests

pages = Blueprint("staff", __name__, url_prefix="/settings/staff")
FORM_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
DONE = {
    "closed": "Closed. Your colleague is signed out of this clinic.",
    "opened": "Open again. Your colleague can work here.",
    "reset": "Approved. Their own screen now lets them choose a new password.",
    "role": "The role is changed. Your colleague signs in anew.",
}


@pages.post("")
@administrators_only
def add_staff() -> ResponseReturnValue:
    """Add a colleague and answer with their invite."""
    typed = {name: request.form.get(name, "") for name in ("display_name", "role")}
    form_id = request.form.get("form_id", "")
    if form_id and not FORM_ID.fullmatch(form_id):
        raise NotFound
    try:
        with writing():
            desk = sit_down()
            account_id = people.add_staff(
                actor=desk.actor, at=desk.when.now, account_id=form_id or None, **typed
            )
            account = people.find_own_staff(clinic_id=desk.clinic_id, account_id=account_id)
            code = invites.issue(actor=desk.actor, account=account, at=desk.when.now)
            name = account.display_name
    except Conflict:
        # Sent twice: the first one counted. The settings make a fresh code if one is needed.
        return redirect("/clinic/settings?done=staff_known#staff", 303)
    except Invalid as problem:
        problem.field = f"staff_{problem.field}"
        return draw_settings(problem=problem, typed_staff=typed), problem.status
    return _draw_invite(desk, name, code=code)


@pages.get("/<account_id>")
@administrators_only
def show_colleague(account_id: str) -> ResponseReturnValue:
    """What an administrator can do about one colleague."""
    return _draw_colleague(account_id)


@pages.post("/<account_id>/invite")
@administrators_only
def make_invite(account_id: str) -> ResponseReturnValue:
    """A code for a colleague to join."""
    with writing():
        desk, account = _find_own(account_id)
        code = invites.issue(actor=desk.actor, account=account, at=desk.when.now)
        name = account.display_name
    return _draw_invite(desk, name, code=code)


@pages.post("/<account_id>/reset")
@administrators_only
def approve_reset(account_id: str) -> ResponseReturnValue:
    """A colleague reads out a number: let their browser choose a new password."""
    with writing():
        desk, _ = _find_own(account_id)
    require_confirmation(back=_page_of(account_id))
    try:
        resets.approve(
            actor=desk.actor,
            account_id=account_id,
            number=request.form.get("number", ""),
            at=desk.when.now,
        )
    except (Invalid, TooManyRequests) as problem:
        problem.field = "number"
        return refuse(_draw_colleague(account_id, problem=problem), problem)
    return redirect(f"{_page_of(account_id)}?done=reset", 303)


@pages.post("/<account_id>/role")
@administrators_only
def change_role(account_id: str) -> ResponseReturnValue:
    """Make a colleague a clinician or an administrator."""
    with writing():
        _find(account_id)
    require_confirmation(back=_page_of(account_id))
    try:
        with writing():
            desk = sit_down()
            memberships.change_role(
                actor=desk.actor,
                account_id=account_id,
                role=request.form.get("role", ""),
                at=desk.when.now,
            )
    except Invalid as problem:
        return _draw_colleague(account_id, problem=problem), problem.status
    return redirect(f"{_page_of(account_id)}?done=role", 303)


@pages.post("/<account_id>/active")
@administrators_only
def set_active(account_id: str) -> ResponseReturnValue:
    """End a colleague's work at this clinic, or let them work here again."""
    is_active = request.form.get("is_active") == "1"
    try:
        with writing():
            desk = sit_down()
            memberships.set_active(
                actor=desk.actor, account_id=account_id, is_active=is_active, at=desk.when.now
            )
    except Invalid as problem:
        return _draw_colleague(account_id, problem=problem), problem.status
    done = "opened" if is_active else "closed"
    return redirect(f"{_page_of(account_id)}?done={done}", 303)


def _find(account_id: str) -> tuple[Desk, Colleague]:
    desk = sit_down()
    return desk, people.find_staff(clinic_id=desk.clinic_id, account_id=account_id)


def _find_own(account_id: str) -> tuple[Desk, Account]:
    """Somebody whose account is this clinic's to mend. Whose is not is not found here."""
    desk = sit_down()
    account = people.find_own_staff(clinic_id=desk.clinic_id, account_id=account_id)
    if not account.is_active:
        raise Conflict("This account is closed. Open it again first.")
    return desk, account


def _page_of(account_id: str) -> str:
    return f"/clinic/settings/staff/{account_id}"


def _draw_colleague(account_id: str, *, problem: Problem | None = None) -> str:
    with writing():
        desk, one = _find(account_id)
        has_second_factor = False
        if one.is_own and one.is_active:
            account = people.find_own_staff(clinic_id=desk.clinic_id, account_id=account_id)
            has_second_factor = second_factor.of_account(account).has_any
        opened(desk, "colleague", subject_id=account_id)
    return draw(
        "colleague.html",
        desk,
        page="settings",
        one=one,
        has_second_factor=has_second_factor,
        problem=problem,
        done=DONE.get(request.args.get("done", "")),
    )


def _draw_invite(desk: Desk, name: str, *, code: str) -> str:
    settings: Settings = current_app.extensions["settings"]
    card = make_card(code=code, display_name=name, public_url=settings.public_url, at=desk.when.now)
    back = "/clinic/settings#staff"
    return draw("invite.html", desk, page="settings", who=None, card=card, back=back)
