"""How many check-ins a second arrive: signed in, over real connections, each durable.

A check-in counts only when its own result says `stored`. Each client has patients of its own and
one connection that it keeps.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from script.benchmarks.figures import percentile
from script.benchmarks.patients import Patient, headers

MOST_TRIES = 5
Sending = tuple[dict[str, str], bytes, int]
"""Headers, body, and how many check-ins the body carries."""


@dataclass(frozen=True)
class Rate:
    """What one repetition gave.

    Attributes:
        busy: how often the server answered 503 and had to be asked again.
    """

    a_second: float
    p50_ms: float
    p99_ms: float
    stored: int
    busy: int


def singles(patients: Sequence[Patient], *, port: int, clients: int, count: int) -> Rate:
    """Send check-ins one by one, by this many clients at once."""
    work: list[list[Sending]] = [[] for _ in range(clients)]
    for number in range(count):
        client = number % clients
        own = patients[client::clients]
        patient = own[number // clients % len(own)]
        body = patient.batch(patient.check_in())
        work[client].append((headers(port, patient.cookie), body, 1))
    return _send(work, port=port)


def batches(patients: Sequence[Patient], *, port: int, size: int) -> Rate:
    """Send one full batch for each patient, one after the other."""
    work: list[Sending] = []
    for patient in patients:
        body = patient.batch(*(patient.check_in() for _ in range(size)))
        work.append((headers(port, patient.cookie), body, size))
    return _send([work], port=port)


class _Client(threading.Thread):
    """One phone after another over one connection."""

    def __init__(self, work: Sequence[Sending], *, port: int, ready: threading.Barrier) -> None:
        super().__init__(daemon=True)
        self.work = work
        self.ready = ready
        self.took: list[float] = []
        self.stored = 0
        self.busy = 0
        self.problem = ""
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def run(self) -> None:
        """Send everything; the first answer that is not what it should be ends it."""
        self.connection.connect()
        self.ready.wait()
        for sending in self.work:
            started = time.perf_counter()
            self._send_one(*sending)
            self.took.append(time.perf_counter() - started)
            if self.problem:
                break
        self.connection.close()

    def _send_one(self, own_headers: dict[str, str], body: bytes, carried: int) -> None:
        """Send it until it is stored; a busy server is asked again, and the wait counts."""
        for _ in range(MOST_TRIES):
            self.connection.request("POST", "/api/v1/sync", body, own_headers)
            reply = self.connection.getresponse()
            text = reply.read()
            if reply.status == HTTPStatus.OK and text.count(b'"stored"') == carried:
                self.stored += carried
                return
            if reply.status != HTTPStatus.SERVICE_UNAVAILABLE:
                self.problem = f"{reply.status}: {text[:300]!r}"
                return
            self.busy += 1
        self.problem = "the server stayed busy"


def _send(work: Sequence[Sequence[Sending]], *, port: int) -> Rate:
    ready = threading.Barrier(len(work) + 1)
    clients = [_Client(own, port=port, ready=ready) for own in work]
    for client in clients:
        client.start()
    ready.wait(timeout=30)
    started = time.perf_counter()
    for client in clients:
        client.join()
    seconds = time.perf_counter() - started
    problems = [client.problem for client in clients if client.problem]
    if problems:
        raise RuntimeError(f"a check-in was not stored: {problems[0]}")
    stored = sum(client.stored for client in clients)
    took = [one * 1000 for client in clients for one in client.took]
    busy = sum(client.busy for client in clients)
    return Rate(stored / seconds, percentile(took, 50), percentile(took, 99), stored, busy)


def size_of(patient: Patient) -> int:
    """The bytes of one check-in as it travels, for the floor to write as many."""
    return len(json.dumps(patient.check_in()))
