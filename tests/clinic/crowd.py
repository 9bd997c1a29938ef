"""Many patients with something unread, written straight into the tables. No test lives here."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy import insert

from pwa.accounts.models import Account, Patient
from pwa.check_ins.levels import RANK_OF
from pwa.check_ins.models import Attention, CheckInEvent, Unread, Verdict
from pwa.database import db, writing
from pwa.treatments.models import Treatment, TreatmentVersion
from tests.conftest import Person
from tests.making import answers

LEVELS = ("emergency", "same_day", "clinic_hours", "expected", "expected", "expected")
REASONS = {
    "emergency": ["E1_BREATHING"],
    "same_day": ["S3_SPREADING"],
    "clinic_hours": ["C10_INCOMPLETE"],
    "expected": ["N2_ON_TRACK"],
}
DOCTORS = ("Dr Cole", "Dr Moss", "Dr Vale")


def gather(doctor: Person, count: int, *, at: datetime) -> list[str]:
    """So many patients with one unread check-in each; returns their ids, oldest first."""
    ids = [str(uuid.uuid4()) for _ in range(count)]
    with writing():
        for number, patient_id in enumerate(ids):
            _add(doctor.clinic_id, patient_id, number, at - timedelta(minutes=count - number))
        for model in (Account, Patient, Treatment, TreatmentVersion, CheckInEvent):
            _write(model)
        for model in (Verdict, Unread, Attention):
            _write(model)
    return ids


_ROWS: dict[type, list[dict]] = {}


def _write(model: type) -> None:
    db.session.execute(insert(model), _ROWS.pop(model))


def _put(model: type, **values: object) -> None:
    _ROWS.setdefault(model, []).append(values)


def _add(clinic_id: str, patient_id: str, number: int, at: datetime) -> None:
    name = f"Crowd {number:05}"
    treatment_id, event_id, level = str(uuid.uuid4()), str(uuid.uuid4()), LEVELS[number % 6]
    site = ("knee", "ankle")[number % 2]
    here = {"clinic_id": clinic_id}
    of_patient = {**here, "patient_id": patient_id}
    _put(
        Account,
        **here,
        account_id=patient_id,
        role="patient",
        display_name=name,
        is_active=True,
        created_at=at,
    )
    _put(
        Patient,
        **here,
        account_id=patient_id,
        sort_name=name.lower(),
        second_identifier=f"C-{number}",
        phone_number="",
        log_seq=1,
    )
    _put(Treatment, **of_patient, treatment_id=treatment_id, version=1, created_at=at)
    _put(
        TreatmentVersion,
        **here,
        treatment_id=treatment_id,
        version=1,
        site=site,
        side="left",
        performed_on=at.date() - timedelta(days=3),
        number=1,
        injected="Dextrose 15 %",
        clinician_name=DOCTORS[number % 3],
        recorded_by="Dr Cole",
        recorded_at=at,
    )
    _put(
        CheckInEvent,
        **of_patient,
        event_id=event_id,
        seq=1,
        device_id=str(uuid.uuid4()),
        dseq=1,
        kind="create",
        supersedes=None,
        treatment_id=treatment_id,
        event={
            "form_version": 1,
            "rules_version": 1,
            "recorded_at": at.isoformat(),
            "local_date": at.date().isoformat(),
            "clock_behind": False,
            "answers": answers(),
            "verdict": {"level": level, "reasons": REASONS[level]},
        },
        content_sha256="0" * 64,
        received_at=at,
        clock_offset_s=0,
    )
    _put(
        Verdict,
        **of_patient,
        event_id=event_id,
        number=1,
        level=level,
        reasons=REASONS[level],
        also=[],
        missing=[],
        facts={**answers(), "site": site, "days_since": 3},
        rules_version=1,
        cause="received",
        made_at=at,
        remark="",
    )
    _put(Unread, **of_patient, event_id=event_id, rank=RANK_OF[level], received_at=at)
    _put(
        Attention,
        **of_patient,
        rank=RANK_OF[level],
        event_id=event_id,
        since=at,
        unread_count=1,
        newest_at=at,
        mark=number,
        treatment_id=treatment_id,
        site=site,
        treated_by=DOCTORS[number % 3],
        pains=[6, 5, 4],
        pain_before=5,
    )
