"""The real server as `script/server` starts it, and a proxy in front that can misbehave."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from pwa import create_app
from pwa.clock import now
from pwa.database import db
from pwa.operations.demo import ensure_demo
from pwa.operations.prepare import prepare_database
from tests.browser.nest import IS_POSSIBLE, Hatched, nest

ROOT = Path(__file__).resolve().parents[2]

LOOK_S = 0.02
"""So often a server inside a test looks whether it shall stop; a test would wait half a second."""
PORTS = range(20_000, 32_000)
"""Below those that the system gives to outgoing connections: a server that is stopped finds its
port still free when it comes back."""
PROCESSES = 16
"""So many test processes have ports of their own."""


def free_port() -> int:
    """A port that nobody listens on now, out of those that are this test process's own: a server
    that is down for a moment keeps its port from the others. Not from the seeded generator, which
    would give each process the same."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    for port in random.SystemRandom().sample(PORTS[worker % PROCESSES :: PROCESSES], 50):
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("fifty ports in a row are taken")


def make_demo(instance: Path) -> Path:
    """An instance folder with the demo in it, to be copied for each server that needs one."""
    app = create_app({"INSTANCE_PATH": str(instance), "DEMO": "1", "EMERGENCY_NUMBER": "999"})
    with app.app_context():
        prepare_database()
        ensure_demo(settings=app.extensions["settings"], at=now())
        db.session.remove()
        db.engine.dispose()
    return instance


class RealServer:
    """A demo clinic on a port; it can be stopped, killed, and started again on the same data.

    `is_cold` starts it by the very command of `script/server`, which takes longer.
    """

    def __init__(
        self,
        instance: Path,
        *,
        public_port: int | None = None,
        settings: dict[str, str] | None = None,
        is_cold: bool = False,
    ) -> None:
        self.instance = instance
        self.settings = settings or {}
        self.is_cold = is_cold or not IS_POSSIBLE
        self.port = free_port()
        self.public_port = public_port or self.port
        self.process: subprocess.Popen[str] | Hatched | None = None
        self.output: list[str] = []
        self._drainer: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.public_port}"

    @property
    def people(self) -> dict[str, dict[str, str]]:
        """Who can sign in, from demo.json."""
        return json.loads((self.instance / "demo.json").read_text())

    def start(self) -> RealServer:
        """Start it and wait until it answers."""
        self.process = self._begin()
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output.append(line)
            if "Started worker-1" in line:
                self._drainer = threading.Thread(target=self._drain, daemon=True)
                self._drainer.start()
                self._wait_until_it_listens()
                return self
        raise RuntimeError("the server did not start:\n" + "".join(self.output))

    def _begin(self) -> subprocess.Popen[str] | Hatched:
        arguments = ["--demo", "--port", str(self.port)]
        own = {"INSTANCE_PATH": str(self.instance), "PUBLIC_URL": self.url}
        environment = {**os.environ, **self.settings, **own}
        is_read_at_exec = any(name.startswith(("LD_", "PYTHON")) for name in self.settings)
        if not self.is_cold and not is_read_at_exec:
            return nest().hatch(arguments, environment)
        return subprocess.Popen(
            [sys.executable, "-m", "pwa.operations.serve", *arguments],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def _wait_until_it_listens(self) -> None:
        """The worker says that it started a moment before it takes connections."""
        next_try = threading.Event()
        for _ in range(1000):
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
            except ConnectionRefusedError:
                next_try.wait(0.02)
            else:
                return
        raise RuntimeError("the server does not listen:\n" + "".join(self.output))

    def stop(self) -> None:
        """Stop it as Ctrl-C does."""
        self._signal(signal.SIGINT)

    def kill(self) -> None:
        """Kill it and its workers on the spot."""
        self._signal(signal.SIGKILL)

    def pause(self) -> None:
        """Let it stand still, as a machine does that has too much to do."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on where it stood still."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGCONT)

    def pids(self) -> list[int]:
        """Its processes: the one that was started, and its workers."""
        assert self.process is not None
        first = psutil.Process(self.process.pid)
        return [first.pid, *(one.pid for one in first.children(recursive=True))]

    def _signal(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        os.killpg(self.process.pid, number)
        self.process.wait(timeout=20)
        if self._drainer is not None:
            self._drainer.join(timeout=20)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process = None

    def _drain(self) -> None:
        process = self.process
        if process is not None and process.stdout is not None:
            self.output.extend(process.stdout)


Fate = Callable[[bytes, bytes], bytes | None]
"""Given a request and the server's reply, the bytes to pass on; None hangs up instead."""


class FaultProxy:
    """Passes each request on and lets `fate` decide about the reply. One request a connection."""

    def __init__(self, server_port: int) -> None:
        self.server_port = server_port
        self.fate: Fate = lambda _request, reply: reply
        self.before: Callable[[bytes], bytes | None] = lambda _request: None
        self._socket = socket.create_server(("127.0.0.1", free_port()), backlog=64)
        self.port = int(self._socket.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client:
            try:
                request = read_message(client)
                if not request:
                    return
                canned = self.before(request)
                if canned is None:
                    canned = self.fate(request, self._ask(request))
                if canned is not None:
                    client.sendall(canned)
            except OSError:
                return  # either side hung up: to the browser that is a network error

    def _ask(self, request: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.server_port), timeout=30) as server:
            server.sendall(with_one_answer(request))
            parts = []
            while part := server.recv(65536):
                parts.append(part)
            return b"".join(parts)


def canned(status: str, body: bytes, *, content_type: str) -> bytes:
    """A whole HTTP reply."""
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


def path_of(request: bytes) -> str:
    """The path that a request asks for."""
    return request.split(b" ", 2)[1].decode()


def with_one_answer(request: bytes) -> bytes:
    """The request, with the wish that the connection ends after the answer."""
    head, _, body = request.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n" + body


def read_message(source: socket.socket) -> bytes:
    """A whole HTTP message with a Content-Length; empty where the line ended before."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = source.recv(65536)
        if not part:
            return b""
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        part = source.recv(65536)
        if not part:
            return b""
        body += part
    return head + b"\r\n\r\n" + body


def as_json(text: bytes) -> Any:
    """The JSON body of an HTTP message."""
    return json.loads(text.partition(b"\r\n\r\n")[2])
