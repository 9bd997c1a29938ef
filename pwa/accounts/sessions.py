"""Sessions: rows on the server. Ending a row ends the session, whoever holds the cookie."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select, update
from sqlalchemy.orm import aliased

from pwa.accounts.models import Account, Membership, Session
from pwa.database import db

LIFETIME = {
    "patient": timedelta(days=30),
    "clinician": timedelta(hours=12),
    "administrator": timedelta(hours=12),
}
IDLE = {
    "patient": timedelta(days=30),
    "clinician": timedelta(minutes=30),
    "administrator": timedelta(minutes=30),
}
"""How long a session lasts without an act of a person."""
CONFIRMED_FOR = timedelta(minutes=5)
"""How long a proof of who one is counts for what asks for one."""
STEP_LIFETIME = timedelta(minutes=10)
"""How long the second factor, or the choice of a clinic, is awaited after the password."""
ACTIVE_EVERY = {
    "patient": timedelta(hours=1),
    "clinician": timedelta(minutes=1),
    "administrator": timedelta(minutes=1),
}
"""`active_at` is written at most this often: a phone that sends should not pay for it each time."""


@dataclass(frozen=True)
class Principal:
    """Who is asking: an account with a session that is open now.

    `clinic_id` and `role` are those of the clinic that was chosen for the session. What belongs
    to the account and to no work (its password, its factors) looks at the account instead.
    """

    token: str
    session_id: str
    account_id: str
    clinic_id: str
    role: str
    display_name: str
    username: str
    stage: str
    active_at: datetime
    confirmed_at: datetime | None
    is_erased: bool = False
    has_several_clinics: bool = False

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """What flask-login keeps in the cookie: the token of a row, never the account."""
        return self.token

    @property
    def is_whole(self) -> bool:
        """Whether every step of signing in is done."""
        return self.stage == "full"

    def is_confirmed(self, *, at: datetime) -> bool:
        """Whether the person proved a moment ago who they are."""
        return self.confirmed_at is not None and at - self.confirmed_at < CONFIRMED_FOR


@dataclass(frozen=True)
class OpenSession:
    """One open session of an account, as its owner sees it."""

    session_id: str
    label: str
    created_at: datetime
    active_at: datetime
    is_this_one: bool
    clinic_id: str | None
    """The further clinic that it is at; None: at the account's own."""


def start(
    account: Account,
    *,
    at: datetime,
    stage: str = "full",
    label: str = "",
    clinic_id: str | None = None,
) -> Principal:
    """Open a session with a token that nobody has seen before.

    The person has just proved who they are, so a whole session starts confirmed.

    Args:
        clinic_id: a further clinic that it is at; None: the account's own.
    """
    token = secrets.token_urlsafe(32)
    lifetime = LIFETIME[account.role] if stage == "full" else STEP_LIFETIME
    row = Session(
        token_hash=_hash(token),
        session_id=str(uuid.uuid4()),
        account_id=account.account_id,
        clinic_id=clinic_id,
        stage=stage,
        label=label[:80],
        created_at=at,
        expires_at=at + lifetime,
        active_at=at,
        confirmed_at=at if stage == "full" else None,
    )
    db.session.add(row)
    db.session.flush()
    return _read_back(token)


def go_on_at(principal: Principal, *, clinic_id: str | None, at: datetime) -> Principal:
    """End this session and go on at another clinic under a new token, until the same hour.

    What another page of the same browser has on its way ends with the old token.
    """
    old = db.session.scalars(
        select(Session).where(Session.token_hash == _hash(principal.token))
    ).one()
    account = db.session.get_one(Account, principal.account_id)
    is_whole = old.stage == "full"
    token = secrets.token_urlsafe(32)
    row = Session(
        token_hash=_hash(token),
        session_id=str(uuid.uuid4()),
        account_id=account.account_id,
        clinic_id=clinic_id,
        stage="full",
        label=old.label,
        created_at=old.created_at,
        expires_at=old.expires_at if is_whole else old.created_at + LIFETIME[account.role],
        active_at=at,
        confirmed_at=old.confirmed_at if is_whole else old.created_at,
    )
    end(principal.token, at=at)
    db.session.add(row)
    db.session.flush()
    return _read_back(token)


def find(token: str, *, at: datetime, is_held: bool = False) -> Principal | None:
    """Who this token is, if its session is open, was not left idle, and its account is active.

    `is_held` keeps it open until the transaction ends: whoever ends it meanwhile waits.
    """
    query = _seats().where(
        Session.token_hash == _hash(token), Session.ended_at.is_(None), Session.expires_at > at
    )
    if is_held:
        query = query.with_for_update(key_share=True, of=Session)
    row = db.session.execute(query).one_or_none()
    if row is None:
        return None
    session, account, membership, others = row
    if at - session.active_at >= IDLE[account.role]:
        return None
    return _principal(token, session, account, membership, others)


