"""A phone without a browser: signs in and sends check-ins over plain HTTP, and counts what the
server says of each. What a browser does with the answers is in tests/browser.
"""

from __future__ import annotations

import http.client
import json
import sqlite3
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.browser.real_server import RealServer
from tests.making import EXPECTED, answers

SETTLED = ("stored", "duplicate")
NO_LIMITS = {"DAILY_CHECK_INS": "1000000", "SYNC_CALLS_PER_MINUTE": "1000000"}
"""For a server under load: what is tested is not the limits."""


@dataclass(frozen=True)
class Answer:
    """What came back: status, headers by lower-case name, and the JSON."""

    status: int
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def results(self) -> dict[str, str]:
        """The status that is told of each event."""
        return {one["event_id"]: one["status"] for one in self.body.get("results", [])}

    @property
    def settled(self) -> set[str]:
        """The events that the server says it has."""
        return {event_id for event_id, status in self.results.items() if status in SETTLED}


class Sender:
    """One device of a patient of the demo clinic."""

    def __init__(
        self, server: RealServer, who: str = "patient", *, port: int | None = None
    ) -> None:
        self.server = server
        self.who = server.people[who]
        self.port = port or server.port
        self.device_id = str(uuid.uuid4())
        self.cookie = ""
        self.account = ""
        self.treatment_id = ""
        self._dseq = 0

    def sign_in(self) -> Sender:
        """Sign in, and read which treatment there is to check in on."""
        named = {"username": self.who["username"], "password": self.who["password"]}
        answer = self.ask("POST", "/api/v1/sign-in", named)
        assert answer.status == 200, answer
        self.cookie = answer.headers["set-cookie"].split(";")[0]
        self.account = answer.body["account"]
        changes = self.ask("GET", "/api/v1/changes").body["changes"]
        self.treatment_id = next(
            one["data"]["treatment_id"] for one in changes if one["type"] == "treatment"
        )
        return self

    def another_device(self) -> Sender:
        """The same person signed in, on another phone."""
        other = Sender(self.server, port=self.port)
        other.who, other.cookie = self.who, self.cookie
        other.account, other.treatment_id = self.account, self.treatment_id
        return other

    def check_in(self, *, note: str = "") -> dict[str, Any]:
        """A new check-in of this device, with nothing wrong."""
        self._dseq += 1
        now = datetime.now(UTC)
        return {
            "event_id": str(uuid.uuid4()),
            "owner": self.account,
            "device_id": self.device_id,
            "dseq": self._dseq,
            "kind": "create",
            "supersedes": None,
            "treatment_id": self.treatment_id,
            "form_version": 1,
            "rules_version": 1,
            "recorded_at": now.isoformat(timespec="seconds"),
            "time_zone": "UTC",
            "local_date": now.date().isoformat(),
            "clock_behind": False,
            "answers": answers(note=note or None),
            "verdict": EXPECTED,
        }

    def batch(self, *events: dict[str, Any]) -> dict[str, Any]:
        """The body that carries these."""
        return {
            "protocol": 1,
            "account": self.account,
            "device_id": self.device_id,
            "sent_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "events": list(events),
        }

    def send(self, *events: dict[str, Any], timeout: float = 30) -> Answer:
        """Send these as one batch.

        Raises:
            OSError, http.client.HTTPException: no whole answer came.
        """
        return self.ask("POST", "/api/v1/sync", self.batch(*events), timeout=timeout)

    def ask(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, timeout: float = 30
    ) -> Answer:
        """One question over a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        with closing(connection):
            raw = None if body is None else json.dumps(body).encode()
            connection.request(method, path, raw, self.headers)
            reply = connection.getresponse()
            text = reply.read()
            headers = {name.lower(): value for name, value in reply.getheaders()}
        is_json = headers.get("content-type", "").endswith("json")
        return Answer(reply.status, headers, json.loads(text) if text and is_json else {})

    @property
    def headers(self) -> dict[str, str]:
        """As one of our own pages would send them."""
        own = {"Origin": self.server.url, "Content-Type": "application/json"}
        return own | ({"Cookie": self.cookie} if self.cookie else {})


NO_ANSWER = (OSError, http.client.HTTPException, json.JSONDecodeError)
"""What a client meets when the line or the server breaks."""


def stored_ids(instance: Path) -> list[str]:
    """The ids of all check-ins in the database of a server, each as often as it is there."""
    with _looking(instance) as connection:
        return [one for (one,) in connection.execute("SELECT event_id FROM check_in_events")]


def is_sound(instance: Path) -> bool:
    """SQLite's own check of the whole file, and ours: every log counts without a hole."""
    with _looking(instance) as connection:
        [[said]] = connection.execute("PRAGMA integrity_check").fetchall()
        rows = connection.execute("SELECT account_id, seq FROM patient_log").fetchall()
    counts = Counter(patient for patient, _ in rows)
    last = {patient: max(seq for who, seq in rows if who == patient) for patient in counts}
    return said == "ok" and last == dict(counts)


@contextmanager
def _looking(instance: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(instance / "aftercare.sqlite3")) as connection:
        yield connection
