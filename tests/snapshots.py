"""Rows of the whole database, kept in memory and put back: what many tests begin with is made once.

Rows go back as they were, ids and times and hashes included. Only for tests whose clock starts at
the same moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, insert, select, update

from pwa.database import db, writing

Key = tuple[Any, ...]
Rows = dict[str, dict[Key, dict[str, Any]]]


@dataclass(frozen=True)
class Change:
    """What happened between two moments: rows that came, and rows that became others."""

    added: dict[str, list[dict[str, Any]]]
    changed: dict[str, list[dict[str, Any]]]

    def redo(self) -> None:
        """Make it happen again, in a database that is as it was before."""
        with writing():
            for table in db.metadata.sorted_tables:
                if rows := self.added.get(table.name):
                    db.session.execute(insert(table), rows)
                for row in self.changed.get(table.name, ()):
                    same = [column == row[column.name] for column in table.primary_key]
                    db.session.execute(update(table).where(*same).values(**row))


def all_rows() -> Rows:
    """Everything in the database, by table and primary key."""
    db.session.rollback()
    return {table.name: _rows_of(table) for table in db.metadata.sorted_tables}


def change_since(before: Rows) -> Change:
    """What became of the database since then. Nothing may have gone."""
    after = all_rows()
    gone = [(name, key) for name, rows in before.items() for key in rows.keys() - after[name]]
    assert not gone, f"what is kept must not remove anything: {gone}"
    return Change(
        added={
            name: [row for key, row in rows.items() if key not in before[name]]
            for name, rows in after.items()
        },
        changed={
            name: [row for key, row in rows.items() if before[name].get(key, row) != row]
            for name, rows in after.items()
        },
    )


def _rows_of(table: Table) -> dict[Key, dict[str, Any]]:
    rows = [dict(row._mapping) for row in db.session.execute(select(table))]
    names = [column.name for column in table.primary_key]
    return {tuple(row[name] for name in names): row for row in rows}
