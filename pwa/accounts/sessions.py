"""Sessions: rows on the server. Ending a row ends the session, whoever holds the cookie."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, func, select, update

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
    seat = _seat(_seats_held() if is_held else _seats(), token)
    if seat is None or seat.ended_at is not None or seat.expires_at <= at:
        return None
    if at - seat.active_at >= IDLE[seat.own_role]:
        return None
    return _principal(token, seat)


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
    rows = db.session.execute(
        _open_ones(), {"account_id": account_id, "now": at, "active_after": at - IDLE[role]}
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


@cache
def _open_ones() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Session.session_id,
            Session.label,
            Session.created_at,
            Session.active_at,
            Session.token_hash,
            Session.clinic_id,
        )
        .where(
            Session.account_id == bindparam("account_id"),
            Session.stage == "full",
            Session.ended_at.is_(None),
            Session.expires_at > bindparam("now"),
            Session.active_at > bindparam("active_after"),
        )
        .order_by(Session.active_at.desc())
    )


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


class _Seat(NamedTuple):
    """A session with its account, the further clinic that it is at, and how many more of those
    the account has."""

    session_id: str
    further_id: str | None
    stage: str
    expires_at: datetime
    active_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None
    account_id: str
    own_clinic_id: str
    own_role: str
    is_active: bool
    display_name: str
    username: str | None
    erased_at: datetime | None
    open_further_id: str | None
    further_role: str | None
    further_count: int


@cache
def _seats() -> Select[*tuple[Any, ...]]:
    """The seat of a token, in the order of `_Seat`: one question and plain columns, since every
    request asks it, and every write once more."""
    session, account = Session.__table__.c, Account.__table__.c
    place, further = Membership.__table__.c, Membership.__table__.alias("further").c
    is_open = and_(place.is_active.is_(True), place.account_id == session.account_id)
    further_count = (
        select(func.count())
        .where(further.account_id == session.account_id, further.is_active.is_(True))
        .correlate(Session.__table__)
        .scalar_subquery()
    )
    return (
        select(
            session.session_id,
            session.clinic_id,
            session.stage,
            session.expires_at,
            session.active_at,
            session.confirmed_at,
            session.ended_at,
            account.account_id,
            account.clinic_id,
            account.role,
            account.is_active,
            account.display_name,
            account.username,
            account.erased_at,
            place.clinic_id,
            place.role,
            further_count,
        )
        .join_from(Session.__table__, Account.__table__, session.account_id == account.account_id)
        .outerjoin(Membership.__table__, and_(is_open, place.clinic_id == session.clinic_id))
        .where(session.token_hash == bindparam("token_hash"))
    )


@cache
def _seats_held() -> Select[*tuple[Any, ...]]:
    """The same, and whoever ends the session waits for this transaction."""
    return _seats().with_for_update(key_share=True, of=Session.__table__)


def _seat(query: Select[*tuple[Any, ...]], token: str) -> _Seat | None:
    row = db.session.execute(query, {"token_hash": _hash(token)}).one_or_none()
    return None if row is None else _Seat(*row)


def _read_back(token: str) -> Principal:
    """The session that was written just now, as every later request will find it."""
    seat = _seat(_seats(), token)
    principal = None if seat is None else _principal(token, seat)
    if principal is None:
        raise RuntimeError("a session was opened at a clinic that is closed to this account")
    return principal


def _principal(token: str, seat: _Seat) -> Principal | None:
    """None: the clinic of the session is closed to this account."""
    is_own = seat.further_id is None
    clinic_id = seat.own_clinic_id if is_own else seat.open_further_id
    role = seat.own_role if is_own else seat.further_role
    if clinic_id is None or role is None or (is_own and not seat.is_active):
        return None
    return Principal(
        token=token,
        session_id=seat.session_id,
        account_id=seat.account_id,
        clinic_id=clinic_id,
        role=role,
        has_several_clinics=seat.is_active + seat.further_count > 1,
        display_name=seat.display_name,
        username=seat.username or "",
        stage=seat.stage,
        active_at=seat.active_at,
        confirmed_at=seat.confirmed_at,
        is_erased=seat.erased_at is not None,
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
