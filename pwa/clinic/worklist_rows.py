"""The rows of one page of the worklist, in words, read for all of them together.

However many rows there are, the number of questions to the database stays the same: a patient's
whole course is never read here, what it says stands in the maintained row.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from pwa.accounts.models import Account, Patient
from pwa.check_ins import claims
from pwa.check_ins.course import Course
from pwa.check_ins.gaps import missing_counts
from pwa.check_ins.levels import LEVEL_OF
from pwa.check_ins.models import (
    Attention,
    CheckInEvent,
    HandOver,
    Review,
    Verdict,
)
from pwa.check_ins.reviews import NOT_REACHED
from pwa.clinic.told import CheckInView, PatientCourse, Start, start_of, view_of
from pwa.clinic.worklist_place import Place
from pwa.database import db
from pwa.guidance.library import Library
from pwa.treatments import records

Found = Sequence[tuple[Attention, Account, Patient]]


@dataclass(frozen=True)
class Call:
    """A call that did not settle it. `outcome` is in words."""

    by: str
    at: datetime
    outcome: str


@dataclass(frozen=True)
class HandedOver:
    """Who has this patient now, from whom, and what was said with it."""

    to_name: str
    is_to_me: bool
    from_name: str
    remark: str


@dataclass(frozen=True)
class Row:
    """One patient on the worklist. `top` is the unread check-in that puts the row where it is."""

    patient_id: str
    display_name: str
    second_identifier: str
    phone_number: str
    level: str | None
    place: Place
    unread_count: int
    top: CheckInView
    start: Start | None
    pains: tuple[int, ...]
    """The latest pain scores of this treatment, oldest first."""
    gap_count: int
    call: Call | None
    handed_over: HandedOver | None
    open_with: str | None
    """A colleague who has the check-ins of this patient open now."""

    @property
    def key(self) -> str:
        """Changes when the row has to be read anew; who has it open is no reason."""
        top = self.top
        told = (
            (self.display_name, self.second_identifier, self.phone_number, self.unread_count),
            (top.event_id, top.level, top.reasons, top.called_at, top.is_retracted),
            (top.is_superseded, top.treatment, top.day, top.pain_before, self.pains),
            (self.start, self.gap_count, self.call, self.handed_over),
        )
        return hashlib.sha256(repr(told).encode()).hexdigest()[:16]

    @property
    def spark(self) -> tuple[tuple[float, float], ...]:
        """The pains as points in a box 88 wide and 32 high; empty below two."""
        if len(self.pains) < 2:
            return ()
        step = 82 / (len(self.pains) - 1)
        return tuple(
            (round(3 + index * step, 1), round(28 - pain * 2.4, 1))
            for index, pain in enumerate(self.pains)
        )


def rows_of(
    found: Found, *, clinic_id: str, reader_id: str, library: Library, at: datetime
) -> list[Row]:
    """These patients as rows, in the same order."""
    if not found:
        return []
    beside = _Beside(clinic_id, found, reader_id=reader_id, at=at)
    courses = _courses(clinic_id, [attention for attention, _, _ in found])
    return [
        _row(one, account, patient, courses[one.patient_id], beside, library)
        for one, account, patient in found
    ]


def _row(
    attention: Attention,
    account: Account,
    patient: Patient,
    course: Course,
    beside: _Beside,
    library: Library,
) -> Row:
    patient_id = attention.patient_id
    shown = PatientCourse(course=course, unread_ids=(attention.event_id,))
    top = view_of(shown, course.rows[attention.event_id], library=library)
    call = beside.calls.get(patient_id)
    return Row(
        patient_id=patient_id,
        display_name=account.display_name,
        second_identifier=patient.second_identifier,
        phone_number=patient.phone_number,
        level=LEVEL_OF[attention.rank],
        place=Place(attention.rank, attention.since, patient_id),
        unread_count=attention.unread_count,
        top=replace(top, pain_before=attention.pain_before),
        start=start_of(course, top.treatment.treatment_id),
        pains=tuple(attention.pains),
        gap_count=beside.gaps.get(patient_id, 0),
        call=call if call is not None and call.at >= attention.since else None,
        handed_over=beside.handed_over(patient),
        open_with=beside.claims.get(patient_id),
    )


def _courses(clinic_id: str, rows: Sequence[Attention]) -> dict[str, Course]:
    """Of each patient's course what the top check-in needs: its versions, verdicts, the start."""
    events = _events(clinic_id, [row.event_id for row in rows])
    verdicts: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in db.session.scalars(
        select(Verdict)
        .where(
            Verdict.clinic_id == clinic_id,
            Verdict.event_id.in_([row.event_id for row in rows]),
        )
        .order_by(Verdict.number)
    ):
        verdicts[verdict.event_id].append(verdict)
    treatment_ids = {one.treatment_id for of_one in events.values() for one in of_one}
    treatments = records.some(clinic_id=clinic_id, treatment_ids=treatment_ids)
    for start in _starts(clinic_id, treatment_ids):
        events[start.patient_id].append(start)
    return {
        row.patient_id: Course(
            treatments=[
                treatments[treatment_id]
                for treatment_id in {one.treatment_id for one in events[row.patient_id]}
            ],
            rows=events[row.patient_id],
            verdicts=verdicts[row.event_id],
            reviews=(),
            unread_ids=(row.event_id,),
        )
        for row in rows
    }


