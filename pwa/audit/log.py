"""Writing and reading the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from pwa.audit.models import AuditEntry
from pwa.database import db


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
    """Write down one act. Call it inside the transaction of the act itself."""
    db.session.add(
        AuditEntry(
            at=at,
            clinic_id=clinic_id,
            actor_id=actor_id,
            actor_name=actor_name,
            action=action,
            subject_id=subject_id,
            detail=detail or {},
        )
    )


def latest(
    *, clinic_id: str, limit: int = 200, before: int | None = None
) -> Sequence[AuditEntry]:
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
