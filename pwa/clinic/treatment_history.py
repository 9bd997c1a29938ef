"""What was written of a patient's treatments over time: corrections, and the appointments in them.

Works on versions that somebody else has read; no database here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from pwa.clinic.told import PatientCourse, Start, start_of
from pwa.treatments.models import TreatmentVersion
from pwa.treatments.records import TreatmentRecord

FIELDS = (
    "site",
    "side",
    "performed_on",
    "number",
    "injected",
    "clinician_name",
    "next_appointment_at",
)


@dataclass(frozen=True)
class TreatmentVersionView:
    """What somebody wrote down at one time."""

    version: int
    site: str
    side: str | None
    performed_on: date
    number: int
    injected: str
    clinician_name: str
    next_appointment_at: datetime | None
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True)
class Correction:
    """One version beside the one before it. `fields` are the names of what differs."""

    old: TreatmentVersionView
    new: TreatmentVersionView
    fields: tuple[str, ...]


@dataclass(frozen=True)
class TreatmentView:
    """A treatment as it counts now, what was written before, and the start answers."""

    record: TreatmentRecord
    day: int
    earlier: tuple[TreatmentVersionView, ...]
    start: Start | None

    @property
    def corrections(self) -> tuple[Correction, ...]:
        """What each correction changed, newest first."""
        return tuple(
            Correction(old=old, new=new, fields=_different(old, new))
            for new, old in pairwise(self.earlier)
        )


@dataclass(frozen=True)
class Appointment:
    """An appointment that was written down, and what became of it.

    `state` is next, past, moved (to `moved_to`) or taken_off. That a past one was kept nobody
    wrote down.
    """

    at: datetime
    treatment: TreatmentRecord
    state: str
    moved_to: datetime | None = None
    changed_by: str = ""
    changed_at: datetime | None = None


def treatments_of(
    patient: PatientCourse, versions: Iterable[TreatmentVersion], *, today: date
) -> tuple[TreatmentView, ...]:
    """Every treatment with its versions, newest first."""
    written: dict[str, list[TreatmentVersionView]] = defaultdict(list)
    for row in versions:
        written[row.treatment_id].append(_view(row))
    return tuple(
        TreatmentView(
            record=record,
            day=(today - record.performed_on).days,
            earlier=tuple(
                sorted(written[record.treatment_id], key=lambda one: one.version, reverse=True)
            ),
            start=start_of(patient.course, record.treatment_id),
        )
        for record in patient.course.treatments.values()
    )


def appointments_of(
    treatments: Sequence[TreatmentView], *, now: datetime
) -> tuple[Appointment, ...]:
    """Every appointment that ever stood in a treatment: those to come first, soonest first."""
    found = [one for treatment in treatments for one in _appointments(treatment, now)]
    coming = [one for one in found if one.state == "next"]
    gone = [one for one in found if one.state != "next"]
    return (
        *sorted(coming, key=lambda one: one.at),
        *sorted(gone, key=lambda one: one.at, reverse=True),
    )


def _appointments(treatment: TreatmentView, now: datetime) -> list[Appointment]:
    found = []
    for correction in reversed(treatment.corrections):
        at = correction.old.next_appointment_at
        if at is not None and "next_appointment_at" in correction.fields:
            found.append(_replaced(treatment.record, at, correction.new))
    at = treatment.record.next_appointment_at
    if at is not None:
        found.append(Appointment(at, treatment.record, "next" if at >= now else "past"))
    return found


def _replaced(record: TreatmentRecord, at: datetime, new: TreatmentVersionView) -> Appointment:
    """One that somebody wrote another over: before its time it was moved, after it was past."""
    if at <= new.recorded_at:
        return Appointment(at, record, "past")
    return Appointment(
        at,
        record,
        "taken_off" if new.next_appointment_at is None else "moved",
        moved_to=new.next_appointment_at,
        changed_by=new.recorded_by,
        changed_at=new.recorded_at,
    )


def _different(old: TreatmentVersionView, new: TreatmentVersionView) -> tuple[str, ...]:
    return tuple(name for name in FIELDS if getattr(old, name) != getattr(new, name))


def _view(row: TreatmentVersion) -> TreatmentVersionView:
    return TreatmentVersionView(
        version=row.version,
        site=row.site,
        side=row.side,
        performed_on=row.performed_on,
        number=row.number,
        injected=row.injected,
        clinician_name=row.clinician_name,
        next_appointment_at=row.next_appointment_at,
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
    )
