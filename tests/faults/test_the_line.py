"""A broken line between a phone and the real server: the check-in is there once, and only then
does the phone hear so.
"""

from __future__ import annotations

import threading

import pytest

from tests.browser.real_server import RealServer
from tests.faults.proxy import (
    Fate,
    Proxy,
    hangs_until,
    honest,
    lost_reply,
    reply_cut_at,
    request_cut_at,
    says,
    slowly,
    twice,
)
from tests.faults.sending import NO_ANSWER, Sender, stored_ids
from tests.tally import Tally

SYNC = "/api/v1/sync"
IS_STORED = [
    pytest.param(lost_reply, marks=pytest.mark.fault(1), id="the reply is lost"),
    pytest.param(reply_cut_at(1), marks=pytest.mark.fault(4), id="the reply is cut at once"),
    pytest.param(reply_cut_at(50), marks=pytest.mark.fault(4), id="the reply is cut half way"),
    pytest.param(reply_cut_at(99), marks=pytest.mark.fault(4), id="the reply is cut at its end"),
]
IS_NOT_STORED = [
    pytest.param(request_cut_at(25), marks=pytest.mark.fault(3), id="cut at 25 %"),
    pytest.param(request_cut_at(50), marks=pytest.mark.fault(3), id="cut at 50 %"),
    pytest.param(request_cut_at(99), marks=pytest.mark.fault(3), id="cut at 99 %"),
]


@pytest.fixture
def behind(sender: Sender, proxy: Proxy) -> Sender:
    """A phone whose line can be broken."""
    other = sender.another_device()
    other.port = proxy.port
    return other


@pytest.mark.parametrize("fate", IS_STORED)
def test_what_was_stored_before_the_line_broke_is_a_duplicate_the_next_time(
    behind: Sender, proxy: Proxy, steady: RealServer, tally: Tally, fate: Fate
) -> None:
    event = behind.check_in()
    proxy.next(SYNC, fate)
    tally.fault()
    with pytest.raises(NO_ANSWER):
        behind.send(event)
    assert stored_ids(steady.instance).count(event["event_id"]) == 1
    again = behind.send(event)
    assert again.results == {event["event_id"]: "duplicate"}
    tally.compare(again.settled, stored_ids(steady.instance))


@pytest.mark.parametrize("fate", IS_NOT_STORED)
def test_a_request_that_breaks_off_stores_nothing(
    behind: Sender, proxy: Proxy, steady: RealServer, tally: Tally, fate: Fate
) -> None:
    event = behind.check_in()
    proxy.next(SYNC, fate)
    tally.fault()
    with pytest.raises(NO_ANSWER):
        behind.send(event)
    assert event["event_id"] not in stored_ids(steady.instance)
    again = behind.send(event)
    assert again.results == {event["event_id"]: "stored"}
    tally.compare(again.settled, stored_ids(steady.instance))


@pytest.mark.fault(2)
def test_a_request_that_arrives_twice_is_stored_once_with_one_number(
    behind: Sender, proxy: Proxy, steady: RealServer, tally: Tally
) -> None:
    event = behind.check_in()
    proxy.next(SYNC, twice)
    tally.fault()
    first = behind.send(event)
    assert first.results == {event["event_id"]: "duplicate"}
    again = behind.send(event)
    assert again.body["results"] == first.body["results"]
    tally.compare(first.settled, stored_ids(steady.instance))


@pytest.mark.fault(10)
@pytest.mark.parametrize("after_head", [False, True], ids=["nothing comes", "only the head comes"])
def test_a_line_that_hangs_is_given_up_and_the_next_try_is_a_duplicate(
    behind: Sender, proxy: Proxy, steady: RealServer, tally: Tally, after_head: bool
) -> None:
    event = behind.check_in()
    let_go = threading.Event()
    proxy.next(SYNC, hangs_until(let_go, after_head=after_head))
    tally.fault()
    with pytest.raises(TimeoutError):
        behind.send(event, timeout=1)
    let_go.set()
    again = behind.send(event)
    assert again.results == {event["event_id"]: "duplicate"}
    tally.compare(again.settled, stored_ids(steady.instance))


@pytest.mark.fault(11)
def test_a_line_of_two_kilobytes_a_second_carries_a_check_in(
    behind: Sender, proxy: Proxy, steady: RealServer, tally: Tally
) -> None:
    event = behind.check_in()
    proxy.next(SYNC, slowly(2000))
    tally.fault()
    answer = behind.send(event)
    assert answer.results == {event["event_id"]: "stored"}
    tally.compare(answer.settled, stored_ids(steady.instance))


def test_the_proxy_changes_nothing_unless_told(behind: Sender, proxy: Proxy) -> None:
    before = proxy.injected
    event = behind.check_in()
    assert behind.send(event).results == {event["event_id"]: "stored"}
    assert proxy.injected == before
    proxy.next(SYNC, honest, says("502 Bad Gateway", b"<h1>no</h1>"))
    assert behind.send(event).results == {event["event_id"]: "duplicate"}
    assert behind.send(event).status == 502
    assert proxy.injected == before + 2
