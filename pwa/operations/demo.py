"""The demo clinics: made-up people, made once, through the same doors as real ones.

Their signature reads "demo, no clinician", and every page carries a banner.
"""

from __future__ import annotations

import json
import os
import uuid
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import select

from pwa.accounts import passwords, people
from pwa.accounts.models import Account
from pwa.accounts.people import Actor
from pwa.check_ins import intake
from pwa.check_ins.wire import Batch
from pwa.config import Settings
from pwa.database import db, writing
from pwa.guidance.history import derive_facts
from pwa.guidance.library import Library
from pwa.guidance.triage import judge
from pwa.operations.prepare import alone
from pwa.practice import clinics
from pwa.practice.words import Hours, Message, Number, Words
from pwa.treatments import records
from pwa.treatments.records import TreatmentForm

SIGNATURE = "demo, no clinician"
ZONE = "Europe/London"
EMERGENCY_NUMBER = "999"
PEOPLE = {
    "patient": ("ana", "Ana R."),
    "patient_2": ("ben", "Ben T."),
    "clinician": ("dr_cole", "Dr Cole"),
    "other_clinician": ("dr_dunn", "Dr Dunn"),
    "administrator": ("mo", "Mo"),
}
START = {
    "pregnant": False,
    "pain_baseline": 5,
    "immune_suppressed": False,
    "diabetes": False,
    "joint_replacement": False,
    "recent_joint_infection": False,
    "anticoagulant": False,
}
NO_SIGNS: dict[str, Any] = {
    "pain_now": 4,
    "pain_trend_self": "same",
    "swelling": "mild",
    "redness": "none",
    "warmth": False,
    "drainage": "none",
    "rash": "none",
    "numbness": False,
    "weakness": False,
    "breathless": False,
    "chest_pain": False,
    "face_swelling": False,
    "very_unwell": False,
    "neuro_severe": False,
    "limb_cold_pale": False,
    "cannot_use": "no",
    "feverish": False,
    "temp_c": None,
    "fever_medicine_6h": False,
}
OTHERS: tuple[tuple[str, str, str, str | None, int, dict[str, Any]], ...] = (
    ("Mira K.", "1961", "hip", "left", 5, {"temp_c": 38.4, "pain_now": 8, "feverish": True}),
    ("Tom O.", "R-2207", "elbow", "left", 9, {"pain_now": 7}),
    (
        "Sana L.",
        "R-2214",
        "ankle",
        "right",
        3,
        {"swelling": "moderate", "warmth": True, "calf": False, "site_alarm": False},
    ),
    ("Ivo P.", "1979", "shoulder", "right", 2, {"pain_now": 3}),
)
"""Further patients of the demo worklist: name, second identifier, joint, side, day, answers."""


MESSAGES = (
    Message(
        title="Common in these days",
        text="Thank you for your check-in. Soreness and stiffness are common in these days. Keep "
        "to your plan, and check in again when the app asks.",
    ),
    Message(
        title="Please call us",
        text="We have read your check-in and would like to talk with you. Please call us today.",
    ),
    Message(
        title="We will call you",
        text="We have read your check-in and will call you today. If it gets worse, do not wait "
        "for our call: use the numbers in the app.",
    ),
)
"""What the demo's clinics have approved for answering patients."""


def ensure_demo(*, settings: Settings, at: datetime) -> dict[str, dict[str, str]]:
    """Make the demo clinics unless they are there; returns who can sign in.

    Writes the same to `demo.json` in the instance folder, readable by its owner only.
    """
    with alone(settings):
        return _ensure_demo(settings, at=at)


def _ensure_demo(settings: Settings, *, at: datetime) -> dict[str, dict[str, str]]:
    path = settings.instance_path / "demo.json"
    if not clinics.clinic_count():
        with writing():
            _make_clinics(at=at)
    elif path.exists():
        return json.loads(path.read_text("utf-8"))
    with writing():
        told = _give_passwords()
    _write_private(path, json.dumps(told, indent=2) + "\n")
    return told


def _make_clinics(*, at: datetime) -> None:
    riverside = _open("Riverside Joint Clinic", "020 7946 0102", "020 7946 0190", at=at)
    hillside = _open("Hillside Clinic", "0113 496 0100", "0113 496 0190", at=at)
    cole = _staff(riverside, "clinician", at=at)
    _staff(riverside, "administrator", at=at)
    dunn = _staff(hillside, "other_clinician", at=at)
    _sign(riverside, cole, at=at)
    _sign(hillside, dunn, at=at)
    _patient(cole, "Ana R.", "R-2201", "knee", "right", 3, at=at, username="ana")
    _patient(cole, "Ben T.", "R-2202", "shoulder", "left", 1, at=at, username="ben")
    for name, second, site, side, day, answers in OTHERS:
        patient_id, treatment_id = _patient(cole, name, second, site, side, day, at=at)
        _check_in(cole.clinic_id, patient_id, treatment_id, site, day, answers, at=at)


def _open(name: str, phone: str, out_of_hours: str, *, at: datetime) -> str:
    hours = [Hours(weekday=day, opens="09:00", closes="17:30") for day in range(5)]
    words = Words(
        name=name,
        time_zone=ZONE,
        phone=Number(number=phone, is_tested=True),
        out_of_hours=Number(number=out_of_hours, is_tested=True),
        emergency=Number(number=EMERGENCY_NUMBER, is_tested=True),
        hours=hours,
        ice_policy="avoid",
        heat_policy="warm_after_day3",
        nsaid_avoid_before_days=5,
        nsaid_avoid_after_days=28,
        messages=list(MESSAGES),
    )
    return clinics.open_clinic(words=words, at=at, by="demo", is_demo=True)


