"""Handing a patient over to a colleague, or back to everybody. Callers open the transaction.

Who has them now stands in `patients.assigned_id`; who gave them to whom, and why, stays here.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from pwa.accounts import people
from pwa.accounts.people import Actor
from pwa.audit import log as audit_log
from pwa.check_ins import attention
from pwa.check_ins.models import HandOver
from pwa.check_ins.reviews import UNDO_TIME
from pwa.database import db
from pwa.problems import Conflict, Invalid, NotFound

LONGEST_REMARK = 500


def hand_over(
    *,
    actor: Actor,
    patient_id: str,
    to_id: str | None,
    to_name: str,
    remark: str,
    at: datetime,
) -> str:
    """Give this patient to a colleague (or, with None, back to everybody); returns its id.

    The caller has looked the colleague up among the clinicians of this clinic.

    Raises:
        NotFound: not this clinic's patient.
        Invalid: they have this patient already, or the remark is too long.
    """
    patient = people.lock_patient(clinic_id=actor.clinic_id, account_id=patient_id)
    if len(remark) > LONGEST_REMARK:
        raise Invalid(f"Use at most {LONGEST_REMARK} letters to hand over.", field="note")
    if patient.assigned_id == to_id:
        raise Invalid(_is_theirs_already(to_id, to_name), field="to")
    made = HandOver(
        clinic_id=actor.clinic_id,
        hand_over_id=str(uuid.uuid4()),
        patient_id=patient_id,
        from_id=actor.account_id or "",
        from_name=actor.name,
        to_id=to_id,
        to_name=to_name if to_id else "",
        before_id=patient.assigned_id,
        remark=remark.strip(),
        at=at,
    )
    db.session.add(made)
    patient.assigned_id = to_id
    attention.touch(clinic_id=actor.clinic_id, patient_id=patient_id)
    audit_log.record_act(
        actor,
        "patient.handed_over",
        at=at,
        subject_id=patient_id,
        detail={"hand_over_id": made.hand_over_id},
    )
    return made.hand_over_id


def undo(*, actor: Actor, patient_id: str, hand_over_id: str, at: datetime) -> None:
    """Take a hand-over back within its time.

    Raises:
        NotFound: not this patient's, or not this person's.
        Conflict: too late, or the patient was handed on since.
    """
    patient = people.lock_patient(clinic_id=actor.clinic_id, account_id=patient_id)
    made = db.session.get(HandOver, (actor.clinic_id, hand_over_id), populate_existing=True)
    if made is None or made.patient_id != patient_id or made.from_id != actor.account_id:
        raise NotFound
    if made.undone_at is not None:
        return
    if at > made.at + UNDO_TIME:
        raise Conflict("It is too late to undo. Hand over again instead.")
    if patient.assigned_id != made.to_id:
        raise Conflict("Somebody has handed this patient on since.")
    made.undone_at = at
    patient.assigned_id = made.before_id
    attention.touch(clinic_id=actor.clinic_id, patient_id=patient_id)
    audit_log.record_act(
        actor,
        "patient.hand_over_undone",
        at=at,
        subject_id=patient_id,
        detail={"hand_over_id": hand_over_id},
    )


def _is_theirs_already(to_id: str | None, to_name: str) -> str:
    return f"{to_name} has this patient already." if to_id else "Nobody has this patient already."
