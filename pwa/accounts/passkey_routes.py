"""The API of passkeys and of the second step of signing in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from pwa import clock
from pwa.accounts import passkeys, second_factor, second_step, throttle
from pwa.accounts.keys import FOLDER, KeyRing
from pwa.accounts.models import Passkey
from pwa.accounts.passkeys import Party
from pwa.accounts.routes import SESSION_BODY, asker, hand_over, welcome
from pwa.accounts.sessions import Principal
from pwa.api_description import INSTANT, TEXT, described, listed, nullable, shape, texts
from pwa.config import Settings
from pwa.doors import (
    everyone_signed_in,
    half_signed_in,
    open_to_all,
    require_confirmation,
    staff_only,
)
from pwa.problems import (
    AccountInactive,
    BadRequest,
    ClinicChoiceRequired,
    ConfirmationRequired,
    Conflict,
    Invalid,
    SignInRequired,
    TooManyRequests,
    WrongCode,
    WrongPasskey,
)
from pwa.strict_json import read_json

blueprint = Blueprint("passkeys", __name__, url_prefix="/api/v1")
SMALL_BODY = 16 * 1024
COUNTED = "passkey"
ANY_OBJECT: dict[str, Any] = {"type": "object"}
CREDENTIAL = shape(credential=ANY_OBJECT)
PASSKEYS = shape(
    passkeys=listed(
        shape(credential_id=TEXT, name=TEXT, created_at=INSTANT, last_used_at=nullable(INSTANT))
    )
)


@blueprint.post("/passkey/options")
@open_to_all
@described(
    "What the browser needs to sign in with a passkey",
    reply=ANY_OBJECT,
    refusals=(TooManyRequests,),
)
def offer_sign_in() -> ResponseReturnValue:
    """A challenge for whoever has a passkey of ours."""
    throttle.check_address(purpose=COUNTED, address=asker()["address"], at=clock.now())
    return _options(passkeys.SIGN_IN, None)


@blueprint.post("/passkey/sign-in")
@open_to_all
@described(
    "Sign in with a passkey alone",
    body=CREDENTIAL,
    reply=SESSION_BODY,
    refusals=(WrongPasskey, AccountInactive, ClinicChoiceRequired),
)
def sign_in() -> ResponseReturnValue:
    """The device and the person whom it verified are two factors: nothing else is asked."""
    principal = second_step.sign_in_with_passkey(
        party=_party(),
        credential=_body(credential=dict)["credential"],
        at=clock.now(),
        **asker(),
    )
    throttle.succeeded_address(purpose=COUNTED, address=asker()["address"])
    return welcome(principal)


@blueprint.post("/second-step")
@staff_only
@half_signed_in
@described(
    "Finish signing in with a code of the app or a recovery code",
    body=texts("code"),
    reply=SESSION_BODY,
    refusals=(WrongCode, TooManyRequests, ClinicChoiceRequired),
)
def pass_with_code() -> ResponseReturnValue:
    """The second step, by a code that is typed."""
    return hand_over(
        second_step.pass_with_code(
            principal=_at_stage(second_factor.STEP),
            ring=key_ring(),
            code=_body(code=str)["code"],
            address=asker()["address"],
            at=clock.now(),
        )
    )


@blueprint.post("/second-step/passkey/options")
@staff_only
@half_signed_in
@described("What the browser needs for the second step", reply=ANY_OBJECT)
def offer_second_step() -> ResponseReturnValue:
    """A challenge for the passkeys of whoever gave the password."""
    return _options(passkeys.SECOND_STEP, _at_stage(second_factor.STEP))


@blueprint.post("/second-step/passkey")
@staff_only
@half_signed_in
@described(
    "Finish signing in with a passkey",
    body=CREDENTIAL,
    reply=SESSION_BODY,
    refusals=(WrongPasskey, ClinicChoiceRequired),
)
def pass_with_passkey() -> ResponseReturnValue:
    """The second step, by a passkey."""
    return hand_over(
        second_step.pass_with_passkey(
            principal=_at_stage(second_factor.STEP),
            party=_party(),
            credential=_body(credential=dict)["credential"],
            address=asker()["address"],
            at=clock.now(),
        )
    )


@blueprint.get("/passkeys")
@everyone_signed_in
@described("One's own passkeys", reply=PASSKEYS)
def show_passkeys() -> ResponseReturnValue:
    """The passkeys of whoever is signed in."""
    return _list(_me())


@blueprint.post("/passkeys/options")
@everyone_signed_in
@half_signed_in
@described(
    "What the browser needs to make a passkey",
    reply=ANY_OBJECT,
    refusals=(ConfirmationRequired, Invalid),
)
def offer_passkey() -> ResponseReturnValue:
    """A challenge for a new passkey."""
    principal = _may_change()
    return jsonify(second_factor.offer_passkey(principal=principal, party=_party(), at=clock.now()))


@blueprint.post("/passkeys")
@everyone_signed_in
@half_signed_in
@described(
    "Keep a passkey that the browser has made",
    body=shape(credential=ANY_OBJECT, name=TEXT),
    reply=PASSKEYS,
    status=201,
    refusals=(ConfirmationRequired, WrongPasskey, Invalid, ClinicChoiceRequired),
)
def add_passkey() -> ResponseReturnValue:
    """A new passkey. Where it was what was missing to sign in, the session is whole now."""
    before = _may_change()
    principal = second_factor.add_passkey(
        principal=before, party=_party(), at=clock.now(), **_body(credential=dict, name=str)
    )
    if principal.token != before.token:
        hand_over(principal)
    return _list(principal), 201


@blueprint.post("/passkeys/remove")
@everyone_signed_in
@described(
    "Take one's own passkey away",
    body=texts("credential_id"),
    reply=PASSKEYS,
    refusals=(ConfirmationRequired, Conflict),
)
def remove_passkey() -> ResponseReturnValue:
    """One passkey less."""
    require_confirmation()
    second_factor.remove_passkey(principal=_me(), at=clock.now(), **_body(credential_id=str))
    return _list(_me())


@blueprint.post("/confirm/passkey/options")
@everyone_signed_in
@described("What the browser needs to confirm who one is", reply=ANY_OBJECT)
def offer_confirmation() -> ResponseReturnValue:
    """A challenge for the passkeys of whoever is signed in."""
    return _options(passkeys.CONFIRM, _me())


@blueprint.post("/confirm/passkey")
@everyone_signed_in
@described(
    "Confirm who one is with a passkey", body=CREDENTIAL, status=204, refusals=(WrongPasskey,)
)
def confirm() -> ResponseReturnValue:
    """A proof for the next few minutes."""
    second_step.confirm_with_passkey(
        principal=_me(),
        party=_party(),
        credential=_body(credential=dict)["credential"],
        at=clock.now(),
    )
    return Response(status=204)


def key_ring() -> KeyRing:
    """The keys of this installation."""
    settings: Settings = current_app.extensions["settings"]
    return KeyRing(settings.instance_path / FOLDER)


def _party() -> Party:
    settings: Settings = current_app.extensions["settings"]
    return passkeys.party_of(settings.public_url)


def _options(purpose: str, principal: Principal | None) -> Response:
    return jsonify(
        second_step.options(party=_party(), purpose=purpose, principal=principal, at=clock.now())
    )


def _me() -> Principal:
    """Whoever is signed in as this request came: a session that begins in it changes nothing."""
    principal: Principal = current_user._get_current_object()  # noqa: SLF001
    return principal


def _at_stage(stage: str) -> Principal:
    principal = _me()
    if principal.stage != stage:
        raise SignInRequired
    return principal


def _may_change() -> Principal:
    """Whoever is signed in and proved it just now, or still has to add a first factor."""
    principal = _me()
    if principal.stage == second_factor.ENROL:
        return principal
    if not principal.is_whole:
        raise SignInRequired
    require_confirmation()
    return principal


def _list(principal: Principal) -> Response:
    return jsonify(passkeys=[_told(one) for one in passkeys.of_account(principal.account_id)])


def _told(one: Passkey) -> dict[str, Any]:
    return {
        "credential_id": one.credential_id,
        "name": one.name,
        "created_at": one.created_at.isoformat(),
        "last_used_at": None if one.last_used_at is None else one.last_used_at.isoformat(),
    }


def _body(**types: Callable[..., Any]) -> dict[str, Any]:
    body = read_json(request, max_bytes=SMALL_BODY)
    for name in body:
        if name not in types:
            raise BadRequest("this field is not known here", field=name[:80])
    for name, kind in types.items():
        if not isinstance(body.get(name), kind):  # type: ignore[arg-type]
            raise BadRequest(
                f"this field must be {'a text' if kind is str else 'an object'}", field=name
            )
    return body
