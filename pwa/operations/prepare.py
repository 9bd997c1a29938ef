"""Making a database ready: what was interrupted, migrations, the installation's row, erasures.

Harmless when done twice.
"""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask_migrate import upgrade

from pwa import clock
from pwa.accounts import keys
from pwa.check_ins import expected
from pwa.clinic.import_shelf import Shelf
from pwa.config import ConfigError, Settings
from pwa.database import db, is_sqlite, migrate, reading, writing
from pwa.exchange import erasure, scrubbing
from pwa.exchange.tombstones import Tombstones
from pwa.guidance.library import Library
from pwa.operations import swap
from pwa.operations.backup import copy_sqlite
from pwa.practice import clinics

COPIES_FOLDER = scrubbing.COPIES_FOLDER
COPIES_KEPT = 3


def prepare_database() -> None:
    """Bring the database up to the newest migration and give a fresh one its epoch.

    Of several processes that start at once, one migrates and the others wait. What a crash left
    half done is finished first: a restore that had come to its last step, and an erasure.

    Raises:
        ConfigError: a newer version of the app has migrated this database already, or a master
            key that phones still need, or the rules that a clinic signed, are missing.
    """
    settings: Settings = current_app.extensions["settings"]
    with alone(settings):
        path = sqlite_path()
        if path is not None:
            swap.finish(path)
        migrate_to_newest(settings, at=clock.now())
        with writing():
            clinics.ensure_installation()
        with reading():
            keys.check_all_here(current_app.extensions["key_ring"])
        _finish_erasures(settings, at=clock.now())
        _check_signed_rules()
        _count_what_is_expected(at=clock.now())
        Shelf(settings.instance_path).sweep(at=clock.now())


def migrate_to_newest(settings: Settings, *, at: datetime) -> None:
    """Run the migrations that are missing. An existing SQLite database is copied before."""
    found = _revision()
    if found == _newest_revision():
        return
    if found is not None and not knows(found):
        raise ConfigError(
            f"DATABASE_URL leads to a database of a newer version ({found}). Start that version."
        )
    path = sqlite_path()
    if found is not None and path is not None:
        _keep_copy(path, settings.instance_path / COPIES_FOLDER, revision=found, at=at)
    upgrade()


def knows(revision: str) -> bool:
    """Whether this version of the app has the migration of this name."""
    scripts = ScriptDirectory(str(migrate.directory))
    return revision in {script.revision for script in scripts.walk_revisions()}


def sqlite_path() -> Path | None:
    """The file of the database; None where it is no file of ours to copy and move."""
    name = db.engine.url.database
    if not is_sqlite(db.engine) or not name or name.startswith((":", "file:")):
        return None
    return Path(name)


@contextlib.contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Of several processes that start on one instance folder, one at a time. Not for nesting."""
    with (settings.instance_path / "migrating.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _revision() -> str | None:
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _newest_revision() -> str | None:
    return ScriptDirectory(str(migrate.directory)).get_current_head()


def _keep_copy(path: Path, folder: Path, *, revision: str, at: datetime) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    unfinished = folder / "unfinished.new"
    unfinished.unlink(missing_ok=True)
    copy_sqlite(path, unfinished)
    unfinished.replace(folder / f"{at:%Y%m%dT%H%M%S%f}-{revision}.sqlite3")
    for old in sorted(folder.glob("*.sqlite3"))[:-COPIES_KEPT]:
        old.unlink()


def _check_signed_rules() -> None:
    """What a clinic signed stays: without it phones would give no level any more."""
    library: Library = current_app.extensions["library"]
    with reading():
        signed = [clinics.snapshot(clinic_id).signed for clinic_id in clinics.clinic_ids()]
    for one in signed:
        if one is None:
            continue
        if one.form_version not in library.forms or one.rules_version not in library.rules:
            raise ConfigError(
                f"form {one.form_version} and rules {one.rules_version}, which a clinic signed, "
                "are not in the content. Every released version stays (see CONTENT_PATH)."
            )


def _count_what_is_expected(*, at: datetime) -> None:
    """Of whom something is expected: after an update that began to count it."""
    with reading():
        clinic_ids = clinics.clinic_ids()
    for clinic_id in clinic_ids:
        with writing():
            expected.tidy(clinic_id=clinic_id, at=at)


def _finish_erasures(settings: Settings, *, at: datetime) -> None:
    stones = Tombstones(settings.instance_path)
    erasure.replay(stones, at=at)
    if scrubbing.is_due(stones):
        scrubbing.scrub(stones)
