"""A check-in in the words that a clinician reads: what was answered, what was told, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from pwa.check_ins import raising
from pwa.check_ins.course import Course, Thread
from pwa.check_ins.levels import RANK_OF, effective, highest, highest_level, phone_level
from pwa.check_ins.light_course import fetch_verdicts, load_light_course
from pwa.check_ins.models import CheckInEvent, Review
from pwa.check_ins.models import Verdict as VerdictRow
from pwa.check_ins.reviews import OUTCOME_WORDS, UNDO_TIME
from pwa.check_ins.wire import parse_instant
from pwa.clinic.answers import Answers, Change, changes, in_words, names_of_missing
from pwa.clinic.times import counted
from pwa.guidance.history import days_between
from pwa.guidance.library import Library
from pwa.guidance.questions import Form
from pwa.guidance.triage import Verdict, clinician_reasons
from pwa.treatments import records
from pwa.treatments.records import TreatmentRecord

CLOCK_TOLERANCE_S = 120
LONG_AGO = timedelta(days=400)
NEWEST = slice(1)
UNREAD_AT_ONCE = 7
"""The newest check-in alone."""
RISK_FLAGS = {
    "immune_suppressed": "weak immune system",
    "diabetes": "diabetes",
    "joint_replacement": "joint replacement there",
    "recent_joint_infection": "recent joint infection",
    "anticoagulant": "blood thinner",
    "pregnant": "pregnant",
}
CAUSES = {
    "received": "when it arrived",
    "late_event": "after an earlier one arrived late",
    "treatment_corrected": "after the treatment was corrected",
    "clinician": "raised by a person",
}
KINDS_OF_REVIEW = {"read": "Read by", "call": "Called by", "answer": "Message by"}


@dataclass(frozen=True)
class PatientCourse:
    """One patient's course with what is unread in it, worst first, then oldest.

    What every check-in of a page asks for is derived once for all of them.
    """

    course: Course
    unread_ids: tuple[str, ...]
    known_pains: Mapping[str, int | None] | None = None
    """`pains_before` where it is kept elsewhere, and this is only a part of the course."""

    @property
    def rows(self) -> dict[str, CheckInEvent]:
        """Every event by its id."""
        return self.course.rows

    @cached_property
    def pains_before(self) -> Mapping[str, int | None]:
        """By check-in: the score of the same treatment before it, as that counts now."""
        if self.known_pains is not None:
            return self.known_pains
        latest: dict[str, int] = {}
        found: dict[str, int | None] = {}
        for thread in self.course.in_order():
            row = thread.current
            if row is None:
                continue
            found[thread.thread_id] = latest.get(row.treatment_id)
            pain = row.event["answers"].get("pain_now")
            if pain is not None and not thread.is_retracted:
                latest[row.treatment_id] = pain
        return found

    @cached_property
    def readings(self) -> dict[str, tuple[Reading, ...]]:
        """By event: who dealt with it, oldest first."""
        found: dict[str, list[Reading]] = defaultdict(list)
        for one in self._all_readings:
            for event_id in one.event_ids:
                found[event_id].append(one)
        return {event_id: tuple(told) for event_id, told in found.items()}

    @property
    def readings_of_nothing(self) -> tuple[Reading, ...]:
        """Calls and messages that are about no check-in."""
        return tuple(one for one in self._all_readings if not one.event_ids)

    @cached_property
    def _all_readings(self) -> tuple[Reading, ...]:
        """All but levels that somebody raised: those stand among the verdicts."""
        if not self.course.reviews:
            return ()
        places = {row.event_id: place for place, row in enumerate(self.course.judged())}
        told = [review for review in self.course.reviews if review.kind != raising.KIND]
        ordered = sorted(told, key=lambda review: (review.at, review.review_id))
        return tuple(_reading(review, places) for review in ordered)


@dataclass(frozen=True)
class Reading:
    """A clinician read it, called about it or answered it. `outcome` is in words."""

    review_id: str
    kind: str
    reviewer_id: str
    reviewer_name: str
    at: datetime
    outcome: str
    note: str
    message: str
    undone_at: datetime | None
    is_settled: bool
    event_ids: tuple[str, ...]
    """What it is about, in the order of the course: the newest is the last."""

    @property
    def title(self) -> str:
        """ "Read by Dr Cole"."""
        return f"{KINDS_OF_REVIEW.get(self.kind, KINDS_OF_REVIEW['read'])} {self.reviewer_name}"

    def can_be_undone(self, *, by: str, now: datetime) -> bool:
        """Whether this person may still take it back."""
        is_open = self.undone_at is None and not self.is_settled
        return is_open and self.reviewer_id == by and now <= self.at + UNDO_TIME


@dataclass(frozen=True)
class Judgement:
    """One verdict: the rules', or that of a person, who is named then."""

    level: str
    cause: str
    made_at: datetime
    rules_version: int
    made_by: str | None
    remark: str


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
    judgements: tuple[Judgement, ...]
    is_above_phone: bool
    pain_now: int | None
    pain_before: int | None
    note: str
    given: Mapping[str, Any]
    changed: tuple[Change, ...]
    local_date: str
    recorded_at: datetime
    received_at: datetime
    time_warnings: tuple[str, ...]
    is_unread: bool
    is_superseded: bool
    is_retracted: bool
    called_at: datetime | None
    readings: tuple[Reading, ...]
    form: Form
    rules_version: int | None

    @cached_property
    def answers(self) -> Answers:
        """Every question in words; made when it is read, since a list shows none of it."""
        return in_words(self.form, site=self.treatment.site, answers=self.given)

    @property
    def is_straight(self) -> bool:
        """Whether it arrived as soon as it was recorded."""
        return abs(self.received_at - self.recorded_at) <= timedelta(seconds=CLOCK_TOLERANCE_S)

    @property
    def reading(self) -> Reading | None:
        """The latest reading that was not taken back."""
        kept = [one for one in self.readings if one.kind == "read" and one.undone_at is None]
        return kept[-1] if kept else None


