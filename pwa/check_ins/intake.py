"""Taking in what a phone sends: each event gets exactly one answer, and a bad one blocks none.

Call inside one write transaction; the answers may be told only after it has been committed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from pydantic import ValidationError
from sqlalchemy import CursorResult, literal, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from pwa.accounts import people
from pwa.accounts.models import Patient
from pwa.check_ins import attention, expected, verdicts
from pwa.check_ins.course import Course, load_course
from pwa.check_ins.gaps import first_missing
from pwa.check_ins.levels import highest
from pwa.check_ins.models import CheckInEvent, Device, DiscardedNumber, ErasedEvent
from pwa.check_ins.wire import Batch, Event, content_hash, first_problem
from pwa.database import db, is_sqlite
from pwa.guidance import questions
from pwa.guidance.library import Library
from pwa.guidance.questions import Form
from pwa.treatments import records
from pwa.treatments.records import TreatmentRecord

DAY = timedelta(hours=24)
JUDGED = ("create", "amend")
ERASED: dict[str, str | None] = {
    "kind": "erased",
    "field": None,
    "detail": "the record was erased at the patient's request",
}


@dataclass(frozen=True)
class Limits:
    """How much one patient may send (events a day, installations)."""

    daily_check_ins: int
    devices: int


@dataclass(frozen=True)
class Result:
    """The answer to one event."""

    event_id: str
    status: str
    seq: int | None = None
    received_at: datetime | None = None
    level: str | None = None
    reasons: tuple[str, ...] = ()
    problem: dict[str, str | None] | None = None

    def for_wire(self) -> dict[str, Any]:
        """The result as the phone reads it."""
        received = None if self.received_at is None else self.received_at.isoformat()
        return {
            "event_id": self.event_id,
            "status": self.status,
            "seq": self.seq,
            "received_at": received,
            "level": self.level,
            "reasons": list(self.reasons),
            "problem": self.problem,
        }


@dataclass(frozen=True)
class Receipt:
    """The answers to a batch, and how far the device's numbering has arrived."""

    results: tuple[Result, ...]
    contiguous: int
    missing: tuple[int, ...]


@dataclass(frozen=True)
class _Met:
    """What of a batch other people of the clinic have, and what was erased."""

    event_ids: frozenset[str] = frozenset()
    places: frozenset[tuple[str, int]] = frozenset()
    erased_ids: frozenset[str] = frozenset()


@dataclass
class _Intake:
    patient: Patient
    course: Course
    library: Library
    limits: Limits
    at: datetime
    clock_offset_s: int
    sent_today: int = 0
    needs_second_look: bool = False
    met: _Met = field(default_factory=_Met)
    places: dict[tuple[str, int], str] = field(default_factory=dict)
    """By device and number: the event that this patient stored there."""
    devices: dict[str, Device] = field(default_factory=dict)
    """All installations of this patient."""
    touched: set[str] = field(default_factory=set)
    """The installations that this batch names."""


