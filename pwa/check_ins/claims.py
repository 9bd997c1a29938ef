"""Who has a patient's check-ins open now. A claim keeps nobody out; it only tells, and lapses.

Callers open the transaction around everything that writes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select

from pwa.accounts import people
from pwa.accounts.people import Actor
from pwa.check_ins import attention
from pwa.check_ins.models import Claim
from pwa.database import db

LAPSES_AFTER = timedelta(minutes=3)
"""Without renewal: a page that was closed in a hurry, a computer that sleeps."""


@dataclass(frozen=True)
class Holder:
    """Somebody has it open, last seen at `at`."""

    account_id: str
    name: str
    at: datetime


def take(*, actor: Actor, patient_id: str, at: datetime, is_taking_over: bool = False) -> Holder:
    """Say that this person has it open, or go on saying so; returns who has it now.

    A colleague who has it keeps it, unless it is taken over. Raises NotFound.
    """
    people.lock_patient(clinic_id=actor.clinic_id, account_id=patient_id)
    row = _row(actor.clinic_id, patient_id)
    if row is not None and not is_taking_over and _is_anothers(row, actor, at):
        return _holder(row)
    is_news = row is None or row.account_id != actor.account_id or not _is_open(row, at)
    if row is None:
        row = Claim(clinic_id=actor.clinic_id, patient_id=patient_id)
        db.session.add(row)
    row.account_id, row.name, row.at = actor.account_id or "", actor.name, at
    if is_news:
        attention.touch(clinic_id=actor.clinic_id, patient_id=patient_id)
    return _holder(row)


def release(*, actor: Actor, patient_id: str) -> None:
    """This person has closed it. A colleague's claim stays. Raises NotFound."""
    people.lock_patient(clinic_id=actor.clinic_id, account_id=patient_id)
    row = _row(actor.clinic_id, patient_id)
    if row is not None and row.account_id == actor.account_id:
        db.session.delete(row)
        attention.touch(clinic_id=actor.clinic_id, patient_id=patient_id)


def holders(*, clinic_id: str, patient_ids: Iterable[str], at: datetime) -> dict[str, Holder]:
    """Who has which of these patients open now."""
    asked = {
        "clinic_id": clinic_id,
        "patient_ids": list(patient_ids),
        "lapsed": at - LAPSES_AFTER,
    }
    rows = db.session.execute(_open(), asked)
    return {patient_id: Holder(*holder) for patient_id, *holder in rows}


@cache
def _open() -> Select[*tuple[Any, ...]]:
    return select(Claim.patient_id, Claim.account_id, Claim.name, Claim.at).where(
        Claim.clinic_id == bindparam("clinic_id"),
        Claim.patient_id.in_(bindparam("patient_ids")),
        Claim.at > bindparam("lapsed"),
    )


def _row(clinic_id: str, patient_id: str) -> Claim | None:
    return db.session.get(Claim, (clinic_id, patient_id), populate_existing=True)


def _is_open(row: Claim, at: datetime) -> bool:
    return row.at > at - LAPSES_AFTER


def _is_anothers(row: Claim, actor: Actor, at: datetime) -> bool:
    return row.account_id != actor.account_id and _is_open(row, at)


def _holder(row: Claim) -> Holder:
    return Holder(row.account_id, row.name, row.at)
