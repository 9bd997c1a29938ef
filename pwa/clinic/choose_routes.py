"""At which clinic: somebody of several chooses one, or takes up a code of another, over HTTP.

What is here belongs to the person and to no clinic, so no clinic's log hears of it.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user

from pwa import clock
from pwa.accounts import choosing, invites, memberships
from pwa.accounts.models import Account
from pwa.accounts.sessions import Principal
from pwa.audit.log import SERVER
from pwa.clinic.desk import refuse, sit_down
from pwa.database import db, reading
from pwa.doors import NEXT_STEP, require_confirmation, staff_only, while_choosing
from pwa.problems import (
    AccountInactive,
    Conflict,
    Invalid,
    InviteUnknown,
    NotFound,
    Problem,
    TooManyRequests,
    concerns,
)

pages = Blueprint("choose", __name__, url_prefix="/choose")
HERE = "/clinic/choose"
DONE = {"joined": "You work at one more clinic now. Choose it here when you are there."}
GONE = "You cannot work there now. Choose another, or ask an administrator of that clinic."


@pages.get("")
@staff_only
@while_choosing
def show_choose() -> ResponseReturnValue:
    """One's own clinics, open and closed."""
    return _draw(done=DONE.get(request.args.get("done", "")))


@pages.post("")
@staff_only
@while_choosing
def choose() -> ResponseReturnValue:
    """Sit down at one of them."""
    try:
        principal = choosing.choose(
            principal=_me(), clinic_id=request.form.get("clinic_id", ""), at=clock.now()
        )
    except NotFound:
        problem = Conflict(GONE)
        return refuse(_draw(problem=problem), problem)
    session.clear()
    session.permanent = True
    login_user(principal)
    return redirect(NEXT_STEP.get(principal.stage, "/clinic"), 303)


@pages.post("/code")
@staff_only
def take_up() -> ResponseReturnValue:
    """A code of another clinic, taken up with the account that one has."""
    require_confirmation(back=HERE)
    concerns(clinic_id=SERVER, account_id=current_user.account_id)
    try:
        invites.take_up_signed_in(
            code=request.form.get("code", ""),
            principal=_me(),
            address=request.remote_addr or "",
            at=clock.now(),
        )
    except (AccountInactive, Conflict, Invalid, InviteUnknown, TooManyRequests) as problem:
        problem.field = "code"
        return refuse(_draw(problem=problem), problem)
    return redirect(f"{HERE}?done=joined", 303)


def _draw(*, problem: Problem | None = None, **shown: Any) -> str:
    """Not drawn as other pages of the desk are: what is sent from here is about no clinic."""
    principal, at = _me(), clock.now()
    with reading():
        desk = {"desk": sit_down()} if principal.is_whole else {}
        places = memberships.places_of(db.session.get_one(Account, principal.account_id))
    return render_template(
        "clinic/choose.html",
        page="clinic_choose",
        places=[one for one in places if one.is_open],
        closed=[one for one in places if not one.is_open],
        sits_at=principal.clinic_id if principal.is_whole else None,
        may_join=principal.is_confirmed(at=at),
        problem=problem,
        **desk,
        **shown,
    )


def _me() -> Principal:
    """Whoever is signed in as this request came: a session that begins in it changes nothing."""
    principal: Principal = current_user._get_current_object()  # noqa: SLF001
    return principal
