"""What somebody did on one day at one clinic, from the audit log: counted, then act by act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from pwa.accounts.models import Account
from pwa.audit.models import AuditEntry
from pwa.audit.span import Span, entries_of, span_of
from pwa.clinic import audit_words
from pwa.clinic.audit_words import PAGE_SIZE, Page
from pwa.clinic.times import Moment
from pwa.database import db
from pwa.problems import NotFound

A_DAY = timedelta(days=1)
LONGEST_AGO = timedelta(days=3660)


@dataclass(frozen=True)
class Counts:
    """A day in numbers."""

    patients: int
    looked: int
    done: int
    refused: int


@dataclass(frozen=True)
class OwnDay:
    """One person's day. `before` and `after` are the days beside it; there is no tomorrow."""

    day: date
    before: date
    after: date | None
    counts: Counts
    acts: Page


def read_day(
    *, clinic_id: str, account_id: str, day: date, when: Moment, before: int | None = None
) -> OwnDay:
    """What this account did here on this day of the clinic, newest first.

    Args:
        before: only acts before this entry, for the next page.
    Raises:
        NotFound: a day to come, or one that is very long ago.
    """
    if not when.today - LONGEST_AGO < day <= when.today:
        raise NotFound
    span = span_of(
        clinic_id=clinic_id, begins=_midnight(day, when), ends=_midnight(day + A_DAY, when)
    )
    acts = entries_of(span, actor_id=account_id, before=before, limit=PAGE_SIZE + 1)
    return OwnDay(
        day=day,
        before=day - A_DAY,
        after=day + A_DAY if day < when.today else None,
        counts=_count(span, account_id),
        acts=audit_words.page_of(clinic_id, acts, limit=PAGE_SIZE),
    )


def _count(span: Span, account_id: str) -> Counts:
    rows = db.session.execute(
        select(AuditEntry.action, func.count())
        .where(*span.conditions(), AuditEntry.actor_id == account_id)
        .group_by(AuditEntry.action)
    )
    counts = {"seen": 0, "changed": 0, "denied": 0}
    for action, count in rows:
        counts[audit_words.kind_of(action)] += count
    return Counts(
        patients=_count_patients(span, account_id),
        looked=counts["seen"],
        done=counts["changed"],
        refused=counts["denied"],
    )


def _count_patients(span: Span, account_id: str) -> int:
    """How many patients' records were looked at one by one, or changed."""
    query = (
        select(func.count(AuditEntry.subject_id.distinct()))
        .join(Account, Account.account_id == AuditEntry.subject_id)
        .where(
            *span.conditions(),
            AuditEntry.actor_id == account_id,
            ~AuditEntry.action.startswith("denied.", autoescape=True),
            Account.clinic_id == span.clinic_id,
            Account.role == "patient",
        )
    )
    return db.session.scalars(query).one()


def _midnight(day: date, when: Moment) -> datetime:
    return datetime.combine(day, time(0), ZoneInfo(when.zone))