@dataclass(frozen=True)
class Start:
    """What the patient said of themselves for one treatment."""

    pain_baseline: int | None
    flags: tuple[str, ...]
    unanswered: tuple[str, ...]


def read_patient_course(
    *, clinic_id: str, patient_id: str, newest: slice = NEWEST
) -> PatientCourse:
    """Read a patient's whole course. The caller has checked that it is this clinic's patient.

    Args:
        newest: which check-ins will be shown beside the first `UNREAD_AT_ONCE` of what is unread
            and the newest of all, counted from that. Others are known only as far as a chart shows
            them.
    """
    treatments = records.of_patient(clinic_id=clinic_id, patient_id=patient_id)
    course = load_light_course(clinic_id=clinic_id, patient_id=patient_id, treatments=treatments)
    ordered = _worst_first(course)
    newest_first = course.in_order()[::-1]
    threads = [*newest_first[:1], *newest_first[newest]]
    shown = [row.event_id for thread in threads for row in thread.versions]
    fetch_verdicts(course, clinic_id=clinic_id, event_ids={*ordered[:UNREAD_AT_ONCE], *shown})
    return PatientCourse(course=course, unread_ids=tuple(ordered))


def _worst_first(course: Course) -> list[str]:
    def place(event_id: str) -> tuple[int, datetime, int]:
        row = course.rows[event_id]
        level = highest_level(row, course.verdicts[event_id])
        return -RANK_OF[level], row.received_at, row.seq

    return sorted(course.unread_ids, key=place)


def start_of(course: Course, treatment_id: str) -> Start | None:
    """The start questions of one treatment in words; None where they were never sent."""
    given = course.start_of(treatment_id)
    if given is None:
        return None
    return Start(
        pain_baseline=given.get("pain_baseline"),
        flags=tuple(words for key, words in RISK_FLAGS.items() if given.get(key) is True),
        unanswered=tuple(words for key, words in RISK_FLAGS.items() if given.get(key) is None),
    )


def view_of(patient: PatientCourse, row: CheckInEvent, *, library: Library) -> CheckInView:
    """One version in words."""
    course = patient.course
    thread = course.thread_of(row)
    place = thread.place or row
    treatment = course.treatments[row.treatment_id]
    form = library.forms[row.event["form_version"]]
    verdicts = course.verdicts[row.event_id]
    level, codes = effective(row, verdicts)
    top = highest(verdicts)
    told = phone_level(row.event)
    current = thread.current
    return CheckInView(
        event_id=row.event_id,
        thread_id=thread.thread_id,
        kind=row.kind,
        treatment=treatment,
        day=_day(place, treatment),
        level=level,
        reasons=_in_words(library, course, row, codes, top) + _raised(verdicts),
        also=_in_words(library, course, row, list(top.also) if top else [], top),
        phone_level=told,
        judgements=tuple(_judgement(one) for one in verdicts),
        is_above_phone=top is not None and RANK_OF[top.level] > RANK_OF[told],
        pain_now=row.event["answers"].get("pain_now"),
        pain_before=patient.pains_before.get(thread.thread_id),
        note=row.event["answers"].get("note") or "",
        given=row.event["answers"],
        changed=_changed(library, thread, row, treatment.site),
        local_date=place.event["local_date"],
        recorded_at=parse_instant(row.event["recorded_at"]),
        received_at=row.received_at,
        time_warnings=tuple(_time_warnings(row)),
        is_unread=row.event_id in course.unread_ids,
        is_superseded=current is not None and current.event_id != row.event_id,
        is_retracted=thread.is_retracted,
        called_at=_called_at(thread),
        readings=patient.readings.get(row.event_id, ()),
        form=form,
        rules_version=row.event["rules_version"],
    )