def _events(clinic_id: str, event_ids: Sequence[str]) -> dict[str, list[CheckInEvent]]:
    """These events and all others of the same check-ins, by patient.

    Two questions and no OR: SQLite answers that one by going through the whole clinic.
    """
    tops = _where(clinic_id, CheckInEvent.event_id.in_(event_ids))
    threads = {row.supersedes or row.event_id for row in tops}
    originals = _where(clinic_id, CheckInEvent.event_id.in_(threads))
    later = _where(clinic_id, CheckInEvent.supersedes.in_(threads))
    found: dict[str, list[CheckInEvent]] = defaultdict(list)
    for row in {row.event_id: row for row in (*tops, *originals, *later)}.values():
        found[row.patient_id].append(row)
    return found


def _starts(clinic_id: str, treatment_ids: Collection[str]) -> Sequence[CheckInEvent]:
    return _where(
        clinic_id, CheckInEvent.treatment_id.in_(treatment_ids), CheckInEvent.kind == "start"
    )


def _where(clinic_id: str, *conditions: object) -> Sequence[CheckInEvent]:
    return db.session.scalars(
        select(CheckInEvent).where(CheckInEvent.clinic_id == clinic_id, *conditions)  # type: ignore[arg-type]
    ).all()


class _Beside:
    """What stands on a row beside the check-in: gaps, calls, who has the patient, who is at it."""

    def __init__(self, clinic_id: str, found: Found, *, reader_id: str, at: datetime) -> None:
        self.clinic_id = clinic_id
        self.reader_id = reader_id
        self.patient_ids = [attention.patient_id for attention, _, _ in found]
        self.gaps = missing_counts(clinic_id=clinic_id, patient_ids=self.patient_ids)
        self.calls = self._calls(min(attention.since for attention, _, _ in found))
        self.claims = self._claims(at)
        assigned = [patient.account_id for _, _, patient in found if patient.assigned_id]
        self.hand_overs = self._hand_overs(assigned) if assigned else {}

    def handed_over(self, patient: Patient) -> HandedOver | None:
        """Who has this patient now; None: everybody."""
        if patient.assigned_id is None:
            return None
        last = self.hand_overs.get(patient.account_id)
        is_known = last is not None and last.to_id == patient.assigned_id
        return HandedOver(
            to_name=last.to_name if last is not None and is_known else "a colleague",
            is_to_me=patient.assigned_id == self.reader_id,
            from_name=last.from_name if last is not None and is_known else "",
            remark=last.remark if last is not None and is_known else "",
        )

    def _calls(self, since: datetime) -> Mapping[str, Call]:
        rows = db.session.scalars(
            select(Review)
            .where(
                Review.clinic_id == self.clinic_id,
                Review.patient_id.in_(self.patient_ids),
                Review.kind == "call",
                Review.at >= since,
                Review.undone_at.is_(None),
            )
            .order_by(Review.at)
        )
        return {
            row.patient_id: Call(row.reviewer_name, row.at, NOT_REACHED.get(row.outcome or "", ""))
            for row in rows
        }

    def _claims(self, at: datetime) -> dict[str, str]:
        found = claims.holders(clinic_id=self.clinic_id, patient_ids=self.patient_ids, at=at)
        return {
            patient_id: holder.name
            for patient_id, holder in found.items()
            if holder.account_id != self.reader_id
        }

    def _hand_overs(self, patient_ids: Sequence[str]) -> dict[str, HandOver]:
        rows = db.session.scalars(
            select(HandOver)
            .where(
                HandOver.clinic_id == self.clinic_id,
                HandOver.patient_id.in_(patient_ids),
                HandOver.undone_at.is_(None),
            )
            .order_by(HandOver.at, HandOver.hand_over_id)
        )
        return {row.patient_id: row for row in rows}
