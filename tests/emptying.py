"""Empty tables for the next test. Nothing but tests may take anything out of the audit log."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from sqlalchemy import text

from pwa.database import db, is_sqlite

TRIGGERS = text(
    "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'audit_%'"
)


def empty_tables() -> None:
    """Take everything out. Call inside a write transaction."""
    with unguarded():
        for table in reversed(db.metadata.sorted_tables):
            db.session.execute(table.delete())


@contextlib.contextmanager
def unguarded() -> Iterator[None]:
    """The database's triggers let the audit log go, within this block of a write transaction."""
    if not is_sqlite(db.engine):
        db.session.execute(text("SET LOCAL session_replication_role = replica"))
        yield
        db.session.execute(text("SET LOCAL session_replication_role = origin"))
        return
    triggers = db.session.execute(TRIGGERS).all()
    for name, _ in triggers:
        db.session.execute(text(f"DROP TRIGGER {name}"))
    yield
    for _, statement in triggers:
        db.session.execute(text(statement))
