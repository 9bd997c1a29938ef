"""What a clinician did about check-ins: read them, called, wrote to the patient, raised a level.

Each of these may be undone for a short time by who did it, and only then is the patient told.
Notes for colleagues and hand-overs are in `notes.py` and `hand_overs.py`, raising in `raising.py`.
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
from pwa.check_ins import attention, expected, raising
from pwa.check_ins.levels import RANK_OF, SAME_DAY_RANK, effective
from pwa.check_ins.models import CheckInEvent, Review
from pwa.database import db
from pwa.problems import Conflict, Invalid, NotFound

UNDO_TIME = timedelta(seconds=10)
NO_ACTION = "no_action_needed"
OUTCOMES = {
    "spoke_with_patient": "Spoke with the patient",
    "sent_to_emergency_care": "Sent to emergency care",
    "booked_to_be_seen": "Booked to be seen",
    "already_in_care": "Already in care elsewhere",
    "left_message": "Left a message, will try again",
    NO_ACTION: "Read, no action needed",
}
NOT_REACHED = {"no_answer": "No answer", "left_message": "Left a message"}
"""How a call can end that reached nobody. It settles nothing."""
OUTCOME_WORDS = {**NOT_REACHED, **OUTCOMES}
LONGEST_NOTE = 2000
LONGEST_MESSAGE = 2000
ONLY_MESSAGE = "answer"
"""Ends a log line that brings a message and does not say that anything was read."""
READ, ANSWER, CALL = "read", "answer", "call"
DONE = {
    READ: "check_in.read",
    ANSWER: "check_in.answered",
    CALL: "check_in.called_about",
    raising.KIND: "check_in.raised",
}
UNDONE = {kind: f"{action}_undone" for kind, action in DONE.items()}


def outcomes(*, is_urgent: bool) -> dict[str, str]:
    """What can have come of it. A message left closes nothing that is urgent."""
    if not is_urgent:
        return OUTCOMES
    possible = {value: words for value, words in OUTCOMES.items() if value not in NOT_REACHED}
    return {**possible, NO_ACTION: f"{OUTCOMES[NO_ACTION]} (note why)"}


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
    message: str = "",
) -> str:
    """Note that this clinician read these events; returns the review's id.

    The events are those that were on the screen, so that one that arrived meanwhile stays
    unread. Emergency and same-day ones close only with an outcome, and with "no action needed"
    only where the note says why. `seen_levels` are the levels that stood on the screen, by event;
    one that rose since then stays unread. The patient is told of it, and given the `message`, when
    the time to undo has passed.

    Raises:
        NotFound: an event that is not this patient's.
        Conflict: somebody read them first, or one became more urgent meanwhile.
        Invalid: no outcome where one is needed, or a text that is too long.
    """
    people.lock_patient(clinic_id=actor.clinic_id, account_id=patient_id)
    rows = _events(actor.clinic_id, patient_id, event_ids)
    unread = attention.unread_of(clinic_id=actor.clinic_id, patient_id=patient_id)
    open_ids = [row.event_id for row in rows if row.event_id in unread]
    if not open_ids:
        raise Conflict(_who_was_first(actor.clinic_id, patient_id, event_ids))
    if any(
        unread[event_id] > RANK_OF.get(level, 0)
        for event_id, level in (seen_levels or {}).items()
        if event_id in open_ids
    ):
        raise Conflict("This became more urgent while you were reading it. Look again.")
    is_urgent = max(unread[event_id] for event_id in open_ids) >= SAME_DAY_RANK
    _check_outcome(outcome, note, is_urgent=is_urgent)
    review = _add(
        READ, actor, role, patient_id, open_ids, at, outcome=outcome, note=note, message=message
    )
    attention.mark_read(clinic_id=actor.clinic_id, event_ids=open_ids)
    attention.refresh(clinic_id=actor.clinic_id, patient_id=patient_id)
    expected.refresh(clinic_id=actor.clinic_id, patient_id=patient_id, at=at)
    return review.review_id


def answer(
    *,
    actor: Actor,
    role: str,
    patient_id: str,
    event_ids: Sequence[str],
    message: str,
    note: str,
    at: datetime,
) -> str:
    """Write to the patient about these check-ins; what is unread stays unread.

    Returns the id to undo it by. The same words within the time to undo are one message.

    Raises:
        NotFound: an event that is not this patient's.
        Invalid: no message, or a text that is too long.
    """
    people.lock_patient(clinic_id=actor.clinic_id, account_id=patient_id)
    rows = _events(actor.clinic_id, patient_id, event_ids)
    if not message.strip():
        raise Invalid("Write the message, or choose one.", field="message")
    sent = _sent_already(actor, patient_id, message=message.strip(), at=at)
    if sent is not None:
        return sent
    review = _add(
        ANSWER,
        actor,
        role,
        patient_id,
        [row.event_id for row in rows],
        at,
        note=note,
        message=message,
    )
    attention.touch(clinic_id=actor.clinic_id, patient_id=patient_id)
    return review.review_id


def note_call(
    *,
    actor: Actor,
    role: str,
    patient_id: str,
    event_ids: Sequence[str],
    result: str,
    note: str,
    message: str,
    at: datetime,
) -> str:
    """Note a call that reached nobody. What is unread stays unread, so somebody tries again.

    Raises:
        NotFound: an event that is not this patient's.
        Invalid: no such result, or a text that is too long.
    """
    people.lock_patient(clinic_id=actor.clinic_id, account_id=patient_id)
    rows = _events(actor.clinic_id, patient_id, event_ids)
    if result not in NOT_REACHED:
        raise Invalid("Choose how the call ended.", field="result")
    review = _add(
        CALL,
        actor,
        role,
        patient_id,
        [row.event_id for row in rows],
        at,
        outcome=result,
        note=note,
        message=message,
    )
    attention.touch(clinic_id=actor.clinic_id, patient_id=patient_id)
    return review.review_id


def raise_level(
    *,
    actor: Actor,
    role: str,
    patient_id: str,
    event_id: str,
    level: str,
    remark: str,
    at: datetime,
) -> str:
    """`raising.raise_level`, with what follows from it. Returns the id to undo it by."""
    review_id = raising.raise_level(
        actor=actor,
        role=role,
        patient_id=patient_id,
        event_id=event_id,
        level=level,
        remark=remark,
        at=at,
    )
    expected.refresh(clinic_id=actor.clinic_id, patient_id=patient_id, at=at)
    audit_log.record_act(
        actor, DONE[raising.KIND], at=at, subject_id=patient_id, detail={"review_id": review_id}
    )
    return review_id


def undo(*, actor: Actor, patient_id: str, review_id: str, at: datetime) -> None:
    """Take any of these back, within its time, by the person who did it.

    Raises:
        NotFound: not this patient's, or not this person's.
        Conflict: too late; the patient may have been told.
    """
    people.lock_patient(clinic_id=actor.clinic_id, account_id=patient_id)
    review = db.session.get(Review, (actor.clinic_id, review_id), populate_existing=True)
    if review is None or review.patient_id != patient_id or review.reviewer_id != actor.account_id:
        raise NotFound
    if review.undone_at is not None:
        return
    if review.is_settled or at > review.at + UNDO_TIME:
        raise Conflict("It is too late to undo. Write a note instead.")
    if review.kind == raising.KIND:
        raising.take_back(review)
    review.undone_at = at
    if review.kind == READ:
        _open_again(review)
    attention.refresh(clinic_id=actor.clinic_id, patient_id=patient_id)
    expected.refresh(clinic_id=actor.clinic_id, patient_id=patient_id, at=at)
    audit_log.record_act(
        actor, UNDONE[review.kind], at=at, subject_id=patient_id, detail={"review_id": review_id}
    )


def due_to_settle(*, clinic_id: str, patient_id: str, at: datetime) -> Sequence[str]:
    """Ids of reviews whose time to undo has passed and which the patient has not been told."""
    return db.session.scalars(
        select(Review.review_id)
        .where(
            Review.clinic_id == clinic_id,
            Review.patient_id == patient_id,
            Review.is_settled.is_(False),
            Review.undone_at.is_(None),
            Review.at < at - UNDO_TIME,
        )
        .order_by(Review.at, Review.kind, Review.review_id)
    ).all()


def settle(*, clinic_id: str, patient_id: str, at: datetime) -> None:
    """Put what can no longer be undone into the patient's log, in the order in which it was done.

    A check-in whose level rose in the meantime is not told as read: nobody has read what it says
    now. A message goes out all the same, once.
    """
    patient = people.lock_patient(clinic_id=clinic_id, account_id=patient_id)
    unread = attention.unread_of(clinic_id=clinic_id, patient_id=patient_id)
    for review_id in due_to_settle(clinic_id=clinic_id, patient_id=patient_id, at=at):
        review = db.session.get_one(Review, (clinic_id, review_id))
        review.is_settled = True
        if review.kind == raising.KIND:
            raising.tell(review, patient, at=at)
            continue
        for subject in _subjects(review, unread):
            people.append_to_log(patient, type="review", subject_id=subject, at=at)


def _subjects(review: Review, unread: Mapping[str, int]) -> list[str]:
    """What the log says of a review: which check-ins it read, and where its message stands."""
    read = [
        event_id for event_id in review.event_ids if review.kind == READ and event_id not in unread
    ]
    subjects = [f"{review.review_id}:{event_id}" for event_id in read]
    bearer = bearer_of(review)
    if bearer is not None and bearer not in read:
        subjects.append(f"{review.review_id}:{bearer}:{ONLY_MESSAGE}")
    return subjects


def bearer_of(review: Review) -> str | None:
    """The one check-in under which the patient finds the message: the newest of them."""
    return review.event_ids[-1] if review.message else None


def _check_outcome(outcome: str | None, note: str, *, is_urgent: bool) -> None:
    if outcome is None and is_urgent:
        raise Invalid("Choose what came of it before you close this.", field="outcome")
    if is_urgent and outcome in NOT_REACHED:
        raise Invalid(
            "A message that was left does not close this. Note the call instead.", field="outcome"
        )
    if is_urgent and outcome == NO_ACTION and not note.strip():
        raise Invalid("Note why nothing had to be done.", field="note")
    if outcome is not None and outcome not in OUTCOMES:
        raise Invalid("Choose an outcome from the list.", field="outcome")


def _add(
    kind: str,
    actor: Actor,
    role: str,
    patient_id: str,
    event_ids: Sequence[str],
    at: datetime,
    *,
    outcome: str | None = None,
    note: str = "",
    message: str = "",
) -> Review:
    check_length(note, most=LONGEST_NOTE, field="note")
    check_length(message, most=LONGEST_MESSAGE, field="message")
    review = Review(
        clinic_id=actor.clinic_id,
        review_id=str(uuid.uuid4()),
        patient_id=patient_id,
        event_ids=list(event_ids),
        reviewer_id=actor.account_id or "",
        reviewer_name=actor.name,
        reviewer_role=role,
        at=at,
        kind=kind,
        outcome=outcome,
        note=note.strip(),
        message=message.strip() or None,
        is_settled=False,
    )
    db.session.add(review)
    audit_log.record_act(
        actor, DONE[kind], at=at, subject_id=patient_id, detail={"review_id": review.review_id}
    )
    return review


def check_length(text: str, *, most: int, field: str) -> None:
    """Refuse a text that is too long, by its field and with how long it is. Raises Invalid."""
    if len(text) > most:
        raise Invalid(
            f"Use at most {most:,} letters. These are {len(text):,}; nothing was cut.", field=field
        )


def _open_again(review: Review) -> None:
    for row in _events(review.clinic_id, review.patient_id, review.event_ids):
        level, _ = effective(row, raising.verdicts_of(row))
        attention.mark_unread(row, rank=RANK_OF[level])


def _sent_already(actor: Actor, patient_id: str, *, message: str, at: datetime) -> str | None:
    return db.session.scalars(
        select(Review.review_id).where(
            Review.clinic_id == actor.clinic_id,
            Review.patient_id == patient_id,
            Review.kind == ANSWER,
            Review.reviewer_id == actor.account_id,
            Review.message == message,
            Review.undone_at.is_(None),
            Review.at >= at - UNDO_TIME,
        )
    ).first()


def _who_was_first(clinic_id: str, patient_id: str, event_ids: Sequence[str]) -> str:
    reviews = db.session.scalars(
        select(Review)
        .where(
            Review.clinic_id == clinic_id,
            Review.patient_id == patient_id,
            Review.kind == READ,
            Review.undone_at.is_(None),
        )
        .order_by(Review.at.desc())
    )
    for review in reviews:
        if set(event_ids) & set(review.event_ids):
            return f"{review.reviewer_name} has read this already."
    return "Somebody has read this already."


def _events(clinic_id: str, patient_id: str, event_ids: Sequence[str]) -> list[CheckInEvent]:
    """These events of this patient, oldest first. Raises NotFound where one is not theirs."""
    rows = db.session.scalars(
        select(CheckInEvent)
        .where(
            CheckInEvent.clinic_id == clinic_id,
            CheckInEvent.patient_id == patient_id,
            CheckInEvent.event_id.in_(list(event_ids)),
        )
        .order_by(CheckInEvent.seq)
    ).all()
    if not rows or len(rows) != len(set(event_ids)):
        raise NotFound
    return list(rows)
