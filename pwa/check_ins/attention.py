"""What no clinician has read: one row an event, and one row a patient with the highest of them.

The patient's row holds all that a worklist is sorted and filtered by, so that a page of it is
read without looking at anybody's course.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from sqlalchemy import delete, select, update

from pwa.check_ins.course import Course, load_course
from pwa.check_ins.models import Attention, CheckInEvent, Unread
from pwa.database import db
from pwa.treatments import records

PAINS_KEPT = 12
MARKS = 2**40
"""So many marks there are. The sum of every row's still fits into 64 bits."""


def mark_unread(row: CheckInEvent, *, rank: int, is_new: bool = False) -> None:
    """This event needs reading, at this rank; an earlier mark is replaced.

    Args:
        is_new: the event has just arrived, so that nothing has marked it before.
    """
    known = None if is_new else db.session.get(Unread, (row.clinic_id, row.event_id))
    if known is not None:
        known.rank = rank
        return
    db.session.add(
        Unread(
            clinic_id=row.clinic_id,
            event_id=row.event_id,
            patient_id=row.patient_id,
            rank=rank,
            received_at=row.received_at,
        )
    )


def mark_read(*, clinic_id: str, event_ids: list[str]) -> None:
    """These events have been read."""
    db.session.execute(
        delete(Unread).where(Unread.clinic_id == clinic_id, Unread.event_id.in_(event_ids))
    )


def unread_of(*, clinic_id: str, patient_id: str) -> dict[str, int]:
    """The patient's unread events and their ranks."""
    rows = db.session.scalars(
        select(Unread).where(Unread.clinic_id == clinic_id, Unread.patient_id == patient_id)
    )
    return {row.event_id: row.rank for row in rows}


def refresh(*, clinic_id: str, patient_id: str, course: Course | None = None) -> None:
    """Bring the patient's one row up to date. Call after every change, in its transaction.

    Whoever holds the patient's course as it is now hands it in; else it is read here.
    """
    db.session.flush()
    rows = db.session.scalars(
        select(Unread)
        .where(Unread.clinic_id == clinic_id, Unread.patient_id == patient_id)
        .execution_options(populate_existing=True)
    ).all()
    known = db.session.get(Attention, (clinic_id, patient_id))
    if not rows:
        if known is not None:
            db.session.delete(known)
            db.session.flush()
        return
    course = course or _read_course(clinic_id, patient_id)
    top = min(rows, key=lambda row: (-row.rank, course.rows[row.event_id].seq))
    values = _of_all(top, rows) | _of_top(top, course)
    if known is None:
        db.session.add(Attention(clinic_id=clinic_id, patient_id=patient_id, **values))
    else:
        for name, value in values.items():
            setattr(known, name, value)
    db.session.flush()


def touch(*, clinic_id: str, patient_id: str) -> None:
    """Something changed that a worklist shows of this patient beside what is unread.

    A call, a note, a hand-over, somebody who has it open: worklists ask for the row again.
    """
    db.session.flush()
    db.session.execute(
        update(Attention)
        .where(Attention.clinic_id == clinic_id, Attention.patient_id == patient_id)
        .values(mark=_new_mark())
    )


def _of_all(top: Unread, rows: Sequence[Unread]) -> dict[str, object]:
    return {
        "rank": top.rank,
        "event_id": top.event_id,
        "since": top.received_at,
        "unread_count": len(rows),
        "newest_at": max(row.received_at for row in rows),
        "mark": _new_mark(),
    }


def _of_top(top: Unread, course: Course) -> dict[str, object]:
    event = course.rows[top.event_id]
    treatment = course.treatments[event.treatment_id]
    before, pain = _pains(course, event)
    return {
        "treatment_id": treatment.treatment_id,
        "site": treatment.site,
        "treated_by": treatment.clinician_name,
        "pains": [*before, *pain][-PAINS_KEPT:],
        "pain_before": before[-1] if before else None,
    }


def _pains(course: Course, event: CheckInEvent) -> tuple[list[int], list[int]]:
    """The scores of this treatment before this event, as they count now, and its own."""
    own = course.thread_of(event)
    before = []
    for thread in course.in_order():
        if thread is own:
            break
        row = thread.current
        if row is None or thread.is_retracted or row.treatment_id != event.treatment_id:
            continue
        before.append(row.event["answers"].get("pain_now"))
    mine = event.event["answers"].get("pain_now")
    return [pain for pain in before if pain is not None], [] if mine is None else [mine]


def _read_course(clinic_id: str, patient_id: str) -> Course:
    treatments = records.of_patient(clinic_id=clinic_id, patient_id=patient_id)
    return load_course(clinic_id=clinic_id, patient_id=patient_id, treatments=treatments)


def _new_mark() -> int:
    return secrets.randbelow(MARKS)
