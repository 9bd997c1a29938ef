"""The server is killed, stopped, and asked by more clients than it has threads."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.browser.real_server import RealServer
from tests.faults.sending import NO_ANSWER, Answer, Sender, is_sound, stored_ids
from tests.tally import Tally

CLIENTS = 200


class Load:
    """Several devices that send one check-in after another until the server is gone."""

    def __init__(self, senders: list[Sender]) -> None:
        self.senders = senders
        self.acknowledged: set[str] = set()
        self.unknown: list[tuple[Sender, dict]] = []
        self._lock = threading.Lock()
        self._enough = threading.Event()
        self._wanted = 0

    def run_until(self, count: int, then: Callable[[], None]) -> None:
        """Send; once so many more are acknowledged do `then`, while the others are on their way."""
        self._enough.clear()
        self._wanted = len(self.acknowledged) + count
        threads = [threading.Thread(target=self._send, args=(one,)) for one in self.senders]
        for thread in threads:
            thread.start()
        assert self._enough.wait(30)
        then()
        for thread in threads:
            thread.join(30)

    def settle(self) -> None:
        """Send again what nobody knows about, as a phone does."""
        unknown, self.unknown = self.unknown, []
        for sender, event in unknown:
            self.acknowledged |= sender.send(event).settled

    def _send(self, sender: Sender) -> None:
        while True:
            event = sender.check_in()
            try:
                settled = sender.send(event).settled
            except NO_ANSWER:
                with self._lock:
                    self.unknown.append((sender, event))
                return
            with self._lock:
                self.acknowledged |= settled
                if len(self.acknowledged) >= self._wanted:
                    self._enough.set()


@pytest.mark.fault(20)
@pytest.mark.parametrize("kills", [3, pytest.param(12, marks=pytest.mark.whole)])
def test_kills_under_load_lose_nothing_that_was_acknowledged(
    fresh: RealServer, tally: Tally, kills: int
) -> None:
    chance = random.Random(20)  # noqa: S311 - which moment, the same ones in every run
    fresh.start()
    people = [Sender(fresh, who).sign_in() for who in ("patient", "patient_2")]
    load = Load([people[0], people[0].another_device(), people[1], people[1].another_device()])
    for _ in range(kills):
        load.run_until(chance.randint(1, 25), fresh.kill)
        tally.fault()
        assert is_sound(fresh.instance)
        assert load.acknowledged <= set(stored_ids(fresh.instance))
        fresh.start()
        load.settle()
    assert len(load.acknowledged) > kills
    assert load.unknown == []
    tally.compare(load.acknowledged, stored_ids(fresh.instance))


@pytest.mark.fault(22)
def test_a_server_that_stood_still_takes_a_check_in_once(
    steady: RealServer, sender: Sender, tally: Tally
) -> None:
    phone = sender.another_device()
    event = phone.check_in()
    steady.pause()
    tally.fault()
    try:
        with pytest.raises(TimeoutError):
            phone.send(event, timeout=1)
    finally:
        steady.go_on()
    answer = phone.send(event)
    assert answer.settled == {event["event_id"]}
    assert phone.send(event).results == {event["event_id"]: "duplicate"}
    tally.compare(answer.settled, stored_ids(steady.instance))


@pytest.mark.fault(34)
@pytest.mark.whole
def test_two_hundred_clients_at_once_are_all_served_or_told_to_wait(
    steady: RealServer, sender: Sender, tally: Tally
) -> None:
    phones = [sender.another_device() for _ in range(CLIENTS)]
    events = [phone.check_in() for phone in phones]
    together = threading.Barrier(CLIENTS)

    def send(phone: Sender, event: dict) -> Answer:
        together.wait(60)
        return phone.send(event, timeout=60)

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = list(pool.map(send, phones, events))
    tally.fault()
    acknowledged = set()
    for phone, event, answer in zip(phones, events, answers, strict=True):
        assert answer.status in (200, 503)
        if answer.status == 503:
            assert int(answer.headers["retry-after"]) >= 1
            acknowledged |= phone.send(event).settled
        acknowledged |= answer.settled
    assert acknowledged == {event["event_id"] for event in events}
    tally.compare(acknowledged, stored_ids(steady.instance))
