"""Writing and reading the audit log.

Each clinic's entries form a chain: every entry carries the hash of itself and of the one before,
so that a changed, removed or inserted one shows (`verify.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, text

from pwa.audit.chain import START, hash_of
from pwa.audit.models import AuditEntry, AuditHead
from pwa.database import db

SERVER = "server"
"""The chain of what belongs to no clinic: a sign-in of nobody known, a restore."""
ENSURE_HEAD = text(
    "INSERT INTO audit_heads (clinic_id, chain_no, chain_hash) "
    "VALUES (:clinic_id, 0, :chain_hash) ON CONFLICT DO NOTHING"
)


def record(
    *,
    at: datetime,
    clinic_id: str,
    actor_id: str | None,
    actor_name: str,
    action: str,
    subject_id: str | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Write down one act. Call it inside the transaction of the act itself.

    The chain's head stays locked until that transaction ends, so call it late in a long one.
    """
    head = _locked_head(clinic_id)
    entry = AuditEntry(
        at=at,
        clinic_id=clinic_id,
        actor_id=actor_id,
        actor_name=actor_name,
        action=action,
        subject_id=subject_id,
        detail=detail or {},
        chain_no=head.chain_no + 1,
    )
    entry.chain_hash = hash_of(entry, before=head.chain_hash)
    head.chain_no, head.chain_hash = entry.chain_no, entry.chain_hash
    db.session.add(entry)


def _locked_head(clinic_id: str) -> AuditHead:
    db.session.execute(ENSURE_HEAD, {"clinic_id": clinic_id, "chain_hash": START})
    return db.session.scalars(
        select(AuditHead)
        .where(AuditHead.clinic_id == clinic_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def latest(*, clinic_id: str, limit: int = 200, before: int | None = None) -> Sequence[AuditEntry]:
    """The newest entries of one clinic (older than the entry `before`), newest first."""
    query = (
        select(AuditEntry)
        .where(AuditEntry.clinic_id == clinic_id)
        .order_by(AuditEntry.entry_id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(AuditEntry.entry_id < before)
    return db.session.scalars(query).all()
