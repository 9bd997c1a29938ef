"""The second factor of staff: who owes one, adding and removing one, and a lost one.

A factor is a passkey or an authenticator app; recovery codes stand in for a lost one and are none
themselves. Every function that writes opens its own transaction, since codes take their time to
hash and a refused answer leaves its trace too. Not here: using a factor (`second_step.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from pwa.accounts import memberships, passkeys, people, recovery, sessions, totp
from pwa.accounts.keys import KeyRing, note_use
from pwa.accounts.memberships import CHOOSE, FULL
from pwa.accounts.models import Account, Passkey
from pwa.accounts.passkeys import Party
from pwa.accounts.people import STAFF_ROLES, Actor
from pwa.accounts.sessions import Principal
from pwa.audit import log as audit_log
from pwa.database import db, writing
from pwa.practice import clinics
from pwa.problems import Conflict, Invalid, NotFound, SignInRequired, WrongPasskey

STEP, ENROL = "second_factor", "enrol"
LAST_ONE = "Your clinic asks for a second way to prove who you are. Add another one first."


@dataclass(frozen=True)
class Factors:
    """What an account has beside its password."""

    passkeys: tuple[Passkey, ...]
    has_app: bool
    codes_left: int
    is_required: bool

    @property
    def has_any(self) -> bool:
        """Whether there is a factor at all."""
        return self.has_app or bool(self.passkeys)

    @property
    def is_last_needed(self) -> bool:
        """Whether one more removal would leave none where the clinic asks for one."""
        return self.is_required and self.has_app + len(self.passkeys) <= 1


def of_account(account: Account) -> Factors:
    """The factors of this account, and whether any clinic of its owner asks for one."""
    return Factors(
        passkeys=tuple(passkeys.of_account(account.account_id)),
        has_app=account.totp_secret is not None,
        codes_left=recovery.left(account.account_id),
        is_required=account.role in STAFF_ROLES
        and any(map(clinics.is_second_factor_required, memberships.open_clinics(account))),
    )


def stage_after_password(account: Account) -> str:
    """How far a right password brings this account: "full", or the stage that comes next.

    Patients' passkeys stand in place of their password, so they are never asked for both.
    """
    if account.role not in STAFF_ROLES:
        return FULL
    factors = of_account(account)
    if factors.has_any:
        return STEP
    return ENROL if factors.is_required else FULL


def add_app(
    *, principal: Principal, ring: KeyRing, offer: str, code: str, at: datetime
) -> tuple[Principal, list[str]]:
    """Take the authenticator app that showed this code; earlier recovery codes stop working.

    Returns:
        The session to go on with (a new one, where this was what was missing), and ten codes.
    Raises:
        Conflict: the secret was shown too long ago.
        Invalid: the app shows another code.
    """
    account_id = principal.account_id
    try:
        secret = totp.unseal_offer(ring, offer, account_id=account_id, at=at)
    except totp.CannotOpen:
        raise Conflict("This page was open for too long. Scan the new square.") from None
    step = totp.step_of(secret, code, at=at)
    if step is None:
        raise Invalid("That code does not fit. Wait for the next one in the app.", field="code")
    codes = recovery.new_codes()
    hashes = [recovery.hash_code(one, account_id=account_id) for one in codes]
    with writing():
        account = locked(principal, at=at)
        account.totp_secret = totp.seal(ring, secret, account_id=account_id)
        account.totp_step = step
        note_use(ring, totp.key_of(account.totp_secret), at=at)
        recovery.replace(account_id=account_id, hashes=hashes, at=at)
        record(account, "totp.added", at=at)
        return _after_adding(principal, account, at=at), codes


def remove_app(*, principal: Principal, at: datetime) -> None:
    """Take the authenticator app away. Raises Conflict: it is the last factor and one is needed."""
    with writing():
        account = locked(principal, at=at)
        if account.totp_secret is None:
            return
        _keep_one(account)
        account.totp_secret = None
        _forget_codes_without_factor(account)
        record(account, "totp.removed", at=at)


def make_codes(*, principal: Principal, at: datetime) -> list[str]:
    """Ten new recovery codes; earlier ones stop working.

    Raises:
        Conflict: there is no factor that they could stand in for.
    """
    account_id = principal.account_id
    codes = recovery.new_codes()
    hashes = [recovery.hash_code(one, account_id=account_id) for one in codes]
    with writing():
        account = locked(principal, at=at)
        if not of_account(account).has_any:
            raise Conflict("Add a passkey or an authenticator app first.")
        recovery.replace(account_id=account_id, hashes=hashes, at=at)
        record(account, "recovery_codes.made", at=at)
    return codes


def offer_passkey(*, principal: Principal, party: Party, at: datetime) -> dict[str, Any]:
    """What the browser needs to make a passkey."""
    with writing():
        account = locked(principal, at=at)
        return passkeys.options_to_add(party, account, at=at)


def add_passkey(
    *,
    principal: Principal,
    party: Party,
    credential: dict[str, Any],
    name: str,
    at: datetime,
) -> Principal:
    """Keep a passkey that the browser has made. Returns the session to go on with.

    Raises:
        Invalid: the name is too long.
        WrongPasskey: it is not what we asked for.
    """
    name = passkeys.clean_name(name)
    with writing():
        account = locked(principal, at=at)
        is_added = passkeys.add(party, account, credential=credential, name=name, at=at)
        if is_added:
            record(account, "passkey.added", at=at)
            principal = _after_adding(principal, account, at=at)
    if not is_added:
        raise WrongPasskey
    return principal


def remove_passkey(*, principal: Principal, credential_id: str, at: datetime) -> None:
    """Take one's own passkey away.

    Raises:
        NotFound: one has no such passkey.
        Conflict: it is the last factor and the clinic asks for one.
    """
    with writing():
        account = locked(principal, at=at)
        if credential_id not in {
            one.credential_id for one in passkeys.of_account(account.account_id)
        }:
            raise NotFound
        _keep_one(account)
        passkeys.remove(account_id=account.account_id, credential_id=credential_id)
        _forget_codes_without_factor(account)
        record(account, "passkey.removed", at=at)


def reset(*, actor: Actor, account_id: str, at: datetime) -> str:
    """A colleague lost theirs: take every factor away and end their sessions. Returns their name.

    Further clinics of theirs close until an administrator there has heard of it: who vouches for
    somebody here opens no other clinic.

    Raises:
        NotFound: nobody whose account this clinic keeps.
        Invalid: oneself; who could undo one's own factor with a session alone has none.
        Conflict: the account is closed here.
    """
    with writing():
        account = people.find_own_staff(clinic_id=actor.clinic_id, account_id=account_id)
        if account.account_id == actor.account_id:
            raise Invalid("Ask a colleague to reset yours.")
        if not account.is_active:
            raise Conflict("This account is closed. Open it again first.")
        memberships.pause(account, at=at)
        _reset(account, actor=actor, at=at)
        return account.display_name


def reset_by_operator(*, username: str, at: datetime) -> str:
    """The same by whoever runs the server, for an administrator who is alone. Raises NotFound."""
    with writing():
        account = db.session.scalars(
            select(Account).where(
                Account.username == username.strip().casefold(), Account.role.in_(STAFF_ROLES)
            )
        ).one_or_none()
        if account is None:
            raise NotFound
        _reset(account, actor=Actor(None, "Operator", account.clinic_id), at=at)
        return account.display_name


def require_in_clinic(*, principal: Principal, is_required: bool, at: datetime) -> None:
    """Ask everybody at the clinic for a second factor, or no longer.

    Colleagues without one are signed out, so that they meet the question now.

    Raises:
        Conflict: whoever asks others for one needs one.
    """
    with writing():
        account = locked(principal, at=at)
        if is_required and not of_account(account).has_any:
            raise Conflict("Add your own second factor first. Then ask your colleagues for theirs.")
        if not clinics.set_second_factor_required(principal.clinic_id, is_required=is_required):
            return
        if is_required:
            _sign_out_without_one(principal.clinic_id, at=at)
        action = f"clinic.second_factor_{'on' if is_required else 'off'}"
        record_at(principal.clinic_id, account, action, at=at)


def _sign_out_without_one(clinic_id: str, *, at: datetime) -> None:
    for one in people.staff_of(clinic_id):
        if not of_account(db.session.get_one(Account, one.account_id)).has_any:
            here = None if one.is_own else clinic_id
            sessions.end_at(one.account_id, clinic_id=here, at=at)


def locked(principal: Principal, *, at: datetime) -> Account:
    """The account of a session that is still open, locked until the transaction ends.

    Raises:
        SignInRequired: the session ended meanwhile.
    """
    account = db.session.scalars(
        select(Account)
        .where(Account.account_id == principal.account_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    found = sessions.find(principal.token, at=at, is_held=True)
    if found is None or found.stage != principal.stage:
        raise SignInRequired
    return account


def is_proved(principal: Principal) -> bool:
    """Whether this session was opened by somebody who has nothing left to prove."""
    return principal.stage in (FULL, CHOOSE)


def enter(principal: Principal, account: Account, *, at: datetime) -> Principal:
    """Go on under a new token, now that everything is proved. Call inside a write transaction."""
    label = sessions.label_of(principal)
    sessions.end(principal.token, at=at)
    return sit_down(account, label=label, at=at)


def sit_down(account: Account, *, label: str, at: datetime) -> Principal:
    """Open the session of somebody who has proved who they are: whole at their only clinic, or
    still to choose between several. Call inside a write transaction. Raises AccountInactive."""
    seat = memberships.seat_of(account)
    if seat.stage == FULL and seat.clinic_id is not None:
        record_at(seat.clinic_id, account, "session.started", at=at)
    return sessions.start(account, at=at, stage=seat.stage, label=label, clinic_id=seat.clinic_id)


def record(account: Account, action: str, *, at: datetime, **detail: str) -> None:
    """Write down what somebody did with their own account, where its own clinic sees it."""
    record_at(memberships.log_of(account), account, action, at=at, **detail)


def record_at(
    clinic_id: str, account: Account, action: str, *, at: datetime, **detail: str
) -> None:
    """Write down in this clinic's log what somebody did there."""
    audit_log.record(
        at=at,
        clinic_id=clinic_id,
        actor_id=account.account_id,
        actor_name=account.audit_name,
        action=action,
        subject_id=account.account_id,
        detail=dict(detail),
    )


def _after_adding(principal: Principal, account: Account, *, at: datetime) -> Principal:
    if principal.stage != ENROL:
        return principal
    record(account, "session.started", at=at)
    return enter(principal, account, at=at)


def _keep_one(account: Account) -> None:
    if of_account(account).is_last_needed:
        raise Conflict(LAST_ONE)


def _forget_codes_without_factor(account: Account) -> None:
    db.session.flush()
    if not of_account(account).has_any:
        recovery.forget(account.account_id)


def _reset(account: Account, *, actor: Actor, at: datetime) -> None:
    passkeys.forget(account.account_id)
    recovery.forget(account.account_id)
    account.totp_secret = None
    sessions.end_all(account.account_id, at=at)
    audit_log.record(
        at=at,
        clinic_id=account.clinic_id,
        actor_id=actor.account_id,
        actor_name=actor.name,
        action="staff.second_factor_reset",
        subject_id=account.account_id,
    )
