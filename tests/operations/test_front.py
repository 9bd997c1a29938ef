"""What stands between the web server and the app. That slow clients hold nobody up is shown with
the real server in tests/faults/test_slow_clients.py; here are the limits, which there take minutes.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from pwa.operations.front import MOST_BODY, Front

Parts = tuple[bytes | None, ...]


def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """An app that tells what it was given."""
    told = {name: value for name, value in environ.items() if isinstance(value, str)}
    told["body"] = environ["wsgi.input"].read().decode()
    start_response("200 OK", [("Content-Type", "application/json")])
    yield json.dumps(told).encode()


class Line:
    """A request as Granian hands it over: a part of None never comes."""

    def __init__(self, *parts: bytes | None, length: int | None = None, **headers: str) -> None:
        self.parts: Parts = parts
        self.answer: tuple[int, dict[str, str], bytes | str] | None = None
        told = [(name.replace("_", "-"), value) for name, value in headers.items()]
        if length is not None:
            told.append(("content-length", str(length)))
        self.scope: Any = SimpleNamespace(
            method="POST",
            path="/50%25 caf\u00e9",
            query_string="a=%20",
            server="127.0.0.1:8000",
            client="192.0.2.7:999",
            http_version="1.1",
            scheme="http",
            authority=None,
            headers=SimpleNamespace(get=dict(told).get, items=lambda: told),
        )

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self.parts:
            if part is None:
                await asyncio.Event().wait()
            else:
                yield part

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.answer = (status, dict(headers), body)

    response_str = response_bytes


def ask(line: Line, app: Any = echo, **options: Any) -> tuple[int, dict[str, str], Any]:
    # In a thread of its own: a browser that other tests drive leaves its loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        answering = Front(app, **options).__rsgi__(line.scope, line)  # type: ignore[arg-type]
        pool.submit(asyncio.run, answering).result()
    assert line.answer is not None
    return line.answer


def test_a_whole_request_is_told_to_the_app_as_any_wsgi_server_does() -> None:
    line = Line(b"hel", b"lo", length=5, cookie="session=7", content_type="text/plain")
    status, headers, body = ask(line)
    assert (status, headers["Content-Type"]) == (200, "application/json")
    told = json.loads(body)
    assert told["body"] == "hello"
    assert told["PATH_INFO"].encode("latin-1").decode() == "/50%25 caf\u00e9"
    assert (told["QUERY_STRING"], told["REMOTE_ADDR"]) == ("a=%20", "192.0.2.7")
    assert (told["CONTENT_LENGTH"], told["CONTENT_TYPE"]) == ("5", "text/plain")
    assert told["HTTP_COOKIE"] == "session=7"


@pytest.mark.fault(95)
def test_a_body_that_does_not_come_is_given_up_and_never_reaches_the_app() -> None:
    status, _, _ = ask(Line(b"he", None, length=5), app=None, body_s=0.05)
    assert status == 408


@pytest.mark.fault(3)
@pytest.mark.parametrize("parts", [(), (b"hell",)])
def test_a_body_that_breaks_off_never_reaches_the_app(parts: Parts) -> None:
    assert ask(Line(*parts, length=5), app=None)[0] == 400


@pytest.mark.fault(93)
def test_a_body_beyond_all_measure_is_not_read_on() -> None:
    told = json.loads(ask(Line(b"x", None, length=MOST_BODY + 1))[2])
    assert (told["body"], told["CONTENT_LENGTH"]) == ("", str(MOST_BODY + 1))
    piece = b"x" * MOST_BODY
    endless = json.loads(ask(Line(piece, piece, None))[2])
    assert len(endless["body"]) == 2 * MOST_BODY


@pytest.mark.fault(34)
def test_one_request_too_many_is_told_to_come_back() -> None:
    status, headers, _ = ask(Line(b"hello", length=5), app=None, most_at_once=0)
    assert (status, headers["retry-after"]) == (503, "2")
