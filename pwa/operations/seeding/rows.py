"""Rows as the two databases take them in bulk: tuples for SQLite, lines of COPY for PostgreSQL.

What is written must be what the models would write; a test compares the bytes.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.sql.schema import ScalarElementColumnDefault

from pwa.accounts.models import Account, LogEntry, Patient, PatientTerm
from pwa.check_ins.models import (
    Attention,
    CheckInEvent,
    Device,
    HandOver,
    Note,
    Review,
    Unread,
    Verdict,
)
from pwa.database import db
from pwa.treatments.models import Treatment, TreatmentVersion

Row = Mapping[str, Any]
TABLES: tuple[Any, ...] = (
    Account,
    Patient,
    PatientTerm,
    Treatment,
    TreatmentVersion,
    Device,
    CheckInEvent,
    Verdict,
    Review,
    Note,
    HandOver,
    LogEntry,
    Unread,
    Attention,
)
"""What a patient's story is written into, each table after those that it points at."""


@dataclass
class Story:
    """Everything about one patient: rows by table, and what was done as the audit log tells it."""

    patient_id: str
    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    acts: list[dict[str, Any]] = field(default_factory=list)
    check_in_count: int = 0

    def add(self, model: Any, **values: Any) -> dict[str, Any]:
        """Add a row; it may still be changed."""
        row = dict(values)
        self.rows[model.__tablename__].append(row)
        return row


@dataclass
class Sheet:
    """Many rows of one table, ready for the database."""

    table: str
    columns: tuple[str, ...]
    lines: list[tuple[Any, ...]] | bytes
    count: int


def canonical(value: Any) -> str:
    """JSON as the app keeps and hashes it (`database.engine_options`, `wire.content_hash`)."""
    return _ENCODER.encode(value)


def sheets(stories: Iterable[Story], *, dialect: str) -> list[Sheet]:
    """The rows of these stories, table by table."""
    by_table: dict[str, list[Row]] = defaultdict(list)
    for story in stories:
        for table, rows in story.rows.items():
            by_table[table] += rows
    return [
        sheet(model.__tablename__, by_table[model.__tablename__], dialect=dialect)
        for model in TABLES
        if by_table[model.__tablename__]
    ]


def sheet(
    name: str, rows: Sequence[Row], *, dialect: str, left_out: frozenset[str] = frozenset()
) -> Sheet:
    """Rows of one table. What is left out of them the database numbers by itself."""
    columns = [one for one in db.metadata.tables[name].columns if one.name not in left_out]
    names = tuple(column.name for column in columns)
    defaults = {
        column.name: column.default.arg
        for column in columns
        if isinstance(column.default, ScalarElementColumnDefault)
    }
    convert = _for_sqlite if dialect == "sqlite" else _for_copy
    lines = [tuple([convert(row.get(name, defaults.get(name))) for name in names]) for row in rows]
    if dialect == "sqlite":
        return Sheet(name, names, lines, len(rows))
    text = "".join(["\t".join(line) + "\n" for line in lines])
    return Sheet(name, names, text.encode(), len(rows))


def _for_sqlite(value: Any) -> Any:
    """One value as SQLAlchemy's types hand it to SQLite. Instants here are in UTC already."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ", "microseconds")
    if isinstance(value, bool):
        return int(value)
    return value.isoformat() if isinstance(value, date) else value


def _for_copy(value: Any) -> str:
    """One field of COPY's text form."""
    if isinstance(value, str):
        for letter, escaped in ESCAPES:
            value = value.replace(letter, escaped)
        return value
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    return value.isoformat() if isinstance(value, date) else str(value)


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)
ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))
