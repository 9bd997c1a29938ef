"""How a patient gets in: where they are signed in, which phones have sent, and the last card.

Callers open the transaction around what writes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select

from pwa.accounts import people, sessions
from pwa.accounts.models import Invite
from pwa.accounts.people import Actor
from pwa.accounts.sessions import OpenSession
from pwa.audit import log as audit_log
from pwa.check_ins.models import CheckInEvent, Device, DiscardedNumber
from pwa.database import db
from pwa.problems import NotFound


@dataclass(frozen=True)
class Phone:
    """One installation, numbered in the order in which they first sent something."""

    number: int
    first_at: datetime
    last_at: datetime
    arrived_count: int
    missing_count: int


@dataclass(frozen=True)
class Card:
    """The last code that was made. `state` is waiting, used, replaced or run_out."""

    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    state: str


@dataclass(frozen=True)
class Access:
    """Everything of how this patient gets in and sends."""

    sign_ins: tuple[OpenSession, ...]
    phones: tuple[Phone, ...]
    card: Card | None

    @property
    def gap_count(self) -> int:
        """How many entries the phones have numbered and not yet delivered."""
        return sum(phone.missing_count for phone in self.phones)


def read_access(
    *, clinic_id: str, patient_id: str, rows: Iterable[CheckInEvent], at: datetime
) -> Access:
    """Read it. The caller has checked that it is this clinic's patient; `rows` are all events."""
    return Access(
        sign_ins=tuple(sessions.open_sessions(patient_id, role="patient", token="", at=at)),
        phones=_phones(clinic_id, patient_id, rows),
        card=_card(clinic_id, patient_id, at),
    )


def end_session(*, actor: Actor, patient_id: str, session_id: str, at: datetime) -> None:
    """Sign a patient out of one browser. What is unsent there stays there, sealed.

    Raises:
        NotFound: no open session of this patient of this clinic.
    """
    people.find_patient(clinic_id=actor.clinic_id, account_id=patient_id)
    if not sessions.end_one(patient_id, session_id=session_id, at=at):
        raise NotFound
    audit_log.record_act(actor, "patient.session_ended", at=at, subject_id=patient_id)


def end_all_sessions(*, actor: Actor, patient_id: str, at: datetime) -> None:
    """Sign a patient out everywhere."""
    people.find_patient(clinic_id=actor.clinic_id, account_id=patient_id)
    sessions.end_all(patient_id, at=at)
    audit_log.record_act(actor, "patient.sessions_ended", at=at, subject_id=patient_id)


def _phones(clinic_id: str, patient_id: str, rows: Iterable[CheckInEvent]) -> tuple[Phone, ...]:
    by_device: dict[str, list[CheckInEvent]] = defaultdict(list)
    for row in rows:
        by_device[row.device_id].append(row)
    devices = db.session.execute(_devices(), _mine(clinic_id, patient_id)).all()
    has_gap = any(one.contiguous < one.highest for one in devices)
    discarded = _discarded(clinic_id, patient_id) if has_gap else defaultdict(set)
    known = [one for one in devices if by_device[one.device_id]]
    ordered = sorted(known, key=lambda one: min(row.seq for row in by_device[one.device_id]))
    return tuple(
        _phone(number, one, by_device[one.device_id], discarded[one.device_id])
        for number, one in enumerate(ordered, start=1)
    )


@cache
def _devices() -> Select[*tuple[Any, ...]]:
    return select(Device.device_id, Device.contiguous, Device.highest).where(
        Device.clinic_id == bindparam("clinic_id"), Device.patient_id == bindparam("patient_id")
    )


def _mine(clinic_id: str, patient_id: str) -> dict[str, str]:
    return {"clinic_id": clinic_id, "patient_id": patient_id}


def _phone(number: int, device: Any, rows: list[CheckInEvent], discarded: set[int]) -> Phone:
    here = {row.dseq for row in rows} | discarded
    above = sum(device.contiguous < dseq <= device.highest for dseq in here)
    return Phone(
        number=number,
        first_at=min(row.received_at for row in rows),
        last_at=max(row.received_at for row in rows),
        arrived_count=len(rows),
        missing_count=device.highest - device.contiguous - above,
    )


def _discarded(clinic_id: str, patient_id: str) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for device_id, dseq in db.session.execute(
        select(DiscardedNumber.device_id, DiscardedNumber.dseq).where(
            DiscardedNumber.clinic_id == clinic_id, DiscardedNumber.patient_id == patient_id
        )
    ):
        found[device_id].add(dseq)
    return found


def _card(clinic_id: str, patient_id: str, at: datetime) -> Card | None:
    invite = db.session.execute(_last_invite(), _mine(clinic_id, patient_id)).one_or_none()
    if invite is None:
        return None
    return Card(
        created_at=invite.created_at,
        expires_at=invite.expires_at,
        used_at=invite.used_at,
        state=_state(invite, at),
    )


@cache
def _last_invite() -> Select[*tuple[Any, ...]]:
    return (
        select(Invite.created_at, Invite.expires_at, Invite.used_at, Invite.revoked_at)
        .where(
            Invite.clinic_id == bindparam("clinic_id"),
            Invite.account_id == bindparam("patient_id"),
        )
        .order_by(Invite.created_at.desc())
        .limit(1)
    )


def _state(invite: Any, at: datetime) -> str:
    if invite.used_at is not None:
        return "used"
    if invite.revoked_at is not None:
        return "replaced"
    return "waiting" if invite.expires_at > at else "run_out"