class _Refused(Exception):
    def __init__(self, status: str, kind: str, detail: str, where: str | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.problem = {"kind": kind, "field": where, "detail": detail}


def take_in(
    batch: Batch,
    *,
    clinic_id: str,
    patient_id: str,
    library: Library,
    limits: Limits,
    at: datetime,
) -> Receipt:
    """Store what can be stored of a batch, judge it, and answer each event."""
    patient = people.lock_patient(clinic_id=clinic_id, account_id=patient_id)
    treatments = records.of_patient(clinic_id=clinic_id, patient_id=patient_id)
    intake = _Intake(
        patient=patient,
        course=load_course(clinic_id=clinic_id, patient_id=patient_id, treatments=treatments),
        library=library,
        limits=limits,
        at=at,
        clock_offset_s=round((at - batch.sent_at).total_seconds()),
    )
    intake.sent_today = sum(row.received_at > at - DAY for row in intake.course.rows.values())
    intake.places = {(row.device_id, row.dseq): row.event_id for row in intake.course.rows.values()}
    intake.devices = _devices(clinic_id, patient_id)
    read = [_read(raw) for raw in batch.events]
    intake.met = _meet(intake, [event for event in read if isinstance(event, Event)])
    seq_before = patient.log_seq
    with db.session.no_autoflush:  # nothing below asks for what it has added itself
        _note_discarded(intake, batch)
        results = tuple(
            _answer(intake, raw, event) for raw, event in zip(batch.events, read, strict=True)
        )
    db.session.flush()
    if intake.needs_second_look:
        verdicts.take_again(intake.course, patient, library=library, at=at, cause="late_event")
    contiguous, missing = _progress(intake, batch.device_id)
    if patient.log_seq > seq_before or batch.discarded:
        attention.refresh(clinic_id=clinic_id, patient_id=patient_id, course=intake.course)
        expected.refresh(clinic_id=clinic_id, patient_id=patient_id, at=at)
    return Receipt(results=results, contiguous=contiguous, missing=missing)


def refuse_erased(batch: Batch) -> Receipt:
    """The answers to a batch of somebody whose record was erased: the phone lets go of each."""
    results = tuple(
        Result(event_id=raw["event_id"], status="rejected", problem=dict(ERASED))
        for raw in batch.events
    )
    return Receipt(results=results, contiguous=0, missing=())


def _read(raw: dict[str, Any]) -> Event | _Refused:
    try:
        return Event.model_validate(raw)
    except ValidationError as error:
        where, what = first_problem(error)
        return _Refused("rejected", "invalid", what, where)


def _devices(clinic_id: str, patient_id: str) -> dict[str, Device]:
    rows = db.session.scalars(
        select(Device).where(Device.clinic_id == clinic_id, Device.patient_id == patient_id)
    )
    return {row.device_id: row for row in rows}


def _meet(intake: _Intake, events: Sequence[Event]) -> _Met:
    """Look once for all of a batch, not once for each event."""
    clinic_id = intake.patient.clinic_id
    ids = {name for event in events for name in (event.event_id, event.supersedes) if name}
    ids -= intake.course.rows.keys()
    wanted = {(event.device_id, event.dseq) for event in events} - intake.places.keys()
    if not ids and not wanted:
        return _Met()
    stored = select(CheckInEvent.event_id, literal(False)).where(
        CheckInEvent.clinic_id == clinic_id, CheckInEvent.event_id.in_(ids)
    )
    erased = select(ErasedEvent.event_id, literal(True)).where(
        ErasedEvent.clinic_id == clinic_id, ErasedEvent.event_id.in_(ids)
    )
    met = db.session.execute(stored.union_all(erased)).all()
    places = db.session.execute(
        select(CheckInEvent.device_id, CheckInEvent.dseq).where(
            CheckInEvent.clinic_id == clinic_id,
            CheckInEvent.device_id.in_({device_id for device_id, _ in wanted}),
            CheckInEvent.dseq.in_({dseq for _, dseq in wanted}),
        )
    ).all()
    return _Met(
        event_ids=frozenset(event_id for event_id, is_erased in met if not is_erased),
        places=frozenset((device_id, dseq) for device_id, dseq in places) & wanted,
        erased_ids=frozenset(event_id for event_id, is_erased in met if is_erased),
    )


def _answer(intake: _Intake, raw: dict[str, Any], event: Event | _Refused) -> Result:
    try:
        if isinstance(event, _Refused):
            raise event
        return _take_one(intake, raw, event)
    except _Refused as refusal:
        return Result(event_id=raw["event_id"], status=refusal.status, problem=refusal.problem)


def _take_one(intake: _Intake, raw: dict[str, Any], event: Event) -> Result:
    if event.owner != intake.patient.account_id:
        raise _Refused("rejected", "not-yours", "this check-in belongs to another account")
    digest = content_hash(raw)
    known = intake.course.rows.get(event.event_id)
    if known is not None:
        return _known(intake, known, digest)
    if event.event_id in intake.met.event_ids:
        raise _id_conflict()
    if event.event_id in intake.met.erased_ids:
        raise _Refused("rejected", "erased", "this check-in was erased")
    _check_versions(intake, event)
    _check_place(intake, event)
    treatment = intake.course.treatments.get(event.treatment_id)
    if treatment is None:
        raise _Refused("rejected", "not-yours", "there is no such treatment", "treatment_id")
    _check_link(intake, event)
    _check_answers(intake, event, treatment)
    if intake.sent_today >= intake.limits.daily_check_ins:
        raise _Refused("deferred", "daily-limit", "that is as much as we take in a day")
    row = _store(intake, event, raw, digest)
    return Result(
        event_id=row.event_id,
        status="stored",
        seq=row.seq,
        received_at=row.received_at,
        **_judgement(intake, row),
    )


def _id_conflict() -> _Refused:
    return _Refused("rejected", "id-conflict", "this id already names another check-in")


def _known(intake: _Intake, row: CheckInEvent, digest: str) -> Result:
    if row.content_sha256 != digest:
        raise _id_conflict()
    return Result(
        event_id=row.event_id,
        status="duplicate",
        seq=row.seq,
        received_at=row.received_at,
        **_judgement(intake, row),
    )


def _judgement(intake: _Intake, row: CheckInEvent) -> dict[str, Any]:
    known = intake.course.verdicts[row.event_id]
    top = highest(one for one in known if one.made_by is None)  # a person's comes as a change
    return {} if top is None else {"level": top.level, "reasons": tuple(top.reasons)}


def _check_versions(intake: _Intake, event: Event) -> None:
    if event.form_version not in intake.library.forms:
        raise _Refused("deferred", "form-unknown", "this server does not know that form yet")
    if event.rules_version is not None and event.rules_version not in intake.library.rules:
        raise _Refused("deferred", "form-unknown", "this server does not know those rules yet")
    if event.rules_version is None and event.verdict is not None:
        raise _Refused("rejected", "invalid", "a diary entry carries no verdict", "verdict")


def _check_place(intake: _Intake, event: Event) -> None:
    place = (event.device_id, event.dseq)
    if place in intake.places or place in intake.met.places:
        raise _place_is_taken()
    if not _touch(intake, event.device_id):
        raise _Refused("deferred", "daily-limit", "too many installations", "device_id")


def _place_is_taken() -> _Refused:
    return _Refused(
        "rejected", "device-conflict", "this device number already holds another", "dseq"
    )


def _check_link(intake: _Intake, event: Event) -> None:
    if event.kind in ("start", "create"):
        if event.supersedes is not None:
            raise _Refused("rejected", "invalid", "this kind replaces nothing", "supersedes")
        return
    if event.supersedes is None or event.supersedes == event.event_id:
        raise _Refused("rejected", "invalid", "must name the check-in it is about", "supersedes")
    if event.supersedes in intake.met.event_ids:
        raise _Refused("rejected", "not-yours", "there is no such check-in", "supersedes")
    target = intake.course.rows.get(event.supersedes)
    if target is None:
        return  # it may still be on its way
    if target.kind != "create" or target.treatment_id != event.treatment_id:
        raise _Refused(
            "rejected", "invalid", "must name the original of the same treatment", "supersedes"
        )


def _check_answers(intake: _Intake, event: Event, treatment: TreatmentRecord) -> None:
    form = intake.library.forms[event.form_version]
    found = _problems(form, event, site=treatment.site)
    if found and _fits_an_earlier_site(intake, form, event, treatment):
        return  # the joint was corrected after the phone had asked
    if found:
        first = found[0]
        raise _Refused("rejected", "invalid", first.detail, f"answers.{first.field}")


def _problems(form: Form, event: Event, *, site: str) -> list[questions.Problem]:
    return questions.check_answers(form, site=site, kind=event.kind, answers=event.answers)


def _fits_an_earlier_site(
    intake: _Intake, form: Form, event: Event, treatment: TreatmentRecord
) -> bool:
    if treatment.version == 1:
        return False
    versions = records.versions_of(
        clinic_id=intake.patient.clinic_id, treatment_id=treatment.treatment_id
    )
    return any(not _problems(form, event, site=site) for site in {one.site for one in versions})


def _store(intake: _Intake, event: Event, raw: dict[str, Any], digest: str) -> CheckInEvent:
    patient = intake.patient
    row = CheckInEvent(
        clinic_id=patient.clinic_id,
        event_id=event.event_id,
        patient_id=patient.account_id,
        seq=patient.log_seq + 1,
        device_id=event.device_id,
        dseq=event.dseq,
        kind=event.kind,
        supersedes=event.supersedes,
        treatment_id=event.treatment_id,
        event=raw,
        content_sha256=digest,
        received_at=intake.at,
        clock_offset_s=intake.clock_offset_s,
    )
    _insert(row)
    intake.places[event.device_id, event.dseq] = row.event_id
    people.append_to_log(patient, type="check_in", subject_id=row.event_id, at=intake.at)
    intake.sent_today += 1
    device = intake.devices[event.device_id]
    is_late = event.dseq < device.highest
    device.highest = max(device.highest, event.dseq)
    intake.course.add(row)
    if event.kind in JUDGED:
        verdicts.first_verdict(intake.course, row, library=intake.library, at=intake.at)
    if event.kind == "start":
        people.append_to_log(patient, type="treatment", subject_id=event.treatment_id, at=intake.at)
    if is_late or event.kind in ("amend", "start", "retract") or _is_awaited(intake, event):
        intake.needs_second_look = True
    return row


def _is_awaited(intake: _Intake, event: Event) -> bool:
    """An original whose correction came first: the correction was judged on its own day."""
    return event.kind == "create" and bool(intake.course.threads[event.event_id].amendments)


def _insert(row: CheckInEvent) -> None:
    """Add an event at once, so that whoever was quicker with its id or its place shows now.

    It is no object of the session: nothing of an event ever changes.
    """
    values = {column.name: getattr(row, column.name) for column in CheckInEvent.__table__.columns}
    add = sqlite_insert if is_sqlite(db.engine) else postgresql_insert
    done = db.session.execute(
        add(CheckInEvent.__table__).on_conflict_do_nothing(),
        values,
        execution_options={"preserve_rowcount": True},
    )
    if cast("CursorResult[Any]", done).rowcount == 1:
        return
    holder = db.session.scalars(
        select(CheckInEvent.event_id).where(
            CheckInEvent.clinic_id == row.clinic_id,
            CheckInEvent.device_id == row.device_id,
            CheckInEvent.dseq == row.dseq,
        )
    ).one_or_none()
    raise _place_is_taken() if holder is not None else _id_conflict()


def _touch(intake: _Intake, device_id: str) -> bool:
    """Note that this batch names an installation. False: it would be one too many."""
    if device_id not in intake.devices:
        if len(intake.devices) >= intake.limits.devices:
            return False
        patient = intake.patient
        device = Device(
            clinic_id=patient.clinic_id,
            patient_id=patient.account_id,
            device_id=device_id,
            contiguous=0,
            highest=0,
        )
        db.session.add(device)
        intake.devices[device_id] = device
    intake.touched.add(device_id)
    return True


def _note_discarded(intake: _Intake, batch: Batch) -> None:
    if not batch.discarded or not _touch(intake, batch.device_id):
        return
    patient = intake.patient
    for dseq in set(batch.discarded):
        key = (patient.clinic_id, patient.account_id, batch.device_id, dseq)
        if db.session.get(DiscardedNumber, key) is None:
            db.session.add(
                DiscardedNumber(
                    clinic_id=patient.clinic_id,
                    patient_id=patient.account_id,
                    device_id=batch.device_id,
                    dseq=dseq,
                )
            )


def _progress(intake: _Intake, device_id: str) -> tuple[int, tuple[int, ...]]:
    """Moves each device's `contiguous` on, and tells this one's."""
    for touched in sorted(intake.touched):
        device = intake.devices[touched]
        here = _numbers_here(intake, device)
        while device.contiguous + 1 in here:
            device.contiguous += 1
    asked = intake.devices.get(device_id)
    if asked is None:
        return 0, ()
    return asked.contiguous, first_missing(asked, _numbers_here(intake, asked))


def _numbers_here(intake: _Intake, device: Device) -> set[int]:
    """The numbers above `contiguous` that are stored or discarded, from the course at hand."""
    stored = {
        row.dseq
        for row in intake.course.rows.values()
        if row.device_id == device.device_id and row.dseq > device.contiguous
    }
    if len(stored) == device.highest - device.contiguous:
        return stored
    return {*stored, *_discarded_numbers(device)}


def _discarded_numbers(device: Device) -> Sequence[int]:
    return db.session.scalars(
        select(DiscardedNumber.dseq).where(
            DiscardedNumber.clinic_id == device.clinic_id,
            DiscardedNumber.patient_id == device.patient_id,
            DiscardedNumber.device_id == device.device_id,
            DiscardedNumber.dseq > device.contiguous,
        )
    ).all()
