"""PostgreSQL's own tools, started for the database that the app uses. Passwords go by the
environment, where other people of the machine cannot read them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy import URL

from pwa.config import ConfigError, Settings


class ToolFailed(Exception):
    """A tool ended with an error; the message is what it said."""


def run(settings: Settings, tool: str, *arguments: str, url: URL) -> None:
    """Run pg_dump or pg_restore on this database.

    Raises:
        ConfigError: there is no such tool here.
        ToolFailed: it could not do it.
    """
    done = subprocess.run(
        [_find(settings, tool), *arguments],
        env={**os.environ, **environment(url)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").splitlines()
        raise ToolFailed(" ".join(said[:2]) or f"{tool} ended with {done.returncode}")


def environment(url: URL) -> dict[str, str]:
    """The variables by which the tools find this database."""
    parts = {
        "host": url.host,
        "port": None if url.port is None else str(url.port),
        "user": url.username,
        "password": url.password,
        "database": url.database,
        **{name: value for name, value in url.query.items() if isinstance(value, str)},
    }
    names = {"application_name": "PGAPPNAME"}
    return {
        names.get(name, f"PG{name.upper()}"): value
        for name, value in parts.items()
        if value is not None
    }


def _find(settings: Settings, tool: str) -> str:
    found = shutil.which(tool, path=settings.pg_bin or None)
    if found is None:
        raise ConfigError(
            f"{tool} was not found. Install PostgreSQL's client tools, or say in PG_BIN where "
            "they are."
        )
    return str(Path(found))
