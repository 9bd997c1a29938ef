"""Recording, correcting and reading treatments.

Callers open the transaction around everything that writes.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, cast

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, insert, select
from sqlalchemy.orm import InstrumentedAttribute

from pwa.accounts import many_patients, people
from pwa.accounts.people import Actor
from pwa.audit import log as audit_log
from pwa.database import db
from pwa.plain_text import one_line
from pwa.problems import Conflict, Invalid, NotFound
from pwa.treatments.models import Treatment, TreatmentVersion

SITES_WITHOUT_SIDE = ("low_back_si", "neck")
OLDEST = timedelta(days=730)
LATEST_NEXT = timedelta(days=730)


@dataclass(frozen=True)
class TreatmentForm:
    """What a clinician writes down. `performed_on` is the calendar day at the clinic."""

    site: str
    side: str | None
    performed_on: date
    number: int
    injected: str
    clinician_name: str
    next_appointment_at: datetime | None


@dataclass(frozen=True)
class TreatmentRecord:
    """A treatment as it counts now."""

    treatment_id: str
    patient_id: str
    version: int
    site: str
    side: str | None
    performed_on: date
    number: int
    injected: str
    clinician_name: str
    next_appointment_at: datetime | None


RECORD: tuple[InstrumentedAttribute[Any], ...] = (
    Treatment.treatment_id,
    Treatment.patient_id,
    TreatmentVersion.version,
    TreatmentVersion.site,
    TreatmentVersion.side,
    TreatmentVersion.performed_on,
    TreatmentVersion.number,
    TreatmentVersion.injected,
    TreatmentVersion.clinician_name,
    TreatmentVersion.next_appointment_at,
)
"""The columns of a record, in its order."""


def check(form: TreatmentForm, *, today: date, joints: Sequence[str]) -> None:
    """Refuse what cannot be true. `today` is the clinic's day. Raises Invalid by field."""
    if form.site not in joints:
        raise Invalid("Choose a joint that your clinic has switched on.", field="site")
    if form.site in SITES_WITHOUT_SIDE:
        if form.side is not None:
            raise Invalid("This joint has no left or right.", field="side")
    elif form.side not in ("left", "right"):
        raise Invalid("Choose left or right.", field="side")
    if form.performed_on > today:
        raise Invalid("That day is still to come.", field="performed_on")
    if form.performed_on < today - OLDEST:
        raise Invalid("That is more than two years ago.", field="performed_on")
    if not 1 <= form.number <= 50:
        raise Invalid("Write a number from 1 to 50.", field="number")
    if len(form.injected) > 300:
        raise Invalid("Use at most 300 letters.", field="injected")
    if not one_line(form.clinician_name) or len(form.clinician_name) > 120:
        raise Invalid("Write who gave the injections.", field="clinician_name")
    if form.next_appointment_at is not None and (
        form.next_appointment_at.date() > today + LATEST_NEXT
    ):
        raise Invalid("That is more than two years ahead.", field="next_appointment_at")


def add(
    *,
    actor: Actor,
    patient_id: str,
    form: TreatmentForm,
    today: date,
    joints: Sequence[str],
    at: datetime,
) -> str:
    """Write down a treatment and tell the patient's log; returns its id."""
    check(form, today=today, joints=joints)
    patient = people.lock_patient(clinic_id=actor.clinic_id, account_id=patient_id)
    treatment_id = str(uuid.uuid4())
    db.session.add(
        Treatment(
            clinic_id=actor.clinic_id,
            treatment_id=treatment_id,
            patient_id=patient_id,
            version=1,
            created_at=at,
        )
    )
    db.session.flush()
    _add_version(actor, treatment_id, 1, form, at)
    people.append_to_log(patient, type="treatment", subject_id=treatment_id, at=at)
    audit_log.record_act(
        actor,
        "treatment.added",
        at=at,
        subject_id=patient_id,
        detail={"treatment_id": treatment_id},
    )
    return treatment_id


def add_first(
    *, actor: Actor, treatments: Sequence[tuple[str, TreatmentForm]], at: datetime
) -> None:
    """Write down the first treatment of many patients who were added in this transaction.

    Args:
        treatments: the patients' ids, each with a treatment that `check` let pass.
    """
    ours = {"clinic_id": actor.clinic_id}
    made = [(str(uuid.uuid4()), patient_id, form) for patient_id, form in treatments]
    if not made:
        return
    db.session.execute(
        insert(Treatment),
        [
            {
                **ours,
                "treatment_id": treatment_id,
                "patient_id": patient_id,
                "version": 1,
                "created_at": at,
            }
            for treatment_id, patient_id, _ in made
        ],
    )
    db.session.execute(
        insert(TreatmentVersion),
        [
            {
                **ours,
                **asdict(form),
                "injected": one_line(form.injected),
                "clinician_name": one_line(form.clinician_name),
                "treatment_id": treatment_id,
                "version": 1,
                "recorded_by": actor.name,
                "recorded_at": at,
            }
            for treatment_id, _, form in made
        ],
    )
    many_patients.begin_logs(
        clinic_id=actor.clinic_id,
        lines=[(patient_id, "treatment", treatment_id) for treatment_id, patient_id, _ in made],
        at=at,
    )


