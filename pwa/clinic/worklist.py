"""Who needs somebody: one row a patient with something unread, worst first, then oldest.

Reads the maintained row of `check_ins.attention`; the words for people are made here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from pwa.accounts.models import Account, Patient
from pwa.check_ins.levels import LEVEL_OF
from pwa.check_ins.models import Attention
from pwa.clinic.told import CheckInView, read_patient_course, view_of
from pwa.database import db
from pwa.guidance.library import Library

PAGE_SIZE = 50


@dataclass(frozen=True)
class Row:
    """One patient on the worklist. `top` is the unread check-in that puts the row where it is."""

    patient_id: str
    display_name: str
    second_identifier: str
    phone_number: str
    level: str | None
    since: datetime
    unread_count: int
    newest_at: datetime
    top: CheckInView
    unread: tuple[CheckInView, ...]

    @property
    def needs_outcome(self) -> bool:
        """Whether any unread check-in closes only with an outcome."""
        return any(view.level in ("emergency", "same_day") for view in self.unread)


@dataclass(frozen=True)
class Counts:
    """How many patients have something unread, by level (None: diary)."""

    by_level: dict[str | None, int]

    @property
    def needing(self) -> int:
        """Patients at a level above `expected`."""
        urgent = ("emergency", "same_day", "clinic_hours")
        return sum(self.by_level.get(level, 0) for level in urgent)


def counts(clinic_id: str) -> Counts:
    """The counts of one clinic."""
    rows = db.session.execute(
        select(Attention.rank, func.count())
        .where(Attention.clinic_id == clinic_id)
        .group_by(Attention.rank)
    ).all()
    return Counts(by_level={LEVEL_OF[rank]: count for rank, count in rows})


def stamp(clinic_id: str) -> str:
    """Changes whenever the worklist does; cheap enough to ask every few seconds."""
    row = db.session.execute(
        select(
            func.count(),
            func.sum(Attention.unread_count),
            func.max(Attention.newest_at),
            func.sum(Attention.rank),
        ).where(Attention.clinic_id == clinic_id)
    ).one()
    return "-".join("" if part is None else str(part) for part in row)


def rows(
    *,
    clinic_id: str,
    library: Library,
    after: tuple[int, datetime, str] | None = None,
    limit: int = PAGE_SIZE,
) -> Sequence[Row]:
    """One page of the worklist, after the key of the last row seen (rank, since, patient)."""
    query = (
        select(Attention, Account, Patient)
        .join(Account, Account.account_id == Attention.patient_id)
        .join(
            Patient,
            (Patient.clinic_id == Attention.clinic_id)
            & (Patient.account_id == Attention.patient_id),
        )
        .where(Attention.clinic_id == clinic_id, Account.clinic_id == clinic_id)
        .order_by(Attention.rank.desc(), Attention.since, Attention.patient_id)
        .limit(limit)
    )
    if after is not None:
        rank, since, patient_id = after
        query = query.where(
            (Attention.rank < rank)
            | ((Attention.rank == rank) & (Attention.since > since))
            | (
                (Attention.rank == rank)
                & (Attention.since == since)
                & (Attention.patient_id > patient_id)
            )
        )
    return [
        _row(attention, account, patient, library)
        for attention, account, patient in db.session.execute(query).all()
    ]


def row_of(*, clinic_id: str, patient_id: str, library: Library) -> Row | None:
    """One patient's row, or None where nothing is unread."""
    found = db.session.execute(
        select(Attention, Account, Patient)
        .join(Account, Account.account_id == Attention.patient_id)
        .join(Patient, Patient.account_id == Attention.patient_id)
        .where(
            Attention.clinic_id == clinic_id,
            Patient.clinic_id == clinic_id,
            Attention.patient_id == patient_id,
        )
    ).one_or_none()
    return None if found is None else _row(*found, library)


def _row(attention: Attention, account: Account, patient: Patient, library: Library) -> Row:
    course = read_patient_course(clinic_id=attention.clinic_id, patient_id=attention.patient_id)
    unread = tuple(
        view_of(course, course.rows[event_id], library=library) for event_id in course.unread_ids
    )
    top = next(view for view in unread if view.event_id == attention.event_id)
    return Row(
        patient_id=attention.patient_id,
        display_name=account.display_name,
        second_identifier=patient.second_identifier,
        phone_number=patient.phone_number,
        level=LEVEL_OF[attention.rank],
        since=attention.since,
        unread_count=attention.unread_count,
        newest_at=attention.newest_at,
        top=top,
        unread=unread,
    )
