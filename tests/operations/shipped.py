"""Databases as earlier versions left them, and what must be true of them afterwards.

`shipped/<revision>.sql` was written by the code of that revision: a demo clinic of made-up people,
who sent a check-in of every kind, were read, and had a detail corrected. No test lives here.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from flask import Flask

from pwa import create_app
from tests.conftest import ORIGIN

FOLDER = Path(__file__).parent / "shipped"
REVISIONS = tuple(sorted(path.stem for path in FOLDER.glob("*.sql")))
KINDS = ["start", "create", "amend", "called", "create", "retract", "create"]
"""What ana's phone sent in each of them."""
FORMER_DETAIL = "R-2201"


def unpack(revision: str, path: Path) -> None:
    """Make the SQLite file of that revision."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((FOLDER / f"{revision}.sql").read_text("utf-8"))
        connection.execute("PRAGMA journal_mode=WAL")


def app_on(folder: Path, **environ: str) -> Flask:
    """An application over this instance folder, with no connection open yet."""
    return create_app({"INSTANCE_PATH": str(folder), "PUBLIC_URL": ORIGIN, **environ})


def dump(path: Path) -> str:
    """Everything in a SQLite file, as one text."""
    with closing(sqlite3.connect(path)) as connection:
        return "\n".join(connection.iterdump())


def revision_of(path: Path) -> str:
    """The revision that a SQLite file is at; empty for a file without one."""
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'"
        if not connection.execute(query).fetchone()[0]:
            return ""
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return row[0] if row else ""
