"""Migrations: whole or not at all, one process at a time, from every version that was shipped."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import MetaData, create_engine, insert, select, text

from pwa.audit.chain import START, hash_of
from pwa.audit.models import AuditEntry, AuditHead
from pwa.check_ins.models import CheckInEvent, Expectation
from pwa.config import ConfigError
from pwa.database import db, for_writing
from pwa.operations.prepare import COPIES_FOLDER, prepare_database
from tests.operations.killing import do_and_die, do_at_once
from tests.operations.shipped import (
    FORMER_DETAIL,
    KINDS,
    REVISIONS,
    app_on,
    dump,
    revision_of,
    unpack,
)
from tests.tally import Tally

NEWEST = "0006"
DATABASE = "aftercare.sqlite3"
*OLDER, NEWER = REVISIONS
STRIDES = {"long": 1, "whole": 3}
"""A start is killed at each statement where there is time, at each third in a whole run, else at
each seventh."""


def stride_of(config: pytest.Config) -> int:
    return next((stride for name, stride in STRIDES.items() if config.getoption(name)), 7)


def prepare(app: Flask) -> None:
    with app.app_context():
        prepare_database()
        db.session.remove()
        db.engine.dispose()


def check_what_was_kept(app: Flask) -> None:
    """Every check-in is there, the audit chain holds, and no former name is in it."""
    with app.app_context():
        kinds = db.session.scalars(
            select(CheckInEvent.kind)
            .where(CheckInEvent.device_id == ana_s_device())
            .order_by(CheckInEvent.dseq)
        ).all()
        assert kinds == KINDS
        heads = db.session.scalars(select(AuditHead)).all()
        assert len(heads) == 2
        for head in heads:
            before = START
            query = select(AuditEntry).where(AuditEntry.clinic_id == head.clinic_id)
            entries = db.session.scalars(query.order_by(AuditEntry.chain_no)).all()
            for number, entry in enumerate(entries, start=1):
                assert (entry.chain_no, entry.chain_hash) == (number, hash_of(entry, before=before))
                before = entry.chain_hash
                assert FORMER_DETAIL not in json.dumps(entry.detail)
                assert "Ana" not in entry.actor_name
            assert (head.chain_no, head.chain_hash) == (len(entries), before)
        db.session.remove()
        db.engine.dispose()


def ana_s_device() -> str:
    row = db.session.scalars(select(CheckInEvent).where(CheckInEvent.kind == "called")).one()
    return row.device_id


@contextmanager
def shipped(
    engine: str, revision: str, folder: Path, request: pytest.FixtureRequest
) -> Iterator[Flask]:
    """An application over a database of an earlier version, on SQLite or PostgreSQL."""
    unpack(revision, folder / DATABASE)
    if engine == "sqlite":
        yield app_on(folder)
        return
    url = request.getfixturevalue("postgresql_url")
    name = f"shipped_{revision}"
    admin = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    app = app_on(folder, DATABASE_URL=url.replace("/postgres?", f"/{name}?"))
    with app.app_context():
        upgrade(revision=revision)
        _pour(folder / DATABASE)
    yield app


def _pour(path: Path) -> None:
    """Copy the rows of a SQLite file into the database of the app that is at hand."""
    source = create_engine(f"sqlite:///{path}")
    tables = MetaData()
    tables.reflect(db.engine)
    old = MetaData()
    old.reflect(source)
    target = db.engine.execution_options(**for_writing(db.engine))
    with source.connect() as here, target.begin() as there:
        for table in tables.sorted_tables:
            rows = here.execute(old.tables[table.name].select()).mappings().all()
            if rows and table.name != "alembic_version":
                there.execute(insert(table), [dict(row) for row in rows])
    source.dispose()
    db.engine.dispose()


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_what_every_shipped_version_kept_is_kept(
    engine: str, revision: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with shipped(engine, revision, tmp_path, request) as app:
        prepare(app)
        check_what_was_kept(app)


def test_who_is_overdue_is_counted_anew_where_the_last_day_was_not_known(tmp_path: Path) -> None:
    unpack("0003", tmp_path / DATABASE)
    app = app_on(tmp_path)
    prepare(app)
    with app.app_context():
        rows = db.session.scalars(select(Expectation)).all()
        assert {row.reason for row in rows} == {"missed", "silent"}
        assert all((row.last_on is None) == (row.reason == "silent") for row in rows)


@pytest.mark.fault(27)
@pytest.mark.parametrize(
    "revision", [*(pytest.param(one, marks=pytest.mark.whole) for one in OLDER), NEWER]
)
@pytest.mark.lengthy
def test_a_migration_killed_at_each_statement_is_done_whole_at_the_next_start(
    revision: str, tmp_path: Path, tally: Tally, pytestconfig: pytest.Config
) -> None:
    stride = stride_of(pytestconfig)
    path = tmp_path / DATABASE
    unpack(revision, path)
    before = dump(path)
    app = app_on(tmp_path)
    step, is_done = 0, False
    while not is_done:
        step += stride
        is_done = do_and_die(lambda: prepare(app), step=step)
        found = revision_of(path)
        assert found == NEWEST or dump(path) == before, f"half a migration, killed at {step}"
        tally.fault(not is_done)
    assert step > 5
    check_what_was_kept(app)


@pytest.mark.fault(27)
def test_a_first_start_killed_at_each_statement_is_done_whole_at_the_next(
    tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    app = app_on(tmp_path)
    step, is_done, seen = 0, False, set()
    while not is_done:
        step += stride_of(pytestconfig)
        is_done = do_and_die(lambda: prepare(app), step=step)
        found = revision_of(tmp_path / DATABASE)
        seen.add(found)
        with closing(sqlite3.connect(tmp_path / DATABASE)) as connection:
            tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        assert (tables <= 2) == (found == ""), f"half a migration, killed at {step}"
    assert seen == {"", NEWEST}


@pytest.mark.fault(28)
def test_of_four_that_start_at_once_one_migrates(tmp_path: Path) -> None:
    unpack("0001", tmp_path / DATABASE)
    apps = [app_on(tmp_path) for _ in range(4)]
    do_at_once(*[lambda app=app: prepare(app) for app in apps])
    assert len(list((tmp_path / COPIES_FOLDER).glob("*.sqlite3"))) == 1
    check_what_was_kept(apps[0])


def test_a_copy_from_before_a_migration_is_kept_and_only_the_last_three(tmp_path: Path) -> None:
    unpack("0001", tmp_path / DATABASE)
    before = dump(tmp_path / DATABASE)
    folder = tmp_path / COPIES_FOLDER
    folder.mkdir()
    for number in range(4):
        (folder / f"2020010{number}T000000000000-0000.sqlite3").touch()
    prepare(app_on(tmp_path))
    kept = sorted(folder.iterdir())
    assert [path.name[:8] for path in kept[:2]] == ["20200102", "20200103"]
    assert len(kept) == 3
    assert kept[2].name.endswith("-0001.sqlite3")
    assert kept[2].stat().st_mode & 0o777 == 0o600
    assert dump(kept[2]) == before


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    app = app_on(tmp_path)
    prepare(app)
    with closing(sqlite3.connect(tmp_path / DATABASE)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(ConfigError, match="newer"):
        prepare(app)