def label_of(principal: Principal) -> str:
    """The browser of this session in a few words."""
    return db.session.scalars(
        select(Session.label).where(Session.session_id == principal.session_id)
    ).one()


def note_act(principal: Principal, *, at: datetime) -> None:
    """A person did something: the session is not idle. Call inside a write transaction."""
    db.session.execute(
        update(Session)
        .where(
            Session.token_hash == _hash(principal.token),
            Session.ended_at.is_(None),
            Session.active_at < at,
        )
        .values(active_at=at)
    )


def is_act_due(principal: Principal, *, at: datetime) -> bool:
    """Whether the last act that was written down is long enough ago to write the next."""
    return at - principal.active_at >= ACTIVE_EVERY[principal.role]


def confirm(token: str, *, at: datetime) -> None:
    """The person proved again who they are. Call inside a write transaction."""
    db.session.execute(
        update(Session).where(Session.token_hash == _hash(token)).values(confirmed_at=at)
    )


def open_sessions(account_id: str, *, role: str, token: str, at: datetime) -> list[OpenSession]:
    """Every open session of this account, the newest act first."""
    rows = db.session.scalars(
        select(Session)
        .where(
            Session.account_id == account_id,
            Session.stage == "full",
            Session.ended_at.is_(None),
            Session.expires_at > at,
            Session.active_at > at - IDLE[role],
        )
        .order_by(Session.active_at.desc())
    )
    return [
        OpenSession(
            session_id=row.session_id,
            label=row.label,
            created_at=row.created_at,
            active_at=row.active_at,
            is_this_one=row.token_hash == _hash(token),
            clinic_id=row.clinic_id,
        )
        for row in rows
    ]


def end(token: str, *, at: datetime) -> None:
    """End this session."""
    db.session.execute(
        update(Session)
        .where(Session.token_hash == _hash(token), Session.ended_at.is_(None))
        .values(ended_at=at)
    )


def end_one(account_id: str, *, session_id: str, at: datetime) -> bool:
    """End one session of this account; whether there was such a one."""
    result = db.session.execute(
        update(Session)
        .where(
            Session.account_id == account_id,
            Session.session_id == session_id,
            Session.ended_at.is_(None),
        )
        .values(ended_at=at)
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]


def end_all(account_id: str, *, at: datetime) -> None:
    """End every session of this account."""
    db.session.execute(
        update(Session)
        .where(Session.account_id == account_id, Session.ended_at.is_(None))
        .values(ended_at=at)
    )


def end_at(account_id: str, *, clinic_id: str | None, at: datetime) -> None:
    """End every session of this account at one clinic; None: at the account's own."""
    here = Session.clinic_id.is_(None) if clinic_id is None else Session.clinic_id == clinic_id
    db.session.execute(
        update(Session)
        .where(Session.account_id == account_id, here, Session.ended_at.is_(None))
        .values(ended_at=at)
    )


def end_others(account_id: str, *, keep: str, at: datetime) -> None:
    """End every session of this account but the one with this token."""
    db.session.execute(
        update(Session)
        .where(
            Session.account_id == account_id,
            Session.ended_at.is_(None),
            Session.token_hash != _hash(keep),
        )
        .values(ended_at=at)
    )


@cache
def _seats() -> Select[*tuple[Any, ...]]:
    """Sessions with their accounts, the further clinic that each is at, and how many more of
    those the account has: in one question, since every request asks it."""
    is_open = and_(Membership.is_active.is_(True), Membership.account_id == Session.account_id)
    return (
        select(Session, Account, Membership, _further_count())
        .join(Account, Session.account_id == Account.account_id)
        .outerjoin(Membership, and_(is_open, Membership.clinic_id == Session.clinic_id))
    )


def _further_count() -> ColumnElement[int]:
    further = aliased(Membership)
    return (
        select(func.count())
        .where(further.account_id == Session.account_id, further.is_active.is_(True))
        .correlate(Session)
        .scalar_subquery()
    )


def _read_back(token: str) -> Principal:
    """The session that was written just now, as every later request will find it."""
    row = db.session.execute(_seats().where(Session.token_hash == _hash(token))).one()
    session, account, membership, others = row
    principal = _principal(token, session, account, membership, others)
    if principal is None:
        raise RuntimeError("a session was opened at a clinic that is closed to this account")
    return principal


def _principal(
    token: str, session: Session, account: Account, membership: Membership | None, others: int
) -> Principal | None:
    """None: the clinic of the session is closed to this account."""
    place: Account | Membership | None = account if session.clinic_id is None else membership
    if place is None or not place.is_active:
        return None
    return Principal(
        token=token,
        session_id=session.session_id,
        account_id=account.account_id,
        clinic_id=place.clinic_id,
        role=place.role,
        has_several_clinics=account.is_active + others > 1,
        display_name=account.display_name,
        username=account.username or "",
        stage=session.stage,
        active_at=session.active_at,
        confirmed_at=session.confirmed_at,
        is_erased=account.erased_at is not None,
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
