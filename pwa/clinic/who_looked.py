"""Who looked at one patient's record, person by person: what a clinician may know of it.

Each single act, and what was refused, is in the administrators' log (`audit_words.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, func, select

from pwa.accounts import people
from pwa.audit.models import AuditEntry
from pwa.database import db


@dataclass(frozen=True)
class Looker:
    """One person who opened or changed something of the record."""

    name: str
    is_oneself: bool
    looked: int
    done: int
    last_at: datetime


def read_lookers(*, clinic_id: str, patient_id: str, own_id: str) -> tuple[Looker, ...]:
    """Everybody but the patient, who came last first. Lists of many patients are not in it.

    Raises:
        NotFound: no patient of this clinic.
    """
    people.find_patient(clinic_id=clinic_id, account_id=patient_id)
    is_seen = AuditEntry.action.endswith(".seen", autoescape=True)
    rows = db.session.execute(
        select(
            AuditEntry.actor_id,
            AuditEntry.actor_name,
            func.sum(case((is_seen, 1), else_=0)).label("looked"),
            func.sum(case((is_seen, 0), else_=1)).label("done"),
            func.max(AuditEntry.at).label("last_at"),
        )
        .where(
            AuditEntry.clinic_id == clinic_id,
            AuditEntry.subject_id == patient_id,
            ~AuditEntry.action.startswith("denied.", autoescape=True),
            AuditEntry.actor_id.is_distinct_from(patient_id),
        )
        .group_by(AuditEntry.actor_id, AuditEntry.actor_name)
    ).all()
    found = [_looker(row, own_id=own_id) for row in rows]
    return tuple(sorted(found, key=lambda one: one.last_at, reverse=True))


def total_of(lookers: Sequence[Looker]) -> tuple[int, int]:
    """How often the record was looked at, and how often something of it was changed."""
    return sum(one.looked for one in lookers), sum(one.done for one in lookers)


def _looker(row: Row[Any], *, own_id: str) -> Looker:
    return Looker(
        name=row.actor_name,
        is_oneself=row.actor_id == own_id,
        looked=int(row.looked),
        done=int(row.done),
        last_at=row.last_at,
    )
