"""One patient's page: who they are, what was done, what they sent, and who read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pwa.accounts import people
from pwa.clinic.chart import Chart, charts_of
from pwa.clinic.told import (
    CheckInView,
    PatientCourse,
    Start,
    read_patient_course,
    start_of,
    view_of,
    views_of_thread,
)
from pwa.clinic.worklist import gap_count
from pwa.guidance.library import Library
from pwa.problems import NotFound
from pwa.treatments import records
from pwa.treatments.records import TreatmentRecord

PAGE_SIZE = 30
DRAWN = 400
"""Check-ins in the charts, the newest ones; the list beneath pages through all of them."""


@dataclass(frozen=True)
class Identity:
    """Who this is. Two facts, so that nobody is mixed up."""

    patient_id: str
    display_name: str
    second_identifier: str
    phone_number: str
    username: str | None
    has_joined: bool
    is_active: bool


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
class TreatmentView:
    """A treatment as it counts now, what was written before, and the start answers."""

    record: TreatmentRecord
    day: int
    earlier: tuple[TreatmentVersionView, ...]
    start: Start | None


@dataclass(frozen=True)
class ThreadView:
    """A check-in with every version, newest first."""

    thread_id: str
    versions: tuple[CheckInView, ...]

    @property
    def current(self) -> CheckInView:
        """The version that counts."""
        return self.versions[0]

    @property
    def unread(self) -> tuple[CheckInView, ...]:
        """Versions that nobody has read."""
        return tuple(view for view in self.versions if view.is_unread)

    @property
    def worst_unread(self) -> str | None:
        """The level under which this waits."""
        order = ("emergency", "same_day", "clinic_hours", "expected")
        levels = {view.level for view in self.unread}
        return next((level for level in order if level in levels), None)

    @property
    def needs_outcome(self) -> bool:
        """Whether it closes only with an outcome."""
        return self.worst_unread in ("emergency", "same_day")


@dataclass(frozen=True)
class PatientPage:
    """Everything on the page."""

    identity: Identity
    treatments: tuple[TreatmentView, ...]
    charts: tuple[Chart, ...]
    threads: tuple[ThreadView, ...]
    thread_count: int
    unread_count: int
    gap_count: int
    next_offset: int | None

    @property
    def risk_flags(self) -> tuple[str, ...]:
        """Flags of any treatment, each once."""
        found = [flag for one in self.treatments if one.start for flag in one.start.flags]
        return tuple(dict.fromkeys(found))


def read_identity(*, clinic_id: str, patient_id: str) -> Identity:
    """Who this is. Another clinic's patient does not exist here: NotFound."""
    account, patient = people.find_patient(clinic_id=clinic_id, account_id=patient_id)
    return Identity(
        patient_id=account.account_id,
        display_name=account.display_name,
        second_identifier=patient.second_identifier,
        phone_number=patient.phone_number,
        username=account.username,
        has_joined=account.password_hash is not None,
        is_active=account.is_active,
    )


def read_page(
    *,
    clinic_id: str,
    patient_id: str,
    library: Library,
    today: date,
    offset: int = 0,
    limit: int = PAGE_SIZE,
) -> PatientPage:
    """Read the page, with `limit` check-ins from `offset` on, newest first. Raises NotFound."""
    identity = read_identity(clinic_id=clinic_id, patient_id=patient_id)
    patient = read_patient_course(clinic_id=clinic_id, patient_id=patient_id)
    course = patient.course
    ordered = list(reversed(course.in_order()))
    shown = ordered[offset : offset + limit]
    if offset and not shown:
        raise NotFound
    treatments = list(course.treatments.values())
    return PatientPage(
        identity=identity,
        treatments=tuple(_treatment(clinic_id, patient, one, today) for one in treatments),
        charts=charts_of(treatments, _current(patient, library)),
        threads=tuple(
            ThreadView(
                thread_id=thread.thread_id,
                versions=tuple(views_of_thread(patient, thread, library=library)),
            )
            for thread in shown
        ),
        thread_count=len(ordered),
        unread_count=len(patient.unread_ids),
        gap_count=gap_count(clinic_id=clinic_id, patient_id=patient_id),
        next_offset=offset + limit if len(ordered) > offset + limit else None,
    )


def treatment_of(*, clinic_id: str, patient_id: str, treatment_id: str) -> TreatmentRecord:
    """One treatment of this patient of this clinic. Raises NotFound."""
    people.find_patient(clinic_id=clinic_id, account_id=patient_id)
    record = records.get(clinic_id=clinic_id, treatment_id=treatment_id)
    if record.patient_id != patient_id:
        raise NotFound
    return record


def _treatment(
    clinic_id: str, patient: PatientCourse, record: TreatmentRecord, today: date
) -> TreatmentView:
    versions = records.versions_of(clinic_id=clinic_id, treatment_id=record.treatment_id)
    return TreatmentView(
        record=record,
        day=(today - record.performed_on).days,
        earlier=tuple(
            TreatmentVersionView(
                version=one.version,
                site=one.site,
                side=one.side,
                performed_on=one.performed_on,
                number=one.number,
                injected=one.injected,
                clinician_name=one.clinician_name,
                next_appointment_at=one.next_appointment_at,
                recorded_by=one.recorded_by,
                recorded_at=one.recorded_at,
            )
            for one in versions
        ),
        start=start_of(patient.course, record.treatment_id),
    )


def _current(patient: PatientCourse, library: Library) -> Sequence[CheckInView]:
    rows = [
        thread.current
        for thread in patient.course.in_order()[-DRAWN:]
        if thread.current is not None and not thread.is_retracted
    ]
    return [view_of(patient, row, library=library) for row in rows]
