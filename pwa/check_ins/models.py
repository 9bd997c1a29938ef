"""Tables of what patients sent. Events and verdicts are only ever added."""

from __future__ import annotations

from datetime import date, datetime
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
        Index(None, "clinic_id", "treatment_id", "kind"),
        Index(None, "clinic_id", "supersedes"),
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
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "event_id"], EVENT_KEY),
        Index(None, "clinic_id", "patient_id", "event_id", "number", "level"),
    )

    clinic_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    event_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    patient_id: Mapped[str] = mapped_column(String(36))
    """The event's. It stands here too, so that one index holds the levels of a whole course side
    by side: by their random ids they lie all over the table."""
    level: Mapped[str] = mapped_column(String(20))
    reasons: Mapped[list[str]] = mapped_column(Json)
    also: Mapped[list[str]] = mapped_column(Json)
    missing: Mapped[list[str]] = mapped_column(Json)
    facts: Mapped[dict[str, Any]] = mapped_column(Json)
    """What the rules read: kept so that anybody can see why, and replay it."""
    rules_version: Mapped[int]
    cause: Mapped[str] = mapped_column(String(30))
    """received · late_event · treatment_corrected · clinician: a person raised it"""
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    made_by: Mapped[str | None] = mapped_column(String(120))
    """Who raised it, by name. Null where the rules did."""
    remark: Mapped[str] = mapped_column(String(500), default="", server_default="")
    """Why a person raised it, for colleagues."""


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
        Index(None, "clinic_id", "rank", "site", "treated_by", "newest_at", "mark"),
    )

    clinic_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    patient_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    rank: Mapped[int]
    event_id: Mapped[str] = mapped_column(String(36))
    """The oldest unread event of that rank."""
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    unread_count: Mapped[int]
    newest_at: Mapped[datetime] = mapped_column(UTCDateTime)
    mark: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    """Random, below 2**48, and another one after every change that a worklist shows."""
    treatment_id: Mapped[str | None] = mapped_column(String(36))
    """The treatment that `event_id` is about; `site` and `treated_by` are its joint and who gave
    the injections, to filter by."""
    site: Mapped[str | None] = mapped_column(String(20))
    treated_by: Mapped[str | None] = mapped_column(String(120))
    pains: Mapped[list[int]] = mapped_column(Json, default=list, server_default="[]")
    """The latest pain scores of this treatment up to `event_id`, oldest first, twelve at most."""
    pain_before: Mapped[int | None]
    """The score before that of `event_id` at the same treatment."""


class Review(db.Model):  # type: ignore[name-defined,misc]
    """A clinician dealt with these events. Patients hear of it when the time to undo has passed."""

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
    kind: Mapped[str] = mapped_column(String(10), default="read", server_default="read")
    """read: marked as read · answer: a message to the patient alone · call: a call that did not
    settle it · raise: one check-in was put higher, `outcome` is the level and `note` the remark;
    all but the first leave unread what is unread"""
    outcome: Mapped[str | None] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(String(2000))
    message: Mapped[str | None] = mapped_column(String(2000))
    """What the patient is told, in these words."""
    is_settled: Mapped[bool] = mapped_column(default=False)
    undone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Note(db.Model):  # type: ignore[name-defined,misc]
    """What a clinician wrote for colleagues. Never shown to the patient's phone."""

    __tablename__ = "notes"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "patient_id"], PATIENT_KEY),
        Index(None, "clinic_id", "patient_id"),
    )

    clinic_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    note_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    patient_id: Mapped[str] = mapped_column(String(36))
    event_id: Mapped[str | None] = mapped_column(String(36))
    """The check-in that it is about; null: about the patient."""
    author_id: Mapped[str] = mapped_column(String(36))
    author_name: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    text: Mapped[str] = mapped_column(String(2000))
    undone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class HandOver(db.Model):  # type: ignore[name-defined,misc]
    """A patient was handed to a colleague. Who has them now stands in `patients.assigned_id`."""

    __tablename__ = "hand_overs"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "patient_id"], PATIENT_KEY),
        Index(None, "clinic_id", "patient_id"),
    )

    clinic_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    hand_over_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    patient_id: Mapped[str] = mapped_column(String(36))
    from_id: Mapped[str] = mapped_column(String(36))
    from_name: Mapped[str] = mapped_column(String(120))
    to_id: Mapped[str | None] = mapped_column(String(36))
    """Null: given back to everybody."""
    to_name: Mapped[str] = mapped_column(String(120), default="")
    before_id: Mapped[str | None] = mapped_column(String(36))
    """Who had them before, for an undo."""
    remark: Mapped[str] = mapped_column(String(500), default="")
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Claim(db.Model):  # type: ignore[name-defined,misc]
    """Somebody has this patient's check-ins open now. It lapses by itself."""

    __tablename__ = "claims"
    __table_args__ = (ForeignKeyConstraint(["clinic_id", "patient_id"], PATIENT_KEY),)

    clinic_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    patient_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[str] = mapped_column(String(36))
    name: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class Expectation(db.Model):  # type: ignore[name-defined,misc]
    """From when on this patient is overdue, unless something arrives before."""

    __tablename__ = "expectations"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "patient_id"], PATIENT_KEY),
        Index(None, "clinic_id", "overdue_at"),
    )

    clinic_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    patient_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    overdue_at: Mapped[datetime] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(String(20))
    """missed: a check-in of the schedule did not come · silent: nothing after an urgent one"""
    expected_on: Mapped[date]
    """The day, at the clinic, on which something was expected."""
    last_on: Mapped[date | None]
    """The last day on which that still counts; null: until something is heard."""
    treatment_id: Mapped[str] = mapped_column(String(36))
    site: Mapped[str] = mapped_column(String(20))
    treated_by: Mapped[str] = mapped_column(String(120))
