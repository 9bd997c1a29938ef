"""A small real server on loopback: the phone's modules, and a sync endpoint that can be told to
behave badly.

By itself it keeps the protocol honestly (one row an event, results by id, one log an account). It
knows no form, no rules and no passwords.
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.browser.real_server import LOOK_S, free_port

HERE = Path(__file__).parent
STATIC_JS = HERE.parents[2] / "static" / "js"
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
TREATMENT = {
    "treatment_id": "11111111-1111-4111-8111-111111111111",
    "site": "knee",
    "side": "right",
    "performed_on": "2026-11-19",
    "number": 2,
    "injected": "dextrose 15 %",
    "clinician_name": "Dr Cole",
    "next_appointment_at": None,
    "start": None,
}
CLINIC_WORDS = {"version": 1, "name": "Riverside Joint Clinic"}
Asked = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """What goes back over the line."""

    body: Any = None
    status: int = 200
    type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    is_ours: bool = True
    is_lost: bool = False
    """The work was done, but the line broke before the answer."""


def problem(status: int, kind: str, **more: Any) -> Reply:
    """One of the server's own refusals."""
    body = {"type": "about:blank", "title": kind, "status": status, "kind": kind, "detail": "so"}
    return Reply({**body, **more}, status=status, type="application/problem+json")


PORTAL = Reply("<h1>Welcome to the café</h1>", type="text/html", is_ours=False)
LOST = Reply(is_lost=True)
Wrong = Reply | Callable[[Asked], Reply | None]


def honest(_asked: Asked) -> None:
    """For a place in the queue: this one is answered as it should be."""


class Held:
    """This question waits until it is let go; then it is answered as it should be."""

    def __init__(self) -> None:
        self._has_come = threading.Event()
        self._may_go = threading.Event()

    def __call__(self, _asked: Asked) -> None:
        self._has_come.set()
        self._may_go.wait(timeout=60)

    def wait_for_it(self) -> None:
        """Until it has come: a phone counts its thirty seconds from a little before."""
        assert self._has_come.wait(timeout=30), "nobody asked"

    def let_go(self) -> None:
        self._may_go.set()


@dataclass
class Log:
    """What the server holds of one account."""

    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    changes: list[dict[str, Any]] = field(default_factory=list)
    discarded: set[tuple[str, int]] = field(default_factory=set)


_used: set[int] = set()


def unused_port() -> int:
    """A free port that no clinic of this process had before: an address is a phone's storage."""
    while (port := free_port()) in _used:
        pass
    _used.add(port)
    return port


