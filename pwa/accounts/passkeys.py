"""Passkeys (WebAuthn): what a browser is asked to sign, and whether what it signed holds.

Here: challenges, options, and the checks of an answer: our origin, our name, a challenge that we
gave for this purpose and account and that nobody used, a person whom the device verified, a
signature that fits, a counter that goes forward. Not here: what follows from it (`second_factor.py`
and `second_step.py`).

Everything that writes is called inside a write transaction. A challenge is used up by the first
answer, right or wrong, so a refusal is a return value: the caller commits and then refuses.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import delete, or_, select, update
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    generate_challenge,
    options_to_json_dict,
    parse_client_data_json,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from pwa.accounts.models import Account, Challenge, Passkey
from pwa.audit import log as audit_log
from pwa.database import db
from pwa.languages import to_translate
from pwa.problems import Invalid

NAME = "Prolo Aftercare"
LIFETIME = timedelta(minutes=5)
MOST = 20
"""Passkeys an account may have."""
LONGEST_NAME = 60
LONGEST_ID = 1400
ADD, SIGN_IN, SECOND_STEP, CONFIRM = "add", "sign_in", "second_step", "confirm"
"""What a challenge is for. An answer to one is no answer to another."""
TRANSPORTS = frozenset(one.value for one in AuthenticatorTransport)


@dataclass(frozen=True)
class Party:
    """Who we are to an authenticator. From the installation's own address, never a request's."""

    rp_id: str
    origin: str


def party_of(public_url: str) -> Party:
    """The party that lives at this address."""
    return Party(rp_id=urlsplit(public_url).hostname or "", origin=public_url)


def of_account(account_id: str) -> Sequence[Passkey]:
    """The passkeys of this account, oldest first."""
    return db.session.scalars(
        select(Passkey)
        .where(Passkey.account_id == account_id)
        .order_by(Passkey.created_at, Passkey.credential_id)
    ).all()


def options_to_add(party: Party, account: Account, *, at: datetime) -> dict[str, Any]:
    """What the browser needs to make a passkey for this account.

    Raises:
        Invalid: it has as many as it may have.
    """
    known = of_account(account.account_id)
    if len(known) >= MOST:
        raise Invalid(
            to_translate("You have %(count)s passkeys. Remove one first."), values={"count": MOST}
        )
    options = webauthn.generate_registration_options(
        rp_id=party.rp_id,
        rp_name=NAME,
        user_id=account.account_id.encode(),
        user_name=account.username or account.display_name,
        user_display_name=account.display_name,
        challenge=_new_challenge(ADD, account.account_id, at=at),
        timeout=_milliseconds(LIFETIME),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_descriptors(known),
    )
    return options_to_json_dict(options)


def options_to_prove(
    party: Party, *, purpose: str, account_id: str | None, at: datetime
) -> dict[str, Any]:
    """What the browser needs to prove a passkey: one of this account's, or whichever it has."""
    known = [] if account_id is None else of_account(account_id)
    options = webauthn.generate_authentication_options(
        rp_id=party.rp_id,
        challenge=_new_challenge(purpose, account_id, at=at),
        timeout=_milliseconds(LIFETIME),
        allow_credentials=_descriptors(known),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


def add(
    party: Party, account: Account, *, credential: dict[str, Any], name: str, at: datetime
) -> bool:
    """Keep the passkey that the browser has made. False: it is not what we asked for."""
    challenge = _take_challenge(credential, ADD, account.account_id, at=at)
    if challenge is None:
        return False
    try:
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.rp_id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except Exception:  # noqa: BLE001 - whatever a parser makes of bytes from outside
        return False
    credential_id = bytes_to_base64url(made.credential_id)
    is_known = db.session.get(Passkey, credential_id) is not None
    if is_known or len(credential_id) > LONGEST_ID or len(of_account(account.account_id)) >= MOST:
        return False
    db.session.add(
        Passkey(
            credential_id=credential_id,
            account_id=account.account_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            name=name,
            transports=_transports(credential),
            created_at=at,
        )
    )
    db.session.flush()
    return True


def prove(
    party: Party,
    *,
    credential: dict[str, Any],
    purpose: str,
    account_id: str | None,
    at: datetime,
) -> Account | None:
    """Whose passkey this is, if the answer holds in every respect.

    `account_id` is who it has to be; None at a sign-in, where the passkey says it.
    """
    challenge = _take_challenge(credential, purpose, account_id, at=at)
    passkey = _find(credential)
    if challenge is None or passkey is None or account_id not in (None, passkey.account_id):
        return None
    if not _is_handle_of(credential, passkey.account_id, is_needed=account_id is None):
        return None
    try:
        proof = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.rp_id,
            expected_origin=party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=0,  # the signature first: `_count_on` looks at it then
            require_user_verification=True,
        )
    except Exception:  # noqa: BLE001 - whatever a parser makes of bytes from outside
        return None
    account = db.session.get_one(Account, passkey.account_id)
    if not _count_on(passkey, proof.new_sign_count, at=at):
        _record_clone(account, at=at)
        return None
    return account


