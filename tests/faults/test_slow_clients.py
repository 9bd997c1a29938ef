"""Clients that hold their connections and hardly send: a real person is still served."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.browser.real_server import RealServer
from tests.faults.sending import Sender, stored_ids
from tests.tally import Tally

HEAD = "POST /api/v1/sync HTTP/1.1\r\nHost: localhost:{port}\r\nX-Slow: a"
WHOLE_HEAD = (
    "POST /api/v1/sync HTTP/1.1\r\nHost: localhost:{port}\r\nOrigin: {origin}\r\n"
    "Cookie: {cookie}\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
)
KINDS = {
    "an unfinished head": HEAD,
    "a head and one byte of a body": WHOLE_HEAD + "{{",
    "nothing at all": "",
}
SOON_S = 10


@contextmanager
def slow_clients(server: RealServer, count: int, text: str) -> Iterator[list[socket.socket]]:
    """So many connections that sent this and then one byte now and then."""
    with ExitStack() as open_ones:
        made = []
        for _ in range(count):
            one = socket.create_connection(("127.0.0.1", server.port), timeout=SOON_S)
            made.append(open_ones.enter_context(one))
            one.sendall(text.encode())
        yield made


@pytest.mark.fault(95)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [40, 200])
def test_a_person_is_served_beside_slow_clients(
    steady: RealServer, sender: Sender, tally: Tally, count: int, kind: str
) -> None:
    text = KINDS[kind].format(port=steady.port, origin=steady.url, cookie=sender.cookie)
    phone = sender.another_device()
    with slow_clients(steady, count, text) as slow:
        tally.fault(count)
        for _ in range(3):
            drip(slow, text)
            event = phone.check_in()
            assert phone.ask("GET", "/", timeout=SOON_S).status == 200
            answer = phone.send(event, timeout=SOON_S)
            assert answer.results == {event["event_id"]: "stored"}
            tally.compare(answer.settled, stored_ids(steady.instance))


def drip(slow: list[socket.socket], text: str) -> None:
    """One byte more from each, so that none of them is merely idle."""
    for one in slow if text else ():
        one.sendall(b"a")