class FakeClinic:
    """The server. `account` is whose cookie the browser has (None: no session)."""

    def __init__(self) -> None:
        self.account: str | None = "ana"
        self.epoch = uuid.uuid4().hex
        self.logs: dict[str, Log] = {}
        self.results: dict[str, dict[str, Any]] = {}
        self.level: dict[str, str] = {}
        self.limits = {"batch_events": 100, "batch_bytes": 262144}
        self.server_time: datetime | None = None
        self.masters = {"kid-1": secrets.token_bytes(32)}
        self.current_kid = "kid-1"
        self.page_size = 200
        self.asked: list[Asked] = []
        self.signed_out = threading.Event()
        self._wrong: dict[str, list[Wrong]] = {}
        self._lock = threading.RLock()
        self._port = 0
        self._server: ThreadingHTTPServer | None = None

    @property
    def origin(self) -> str:
        return f"http://localhost:{self._port}"

    def start(self) -> None:
        """Listen, on the same port as before if there was one."""
        clinic = self

        class Handler(_Handler):
            owner = clinic

        ThreadingHTTPServer.allow_reuse_address = True
        self._server = ThreadingHTTPServer(("localhost", self._port or unused_port()), Handler)
        self._server.daemon_threads = True
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(LOOK_S,), daemon=True).start()

    def stop(self) -> None:
        """Hang up: from now on nobody answers."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def next(self, path: str, *wrong: Wrong) -> None:
        """The next questions to `path` are answered like this, one after the other."""
        self._wrong.setdefault(path, []).extend(wrong)

    def log(self, account: str = "ana") -> Log:
        if account not in self.logs:
            self.logs[account] = Log()
            self.tell(account, "treatment", TREATMENT)
        return self.logs[account]

    def tell(self, account: str, kind: str, data: dict[str, Any]) -> int:
        """Append one change to an account's log."""
        log = self.logs[account]
        seq = len(log.changes) + 1
        log.changes.append({"seq": seq, "at": self.time(), "type": kind, "data": data})
        return seq

    def restore(self) -> None:
        """Come back from a backup that was made before anything arrived."""
        self.logs = {}
        self.epoch = uuid.uuid4().hex

    def rotate(self) -> str:
        """Seal under a new master key from now on."""
        self.current_kid = f"kid-{int(self.current_kid.removeprefix('kid-')) + 1}"
        self.masters[self.current_kid] = secrets.token_bytes(32)
        return self.current_kid

    def outbox_key(self, kid: str, device_id: str, account: str = "ana") -> bytes:
        """The key that this account seals with on this device."""
        info = f"outbox|{account}".encode()
        hkdf = HKDF(algorithm=SHA256(), length=32, salt=device_id.encode(), info=info)
        return hkdf.derive(self.masters[kid])

    def calls(self, path: str) -> list[Asked]:
        return [asked for asked in self.asked if asked["path"] == path]

    def sent(self) -> list[list[str]]:
        """The ids of each batch that arrived."""
        return [
            [event["event_id"] for event in asked["body"]["events"]]
            for asked in self.calls("/api/v1/sync")
        ]

    def time(self) -> str:
        return (self.server_time or datetime.now(UTC)).isoformat()

    def answer(self, asked: Asked) -> Reply:
        with self._lock:
            self.asked.append(asked)
            queue = self._wrong.get(asked["path"], [])
            wrong = queue.pop(0) if queue else None
        reply = wrong(asked) if callable(wrong) else wrong
        if reply is not None and not reply.is_lost:
            return reply
        with self._lock:
            honestly = self._honest(asked)
        return honestly if reply is None else reply

    def _honest(self, asked: Asked) -> Reply:
        path = asked["path"]
        if path == "/api/v1/sign-in":
            self.account = asked["body"]["username"]
            return Reply(self.session())
        if path == "/api/v1/sign-out":
            self.account = None
            self.signed_out.set()
            return Reply(status=204)
        if self.account is None:
            return problem(401, "sign-in-required")
        if path == "/api/v1/session":
            return Reply(self.session())
        if path == "/api/v1/outbox-key":
            return self._keys(asked["body"])
        if path == "/api/v1/sync":
            return self._sync(asked["body"])
        if path == "/api/v1/changes":
            return self._changes(asked["query"])
        return problem(404, "not-found")

    def session(self) -> dict[str, Any]:
        return {
            "account": self.account,
            "display_name": str(self.account).title(),
            "role": "patient",
            "epoch": self.epoch,
            "server_time": self.time(),
            "form_version": 1,
            "rules_version": 1,
            "limits": self.limits,
            "outbox_kid": self.current_kid,
        }

    def _keys(self, body: dict[str, Any]) -> Reply:
        kids = {self.current_kid, *body["kids"]} & set(self.masters)
        keys = {
            kid: self.outbox_key(kid, body["device_id"], str(self.account)) for kid in sorted(kids)
        }
        told = {kid: base64.b64encode(key).decode() for kid, key in keys.items()}
        return Reply({"account": self.account, "current": self.current_kid, "keys": told})

    def _sync(self, body: dict[str, Any]) -> Reply:
        if body["account"] != self.account:
            return problem(409, "account-mismatch")
        log = self.log(body["account"])
        log.discarded |= {(body["device_id"], dseq) for dseq in body.get("discarded", [])}
        results = [self._take(log, event) for event in body["events"]]
        results.reverse()  # by id, never by place
        return Reply(
            {
                "protocol": 1,
                "epoch": self.epoch,
                "received_at": self.time(),
                "results": results,
                "device": {"contiguous": 0, "missing": []},
            }
        )

    def _take(self, log: Log, event: dict[str, Any]) -> dict[str, Any]:
        event_id = event["event_id"]
        blank = {"event_id": event_id, "seq": None, "received_at": None, "level": None}
        blank |= {"reasons": [], "problem": None}
        if event_id in self.results:
            return {**blank, **self.results[event_id]}
        known = log.events.get(event_id)
        if known is not None:
            if known["event"] != event:
                return {**blank, "status": "rejected", "problem": trouble("id-conflict")}
            return {**blank, **known["told"], "status": "duplicate"}
        place = (event["device_id"], event["dseq"])
        if place in {(e["event"]["device_id"], e["event"]["dseq"]) for e in log.events.values()}:
            return {**blank, "status": "rejected", "problem": trouble("device-conflict")}
        verdict = {"level": self.level.get(event_id, "expected"), "reasons": ["N1"]}
        at = self.time()
        seq = self.tell(
            str(event["owner"]),
            "check_in",
            {"event": event, "received_at": at, "clock_offset_s": 0, "verdict": verdict},
        )
        told = {"seq": seq, "received_at": at, **verdict}
        log.events[event_id] = {"event": event, "told": told}
        return {**blank, **told, "status": "stored"}

    def _changes(self, query: dict[str, str]) -> Reply:
        if query["epoch"] != self.epoch:
            return problem(409, "epoch-changed")
        changes = self.log(str(self.account)).changes
        after = int(query["after"])
        page = changes[after : after + self.page_size]
        body: dict[str, Any] = {
            "account": self.account,
            "epoch": self.epoch,
            "changes": page,
            "next": after + len(page),
            "more": after + len(page) < len(changes),
        }
        if int(query["clinic"]) < CLINIC_WORDS["version"]:  # type: ignore[operator]
            body["clinic"] = CLINIC_WORDS
        return Reply(body)


