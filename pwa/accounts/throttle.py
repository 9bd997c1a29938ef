"""Guessing made slow, and nobody locked out by a stranger: how many tries are left, and where.

A try counts three times: for the account from this address, for this address whatever the
account, and for the account from all addresses that it is not known from. Somebody who signed in
from an address before is asked there only for the first: strangers' tries do not reach them.

Tries are rows, so that several processes count together. Every function opens its own
transaction: call them outside of one.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import delete, func, insert, select, text

from pwa.accounts.models import FailedTry, KnownAddress
from pwa.database import db, is_sqlite, writing
from pwa.problems import TooManyRequests

WINDOW = timedelta(hours=1)
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=15)
KNOWN_FOR = timedelta(days=180)
MOST_KNOWN = 20


@dataclass(frozen=True)
class Rule:
    """How many tries within the window are free. Each one more doubles the wait after it."""

    name: str
    free: int

    def wait_after(self, count: int) -> timedelta:
        """How long the next try has to wait when `count` have failed within the window."""
        if count < self.free:
            return timedelta(0)
        return min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(count - self.free, 8))


HERE = Rule("here", 5)
ADDRESS = Rule("address", 30)
STRANGERS = Rule("strangers", 20)


@dataclass(frozen=True)
class _Place:
    rule: Rule
    key: str


def check(
    *,
    account_key: str,
    address: str,
    at: datetime,
    account_id: str | None = None,
    purpose: str = "password",
) -> None:
    """May there be another try? Then it counts as failed until `succeeded` takes it back.

    Counted first and judged afterwards, so that many tries at once are not all let through. A
    refused one costs nothing and counts nothing.

    Args:
        account_key: what is guessed at: a sign-in name as typed, or an account's id.
        address: where the request came from.
        account_id: the account behind the key, if there is one; decides whether it is known here.
        purpose: tries of different purposes are counted apart.
    Raises:
        TooManyRequests: with the seconds to wait.
    """
    with writing():
        is_known = _is_known(account_id, address, at=at)
        places = [_here(purpose, account_key, address)]
        if not is_known:
            places += [_address(purpose, address), _strangers(purpose, account_key)]
        _take(places, at=at)


def check_address(*, purpose: str, address: str, at: datetime) -> None:
    """The same where there is no account to guess at, as with a code. Raises TooManyRequests."""
    with writing():
        _take([_address(purpose, address)], at=at)


def succeeded(
    *,
    account_key: str,
    address: str,
    at: datetime,
    account_id: str | None = None,
    purpose: str = "password",
    is_signed_in: bool = True,
) -> None:
    """The try was right: forget the failed ones of this account from this address.

    Of the shared counts only this one try is taken back, or an attacker with an account of their
    own could wash them clean. Where nothing else is asked for (`is_signed_in`) the address becomes
    known to the account.
    """
    with writing():
        _forget_here(purpose, account_key, address)
        if not _is_known(account_id, address, at=at):
            _take_back([_address(purpose, address), _strangers(purpose, account_key)])
        if account_id is not None and is_signed_in:
            _note_address(account_id, address, at=at)


def forget(
    *,
    account_key: str,
    address: str,
    at: datetime,
    account_id: str,
    purpose: str = "password",
    is_signed_in: bool = True,
) -> None:
    """They proved by another way who they are: failed tries of this account from here are over."""
    with writing():
        _forget_here(purpose, account_key, address)
        if is_signed_in:
            _note_address(account_id, address, at=at)


def succeeded_address(*, purpose: str, address: str) -> None:
    """The code was right: this try does not count."""
    with writing():
        _take_back([_address(purpose, address)])


def _take(places: Sequence[_Place], *, at: datetime) -> None:
    _queue(places)
    db.session.execute(delete(FailedTry).where(FailedTry.at <= at - WINDOW))
    wait = max(_wait(place, at=at) for place in places)
    if wait > timedelta(0):
        seconds = math.ceil(wait.total_seconds())
        raise TooManyRequests(
            f"Too many tries. Wait {_in_words(seconds)}, then try again.", retry_after_s=seconds
        )
    db.session.execute(
        insert(FailedTry),
        [{"try_id": str(uuid.uuid4()), "key_hash": place.key, "at": at} for place in places],
    )


def _wait(place: _Place, *, at: datetime) -> timedelta:
    count, newest = db.session.execute(
        select(func.count(), func.max(FailedTry.at)).where(FailedTry.key_hash == place.key)
    ).one()
    if not count:
        return timedelta(0)
    return newest + place.rule.wait_after(count) - at


def _forget_here(purpose: str, account_key: str, address: str) -> None:
    here = _here(purpose, account_key, address)
    db.session.execute(delete(FailedTry).where(FailedTry.key_hash == here.key))


def _in_words(seconds: int) -> str:
    if seconds <= 90:
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    return f"{math.ceil(seconds / 60)} minutes"


def _take_back(places: Sequence[_Place]) -> None:
    """One try each: they are alike, so the newest may go for this one."""
    for place in places:
        newest = (
            select(FailedTry.try_id)
            .where(FailedTry.key_hash == place.key)
            .order_by(FailedTry.at.desc())
            .limit(1)
            .scalar_subquery()
        )
        db.session.execute(
            delete(FailedTry).where(FailedTry.try_id == newest),
            execution_options={"synchronize_session": False},
        )


def _queue(places: Sequence[_Place]) -> None:
    """One at a time for each key until the commit. SQLite has one writer anyway."""
    if is_sqlite(db.engine):
        return
    for number in sorted(int(place.key[:15], 16) for place in places):
        db.session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def _is_known(account_id: str | None, address: str, *, at: datetime) -> bool:
    """Asked for an unknown name too, so that the answer takes as long."""
    found = db.session.scalar(
        select(KnownAddress.last_at).where(
            KnownAddress.account_id == (account_id or ""),
            KnownAddress.address_hash == _hash("known", account_id or "", address_of(address)),
            KnownAddress.last_at > at - KNOWN_FOR,
        )
    )
    return found is not None


def _note_address(account_id: str, address: str, *, at: datetime) -> None:
    hashed = _hash("known", account_id, address_of(address))
    row = db.session.get(KnownAddress, (account_id, hashed))
    if row is None:
        db.session.add(KnownAddress(account_id=account_id, address_hash=hashed, last_at=at))
    else:
        row.last_at = at
    db.session.flush()
    newest = (
        select(KnownAddress.address_hash)
        .where(KnownAddress.account_id == account_id)
        .order_by(KnownAddress.last_at.desc(), KnownAddress.address_hash)
        .limit(MOST_KNOWN)
    )
    db.session.execute(
        delete(KnownAddress).where(
            KnownAddress.account_id == account_id,
            KnownAddress.address_hash.not_in(newest) | (KnownAddress.last_at <= at - KNOWN_FOR),
        ),
        execution_options={"synchronize_session": False},
    )


def _here(purpose: str, account_key: str, address: str) -> _Place:
    return _Place(HERE, _hash(purpose, HERE.name, account_key, address_of(address)))


def _address(purpose: str, address: str) -> _Place:
    return _Place(ADDRESS, _hash(purpose, ADDRESS.name, address_of(address)))


def _strangers(purpose: str, account_key: str) -> _Place:
    return _Place(STRANGERS, _hash(purpose, STRANGERS.name, account_key))


def address_of(text: str) -> str:
    """An address as it is counted: of IPv6 the half that one household is given whole."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text[:100]
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address.packed[:8] + bytes(8), 64)))
    return str(address)


def _hash(*parts: str) -> str:
    """Keyed, since four billion addresses are soon tried out."""
    key = str(current_app.secret_key).encode()
    return hmac.new(key, "\x00".join(parts).encode("utf-8", "replace"), hashlib.sha256).hexdigest()