def _staff(clinic_id: str, part: str, *, at: datetime) -> Actor:
    username, display_name = PEOPLE[part]
    role = "administrator" if part == "administrator" else "clinician"
    account = people.add_account(clinic_id=clinic_id, role=role, display_name=display_name, at=at)
    people.claim_username(account, username)
    return Actor(account.account_id, display_name, clinic_id)


def _sign(clinic_id: str, actor: Actor, *, at: datetime) -> None:
    library: Library = current_app.extensions["library"]
    clinics.sign(
        clinic_id=clinic_id,
        form_version=max(library.forms),
        rules_version=max(library.rules),
        typed_name=SIGNATURE,
        seen_version=clinics.words_version(clinic_id),
        at=at,
        actor_id=actor.account_id or "",
        actor_name=actor.name,
    )


def _patient(
    actor: Actor,
    name: str,
    second_identifier: str,
    site: str,
    side: str | None,
    day: int,
    *,
    at: datetime,
    username: str | None = None,
) -> tuple[str, str]:
    today = at.astimezone(ZoneInfo(ZONE)).date()
    patient_id = people.add_patient(
        actor=actor,
        display_name=name,
        second_identifier=second_identifier,
        phone_number="07700 900461",
        at=at,
    )
    if username is not None:
        people.claim_username(db.session.get_one(Account, patient_id), username)
    treatment_id = records.add(
        actor=actor,
        patient_id=patient_id,
        form=TreatmentForm(
            site=site,
            side=side,
            performed_on=today - timedelta(days=day),
            number=1,
            injected="Dextrose 15 % with lidocaine",
            clinician_name=actor.name,
            next_appointment_at=datetime.combine(
                today + timedelta(days=28 - day), time(10, 30), ZoneInfo(ZONE)
            ),
        ),
        today=today,
        joints=clinics.snapshot(actor.clinic_id).words.joints,
        at=at,
    )
    db.session.flush()
    start = _event(patient_id, treatment_id, "start", dict(START), None, at=at)
    _send(actor.clinic_id, patient_id, [start], at=at)
    return patient_id, treatment_id


def _check_in(
    clinic_id: str,
    patient_id: str,
    treatment_id: str,
    site: str,
    day: int,
    changed: dict[str, Any],
    *,
    at: datetime,
) -> None:
    library: Library = current_app.extensions["library"]
    asked = library.forms[max(library.forms)].questions_for(site)
    answers = {key: value for key, value in NO_SIGNS.items() if key in asked}
    answers |= {key: False for key in ("calf", "site_alarm") if key in asked}
    answers |= changed
    today = at.astimezone(ZoneInfo(ZONE)).date()
    facts = derive_facts(
        answers=answers,
        site=site,
        local_date=today.isoformat(),
        performed_on=(today - timedelta(days=day)).isoformat(),
        clock_behind=False,
        recorded_at=at.isoformat(),
        start=START,
        earlier=[],
    )
    verdict = judge(library.rules[max(library.rules)], facts)
    told = {"level": verdict.level, "reasons": list(verdict.reasons)}
    event = _event(patient_id, treatment_id, "create", answers, told, at=at)
    _send(clinic_id, patient_id, [event], at=at)


def _event(
    patient_id: str,
    treatment_id: str,
    kind: str,
    answers: dict[str, Any],
    verdict: dict[str, Any] | None,
    *,
    at: datetime,
) -> dict[str, Any]:
    library: Library = current_app.extensions["library"]
    local = at.astimezone(ZoneInfo(ZONE))
    return {
        "event_id": str(uuid.uuid4()),
        "owner": patient_id,
        "device_id": str(uuid.uuid4()),
        "dseq": 1,
        "kind": kind,
        "supersedes": None,
        "treatment_id": treatment_id,
        "form_version": max(library.forms),
        "rules_version": max(library.rules),
        "recorded_at": local.isoformat(timespec="seconds"),
        "time_zone": ZONE,
        "local_date": local.date().isoformat(),
        "clock_behind": False,
        "answers": answers,
        "verdict": verdict,
    }


def _send(clinic_id: str, patient_id: str, events: list[dict[str, Any]], *, at: datetime) -> None:
    settings: Settings = current_app.extensions["settings"]
    receipt = intake.take_in(
        Batch(
            account=patient_id,
            device_id=events[0]["device_id"],
            sent_at=at,
            events=tuple(events),
            discarded=(),
        ),
        clinic_id=clinic_id,
        patient_id=patient_id,
        library=current_app.extensions["library"],
        limits=intake.Limits(settings.daily_check_ins, settings.devices_per_account),
        at=at,
    )
    refused = [result for result in receipt.results if result.status != "stored"]
    if refused:
        raise RuntimeError(f"the demo's own check-in was refused: {refused[0].problem}")


def _give_passwords() -> dict[str, dict[str, str]]:
    told = {}
    for part, (username, _) in PEOPLE.items():
        account = db.session.scalars(
            select(Account).where(Account.username == username)
        ).one_or_none()
        if account is None:
            continue
        password = passwords.suggest()
        account.password_hash = passwords.hash_password(password)
        told[part] = {"username": username, "password": password}
    return told


def _write_private(path: Path, text: str) -> None:
    temporary = path.with_suffix(".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    temporary.replace(path)
