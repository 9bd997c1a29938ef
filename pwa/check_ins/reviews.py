"""Reading: a clinician marks check-ins as read, may undo for a short time, and then it is told.

Callers open the transaction around everything that writes.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from pwa.accounts import people
from pwa.accounts.people import Actor
from pwa.audit import log as audit_log
from pwa.check_ins import attention
from pwa.check_ins.levels import RANK_OF, SAME_DAY_RANK, effective
from pwa.check_ins.models import CheckInEvent, Review, Verdict
from pwa.database import db
from pwa.problems import Conflict, Invalid, NotFound

UNDO_TIME = timedelta(seconds=10)
OUTCOMES = {
    "spoke_with_patient": "Spoke with the patient",
    "sent_to_emergency_care": "Sent to emergency care",
    "booked_to_be_seen": "Booked to be seen",
    "already_in_care": "Already in care elsewhere",
    "left_message": "Left a message, will try again",
    "no_action_needed": "Read, no action needed",
}
LONGEST_NOTE = 2000


def mark_read(
    *,
    actor: Actor,
    role: str,
    patient_id: str,
    event_ids: Sequence[str],
    outcome: str | None,
    note: str,
    at: datetime,
    seen_levels: Mapping[str, str | None] | None = None,
) -> str:
    """Note that this clinician read these events; returns the review's id.

    The events are those that were on the screen, so that one that arrived meanwhile stays
    unread. Emergency and same-day ones close only with an outcome. `seen_levels` are the levels
    that stood on the screen, by event; one that rose since then stays unread.

    Raises:
        NotFound: an event that is not this patient's.
        Conflict: somebody read them first, or one became more urgent meanwhile.
        Invalid: no outcome where one is needed, or a note that is too long.
    """
    people.lock_patient(clinic_id=actor.clinic_id, account_id=patient_id)
    rows = _events(actor.clinic_id, patient_id, event_ids)
    unread = attention.unread_of(clinic_id=actor.clinic_id, patient_id=patient_id)
    open_ids = [row.event_id for row in rows if row.event_id in unread]
    if not open_ids:
        raise Conflict("Somebody has read this already.")
    if any(
        unread[event_id] > RANK_OF.get(level, 0)
        for event_id, level in (seen_levels or {}).items()
        if event_id in open_ids
    ):
        raise Conflict("This became more urgent while you were reading it. Look again.")
    if outcome is not None and outcome not in OUTCOMES:
        raise Invalid("Choose an outcome from the list.", field="outcome")
    if outcome is None and max(unread[event_id] for event_id in open_ids) >= SAME_DAY_RANK:
        raise Invalid("Choose what came of it before you close this.", field="outcome")
    if len(note) > LONGEST_NOTE:
        raise Invalid(f"Use at most {LONGEST_NOTE} letters.", field="note")
    review_id = str(uuid.uuid4())
    db.session.add(
        Review(
            clinic_id=actor.clinic_id,
            review_id=review_id,
            patient_id=patient_id,
            event_ids=open_ids,
            reviewer_id=actor.account_id or "",
            reviewer_name=actor.name,
            reviewer_role=role,
            at=at,
            outcome=outcome,
            note=note.strip(),
            is_settled=False,
        )
    )
    attention.mark_read(clinic_id=actor.clinic_id, event_ids=open_ids)
    attention.refresh(clinic_id=actor.clinic_id, patient_id=patient_id)
    _record(actor, at, "check_in.read", patient_id, review_id)
    return review_id


def undo(*, actor: Actor, patient_id: str, review_id: str, at: datetime) -> None:
    """Take a reading back, within its time, by the person who made it.

    Raises:
        NotFound: not this patient's review, or not this person's.
        Conflict: too late; the patient may have been told.
    """
    people.lock_patient(clinic_id=actor.clinic_id, account_id=patient_id)
    review = db.session.get(Review, (actor.clinic_id, review_id))
    if review is None or review.patient_id != patient_id or review.reviewer_id != actor.account_id:
        raise NotFound
    if review.undone_at is not None:
        return
    if review.is_settled or at > review.at + UNDO_TIME:
        raise Conflict("It is too late to undo. Write a note instead.")
    review.undone_at = at
    for row in _events(actor.clinic_id, patient_id, review.event_ids):
        level, _ = effective(row, _verdicts(row))
        attention.mark_unread(row, rank=RANK_OF[level])
    attention.refresh(clinic_id=actor.clinic_id, patient_id=patient_id)
    _record(actor, at, "check_in.read_undone", patient_id, review_id)


def due_to_settle(*, clinic_id: str, patient_id: str, at: datetime) -> Sequence[str]:
    """Ids of reviews whose time to undo has passed and which the patient has not been told."""
    return db.session.scalars(
        select(Review.review_id).where(
            Review.clinic_id == clinic_id,
            Review.patient_id == patient_id,
            Review.is_settled.is_(False),
            Review.undone_at.is_(None),
            Review.at < at - UNDO_TIME,
        )
    ).all()


def settle(*, clinic_id: str, patient_id: str, at: datetime) -> None:
    """Put readings that can no longer be undone into the patient's log.

    A check-in whose level rose in the meantime is left out: nobody has read what it says now.
    """
    patient = people.lock_patient(clinic_id=clinic_id, account_id=patient_id)
    unread = attention.unread_of(clinic_id=clinic_id, patient_id=patient_id)
    for review_id in due_to_settle(clinic_id=clinic_id, patient_id=patient_id, at=at):
        review = db.session.get_one(Review, (clinic_id, review_id))
        review.is_settled = True
        for event_id in review.event_ids:
            if event_id in unread:
                continue
            people.append_to_log(
                patient, type="review", subject_id=f"{review_id}:{event_id}", at=at
            )


def _events(clinic_id: str, patient_id: str, event_ids: Sequence[str]) -> list[CheckInEvent]:
    rows = db.session.scalars(
        select(CheckInEvent).where(
            CheckInEvent.clinic_id == clinic_id,
            CheckInEvent.patient_id == patient_id,
            CheckInEvent.event_id.in_(list(event_ids)),
        )
    ).all()
    if not rows or len(rows) != len(set(event_ids)):
        raise NotFound
    return list(rows)


def _verdicts(row: CheckInEvent) -> Sequence[Verdict]:
    return db.session.scalars(
        select(Verdict).where(Verdict.clinic_id == row.clinic_id, Verdict.event_id == row.event_id)
    ).all()


def _record(actor: Actor, at: datetime, action: str, patient_id: str, review_id: str) -> None:
    audit_log.record(
        at=at,
        clinic_id=actor.clinic_id,
        actor_id=actor.account_id,
        actor_name=actor.name,
        action=action,
        subject_id=patient_id,
        detail={"review_id": review_id},
    )
