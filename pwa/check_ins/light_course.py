"""A patient's course for looking at: all of it in order, and whole only what a page shows.

Of the verdicts it holds the levels, until `fetch_verdicts` puts whole ones on what will be shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import Select, bindparam, select

from pwa.check_ins.course import Course, load_course
from pwa.check_ins.models import Review, Verdict
from pwa.database import db
from pwa.treatments.records import TreatmentRecord

LEVELS = (Verdict.event_id, Verdict.number, Verdict.level)
"""As much of a verdict as `levels.highest_level` reads; the rest is most of its weight."""
WHOLE_VERDICT = (
    *LEVELS,
    Verdict.reasons,
    Verdict.also,
    Verdict.missing,
    Verdict.facts,
    Verdict.rules_version,
    Verdict.cause,
    Verdict.made_at,
    Verdict.made_by,
    Verdict.remark,
)
WHOLE_REVIEW = (
    Review.review_id,
    Review.event_ids,
    Review.reviewer_id,
    Review.reviewer_name,
    Review.at,
    Review.kind,
    Review.outcome,
    Review.note,
    Review.message,
    Review.is_settled,
    Review.undone_at,
)
"""All that a page says of them. Rows of these columns stand for the models."""


def load_light_course(
    *, clinic_id: str, patient_id: str, treatments: Sequence[TreatmentRecord]
) -> Course:
    """Read all of one patient's events and reviews, and of the verdicts the levels."""
    return load_course(
        clinic_id=clinic_id,
        patient_id=patient_id,
        treatments=treatments,
        of_verdicts=LEVELS,
        of_reviews=WHOLE_REVIEW,
    )


def fetch_verdicts(course: Course, *, clinic_id: str, event_ids: Collection[str]) -> None:
    """Put whole verdicts on these events, for all of them at once."""
    if event_ids:
        course.verdicts.update(read_verdicts(clinic_id=clinic_id, event_ids=event_ids))


def read_verdicts(*, clinic_id: str, event_ids: Collection[str]) -> dict[str, list[Verdict]]:
    """Whole verdicts of these events of any patients, in the order in which they were made."""
    found: dict[str, list[Verdict]] = defaultdict(list)
    asked = {"clinic_id": clinic_id, "event_ids": list(event_ids)}
    for row in db.session.execute(_whole_verdicts(), asked):
        found[row.event_id].append(cast("Verdict", row))
    return found


@cache
def _whole_verdicts() -> Select[*tuple[Any, ...]]:
    return (
        select(*WHOLE_VERDICT)
        .where(
            Verdict.clinic_id == bindparam("clinic_id"),
            Verdict.event_id.in_(bindparam("event_ids")),
        )
        .order_by(Verdict.number)
    )
