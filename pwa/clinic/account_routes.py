"""A member of staff's own account over HTTP: password, sessions, and proving who one is."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, session
from flask.typing import ResponseReturnValue
from flask_login import current_user, logout_user

from pwa.accounts import passkeys, sessions, signing_in
from pwa.clinic.desk import Desk, draw, opened, refuse, sit_down
from pwa.database import writing
from pwa.doors import our_path, staff_only
from pwa.problems import Invalid, NotFound, Problem, TooManyRequests, WrongPassword

pages = Blueprint("account", __name__, url_prefix="/account")
DONE = {
    "password": "Your password is changed. Every other session of yours has ended.",
    "ended": "That session has ended.",
    "others": "Every other session of yours has ended.",
    "gone": "That session had ended already.",
}


@pages.get("")
@staff_only
def show_account() -> ResponseReturnValue:
    """One's own account."""
    with writing():
        desk = sit_down()
        opened(desk, "account")
    return _draw_account(desk, done=DONE.get(request.args.get("done", "")))


@pages.post("/password")
@staff_only
def change_password() -> ResponseReturnValue:
    """Choose another password. What was typed is never shown again."""
    with writing():
        desk = sit_down()
    try:
        signing_in.change_password(
            principal=current_user._get_current_object(),  # noqa: SLF001
            current=request.form.get("current_password", ""),
            new=request.form.get("new_password", ""),
            address=request.remote_addr or "",
            at=desk.when.now,
        )
    except (Invalid, TooManyRequests) as problem:
        return refuse(_draw_account(desk, problem=problem), problem)
    return redirect("/clinic/account?done=password", 303)


@pages.post("/sessions/end")
@staff_only
def end_session() -> ResponseReturnValue:
    """End one of one's own sessions."""
    try:
        with writing():
            desk = sit_down()
            signing_in.end_session(
                current_user, session_id=request.form.get("session_id", ""), at=desk.when.now
            )
    except NotFound:
        return redirect("/clinic/account?done=gone#sessions", 303)
    return redirect("/clinic/account?done=ended#sessions", 303)


@pages.post("/sessions/end-others")
@staff_only
def end_other_sessions() -> ResponseReturnValue:
    """End every session of one's own but this one."""
    with writing():
        desk = sit_down()
        signing_in.end_other_sessions(current_user, at=desk.when.now)
    return redirect("/clinic/account?done=others#sessions", 303)


@pages.get("/confirm")
@staff_only
def show_confirm() -> ResponseReturnValue:
    """Prove again who one is, before what cannot be undone."""
    with writing():
        desk = sit_down()
        opened(desk, "confirm")
    return _draw_confirm(desk, back=our_path(request.args.get("next", "")))


@pages.post("/confirm")
@staff_only
def confirm() -> ResponseReturnValue:
    """Take the password and go back to where the question came from."""
    back = our_path(request.form.get("next", ""))
    with writing():
        desk = sit_down()
    try:
        signing_in.confirm(
            principal=current_user._get_current_object(),  # noqa: SLF001
            password=request.form.get("password", ""),
            address=request.remote_addr or "",
            at=desk.when.now,
        )
    except (WrongPassword, TooManyRequests) as problem:
        if isinstance(problem, WrongPassword):
            problem.detail = "That is not your password."
        return refuse(_draw_confirm(desk, back=back, problem=problem), problem)
    return redirect(back, 303)


@pages.post("/sign-out")
@staff_only
def sign_out() -> ResponseReturnValue:
    """End this session and leave."""
    with writing():
        signing_in.sign_out(current_user, at=sit_down().when.now)
    logout_user()
    session.clear()
    return redirect("/sign-in", 303)


def _draw_account(desk: Desk, **shown: Any) -> str:
    found = sessions.open_sessions(
        desk.account_id, role=desk.role, token=desk.token, at=desk.when.now
    )
    return draw("account.html", desk, page="account", open_sessions=found, **shown)


def _draw_confirm(desk: Desk, *, back: str, problem: Problem | None = None) -> str:
    has_passkeys = bool(passkeys.of_account(desk.account_id))
    return draw(
        "confirm.html",
        desk,
        page="account",
        back=back,
        has_passkeys=has_passkeys,
        problem=problem,
    )
