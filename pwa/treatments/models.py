"""Tables of treatments."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from pwa.database import UTCDateTime, db


class Treatment(db.Model):  # type: ignore[name-defined,misc]
    """One session of injections at one joint. What is known of it stands in its versions."""

    __tablename__ = "treatments"
    __table_args__ = (
        ForeignKeyConstraint(
            ["clinic_id", "patient_id"], ["patients.clinic_id", "patients.account_id"]
        ),
        Index(None, "clinic_id", "patient_id"),
    )

    clinic_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    treatment_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    patient_id: Mapped[str] = mapped_column(String(36))
    version: Mapped[int]
    """The version that counts now."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class TreatmentVersion(db.Model):  # type: ignore[name-defined,misc]
    """What somebody wrote down of a treatment at one time. Never changed."""

    __tablename__ = "treatment_versions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["clinic_id", "treatment_id"], ["treatments.clinic_id", "treatments.treatment_id"]
        ),
    )

    clinic_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    treatment_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    site: Mapped[str] = mapped_column(String(20))
    side: Mapped[str | None] = mapped_column(String(5))
    performed_on: Mapped[date]
    number: Mapped[int]
    """Which session of the course this was, from 1."""
    injected: Mapped[str] = mapped_column(String(300))
    clinician_name: Mapped[str] = mapped_column(String(120))
    next_appointment_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    recorded_by: Mapped[str] = mapped_column(String(120))
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)