def correct(
    *,
    actor: Actor,
    patient_id: str,
    treatment_id: str,
    form: TreatmentForm,
    today: date,
    joints: Sequence[str],
    at: datetime,
    seen_version: int | None = None,
) -> None:
    """Write a new version beside the old ones. The caller takes verdicts again.

    Raises:
        Conflict: somebody corrected it after this person opened the page.
    """
    patient = people.lock_patient(clinic_id=actor.clinic_id, account_id=patient_id)
    treatment = db.session.get(Treatment, (actor.clinic_id, treatment_id))
    if treatment is None or treatment.patient_id != patient_id:
        raise NotFound
    if seen_version is not None and treatment.version != seen_version:
        raise Conflict("Somebody corrected this treatment while you were here. Look again.")
    kept = get(clinic_id=actor.clinic_id, treatment_id=treatment_id)
    check(form, today=today, joints=(*joints, kept.site))
    treatment.version += 1
    _add_version(actor, treatment_id, treatment.version, form, at)
    people.append_to_log(patient, type="treatment", subject_id=treatment_id, at=at)
    audit_log.record_act(
        actor,
        "treatment.corrected",
        at=at,
        subject_id=patient_id,
        detail={"treatment_id": treatment_id},
    )


def get(*, clinic_id: str, treatment_id: str) -> TreatmentRecord:
    """One treatment of this clinic as it counts now. Raises NotFound."""
    found = some(clinic_id=clinic_id, treatment_ids=[treatment_id])
    if treatment_id not in found:
        raise NotFound
    return found[treatment_id]


def of_patient(*, clinic_id: str, patient_id: str) -> list[TreatmentRecord]:
    """A patient's treatments as they count now, newest day first."""
    asked = {"clinic_id": clinic_id, "patient_id": patient_id}
    return [TreatmentRecord(*row) for row in db.session.execute(_of_patient(), asked)]


def some(*, clinic_id: str, treatment_ids: Collection[str]) -> dict[str, TreatmentRecord]:
    """These treatments of this clinic as they count now, by their ids, whoever's they are."""
    asked = {"clinic_id": clinic_id, "treatment_ids": list(treatment_ids)}
    found = [TreatmentRecord(*row) for row in db.session.execute(_some(), asked)]
    return {record.treatment_id: record for record in found}


def versions_of(*, clinic_id: str, treatment_id: str) -> Sequence[TreatmentVersion]:
    """Everything ever written of one treatment, newest first."""
    return db.session.scalars(
        select(TreatmentVersion)
        .where(
            TreatmentVersion.clinic_id == clinic_id,
            TreatmentVersion.treatment_id == treatment_id,
        )
        .order_by(TreatmentVersion.version.desc())
    ).all()


def versions_of_patient(*, clinic_id: str, patient_id: str) -> Sequence[TreatmentVersion]:
    """Everything ever written of one patient's treatments, newest version first: plain rows,
    which stand for the model."""
    asked = {"clinic_id": clinic_id, "patient_id": patient_id}
    rows = db.session.execute(_versions_of_patient(), asked).all()
    return cast("Sequence[TreatmentVersion]", rows)


@cache
def _versions_of_patient() -> Select[*tuple[Any, ...]]:
    here: BindParameter[str] = bindparam("clinic_id")
    mine = select(Treatment.treatment_id).where(
        Treatment.clinic_id == here, Treatment.patient_id == bindparam("patient_id")
    )
    return (
        select(*TreatmentVersion.__table__.columns)
        .where(TreatmentVersion.clinic_id == here, TreatmentVersion.treatment_id.in_(mine))
        .order_by(TreatmentVersion.version.desc())
    )


@cache
def _of_patient() -> Select[*tuple[Any, ...]]:
    return _current(Treatment.patient_id == bindparam("patient_id"))


@cache
def _some() -> Select[*tuple[Any, ...]]:
    return _current(Treatment.treatment_id.in_(bindparam("treatment_ids")))


def _current(condition: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(*RECORD)
        .join(
            TreatmentVersion,
            (TreatmentVersion.clinic_id == Treatment.clinic_id)
            & (TreatmentVersion.treatment_id == Treatment.treatment_id)
            & (TreatmentVersion.version == Treatment.version),
        )
        .where(Treatment.clinic_id == bindparam("clinic_id"), condition)
        .order_by(TreatmentVersion.performed_on.desc(), Treatment.created_at.desc())
    )


def _add_version(
    actor: Actor, treatment_id: str, version: int, form: TreatmentForm, at: datetime
) -> None:
    db.session.add(
        TreatmentVersion(
            clinic_id=actor.clinic_id,
            treatment_id=treatment_id,
            version=version,
            site=form.site,
            side=form.side,
            performed_on=form.performed_on,
            number=form.number,
            injected=one_line(form.injected),
            clinician_name=one_line(form.clinician_name),
            next_appointment_at=form.next_appointment_at,
            recorded_by=actor.name,
            recorded_at=at,
        )
    )
