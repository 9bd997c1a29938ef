"""The server's side: the real application over a real database, and what can be broken in it.

Every example starts from the same database: the cast, and nothing sent yet. What lies in the
database is read past the application, with plain SQL, so that a wrong service cannot vouch for
itself.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from argon2 import PasswordHasher
from flask import Flask, Response
from sqlalchemy import Connection, event, text, update
from sqlalchemy.exc import OperationalError
from werkzeug.http import parse_cookie
from werkzeug.test import TestResponse

from pwa import create_app
from pwa.accounts import people, sessions
from pwa.accounts.models import Account
from pwa.accounts.people import Actor
from pwa.check_ins.models import CheckInEvent
from pwa.database import db, for_writing, is_sqlite, writing
from pwa.exchange import erasure
from pwa.exchange.tombstones import Tombstones
from pwa.operations import restore
from pwa.operations.prepare import prepare_database
from tests import conftest as cast_room
from tests.conftest import NOON, ORIGIN, PASSWORD, Browser, Clock

CHEAP_HASH = PasswordHasher(memory_cost=8, time_cost=1, parallelism=1).hash(PASSWORD)
"""The real code path at a fraction of its price: an argon2id hash carries its own cost."""
SETTINGS = {"DAILY_CHECK_INS": "20", "PUBLIC_URL": ORIGIN}
BATCH_EVENTS = 3
PATIENTS = ("ana", "ben")
PLACES = ("ana's phone", "ben's phone", "the tablet", "past the app")
"""Browsers, and one way that is none."""


class Crash(BaseException):
    """The process dies here: nothing after this line runs."""


@dataclass(frozen=True)
class Row:
    """One event as it lies in the database."""

    event_id: str
    patient_id: str
    seq: int
    device_id: str
    dseq: int
    event: Mapping[str, Any]
    content_sha256: str
    received_at: str


@dataclass(frozen=True)
class Held:
    """Everything that the database holds at one moment, as far as the promise goes."""

    epoch: str
    rows: tuple[Row, ...]
    log: Mapping[str, tuple[tuple[int, str, str], ...]]
    log_seq: Mapping[str, int]
    contiguous: Mapping[tuple[str, str], int]
    erased: frozenset[str]

    @property
    def by_id(self) -> dict[str, Row]:
        return {row.event_id: row for row in self.rows}


@dataclass
class Ticket:
    """What the server gave a browser at a sign-in, and whether it is still worth anything."""

    account: str
    expires_at: datetime
    is_ended: bool = False


@dataclass(frozen=True)
class Backup:
    """A copy of the database, and whose account was closed in it."""

    data: Any
    inactive: frozenset[str]


A_BACKUP: Any = SimpleNamespace(made_at=NOON, sha256="")
"""What a restore writes into the audit log of its backup."""


@dataclass
class Faults:
    """What goes wrong inside the server during the next request."""

    crash_before_item: int | None = None
    crash_at_commit: bool = False
    crash_after_commit: bool = False
    full_at_commit: bool = False
    items: int = 0
    struck: int = 0

    def clear(self) -> None:
        """All is well again."""
        self.crash_before_item = None
        self.crash_at_commit = self.crash_after_commit = self.full_at_commit = False
        self.items = 0


@dataclass
class Answer:
    """What the server said. `status` 0: it died before it said anything."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    text: str = ""

    @property
    def body(self) -> Any:
        try:
            return json.loads(self.text)
        except ValueError:
            return None

    @property
    def cookie(self) -> str | None:
        """The session that the browser is told to keep; "" where it is told to drop it."""
        for name, value in self.headers:
            if name.lower() == "set-cookie":
                found = parse_cookie(value.split(";")[0]).get("session")
                if found is not None:
                    return "" if "Max-Age=0" in value or "1970" in value else found
        return None


