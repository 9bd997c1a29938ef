"""A clinician says that a check-in is more urgent than the rules found. Never less urgent.

What the rules said stays beside it. The patient's phones hear of it when the time to undo has
passed (`reviews.settle`). Callers open the transaction.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import select

from pwa.accounts import people
from pwa.accounts.models import Patient
from pwa.accounts.people import Actor
from pwa.check_ins import attention
from pwa.check_ins.levels import RANK_OF, effective, highest
from pwa.check_ins.models import CheckInEvent, Review, Verdict
from pwa.database import db
from pwa.problems import Conflict, Invalid, NotFound

KIND = "raise"
CAUSE = "clinician"
LEVELS = ("clinic_hours", "same_day", "emergency")
LONGEST_REMARK = 500
NO_RULES = 0
"""The version of rules of a diary entry, which no rules have judged."""


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
    """Put one check-in higher; returns the id to undo it by. It waits to be read, read or not.

    Raises:
        NotFound: not this patient's check-in.
        Invalid: no such level, one that is not higher, or a remark that is too long.
    """
    people.lock_patient(clinic_id=actor.clinic_id, account_id=patient_id)
    row = _check_in(actor.clinic_id, patient_id, event_id)
    known = verdicts_of(row)
    now_level, reasons = effective(row, known)
    if level not in LEVELS:
        raise Invalid("Choose how urgent it is.", field="level")
    if RANK_OF[level] <= RANK_OF[now_level]:
        raise Invalid("Choose a level above the present one. Levels only rise.", field="level")
    if len(remark) > LONGEST_REMARK:
        raise Invalid(f"Say why in at most {LONGEST_REMARK} letters.", field="note")
    db.session.add(
        Verdict(
            clinic_id=actor.clinic_id,
            event_id=event_id,
            number=1 + max((one.number for one in known), default=0),
            patient_id=patient_id,
            level=level,
            reasons=reasons,
            cause=CAUSE,
            made_at=at,
            made_by=actor.name,
            remark=remark.strip(),
            **_as_judged(known),
        )
    )
    act = _act(actor, role, patient_id, event_id=event_id, level=level, remark=remark, at=at)
    attention.mark_unread(row, rank=RANK_OF[level])
    attention.refresh(clinic_id=actor.clinic_id, patient_id=patient_id)
    return act.review_id


def take_back(act: Review) -> None:
    """Undo a raise of a locked patient that no phone has heard of.

    Raises:
        Conflict: it became more urgent since, so there is nothing to go back to.
    """
    row = _check_in(act.clinic_id, act.patient_id, act.event_ids[0])
    known = verdicts_of(row)
    raised = _verdict_of(act, known)
    if raised is None or raised is not known[-1]:
        raise Conflict("It became more urgent in the meantime, so this cannot be undone.")
    db.session.delete(raised)
    db.session.flush()
    level, _ = effective(row, known[:-1])
    unread = attention.unread_of(clinic_id=row.clinic_id, patient_id=row.patient_id)
    if _was_read(row, known[:-1]):
        attention.mark_read(clinic_id=row.clinic_id, event_ids=[row.event_id])
    elif row.event_id in unread:
        attention.mark_unread(row, rank=RANK_OF[level])


def tell(act: Review, patient: Patient, *, at: datetime) -> None:
    """Put a raise into the log of a locked patient: it can no longer be undone."""
    [event_id] = act.event_ids
    known = verdicts_of(db.session.get_one(CheckInEvent, (act.clinic_id, event_id)))
    raised = _verdict_of(act, known)
    if raised is not None and raised is highest(known):  # else they have heard of a worse one
        people.append_to_log(
            patient, type="verdict", subject_id=f"{event_id}:{raised.number}", at=at
        )


def verdicts_of(row: CheckInEvent) -> list[Verdict]:
    """Every verdict on this event, oldest first."""
    query = select(Verdict).where(
        Verdict.clinic_id == row.clinic_id, Verdict.event_id == row.event_id
    )
    return list(db.session.scalars(query.order_by(Verdict.number)))


def _check_in(clinic_id: str, patient_id: str, event_id: str) -> CheckInEvent:
    row = db.session.get(CheckInEvent, (clinic_id, event_id))
    if row is None or row.patient_id != patient_id or row.kind not in ("create", "amend"):
        raise NotFound
    return row


def _as_judged(known: list[Verdict]) -> dict[str, Any]:
    """What the rules read and said: a person adds a level to it and takes nothing away."""
    top = highest(known)
    if top is None:
        return {"also": [], "missing": [], "facts": {}, "rules_version": NO_RULES}
    return {
        "also": list(top.also),
        "missing": list(top.missing),
        "facts": dict(top.facts),
        "rules_version": top.rules_version,
    }


def _act(
    actor: Actor,
    role: str,
    patient_id: str,
    *,
    event_id: str,
    level: str,
    remark: str,
    at: datetime,
) -> Review:
    act = Review(
        clinic_id=actor.clinic_id,
        review_id=str(uuid.uuid4()),
        patient_id=patient_id,
        event_ids=[event_id],
        reviewer_id=actor.account_id or "",
        reviewer_name=actor.name,
        reviewer_role=role,
        at=at,
        kind=KIND,
        outcome=level,
        note=remark.strip(),
        is_settled=False,
    )
    db.session.add(act)
    db.session.flush()
    return act


def _verdict_of(act: Review, known: list[Verdict]) -> Verdict | None:
    """Levels only rise, so a person has put a check-in to each of them at most once."""
    return next((one for one in known if one.cause == CAUSE and one.level == act.outcome), None)


def _was_read(row: CheckInEvent, before: list[Verdict]) -> bool:
    """Whether somebody had read it at the level that it had before it was raised."""
    judged_at = max((one.made_at for one in before), default=row.received_at)
    reviews = db.session.scalars(
        select(Review).where(
            Review.clinic_id == row.clinic_id,
            Review.patient_id == row.patient_id,
            Review.kind == "read",
            Review.undone_at.is_(None),
            Review.at >= judged_at,
        )
    )
    return any(row.event_id in review.event_ids for review in reviews)
