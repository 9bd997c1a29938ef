"""Tables of reminders: what somebody wants, where their phones hear, which calendar reads."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pwa.database import UTCDateTime, db

LONGEST_ENDPOINT = 1000


class ReminderSetting(db.Model):  # type: ignore[name-defined,misc]
    """What one patient wants of reminders. There is none until the first phone asks for some."""

    __tablename__ = "reminder_settings"
    __table_args__ = (
        ForeignKeyConstraint(
            ["clinic_id", "patient_id"], ["patients.clinic_id", "patients.account_id"]
        ),
        Index(None, "next_at"),
    )

    clinic_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    patient_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    quiet_from: Mapped[str] = mapped_column(String(5))
    quiet_until: Mapped[str] = mapped_column(String(5))
    time_zone: Mapped[str] = mapped_column(String(60))
    """Of the phone that was heard last; the hours of a day are counted by it."""
    next_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When we look next whether something is due. Null: no phone wants to hear."""


class PushSubscription(db.Model):  # type: ignore[name-defined,misc]
    """One browser that wants to hear, as long as the session that it goes with is not ended."""

    __tablename__ = "push_subscriptions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["clinic_id", "patient_id"], ["patients.clinic_id", "patients.account_id"]
        ),
        Index(None, "clinic_id", "patient_id"),
        Index(None, "endpoint_hash"),
        Index(None, "due_at"),
    )

    clinic_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    endpoint_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    patient_id: Mapped[str] = mapped_column(String(36))
    session_id: Mapped[str] = mapped_column(String(36))
    endpoint: Mapped[str] = mapped_column(String(LONGEST_ENDPOINT))
    p256dh: Mapped[str] = mapped_column(String(88))
    auth: Mapped[str] = mapped_column(String(24))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When a reminder is to be sent, the first time or again. Null: none is."""
    give_up_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """After this it would come too late, or into the quiet hours."""
    try_count: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the browser's push service took one last."""


class CalendarLink(db.Model):  # type: ignore[name-defined,misc]
    """A secret address from which a calendar reads the days. Only its hash is kept."""

    __tablename__ = "calendar_links"
    __table_args__ = (
        ForeignKeyConstraint(
            ["clinic_id", "patient_id"], ["patients.clinic_id", "patients.account_id"]
        ),
        UniqueConstraint("clinic_id", "patient_id"),
        Index(None, "token_hash"),
    )

    clinic_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    patient_id: Mapped[str] = mapped_column(String(36))
    language: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
