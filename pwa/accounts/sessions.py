"""Sessions: rows on the server. Ending a row ends the session, whoever holds the cookie."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from pwa.accounts.models import Account, Session
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
"""How long the second factor is awaited after the password."""
ACTIVE_EVERY = {
    "patient": timedelta(hours=1),
    "clinician": timedelta(minutes=1),
    "administrator": timedelta(minutes=1),
}
"""`active_at` is written at most this often: a phone that sends should not pay for it each time."""


@dataclass(frozen=True)
class Principal:
    """Who is asking: an account with a session that is open now."""

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


def start(account: Account, *, at: datetime, stage: str = "full", label: str = "") -> Principal:
    """Open a session with a token that nobody has seen before.

    The person has just proved who they are, so a whole session starts confirmed.
    """
    token = secrets.token_urlsafe(32)
    lifetime = LIFETIME[account.role] if stage == "full" else STEP_LIFETIME
    row = Session(
        token_hash=_hash(token),
        session_id=str(uuid.uuid4()),
        account_id=account.account_id,
        stage=stage,
        label=label[:80],
        created_at=at,
        expires_at=at + lifetime,
        active_at=at,
        confirmed_at=at if stage == "full" else None,
    )
    db.session.add(row)
    return _principal(token, row, account)


def find(token: str, *, at: datetime, is_held: bool = False) -> Principal | None:
    """Who this token is, if its session is open, was not left idle, and its account is active.

    `is_held` keeps it open until the transaction ends: whoever ends it meanwhile waits.
    """
    query = (
        select(Session, Account)
        .join(Account, Session.account_id == Account.account_id)
        .where(
            Session.token_hash == _hash(token),
            Session.ended_at.is_(None),
            Session.expires_at > at,
            Account.is_active.is_(True),
        )
    )
    if is_held:
        query = query.with_for_update(key_share=True, of=Session)
    row = db.session.execute(query).one_or_none()
    if row is None:
        return None
    session, account = row
    if at - session.active_at >= IDLE[account.role]:
        return None
    return _principal(token, session, account)


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


def _principal(token: str, session: Session, account: Account) -> Principal:
    return Principal(
        token=token,
        session_id=session.session_id,
        account_id=account.account_id,
        clinic_id=account.clinic_id,
        role=account.role,
        display_name=account.display_name,
        username=account.username or "",
        stage=session.stage,
        active_at=session.active_at,
        confirmed_at=session.confirmed_at,
        is_erased=account.erased_at is not None,
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