class Clinic:
    """The server under test."""

    def __init__(self, folder: Path, *, database_url: str | None = None) -> None:
        environ = {**SETTINGS, "INSTANCE_PATH": str(folder)}
        if database_url:
            environ["DATABASE_URL"] = database_url
        self.folder = folder
        self.clock = Clock()
        self.faults = Faults()
        self.tickets: dict[str, Ticket] = {}
        self.inactive: set[str] = set()
        self.daily_limit = int(SETTINGS["DAILY_CHECK_INS"])
        self.erased: set[str] = set()
        self.app = _make_app(environ, self.clock)
        with self.app.app_context():
            self.engine = db.engine
            self._listen()
            path = self.engine.url.database
            self._reader = sqlite3.connect(str(path)) if is_sqlite(self.engine) else None
            self.cast = cast_room.make_cast(self.app, self.clock)
            _make_signing_in_cheap()
        self.ids = {name: getattr(self.cast, name).account_id for name in PATIENTS}
        self.names = {account_id: name for name, account_id in self.ids.items()}
        self.treatments = {name: getattr(self.cast, name).treatment_id for name in PATIENTS}
        self._client = self.app.test_client(use_cookies=False)
        self._opened = {(place, name): self._sign_in(name) for place in PLACES for name in PATIENTS}
        self._fresh = self._copy()

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()
        with self.app.app_context():
            db.engine.dispose()

    def begin(self) -> None:
        """The cast, and nothing sent yet."""
        self.faults.clear()
        self.tickets.clear()
        self.inactive.clear()
        self.erased.clear()
        self.clock.now = NOON
        self.app.extensions["call_meter"].forget_all()
        self._stones().path.unlink(missing_ok=True)
        self._put_back(self._fresh)
        for (_, name), cookie in self._opened.items():
            self.tickets[cookie] = Ticket(name, NOON + timedelta(days=30))

    def cookie_of(self, name: str, *, at: str) -> str:
        """A session that was open there on the first day already: signing in costs its time."""
        return self._opened[at, name]

    def _sign_in(self, name: str) -> str:
        body = json.dumps({"username": name, "password": PASSWORD})
        return self.answer("POST", "/api/v1/sign-in", body, None).cookie or ""

    # --- answering -------------------------------------------------------------------------------

    def answer(self, method: str, path: str, body: str | None, cookie: str | None) -> Answer:
        """One request, answered by the real application."""
        headers = {"Sec-Fetch-Site": "same-origin", "Accept": "application/json"}
        if cookie:
            headers["Cookie"] = f"session={cookie}"
        options: dict[str, Any] = {"method": method, "headers": headers}
        if body is not None:
            options |= {"data": body.encode("utf-8"), "content_type": "application/json"}
        self.faults.items = 0
        try:
            response = self._client.open(path, **options)
        except Crash:
            return Answer(0)
        answer = _read(response)
        self._note_tickets(path, cookie, answer)
        return answer

    def is_ended(self, cookie: str | None) -> bool:
        """Whether this browser's session is certainly worth nothing any more."""
        ticket = self.tickets.get(cookie or "")
        if ticket is None:
            return True
        is_late = ticket.expires_at <= self.clock()
        return ticket.is_ended or is_late or ticket.account in self.inactive

    def _note_tickets(self, path: str, cookie: str | None, answer: Answer) -> None:
        if path == "/api/v1/sign-out" and cookie in self.tickets and answer.status == 204:
            self.tickets[cookie or ""].is_ended = True
        if answer.cookie and isinstance(answer.body, dict) and "account" in answer.body:
            self.tickets[answer.cookie] = Ticket(
                self.names[answer.body["account"]], self.clock() + timedelta(days=30)
            )

    # --- what the clinic's people do -------------------------------------------------------------

    def expire(self, name: str) -> None:
        """Every session of this account ends."""
        with self._at_work():
            sessions.end_all(self.ids[name], at=self.clock())
        for ticket in self.tickets.values():
            ticket.is_ended |= ticket.account == name

    def set_active(self, name: str, is_active: bool) -> None:
        """Close an account, or open it again."""
        with self._at_work():
            account = db.session.get_one(Account, self.ids[name])
            people.set_active(
                actor=self._mo(), account=account, is_active=is_active, at=self.clock()
            )
        if is_active:
            self.inactive.discard(name)
            return
        self.inactive.add(name)
        for ticket in self.tickets.values():
            ticket.is_ended |= ticket.account == name

    def erase(self, name: str) -> None:
        """Erase everything of this patient, at her request."""
        with self._at_work():
            erasure.erase(
                actor=self._mo(),
                patient_id=self.ids[name],
                stones=self._stones(),
                at=self.clock(),
            )
        self.erased.add(name)

    def backup(self) -> Backup:
        """A copy of the database as it is now."""
        return Backup(self._copy(), frozenset(self.inactive))

    def restore(self, backup: Backup) -> None:
        """The disk is gone: go on from this copy, in a new epoch, with erasures done again."""
        self._put_back(backup.data)
        with self.app.app_context():
            with writing():
                restore._begin_anew(A_BACKUP, at=self.clock(), lost=())
            erasure.replay(self._stones(), at=self.clock())
        self.inactive = set(backup.inactive)
        for ticket in self.tickets.values():
            ticket.is_ended = True

    def epoch(self) -> str:
        with self.engine.connect() as connection:
            return str(connection.execute(text("SELECT epoch FROM installation")).scalar_one())

    def _mo(self) -> Actor:
        return self.cast.mo.actor

    def _stones(self) -> Tombstones:
        return Tombstones(self.folder)

    @contextlib.contextmanager
    def _at_work(self) -> Iterator[None]:
        with self.app.app_context(), writing():
            yield

    # --- the database, past the application ------------------------------------------------------

    def held(self) -> Held:
        """What the database holds, as anybody else would read it: only what is committed."""
        if self._reader is None:
            with self.engine.connect() as connection:
                return _held(lambda sql: [tuple(row) for row in connection.exec_driver_sql(sql)])
        return _held(lambda sql: self._reader.execute(sql).fetchall())

    def _copy(self) -> Any:
        if not is_sqlite(self.engine):
            return _copy_rows(self.engine.connect())
        copy = sqlite3.connect(":memory:")
        with contextlib.closing(sqlite3.connect(str(self.engine.url.database))) as source:
            source.backup(copy)
        return copy

    def _put_back(self, data: Any) -> None:
        if not is_sqlite(self.engine):
            writer = self.engine.execution_options(**for_writing(self.engine))
            _put_rows_back(writer.connect(), data)
            return
        with contextlib.closing(sqlite3.connect(str(self.engine.url.database))) as target:
            data.backup(target)

    # --- faults in the middle of a transaction ---------------------------------------------------

    def _listen(self) -> None:
        event.listen(self.engine, "before_cursor_execute", self._before_statement)
        event.listen(self.engine, "commit", self._before_commit)
        self.app.after_request(self._before_reply)

    def _before_statement(
        self, _connection: Connection, _cursor: Any, statement: str, *_rest: Any
    ) -> None:
        if self.faults.crash_before_item is None or not _is_insert_of(statement, CheckInEvent):
            return
        self.faults.items += 1
        if self.faults.items == self.faults.crash_before_item:
            self._strike()
            raise Crash

    def _before_commit(self, connection: Connection) -> None:
        if not connection.get_execution_options().get("is_write"):
            return
        if self.faults.crash_at_commit:
            self._strike()
            raise Crash
        if self.faults.full_at_commit:
            self._strike()
            raise OperationalError("COMMIT", None, _disk_is_full())

    def _before_reply(self, response: Response) -> Response:
        if self.faults.crash_after_commit:
            self._strike()
            raise Crash
        return response

    def _strike(self) -> None:
        self.faults.clear()
        self.faults.struck += 1


