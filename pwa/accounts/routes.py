"""The API of getting in and out: session, sign-in, sign-out, invites, the first set-up."""

from __future__ import annotations

import logging
from typing import Any
from zoneinfo import available_timezones

from flask import Blueprint, Response, current_app, jsonify, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user, login_user, logout_user
from sqlalchemy.exc import DBAPIError

from pwa import clock, strict_json
from pwa.accounts import browsers, erased, invites, passwords, sessions, signing_in
from pwa.accounts.keys import KeyRing
from pwa.api_description import COUNT, INSTANT, TEXT, described, nullable, shape, texts
from pwa.config import Settings
from pwa.database import writing
from pwa.doors import MISSING, everyone_signed_in, open_to_all, polled
from pwa.practice import clinics
from pwa.problems import (
    AccountInactive,
    ClinicChoiceRequired,
    Conflict,
    EnrolmentRequired,
    Invalid,
    InviteUnknown,
    Problem,
    SecondFactorRequired,
    SignInRequired,
    TooManyRequests,
    UsernameTaken,
    WrongPassword,
)

blueprint = Blueprint("accounts", __name__, url_prefix="/api/v1")
pages = Blueprint("accounts_pages", __name__)
login_manager = LoginManager()
login_manager.session_protection = None  # the row decides; a browser update must not sign out
log = logging.getLogger(__name__)
SMALL_BODY = 8 * 1024
REFUSED_WITH_A_CODE = (
    EnrolmentRequired,
    SecondFactorRequired,
    InviteUnknown,
    Invalid,
    UsernameTaken,
    TooManyRequests,
)
"""How taking up a one-time code can end otherwise."""
REFUSED_WITH_A_NAME = (
    EnrolmentRequired,
    SecondFactorRequired,
    InviteUnknown,
    Invalid,
    WrongPassword,
    TooManyRequests,
)
SETUP = (
    "code",
    "clinic_name",
    "time_zone",
    "emergency_number",
    "display_name",
    "username",
    "password",
)
SESSION_BODY = shape(
    account=TEXT,
    display_name=TEXT,
    role={"enum": ["patient", "clinician", "administrator"]},
    epoch=TEXT,
    server_time=INSTANT,
    form_version=nullable(COUNT),
    rules_version=nullable(COUNT),
    outbox_kid=nullable(TEXT),
    limits={"type": "object", "additionalProperties": COUNT},
)
TIME_ZONES = tuple(zone for zone in available_timezones() if "/" in zone)


@login_manager.user_loader
def load_principal(token: str) -> sessions.Principal | None:
    """flask-login asks who the cookie's token is."""
    return sessions.find(token, at=clock.now())


def note_act() -> None:
    """The doors say that whoever is signed in did something.

    Where it cannot be written the request goes on: the session only grows idle sooner.
    """
    at = clock.now()
    if not sessions.is_act_due(current_user, at=at):
        return
    try:
        with writing():
            sessions.note_act(current_user, at=at)
    except (Problem, DBAPIError) as error:
        log.warning("an act was not noted: %s", type(error).__name__)


def hold_session() -> None:
    """Every write transaction asks whether the session is open still. Raises SignInRequired."""
    if sessions.find(current_user.token, at=clock.now(), is_held=True) is None:
        raise SignInRequired


@blueprint.get("/session")
@everyone_signed_in
@described("Who is signed in", reply=SESSION_BODY)
@polled
def show_session() -> ResponseReturnValue:
    """Who is signed in, and what the phone must know to work."""
    return jsonify(session_body(current_user))


@blueprint.post("/sign-in")
@open_to_all
@described(
    "Sign in with a name and a password",
    body=texts("username", "password"),
    reply=SESSION_BODY,
    refusals=(
        WrongPassword,
        AccountInactive,
        TooManyRequests,
        SecondFactorRequired,
        EnrolmentRequired,
        ClinicChoiceRequired,
    ),
)
def sign_in() -> ResponseReturnValue:
    """A name and a password for a fresh cookie."""
    body = read_texts("username", "password")
    principal = signing_in.sign_in(at=clock.now(), **asker(), **body)
    return welcome(principal), 200


@blueprint.post("/sign-out")
@open_to_all
@described("End this session", status=204)
def sign_out() -> ResponseReturnValue:
    """End this session. Harmless when there is none."""
    if current_user.is_authenticated:
        with writing():
            signing_in.sign_out(current_user, at=clock.now())
    logout_user()
    session.clear()
    return Response(status=204)


