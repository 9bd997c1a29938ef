"""Giving a backup back: the new database is made ready beside the old one, then takes its place.

A restored database is an older state of the world. So it starts a new epoch (phones offer again
what they keep), nobody stays signed in, and no code works that was open when the backup was made:
it may have been used or withdrawn since. Who was erased is erased again.
"""

from __future__ import annotations

import shutil
import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import URL, Engine, create_engine, delete, make_url, text, update
from sqlalchemy.pool import NullPool

from pwa import database
from pwa.accounts.keys import FOLDER, KeyRing
from pwa.accounts.models import (
    Account,
    Challenge,
    Invite,
    MasterKey,
    RecoveryCode,
    ResetRequest,
    Session,
)
from pwa.audit import log as audit_log
from pwa.config import PROJECT_ROOT, ConfigError, Settings
from pwa.database import db, is_sqlite, writing
from pwa.exchange import erasure, scrubbing
from pwa.exchange.tombstones import Tombstones
from pwa.files import make_private
from pwa.operations import backup, postgresql, prepare, swap
from pwa.operations.backup import BackupError, Manifest
from pwa.operations.occupancy import Occupancy, Occupied
from pwa.practice.models import Installation
from pwa.reminders.models import CalendarLink, PushSubscription


@dataclass(frozen=True)
class Restored:
    """What a restore did.

    Attributes:
        kept: the replaced database; None where there was none.
        erased_count: patients who were in the backup and are erased again.
        lost_kids: keys that something in the database was sealed under and that are not here.
    """

    manifest: Manifest
    epoch: str
    kept: str | None
    erased_count: int
    lost_kids: tuple[str, ...]


def restore(
    folder: Path, *, settings: Settings, at: datetime, is_without_keys: bool = False
) -> Restored:
    """Put a backup in the place of the database. Killed anywhere, it can be run again.

    Raises:
        BackupError: the backup cannot be trusted, or is of another engine or a newer version.
        ConfigError: keys are missing, or PostgreSQL's tools are.
        Occupied: a server uses this installation.
    """
    occupancy = Occupancy(settings.instance_path)
    occupancy.take_over()
    try:
        with prepare.alone(settings):
            return _restore(folder, settings, at=at, is_without_keys=is_without_keys)
    finally:
        occupancy.let_go()


def _restore(folder: Path, settings: Settings, *, at: datetime, is_without_keys: bool) -> Restored:
    manifest = backup.check(folder, settings=settings)
    if manifest.engine != db.engine.dialect.name:
        raise BackupError(f"This backup is of {manifest.engine}; DATABASE_URL names another.")
    if not prepare.knows(manifest.revision):
        raise BackupError(f"This backup was made by a newer version ({manifest.revision}).")
    lost = tuple(sorted(set(manifest.kids) - KeyRing(settings.instance_path / FOLDER).kids()))
    if lost and not is_without_keys:
        raise ConfigError(
            f"INSTANCE_PATH lacks keys of this backup, in {FOLDER}/: {', '.join(lost)}. Put them "
            "back from where you keep them, or restore --without-keys."
        )
    place = _SqlitePlace(settings) if is_sqlite(db.engine) else _PostgresqlPlace(settings)
    db.session.remove()
    db.engine.dispose()
    place.load(folder / manifest.data)
    epoch, erased_count = _make_ready(place.url, settings, manifest, at=at, lost=lost)
    scrubbing.forget(Tombstones(settings.instance_path))
    kept = place.take_it(at=at)
    return Restored(manifest, epoch, kept, erased_count, lost)


def _make_ready(
    url: str, settings: Settings, manifest: Manifest, *, at: datetime, lost: tuple[str, ...]
) -> tuple[str, int]:
    fresh = _app_on(url, settings)
    with fresh.app_context():
        try:
            upgrade()
            with writing():
                epoch = _begin_anew(manifest, at=at, lost=lost)
            erased_count = erasure.replay(Tombstones(settings.instance_path), at=at)
        finally:
            db.session.remove()
            db.engine.dispose()
    return epoch, erased_count


def _app_on(url: str, settings: Settings) -> Flask:
    """A bare app over another database of the same installation."""
    app = Flask(
        "pwa", root_path=str(PROJECT_ROOT / "pwa"), instance_path=str(settings.instance_path)
    )
    beside = replace(settings, database_url=url)
    app.extensions["settings"] = beside
    database.install(app, beside)
    return app


