"""The rows of one page of the worklist, in words, read for all of them together.

However many rows there are, the number of questions to the database stays the same: a patient's
whole course is never read here, what it says stands in the maintained row.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property, lru_cache
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Executable,
    Select,
    bindparam,
    select,
    union_all,
)

from pwa.check_ins import claims
from pwa.check_ins.course import EVENT_COLUMNS, Course
from pwa.check_ins.gaps import missing_counts
from pwa.check_ins.levels import LEVEL_OF
from pwa.check_ins.light_course import read_verdicts
from pwa.check_ins.models import CheckInEvent, HandOver, Review
from pwa.check_ins.reviews import NOT_REACHED
from pwa.clinic.told import CheckInView, PatientCourse, Start, start_of, view_of
from pwa.clinic.worklist_place import Place
from pwa.database import db
from pwa.guidance.library import Library
from pwa.treatments import records

KEPT = 1024
"""So many lines of pain are drawn once: most rows look alike from one look to the next."""


class Waiting(NamedTuple):
    """What is kept of a patient with something unread, and who they are."""

    patient_id: str
    rank: int
    event_id: str
    since: datetime
    unread_count: int
    pains: list[int]
    pain_before: int | None
    display_name: str
    second_identifier: str
    phone_number: str
    assigned_id: str | None


Found = Sequence[Waiting]


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


class Spark(NamedTuple):
    """A line in a box 88 wide and 32 high, and where it ends."""

    line: str
    x: float
    y: float


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

    @cached_property
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

    @cached_property
    def spark(self) -> Spark | None:
        """The pains as a line; None below two."""
        return _spark(self.pains) if len(self.pains) > 1 else None


@lru_cache(KEPT)
def _spark(pains: tuple[int, ...]) -> Spark:
    step = 82 / (len(pains) - 1)
    points = [
        (round(3 + index * step, 1), round(28 - pain * 2.4, 1)) for index, pain in enumerate(pains)
    ]
    return Spark("".join(f"{x},{y} " for x, y in points), *points[-1])


def rows_of(
    found: Found, *, clinic_id: str, reader_id: str, library: Library, at: datetime
) -> list[Row]:
    """These patients as rows, in the same order."""
    if not found:
        return []
    beside = _Beside(clinic_id, found, reader_id=reader_id, at=at)
    courses = _courses(clinic_id, found)
    return [_row(one, courses[one.patient_id], beside, library) for one in found]


def _row(waiting: Waiting, course: Course, beside: _Beside, library: Library) -> Row:
    patient_id = waiting.patient_id
    event = course.rows[waiting.event_id]
    shown = PatientCourse(
        course=course,
        unread_ids=(waiting.event_id,),
        known_pains={course.thread_of(event).thread_id: waiting.pain_before},
    )
    top = view_of(shown, event, library=library)
    call = beside.calls.get(patient_id)
    return Row(
        patient_id=patient_id,
        display_name=waiting.display_name,
        second_identifier=waiting.second_identifier,
        phone_number=waiting.phone_number,
        level=LEVEL_OF[waiting.rank],
        place=Place(waiting.rank, waiting.since, patient_id),
        unread_count=waiting.unread_count,
        top=top,
        start=start_of(course, top.treatment.treatment_id),
        pains=tuple(waiting.pains),
        gap_count=beside.gaps.get(patient_id, 0),
        call=call if call is not None and call.at >= waiting.since else None,
        handed_over=beside.handed_over(waiting),
        open_with=beside.claims.get(patient_id),
    )


def _courses(clinic_id: str, rows: Found) -> dict[str, Course]:
    """Of each patient's course what the top check-in needs: its versions, verdicts, the start."""
    events = _events(clinic_id, [row.event_id for row in rows])
    verdicts = read_verdicts(clinic_id=clinic_id, event_ids=[row.event_id for row in rows])
    treatment_ids = {one.treatment_id for of_one in events.values() for one in of_one}
    treatments = records.some(clinic_id=clinic_id, treatment_ids=treatment_ids)
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
    """These events, all others of the same check-ins, and the start of their treatments, by
    patient.

    Asked for apart and put together, with no OR: SQLite answers that one by going through the
    whole clinic.
    """
    tops = _rows(_these(), clinic_id=clinic_id, event_ids=event_ids)
    threads = {row.supersedes or row.event_id for row in tops}
    beside = _rows(
        _beside(),
        clinic_id=clinic_id,
        event_ids=list(threads.difference(event_ids)),
        thread_ids=list(threads),
        treatment_ids=list({row.treatment_id for row in tops}),
    )
    found: dict[str, list[CheckInEvent]] = defaultdict(list)
    for row in {row.event_id: row for row in (*tops, *beside)}.values():
        found[row.patient_id].append(row)
    return found


@cache
def _these() -> Select[*tuple[Any, ...]]:
    return _where(CheckInEvent.event_id.in_(bindparam("event_ids")))


@cache
def _beside() -> CompoundSelect[*tuple[Any, ...]]:
    return union_all(
        _these(),
        _where(CheckInEvent.supersedes.in_(bindparam("thread_ids"))),
        _where(
            CheckInEvent.treatment_id.in_(bindparam("treatment_ids")), CheckInEvent.kind == "start"
        ),
    )


def _where(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    here = CheckInEvent.clinic_id == bindparam("clinic_id")
    return select(*EVENT_COLUMNS).where(here, *conditions)


def _rows(query: Executable, **asked: Any) -> Sequence[CheckInEvent]:
    """Plain rows with the columns of an event."""
    return cast("Sequence[CheckInEvent]", db.session.execute(query, asked).all())


@cache
def _calls_since() -> Select[*tuple[Any, ...]]:
    return (
        select(Review.patient_id, Review.reviewer_name, Review.at, Review.outcome)
        .where(
            Review.clinic_id == bindparam("clinic_id"),
            Review.patient_id.in_(bindparam("patient_ids")),
            Review.kind == "call",
            Review.at >= bindparam("since"),
            Review.undone_at.is_(None),
        )
        .order_by(Review.at)
    )


class _Beside:
    """What stands on a row beside the check-in: gaps, calls, who has the patient, who is at it."""

    def __init__(self, clinic_id: str, found: Found, *, reader_id: str, at: datetime) -> None:
        self.clinic_id = clinic_id
        self.reader_id = reader_id
        self.patient_ids = [one.patient_id for one in found]
        self.gaps = missing_counts(clinic_id=clinic_id, patient_ids=self.patient_ids)
        self.calls = self._calls(min(one.since for one in found))
        self.claims = self._claims(at)
        assigned = [one.patient_id for one in found if one.assigned_id]
        self.hand_overs = self._hand_overs(assigned) if assigned else {}

    def handed_over(self, patient: Waiting) -> HandedOver | None:
        """Who has this patient now; None: everybody."""
        if patient.assigned_id is None:
            return None
        last = self.hand_overs.get(patient.patient_id)
        is_known = last is not None and last.to_id == patient.assigned_id
        return HandedOver(
            to_name=last.to_name if last is not None and is_known else "a colleague",
            is_to_me=patient.assigned_id == self.reader_id,
            from_name=last.from_name if last is not None and is_known else "",
            remark=last.remark if last is not None and is_known else "",
        )

    def _calls(self, since: datetime) -> Mapping[str, Call]:
        asked = {"clinic_id": self.clinic_id, "patient_ids": self.patient_ids, "since": since}
        return {
            patient_id: Call(name, at, NOT_REACHED.get(outcome or "", ""))
            for patient_id, name, at, outcome in db.session.execute(_calls_since(), asked)
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
