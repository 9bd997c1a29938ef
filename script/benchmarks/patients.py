"""The patients of a measurement: added as a clinic adds them, signed in as they sign in."""

from __future__ import annotations

import http.client
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from pwa import create_app
from pwa.accounts import passwords, people
from pwa.accounts.models import Account
from pwa.accounts.people import Actor
from pwa.check_ins.models import CheckInEvent
from pwa.database import db, writing
from pwa.operations.prepare import prepare_database
from pwa.practice import clinics
from pwa.practice.words import Hours, Number, Words
from pwa.treatments import records
from pwa.treatments.records import TreatmentForm
from tests import making

ZONE = "Europe/London"
DAY = 3
PASSWORD = "five words that nobody chose"


@dataclass
class Patient:
    """Somebody with a knee that was treated three days ago, and a phone."""

    account_id: str
    treatment_id: str
    username: str
    device_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    cookie: str = ""
    dseq: int = 0

    def batch(self, *events: Mapping[str, Any]) -> bytes:
        """A batch as the phone sends it."""
        body = {
            "protocol": 1,
            "account": self.account_id,
            "device_id": self.device_id,
            "sent_at": _now().isoformat(timespec="seconds"),
            "events": events,
        }
        return json.dumps(body).encode()

    def check_in(self) -> dict[str, Any]:
        """A check-in of today on which nothing is wrong."""
        return self._event("create", making.answers(), making.EXPECTED)

    def start(self) -> dict[str, Any]:
        """The start questions, with no risk flags."""
        return self._event("start", making.NO_FLAGS, None)

    def _event(
        self, kind: str, answers: Mapping[str, Any], verdict: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        self.dseq += 1
        local = _now().astimezone(ZoneInfo(ZONE))
        return {
            "event_id": str(uuid.uuid4()),
            "owner": self.account_id,
            "device_id": self.device_id,
            "dseq": self.dseq,
            "kind": kind,
            "supersedes": None,
            "treatment_id": self.treatment_id,
            "form_version": 1,
            "rules_version": 1,
            "recorded_at": local.isoformat(timespec="seconds"),
            "time_zone": ZONE,
            "local_date": local.date().isoformat(),
            "clock_behind": False,
            "answers": answers,
            "verdict": verdict,
        }


def make_patients(count: int, *, environ: Mapping[str, str]) -> list[Patient]:
    """Make a clinic that signed the newest rules, and its patients."""
    app = create_app(environ)
    with app.app_context():
        prepare_database()
        with writing():
            doctor = _open_clinic(app.extensions["library"])
            made = [_add(doctor, number) for number in range(count)]
        db.session.remove()
        db.engine.dispose()
    return made


def count_check_ins(environ: Mapping[str, str]) -> int:
    """How many check-ins the database holds."""
    app = create_app(environ)
    with app.app_context():
        stored = db.session.scalar(
            select(func.count()).select_from(CheckInEvent).where(CheckInEvent.kind == "create")
        )
        db.session.remove()
        db.engine.dispose()
    return stored or 0


def sign_in(patients: Sequence[Patient], *, port: int) -> None:
    """Sign everybody in and send their start answers, over one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for patient in patients:
        body = json.dumps({"username": patient.username, "password": PASSWORD}).encode()
        reply = _post(connection, port, "/api/v1/sign-in", body, cookie="")
        patient.cookie = (reply.getheader("Set-Cookie") or "").split(";")[0]
        reply.read()
        sync = _post(
            connection, port, "/api/v1/sync", patient.batch(patient.start()), cookie=patient.cookie
        )
        answer = json.loads(sync.read())
        if sync.status != 200 or answer["results"][0]["status"] != "stored":
            raise RuntimeError(f"a start was not stored: {answer}")
    connection.close()


def headers(port: int, cookie: str) -> dict[str, str]:
    """What a browser sends along with a change from our own page."""
    return {
        "Host": f"localhost:{port}",
        "Origin": f"http://localhost:{port}",
        "Content-Type": "application/json",
        "Cookie": cookie,
    }


def _post(
    connection: http.client.HTTPConnection, port: int, path: str, body: bytes, *, cookie: str
) -> http.client.HTTPResponse:
    connection.request("POST", path, body, headers(port, cookie))
    return connection.getresponse()


def _open_clinic(library: Any) -> Actor:
    words = Words(
        name="Measured Clinic",
        time_zone=ZONE,
        phone=Number(number="020 7946 0102", is_tested=True),
        out_of_hours=Number(number="020 7946 0190", is_tested=True),
        emergency=Number(number="999", is_tested=True),
        hours=[Hours(weekday=day, opens="09:00", closes="17:30") for day in range(5)],
    )
    clinic_id = clinics.open_clinic(words=words, at=_now(), by="bench")
    account = people.add_account(
        clinic_id=clinic_id, role="clinician", display_name="Dr Bench", at=_now()
    )
    clinics.sign(
        clinic_id=clinic_id,
        form_version=max(library.forms),
        rules_version=max(library.rules),
        typed_name="Dr Bench",
        seen_version=clinics.words_version(clinic_id),
        at=_now(),
        actor_id=account.account_id,
        actor_name="Dr Bench",
    )
    return Actor(account.account_id, "Dr Bench", clinic_id)


def _add(doctor: Actor, number: int) -> Patient:
    today = _now().astimezone(ZoneInfo(ZONE)).date()
    patient_id = people.add_patient(
        actor=doctor,
        display_name=f"Patient {number}",
        second_identifier=f"B-{number}",
        phone_number="07700 900461",
        at=_now(),
    )
    account = db.session.get_one(Account, patient_id)
    people.claim_username(account, f"patient-{number}")
    account.password_hash = passwords.hash_password(PASSWORD)
    treatment_id = records.add(
        actor=doctor,
        patient_id=patient_id,
        form=TreatmentForm(
            site="knee",
            side="right",
            performed_on=today - timedelta(days=DAY),
            number=1,
            injected="Dextrose 15 %",
            clinician_name=doctor.name,
            next_appointment_at=None,
        ),
        today=today,
        joints=clinics.snapshot(doctor.clinic_id).words.joints,
        at=_now(),
    )
    return Patient(patient_id, treatment_id, f"patient-{number}")


def _now() -> datetime:
    return datetime.now(UTC)
