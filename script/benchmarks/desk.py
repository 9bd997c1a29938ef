"""How long a clinician waits for a page: signed in, over one connection to the real server.

Time runs from the request until the last byte is here. One asks at a time.
"""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from urllib.parse import quote, urlencode

from sqlalchemy import func, select

from pwa import create_app
from pwa.accounts import passwords
from pwa.accounts.models import Account
from pwa.accounts.models import Patient as PatientRow
from pwa.check_ins.models import Attention, CheckInEvent
from pwa.database import db, writing
from pwa.operations.demo import PEOPLE
from pwa.operations.seeding.names import COLLEAGUES
from pwa.treatments.models import Treatment, TreatmentVersion
from script.benchmarks.figures import percentile, progress
from script.benchmarks.filled import Filled, Size
from script.benchmarks.patients import PASSWORD, Patient, headers, sign_in

WARM_UP = 5
SAMPLE = 200
SENDERS = 40
NEXT_PAGE = re.compile(r'href="(/clinic\?[^"]*after=[^"]*)"')
STAMP = re.compile(r'data-stamp="([^"]+)"')
SEARCHES = ("a", "an", "ana r", "07700 9004")
FILTERS = {
    "mine": "mine=1",
    "emergency": "level=emergency",
    "same day": "level=same_day",
    "clinic hours": "level=clinic_hours",
    "expected": "level=expected",
    "knee": "joint=knee",
    "a colleague's": f"by={quote(COLLEAGUES[0][1])}",
    "overdue": "overdue=1",
    "overdue knee": "overdue=1&joint=knee",
}
Ask = Callable[[], bytes]


@dataclass(frozen=True)
class Waits:
    """What asking for one kind of page gave: milliseconds, and the heaviest body gzipped (level 6,
    as a proxy in front of us would)."""

    name: str
    p50_ms: float
    p95_ms: float
    most_ms: float
    kilobytes: float
    processor_ms: float
    """What the serving processes worked for one of them, on average. It tells a busy machine from
    a slow page; PostgreSQL's own work is not in it."""


@dataclass(frozen=True)
class People:
    """Who is asked for: ids of patients, and those who send check-ins."""

    sample: tuple[str, ...]
    heaviest: str
    waiting: tuple[str, ...]
    identifiers: tuple[str, ...]
    senders: tuple[Patient, ...]
    heavy_senders: tuple[Patient, ...]


class Desk:
    """A clinician's browser."""

    def __init__(self, port: int, *, password: str) -> None:
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        told = {"username": PEOPLE["clinician"][0], "password": password}
        self.cookie = ""
        reply = self._ask("POST", "/api/v1/sign-in", json.dumps(told).encode())
        self.cookie = (reply.getheader("Set-Cookie") or "").split(";")[0]
        reply.read()

    def get(self, path: str, *, wanted: int = 200) -> bytes:
        """The body of a page."""
        return self._body(self._ask("GET", path, None), path, wanted)

    def post(self, path: str, **form: str) -> bytes:
        """The body of the answer to a form."""
        kind = "application/x-www-form-urlencoded"
        return self._body(self._ask("POST", path, urlencode(form).encode(), kind), path, 200)

    def _ask(
        self, method: str, path: str, body: bytes | None, kind: str = "application/json"
    ) -> http.client.HTTPResponse:
        told = {**headers(self.port, self.cookie), "Content-Type": kind}
        self.connection.request(method, path, body, told)
        return self.connection.getresponse()

    @staticmethod
    def _body(reply: http.client.HTTPResponse, path: str, wanted: int) -> bytes:
        body = reply.read()
        if reply.status != wanted:
            raise RuntimeError(f"{path} answered {reply.status}: {body[:300]!r}")
        return body


