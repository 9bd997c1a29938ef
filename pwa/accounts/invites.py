"""One-time codes: to join, and to set up the first clinic.

A code is 60 random bits in an alphabet without look-alikes, good for 14 days and one use. Every
way in which a code can be wrong has the same answer.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from pwa.accounts import (
    memberships,
    passwords,
    people,
    second_factor,
    sessions,
    signing_in,
    throttle,
)
from pwa.accounts.models import Account, Invite
from pwa.accounts.people import Actor
from pwa.audit import log as audit_log
from pwa.database import db, writing
from pwa.practice import clinics
from pwa.practice.words import Number, Words, read_words
from pwa.problems import Conflict, Invalid, InviteUnknown

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
LENGTH, GROUP = 12, 4
LIFETIME = timedelta(days=14)
GUESSED = "code"
"""What wrong codes count against (`throttle.py`)."""


@dataclass(frozen=True)
class Offer:
    """What a code is for, as its holder may see it before taking it up."""

    clinic_name: str
    role: str
    display_name: str


def issue(*, actor: Actor, account: Account, at: datetime) -> str:
    """Make a code to join for this account; earlier unused ones stop working. Returns the code.

    Raises:
        Conflict: the person has joined; a forgotten password is another matter (`resets.py`).
    """
    if account.password_hash is not None:
        raise Conflict(f"{account.display_name} has joined already.")
    db.session.execute(
        update(Invite)
        .where(
            Invite.clinic_id == account.clinic_id,
            Invite.account_id == account.account_id,
            Invite.used_at.is_(None),
            Invite.revoked_at.is_(None),
        )
        .values(revoked_at=at)
    )
    code = _new_code()
    db.session.add(
        Invite(
            code_hash=_hash(code),
            purpose="join",
            clinic_id=account.clinic_id,
            account_id=account.account_id,
            created_at=at,
            expires_at=at + LIFETIME,
        )
    )
    audit_log.record_act(actor, "invite.join", at=at, subject_id=account.account_id)
    return code


def issue_setup(*, at: datetime) -> str:
    """Make the code of the first administrator of a fresh server; earlier ones stop working."""
    revoke_setup(at=at)
    return issue_further_setup(at=at)


def revoke_setup(*, at: datetime) -> int:
    """Every code to open a clinic stops working that was not used. Returns how many did."""
    result = db.session.execute(
        update(Invite)
        .where(
            Invite.purpose == "setup",
            Invite.used_at.is_(None),
            Invite.revoked_at.is_(None),
            Invite.expires_at > at,
        )
        .values(revoked_at=at)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def issue_further_setup(*, at: datetime) -> str:
    """Make a code that opens one more clinic, beside those that were made before."""
    code = _new_code()
    db.session.add(
        Invite(code_hash=_hash(code), purpose="setup", created_at=at, expires_at=at + LIFETIME)
    )
    return code


def look(code: str, *, address: str, at: datetime) -> Offer:
    """What this code is for. Guesses count against the address. Raises InviteUnknown."""
    with guessing(address, at=at):
        _, account = _open_account(code, at=at)
        return Offer(
            clinic_name=clinics.snapshot(account.clinic_id).words.name,
            role=account.role,
            display_name=account.display_name,
        )


def take_up(
    *, code: str, username: str, password: str, address: str, label: str, at: datetime
) -> sessions.Principal:
    """Join with a name and a password of one's own.

    Opens its own transaction: hashing takes its time, and nobody should wait behind it.

    Raises:
        InviteUnknown, Invalid, UsernameTaken
    """
    name = people.clean_username(username)
    passwords.check_password(password, username=name)
    with guessing(address, at=at):
        _open_account(code, at=at)
    password_hash = passwords.hash_password(password)
    with writing():
        invite, account = _open_account(code, at=at)
        _use(invite, at=at)
        people.claim_username(account, name)
        account.password_hash = password_hash
        audit_log.record(
            at=at,
            clinic_id=account.clinic_id,
            actor_id=account.account_id,
            actor_name=account.audit_name,
            action="account.join",
            subject_id=account.account_id,
        )
        principal = signing_in.begin(account, at=at, label=label)
    _know(principal, address, at=at)
    return principal


def take_up_with_name(
    *, code: str, username: str, password: str, address: str, label: str, at: datetime
) -> sessions.Principal:
    """Work at this clinic too, with the name and password that one has.

    The code is looked at first, so that only who holds one may try a password here. Where the
    account has a second factor, that is still asked for before anything opens.

    Raises:
        InviteUnknown, Invalid, Conflict, WrongPassword, AccountInactive, TooManyRequests
    """
    with guessing(address, at=at):
        _open_account(code, at=at)
    match = signing_in.check_name(username=username, password=password, address=address, at=at)
    with writing():
        account = signing_in.matched(match)
        _take_up_with(account, code, at=at)
        principal = signing_in.begin(account, at=at, label=label)
    signing_in.count_as_right(match, principal, address=address, at=at)
    return principal


def take_up_signed_in(
    *, code: str, principal: sessions.Principal, address: str, at: datetime
) -> None:
    """The same by somebody who is signed in; which clinic they are at stays as it is.

    Raises:
        InviteUnknown, Invalid, Conflict, TooManyRequests
    """
    with guessing(address, at=at):
        _open_account(code, at=at)
    with writing():
        account = second_factor.locked(principal, at=at)
        _take_up_with(account, code, at=at)


def _take_up_with(account: Account, code: str, *, at: datetime) -> None:
    invite, invited = _open_account(code, at=at)
    _use(invite, at=at)
    memberships.begin(account=account, invited=invited, at=at)


@contextlib.contextmanager
def guessing(address: str, *, at: datetime) -> Iterator[None]:
    """Count a code that is looked up, unless it is a right one.

    Raises:
        TooManyRequests: too many wrong ones came from this address.
    """
    throttle.check_address(purpose=GUESSED, address=address, at=at)
    yield
    throttle.succeeded_address(purpose=GUESSED, address=address)


def set_up(
    *,
    code: str,
    clinic_name: str,
    time_zone: str,
    emergency_number: str,
    display_name: str,
    username: str,
    password: str,
    address: str,
    label: str,
    at: datetime,
) -> sessions.Principal:
    """Open the first clinic with its administrator, who is signed in at once.

    Opens its own transaction, for the same reason as `take_up`.
    """
    with guessing(address, at=at):
        _open_setup(code, at=at)
    words: Words = read_words({"name": clinic_name.strip(), "time_zone": time_zone})
    words = words.model_copy(update={"emergency": _number(emergency_number)})
    name = people.clean_username(username)
    passwords.check_password(password, username=name)
    password_hash = passwords.hash_password(password)
    with writing():
        _use(_open_setup(code, at=at), at=at)
        account = _open_clinic(words, display_name, name, password_hash, at=at)
        principal = signing_in.begin(account, at=at, label=label)
    _know(principal, address, at=at)
    return principal


def _know(principal: sessions.Principal, address: str, *, at: datetime) -> None:
    """Strangers' tries shall not lock them out where they began."""
    throttle.forget(
        account_key=principal.username,
        address=address,
        at=at,
        account_id=principal.account_id,
        is_signed_in=second_factor.is_proved(principal),
    )


