"""The database itself: durable, migrated, the same on both engines."""

from __future__ import annotations

import json
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import NullPool, create_engine, func, inspect, select, text, update
from sqlalchemy.exc import InternalError

from pwa import create_app
from pwa.check_ins.models import CheckInEvent
from pwa.config import ConfigError, read_settings
from pwa.database import db, is_sqlite, reading, writing
from pwa.operations.demo import ensure_demo
from pwa.operations.prepare import prepare_database
from pwa.practice import clinics
from pwa.practice.models import Installation
from tests.conftest import NOON, ORIGIN, Cast, send_batch
from tests.making import batch, event

CLINICAL = (
    "check_in_events",
    "verdicts",
    "reviews",
    "unread_check_ins",
    "attention",
    "devices",
    "discarded_numbers",
    "treatments",
    "treatment_versions",
    "patients",
    "patient_log",
    "clinic_words",
    "sign_offs",
)


@pytest.mark.usefixtures("app")
def test_models_and_migrations_agree() -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_migrations_go_down_and_up_again(
    tmp_path: Path, request: pytest.FixtureRequest, server_app: Flask
) -> None:
    environ = {"INSTANCE_PATH": str(tmp_path), "PUBLIC_URL": ORIGIN}
    if not is_sqlite_app(server_app):
        url = request.getfixturevalue("postgresql_url")
        with server_app.app_context():
            outside = create_engine(db.engine.url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
            with outside.connect() as connection:
                connection.execute(text("CREATE DATABASE down_and_up"))
        environ["DATABASE_URL"] = url.replace("/postgres?", "/down_and_up?")
    other = create_app(environ)
    with other.app_context():
        prepare_database()
        downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
        upgrade()
        assert "check_in_events" in inspect(db.engine).get_table_names()
        db.engine.dispose()


@pytest.mark.usefixtures("app")
def test_the_clinic_leads_every_key_of_clinical_data() -> None:
    inspector = inspect(db.engine)
    for table in CLINICAL:
        keys = [inspector.get_pk_constraint(table)["constrained_columns"]]
        keys += [one["column_names"] for one in inspector.get_unique_constraints(table)]
        keys += [one["column_names"] for one in inspector.get_indexes(table)]
        assert [key[0] for key in keys] == ["clinic_id"] * len(keys), table


@pytest.mark.fault(26)
@pytest.mark.usefixtures("app")
def test_every_sqlite_connection_is_durable() -> None:
    if not is_sqlite(db.engine):
        pytest.skip("a setting of SQLite")
    connections = [db.engine.connect() for _ in range(4)]
    for connection in connections:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
        connection.close()


@pytest.mark.usefixtures("app")
def test_a_write_waits_from_its_first_moment_and_a_read_does_not() -> None:
    if not is_sqlite(db.engine):
        pytest.skip("a locking mode of SQLite")
    path = db.engine.url.database
    db.session.rollback()
    other = sqlite3.connect(path, timeout=0)
    with writing(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    db.session.scalars(select(Installation)).all()
    other.execute("BEGIN IMMEDIATE")
    other.rollback()
    other.close()
    db.session.rollback()


@pytest.mark.usefixtures("app")
def test_nothing_is_written_outside_a_write_transaction() -> None:
    before = db.session.scalar(select(Installation.epoch))
    with nullcontext() if is_sqlite(db.engine) else refused():
        db.session.execute(update(Installation).values(epoch="another"))
    db.session.rollback()
    with reading():
        assert db.session.scalar(select(Installation.epoch)) == before
    with writing():
        db.session.execute(update(Installation).values(epoch="another"))
    assert db.session.scalar(select(Installation.epoch)) == "another"


def refused() -> AbstractContextManager[object]:
    """PostgreSQL says so; SQLite lets go of it with the transaction."""
    return pytest.raises(InternalError, match="read-only")


@pytest.mark.usefixtures("app")
def test_looking_leaves_the_driver_what_it_has_prepared() -> None:
    if is_sqlite(db.engine):
        pytest.skip("SQLite's driver keeps its statements through a ROLLBACK")
    asked = text("SELECT 'often', epoch FROM installation")
    for _ in range(12):
        with reading():
            db.session.execute(asked)
        with writing():
            db.session.execute(asked)
    kept = text("SELECT statement FROM pg_prepared_statements WHERE statement = :asked")
    assert db.session.scalar(kept, {"asked": asked.text}) == asked.text


@pytest.mark.fault(23)
def test_a_locked_database_is_busy_and_nothing_is_lost(started: Cast) -> None:
    if not is_sqlite(db.engine):
        pytest.skip("PostgreSQL locks rows, not the database")
    db.session.rollback()
    made = event(started.ana)
    assert started.ana.get("/api/v1/session").status_code == 200
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=50")
    other = sqlite3.connect(db.engine.url.database)
    other.execute("BEGIN IMMEDIATE")
    response = send_batch(started.ana, made)
    assert response.status_code == 503
    assert response.get_json()["kind"] == "busy"
    assert int(response.headers["Retry-After"]) >= 1
    other.rollback()
    other.close()
    assert send_batch(started.ana, made).get_json()["results"][0]["status"] == "stored"


@pytest.mark.fault(24)
def test_a_full_disk_is_told_and_what_was_kept_stays(started: Cast) -> None:
    if not is_sqlite(db.engine):
        pytest.skip("PostgreSQL has no page limit")
    kept = event(started.ana)
    assert send_batch(started.ana, kept).status_code == 200
    db.session.rollback()
    db.engine.dispose()
    limit_pages(1)
    try:
        big = [event(started.ana, answers={"note": "x" * 1900}) for _ in range(90)]
        response = send_batch(started.ana, *big)
        assert (response.status_code, response.get_json()["kind"]) == (507, "storage-full")
        assert started.ana.get("/api/v1/session").status_code == 200
    finally:
        limit_pages(1_073_741_823)
    assert send_batch(started.ana, kept).get_json()["results"][0]["status"] == "duplicate"
    assert send_batch(started.ana, *big).status_code == 200


def limit_pages(pages: int) -> None:
    """Lets the file grow no further, on every connection of the pool."""
    db.session.rollback()
    db.engine.dispose()
    connections = [db.engine.connect() for _ in range(5)]
    for connection in connections:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    for connection in connections:
        connection.close()


@pytest.mark.fault(35)
def test_two_who_write_at_once_leave_no_hole_in_the_log(started: Cast, app: Flask) -> None:
    batches = [[event(started.ana) for _ in range(5)] for _ in range(6)]
    db.session.rollback()
    cookie = started.ana.sign_in().headers["Set-Cookie"].split(";")[0]
    replies: list[int] = []

    def post(events: list[dict]) -> None:
        client = app.test_client(use_cookies=False)
        response = client.post(
            "/api/v1/sync",
            json=batch(started.ana, *events),
            headers={"Origin": ORIGIN, "Cookie": cookie},
        )
        replies.append(response.status_code)

    threads = [threading.Thread(target=post, args=(events,)) for events in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert replies == [200] * 6
    changes = started.ana.get("/api/v1/changes").get_json()["changes"]
    assert [change["seq"] for change in changes] == list(range(1, len(changes) + 1))
    assert sum(change["type"] == "check_in" for change in changes) == 31


@pytest.mark.usefixtures("app")
def test_preparing_twice_is_harmless() -> None:
    before = db.session.scalars(select(Installation.epoch)).one()
    db.session.rollback()
    prepare_database()
    assert db.session.scalars(select(Installation.epoch)).one() == before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://x"),
        ("PUBLIC_URL", "http://aftercare.example.org"),
        ("PUBLIC_URL", "https://aftercare.example.org/path"),
        ("PUBLIC_URL", "ftp://x"),
        ("DAILY_CHECK_INS", "0"),
        ("DAILY_CHECK_INS", "many"),
        ("SYNC_CALLS_PER_MINUTE", "-5"),
        ("EMERGENCY_NUMBER", "nine"),
        ("DEMO", "yes"),
    ],
)
def test_a_bad_setting_stops_the_start_by_its_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        read_settings({"INSTANCE_PATH": str(tmp_path), name: value})


def test_a_page_sees_one_moment_whatever_arrives_meanwhile(started: Cast) -> None:
    count = select(func.count()).select_from(CheckInEvent)
    with reading():
        before = db.session.scalar(count)
        thread = threading.Thread(target=send_batch, args=(started.ana, event(started.ana)))
        thread.start()
        thread.join()
        assert db.session.scalar(count) == before
    assert db.session.scalar(count) == (before or 0) + 1


@pytest.mark.usefixtures("app")
def test_a_write_transaction_inside_another_is_a_bug_and_said_at_once() -> None:
    with pytest.raises(RuntimeError), writing(), writing():
        pass
    with writing():
        assert db.session.scalar(select(func.count()).select_from(Installation)) == 1


def test_a_new_installation_is_its_owners_only(tmp_path: Path) -> None:
    app = create_app({"INSTANCE_PATH": str(tmp_path), "PUBLIC_URL": ORIGIN})
    with app.app_context():
        prepare_database()
        db.session.remove()
        db.engine.dispose()
    for name in ("aftercare.sqlite3", "secret_key"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600, name


def test_all_who_start_at_once_find_the_same_key(tmp_path: Path) -> None:
    for round_number in range(40):
        place = {"INSTANCE_PATH": str(tmp_path / str(round_number))}
        with ThreadPoolExecutor(8) as pool:
            found = [one.result() for one in [pool.submit(read_settings, place) for _ in range(8)]]
        assert len({one.secret_key for one in found}) == 1
        assert [path.name for path in Path(place["INSTANCE_PATH"]).iterdir()] == ["secret_key"]


def test_a_demo_started_twice_at_once_is_made_once(tmp_path: Path) -> None:
    environ = {"INSTANCE_PATH": str(tmp_path), "PUBLIC_URL": ORIGIN, "DEMO": "1"}

    def start(app: Flask) -> dict[str, dict[str, str]]:
        with app.app_context():
            prepare_database()
            told = ensure_demo(settings=app.extensions["settings"], at=NOON)
            assert clinics.clinic_count() == 2
            db.session.remove()
            db.engine.dispose()
        return told

    apps = [create_app(environ) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        told = list(pool.map(start, apps))
    assert told[0] == told[1] == told[2] == json.loads((tmp_path / "demo.json").read_text())
    assert (tmp_path / "demo.json").stat().st_mode & 0o777 == 0o600


def is_sqlite_app(app: Flask) -> bool:
    """Whether this application runs on SQLite."""
    with app.app_context():
        return is_sqlite(db.engine)
