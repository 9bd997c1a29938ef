"""The floor: what SQLite alone gives on this disk, in one process, with the server's pragmas.

One row a check-in with an event of the same size, and each commit as durable as the server's.
"""

from __future__ import annotations

import sqlite3
import time
import uuid
from pathlib import Path

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")


class Floor:
    """A database of its own beside the server's."""

    def __init__(self, folder: Path, *, event_bytes: int) -> None:
        self._event = "x" * event_bytes
        self._seq = 0
        self._connection = sqlite3.connect(folder / "floor.sqlite3", isolation_level=None)
        for pragma in PRAGMAS:
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute(
            "CREATE TABLE events (clinic_id TEXT, event_id TEXT, seq INTEGER, event TEXT,"
            " PRIMARY KEY (clinic_id, event_id)) WITHOUT ROWID"
        )

    def rows_a_second(self, *, commits: int, rows_a_commit: int) -> float:
        """Write so many rows in so many commits."""
        started = time.perf_counter()
        for _ in range(commits):
            rows = [self._row() for _ in range(rows_a_commit)]
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?)", rows)
            self._connection.execute("COMMIT")
        return commits * rows_a_commit / (time.perf_counter() - started)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _row(self) -> tuple[str, str, int, str]:
        self._seq += 1
        return "clinic", str(uuid.uuid4()), self._seq, self._event
