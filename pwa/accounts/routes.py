"""The API of getting in and out: session, sign-in, sign-out, invites, the first set-up."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from flask import Blueprint, Response, current_app, jsonify, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user, login_user, logout_user

from pwa import clock
from pwa.accounts import invites, passwords, sessions, signing_in
from pwa.config import Settings
from pwa.database import writing
from pwa.doors import everyone_signed_in, open_to_all
from pwa.practice import clinics
from pwa.problems import BadRequest, SignInRequired
from pwa.strict_json import read_json

blueprint = Blueprint("accounts", __name__, url_prefix="/api/v1")
pages = Blueprint("accounts_pages", __name__)
login_manager = LoginManager()
login_manager.session_protection = None  # the row decides; a browser update must not sign out
SMALL_BODY = 8 * 1024
TIME_ZONES = tuple(zone for zone in available_timezones() if "/" in zone)


@login_manager.user_loader
def load_principal(token: str) -> sessions.Principal | None:
    """flask-login asks who the cookie's token is."""
    return sessions.find(token, at=clock.now())


@blueprint.get("/session")
@everyone_signed_in
def show_session() -> ResponseReturnValue:
    """Who is signed in, and what the phone must know to work."""
    return jsonify(session_body(current_user))


@blueprint.post("/sign-in")
@open_to_all
def sign_in() -> ResponseReturnValue:
    """A name and a password for a fresh cookie."""
    body = _texts("username", "password")
    principal = signing_in.sign_in(at=clock.now(), **body)
    return _welcome(principal), 200


@blueprint.post("/sign-out")
@open_to_all
def sign_out() -> ResponseReturnValue:
    """End this session. Harmless when there is none."""
    if current_user.is_authenticated:
        token = current_user.token
        with writing():
            sessions.end(token, at=clock.now())
    logout_user()
    session.clear()
    return Response(status=204)


@blueprint.post("/join/look")
@open_to_all
def look_at_invite() -> ResponseReturnValue:
    """What a code is for. The code travels in the body: addresses end up in logs."""
    offer = invites.look(at=clock.now(), **_texts("code"))
    kind = "reset" if offer.purpose == "reset" else offer.role
    return jsonify(
        clinic=offer.clinic_name,
        kind=kind,
        display_name=offer.display_name,
        username=offer.username,
    )


@blueprint.post("/join")
@open_to_all
def join() -> ResponseReturnValue:
    """Take up an invite, or choose a new password."""
    body = _texts("code", "username", "password")
    principal = invites.take_up(at=clock.now(), **body)
    return _welcome(principal), 201


@blueprint.post("/password/suggest")
@open_to_all
def suggest_password() -> ResponseReturnValue:
    """A password of words."""
    return jsonify(password=passwords.suggest())


@blueprint.post("/setup")
@open_to_all
def set_up() -> ResponseReturnValue:
    """The first clinic and its administrator, by the one-time link of a fresh server."""
    body = _texts(
        "code",
        "clinic_name",
        "time_zone",
        "emergency_number",
        "display_name",
        "username",
        "password",
    )
    principal = invites.set_up(at=clock.now(), **body)
    return _welcome(principal), 201


@pages.get("/setup")
@open_to_all
def show_set_up() -> ResponseReturnValue:
    """The page behind the one-time link of a fresh server; the code is in its fragment."""
    return render_template("accounts/setup.html", page="setup", time_zones=sorted(TIME_ZONES))


def session_body(principal: sessions.Principal) -> dict[str, Any]:
    """The reply of `session`, `sign-in` and `join` (check-in-sync/1, section 2)."""
    settings: Settings = current_app.extensions["settings"]
    clinic = clinics.snapshot(principal.clinic_id)
    form_version, rules_version = clinics.running_versions(
        clinic, current_app.extensions["library"]
    )
    return {
        "account": principal.account_id,
        "display_name": principal.display_name,
        "role": principal.role,
        "epoch": clinics.epoch(),
        "server_time": clock.now().isoformat(),
        "form_version": form_version,
        "rules_version": rules_version,
        "limits": {
            "batch_events": settings.batch_events,
            "batch_bytes": settings.batch_bytes,
            "daily_check_ins": settings.daily_check_ins,
            "sync_calls_per_minute": settings.sync_calls_per_minute,
        },
    }


def _welcome(principal: sessions.Principal) -> Response:
    session.clear()
    session.permanent = True
    if not login_user(principal):
        raise SignInRequired
    return jsonify(session_body(principal))


def _texts(*names: str) -> dict[str, str]:
    body = read_json(request, max_bytes=SMALL_BODY)
    for name in body:
        if name not in names:
            raise BadRequest("this field is not known here", field=name[:80])
    for name in names:
        if not isinstance(body.get(name), str):
            raise BadRequest("this field must be a text", field=name)
    return body
