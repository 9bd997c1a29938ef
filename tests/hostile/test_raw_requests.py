"""What no browser sends, sent byte by byte to the server as it is shipped."""

from __future__ import annotations

import gzip
import json
import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import pytest

from tests.browser.real_server import RealServer

BODY = b'{"username":"nobody","password":"nothing at all here"}'
WAIT_S = 10


@dataclass(frozen=True)
class Answer:
    """What came back until the server had no more to say."""

    raw: bytes

    @property
    def statuses(self) -> list[int]:
        return [int(one) for one in re.findall(rb"^HTTP/1\.[01] (\d{3})", self.raw, re.MULTILINE)]

    @property
    def status(self) -> int:
        assert len(self.statuses) == 1, self.raw[:2000]
        return self.statuses[0]

    def header(self, name: str) -> str | None:
        head = self.raw.partition(b"\r\n\r\n")[0].decode("latin-1")
        found = re.search(rf"^{name}: (.*)$", head, re.MULTILINE | re.IGNORECASE)
        return None if found is None else found[1].strip()


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    running = RealServer(tmp_path_factory.mktemp("raw") / "instance", is_cold=True).start()
    yield running
    running.stop()


def ask(server: RealServer, data: bytes, *, is_cut: bool = False) -> Answer:
    """Send these bytes and read until the server hangs up, so that no answer is missed."""
    parts = []
    with (
        socket.create_connection(("127.0.0.1", server.port), timeout=WAIT_S) as line,
        suppress(ConnectionResetError, BrokenPipeError),  # hanging up is an answer too
    ):
        line.sendall(data)
        if is_cut:
            line.shutdown(socket.SHUT_WR)
        while part := line.recv(65536):
            parts.append(part)
    return Answer(b"".join(parts))


def post(
    server: RealServer, *headers: bytes, body: bytes = BODY, path: str = "/api/v1/sign-in"
) -> bytes:
    origin = server.url.encode()
    host = origin.removeprefix(b"http://")
    lines = [
        b"POST " + path.encode() + b" HTTP/1.1",
        b"Host: " + host,
        b"Origin: " + origin,
        b"Content-Type: application/json",
        b"Connection: close",
        *headers,
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def get(server: RealServer, path: str, *headers: bytes, host: bytes | None = None) -> bytes:
    named = server.url.encode().removeprefix(b"http://") if host is None else host
    lines = [b"GET " + path.encode() + b" HTTP/1.1", b"Host: " + named, b"Connection: close"]
    return b"\r\n".join([*lines, *headers]) + b"\r\n\r\n"


LENGTH = b"Content-Length: %d" % len(BODY)
CHUNKED = b"Transfer-Encoding: chunked"
IN_CHUNKS = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)


def test_the_plain_request_works(shipped: RealServer) -> None:
    """Without this the refusals below could have another cause."""
    assert ask(shipped, post(shipped, LENGTH)).status == 401


@pytest.mark.fault(93)
@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ((CHUNKED,), IN_CHUNKS, 411),
        ((b"Content-Length: 9000",), b"x" * 9000, 413),
        ((b"Content-Length: 3000000",), b"x" * 3_000_000, 413),
        ((b"Content-Length: 99999999",), BODY, 413),
        ((b"Content-Length: 99999999999999999999",), BODY, 400),
        ((b"Content-Length: -1",), BODY, 400),
        ((b"Content-Length: +54",), BODY, 400),
        ((b"Content-Length: 0x36",), BODY, 400),
        ((b"Content-Length: 0",), b"", 400),
    ],
)
def test_a_body_of_another_length_is_refused(
    shipped: RealServer, headers: tuple[bytes, ...], body: bytes, status: int
) -> None:
    assert ask(shipped, post(shipped, *headers, body=body)).status == status


@pytest.mark.fault(93, 3)
def test_a_body_that_breaks_off_is_refused_even_where_what_came_is_whole(
    shipped: RealServer,
) -> None:
    promised = b"Content-Length: %d" % (len(BODY) + 40)
    answer = ask(shipped, post(shipped, promised), is_cut=True)
    assert answer.statuses in ([], [400], [408])


@pytest.mark.fault(94)
@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "gzip, gzip", "GZIP", "zstd"])
def test_a_compressed_body_is_never_inflated(shipped: RealServer, encoding: str) -> None:
    bomb = gzip.compress(gzip.compress(b"0" * 5_000_000))
    told = b"Content-Encoding: " + encoding.encode()
    size = b"Content-Length: %d" % len(bomb)
    assert ask(shipped, post(shipped, told, size, body=bomb)).status == 415
    form = b"Content-Type: application/x-www-form-urlencoded"
    assert ask(shipped, post(shipped, told, size, form, body=bomb, path="/clinic")).status == 415


