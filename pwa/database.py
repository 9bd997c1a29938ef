"""How we reach the database: engine set-up, column types, names, and the one way to write.

Models live with their features. Nothing here knows a table.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from flask import Flask, g
from flask.typing import ResponseReturnValue
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, DateTime, Dialect, Engine, MetaData, String, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from pwa.config import PROJECT_ROOT, Settings
from pwa.problems import Busy

SQLITE_BUSY_SECONDS = 5.0
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-65536")
"""The cache is in KiB for each connection, and only what is touched: SQLite's own 2 MB make a
worklist of a large clinic read the same pages of the file again and again."""
MOST_TRIES = 3
"""How often a request is done when the database says that it met another one."""
DO_IT_AGAIN = ("40001", "40P01")
"""PostgreSQL's codes for a serialization failure and a deadlock."""


class Base(DeclarativeBase):
    """The base of every model; the naming convention lets migrations name what they change."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)
migrate = Migrate(db=db, directory=str(PROJECT_ROOT / "pwa" / "migrations"), compare_type=True)


class UTCDateTime(TypeDecorator[datetime]):
    """An instant. Aware on the way in, aware and UTC on the way out (SQLite drops the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a time zone reached the database")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = JSON().with_variant(JSONB(), "postgresql")
"""A JSON document; ours are small and bounded by the reader."""


Folded = String(120).with_variant(String(120, collation="C"), "postgresql")
"""Words without case and accents. They stand in the order of their letters on every machine, so
that all that begin alike stand together and an index finds them."""


def install(app: Flask, settings: Settings) -> None:
    """Give the app its database."""
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(settings.database_url)
    db.init_app(app)
    migrate.init_app(app, db)
    with app.app_context():
        if is_sqlite(db.engine):
            _make_private(db.engine.url.database)
            prepare_sqlite(db.engine)
        else:
            prepare_postgresql(db.engine)


def engine_options(url: str) -> dict[str, Any]:
    """Options of the engine for this address: no transaction but those that we open."""
    options: dict[str, Any] = {
        "isolation_level": "AUTOCOMMIT",
        "json_serializer": lambda value: json.dumps(
            value, ensure_ascii=False, separators=(",", ":"), sort_keys=True
        ),
    }
    if url.startswith("sqlite"):
        options["connect_args"] = {"timeout": SQLITE_BUSY_SECONDS}
    else:
        options["pool_size"] = 16
        options["max_overflow"] = 16
        options["pool_pre_ping"] = True
        options["pool_use_lifo"] = True  # the one that has prepared the most
    return options


def is_sqlite(engine: Engine) -> bool:
    """Whether this engine speaks to SQLite."""
    return engine.dialect.name == "sqlite"


def _make_private(path: str | None) -> None:
    """A new database file is its owner's only; SQLite gives its helpers the same mode."""
    if path and not path.startswith((":", "file:")):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))


def prepare_sqlite(engine: Engine) -> None:
    """Make every connection durable and strict; open transactions ourselves.

    The driver would begin lazily and deferred, and a deferred transaction that turns into a
    writer cannot wait for its turn. So the driver is told to keep out, and we say BEGIN:
    IMMEDIATE for those that announced a write, plain for readers.
    """

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        announced = connection.get_execution_options().get("is_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if announced else "BEGIN")


def prepare_postgresql(engine: Engine) -> None:
    """Let nothing be written outside a transaction that announced a write.

    Whoever only looks needs no transaction, and it would cost: the driver forgets the statements
    that it prepared at each ROLLBACK, and to plan one anew takes longer than to carry it out.
    """

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = on")


def for_writing(engine: Engine) -> dict[str, Any]:
    """Options of a connection whose transaction will write."""
    if is_sqlite(engine):
        return {"is_write": True}
    return {"is_write": True, "isolation_level": "READ COMMITTED", "postgresql_readonly": False}


def _for_looking(engine: Engine) -> dict[str, Any]:
    """Options of one whose transaction is a snapshot. SQLite's are; PostgreSQL has to be told."""
    if is_sqlite(engine):
        return {}
    return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


_sqlite_writers = threading.Lock()
"""SQLite lets one writer in and makes the others poll; in one process they queue here instead."""


@contextlib.contextmanager
def _turn_to_write() -> Iterator[None]:
    if not is_sqlite(db.engine):
        yield
        return
    if not _sqlite_writers.acquire(timeout=SQLITE_BUSY_SECONDS):
        raise Busy(retry_after_s=2)
    try:
        yield
    finally:
        _sqlite_writers.release()


@contextlib.contextmanager
def writing() -> Iterator[None]:
    """One write transaction: all of the block is committed, or none of it.

    What was read before in this request is let go first, so that a decision and the write that
    follows it see the same state.

    In a request of somebody signed in it looks once more whether their session is open, and keeps
    it open until the commit (`doors.py`): ended meanwhile, nothing is written.
    """
    if db.session.info.get("is_writing"):
        raise RuntimeError("a write transaction was opened inside another")
    db.session.rollback()
    with _turn_to_write():
        db.session.info["is_writing"] = True
        last: list[tuple[str, Callable[[], None]]] = []
        db.session.info["last"] = last
        try:
            db.session.connection(execution_options=for_writing(db.engine))
            _hold_session()
            yield
            for _, act in sorted(last, key=itemgetter(0)):
                act()
            db.session.commit()
            db.session.info["commit_count"] = _commit_count() + 1
        except BaseException:
            db.session.rollback()
            raise
        finally:
            db.session.info["is_writing"] = False


def _hold_session() -> None:
    hold = g.get("hold_session")
    if hold is not None:
        hold()


def at_the_end(act: Callable[[], None], *, order: str) -> None:
    """Do this last in the write transaction that is open now, right before its commit.

    For what everybody must lock: the lock is short, and as it is always the last one, and several
    are taken in one `order`, it cannot be part of a deadlock.
    """
    if not db.session.info.get("is_writing"):
        raise RuntimeError("this needs a write transaction")
    db.session.info["last"].append((order, act))


def _commit_count() -> int:
    found: int = db.session.info.get("commit_count", 0)
    return found


@contextlib.contextmanager
def reading() -> Iterator[None]:
    """One read transaction whose questions all see the same moment, whatever arrives meanwhile."""
    db.session.rollback()
    try:
        db.session.connection(execution_options=_for_looking(db.engine))
        yield
        _look_no_longer()
    finally:
        db.session.rollback()


def _look_no_longer() -> None:
    """End what nothing was written in, so that PostgreSQL's driver keeps what it prepared."""
    if not is_sqlite(db.engine):
        db.session.commit()


class SteadyFlask(Flask):
    """A Flask that does a request again when PostgreSQL says that it met another one.

    Only where nothing of it was committed: then it never happened.
    """

    def dispatch_request(self) -> ResponseReturnValue:
        """Answer the request in at most three tries."""
        for _ in range(MOST_TRIES - 1):
            before = _commit_count()
            try:
                return super().dispatch_request()
            except DBAPIError as error:
                if not _met_another(error) or _commit_count() != before:
                    raise
                db.session.rollback()
        return super().dispatch_request()


def _met_another(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) in DO_IT_AGAIN
