"""Commands of `flask --app wsgi`, beside those of Flask and its extensions."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from pwa.operations.prepare import prepare_database


@click.command("prepare")
@with_appcontext
def prepare_command() -> None:
    """Bring the database up to date. Harmless when done twice."""
    prepare_database()
    click.echo("The database is ready.")


COMMANDS = (prepare_command,)
