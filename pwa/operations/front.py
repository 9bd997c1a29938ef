"""Between the web server and the app: a request gets a thread only when it is whole.

Granian gives a WSGI app its request as soon as the head is there, and the thread waits for the
body: sixteen slow connections would stop the service for everybody. So Granian runs this instead
(over RSGI, its own interface): the event loop collects each body, within a size and a time, and a
thread then runs the app as any WSGI server does. What an answer says stays the app's matter, but
for the three that it cannot give.
"""

from __future__ import annotations

import asyncio
import gc
import io
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from granian._granian import RSGIHTTPProtocol, RSGIProtocolClosed, RSGIProtocolError
from granian.rsgi import Scope

from pwa import create_app
from pwa.operations import reminding

THREADS = 16
MOST_BODY = 1024 * 1024
"""More than anything the app takes; what is larger it refuses by the length that is told."""
BODY_S = 60
"""Within this a body has to be here: twice as long as a phone waits for its answer."""
MOST_AT_ONCE = 400
"""Whole requests that are being answered or wait for a thread; the next one is told to wait."""
GARBAGE = (20_000, 20, 20)
"""After how many things that are new the collector looks for circles among them. Its own 700 make
it look at a page of the clinic a dozen times while that is being made."""
WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Headers = list[tuple[str, str]]
PLAIN: Headers = [("content-type", "text/plain; charset=utf-8"), ("cache-control", "no-store")]


class Front:
    """Runs one WSGI app for Granian's RSGI interface."""

    def __init__(
        self, app: WsgiApp, *, body_s: float = BODY_S, most_at_once: int = MOST_AT_ONCE
    ) -> None:
        self.app = app
        self.body_s = body_s
        self.most_at_once = most_at_once
        self._at_once = 0
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="request")

    async def __rsgi__(self, scope: Scope, proto: RSGIHTTPProtocol) -> None:
        """Answer one request."""
        try:
            body = await asyncio.wait_for(_body_of(scope, proto), self.body_s)
        except TimeoutError:
            return _refuse(proto, 408, "The request took too long to arrive.")
        if body is None:
            return _refuse(proto, 400, "The request ended early.")
        if self._at_once >= self.most_at_once:
            wait = ("retry-after", "2")
            return _refuse(proto, 503, "Too many requests at once. Please try again.", wait)
        self._at_once += 1
        try:
            loop = asyncio.get_running_loop()
            environ = _environ_of(scope, body)
            answer = await loop.run_in_executor(self._threads, _run, self.app, environ)
        finally:
            self._at_once -= 1
        return proto.response_bytes(*answer)


def make() -> Front:
    """The app as it is served.

    What is here now stays until the end, so the garbage collector need not look at it again: one
    round over all of it takes longer than a page may. A page holds thousands of things at once and
    lets go of them by itself, so the collector comes after many more than that.
    """
    app = create_app()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE)
    reminding.begin(app)
    return Front(app)


async def _body_of(scope: Scope, proto: RSGIHTTPProtocol) -> bytes | None:
    """The whole body; None where less arrived than was told. What is far too long is not read."""
    told = scope.headers.get("content-length")
    length = int(told) if told is not None else None
    if length is not None and length > MOST_BODY:
        return b""
    parts = bytearray()
    try:
        async for part in proto:
            parts += part
            if len(parts) > MOST_BODY:
                break
    except (RSGIProtocolClosed, RSGIProtocolError):
        return None
    return bytes(parts) if length is None or length == len(parts) else None


def _run(app: WsgiApp, environ: dict[str, Any]) -> tuple[int, Headers, bytes]:
    started: list[tuple[int, Headers]] = []

    def start_response(status: str, headers: Headers, _failure: Any = None) -> None:
        started.append((int(status.split(" ", 1)[0]), headers))

    answer = app(environ, start_response)
    try:
        body = b"".join(answer)
    finally:
        close = getattr(answer, "close", None)
        if close is not None:
            close()
    return (*started[-1], body)


def _environ_of(scope: Scope, body: bytes) -> dict[str, Any]:
    """What a WSGI app is told of a request (PEP 3333)."""
    host, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),  # Granian has undone the % already
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = "HTTP_" + key
        known = environ.get(key)
        between = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = value if known is None else f"{known}{between}{value}"
    if scope.authority:
        environ.setdefault("HTTP_HOST", scope.authority)  # HTTP/2 has no Host
    return environ


def _refuse(proto: RSGIHTTPProtocol, status: int, words: str, *more: tuple[str, str]) -> None:
    proto.response_str(status, [*PLAIN, *more], words + "\n")