def _open_clinic(
    words: Words, display_name: str, username: str, password_hash: str, *, at: datetime
) -> Account:
    clinic_id = clinics.open_clinic(words=words, at=at, by=people.clean_name(display_name))
    account = people.add_account(
        clinic_id=clinic_id, role="administrator", display_name=display_name, at=at
    )
    people.claim_username(account, username)
    account.password_hash = password_hash
    audit_log.record(
        at=at,
        clinic_id=clinic_id,
        actor_id=account.account_id,
        actor_name=account.audit_name,
        action="clinic.opened",
    )
    return account


def grouped(code: str) -> str:
    """The code as people read it: three groups of four."""
    return "-".join(code[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def _number(text: str) -> Number:
    try:
        return Number(number=text)
    except ValueError:
        raise Invalid("Use digits and a leading + only.", field="emergency_number") from None


def _open_invite(code: str, *, at: datetime) -> Invite:
    invite = db.session.scalars(
        select(Invite).where(
            Invite.code_hash == _hash(code),
            Invite.used_at.is_(None),
            Invite.revoked_at.is_(None),
            Invite.expires_at > at,
        )
    ).one_or_none()
    if invite is None:
        raise InviteUnknown(field="code")
    return invite


def _open_account(code: str, *, at: datetime) -> tuple[Invite, Account]:
    invite = _open_invite(code, at=at)
    if invite.account_id is None or invite.purpose != "join":
        raise InviteUnknown(field="code")
    account = db.session.get_one(Account, invite.account_id)
    if not account.is_active:
        raise InviteUnknown(field="code")
    return invite, account


def _open_setup(code: str, *, at: datetime) -> Invite:
    invite = _open_invite(code, at=at)
    if invite.purpose != "setup":
        raise InviteUnknown(field="code")
    return invite


def _use(invite: Invite, *, at: datetime) -> None:
    """Marks it used in one statement, so that of several at once a single one wins."""
    result = db.session.execute(
        update(Invite)
        .where(Invite.code_hash == invite.code_hash, Invite.used_at.is_(None))
        .values(used_at=at)
        .execution_options(synchronize_session=False)
    )
    if result.rowcount != 1:  # type: ignore[attr-defined]
        raise InviteUnknown(field="code")


def _new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def _hash(code: str) -> str:
    letters = code.upper().translate(LOOK_ALIKES)
    bare = "".join(letter for letter in letters if letter in ALPHABET)
    return hashlib.sha256(bare.encode()).hexdigest()
