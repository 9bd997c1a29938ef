"""A forgotten password: somebody asks, the clinic vouches for them, only their browser goes on.

The browser that asked holds a secret; the person reads a short number to the clinic. Approving the
number opens nothing by itself, and neither does knowing it: the new password is chosen where the
secret is. So staff never see what would let them in, and a stranger who asks in somebody's name
has a number that nobody will read out to the clinic in their place.

A name that nobody has is answered in the same way, with a number that fits nobody.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update

from pwa.accounts import memberships, passwords, second_factor, sessions, signing_in, throttle
from pwa.accounts.models import Account, ResetRequest
from pwa.accounts.people import Actor
from pwa.audit import log as audit_log
from pwa.database import db, writing
from pwa.problems import Invalid, ResetUnknown

LIFETIME = timedelta(minutes=30)
DIGITS = 6
ASKING, APPROVING = "reset", "approve"
NOBODY = "Nobody signed in"


@dataclass(frozen=True)
class Asked:
    """What the asking browser keeps (`secret`) and the person reads out (`number`)."""

    secret: str
    number: str


def ask(*, username: str, address: str, at: datetime) -> Asked:
    """Open a request. Every one counts as a try, so that nobody can heap them up.

    Raises:
        TooManyRequests: strangers' requests do not reach an address that the account knows.
    """
    name = signing_in.key_of(username)
    account = db.session.scalars(
        select(Account).where(Account.username == name, Account.is_active.is_(True))
    ).one_or_none()
    account_id = None if account is None else account.account_id
    clinic_id = audit_log.SERVER if account is None else account.clinic_id
    throttle.check(account_key=name, address=address, at=at, account_id=account_id, purpose=ASKING)
    secret = secrets.token_urlsafe(32)
    with writing():
        db.session.execute(delete(ResetRequest).where(ResetRequest.expires_at <= at))
        number = _free_number(account_id)
        db.session.execute(
            insert(ResetRequest).values(
                secret_hash=_hash(secret),
                number_hash=_number_hash(account_id, number),
                account_id=account_id,
                created_at=at,
                expires_at=at + LIFETIME,
            )
        )
        audit_log.record(
            at=at,
            clinic_id=clinic_id,
            actor_id=None,
            actor_name=NOBODY,
            action="reset.asked",
            subject_id=account_id,
        )
    return Asked(secret=secret, number=number)


def is_approved(secret: str, *, at: datetime) -> bool:
    """Whether the clinic has approved this request yet. Raises ResetUnknown: it is over."""
    return _open(secret, at=at).approved_at is not None


def approve(*, actor: Actor, account_id: str, number: str, at: datetime) -> None:
    """Let the browser whose number this is choose a new password for this account.

    The caller has looked whether the account is one that the actor may approve. Opens its own
    transaction, since a refused number counts.

    Raises:
        TooManyRequests: too many wrong numbers before.
        Invalid: no open request for this account has this number, or it is the actor's own.
    """
    if account_id == actor.account_id:
        raise Invalid("Ask a colleague to do this for you.", field="number")
    asker = actor.account_id or ""
    throttle.check(account_key=account_id, address=asker, at=at, purpose=APPROVING)
    digits = "".join(letter for letter in number if letter.isascii() and letter.isdigit())
    with writing():
        result = db.session.execute(
            update(ResetRequest)
            .where(
                ResetRequest.account_id == account_id,
                ResetRequest.number_hash == _number_hash(account_id, digits),
                ResetRequest.expires_at > at,
                ResetRequest.used_at.is_(None),
            )
            .values(approved_at=at, approved_by=actor.account_id)
        )
        if result.rowcount != 1:  # type: ignore[attr-defined]
            raise Invalid(
                "Nobody asked for this person with that number. Listen to it once more.",
                field="number",
            )
        audit_log.record_act(actor, "reset.approved", at=at, subject_id=account_id)
    throttle.succeeded(account_key=account_id, address=asker, at=at, purpose=APPROVING)


def use(
    *, secret: str, password: str, address: str, label: str, at: datetime
) -> sessions.Principal:
    """Choose the new password. Every session of the account ends and a fresh one begins; where
    the account has a second factor, that is still asked for. Further clinics of its owner close
    until an administrator there has heard of it.

    Raises:
        ResetUnknown: over, used, or not approved.
        Invalid: the password will not do.
    """
    name = _approved(secret, at=at)[1].username or ""
    passwords.check_password(password, username=name)
    password_hash = passwords.hash_password(password)
    with writing():
        request, account = _approved(secret, at=at)
        _use_up(request, at=at)
        account.password_hash = password_hash
        memberships.pause(account, at=at)
        sessions.end_all(account.account_id, at=at)
        audit_log.record(
            at=at,
            clinic_id=account.clinic_id,
            actor_id=account.account_id,
            actor_name=account.audit_name,
            action="account.reset",
            subject_id=account.account_id,
        )
        principal = signing_in.begin(account, at=at, label=label)
    throttle.forget(
        account_key=name,
        address=address,
        at=at,
        account_id=principal.account_id,
        is_signed_in=second_factor.is_proved(principal),
    )
    return principal


def _open(secret: str, *, at: datetime) -> ResetRequest:
    request = db.session.scalars(
        select(ResetRequest).where(
            ResetRequest.secret_hash == _hash(secret),
            ResetRequest.expires_at > at,
            ResetRequest.used_at.is_(None),
        )
    ).one_or_none()
    if request is None:
        raise ResetUnknown
    return request


def _approved(secret: str, *, at: datetime) -> tuple[ResetRequest, Account]:
    request = _open(secret, at=at)
    if request.approved_at is None or request.account_id is None:
        raise ResetUnknown
    account = db.session.get_one(Account, request.account_id)
    if not account.is_active:
        raise ResetUnknown
    return request, account


def _use_up(request: ResetRequest, *, at: datetime) -> None:
    """In one statement, so that of several at once a single one wins. Others of the account go."""
    mine = ResetRequest.secret_hash == request.secret_hash
    result = db.session.execute(
        update(ResetRequest)
        .where(mine, ResetRequest.used_at.is_(None))
        .values(used_at=at)
        .execution_options(synchronize_session=False)
    )
    if result.rowcount != 1:  # type: ignore[attr-defined]
        raise ResetUnknown
    db.session.execute(
        delete(ResetRequest)
        .where(ResetRequest.account_id == request.account_id, ~mine)
        .execution_options(synchronize_session=False)
    )


def _free_number(account_id: str | None) -> str:
    """A number that no other open request of the account has: approving must mean one browser."""
    taken = set(
        db.session.scalars(
            select(ResetRequest.number_hash).where(ResetRequest.account_id == account_id)
        )
    )
    while True:
        number = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
        if _number_hash(account_id, number) not in taken:
            return number


def _number_hash(account_id: str | None, number: str) -> str:
    return _hash(f"{account_id or ''} {number}")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
