"""The API of one's own sessions: listing and ending them, and proving again who one is."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue
from flask_login import current_user

from pwa import clock
from pwa.accounts import sessions, signing_in
from pwa.accounts.routes import asker, read_texts
from pwa.api_description import INSTANT, TEXT, described, shape, texts
from pwa.database import writing
from pwa.doors import everyone_signed_in
from pwa.problems import NotFound, TooManyRequests, WrongPassword

blueprint = Blueprint("sessions", __name__, url_prefix="/api/v1")
SESSION = shape(
    session_id=TEXT,
    label=TEXT,
    started_at=INSTANT,
    active_at=INSTANT,
    is_this_one={"type": "boolean"},
)


@blueprint.get("/sessions")
@everyone_signed_in
@described(
    "Where the person is signed in", reply=shape(sessions={"type": "array", "items": SESSION})
)
def list_sessions() -> ResponseReturnValue:
    """Every open session of the person who asks, the one used last first."""
    found = sessions.open_sessions(
        current_user.account_id, role=current_user.role, token=current_user.token, at=clock.now()
    )
    return jsonify(
        sessions=[
            {
                "session_id": one.session_id,
                "label": one.label,
                "started_at": one.created_at.isoformat(),
                "active_at": one.active_at.isoformat(),
                "is_this_one": one.is_this_one,
            }
            for one in found
        ]
    )


@blueprint.post("/sessions/end")
@everyone_signed_in
@described(
    "End one of one's own sessions", body=texts("session_id"), status=204, refusals=(NotFound,)
)
def end_session() -> ResponseReturnValue:
    """Sign out another browser of one's own, or this one."""
    session_id = read_texts("session_id")["session_id"]
    with writing():
        signing_in.end_session(current_user, session_id=session_id, at=clock.now())
    return Response(status=204)


@blueprint.post("/sessions/end-others")
@everyone_signed_in
@described("End every one of one's own sessions but this", status=204)
def end_other_sessions() -> ResponseReturnValue:
    """Sign out everywhere else."""
    with writing():
        signing_in.end_other_sessions(current_user, at=clock.now())
    return Response(status=204)


@blueprint.post("/confirm")
@everyone_signed_in
@described(
    "Prove again who one is, with the password",
    body=texts("password"),
    status=204,
    refusals=(WrongPassword, TooManyRequests),
)
def confirm() -> ResponseReturnValue:
    """What asks for a fresh proof is open for a few minutes from here on."""
    signing_in.confirm(
        principal=current_user._get_current_object(),  # noqa: SLF001
        password=read_texts("password")["password"],
        address=asker()["address"],
        at=clock.now(),
    )
    return Response(status=204)