def _disk_is_full() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    return error


def _held(ask: Callable[[str], list[Any]]) -> Held:
    log: dict[str, list[tuple[int, str, str]]] = {}
    for account, *line in ask(
        "SELECT account_id, seq, type, subject_id FROM patient_log ORDER BY seq"
    ):
        log.setdefault(account, []).append((line[0], line[1], line[2]))
    return Held(
        epoch=str(ask("SELECT epoch FROM installation")[0][0]),
        rows=tuple(
            Row(*line[:5], _event(line[5]), line[6], str(line[7]))
            for line in ask(
                "SELECT event_id, patient_id, seq, device_id, dseq, event, "
                "content_sha256, received_at FROM check_in_events ORDER BY seq"
            )
        ),
        log={account: tuple(lines) for account, lines in log.items()},
        log_seq=dict(ask("SELECT account_id, log_seq FROM patients")),
        contiguous={
            (account, device): count
            for account, device, count in ask(
                "SELECT patient_id, device_id, contiguous FROM devices"
            )
        },
        erased=frozenset(line[0] for line in ask("SELECT event_id FROM erased_events")),
    )


def _make_app(environ: dict[str, str], clock: Clock) -> Flask:
    app = create_app(environ)
    app.test_client_class = Browser
    app.config["CLOCK"] = clock
    settings = app.extensions["settings"]
    object.__setattr__(settings, "batch_events", BATCH_EVENTS)
    with app.app_context():
        prepare_database()
    return app


def _make_signing_in_cheap() -> None:
    with writing():
        db.session.execute(
            update(Account).where(Account.username.is_not(None)).values(password_hash=CHEAP_HASH)
        )


def _read(response: TestResponse) -> Answer:
    return Answer(
        response.status_code, list(response.headers.items()), response.get_data(as_text=True)
    )


def _event(value: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(value) if isinstance(value, str) else value
    return found


def _is_insert_of(statement: str, model: type[CheckInEvent]) -> bool:
    return statement.lstrip().startswith(f"INSERT INTO {model.__tablename__} ")


def _copy_rows(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    with connection:
        return {
            table.name: [dict(row._mapping) for row in connection.execute(table.select())]
            for table in db.metadata.sorted_tables
        }


def _put_rows_back(connection: Connection, data: dict[str, list[dict[str, Any]]]) -> None:
    with connection, connection.begin():
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for table in reversed(db.metadata.sorted_tables):
            connection.execute(table.delete())
        for table in db.metadata.sorted_tables:
            if data[table.name]:
                connection.execute(table.insert(), data[table.name])