SMUGGLED = b"GET /favicon.ico HTTP/1.1\r\nHost: localhost\r\n\r\n"
TWO_READINGS = {
    "CL.TE": ((b"Content-Length: %d" % (5 + len(SMUGGLED)), CHUNKED), b"0\r\n\r\n" + SMUGGLED),
    "TE.CL": ((CHUNKED, b"Content-Length: 4"), b"5c\r\n" + SMUGGLED + b"\r\n0\r\n\r\n"),
    "TE.TE": ((CHUNKED, b"Transfer-Encoding: x"), b"0\r\n\r\n" + SMUGGLED),
    "TE twice": ((CHUNKED, CHUNKED), b"0\r\n\r\n" + SMUGGLED),
    "TE unknown": ((b"Transfer-Encoding: xchunked",), b"0\r\n\r\n" + SMUGGLED),
    "TE with a space": ((b"Transfer-Encoding : chunked",), b"0\r\n\r\n" + SMUGGLED),
    "TE with a tab": ((b"Transfer-Encoding:\tchunked", b"Content-Length: 5"), b"0\r\n\r\n"),
    "TE folded": ((b"Transfer-Encoding:\r\n chunked",), b"0\r\n\r\n" + SMUGGLED),
    "TE identity": ((b"Transfer-Encoding: identity", LENGTH), BODY + SMUGGLED),
    "CL twice, unlike": ((LENGTH, b"Content-Length: 5"), BODY + SMUGGLED),
    "CL as a list": ((b"Content-Length: 5, %d" % len(BODY),), BODY + SMUGGLED),
    "CL with a space": ((b"Content-Length : %d" % len(BODY),), BODY + SMUGGLED),
    "a folded line": ((LENGTH, b"X-A: b\r\n c: d"), BODY),
    "a bare CR": ((LENGTH, b"X-A: b\rTransfer-Encoding: chunked"), BODY),
    "a NUL": ((LENGTH, b"X-A: b\x00c"), BODY),
    "a space in a name": ((LENGTH, b"X A: b"), BODY),
    "a chunk of another size": ((CHUNKED,), b"3\r\nabcdef\r\n0\r\n\r\n" + SMUGGLED),
    "a negative chunk": ((CHUNKED,), b"-1\r\n\r\n0\r\n\r\n" + SMUGGLED),
    "a chunk with an overflow": ((CHUNKED,), b"1" * 20 + b"\r\nx\r\n0\r\n\r\n" + SMUGGLED),
}


@pytest.mark.fault(103)
@pytest.mark.parametrize("name", TWO_READINGS)
def test_a_request_that_can_be_read_in_two_ways_is_refused_and_ends_the_connection(
    shipped: RealServer, name: str
) -> None:
    headers, body = TWO_READINGS[name]
    data = post(shipped, *headers, body=body).replace(b"Connection: close\r\n", b"")
    with_end = data + b"GET /favicon.ico HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    answer = ask(shipped, with_end)
    assert answer.statuses[0] in (400, 411), answer.raw[:300]
    assert len(answer.statuses) == 1, answer.raw[:2000]


@pytest.mark.fault(103)
def test_the_same_length_twice_and_a_bare_line_feed_have_one_reading(shipped: RealServer) -> None:
    """RFC 9112 lets a server take both; what counts is that nothing is left over."""
    assert ask(shipped, post(shipped, LENGTH, LENGTH)).status == 401
    bare = post(shipped, LENGTH).replace(b"\r\n", b"\n")
    assert ask(shipped, bare).status == 401


@pytest.mark.fault(103)
@pytest.mark.parametrize(
    "path",
    [
        "/clinic%0d%0aSet-Cookie:%20a=b",
        "/clinic/patients?next=%0d%0aX-Injected:%20yes",
        "/sign-in?next=%0d%0aX-Injected:%20yes",
        "/clinic/%E5%98%8A%E5%98%8DX-Injected:%20yes",
        "/assets/x%0d%0aX-Injected:%20yes/y",
    ],
)
def test_no_header_comes_out_of_an_address(shipped: RealServer, path: str) -> None:
    answer = ask(shipped, get(shipped, path))
    assert answer.status in (200, 302, 404)
    assert answer.header("X-Injected") is None
    assert answer.header("Set-Cookie") is None or "a=b" not in (answer.header("Set-Cookie") or "")


@pytest.mark.fault(102)
@pytest.mark.parametrize(
    "host",
    [
        b"evil.example",
        b"evil.example:80",
        b"localhost.evil.example",
        b"localhost@evil.example",
        b"localhost:80@evil.example",
        b"localhost evil.example",
        b"localhost/evil",
        b"",
        b"[::1",
        b"localhost:99999",
    ],
)
def test_a_host_that_is_not_ours_is_refused(shipped: RealServer, host: bytes) -> None:
    for path in ("/", "/clinic", "/api/v1/session", "/assets/x/y.js"):
        answer = ask(shipped, get(shipped, path, host=host))
        assert answer.status == 400, path
        assert b"evil" not in answer.raw


