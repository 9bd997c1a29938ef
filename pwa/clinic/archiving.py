"""Archiving a patient: the account is closed, the lists leave them out, the record stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pwa.accounts import people
from pwa.accounts.people import Actor
from pwa.check_ins import expected
from pwa.check_ins.levels import LEVEL_OF, SAME_DAY_RANK
from pwa.check_ins.models import Attention
from pwa.database import db
from pwa.problems import Conflict


@dataclass(frozen=True)
class Waiting:
    """What of a patient nobody has read. `level` is the worst of it."""

    count: int
    level: str | None
    is_urgent: bool


def waiting(*, clinic_id: str, patient_id: str) -> Waiting:
    """What waits to be read."""
    found = db.session.get(Attention, (clinic_id, patient_id))
    if found is None:
        return Waiting(0, None, is_urgent=False)
    return Waiting(found.unread_count, LEVEL_OF[found.rank], found.rank >= SAME_DAY_RANK)


def archive(*, actor: Actor, patient_id: str, at: datetime) -> None:
    """Close the account, sign the patient out everywhere, and expect nothing any more.

    Call inside a write transaction. What is unread and not urgent stays on the worklist.

    Raises:
        NotFound: no patient of the actor's clinic.
        Conflict: something urgent is unread. Archived, nobody would ask after it.
    """
    people.lock_patient(clinic_id=actor.clinic_id, account_id=patient_id)
    if waiting(clinic_id=actor.clinic_id, patient_id=patient_id).is_urgent:
        raise Conflict("Something urgent of this patient is unread. Read it first.")
    _set(actor, patient_id, is_active=False, at=at)


def take_out(*, actor: Actor, patient_id: str, at: datetime) -> None:
    """Open the account again; the patient signs in as before. Call inside a write transaction."""
    people.lock_patient(clinic_id=actor.clinic_id, account_id=patient_id)
    _set(actor, patient_id, is_active=True, at=at)


def _set(actor: Actor, patient_id: str, *, is_active: bool, at: datetime) -> None:
    account, _ = people.find_patient(clinic_id=actor.clinic_id, account_id=patient_id)
    people.set_active(actor=actor, account=account, is_active=is_active, at=at)
    expected.refresh(clinic_id=actor.clinic_id, patient_id=patient_id, at=at)