def views_of_thread(
    patient: PatientCourse, thread: Thread, *, library: Library
) -> list[CheckInView]:
    """Every version of a check-in, newest first."""
    return [view_of(patient, row, library=library) for row in reversed(thread.versions)]


def _day(place: CheckInEvent, treatment: TreatmentRecord) -> int | None:
    """Counted from the treatment as it stands now, so that a corrected date shows at once."""
    if place.event["clock_behind"]:
        return None
    return days_between(treatment.performed_on, place.event["local_date"])


def _in_words(
    library: Library,
    course: Course,
    row: CheckInEvent,
    codes: list[str],
    top: VerdictRow | None,
) -> tuple[str, ...]:
    version = row.event["rules_version"]
    if version is None or not codes:
        return ()
    table = library.rules[version]
    known = tuple(rule.code for rule in table.rules if rule.code in codes)
    if not known:
        return ()
    site = course.treatments[row.treatment_id].site
    form = library.forms[row.event["form_version"]]
    missing = () if top is None else names_of_missing(form, top.missing, site=site)
    facts = top.facts if top is not None else course.facts_for(row)
    level = table.rule(known[0]).level
    verdict = Verdict(level=level, reasons=known, also=(), missing=missing)
    return tuple(clinician_reasons(table, verdict, facts))


def _raised(verdicts: Sequence[VerdictRow]) -> tuple[str, ...]:
    """That a person put it higher than the rules did, and why."""
    return tuple(
        f"Raised by {one.made_by}{': ' if one.remark else '.'}{one.remark}"
        for one in verdicts
        if one.made_by is not None
    )


def _judgement(row: VerdictRow) -> Judgement:
    return Judgement(
        level=row.level,
        cause=CAUSES.get(row.cause, row.cause),
        made_at=row.made_at,
        rules_version=row.rules_version,
        made_by=row.made_by,
        remark=row.remark or "",
    )


def _changed(library: Library, thread: Thread, row: CheckInEvent, site: str) -> tuple[Change, ...]:
    versions = thread.versions
    index = next(i for i, version in enumerate(versions) if version.event_id == row.event_id)
    if index == 0:
        return ()
    return changes(
        library.forms[row.event["form_version"]],
        site=site,
        before=versions[index - 1].event["answers"],
        after=row.event["answers"],
    )


def _time_warnings(row: CheckInEvent) -> list[str]:
    """What is odd about the times of an event. Odd times are kept and told, never refused."""
    if row.event["clock_behind"]:
        return ["The phone's clock was behind, so the day is not known."]
    offset = row.clock_offset_s
    if abs(offset) > CLOCK_TOLERANCE_S:
        return [f"Phone clock {_duration(abs(offset))} {'slow' if offset > 0 else 'fast'}."]
    recorded_at = parse_instant(row.event["recorded_at"])
    if recorded_at > row.received_at + timedelta(seconds=CLOCK_TOLERANCE_S):
        return ["Recorded later than it arrived: the phone's clock was wrong."]
    if row.received_at - recorded_at > LONG_AGO:
        return ["Recorded more than a year before it arrived: the phone's clock may be wrong."]
    return []


def _duration(seconds: int) -> str:
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            return counted(round(seconds / size), name)
    return counted(seconds, "second")


def _called_at(thread: Thread) -> datetime | None:
    return max((parse_instant(row.event["recorded_at"]) for row in thread.calls), default=None)


def _reading(review: Review, places: Mapping[str, int]) -> Reading:
    words: Any = OUTCOME_WORDS.get(review.outcome or "", "")
    return Reading(
        review_id=review.review_id,
        kind=review.kind,
        reviewer_id=review.reviewer_id,
        reviewer_name=review.reviewer_name,
        at=review.at,
        outcome=words,
        note=review.note,
        message=review.message or "",
        undone_at=review.undone_at,
        is_settled=review.is_settled,
        event_ids=tuple(
            sorted((one for one in review.event_ids if one in places), key=places.__getitem__)
        ),
    )
