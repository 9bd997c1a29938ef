"""A proxy between a phone and the server that breaks the line on purpose, byte by byte.

Each request meets one fate. `Proxy.next` queues fates for a path; everything else passes unharmed.
The whole-reply fates of `FaultProxy` in tests/browser/real_server.py remain for those who only
look at replies.
"""

from __future__ import annotations

import socket
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.browser.real_server import canned, free_port, path_of, read_message, with_one_answer

PATIENCE_S = 30


@dataclass
class Exchange:
    """One request that has arrived whole, and both ends of the line."""

    request: bytes
    client: socket.socket
    server_port: int

    def ask(self) -> bytes:
        """The server's whole reply."""
        with self.to_server() as server:
            server.sendall(with_one_answer(self.request))
            return b"".join(parts_of(server))

    def to_server(self) -> socket.socket:
        """A fresh connection to the server."""
        return socket.create_connection(("127.0.0.1", self.server_port), timeout=PATIENCE_S)


Fate = Callable[[Exchange], None]
"""What becomes of one exchange; when it returns, the proxy hangs up."""


def honest(exchange: Exchange) -> None:
    """Passes both on."""
    exchange.client.sendall(exchange.ask())


def lost_reply(exchange: Exchange) -> None:
    """The server does the work; the answer never arrives."""
    exchange.ask()


def twice(exchange: Exchange) -> None:
    """The request arrives twice; the second answer is passed on."""
    exchange.ask()
    honest(exchange)


def request_cut_at(percent: int) -> Fate:
    """Only so much of the body reaches the server; then the line breaks on both sides."""

    def fate(exchange: Exchange) -> None:
        head, _, body = exchange.request.partition(b"\r\n\r\n")
        with exchange.to_server() as server:
            server.sendall(head + b"\r\n\r\n" + body[: len(body) * percent // 100])
            server.shutdown(socket.SHUT_WR)
            for _ in parts_of(server):  # until the server has given up, too
                continue

    return fate


def reply_cut_at(percent: int) -> Fate:
    """Only so much of the answer's body arrives."""

    def fate(exchange: Exchange) -> None:
        head, _, body = exchange.ask().partition(b"\r\n\r\n")
        exchange.client.sendall(head + b"\r\n\r\n" + body[: len(body) * percent // 100])

    return fate


def hangs_until(let_go: threading.Event, *, after_head: bool = False) -> Fate:
    """The server does the work; nothing (or the head alone) arrives, and the line stays open."""

    def fate(exchange: Exchange) -> None:
        reply = exchange.ask()
        if after_head:
            exchange.client.sendall(reply.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
        let_go.wait(PATIENCE_S)

    return fate


def slowly(bytes_per_second: int, *, pieces_per_second: int = 20) -> Fate:
    """Both directions are no faster than this."""

    def fate(exchange: Exchange) -> None:
        pace = threading.Event()  # nobody sets it: waiting for it is what a slow line is
        piece = max(1, bytes_per_second // pieces_per_second)

        def send(data: bytes, to: socket.socket) -> None:
            for at in range(0, len(data), piece):
                to.sendall(data[at : at + piece])
                pace.wait(1 / pieces_per_second)

        with exchange.to_server() as server:
            send(with_one_answer(exchange.request), server)
            send(b"".join(parts_of(server)), exchange.client)

    return fate


def says(status: str, body: bytes, *, content_type: str = "text/html", more: str = "") -> Fate:
    """Somebody in between answers; the server never hears of it."""

    def fate(exchange: Exchange) -> None:
        reply = canned(status, body, content_type=content_type)
        exchange.client.sendall(reply.replace(b"\r\n", f"\r\n{more}".encode(), 1))

    return fate


class Proxy:
    """Listens on a port of its own and passes each request on, one a connection."""

    def __init__(self, server_port: int) -> None:
        self.server_port = server_port
        self.injected = 0
        self._fates: dict[str, list[Fate]] = defaultdict(list)
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", free_port()), backlog=64)
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def next(self, path: str, *fates: Fate) -> None:
        """The next requests to this path meet these, one after the other."""
        with self._lock:
            self._fates[path] += fates

    def close(self) -> None:
        """Listen no longer."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client:
            try:
                request = read_message(client)
                if request:
                    self._fate_of(request)(Exchange(request, client, self.server_port))
            except OSError:
                return  # either side hung up: that is what a broken line looks like

    def _fate_of(self, request: bytes) -> Fate:
        with self._lock:
            waiting = self._fates[path_of(request).partition("?")[0]]
            if not waiting:
                return honest
            self.injected += 1
            return waiting.pop(0)


@contextmanager
def proxy_to(port: int) -> Iterator[Proxy]:
    """A proxy in front of this port, for as long as the block lasts."""
    proxy = Proxy(port)
    try:
        yield proxy
    finally:
        proxy.close()


def parts_of(source: socket.socket) -> Iterator[bytes]:
    """What arrives until the other side hangs up."""
    while part := source.recv(65536):
        yield part
