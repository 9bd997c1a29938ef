"""Tables of people and how they get in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pwa.database import UTCDateTime, db


class Account(db.Model):  # type: ignore[name-defined,misc]
    """A person who can sign in, or will once they take up their invite."""

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("clinic_id", "account_id"),)

    account_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinics.clinic_id"))
    role: Mapped[str] = mapped_column(String(20))
    username: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Case-folded. Null until the invite is taken up; unique on the whole server, since signing
    in does not ask for a clinic."""
    password_hash: Mapped[str | None] = mapped_column(String(200))
    display_name: Mapped[str] = mapped_column(String(120))
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Patient(db.Model):  # type: ignore[name-defined,misc]
    """What a clinic keeps of a patient beside the account, and the counter of their log."""

    __tablename__ = "patients"
    __table_args__ = (
        ForeignKeyConstraint(
            ["clinic_id", "account_id"], ["accounts.clinic_id", "accounts.account_id"]
        ),
    )

    clinic_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    second_identifier: Mapped[str] = mapped_column(String(60), default="")
    phone_number: Mapped[str] = mapped_column(String(25), default="")
    log_seq: Mapped[int] = mapped_column(default=0)
    """The newest `seq` of this patient's log; taken under the row's lock, so it has no holes."""


class LogEntry(db.Model):  # type: ignore[name-defined,misc]
    """One line of a patient's log: what their phones learn, in the order it was committed."""

    __tablename__ = "patient_log"
    __table_args__ = (
        ForeignKeyConstraint(
            ["clinic_id", "account_id"], ["patients.clinic_id", "patients.account_id"]
        ),
    )

    clinic_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    type: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class Session(db.Model):  # type: ignore[name-defined,misc]
    """One signed-in browser. The cookie names it; only this row makes the cookie worth anything."""

    __tablename__ = "sessions"
    __table_args__ = (Index(None, "account_id"),)

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Invite(db.Model):  # type: ignore[name-defined,misc]
    """A one-time code. Only its hash is kept."""

    __tablename__ = "invites"
    __table_args__ = (Index(None, "clinic_id", "account_id"),)

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(10))
    """join: choose a name and password · reset: a new password · setup: the first administrator"""
    clinic_id: Mapped[str | None] = mapped_column(ForeignKey("clinics.clinic_id"))
    account_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.account_id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