@pytest.mark.fault(102)
def test_no_header_of_a_request_changes_a_link(shipped: RealServer) -> None:
    for header in (
        b"X-Forwarded-Host: evil.example",
        b"Forwarded: host=evil.example;proto=https",
        b"X-Original-URL: /api/v1/openapi.json",
        b"X-Rewrite-URL: /api/v1/openapi.json",
        b"X-Forwarded-Proto: https",
        b"X-Forwarded-Prefix: //evil.example",
        b"X-HTTP-Method-Override: DELETE",
    ):
        answer = ask(shipped, get(shipped, "/clinic", header))
        assert answer.status == 302
        assert answer.header("Location") == "/sign-in?next=/clinic"
    absolute = get(shipped, "/clinic").replace(b"GET /", b"GET http://evil.example/")
    assert ask(shipped, absolute).header("Location") in (None, "/sign-in?next=/clinic")


OUTSIDE = (
    "..%2f..%2fsecret_key",
    "../../secret_key",
    "..\\..\\secret_key",
    "..%5c..%5csecret_key",
    "%2e%2e/%2e%2e/secret_key",
    "%252e%252e%252fsecret_key",
    "....//....//secret_key",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "//etc/passwd",
    "css/../../../secret_key",
    "secret_key%00.css",
    "%c0%ae%c0%ae/secret_key",
    "file:///etc/passwd",
    ".",
    "",
    "~root",
    "con",
)


@pytest.mark.fault(101)
@pytest.mark.parametrize("outside", OUTSIDE)
def test_no_address_reaches_a_file_that_is_not_of_a_release(
    shipped: RealServer, outside: str
) -> None:
    secret = (shipped.instance / "secret_key").read_bytes().strip()
    release = ask(shipped, get(shipped, "/")).header("X-Release")
    for before in (f"/assets/{release}/", f"/assets/{'0' * 16}/", "/assets/", "/joints/", "/"):
        answer = ask(shipped, get(shipped, f"{before}{outside}"))
        assert answer.status in (200, 301, 302, 308, 400, 404)
        if answer.status == 200:
            assert before == "/"
            assert outside in ("", ".")
        assert secret not in answer.raw
        assert b"root:" not in answer.raw


@pytest.mark.fault(115)
@pytest.mark.parametrize(
    "tail", ["/x.css", ".css", "/..%2fx.js", ";x.css", "%2fx.css", "%00.css", "%3fx.css", "/x.js?y"]
)
def test_nothing_personal_answers_under_an_address_that_a_cache_would_keep(
    shipped: RealServer, tail: str
) -> None:
    cookie = signed_in(shipped, "patient")
    for address in ("/api/v1/session", "/api/v1/changes", "/clinic", "/clinic/account"):
        answer = ask(shipped, get(shipped, address + tail, b"Cookie: " + cookie))
        assert answer.status == 404, address
        assert answer.header("Cache-Control") == "no-store"
        assert "cookie" in (answer.header("Vary") or "").lower()


@pytest.mark.fault(113)
def test_no_answer_says_what_the_server_is_made_of(shipped: RealServer) -> None:
    asked = [
        get(shipped, "/"),
        get(shipped, "/nothing"),
        get(shipped, "/api/v1/nothing"),
        get(shipped, "/clinic?read=%00"),
        get(shipped, "/", host=b"evil.example"),
        post(shipped, LENGTH),
        post(shipped, CHUNKED, body=IN_CHUNKS),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        get(shipped, "/" + "a" * 100_000),
        get(shipped, "/", *(b"X-%d: y" % number for number in range(300))),
        get(shipped, "/?%s" % ("a=b&" * 5000)),
    ]
    for data in asked:
        answer = ask(shipped, data)
        assert answer.header("Server") in (None, "aftercare")
        for word in (
            b"granian",
            b"werkzeug",
            b"flask",
            b"traceback",
            b"python",
            b"sqlite",
            b"hyper",
        ):
            assert word not in answer.raw.lower(), (word, data[:80])


@pytest.mark.fault(103, 114)
def test_the_log_holds_no_request_line_no_body_and_no_line_of_somebody_elses(
    shipped: RealServer,
) -> None:
    forged = "x\r\n2026-11-26 12:00:00 ERROR forged-by-a-name"
    body = json.dumps({"username": forged, "password": "planted-in-a-body"}).encode()
    ask(shipped, post(shipped, b"Content-Length: %d" % len(body), body=body))
    ask(shipped, get(shipped, "/clinic?planted-in-a-query=%0d%0aforged-by-a-query"))
    ask(shipped, get(shipped, "/x", b"User-Agent: planted-in-a-header"))
    ask(shipped, get(shipped, "/x", b"Cookie: session=planted-in-a-cookie"))
    ask(shipped, post(shipped, b"Content-Length: 12", body=b'{"planted":1'))
    log = "".join(shipped.output)
    assert "Serving on" in log
    assert "planted" not in log
    assert "forged" not in log


def signed_in(server: RealServer, who: str) -> bytes:
    body = json.dumps({key: server.people[who][key] for key in ("username", "password")}).encode()
    answer = ask(server, post(server, b"Content-Length: %d" % len(body), body=body))
    assert answer.status == 200, answer.raw[:500]
    return (answer.header("Set-Cookie") or "").partition(";")[0].encode()
