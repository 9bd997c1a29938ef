"""Sessions: rows on the server. Ending a row ends the session, whoever holds the cookie."""

from __future__ import annotations

import hashlib
import secrets
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


@dataclass(frozen=True)
class Principal:
    """Who is asking: an account with a session that is open now."""

    token: str
    account_id: str
    clinic_id: str
    role: str
    display_name: str
    username: str

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """What flask-login keeps in the cookie: the token of a row, never the account."""
        return self.token


def start(account: Account, *, at: datetime) -> Principal:
    """Open a session with a token that nobody has seen before."""
    token = secrets.token_urlsafe(32)
    db.session.add(
        Session(
            token_hash=_hash(token),
            account_id=account.account_id,
            created_at=at,
            expires_at=at + LIFETIME[account.role],
        )
    )
    return _principal(token, account)


def find(token: str, *, at: datetime, is_held: bool = False) -> Principal | None:
    """Who this token is, if its session is open and its account active.

    `is_held` keeps it open until the transaction ends: whoever ends it meanwhile waits.
    """
    query = (
        select(Account)
        .join(Session, Session.account_id == Account.account_id)
        .where(
            Session.token_hash == _hash(token),
            Session.ended_at.is_(None),
            Session.expires_at > at,
            Account.is_active.is_(True),
        )
    )
    if is_held:
        query = query.with_for_update(read=True, of=Session)
    row = db.session.execute(query).scalar_one_or_none()
    return None if row is None else _principal(token, row)


def end(token: str, *, at: datetime) -> None:
    """End this session."""
    db.session.execute(
        update(Session).where(Session.token_hash == _hash(token)).values(ended_at=at)
    )


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


def _principal(token: str, account: Account) -> Principal:
    return Principal(
        token=token,
        account_id=account.account_id,
        clinic_id=account.clinic_id,
        role=account.role,
        display_name=account.display_name,
        username=account.username or "",
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
