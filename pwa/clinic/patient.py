"""One patient's page: who they are, what was done, what they sent, and who read it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from pwa.accounts import people
from pwa.check_ins.course import Thread
from pwa.check_ins.levels import highest_level
from pwa.clinic.access import Access, read_access
from pwa.clinic.chart import Chart, Entry, charts_of, is_of_lately
from pwa.clinic.timeline import Acts, Slot, ThreadView, places, read_acts
from pwa.clinic.times import Moment
from pwa.clinic.told import PatientCourse, read_patient_course, views_of_thread
from pwa.clinic.treatment_history import (
    Appointment,
    TreatmentView,
    appointments_of,
    treatments_of,
)
from pwa.guidance.library import Library
from pwa.problems import NotFound
from pwa.treatments import records
from pwa.treatments.records import TreatmentRecord

PAGE_SIZE = 7
"""A week of daily check-ins."""
DRAWN = 400
"""Check-ins in the charts, the newest ones; the list beneath pages through all of them."""
LONG = 40
"""Check-ins. A chart of more than these opens with its last days."""


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
    assigned_id: str | None
    """To whom the patient was handed over."""


@dataclass(frozen=True)
class EarlierDetails:
    """What the clinic kept of the person until somebody corrected it."""

    display_name: str
    second_identifier: str
    phone_number: str
    replaced_at: datetime
    replaced_by: str


@dataclass(frozen=True)
class PatientPage:
    """Everything on the page."""

    identity: Identity
    earlier_details: tuple[EarlierDetails, ...]
    treatments: tuple[TreatmentView, ...]
    appointments: tuple[Appointment, ...]
    charts: tuple[Chart, ...]
    slots: tuple[Slot, ...]
    access: Access
    course: PatientCourse = field(repr=False)
    acts: Acts = field(repr=False)
    thread_count: int
    unread_count: int
    offset: int
    next_offset: int | None
    previous_offset: int | None
    page_size: int = PAGE_SIZE

    @property
    def threads(self) -> tuple[ThreadView, ...]:
        """The check-ins of this page, newest first."""
        return tuple(slot.thread for slot in self.slots if slot.thread is not None)

    @property
    def unread(self) -> tuple[ThreadView, ...]:
        """Those of them that nobody has read."""
        return tuple(thread for thread in self.threads if thread.unread)

    @property
    def gap_count(self) -> int:
        """How many entries the phones have numbered and not yet delivered."""
        return self.access.gap_count

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
        assigned_id=patient.assigned_id,
    )


def read_page(
    *,
    clinic_id: str,
    patient_id: str,
    library: Library,
    when: Moment,
    offset: int = 0,
    limit: int = PAGE_SIZE,
    is_lately: bool | None = None,
) -> PatientPage:
    """Read the page, with `limit` check-ins from `offset` on, newest first. Raises NotFound.

    However many check-ins and treatments there are, the questions to the database are the same.

    Args:
        is_lately: the charts show the last 14 days only. None: they do for a long course in which
            something came in these days.
    """
    identity = read_identity(clinic_id=clinic_id, patient_id=patient_id)
    patient = read_patient_course(
        clinic_id=clinic_id, patient_id=patient_id, newest=slice(offset, offset + limit)
    )
    ordered = list(reversed(patient.course.in_order()))
    if offset and offset >= len(ordered):
        raise NotFound
    versions = records.versions_of_patient(clinic_id=clinic_id, patient_id=patient_id)
    treatments = treatments_of(patient, versions, today=when.today)
    acts = read_acts(clinic_id=clinic_id, patient_id=patient_id, patient=patient)
    entries = _entries(patient, ordered[:DRAWN])
    if is_lately is None:
        is_lately = len(entries) > LONG and is_of_lately(entries[-1], today=when.today)
    return PatientPage(
        identity=identity,
        earlier_details=_earlier_details(clinic_id, patient_id),
        treatments=treatments,
        appointments=appointments_of(treatments, now=when.now),
        charts=charts_of(
            [one.record for one in treatments],
            entries,
            today=when.today,
            is_lately=is_lately,
        ),
        course=patient,
        acts=acts,
        slots=_slots(patient, ordered, acts, offset, limit, library),
        access=read_access(
            clinic_id=clinic_id, patient_id=patient_id, rows=patient.rows.values(), at=when.now
        ),
        thread_count=len(ordered),
        unread_count=len(patient.unread_ids),
        offset=offset,
        next_offset=offset + limit if len(ordered) > offset + limit else None,
        previous_offset=max(0, offset - limit) if offset else None,
    )


def treatment_of(*, clinic_id: str, patient_id: str, treatment_id: str) -> TreatmentRecord:
    """One treatment of this patient of this clinic. Raises NotFound."""
    people.find_patient(clinic_id=clinic_id, account_id=patient_id)
    record = records.get(clinic_id=clinic_id, treatment_id=treatment_id)
    if record.patient_id != patient_id:
        raise NotFound
    return record


def _slots(
    patient: PatientCourse,
    ordered: Sequence[Thread],
    acts: Acts,
    offset: int,
    limit: int,
    library: Library,
) -> tuple[Slot, ...]:
    between = places(ordered, acts.alone)
    shown = ordered[offset : offset + limit]
    found = [
        Slot(
            acts=tuple(between[place]),
            thread=ThreadView(
                thread_id=thread.thread_id,
                versions=tuple(views_of_thread(patient, thread, library=library)),
                notes=acts.about.get(thread.thread_id, ()),
            ),
        )
        for place, thread in enumerate(shown, start=offset)
    ]
    if offset + limit >= len(ordered):
        found.append(Slot(acts=tuple(between[-1]), thread=None))
    return tuple(found)


def _entries(patient: PatientCourse, newest_first: Iterable[Thread]) -> list[Entry]:
    """What the charts show: the version that counts of each that was not withdrawn."""
    found = [
        _entry(patient, thread, place)
        for place, thread in enumerate(newest_first)
        if not thread.is_retracted
    ]
    return [one for one in reversed(found) if one is not None]


def _entry(patient: PatientCourse, thread: Thread, place: int) -> Entry | None:
    row, first = thread.current, thread.place
    if row is None or first is None:
        return None
    treatment = patient.course.treatments[row.treatment_id]
    verdicts = patient.course.verdicts.get(row.event_id, ())
    day, answers = _date(first.event["local_date"]), row.event["answers"]
    is_known = day is not None and not first.event["clock_behind"]
    return Entry(
        thread_id=thread.thread_id,
        place=place,
        site=treatment.site,
        side=treatment.side,
        day=day,
        days_since=(day - treatment.performed_on).days if is_known and day else None,
        pain=answers.get("pain_now"),
        swelling=answers.get("swelling"),
        temp_c=answers.get("temp_c"),
        level=highest_level(row, verdicts),
    )


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _earlier_details(clinic_id: str, patient_id: str) -> tuple[EarlierDetails, ...]:
    return tuple(
        EarlierDetails(
            display_name=row.display_name,
            second_identifier=row.second_identifier,
            phone_number=row.phone_number,
            replaced_at=row.replaced_at,
            replaced_by=row.replaced_by,
        )
        for row in people.versions_of(clinic_id=clinic_id, account_id=patient_id)
    )
