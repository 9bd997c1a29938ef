"""Judging what arrived, and judging again when more is known. A level only ever rises."""

from __future__ import annotations

from datetime import datetime

from pwa.accounts import people
from pwa.accounts.models import Patient
from pwa.check_ins import attention
from pwa.check_ins.course import Course, load_course
from pwa.check_ins.levels import RANK_OF, effective, highest
from pwa.check_ins.models import CheckInEvent
from pwa.check_ins.models import Verdict as VerdictRow
from pwa.database import db
from pwa.guidance.library import Library
from pwa.guidance.triage import judge
from pwa.treatments import records


def first_verdict(course: Course, row: CheckInEvent, *, library: Library, at: datetime) -> None:
    """Judge an event that has just been stored, and put it before the clinicians."""
    _judge(course, row, library=library, at=at, cause="received")
    level, _ = effective(row, course.verdicts[row.event_id])
    _mark_unread(course, row, level, is_new=True)


def take_again(
    course: Course, patient: Patient, *, library: Library, at: datetime, cause: str
) -> list[str]:
    """Judge every check-in of a locked patient again; returns the events whose level rose.

    A verdict that rises reopens the event for reading, even if it was read before: what was read
    then was less urgent than what is known now.
    """
    raised = []
    for row in course.judged():
        before, _ = effective(row, course.verdicts[row.event_id])
        if not _judge(course, row, library=library, at=at, cause=cause):
            continue
        people.append_to_log(
            patient,
            type="verdict",
            subject_id=f"{row.event_id}:{len(course.verdicts[row.event_id])}",
            at=at,
        )
        after, _ = effective(row, course.verdicts[row.event_id])
        if RANK_OF[after] > RANK_OF[before]:
            _mark_unread(course, row, after)
            raised.append(row.event_id)
    attention.refresh(clinic_id=patient.clinic_id, patient_id=patient.account_id, course=course)
    return raised


def take_again_for_patient(
    *, clinic_id: str, patient_id: str, library: Library, at: datetime, cause: str
) -> list[str]:
    """`take_again` for callers that hold no course, such as a correction of a treatment."""
    patient = people.lock_patient(clinic_id=clinic_id, account_id=patient_id)
    treatments = records.of_patient(clinic_id=clinic_id, patient_id=patient_id)
    course = load_course(clinic_id=clinic_id, patient_id=patient_id, treatments=treatments)
    return take_again(course, patient, library=library, at=at, cause=cause)


def _mark_unread(
    course: Course, row: CheckInEvent, level: str | None, *, is_new: bool = False
) -> None:
    attention.mark_unread(row, rank=RANK_OF[level], is_new=is_new)
    course.add_unread(row.event_id)


def _judge(
    course: Course, row: CheckInEvent, *, library: Library, at: datetime, cause: str
) -> bool:
    """Add a verdict where it is the first, or higher than the highest so far."""
    rules_version = row.event["rules_version"]
    if rules_version is None:
        return False
    facts = course.facts_for(row)
    verdict = judge(library.rules[rules_version], facts)
    known = course.verdicts[row.event_id]
    top = highest(known)
    if top is not None and RANK_OF[verdict.level] <= RANK_OF[top.level]:
        return False
    added = VerdictRow(
        clinic_id=row.clinic_id,
        event_id=row.event_id,
        number=len(known) + 1,
        patient_id=row.patient_id,
        level=verdict.level,
        reasons=list(verdict.reasons),
        also=list(verdict.also),
        missing=list(verdict.missing),
        facts=facts,
        rules_version=rules_version,
        cause=cause,
        made_at=at,
    )
    db.session.add(added)
    course.add_verdict(added)
    return True
