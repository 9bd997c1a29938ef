"""Signing in with a name and a password, and choosing another password."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from pwa.accounts import passwords, sessions
from pwa.accounts.models import Account
from pwa.audit import log as audit_log
from pwa.database import db, writing
from pwa.problems import AccountInactive, Invalid, WrongPassword


def sign_in(*, username: str, password: str, at: datetime) -> sessions.Principal:
    """Open a session for whoever fits both.

    The password is checked outside the write transaction: hashing takes its time, and nobody
    should wait behind it.

    Raises:
        WrongPassword: the same for a name that does not exist, in the same time.
        AccountInactive: the right password of a closed account.
    """
    account = db.session.scalars(
        select(Account).where(Account.username == username.strip().casefold())
    ).one_or_none()
    seen_hash = None if account is None else account.password_hash
    if not passwords.is_right(seen_hash, password) or account is None:
        raise WrongPassword(field="password")
    if not account.is_active:
        raise AccountInactive
    account_id = account.account_id
    with writing():
        account = db.session.get_one(Account, account_id)
        if account.password_hash != seen_hash or not account.is_active:
            raise WrongPassword(field="password")
        principal = sessions.start(account, at=at)
        audit_log.record(
            at=at,
            clinic_id=account.clinic_id,
            actor_id=account.account_id,
            actor_name=account.audit_name,
            action="session.started",
        )
    return principal


def change_password(*, principal: sessions.Principal, current: str, new: str, at: datetime) -> None:
    """Choose another password for one's own account; every other session of it ends.

    Opens its own transaction, for the same reason as `sign_in`.

    Raises:
        Invalid: the current password does not fit, or the new one will not do.
    """
    seen_hash = db.session.get_one(Account, principal.account_id).password_hash
    if not passwords.is_right(seen_hash, current):
        raise Invalid("That is not your password now.", field="current_password")
    try:
        passwords.check_password(new, username=principal.username)
    except Invalid as problem:
        raise Invalid(problem.detail, field="new_password") from None
    new_hash = passwords.hash_password(new)
    with writing():
        account = db.session.get_one(Account, principal.account_id)
        if account.password_hash != seen_hash or not account.is_active:
            raise Invalid("Your password was changed meanwhile.", field="current_password")
        account.password_hash = new_hash
        sessions.end_others(account.account_id, keep=principal.token, at=at)
        audit_log.record(
            at=at,
            clinic_id=account.clinic_id,
            actor_id=account.account_id,
            actor_name=account.audit_name,
            action="account.password_changed",
            subject_id=account.account_id,
        )
