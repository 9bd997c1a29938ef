"""Tables of the clinic itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from pwa.database import Json, UTCDateTime, db


class Installation(db.Model):  # type: ignore[name-defined,misc]
    """One row: what is true of this database as a whole."""

    __tablename__ = "installation"

    installation_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    epoch: Mapped[str] = mapped_column(String(36))
    """Names this history of the database; a restore replaces it (check-in-sync/1, section 5)."""


class Clinic(db.Model):  # type: ignore[name-defined,misc]
    """A clinic. Its words and settings are versions beside it."""

    __tablename__ = "clinics"

    clinic_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    is_demo: Mapped[bool] = mapped_column(default=False)
    is_second_factor_required: Mapped[bool] = mapped_column(default=True)
    """Whether the clinic's own people need a second factor. Off only in a demo."""
    words_version: Mapped[int] = mapped_column(Integer)
    """The newest version in `clinic_words`; also the guard against two people saving at once."""


class ClinicWords(db.Model):  # type: ignore[name-defined,misc]
    """One saved version of a clinic's numbers, hours and policies. Never changed."""

    __tablename__ = "clinic_words"

    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinics.clinic_id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    words: Mapped[dict[str, Any]] = mapped_column(Json)
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime)
    saved_by: Mapped[str] = mapped_column(String(200))


class SignOff(db.Model):  # type: ignore[name-defined,misc]
    """A clinician's signature under one version of the form and the rules. Kept for ever."""

    __tablename__ = "sign_offs"
    __table_args__ = (
        ForeignKeyConstraint(
            ["clinic_id", "words_version"], ["clinic_words.clinic_id", "clinic_words.version"]
        ),
    )

    clinic_id: Mapped[str] = mapped_column(primary_key=True)
    words_version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    form_version: Mapped[int]
    rules_version: Mapped[int]
    typed_name: Mapped[str] = mapped_column(String(200))
    account_id: Mapped[str] = mapped_column(String(36))
    signed_at: Mapped[datetime] = mapped_column(UTCDateTime)