@blueprint.post("/join/look")
@open_to_all
@described(
    "What a code is for",
    body=texts("code"),
    reply=shape(clinic=TEXT, kind=TEXT, display_name=TEXT),
    refusals=(InviteUnknown, TooManyRequests),
)
def look_at_invite() -> ResponseReturnValue:
    """What a code is for. The code travels in the body: addresses end up in logs."""
    offer = invites.look(address=asker()["address"], at=clock.now(), **read_texts("code"))
    return jsonify(clinic=offer.clinic_name, kind=offer.role, display_name=offer.display_name)


@blueprint.post("/join")
@open_to_all
@described(
    "Take up an invite",
    body=texts("code", "username", "password"),
    reply=SESSION_BODY,
    status=201,
    refusals=REFUSED_WITH_A_CODE,
)
def join() -> ResponseReturnValue:
    """Take up an invite."""
    body = read_texts("code", "username", "password")
    principal = invites.take_up(at=clock.now(), **asker(), **body)
    return welcome(principal), 201


@blueprint.post("/join/with-name")
@open_to_all
@described(
    "Take up a colleague's invite with the name and password that one has",
    body=texts("code", "username", "password"),
    reply=SESSION_BODY,
    status=201,
    refusals=(*REFUSED_WITH_A_NAME, Conflict, AccountInactive, ClinicChoiceRequired),
)
def join_with_name() -> ResponseReturnValue:
    """Work at a further clinic with the account of another."""
    body = read_texts("code", "username", "password")
    principal = invites.take_up_with_name(at=clock.now(), **asker(), **body)
    return welcome(principal), 201


@blueprint.post("/password/suggest")
@open_to_all
@described("A password of words", reply=shape(password=TEXT))
def suggest_password() -> ResponseReturnValue:
    """A password of words."""
    return jsonify(password=passwords.suggest())


@blueprint.post("/setup")
@open_to_all
@described(
    "Open the first clinic of a fresh server",
    body=texts(*SETUP),
    reply=SESSION_BODY,
    status=201,
    refusals=REFUSED_WITH_A_CODE,
)
def set_up() -> ResponseReturnValue:
    """The first clinic and its administrator, by the one-time link of a fresh server."""
    principal = invites.set_up(at=clock.now(), **asker(), **read_texts(*SETUP))
    return welcome(principal), 201


@pages.get("/setup")
@open_to_all
def show_set_up() -> ResponseReturnValue:
    """The page behind the one-time link of a fresh server; the code is in its fragment."""
    return render_template("accounts/setup.html", page="setup", time_zones=sorted(TIME_ZONES))


def session_body(principal: sessions.Principal) -> dict[str, Any]:
    """The reply of `session`, `sign-in` and `join` (check-in-sync/1, section 2)."""
    settings: Settings = current_app.extensions["settings"]
    ring: KeyRing = current_app.extensions["key_ring"]
    clinic = clinics.snapshot(principal.clinic_id)
    form_version, rules_version = clinics.running_versions(
        clinic, current_app.extensions["library"]
    )
    return {
        "account": principal.account_id,
        "display_name": principal.display_name,
        "role": principal.role,
        "epoch": erased.epoch_for(principal),
        "server_time": clock.now().isoformat(),
        "form_version": form_version,
        "rules_version": rules_version,
        "outbox_kid": ring.current() if principal.role == "patient" else None,
        "limits": {
            "batch_events": settings.batch_events,
            "batch_bytes": settings.batch_bytes,
            "daily_check_ins": settings.daily_check_ins,
            "sync_calls_per_minute": settings.sync_calls_per_minute,
            "keep_days": clinic.words.keep_days,
        },
    }


def welcome(principal: sessions.Principal) -> Response:
    """Hand out the cookie of a session that was opened just now. A browser holds one session.

    Raises:
        SecondFactorRequired, EnrolmentRequired, ClinicChoiceRequired: the cookie goes out with
            these too.
    """
    if current_user.is_authenticated:
        with writing():
            sessions.end(current_user.token, at=clock.now())
    return hand_over(principal)


def hand_over(principal: sessions.Principal) -> Response:
    """The same where the browser's earlier session ended as this one began."""
    session.clear()
    session.permanent = True
    if not login_user(principal):
        raise SignInRequired
    if not principal.is_whole:
        raise MISSING[principal.stage]
    return jsonify(session_body(principal))


def asker() -> dict[str, str]:
    """Where a request that signs somebody in came from, and by which browser."""
    return {
        "address": request.remote_addr or "",
        "label": browsers.label_of(request.user_agent.string),
    }


def read_texts(*names: str) -> dict[str, str]:
    """A body of exactly these texts. Raises BadRequest with the field's name."""
    return strict_json.read_texts(request, *names, max_bytes=SMALL_BODY)