def measure(clinics: Sequence[Filled], *, requests: int) -> dict[Size, list[Waits]]:
    """Every page that has a bar, in clinics of these sizes. They are asked by turns, so that a
    machine that grows slower in the meantime does so for all of them."""
    crowds = [find_people(one) for one in clinics]
    found: dict[Size, list[Waits]] = {one.size: [] for one in clinics}
    with contextlib.ExitStack() as running:
        for one in clinics:
            running.enter_context(one.server.running())
        desks = [Desk(one.server.port, password=one.password) for one in clinics]
        pages = [_pages(desk, people) for desk, people in zip(desks, crowds, strict=True)]
        _ask_by_turns(clinics, pages, requests, found)
        for one, people in zip(clinics, crowds, strict=True):
            sign_in((*people.senders, *people.heavy_senders), port=one.server.port)
        arriving = [_arriving(desk, people) for desk, people in zip(desks, crowds, strict=True)]
        _ask_by_turns(clinics, arriving, requests // 4, found)
    return found


def _ask_by_turns(
    clinics: Sequence[Filled],
    pages: Sequence[Mapping[str, Sequence[Ask]]],
    requests: int,
    found: dict[Size, list[Waits]],
) -> None:
    for name in dict.fromkeys(name for some in pages for name in some):
        both = zip(clinics, pages, strict=True)
        asked = [_Asked(one, some[name]) for one, some in both if name in some]
        for one in asked:
            one.warm_up()
        for _ in range(max(1, requests)):
            for one in asked:
                one.ask()
        for one in asked:
            waits = one.waits(name)
            found[one.clinic.size].append(waits)
            progress(f"{one.clinic.database}, {one.clinic.size}: {_told(waits)}")


class _Asked:
    """One kind of page of one clinic, and what asking for it took."""

    def __init__(self, clinic: Filled, asks: Sequence[Ask]) -> None:
        self.clinic = clinic
        self.asks = cycle(asks)
        self.kinds = len(asks)
        self.took: list[float] = []
        self.heaviest = 0
        self.worked_s = 0.0

    def warm_up(self) -> None:
        """Ask for some that do not count."""
        for ask in islice(self.asks, WARM_UP):
            ask()
        self.worked_s = self.clinic.server.processor_s()

    def ask(self) -> None:
        """Ask for the next one."""
        ask = next(self.asks)
        started = time.perf_counter()
        body = ask()
        self.took.append((time.perf_counter() - started) * 1000)
        if len(self.took) <= self.kinds:
            self.heaviest = max(self.heaviest, len(gzip.compress(body, 6)))

    def waits(self, name: str) -> Waits:
        """What it took."""
        worked_s = self.clinic.server.processor_s() - self.worked_s
        return Waits(
            name=name,
            p50_ms=percentile(self.took, 50),
            p95_ms=percentile(self.took, 95),
            most_ms=max(self.took),
            kilobytes=self.heaviest / 1000,
            processor_ms=worked_s * 1000 / len(self.took),
        )


def _told(one: Waits) -> str:
    return (
        f"{one.name}: p50 {one.p50_ms:.1f}, p95 {one.p95_ms:.1f} ms, "
        f"processor {one.processor_ms:.1f} ms, {one.kilobytes:.0f} kB"
    )


def _pages(desk: Desk, people: People) -> dict[str, Sequence[Ask]]:
    first = desk.get("/clinic").decode()
    following = NEXT_PAGE.search(first)
    pages: dict[str, Sequence[Ask]] = {"worklist": _gets(desk, ["/clinic"])}
    if following is not None:
        pages["worklist, second page"] = _gets(desk, [following[1].replace("&amp;", "&")])
    pages |= {
        f"worklist, {name}": _gets(desk, [f"/clinic?{query}"]) for name, query in FILTERS.items()
    }
    pages["worklist's rows alone"] = _gets(desk, ["/clinic/worklist/rows?stamp=0"])
    pages["patient, any"] = _gets(desk, [f"/clinic/patients/{one}" for one in people.sample])
    pages["patient, the heaviest"] = _gets(desk, [f"/clinic/patients/{people.heaviest}"])
    pages["review in place"] = _gets(
        desk, [f"/clinic/patients/{one}/review" for one in people.waiting]
    )
    pages["patients by name"] = _gets(desk, ["/clinic/patients"])
    pages |= {f"search “{text}”": _searches(desk, [text]) for text in SEARCHES}
    pages["search for a number"] = _searches(desk, people.identifiers)
    return {name: asks for name, asks in pages.items() if asks}


def _gets(desk: Desk, paths: Sequence[str]) -> list[Ask]:
    return [lambda path=path: desk.get(path) for path in paths]  # type: ignore[misc]


def _searches(desk: Desk, texts: Sequence[str]) -> list[Ask]:
    return [
        lambda text=text: desk.post("/clinic/patients/found", q=text)  # type: ignore[misc]
        for text in texts
    ]


def _arriving(desk: Desk, people: People) -> dict[str, Sequence[Ask]]:
    asks = {
        "a check-in arrives": _sending(desk, people.senders),
        "a check-in of the heaviest patient arrives": _sending(desk, people.heavy_senders),
    }
    return {name: some for name, some in asks.items() if some}


def _sending(desk: Desk, senders: Sequence[Patient]) -> list[Ask]:
    def send(sender: Patient) -> bytes:
        body = sender.batch(sender.check_in())
        desk.connection.request("POST", "/api/v1/sync", body, headers(desk.port, sender.cookie))
        answer = desk.connection.getresponse().read()
        if b'"stored"' not in answer:
            raise RuntimeError(f"a check-in was not stored: {answer[:300]!r}")
        return answer

    return [lambda one=one: send(one) for one in senders]  # type: ignore[misc]


def find_people(filled: Filled) -> People:
    """Patients to ask for, the same ones at every run; senders get a password."""
    app = create_app(filled.server.environ)
    with app.app_context():
        username, _ = PEOPLE["clinician"]
        clinic_id = db.session.scalars(
            select(Account.clinic_id).where(Account.username == username)
        ).one()
        people = _find(clinic_id)
        db.session.remove()
        db.engine.dispose()
    return people


def _find(clinic_id: str) -> People:
    mine = PatientRow.clinic_id == clinic_id
    sample = db.session.scalars(
        select(PatientRow.account_id).where(mine).order_by(PatientRow.account_id).limit(SAMPLE)
    ).all()
    identifiers = db.session.scalars(
        select(PatientRow.second_identifier)
        .where(mine, PatientRow.second_identifier.startswith("R-1"))
        .order_by(PatientRow.account_id)
        .limit(SAMPLE)
    ).all()
    waiting = db.session.scalars(
        select(Attention.patient_id)
        .where(Attention.clinic_id == clinic_id)
        .order_by(Attention.rank.desc(), Attention.since)
        .limit(SAMPLE)
    ).all()
    count = func.count()
    heaviest = db.session.execute(
        select(CheckInEvent.patient_id)
        .where(CheckInEvent.clinic_id == clinic_id)
        .group_by(CheckInEvent.patient_id)
        .order_by(count.desc(), CheckInEvent.patient_id)
        .limit(SAMPLE)
    ).all()
    by_weight = [row[0] for row in heaviest]
    return People(
        sample=tuple(sample),
        heaviest=by_weight[0],
        waiting=tuple(waiting),
        identifiers=tuple(identifiers),
        senders=tuple(_senders(clinic_id, sample)[:SENDERS]),
        heavy_senders=tuple(_senders(clinic_id, by_weight)[:1]),
    )


def _senders(clinic_id: str, patient_ids: Sequence[str]) -> list[Patient]:
    """Those who were treated at a knee, with a phone of their own and a password."""
    rows = db.session.execute(
        select(Account, func.max(Treatment.treatment_id))
        .join(Treatment, Treatment.patient_id == Account.account_id)
        .join(
            TreatmentVersion,
            (TreatmentVersion.clinic_id == Treatment.clinic_id)
            & (TreatmentVersion.treatment_id == Treatment.treatment_id)
            & (TreatmentVersion.version == Treatment.version),
        )
        .where(
            Account.account_id.in_(patient_ids),
            Account.clinic_id == clinic_id,
            Account.username.is_not(None),
            TreatmentVersion.site == "knee",
        )
        .group_by(Account.account_id)
    ).all()
    known = {account.account_id: (account, treatment_id) for account, treatment_id in rows}
    found = [known[one] for one in patient_ids if one in known]
    accounts = [(account.account_id, account.username, treated) for account, treated in found]
    secret = passwords.hash_password(PASSWORD)
    with writing():
        for account_id, _, _ in accounts:
            db.session.get_one(Account, account_id).password_hash = secret
    return [
        Patient(account_id, treatment_id, username or "")
        for account_id, username, treatment_id in accounts
    ]