def clean_name(text: str) -> str:
    """The name of a passkey as its owner calls it. Raises Invalid."""
    name = " ".join(text.split())
    if len(name) > LONGEST_NAME:
        raise Invalid(
            to_translate("Use at most %(count)s letters."),
            field="name",
            values={"count": LONGEST_NAME},
        )
    return name or "Passkey"


def remove(*, account_id: str, credential_id: str) -> str | None:
    """Take one passkey of this account away; returns its name, None where there is none."""
    passkey = db.session.get(Passkey, credential_id[:LONGEST_ID])
    if passkey is None or passkey.account_id != account_id:
        return None
    name = passkey.name
    db.session.delete(passkey)
    db.session.flush()
    return name


def forget(account_id: str) -> None:
    """Take every passkey and every open challenge of this account away."""
    db.session.execute(delete(Passkey).where(Passkey.account_id == account_id))
    db.session.execute(delete(Challenge).where(Challenge.account_id == account_id))


def sweep(*, at: datetime) -> None:
    """Throw away challenges that nobody answered in time."""
    db.session.execute(delete(Challenge).where(Challenge.expires_at <= at))


def _new_challenge(purpose: str, account_id: str | None, *, at: datetime) -> bytes:
    sweep(at=at)
    challenge = generate_challenge()
    db.session.add(
        Challenge(
            challenge_hash=hashlib.sha256(challenge).hexdigest(),
            purpose=purpose,
            account_id=account_id,
            expires_at=at + LIFETIME,
        )
    )
    db.session.flush()
    return challenge


def _take_challenge(
    credential: dict[str, Any], purpose: str, account_id: str | None, *, at: datetime
) -> bytes | None:
    """Uses up the challenge that was signed, if it is one of ours for this; else None."""
    try:
        text = credential["response"]["clientDataJSON"]
        challenge = parse_client_data_json(base64url_to_bytes(text)).challenge
    except Exception:  # noqa: BLE001 - whatever a parser makes of bytes from outside
        return None
    whose = (
        Challenge.account_id.is_(None) if account_id is None else Challenge.account_id == account_id
    )
    result = db.session.execute(
        delete(Challenge).where(
            Challenge.challenge_hash == hashlib.sha256(challenge).hexdigest(),
            Challenge.purpose == purpose,
            whose,
            Challenge.expires_at > at,
        )
    )
    return challenge if result.rowcount == 1 else None  # type: ignore[attr-defined]


def _find(credential: dict[str, Any]) -> Passkey | None:
    credential_id = credential.get("id")
    if not isinstance(credential_id, str) or len(credential_id) > LONGEST_ID:
        return None
    return db.session.get(Passkey, credential_id, populate_existing=True)


def _is_handle_of(credential: dict[str, Any], account_id: str, *, is_needed: bool) -> bool:
    handle = credential["response"].get("userHandle")
    if handle is None:
        return not is_needed
    return bool(handle == bytes_to_base64url(account_id.encode()))


def _count_on(passkey: Passkey, count: int, *, at: datetime) -> bool:
    """Moves the counter forward in one statement. Authenticators without one always say 0."""
    result = db.session.execute(
        update(Passkey)
        .where(
            Passkey.credential_id == passkey.credential_id,
            or_(Passkey.sign_count < count, (Passkey.sign_count == 0) & (count == 0)),
        )
        .values(sign_count=count, last_used_at=at)
        .execution_options(synchronize_session=False)
    )
    return bool(result.rowcount == 1)  # type: ignore[attr-defined]


def _record_clone(account: Account, *, at: datetime) -> None:
    """A counter that goes back: there may be two of what there should be one of."""
    audit_log.record(
        at=at,
        clinic_id=account.clinic_id,
        actor_id=account.account_id,
        actor_name=account.audit_name,
        action="passkey.went_back",
        subject_id=account.account_id,
    )


def _descriptors(known: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(one.credential_id),
            transports=[AuthenticatorTransport(name) for name in one.transports] or None,
        )
        for one in known
    ]


def _transports(credential: dict[str, Any]) -> list[str]:
    said = credential["response"].get("transports")
    if not isinstance(said, list):
        return []
    return sorted({one for one in said if isinstance(one, str)} & TRANSPORTS)


def _milliseconds(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)
