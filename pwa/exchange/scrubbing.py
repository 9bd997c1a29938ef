"""Getting erased words out of the bytes of an SQLite file, where a deleted row leaves its text.

PostgreSQL looks after its own pages: what autovacuum has passed is gone.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from pwa.database import SQLITE_BUSY_SECONDS, db, is_sqlite
from pwa.exchange.tombstones import Tombstones
from pwa.files import write_private

COPIES_FOLDER = "before-migration"
"""Where the server keeps its own copies of the database from before a migration."""
MARK = "erasures.scrubbed"
"""How long the list of erasures was when the file was last made clean of them."""


def scrub(stones: Tombstones) -> bool:
    """Write the database file anew without what was deleted, and empty its write-ahead log.

    The server's own older copies go too; those that people made are theirs to remove. Waits for
    its turn like any writer. Call outside any transaction of this thread.

    Returns:
        Whether it is done. If not (somebody was reading for long, or there was no room), the next
        erasure or the next start tries again.
    """
    if not is_sqlite(db.engine) or not db.engine.url.database:
        return True
    length = _length(stones)
    db.session.rollback()
    try:
        with closing(_connect(db.engine.url.database)) as connection:
            connection.execute("VACUUM")
            is_busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError:
        return False
    if is_busy:
        return False
    for copy in stones.path.with_name(COPIES_FOLDER).glob("*.sqlite3"):
        copy.unlink()
    write_private(stones.path.with_name(MARK), f"{length}\n")
    return True


def forget(stones: Tombstones) -> None:
    """The database is going to be another one: it has to be made clean again."""
    stones.path.with_name(MARK).unlink(missing_ok=True)


def is_due(stones: Tombstones) -> bool:
    """Whether somebody was erased since the file was last made clean."""
    mark = stones.path.with_name(MARK)
    done = mark.read_text("ascii").strip() if mark.exists() else "0"
    return done != str(_length(stones))


def _connect(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=SQLITE_BUSY_SECONDS, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def _length(stones: Tombstones) -> int:
    path: Path = stones.path
    return path.stat().st_size if path.exists() else 0
