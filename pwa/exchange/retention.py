"""Whose record's time is over, by the clinic's own setting.

The time runs from the last thing that happened: a treatment, a check-in, an appointment that was
noted, a note, a hand-over, a code that was made, a sign-in. Nobody is due while anything of theirs
waits to be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import func, select

from pwa.accounts import people
from pwa.accounts.models import Account, Invite, Patient, Session
from pwa.accounts.people import Actor
from pwa.check_ins.models import Attention, CheckInEvent, HandOver, Note, Review, Unread
from pwa.database import db, writing
from pwa.exchange import erasure
from pwa.exchange.tombstones import Tombstones
from pwa.practice import clinics
from pwa.treatments.models import Treatment, TreatmentVersion

ACTOR = "retention"


@dataclass(frozen=True)
class Due:
    """A patient whose record may go. No name: lists end up in files."""

    clinic_id: str
    patient_id: str
    last_at: datetime


def find_due(*, at: datetime) -> list[Due]:
    """Everybody whose record's time is over, in every clinic that set one, oldest first."""
    found = []
    for clinic_id in clinics.clinic_ids():
        months = clinics.snapshot(clinic_id).words.retention_months
        if months is not None:
            found += _due_in(clinic_id, before=months_before(at, months))
    return sorted(found, key=lambda due: (due.last_at, due.patient_id))


def is_due(*, clinic_id: str, patient_id: str, at: datetime) -> bool:
    """Whether this patient's time is over now. Ask again inside the transaction that erases."""
    months = clinics.snapshot(clinic_id).words.retention_months
    if months is None:
        return False
    due = _due_in(clinic_id, before=months_before(at, months), patient_id=patient_id)
    return bool(due)


def erase_if_due(due: Due, *, stones: Tombstones, at: datetime) -> bool:
    """Erase one in a transaction of its own, if nothing has happened since; whether it was."""
    with writing():
        people.lock_patient(clinic_id=due.clinic_id, account_id=due.patient_id)
        if not is_due(clinic_id=due.clinic_id, patient_id=due.patient_id, at=at):
            return False
        erasure.erase(
            actor=Actor(None, ACTOR, due.clinic_id),
            patient_id=due.patient_id,
            stones=stones,
            at=at,
            cause=erasure.RETENTION,
        )
    return True


def months_before(at: datetime, months: int) -> datetime:
    """The same day of an earlier month, or that month's last day."""
    whole = at.year * 12 + at.month - 1 - months
    year, month = divmod(whole, 12)
    for day in range(at.day, 27, -1):
        try:
            return at.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return at.replace(year=year, month=month + 1)


def _due_in(clinic_id: str, *, before: datetime, patient_id: str | None = None) -> list[Due]:
    query = select(Account).join(
        Patient,
        (Patient.clinic_id == Account.clinic_id) & (Patient.account_id == Account.account_id),
    )
    query = query.where(Account.clinic_id == clinic_id, Account.created_at < before)
    if patient_id is not None:
        query = query.where(Account.account_id == patient_id)
    found = []
    for account in db.session.scalars(query):
        if _has_unread(clinic_id, account.account_id):
            continue
        last_at = _last_at(account)
        if last_at < before:
            found.append(Due(clinic_id, account.account_id, last_at))
    return found


def _has_unread(clinic_id: str, patient_id: str) -> bool:
    return any(
        db.session.scalar(
            select(func.count()).where(model.clinic_id == clinic_id, model.patient_id == patient_id)
        )
        for model in (Attention, Unread)
    )


def _last_at(account: Account) -> datetime:
    mine = {"clinic_id": account.clinic_id, "patient_id": account.account_id}
    queries = (
        select(func.max(CheckInEvent.received_at)).filter_by(**mine),
        select(func.max(Review.at)).filter_by(**mine),
        select(func.max(Note.at)).filter_by(**mine),
        select(func.max(HandOver.at)).filter_by(**mine),
        select(func.max(Invite.created_at)).filter_by(account_id=account.account_id),
        select(func.max(Session.active_at)).filter_by(account_id=account.account_id),
    )
    moments: list[datetime | None] = [account.created_at, *map(db.session.scalar, queries)]
    versions = db.session.scalars(
        select(TreatmentVersion)
        .join(
            Treatment,
            (Treatment.clinic_id == TreatmentVersion.clinic_id)
            & (Treatment.treatment_id == TreatmentVersion.treatment_id),
        )
        .where(Treatment.clinic_id == account.clinic_id, Treatment.patient_id == account.account_id)
    )
    for version in versions:
        moments += [
            version.recorded_at,
            version.next_appointment_at,
            _end_of(version.performed_on),
        ]
    return max(moment for moment in moments if moment is not None)


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time.max, UTC)
