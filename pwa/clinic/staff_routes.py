"""The clinic's own people over HTTP. Only administrators change them."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, request
from flask.typing import ResponseReturnValue

from pwa.accounts import invites, people
from pwa.accounts.models import Account
from pwa.clinic.desk import Desk, draw, sit_down
from pwa.clinic.invite_card import make_card
from pwa.clinic.settings_routes import draw_settings
from pwa.config import Settings
from pwa.database import writing
from pwa.doors import administrators_only
from pwa.problems import Conflict, Invalid

pages = Blueprint("staff", __name__, url_prefix="/settings/staff")


@pages.post("")
@administrators_only
def add_staff() -> ResponseReturnValue:
    """Add a colleague and answer with their invite."""
    typed = {name: request.form.get(name, "") for name in ("display_name", "role")}
    try:
        with writing():
            desk = sit_down()
            account_id = people.add_staff(actor=desk.actor, at=desk.when.now, **typed)
            account = people.find_staff(clinic_id=desk.clinic_id, account_id=account_id)
            code, purpose = invites.issue_for(actor=desk.actor, account=account, at=desk.when.now)
            name = account.display_name
    except Invalid as problem:
        problem.field = f"staff_{problem.field}"
        return draw_settings(problem=problem, typed_staff=typed), problem.status
    return _draw_invite(desk, name, code=code, purpose=purpose)


@pages.post("/<account_id>/invite")
@administrators_only
def make_invite(account_id: str) -> ResponseReturnValue:
    """A code for a colleague to join, or to choose a new password."""
    with writing():
        desk, account = _find(account_id)
        if not account.is_active:
            raise Conflict("This account is closed. Open it again first.")
        code, purpose = invites.issue_for(actor=desk.actor, account=account, at=desk.when.now)
        name = account.display_name
    return _draw_invite(desk, name, code=code, purpose=purpose)


@pages.post("/<account_id>/active")
@administrators_only
def set_active(account_id: str) -> ResponseReturnValue:
    """Close a colleague's account, or open it again."""
    is_active = request.form.get("is_active") == "1"
    try:
        with writing():
            desk, account = _find(account_id)
            people.set_active(
                actor=desk.actor, account=account, is_active=is_active, at=desk.when.now
            )
    except Invalid as problem:
        return draw_settings(problem=problem), problem.status
    done = "staff_opened" if is_active else "staff_closed"
    return redirect(f"/clinic/settings?done={done}#staff", 303)


def _find(account_id: str) -> tuple[Desk, Account]:
    desk = sit_down()
    return desk, people.find_staff(clinic_id=desk.clinic_id, account_id=account_id)


def _draw_invite(desk: Desk, name: str, *, code: str, purpose: str) -> str:
    settings: Settings = current_app.extensions["settings"]
    card = make_card(
        code=code,
        purpose=purpose,
        display_name=name,
        public_url=settings.public_url,
        at=desk.when.now,
    )
    back = "/clinic/settings#staff"
    return draw("invite.html", desk, page="settings", who=None, card=card, back=back)
