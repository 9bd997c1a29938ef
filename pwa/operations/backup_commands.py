"""`flask --app wsgi backup` and `restore`: the whole installation, kept and given back."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from pwa import clock
from pwa.accounts.keys import FOLDER
from pwa.config import ConfigError, Settings
from pwa.exchange.tombstones import Tombstones
from pwa.operations import backup, restore
from pwa.operations.backup import BackupError
from pwa.operations.postgresql import ToolFailed
from pwa.problems import Problem

FOLDER_PATH = click.Path(path_type=Path)


@click.command("backup")
@click.argument("target", type=FOLDER_PATH)
@with_appcontext
def backup_command(target: Path) -> None:
    """Make a backup in the folder TARGET, also while the server runs.

    Where TARGET is there already, the backup becomes a folder in it, named by the time.
    """
    settings: Settings = current_app.extensions["settings"]
    try:
        place, manifest = backup.make(target, settings=settings, at=clock.now())
    except (BackupError, ConfigError, Problem) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"The backup is in {place} ({manifest.bytes:,} bytes, read back and sound).")
    click.echo(f"  patients {manifest.counts['patients']}", nl=False)
    click.echo(f", check-ins and corrections {manifest.counts['check_in_events']}")
    keys = settings.instance_path / FOLDER
    click.echo(f"The keys are NOT in it. They are in {keys} ({len(manifest.kids)} in use).")
    click.echo("Keep a copy of them, of secret_key and of erasures.jsonl, in another place: ")
    click.echo("whoever holds a backup and the keys together can read everything.")


@click.command("restore")
@click.argument("folder", type=FOLDER_PATH)
@click.option(
    "--without-keys",
    is_flag=True,
    help="Go on where keys are missing: what was sealed under them stays shut for ever.",
)
@with_appcontext
def restore_command(folder: Path, *, without_keys: bool) -> None:
    """Put the backup in FOLDER in the place of the database. Stop the server first."""
    settings: Settings = current_app.extensions["settings"]
    try:
        done = restore.restore(
            folder, settings=settings, at=clock.now(), is_without_keys=without_keys
        )
    except (BackupError, ConfigError, ToolFailed, Problem) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"The database is the one of {done.manifest.made_at:%Y-%m-%d %H:%M} UTC.")
    if done.kept:
        click.echo(f"The one it replaced is kept as {done.kept}. Delete it when all is well:")
        click.echo("it holds whatever was erased after it was last made clean.")
    click.echo(f"Records erased again: {done.erased_count}.")
    if not Tombstones(settings.instance_path).path.exists():
        click.echo("There is no erasures.jsonl here. If anybody was erased since the backup, they")
        click.echo("are back: put the file back from where you keep it before you start.")
    if done.lost_kids:
        click.echo(f"WITHOUT these keys: {', '.join(done.lost_kids)}. Check-ins that phones sealed")
        click.echo("under them cannot be opened, and authenticator apps have to be set up anew.")
    click.echo("Everybody is signed out; codes and links made before do not work any more.")
    click.echo("Phones send again what they keep, when their owners sign in.")
    click.echo("Look again at what changed since the backup and is not in it: passwords, closed")
    click.echo("accounts, new staff, treatments, readings, settings and signatures.")
