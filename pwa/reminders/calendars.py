"""The days of the check-ins for a calendar (RFC 5545): as a file, and under a secret address.

An entry says neither what it is about nor whose it is. Its hour is "floating": the same on the
clock on the wall wherever the phone is, so that no time zone is told. Callers open the transaction.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from typing import cast

from sqlalchemy import delete, select

from pwa.accounts import people
from pwa.accounts.models import Account
from pwa.accounts.sessions import Principal
from pwa.check_ins import expected
from pwa.database import db
from pwa.practice import clinics
from pwa.problems import NotFound
from pwa.reminders import acts, slots
from pwa.reminders.models import CalendarLink, ReminderSetting
from pwa.reminders.phones import hash_of, rhythm_of

TOKEN_BYTES = 32


@dataclass(frozen=True)
class Reader:
    """Whose days an address opens, and in which language."""

    clinic_id: str
    patient_id: str
    language: str


def open_link(who: Principal, *, language: str, at: datetime) -> str:
    """Make a secret address and return its token, which is told only now. An older one ends."""
    people.lock_patient(clinic_id=who.clinic_id, account_id=who.account_id)
    _delete_link(who)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    db.session.add(
        CalendarLink(
            clinic_id=who.clinic_id,
            token_hash=hash_of(token),
            patient_id=who.account_id,
            language=language,
            created_at=at,
        )
    )
    acts.record(who, "calendar.opened", at=at)
    return token


def close_link(who: Principal, *, at: datetime) -> None:
    """Let the address lead nowhere."""
    if _delete_link(who):
        acts.record(who, "calendar.closed", at=at)


def link_since(who: Principal) -> datetime | None:
    """Since when this patient has an address; None: there is none."""
    return db.session.scalars(
        select(CalendarLink.created_at).where(
            CalendarLink.clinic_id == who.clinic_id, CalendarLink.patient_id == who.account_id
        )
    ).one_or_none()


def reader_of(token: str) -> Reader:
    """Whose days this token opens. Raises NotFound, also where the account is closed."""
    row = db.session.execute(
        select(CalendarLink.clinic_id, CalendarLink.patient_id, CalendarLink.language)
        .join(Account, Account.account_id == CalendarLink.patient_id)
        .where(
            CalendarLink.token_hash == hash_of(token),
            Account.is_active,
            Account.erased_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    return Reader(*row)


def draw(*, clinic_id: str, patient_id: str, title: str, at: datetime) -> bytes:
    """The calendar of the days from today on, as an .ics file.

    Args:
        title: what each entry says.
    """
    schedule = clinics.schedule(clinic_id)
    setting = db.session.get(ReminderSetting, (clinic_id, patient_id))
    now = at.astimezone(UTC)
    if setting is not None:
        now = rhythm_of(setting, schedule).local(at)
    days = slots.to_come(
        expected.watched(clinic_id=clinic_id, patient_id=patient_id, at=at),
        days=schedule.days,
        today=now.date(),
        at=schedule.reminder_at,
    )
    ics = import_module("pwa.reminders.ics")
    return cast(bytes, ics.draw(days, patient_id=patient_id, title=title, at=at))


def _delete_link(who: Principal) -> bool:
    done = db.session.execute(
        delete(CalendarLink).where(
            CalendarLink.clinic_id == who.clinic_id, CalendarLink.patient_id == who.account_id
        )
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]
