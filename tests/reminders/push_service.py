"""A push service on loopback and browsers that subscribe at it. What they get they decrypt.

No test lives here.
"""

from __future__ import annotations

import base64
import secrets
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def encoded(raw: bytes) -> str:
    """base64url without padding, as browsers write keys."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(frozen=True)
class Arrived:
    """One request to the push service."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Subscriber:
    """A browser with a subscription."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    auth: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    def subscription(self, **changed: str) -> dict[str, str]:
        """What the page posts."""
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        told = {"p256dh": encoded(point), "auth": encoded(self.auth)}
        return {"endpoint": self.endpoint, **told, "time_zone": "Europe/London", **changed}

    def opened(self, body: bytes) -> bytes:
        """What a message says, as only this browser can read it."""
        found: bytes = http_ece.decrypt(
            body, private_key=self.key, auth_secret=self.auth, version="aes128gcm"
        )
        return found


class PushService:
    """Keeps what arrives; answers with 201, or with what a test wants first."""

    def __init__(self) -> None:
        self.arrived: list[Arrived] = []
        self.answers: deque[tuple[int, dict[str, str]]] = deque()
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                service.arrived.append(Arrived(self.path, dict(self.headers), body))
                status, headers = service.answers.popleft() if service.answers else (201, {})
                self.send_response(status)
                for name, value in {"Content-Length": "0", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Writes no log."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def subscriber(self) -> Subscriber:
        """A browser that has just subscribed."""
        return Subscriber(f"http://127.0.0.1:{self.port}/wpush/{secrets.token_urlsafe(24)}")

    def will_answer(self, *statuses: int, **headers: str) -> None:
        """How the next requests are answered."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.extend((status, told) for status in statuses)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
