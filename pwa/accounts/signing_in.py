"""Signing in and out, proving again who one is, choosing another password.

What takes a password guesses at the same secret, so each takes a try of the same account
(`throttle.py`) and opens its own transactions: hashing takes its time, and nobody should wait
behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from pwa.accounts import memberships, passwords, second_factor, sessions, throttle
from pwa.accounts.models import Account
from pwa.accounts.sessions import Principal
from pwa.audit import log as audit_log
from pwa.database import db, writing
from pwa.problems import AccountInactive, Invalid, NotFound, WrongPassword, concerns


def sign_in(*, username: str, password: str, address: str, label: str, at: datetime) -> Principal:
    """Open a session for whoever fits both.

    Args:
        address: where the request came from, to count the tries.
        label: the browser in a few words.
    Raises:
        TooManyRequests: before the password is looked at.
        WrongPassword: the same for a name that does not exist, in the same time.
        AccountInactive: the right password of a closed account.
    """
    match = check_name(username=username, password=password, address=address, at=at)
    with writing():
        principal = begin(matched(match), at=at, label=label)
    count_as_right(match, principal, address=address, at=at)
    return principal


@dataclass(frozen=True)
class Match:
    """A name whose password was right a moment ago."""

    name: str
    account_id: str
    seen_hash: str | None


def check_name(*, username: str, password: str, address: str, at: datetime) -> Match:
    """Whose name and password these are. Opens its own transactions.

    Raises:
        TooManyRequests, WrongPassword: as at `sign_in`.
    """
    name = key_of(username)
    account = db.session.scalars(select(Account).where(Account.username == name)).one_or_none()
    account_id = None if account is None else account.account_id
    seen_hash = None if account is None else account.password_hash
    if account is not None:
        concerns(clinic_id=account.clinic_id, account_id=account.account_id)
    throttle.check(account_key=name, address=address, at=at, account_id=account_id)
    if not passwords.is_right(seen_hash, password) or account_id is None:
        raise WrongPassword(field="password")
    return Match(name, account_id, seen_hash)


def matched(match: Match) -> Account:
    """The account of a right password, as it is within this write transaction.

    Raises:
        WrongPassword: it was changed meanwhile.
        AccountInactive: it is closed wherever its owner worked.
    """
    account = db.session.get_one(Account, match.account_id)
    if account.password_hash != match.seen_hash:
        raise WrongPassword(field="password")
    if not memberships.is_open_somewhere(account):
        raise AccountInactive
    return account


def count_as_right(match: Match, principal: Principal, *, address: str, at: datetime) -> None:
    """The try that was counted was none."""
    throttle.succeeded(
        account_key=match.name,
        address=address,
        at=at,
        account_id=match.account_id,
        is_signed_in=second_factor.is_proved(principal),
    )


def begin(account: Account, *, at: datetime, label: str) -> Principal:
    """Open the session that a right password, a code or a reset leads to: whole, or half of one
    where a second factor or the choice of a clinic is to come."""
    stage = second_factor.stage_after_password(account)
    if stage == memberships.FULL:
        _record(account, "session.started", at=at)
        return second_factor.sit_down(account, label=label, at=at)
    seat = memberships.seat_of(account)
    return sessions.start(account, at=at, stage=stage, label=label, clinic_id=seat.clinic_id)


def sign_out(principal: Principal, *, at: datetime) -> None:
    """End one's own session. Call inside a write transaction."""
    account = db.session.get_one(Account, principal.account_id)
    sessions.end(principal.token, at=at)
    _record(account, "session.ended", at=at, clinic_id=principal.clinic_id)


def end_session(principal: Principal, *, session_id: str, at: datetime) -> None:
    """End one session of one's own account. Call inside a write transaction.

    Raises:
        NotFound: there is no such open session, or it is somebody else's.
    """
    account = db.session.get_one(Account, principal.account_id)
    if not sessions.end_one(principal.account_id, session_id=session_id, at=at):
        raise NotFound
    is_own = session_id == principal.session_id
    _record(account, "session.ended" if is_own else "session.ended_elsewhere", at=at)


def end_other_sessions(principal: Principal, *, at: datetime) -> None:
    """End every session of one's own account but this one. Call inside a write transaction."""
    account = db.session.get_one(Account, principal.account_id)
    sessions.end_others(principal.account_id, keep=principal.token, at=at)
    _record(account, "session.ended_elsewhere", at=at)


def confirm(*, principal: Principal, password: str, address: str, at: datetime) -> None:
    """Take the password once more as a proof of who is sitting there.

    Raises:
        TooManyRequests, WrongPassword
    """
    _prove(principal, password, address=address, at=at)
    with writing():
        sessions.confirm(principal.token, at=at)


def change_password(
    *, principal: Principal, current: str, new: str, address: str, at: datetime
) -> None:
    """Choose another password for one's own account; every other session of it ends.

    Raises:
        TooManyRequests: too many wrong ones before.
        Invalid: the current password does not fit, or the new one will not do.
    """
    try:
        seen_hash = _prove(principal, current, address=address, at=at)
    except WrongPassword:
        raise Invalid("That is not your password now.", field="current_password") from None
    try:
        passwords.check_password(new, username=principal.username)
    except Invalid as problem:
        raise Invalid(problem.detail, field="new_password") from None
    new_hash = passwords.hash_password(new)
    with writing():
        account = db.session.get_one(Account, principal.account_id)
        if account.password_hash != seen_hash or not memberships.is_open_somewhere(account):
            raise Invalid("Your password was changed meanwhile.", field="current_password")
        account.password_hash = new_hash
        sessions.end_others(account.account_id, keep=principal.token, at=at)
        _record(account, "account.password_changed", at=at, subject_id=account.account_id)


def key_of(username: str) -> str:
    """The name as it is looked up and as tries at it are counted."""
    return username.strip().casefold()


def _prove(principal: Principal, password: str, *, address: str, at: datetime) -> str | None:
    """The hash that fitted. Raises TooManyRequests or WrongPassword."""
    account_id, name = principal.account_id, principal.username
    seen_hash = db.session.get_one(Account, account_id).password_hash
    throttle.check(account_key=name, address=address, at=at, account_id=account_id)
    if not passwords.is_right(seen_hash, password):
        raise WrongPassword(field="password")
    throttle.succeeded(account_key=name, address=address, at=at, account_id=account_id)
    return seen_hash


def _record(
    account: Account,
    action: str,
    *,
    at: datetime,
    subject_id: str | None = None,
    clinic_id: str | None = None,
) -> None:
    audit_log.record(
        at=at,
        clinic_id=clinic_id or memberships.log_of(account),
        actor_id=account.account_id,
        actor_name=account.audit_name,
        action=action,
        subject_id=subject_id,
    )
