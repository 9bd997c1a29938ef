"""Commands of `flask --app wsgi`, beside those of Flask and its extensions."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from pwa.operations.audit_commands import audit_group
from pwa.operations.backup_commands import backup_command, restore_command
from pwa.operations.clinic_commands import clinics_group
from pwa.operations.key_commands import keys_group
from pwa.operations.prepare import prepare_database
from pwa.operations.record_commands import erase_command, export_command, retention_command
from pwa.operations.release_commands import release_group
from pwa.operations.reminding import remind_command
from pwa.operations.second_factor_commands import second_factor_group


@click.command("prepare")
@with_appcontext
def prepare_command() -> None:
    """Bring the database up to date. Harmless when done twice."""
    prepare_database()
    click.echo("The database is ready.")


COMMANDS = (
    prepare_command,
    backup_command,
    restore_command,
    erase_command,
    export_command,
    retention_command,
    audit_group,
    clinics_group,
    keys_group,
    release_group,
    second_factor_group,
    remind_command,
)
