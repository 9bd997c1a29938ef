"""Recovery codes: ten one-time codes for the day on which the second factor is lost.

Only hashes are kept. A code is 60 random bits, so its hash is made like a password's (argon2id);
the salt is the account's own random id, so that one hash finds the row.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from argon2.low_level import Type, hash_secret_raw
from sqlalchemy import delete, func, select, update

from pwa.accounts.models import RecoveryCode
from pwa.database import db

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
LENGTH, GROUP, COUNT = 12, 4, 10
LONGEST_TYPED = 64


def new_codes() -> list[str]:
    """Ten codes, as people read them. Nothing is stored yet."""
    return [_grouped(_new_code()) for _ in range(COUNT)]


def hash_code(code: str, *, account_id: str) -> str:
    """The hash to keep or to look for. Takes its time: call it outside a write transaction."""
    letters = code[:LONGEST_TYPED].upper().translate(LOOK_ALIKES)
    bare = "".join(letter for letter in letters if letter in ALPHABET)
    raw = hash_secret_raw(
        bare.encode(),
        account_id.encode(),
        time_cost=2,
        memory_cost=19 * 1024,
        parallelism=1,
        hash_len=32,
        type=Type.ID,
    )
    return raw.hex()


def replace(*, account_id: str, hashes: list[str], at: datetime) -> None:
    """Keep these in place of every earlier one. Call inside a write transaction."""
    forget(account_id)
    db.session.add_all(
        RecoveryCode(code_hash=one, account_id=account_id, created_at=at) for one in hashes
    )
    db.session.flush()


def forget(account_id: str) -> None:
    """Take every code of this account away. Call inside a write transaction."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))


def left(account_id: str) -> int:
    """How many codes still work."""
    query = select(func.count()).where(
        RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None)
    )
    return db.session.scalars(query).one()


def use(*, account_id: str, code_hash: str, at: datetime) -> bool:
    """Use a code up; of several at once one wins. Call inside a write transaction."""
    result = db.session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.account_id == account_id,
            RecoveryCode.code_hash == code_hash,
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=at)
        .execution_options(synchronize_session=False)
    )
    return bool(result.rowcount == 1)  # type: ignore[attr-defined]


def _new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def _grouped(code: str) -> str:
    return "-".join(code[start : start + GROUP] for start in range(0, LENGTH, GROUP))
