"""Making a database ready: migrations and the installation's row. Harmless when done twice."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask_migrate import upgrade

from pwa.config import Settings
from pwa.database import db, migrate, writing
from pwa.practice import clinics


def prepare_database() -> None:
    """Bring the database up to the newest migration and give a fresh one its epoch.

    Of several processes that start at once, one migrates and the others wait.
    """
    settings: Settings = current_app.extensions["settings"]
    with alone(settings):
        if _revision() != _newest_revision():
            upgrade()
        with writing():
            clinics.ensure_installation()


def _revision() -> str | None:
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _newest_revision() -> str | None:
    return ScriptDirectory(str(migrate.directory)).get_current_head()


@contextlib.contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Of several processes that start on one instance folder, one at a time. Not for nesting."""
    with (settings.instance_path / "migrating.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
