"""The clinic's patients by name, and searching them. What they sent is `patient`'s matter."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from pwa.accounts.models import Account, Patient
from pwa.check_ins.levels import LEVEL_OF
from pwa.check_ins.models import Attention
from pwa.database import db
from pwa.problems import NotFound

PAGE_SIZE = 50
LONGEST_SEARCH = 120


@dataclass(frozen=True)
class Listed:
    """One patient in the list. `level` is of what is unread, if `unread_count` is not 0."""

    patient_id: str
    display_name: str
    second_identifier: str
    phone_number: str
    is_active: bool
    has_joined: bool
    unread_count: int
    level: str | None


@dataclass(frozen=True)
class Listing:
    """One page of the list; `next_id` is the last one's id where there are more."""

    found: tuple[Listed, ...]
    next_id: str | None


def count(clinic_id: str) -> int:
    """How many patients this clinic has."""
    found = db.session.scalar(
        select(func.count()).select_from(Patient).where(Patient.clinic_id == clinic_id)
    )
    return found or 0


def search(
    *, clinic_id: str, text: str = "", after_id: str | None = None, limit: int = PAGE_SIZE
) -> Listing:
    """Patients whose name or identifier holds the text, by name; all of them for no text."""
    name = func.lower(Account.display_name)
    query = (
        select(Account, Patient, Attention)
        .join(Patient, Patient.account_id == Account.account_id)
        .outerjoin(
            Attention,
            (Attention.clinic_id == Patient.clinic_id)
            & (Attention.patient_id == Patient.account_id),
        )
        .where(Account.clinic_id == clinic_id, Patient.clinic_id == clinic_id)
        .order_by(name, Account.account_id)
        .limit(limit + 1)
    )
    words = " ".join(text.split())[:LONGEST_SEARCH]
    if words:
        query = query.where(
            Account.display_name.icontains(words, autoescape=True)
            | Patient.second_identifier.icontains(words, autoescape=True)
        )
    if after_id is not None:
        # Names stay out of addresses: the last one shown is named by id and looked up here.
        last = db.session.scalar(
            select(name).where(Account.clinic_id == clinic_id, Account.account_id == after_id)
        )
        if last is None:
            raise NotFound
        query = query.where((name > last) | ((name == last) & (Account.account_id > after_id)))
    rows = db.session.execute(query).all()
    found = tuple(_listed(*row) for row in rows[:limit])
    return Listing(found=found, next_id=found[-1].patient_id if len(rows) > limit else None)


def _listed(account: Account, patient: Patient, attention: Attention | None) -> Listed:
    return Listed(
        patient_id=account.account_id,
        display_name=account.display_name,
        second_identifier=patient.second_identifier,
        phone_number=patient.phone_number,
        is_active=account.is_active,
        has_joined=account.password_hash is not None,
        unread_count=0 if attention is None else attention.unread_count,
        level=None if attention is None else LEVEL_OF[attention.rank],
    )
