"""A check-in in the words that a clinician reads: what was answered, what was told, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pwa.check_ins import attention
from pwa.check_ins.course import Course, Thread, load_course
from pwa.check_ins.levels import RANK_OF, effective, highest, phone_level
from pwa.check_ins.models import CheckInEvent, Review
from pwa.check_ins.wire import parse_instant
from pwa.guidance.library import Library
from pwa.guidance.triage import Verdict, clinician_reasons
from pwa.treatments import records
from pwa.treatments.records import TreatmentRecord

CLOCK_TOLERANCE_S = 120
RISK_FLAGS = {
    "immune_suppressed": "weak immune system",
    "diabetes": "diabetes",
    "joint_replacement": "joint replacement there",
    "recent_joint_infection": "recent joint infection",
    "anticoagulant": "blood thinner",
    "pregnant": "pregnant",
}


@dataclass(frozen=True)
class PatientCourse:
    """One patient's course with what is unread in it, oldest first."""

    course: Course
    unread_ids: tuple[str, ...]

    @property
    def rows(self) -> dict[str, CheckInEvent]:
        """Every event by its id."""
        return self.course.rows


@dataclass(frozen=True)
class CheckInView:
    """One version of a check-in as a clinician reads it."""

    event_id: str
    thread_id: str
    kind: str
    treatment: TreatmentRecord
    day: int | None
    level: str | None
    reasons: tuple[str, ...]
    also: tuple[str, ...]
    phone_level: str | None
    is_above_phone: bool
    pain_now: int | None
    pain_before: int | None
    note: str
    answers: dict[str, Any]
    recorded_at: datetime
    recorded_text: str
    received_at: datetime
    clock_warning: str | None
    is_unread: bool
    is_superseded: bool
    is_retracted: bool
    has_called: bool
    review: Review | None
    risk_flags: tuple[str, ...]
    has_start: bool


def read_patient_course(*, clinic_id: str, patient_id: str) -> PatientCourse:
    """Read a patient's whole course. The caller has checked that it is this clinic's patient."""
    treatments = records.of_patient(clinic_id=clinic_id, patient_id=patient_id)
    course = load_course(clinic_id=clinic_id, patient_id=patient_id, treatments=treatments)
    unread = attention.unread_of(clinic_id=clinic_id, patient_id=patient_id)
    ordered = sorted(unread, key=lambda event_id: course.rows[event_id].seq)
    return PatientCourse(course=course, unread_ids=tuple(ordered))


def view_of(patient: PatientCourse, row: CheckInEvent, *, library: Library) -> CheckInView:
    """One version in words."""
    course = patient.course
    thread = course.thread_of(row)
    verdicts = course.verdicts[row.event_id]
    level, codes = effective(row, verdicts)
    top = highest(verdicts)
    told = phone_level(row.event)
    facts = top.facts if top is not None else course.facts_for(row)
    start = course.start_of(row.treatment_id)
    current = thread.current
    return CheckInView(
        event_id=row.event_id,
        thread_id=thread.thread_id,
        kind=row.kind,
        treatment=course.treatments[row.treatment_id],
        day=facts.get("days_since"),
        level=level,
        reasons=_in_words(library, row, codes, facts, top),
        also=_in_words(library, row, list(top.also) if top else [], facts, top),
        phone_level=told,
        is_above_phone=top is not None and RANK_OF[top.level] > RANK_OF[told],
        pain_now=row.event["answers"].get("pain_now"),
        pain_before=_pain_before(course, row),
        note=row.event["answers"].get("note") or "",
        answers=row.event["answers"],
        recorded_at=parse_instant(row.event["recorded_at"]),
        recorded_text=row.event["recorded_at"],
        received_at=row.received_at,
        clock_warning=_clock_warning(row),
        is_unread=row.event_id in patient.unread_ids,
        is_superseded=current is not None and current.event_id != row.event_id,
        is_retracted=thread.is_retracted,
        has_called=bool(thread.calls),
        review=_review_of(course.reviews, row.event_id),
        risk_flags=tuple(words for key, words in RISK_FLAGS.items() if start and start.get(key)),
        has_start=start is not None,
    )


def views_of_thread(
    patient: PatientCourse, thread: Thread, *, library: Library
) -> list[CheckInView]:
    """Every version of a check-in, newest first."""
    return [view_of(patient, row, library=library) for row in reversed(thread.versions)]


def _in_words(
    library: Library, row: CheckInEvent, codes: list[str], facts: dict[str, Any], top: Any
) -> tuple[str, ...]:
    version = row.event["rules_version"]
    if version is None or not codes:
        return ()
    table = library.rules[version]
    known = [code for code in codes if code in {rule.code for rule in table.rules}]
    if not known:
        return ()
    missing = () if top is None else tuple(top.missing)
    verdict = Verdict(
        level=table.rule(known[0]).level, reasons=tuple(known), also=(), missing=missing
    )
    return tuple(clinician_reasons(table, verdict, facts))


def _pain_before(course: Course, row: CheckInEvent) -> int | None:
    earlier = [
        one["pain_now"]
        for one in course.earlier(row)
        if one["is_same_treatment"] and one["pain_now"] is not None
    ]
    return earlier[-1] if earlier else None


def _clock_warning(row: CheckInEvent) -> str | None:
    """Says how far the phone's clock was from ours when it sent."""
    offset = row.clock_offset_s
    if row.event["clock_behind"]:
        return "the phone's clock was behind: its day is not known"
    if abs(offset) <= CLOCK_TOLERANCE_S:
        return None
    return f"phone clock {_duration(abs(offset))} {'slow' if offset > 0 else 'fast'}"


def _duration(seconds: int) -> str:
    for size, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{round(seconds / size)} {name}"
    return f"{seconds} s"


def _review_of(reviews: Sequence[Review], event_id: str) -> Review | None:
    found = [
        review for review in reviews if event_id in review.event_ids and review.undone_at is None
    ]
    return max(found, key=lambda review: review.at, default=None)
