"""Breaking the audit log, as a thief with the database's own rights would. No test lives here."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from sqlalchemy import text

from pwa.audit.models import AuditEntry
from pwa.database import db, is_sqlite, writing
from tests.emptying import unguarded

REFUSE_ON_SQLITE = """
CREATE TRIGGER obstacle BEFORE INSERT ON audit_entries
BEGIN SELECT RAISE(ABORT, 'the log is closed'); END
"""
REFUSE = """
CREATE FUNCTION obstacle() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the log is closed'; END $$
"""
ASK_IT_FIRST = """
CREATE TRIGGER obstacle BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION obstacle()
"""
BLOCK = {"sqlite": (REFUSE_ON_SQLITE,), "postgresql": (REFUSE, ASK_IT_FIRST)}
UNBLOCK = {
    "sqlite": ("DROP TRIGGER obstacle",),
    "postgresql": ("DROP TRIGGER obstacle ON audit_entries", "DROP FUNCTION obstacle()"),
}


def run(*statements: str) -> None:
    """Run these in one write transaction."""
    with writing():
        for statement in statements:
            db.session.execute(text(statement))


def thief(statement: str) -> None:
    """Run this with the guards taken away for a moment."""
    with writing(), unguarded():
        db.session.execute(text(statement))


@contextlib.contextmanager
def blocked_log() -> Iterator[None]:
    """The database takes no entry, for a reason that is neither busy nor full."""
    kind = "sqlite" if is_sqlite(db.engine) else "postgresql"
    run(*BLOCK[kind])
    try:
        yield
    finally:
        run(*UNBLOCK[kind])


def entries_of(clinic_id: str) -> list[AuditEntry]:
    """The whole chain, oldest first."""
    db.session.rollback()
    return sorted(
        db.session.query(AuditEntry).filter_by(clinic_id=clinic_id),
        key=lambda entry: entry.chain_no,
    )
