"""A backup of the whole installation, made while it serves: one folder with two files.

The keys of the instance folder are not in it. Whoever finds a backup without them cannot open what
phones and second factors sealed; so a backup and the keys belong in different places.
"""

from __future__ import annotations

import json
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

from pwa.audit import log as audit_log
from pwa.config import Settings
from pwa.database import db, is_sqlite, writing
from pwa.files import FOLDER_OWNER_ONLY, fsync_file, fsync_folder, make_private, sha256_of
from pwa.operations import postgresql
from pwa.operations.postgresql import ToolFailed

FORMAT = "prolo-aftercare-backup/1"
MANIFEST = "manifest.json"
DATA = {"sqlite": "aftercare.sqlite3", "postgresql": "aftercare.pgdump"}


class BackupError(Exception):
    """A backup could not be made, or cannot be trusted; the message says why."""


@dataclass(frozen=True)
class Manifest:
    """What is in a backup.

    Attributes:
        epoch: names the history of the database that was backed up; a restore starts a new one.
        kids: the master keys that something in it is sealed under.
        counts: rows by table.
    """

    made_at: datetime
    engine: str
    revision: str
    epoch: str
    data: str
    bytes: int
    sha256: str
    kids: tuple[str, ...]
    counts: dict[str, int]


def make(target: Path, *, settings: Settings, at: datetime) -> tuple[Path, Manifest]:
    """Make a backup at this path, or in the folder of this path under a name with the time.

    It is there whole or not at all, and was read back before this returns.

    Raises:
        BackupError: it cannot be written there, or what was written is not sound.
    """
    target = target.resolve()
    if target.is_dir():
        target = target / f"backup-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    if target.exists():
        raise BackupError(f"There is something at {target} already.")
    unfinished = target.with_name(f".{target.name}.{secrets.token_hex(4)}.unfinished")
    try:
        unfinished.mkdir(mode=FOLDER_OWNER_ONLY, parents=True)
        manifest = _fill(unfinished, settings=settings, at=at)
        unfinished.rename(target)
    except (OSError, sqlite3.Error, ToolFailed) as error:
        raise BackupError(f"The backup was not made: {error}") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    fsync_folder(target.parent)
    with writing():
        audit_log.record(
            at=at,
            clinic_id=audit_log.SERVER,
            actor_id=None,
            actor_name="Operator",
            action="server.backed_up",
            detail={"sha256": manifest.sha256},
        )
    return target, manifest


def check(folder: Path, *, settings: Settings) -> Manifest:
    """Read a backup's manifest and look whether its data is what was written then.

    Raises:
        BackupError: it is not; nothing should be made of it.
    """
    manifest = _read_manifest(folder)
    data = folder / manifest.data
    if not data.is_file() or sha256_of(data) != manifest.sha256:
        raise BackupError(f"{data.name} is not the file that the manifest was made for.")
    _check_soundness(data, manifest.engine, settings=settings)
    return manifest


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a SQLite database that may be in use into one file, whole and as of one moment.

    Raises:
        BackupError: the copy is not sound.
    """
    make_private(target)
    with closing(_open(source)) as here, closing(sqlite3.connect(target)) as there:
        here.backup(there)
        there.execute("PRAGMA journal_mode=DELETE")
    check_sqlite(target)
    fsync_file(target)


def check_sqlite(path: Path) -> None:
    """Look through every page and every reference of a SQLite file. Raises BackupError."""
    try:
        with closing(_open(path, is_alone=True)) as connection:
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            loose = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{path.name} is damaged: {error}") from error
    if found != "ok" or loose is not None:
        raise BackupError(f"{path.name} is damaged: {found if loose is None else loose}")


def _open(path: Path, *, is_alone: bool = False) -> sqlite3.Connection:
    mode = "mode=ro&immutable=1" if is_alone else "mode=rw"
    return sqlite3.connect(f"{path.resolve().as_uri()}?{mode}", uri=True)


def _fill(folder: Path, *, settings: Settings, at: datetime) -> Manifest:
    engine = db.engine.dialect.name
    data = folder / DATA[engine]
    if is_sqlite(db.engine):
        copy_sqlite(Path(str(db.engine.url.database)), data)
        said = _facts_of_sqlite(data)
    else:
        said = _dump(data, settings)
    manifest = Manifest(
        made_at=at,
        engine=engine,
        data=data.name,
        bytes=data.stat().st_size,
        sha256=sha256_of(data),
        **said,
    )
    _check_soundness(data, engine, settings=settings)
    _write_manifest(folder / MANIFEST, manifest)
    fsync_folder(folder)
    return manifest


def _check_soundness(data: Path, engine: str, *, settings: Settings) -> None:
    if engine == "sqlite":
        check_sqlite(data)
        return
    try:
        postgresql.run(settings, "pg_restore", "--file=-", str(data), url=db.engine.url)
    except ToolFailed as error:
        raise BackupError(f"{data.name} is damaged: {error}") from error


def _facts_of_sqlite(path: Path) -> dict[str, Any]:
    with closing(_open(path, is_alone=True)) as connection:
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        tables = sorted(row[0] for row in connection.execute(query))

        def ask(words: str) -> list[Any]:
            return [row[0] for row in connection.execute(words)]

        return _facts(ask, tables)


def _dump(data: Path, settings: Settings) -> dict[str, Any]:
    """The dump and the facts beside it are of one and the same moment."""
    make_private(data)
    with _snapshot() as (connection, name):
        postgresql.run(
            settings,
            "pg_dump",
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--snapshot={name}",
            f"--file={data}",
            url=db.engine.url,
        )

        def ask(words: str) -> list[Any]:
            return list(connection.scalars(text(words)))

        facts = _facts(ask, sorted(inspect(connection).get_table_names()))
    fsync_file(data)
    return facts


@contextmanager
def _snapshot() -> Iterator[tuple[Connection, str]]:
    db.session.rollback()
    with db.engine.connect() as connection:
        steady = connection.execution_options(isolation_level="REPEATABLE READ")
        yield steady, str(steady.scalar(text("SELECT pg_export_snapshot()")))


def _facts(ask: Any, tables: list[str]) -> dict[str, Any]:
    if "installation" not in tables or "alembic_version" not in tables:
        raise BackupError("There is no database of Prolo Aftercare yet.")
    kids = ask("SELECT kid FROM master_keys ORDER BY kid") if "master_keys" in tables else []
    return {
        "revision": ask("SELECT version_num FROM alembic_version")[0],
        "epoch": ask("SELECT epoch FROM installation")[0],
        "kids": tuple(kids),
        "counts": {table: ask(f'SELECT count(*) FROM "{table}"')[0] for table in tables},  # noqa: S608
    }


def _write_manifest(path: Path, manifest: Manifest) -> None:
    said = {"format": FORMAT, **asdict(manifest), "made_at": manifest.made_at.isoformat()}
    make_private(path)
    path.write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
    fsync_file(path)


def _read_manifest(folder: Path) -> Manifest:
    try:
        said = json.loads((folder / MANIFEST).read_text("utf-8"))
        if said.pop("format") != FORMAT:
            raise BackupError(f"{folder} holds another kind of backup.")
        manifest = Manifest(
            **{
                **said,
                "made_at": datetime.fromisoformat(said["made_at"]),
                "kids": tuple(said["kids"]),
            }
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{folder} is no backup of Prolo Aftercare: {error}") from error
    if manifest.data != DATA.get(manifest.engine):
        raise BackupError(f"{folder} names a data file that no backup has.")
    return manifest
