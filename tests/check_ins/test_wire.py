"""Bodies that are not what the wire asks for: each is refused in clear words, and nothing kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.conftest import ORIGIN, Cast, Clock
from tests.making import answers, batch, event

JSON = "application/json"


def post_raw(cast: Cast, body: bytes, **headers: str) -> TestResponse:
    return cast.ana.client.post(
        "/api/v1/sync",
        data=body,
        headers={"Origin": ORIGIN, "Content-Type": JSON, **headers},
    )


def good(cast: Cast, **changed: Any) -> bytes:
    return json.dumps(batch(cast.ana, event(cast.ana), **changed)).encode()


@pytest.mark.fault(37, 89, 90, 91, 92)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"protocol":1,}',
        b'{"protocol":NaN}',
        b'{"protocol":Infinity}',
        b'{"protocol":1e999}',
        b'{"protocol":1,"protocol":1}',
        b'{"protocol":' + b"9" * 10_000 + b"}",
        b'{"a":' * 40_000 + b"1" + b"}" * 40_000,
        b"[" * 100_000,
        b'{"account":"\\u0000"}',
        b'{"account":"\\ud800"}',
        b'\xef\xbb\xbf{"protocol":1}',
        b'{"account":"\xff"}',
        '{"protocol":1}'.encode("utf-16"),
    ],
    ids=[
        "empty",
        "cut",
        "list",
        "null",
        "trailing-comma",
        "nan",
        "infinity",
        "overflow",
        "key-twice",
        "ten-thousand-digits",
        "deep-objects",
        "deep-lists",
        "nul",
        "half-a-character",
        "byte-order-mark",
        "not-utf-8",
        "utf-16",
    ],
)
def test_what_is_not_strict_json_is_refused(started: Cast, body: bytes) -> None:
    response = post_raw(started, body)
    told = (400, "bad-request") if body else (411, "length-required")
    assert response.mimetype == "application/problem+json"
    assert (response.status_code, response.get_json()["kind"]) == told


@pytest.mark.fault(94)
@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Encoding": "gzip"},
        {"Content-Encoding": "br"},
    ],
)
def test_another_encoding_is_refused(started: Cast, headers: dict[str, str]) -> None:
    assert post_raw(started, good(started), **headers).status_code == 415


@pytest.mark.fault(93)
def test_a_note_of_10_mb_is_too_large(started: Cast) -> None:
    made = event(started.ana, answers=answers(note="x" * 10_000_000))
    response = post_raw(started, json.dumps(batch(started.ana, made)).encode())
    assert response.status_code == 413
    assert response.get_json()["kind"] == "batch-too-large"


def test_a_note_longer_than_the_form_allows_is_named(started: Cast) -> None:
    made = event(started.ana, answers=answers(note="x" * 2001))
    response = post_raw(started, json.dumps(batch(started.ana, made)).encode())
    assert response.get_json()["results"][0]["problem"]["field"] == "answers.note"


def test_more_than_a_hundred_events_are_too_many(started: Cast) -> None:
    events = [event(started.ana) for _ in range(101)]
    response = started.ana.post("/api/v1/sync", json=batch(started.ana, *events))
    assert response.status_code == 413


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("protocol", 2),
        ("protocol", "1"),
        ("account", None),
        ("device_id", "1"),
        ("sent_at", "now"),
        ("events", {}),
        ("events", [1]),
        ("discarded", [0]),
        ("extra", 1),
    ],
)
def test_a_bad_envelope_names_the_field(started: Cast, field: str, value: object) -> None:
    body = post_raw(started, good(started, **{field: value})).get_json()
    assert body["status"] == 400
    assert body["field"].split(".")[0] == field


def test_an_old_protocol_is_told_to_fetch_the_new_release(started: Cast) -> None:
    assert post_raw(started, good(started, protocol=0)).status_code == 426


@pytest.mark.fault(96)
@pytest.mark.parametrize(
    "name",
    [
        "",
        "7",
        "{6f2c1f1e-6c1d-4d3a-9f3e-0c9d4b1f2a3b}",
        "urn:uuid:6f2c1f1e-6c1d-4d3a-9f3e-0c9d4b1f2a3b",
        "6F2C1F1E-6C1D-4D3A-9F3E-0C9D4B1F2A3B",
        "6f2c1f1e-6c1d-1d3a-9f3e-0c9d4b1f2a3b",
        "00000000-0000-0000-0000-000000000000",
    ],
)
def test_an_event_goes_by_one_name_only(started: Cast, name: str) -> None:
    made = event(started.ana, event_id=name)
    response = started.ana.post("/api/v1/sync", json=batch(started.ana, made))
    assert response.status_code == 400
    assert response.get_json()["field"] == "events[0].event_id"


@pytest.mark.fault(65)
def test_after_weeks_without_signal_sending_needs_nothing_that_was_fetched_before(
    started: Cast, clock: Clock
) -> None:
    body = batch(started.ana, event(started.ana))
    clock.move(days=29)
    phone = started.ana.client
    sent = phone.post("/api/v1/sync", json=body, headers={"Sec-Fetch-Site": "same-origin"})
    assert [one["status"] for one in sent.get_json()["results"]] == ["stored"]


@pytest.mark.fault(105)
def test_another_site_cannot_send(started: Cast) -> None:
    body = batch(started.ana, event(started.ana))
    client = started.ana.client
    for headers in (
        {},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": ORIGIN},
        {"Sec-Fetch-Site": "same-site"},
    ):
        response = client.post("/api/v1/sync", json=body, headers=headers)
        assert response.status_code == 403
        assert response.get_json()["kind"] == "foreign-origin"
    ours = client.post("/api/v1/sync", json=body, headers={"Sec-Fetch-Site": "same-origin"})
    assert ours.status_code == 200


def test_every_answer_of_the_api_speaks_the_protocol(started: Cast) -> None:
    for path in ("/api/v1/session", "/api/v1/changes", "/api/v1/nothing"):
        assert started.ana.get(path).headers["X-Sync-Protocol"] == "1"
