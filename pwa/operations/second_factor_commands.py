"""A lost second factor, for whoever runs the server: colleagues help each other in the settings."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from pwa import clock
from pwa.accounts import second_factor
from pwa.problems import NotFound


@click.group("second-factor")
def second_factor_group() -> None:
    """The second factor of staff."""


@second_factor_group.command("reset")
@click.argument("username")
@with_appcontext
def reset_command(username: str) -> None:
    """Take every second factor of USERNAME away and end their sessions.

    For an administrator without a colleague. Make sure first that it is really them who asks.
    """
    try:
        name = second_factor.reset_by_operator(username=username, at=clock.now())
    except NotFound:
        raise click.ClickException("No member of staff has that sign-in name.") from None
    click.echo(f"{name} adds a new second factor at the next sign-in.")
