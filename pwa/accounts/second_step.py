"""Proving who one is with a second factor, or with a passkey alone.

Every function opens its own transaction: a challenge is used up by a wrong answer too, and hashing
keeps nobody waiting. What is refused is written down where every refusal is (`refusals.py`).
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from sqlalchemy import or_, update

from pwa.accounts import memberships, passkeys, recovery, second_factor, sessions, throttle, totp
from pwa.accounts.keys import KeyRing
from pwa.accounts.models import Account
from pwa.accounts.passkeys import Party
from pwa.accounts.sessions import Principal
from pwa.database import db, writing
from pwa.problems import AccountInactive, SignInRequired, WrongCode, WrongPasskey, concerns

APP_CODE = re.compile(r"[0-9]{6}")
GUESSED = "second_factor"
"""What wrong codes count against (`throttle.py`)."""
NOT_THAT = "That code does not work. Codes of the app change every 30 seconds."


def pass_with_code(
    *, principal: Principal, ring: KeyRing, code: str, address: str, at: datetime
) -> Principal:
    """Finish signing in with a code of the app, or with a recovery code. Returns the new session.

    Raises:
        TooManyRequests: too many wrong ones.
        WrongCode: it does not fit, or was used before.
        SignInRequired: the half session is over.
    """
    account_id = principal.account_id
    throttle.check(
        account_key=account_id, address=address, at=at, account_id=account_id, purpose=GUESSED
    )
    bare = "".join(code.split())
    is_app_code = APP_CODE.fullmatch(bare) is not None
    code_hash = "" if is_app_code else recovery.hash_code(code, account_id=account_id)
    way = "app" if is_app_code else "recovery_code"
    with writing():
        account = second_factor.locked(principal, at=at)
        if is_app_code:
            fits = _use_app_code(account, ring, bare, at=at)
        else:
            fits = recovery.use(account_id=account_id, code_hash=code_hash, at=at)
    if not fits:
        raise WrongCode(NOT_THAT, field="code")
    throttle.succeeded(
        account_key=account_id, address=address, at=at, account_id=account_id, purpose=GUESSED
    )
    with writing():
        return _whole(principal, second_factor.locked(principal, at=at), way=way, at=at)


def pass_with_passkey(
    *, principal: Principal, party: Party, credential: dict[str, Any], address: str, at: datetime
) -> Principal:
    """Finish signing in with a passkey of one's own. Raises WrongPasskey, SignInRequired."""
    with writing():
        account = second_factor.locked(principal, at=at)
        proven = passkeys.prove(
            party,
            credential=credential,
            purpose=passkeys.SECOND_STEP,
            account_id=account.account_id,
            at=at,
        )
    if proven is None:
        raise WrongPasskey
    _know(principal, address, at=at)
    with writing():
        return _whole(principal, second_factor.locked(principal, at=at), way="passkey", at=at)


def confirm_with_passkey(
    *, principal: Principal, party: Party, credential: dict[str, Any], at: datetime
) -> None:
    """Prove again who one is. Raises WrongPasskey, SignInRequired."""
    with writing():
        account = second_factor.locked(principal, at=at)
        proven = passkeys.prove(
            party,
            credential=credential,
            purpose=passkeys.CONFIRM,
            account_id=account.account_id,
            at=at,
        )
        if proven is not None:
            sessions.confirm(principal.token, at=at)
    if proven is None:
        raise WrongPasskey


def sign_in_with_passkey(
    *, party: Party, credential: dict[str, Any], address: str, label: str, at: datetime
) -> Principal:
    """Open a session for whoever's passkey this is: the device, and the person it verified.

    Raises:
        WrongPasskey: one answer for an unknown passkey and for any flaw of a known one.
        AccountInactive: the right passkey of a closed account.
    """
    principal = None
    with writing():
        account = passkeys.prove(
            party, credential=credential, purpose=passkeys.SIGN_IN, account_id=None, at=at
        )
        if account is not None:
            concerns(clinic_id=account.clinic_id, account_id=account.account_id)
        if account is not None and _may_enter(account):
            second_factor.record(account, "session.started", at=at, way="passkey")
            principal = second_factor.sit_down(account, label=label, at=at)
    if principal is None:
        raise WrongPasskey if account is None else AccountInactive
    _know(principal, address, at=at)
    return principal


def options(
    *, party: Party, purpose: str, principal: Principal | None, at: datetime
) -> dict[str, Any]:
    """What the browser needs to prove a passkey for this purpose."""
    with writing():
        account_id = None if principal is None else principal.account_id
        if principal is not None and sessions.find(principal.token, at=at) is None:
            raise SignInRequired
        return passkeys.options_to_prove(party, purpose=purpose, account_id=account_id, at=at)


def _may_enter(account: Account) -> bool:
    return account.erased_at is None and memberships.is_open_somewhere(account)


def _use_app_code(account: Account, ring: KeyRing, code: str, *, at: datetime) -> bool:
    """Whether the app shows this code now and nobody used it, or a later one, before."""
    if account.totp_secret is None:
        return False
    try:
        secret = totp.unseal(ring, account.totp_secret, account_id=account.account_id)
    except totp.CannotOpen:
        return False
    step = totp.step_of(secret, code, at=at)
    if step is None:
        return False
    result = db.session.execute(
        update(Account)
        .where(
            Account.account_id == account.account_id,
            or_(Account.totp_step.is_(None), Account.totp_step < step),
        )
        .values(totp_step=step)
        .execution_options(synchronize_session=False)
    )
    return bool(result.rowcount == 1)  # type: ignore[attr-defined]


def _know(principal: Principal, address: str, *, at: datetime) -> None:
    """Strangers' guesses at their password shall not lock them out here."""
    throttle.forget(
        account_key=principal.username, address=address, at=at, account_id=principal.account_id
    )


def _whole(principal: Principal, account: Account, *, way: str, at: datetime) -> Principal:
    second_factor.record(account, "session.started", at=at, way=way)
    return second_factor.enter(principal, account, at=at)
