"""A patient's course for looking at: all of it in order, and whole only what a page shows.

Rows here stand for the models of the same columns. They cannot be changed and are not tracked,
which makes a long course cost half; whoever writes loads it with `course.load_course`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, cast

from sqlalchemy import select

from pwa.check_ins.course import Course
from pwa.check_ins.models import CheckInEvent, Review, Unread, Verdict
from pwa.database import db
from pwa.treatments.records import TreatmentRecord

LEVELS = (Verdict.event_id, Verdict.number, Verdict.level)
"""As much of a verdict as `levels.highest_level` reads; the rest is most of its weight."""


def load_light_course(
    *, clinic_id: str, patient_id: str, treatments: Sequence[TreatmentRecord]
) -> Course:
    """Read all of one patient's events and reviews, and of the verdicts the levels."""
    mine = (CheckInEvent.clinic_id == clinic_id, CheckInEvent.patient_id == patient_id)
    events = db.session.execute(select(*CheckInEvent.__table__.columns).where(*mine)).all()
    levels = db.session.execute(
        select(*LEVELS)
        .where(
            Verdict.clinic_id == clinic_id,
            Verdict.event_id.in_(select(CheckInEvent.event_id).where(*mine)),
        )
        .order_by(Verdict.number)
    ).all()
    reviews = db.session.scalars(
        select(Review).where(Review.clinic_id == clinic_id, Review.patient_id == patient_id)
    ).all()
    unread_ids = db.session.scalars(
        select(Unread.event_id).where(
            Unread.clinic_id == clinic_id, Unread.patient_id == patient_id
        )
    ).all()
    return Course(
        treatments=treatments,
        rows=cast("Sequence[CheckInEvent]", events),
        verdicts=cast("Sequence[Verdict]", levels),
        reviews=reviews,
        unread_ids=unread_ids,
    )


def fetch_verdicts(course: Course, *, clinic_id: str, event_ids: Collection[str]) -> None:
    """Put whole verdicts on these events, for all of them at once."""
    whole: dict[str, list[Any]] = defaultdict(list)
    if event_ids:
        query = (
            select(Verdict)
            .where(Verdict.clinic_id == clinic_id, Verdict.event_id.in_(event_ids))
            .order_by(Verdict.number)
        )
        for row in db.session.scalars(query):
            whole[row.event_id].append(row)
    course.verdicts.update(whole)
