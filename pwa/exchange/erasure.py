"""Erasing one patient: what goes, what stays, and doing it again after a crash or a restore.

What stays says that there was somebody, and nothing about them: the account's id with the time of
erasing, the ids of the check-ins (so that an old phone cannot bring them back), and the audit log,
which names patients by id only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Delete, delete, select, update

from pwa.accounts import people
from pwa.accounts.models import (
    Account,
    Challenge,
    Invite,
    KnownAddress,
    LogEntry,
    Passkey,
    Patient,
    PatientTerm,
    PatientVersion,
    RecoveryCode,
    ResetRequest,
    Session,
)
from pwa.accounts.people import Actor
from pwa.audit import log as audit_log
from pwa.check_ins.models import (
    Attention,
    CheckInEvent,
    Claim,
    Device,
    DiscardedNumber,
    ErasedEvent,
    Expectation,
    HandOver,
    Note,
    Review,
    Unread,
    Verdict,
)
from pwa.database import db, writing
from pwa.exchange.tombstones import Tombstone, Tombstones
from pwa.reminders.models import CalendarLink, PushSubscription, ReminderSetting
from pwa.treatments.models import Treatment, TreatmentVersion

ASKED, RETENTION = "asked", "retention"
MOST_AT_ONCE = 500
BY_TREATMENT = (TreatmentVersion,)
BY_PATIENT = (
    Unread,
    Verdict,
    Attention,
    Claim,
    Expectation,
    HandOver,
    Note,
    Review,
    CheckInEvent,
    Device,
    DiscardedNumber,
    ReminderSetting,
    PushSubscription,
    CalendarLink,
    Treatment,
    PatientTerm,
    PatientVersion,
)
BY_ACCOUNT = (
    LogEntry,
    Patient,
    Invite,
    Passkey,
    RecoveryCode,
    Challenge,
    KnownAddress,
    ResetRequest,
)
"""Every table with rows about one patient, by how a row names them, children first."""


@dataclass(frozen=True)
class Erased:
    """What an erasure took away."""

    account_id: str
    event_count: int


def erase(
    *,
    actor: Actor,
    patient_id: str,
    stones: Tombstones,
    at: datetime,
    cause: str = ASKED,
) -> Erased:
    """Erase a patient of the actor's clinic. Call inside a write transaction.

    The tombstone is on disk before the first row goes. Should the transaction fail after that,
    the next start finishes what was promised. Raises NotFound.
    """
    people.find_patient(clinic_id=actor.clinic_id, account_id=patient_id)
    _hold_sessions(patient_id)
    people.lock_patient(clinic_id=actor.clinic_id, account_id=patient_id)
    stone = Tombstone(
        clinic_id=actor.clinic_id,
        account_id=patient_id,
        event_ids=tuple(_event_ids(actor.clinic_id, patient_id)),
        at=at,
        actor_id=actor.account_id,
        actor_name=actor.name,
        cause=cause,
    )
    stones.add(stone)
    return _carry_out(stone, at=at)


def replay(stones: Tombstones, *, at: datetime) -> int:
    """Erase again whatever is back, each in a transaction of its own; returns how many were."""
    again = 0
    for stone in stones.read():
        with writing():
            if not _is_done(stone):
                _carry_out(stone, at=at, is_again=True)
                again += 1
    return again


def _is_done(stone: Tombstone) -> bool:
    account = db.session.get(Account, stone.account_id)
    is_gone = account is None or account.erased_at is not None
    return is_gone and not _unknown(stone.clinic_id, stone.event_ids)


def _carry_out(stone: Tombstone, *, at: datetime, is_again: bool = False) -> Erased:
    _hold_sessions(stone.account_id)
    here = _event_ids(stone.clinic_id, stone.account_id)
    _note_events(stone, {*here, *stone.event_ids})
    for statement in _deletions(stone.clinic_id, stone.account_id):
        db.session.execute(statement.execution_options(synchronize_session=False))
    db.session.expire_all()
    _empty_account(stone)
    audit_log.record(
        at=at,
        clinic_id=stone.clinic_id,
        actor_id=stone.actor_id,
        actor_name=stone.actor_name,
        action="patient.erased",
        subject_id=stone.account_id,
        detail={
            "cause": stone.cause,
            "event_count": len(here),
            **({"again": True, "first_at": stone.at.isoformat()} if is_again else {}),
        },
    )
    return Erased(stone.account_id, len(here))


def _hold_sessions(account_id: str) -> None:
    """Waits for check-ins that are being taken in now, and empties what names the browsers.

    The sessions stay open: through them the person's phones hear that their copies must go.
    """
    db.session.execute(update(Session).where(Session.account_id == account_id).values(label=""))


def _event_ids(clinic_id: str, patient_id: str) -> list[str]:
    return list(
        db.session.scalars(
            select(CheckInEvent.event_id)
            .where(CheckInEvent.clinic_id == clinic_id, CheckInEvent.patient_id == patient_id)
            .order_by(CheckInEvent.seq)
        )
    )


def _unknown(clinic_id: str, event_ids: tuple[str, ...] | set[str]) -> set[str]:
    wanted = sorted(event_ids)
    unknown = set(wanted)
    for start in range(0, len(wanted), MOST_AT_ONCE):
        unknown -= set(
            db.session.scalars(
                select(ErasedEvent.event_id).where(
                    ErasedEvent.clinic_id == clinic_id,
                    ErasedEvent.event_id.in_(wanted[start : start + MOST_AT_ONCE]),
                )
            )
        )
    return unknown


def _note_events(stone: Tombstone, event_ids: set[str]) -> None:
    for event_id in sorted(_unknown(stone.clinic_id, event_ids)):
        db.session.add(
            ErasedEvent(clinic_id=stone.clinic_id, event_id=event_id, erased_at=stone.at)
        )
    db.session.flush()


def _deletions(clinic_id: str, account_id: str) -> list[Delete]:
    treatments = select(Treatment.treatment_id).where(
        Treatment.clinic_id == clinic_id, Treatment.patient_id == account_id
    )
    by_treatment: list[Any] = [
        (model, model.treatment_id.in_(treatments), model.clinic_id == clinic_id)
        for model in BY_TREATMENT
    ]
    by_patient: list[Any] = [
        (model, model.patient_id == account_id, model.clinic_id == clinic_id)
        for model in BY_PATIENT
    ]
    by_account: list[Any] = [(model, model.account_id == account_id) for model in BY_ACCOUNT]
    return [
        delete(model).where(*conditions)
        for model, *conditions in (*by_treatment, *by_patient, *by_account)
    ]


def _empty_account(stone: Tombstone) -> None:
    account = db.session.get(Account, stone.account_id)
    if account is None:
        return  # a backup from before this person was added
    account.username = None
    account.password_hash = None
    account.display_name = ""
    account.totp_secret = None
    account.totp_step = None
    account.erased_at = stone.at
    db.session.flush()
