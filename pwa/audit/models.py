"""The audit table: append-only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pwa.database import Json, UTCDateTime, db


class AuditEntry(db.Model):  # type: ignore[name-defined,misc]
    """One act of one person."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index(None, "clinic_id", "entry_id"),
        Index(None, "clinic_id", "subject_id", "entry_id"),
        UniqueConstraint("clinic_id", "chain_no"),
    )

    entry_id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    clinic_id: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor_id: Mapped[str | None] = mapped_column(String(36))
    actor_name: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[str | None] = mapped_column(String(36))
    detail: Mapped[dict[str, Any]] = mapped_column(Json)
    chain_no: Mapped[int]
    """1, 2, 3 … within the clinic, without a hole."""
    chain_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 over the entry and the hash of the one before it."""


class AuditHead(db.Model):  # type: ignore[name-defined,misc]
    """Where a clinic's chain of audit entries ends now. Locked while one is added."""

    __tablename__ = "audit_heads"

    clinic_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    chain_no: Mapped[int]
    chain_hash: Mapped[str] = mapped_column(String(64))