def _begin_anew(manifest: Manifest, *, at: datetime, lost: tuple[str, ...]) -> str:
    epoch = str(uuid.uuid4())
    db.session.execute(update(Installation).values(epoch=epoch))
    db.session.execute(update(Session).where(Session.ended_at.is_(None)).values(ended_at=at))
    db.session.execute(
        update(Invite)
        .where(Invite.used_at.is_(None), Invite.revoked_at.is_(None))
        .values(revoked_at=at)
    )
    db.session.execute(
        update(RecoveryCode).where(RecoveryCode.used_at.is_(None)).values(used_at=at)
    )
    db.session.execute(delete(ResetRequest))
    db.session.execute(delete(Challenge))
    db.session.execute(delete(CalendarLink))
    db.session.execute(delete(PushSubscription))
    for kid in lost:
        db.session.execute(delete(MasterKey).where(MasterKey.kid == kid))
        db.session.execute(
            update(Account)
            .where(Account.totp_secret.startswith(kid, autoescape=True))
            .values(totp_secret=None, totp_step=None)
        )
    audit_log.record(
        at=at,
        clinic_id=audit_log.SERVER,
        actor_id=None,
        actor_name="Operator",
        action="server.restored",
        detail={
            "made_at": manifest.made_at.isoformat(),
            "sha256": manifest.sha256,
            "lost_kids": list(lost),
        },
    )
    return epoch


class _SqlitePlace:
    """A file beside the database, and then its name."""

    def __init__(self, settings: Settings) -> None:
        path = prepare.sqlite_path()
        if path is None:
            raise BackupError("DATABASE_URL names no file that could be replaced.")
        self.path = path
        self.url = f"sqlite:///{swap.beside(path)}"

    def load(self, data: Path) -> None:
        swap.finish(self.path)
        make_private(swap.beside(self.path))
        shutil.copyfile(data, swap.beside(self.path))

    def take_it(self, *, at: datetime) -> str | None:
        kept = swap.put_in_place(self.path, at=at)
        return None if kept is None else str(kept)


class _PostgresqlPlace:
    """A database beside the one that is used, and then its name. The server gives a name away
    only while nobody is connected, so nobody can be served from the old one meanwhile."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.own: URL = make_url(settings.database_url)
        self.name = str(self.own.database)
        self.beside = f"{self.name}_restoring"
        self.url = self.own.set(database=self.beside).render_as_string(hide_password=False)

    def load(self, data: Path) -> None:
        self._refuse_if_used()
        self._do(f"DROP DATABASE IF EXISTS {_quoted(self.beside)}")
        self._do(f"CREATE DATABASE {_quoted(self.beside)} TEMPLATE template0")
        postgresql.run(
            self.settings,
            "pg_restore",
            "--no-owner",
            "--no-privileges",
            "--exit-on-error",
            "--single-transaction",
            f"--dbname={self.beside}",
            str(data),
            url=self.own.set(database=self.beside),
        )

    def take_it(self, *, at: datetime) -> str:
        self._refuse_if_used()
        kept = f"{self.name}_replaced_{at:%Y%m%d%H%M%S}"
        self._do(
            f"ALTER DATABASE {_quoted(self.name)} RENAME TO {_quoted(kept)}",
            f"ALTER DATABASE {_quoted(self.beside)} RENAME TO {_quoted(self.name)}",
        )
        return kept

    def _refuse_if_used(self) -> None:
        with self._engine().connect() as connection:
            count = connection.scalar(
                text(
                    "SELECT count(*) FROM pg_stat_activity "
                    "WHERE datname = :name AND backend_type = 'client backend'"
                ),
                {"name": self.name},
            )
        if count:
            raise Occupied("Something is connected to the database. Stop every server first.")

    def _do(self, *statements: str) -> None:
        """Two renames are one transaction; making and dropping a database allows none."""
        level = "AUTOCOMMIT" if len(statements) == 1 else "READ COMMITTED"
        engine = self._engine().execution_options(isolation_level=level)
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def _engine(self) -> Engine:
        name = "postgres" if self.name != "postgres" else "template1"
        return create_engine(self.own.set(database=name), poolclass=NullPool)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
