"""A member of staff's own account over HTTP: password and signing out."""

from __future__ import annotations

from flask import Blueprint, redirect, request, session
from flask.typing import ResponseReturnValue
from flask_login import current_user, logout_user

from pwa.accounts import sessions, signing_in
from pwa.audit import log as audit_log
from pwa.clinic.desk import draw, opened, sit_down
from pwa.database import writing
from pwa.doors import staff_only
from pwa.problems import Invalid

pages = Blueprint("account", __name__, url_prefix="/account")


@pages.get("")
@staff_only
def show_account() -> ResponseReturnValue:
    """One's own account."""
    with writing():
        desk = sit_down()
        opened(desk, "account")
    return draw("account.html", desk, page="account", done=request.args.get("done") == "password")


@pages.post("/password")
@staff_only
def change_password() -> ResponseReturnValue:
    """Choose another password. What was typed is never shown again."""
    with writing():
        desk = sit_down()
    try:
        signing_in.change_password(
            principal=current_user,
            current=request.form.get("current_password", ""),
            new=request.form.get("new_password", ""),
            at=desk.when.now,
        )
    except Invalid as problem:
        return draw("account.html", desk, page="account", problem=problem), problem.status
    return redirect("/clinic/account?done=password", 303)


@pages.post("/sign-out")
@staff_only
def sign_out() -> ResponseReturnValue:
    """End this session and leave."""
    with writing():
        desk = sit_down()
        sessions.end(desk.token, at=desk.when.now)
        audit_log.record(
            at=desk.when.now,
            clinic_id=desk.clinic_id,
            actor_id=desk.account_id,
            actor_name=desk.name,
            action="session.ended",
        )
    logout_user()
    session.clear()
    return redirect("/sign-in", 303)