def trouble(kind: str) -> dict[str, Any]:
    return {"kind": kind, "field": None, "detail": "so"}


class _Handler(BaseHTTPRequestHandler):
    owner: FakeClinic
    protocol_version = "HTTP/1.0"  # a connection a question, so that stop() really hangs up

    def log_message(self, *args: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if address.path.startswith("/api/"):
            query = {name: values[0] for name, values in parse_qs(address.query).items()}
            self._send(self.owner.answer({"path": address.path, "query": query, "body": None}))
        else:
            self._send_file(address.path)

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(raw) if raw else None
        self._send(self.owner.answer({"path": self.path, "query": {}, "body": body}))

    def _send_file(self, path: str) -> None:
        if path == "/assets/guidance/en.json":
            self._send(Reply({"language": "en"}))
            return
        if path.startswith("/assets/js/"):
            file = STATIC_JS / path.removeprefix("/assets/js/")
        else:
            file = HERE / (path.removeprefix("/harness/").strip("/") or "index.html")
        if not file.is_file():
            self._send(Reply("", status=404, type="text/plain", is_ours=False))
            return
        text = file.read_text("utf-8")
        self._send(Reply(text, type=TYPES[file.suffix], is_ours=False))

    def _send(self, reply: Reply) -> None:
        if reply.is_lost:
            self.close_connection = True
            return
        is_text = isinstance(reply.body, str)
        raw = reply.body.encode() if is_text else json.dumps(reply.body).encode()
        if reply.status == 204:
            raw = b""
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.type)
        self.send_header("Content-Length", str(len(raw)))
        self.send_header("Cache-Control", "no-store")
        if reply.is_ours:
            self.send_header("X-Sync-Protocol", "1")
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)
