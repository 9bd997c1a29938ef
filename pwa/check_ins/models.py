"""Tables of what patients sent. Events and verdicts are only ever added."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pwa.database import Json, UTCDateTime, db

PATIENT_KEY = ["patients.clinic_id", "patients.account_id"]
EVENT_KEY = ["check_in_events.clinic_id", "check_in_events.event_id"]


class CheckInEvent(db.Model):  # type: ignore[name-defined,misc]
    """One event as its phone sent it (check-in-sync/1, section 1)."""

    __tablename__ = "check_in_events"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "patient_id"], PATIENT_KEY),
        ForeignKeyConstraint(
            ["clinic_id", "treatment_id"], ["treatments.clinic_id", "treatments.treatment_id"]
        ),
        UniqueConstraint("clinic_id", "device_id", "dseq"),
        UniqueConstraint("clinic_id", "patient_id", "seq"),
        Index(None, "clinic_id", "patient_id", "received_at"),
    )

    clinic_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    event_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    patient_id: Mapped[str] = mapped_column(String(36))
    seq: Mapped[int]
    device_id: Mapped[str] = mapped_column(String(36))
    dseq: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(10))
    supersedes: Mapped[str | None] = mapped_column(String(36))
    treatment_id: Mapped[str] = mapped_column(String(36))
    event: Mapped[dict[str, Any]] = mapped_column(Json)
    """The whole event as sent; the columns beside it are what we look things up by."""
    content_sha256: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    clock_offset_s: Mapped[int] = mapped_column(BigInteger)
    """Our clock less the phone's at the time of sending, in seconds."""


class Verdict(db.Model):  # type: ignore[name-defined,misc]
    """The server's judgement of an event. A later one only ever rises."""

    __tablename__ = "verdicts"
    __table_args__ = (ForeignKeyConstraint(["clinic_id", "event_id"], EVENT_KEY),)

    clinic_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    event_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    level: Mapped[str] = mapped_column(String(20))
    reasons: Mapped[list[str]] = mapped_column(Json)
    also: Mapped[list[str]] = mapped_column(Json)
    missing: Mapped[list[str]] = mapped_column(Json)
    facts: Mapped[dict[str, Any]] = mapped_column(Json)
    """What the rules read: kept so that anybody can see why, and replay it."""
    rules_version: Mapped[int]
    cause: Mapped[str] = mapped_column(String(30))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Device(db.Model):  # type: ignore[name-defined,misc]
    """One installation of one account and how far its numbering has arrived without a hole."""

    __tablename__ = "devices"
    __table_args__ = (ForeignKeyConstraint(["clinic_id", "patient_id"], PATIENT_KEY),)

    clinic_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    patient_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    device_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    contiguous: Mapped[int] = mapped_column(BigInteger, default=0)
    highest: Mapped[int] = mapped_column(BigInteger, default=0)


class DiscardedNumber(db.Model):  # type: ignore[name-defined,misc]
    """A `dseq` whose event was rejected and which the patient discarded: it is not missing."""

    __tablename__ = "discarded_numbers"
    __table_args__ = (ForeignKeyConstraint(["clinic_id", "patient_id"], PATIENT_KEY),)

    clinic_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    patient_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    device_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    dseq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class ErasedEvent(db.Model):  # type: ignore[name-defined,misc]
    """An event that was erased at the patient's request: it is never taken in again."""

    __tablename__ = "erased_events"

    clinic_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    event_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    erased_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Unread(db.Model):  # type: ignore[name-defined,misc]
    """A check-in (or a correction of one) that no clinician has read."""

    __tablename__ = "unread_check_ins"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "event_id"], EVENT_KEY),
        Index(None, "clinic_id", "patient_id"),
    )

    clinic_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    event_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    patient_id: Mapped[str] = mapped_column(String(36))
    rank: Mapped[int]
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Attention(db.Model):  # type: ignore[name-defined,misc]
    """One row a patient with something unread: the highest rank among all of it."""

    __tablename__ = "attention"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "patient_id"], PATIENT_KEY),
        Index(None, "clinic_id", "rank", "since"),
    )

    clinic_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    patient_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    rank: Mapped[int]
    event_id: Mapped[str] = mapped_column(String(36))
    """The oldest unread event of that rank."""
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    unread_count: Mapped[int]
    newest_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Review(db.Model):  # type: ignore[name-defined,misc]
    """A clinician read these events. Patients hear of it when the time to undo has passed."""

    __tablename__ = "reviews"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "patient_id"], PATIENT_KEY),
        Index(None, "clinic_id", "patient_id"),
    )

    clinic_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    review_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    patient_id: Mapped[str] = mapped_column(String(36))
    event_ids: Mapped[list[str]] = mapped_column(Json)
    reviewer_id: Mapped[str] = mapped_column(String(36))
    reviewer_name: Mapped[str] = mapped_column(String(120))
    reviewer_role: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    outcome: Mapped[str | None] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(String(2000))
    is_settled: Mapped[bool] = mapped_column(default=False)
    undone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
