"""Putting a new SQLite database in the place of the one that is there, in spite of any crash.

A database is a file and its write-ahead log, and two files cannot be renamed at once. So what is
meant is written down first; whoever comes next carries it out. Nobody may have the database open.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from datetime import datetime
from pathlib import Path

from pwa.files import fsync_file, fsync_folder, write_private

KEPT = "replaced-"
HELPERS = ("-wal", "-shm", "-journal")


def beside(path: Path) -> Path:
    """Where the new database is made ready."""
    return path.with_name(f"{path.name}.restoring")


def clear(path: Path) -> None:
    """Remove what an earlier try left beside the database: its own file, and second names of the
    database that is used still."""
    for name in ("", *HELPERS):
        Path(f"{beside(path)}{name}").unlink(missing_ok=True)
    for name in ("", "-wal"):
        used = Path(f"{path}{name}")
        for second in path.parent.glob(f"{path.name}.{KEPT}*{name}"):
            if used.exists() and second.samefile(used):
                second.unlink()


def put_in_place(path: Path, *, at: datetime) -> Path | None:
    """Make the database that stands ready `beside` this one take its place.

    Returns:
        Where the replaced one is kept; None where there was none.
    """
    fsync_file(beside(path))
    kept = _keep(path, at=at)
    write_private(_note(path), "The new database is ready. Put it in place.\n")
    finish(path)
    return kept


def finish(path: Path) -> None:
    """Carry out what was written down, if anything; else remove what was never finished."""
    note = _note(path)
    new = beside(path)
    if note.exists():
        if new.exists():
            for name in HELPERS:
                Path(f"{path}{name}").unlink(missing_ok=True)
            fsync_folder(path.parent)
            new.replace(path)
            fsync_folder(path.parent)
        note.unlink()
        fsync_folder(path.parent)
    clear(path)


def _note(path: Path) -> Path:
    return path.with_name(f"{path.name}.swap")


def _keep(path: Path, *, at: datetime) -> Path | None:
    """A second name for the old file, so that it stays when the first is given to the new one."""
    if not path.exists() or not path.stat().st_size:
        return None
    _fold_in_the_log(path)
    kept = path.with_name(f"{path.name}.{KEPT}{at:%Y%m%dT%H%M%S%fZ}")
    for name in ("", "-wal"):
        if Path(f"{path}{name}").exists():
            os.link(f"{path}{name}", f"{kept}{name}")
    fsync_folder(path.parent)
    return kept


def _fold_in_the_log(path: Path) -> None:
    """Best effort: a damaged database, which may be why it is replaced, keeps its log beside it."""
    with (
        contextlib.suppress(sqlite3.DatabaseError),
        contextlib.closing(sqlite3.connect(path)) as connection,
    ):
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
