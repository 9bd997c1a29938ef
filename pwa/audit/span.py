"""A stretch of time in one clinic's chain, found without reading the chain.

Numbers have no holes and grow with the time, so that both ends are found by halving: some twenty
small questions where a search by time would read every entry of the clinic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

from pwa.audit.models import AuditEntry, AuditHead
from pwa.database import db


@dataclass(frozen=True)
class Span:
    """The entries of one clinic from `begins` until before `ends`."""

    clinic_id: str
    begins: datetime
    ends: datetime
    first_no: int
    end_no: int

    def conditions(self) -> tuple[ColumnElement[bool], ...]:
        """Where these entries are. A clock that was set back is caught by the times."""
        return (
            AuditEntry.clinic_id == self.clinic_id,
            AuditEntry.chain_no >= self.first_no,
            AuditEntry.chain_no < self.end_no,
            AuditEntry.at >= self.begins,
            AuditEntry.at < self.ends,
        )


def span_of(*, clinic_id: str, begins: datetime, ends: datetime) -> Span:
    """The stretch between two instants."""
    last = db.session.scalar(select(AuditHead.chain_no).where(AuditHead.clinic_id == clinic_id))
    count = last or 0
    return Span(
        clinic_id=clinic_id,
        begins=begins,
        ends=ends,
        first_no=_first_since(clinic_id, begins, count=count),
        end_no=_first_since(clinic_id, ends, count=count),
    )


def entries_of(
    span: Span, *, actor_id: str, before: int | None, limit: int
) -> Sequence[AuditEntry]:
    """What one person did in it, newest first; older than the entry `before`."""
    query = select(AuditEntry).where(*span.conditions(), AuditEntry.actor_id == actor_id)
    if before is not None:
        query = query.where(AuditEntry.entry_id < before)
    return db.session.scalars(query.order_by(AuditEntry.chain_no.desc()).limit(limit)).all()


def _first_since(clinic_id: str, at: datetime, *, count: int) -> int:
    """The number of the first entry at this instant or later; one past the end where none is."""
    low, high = 1, count + 1
    if count and _is_before(clinic_id, count, at):
        return high  # the usual question is about today, which has no end yet
    while low < high:
        middle = (low + high) // 2
        if _is_before(clinic_id, middle, at):
            low = middle + 1
        else:
            high = middle
    return low


def _is_before(clinic_id: str, number: int, at: datetime) -> bool:
    found = db.session.scalar(
        select(AuditEntry.at).where(
            AuditEntry.clinic_id == clinic_id, AuditEntry.chain_no == number
        )
    )
    return found is None or found < at
