"""`flask --app wsgi release …`: takes a release that went wrong off the phones, and back again."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from pwa.clock import now
from pwa.shell import kill_switch

release_group = AppGroup("release", help="Take a bad release off the phones, and bring one back.")


@release_group.command("kill")
def kill_command() -> None:
    """Phones throw away the pages that they keep, and take every page from the server."""
    kill_switch.switch_off(_instance(), at=now())
    click.echo("The worker is switched off. A phone lets go of it the next time that it opens the")
    click.echo("app with a line, and shows the server's own pages from the page after that.")
    click.echo("What patients saved on it stays there and is sent. Nothing opens without signal")
    click.echo("until: flask --app wsgi release live")


@release_group.command("live")
def live_command() -> None:
    """Phones take the worker and the release that this server has now."""
    kill_switch.switch_on(_instance())
    click.echo(
        "The worker is served again. Phones keep the pages again from their next visit or two on."
    )


@release_group.command("status")
def status_command() -> None:
    """Whether the worker is served."""
    since = kill_switch.off_since(_instance())
    click.echo("The worker is served." if since is None else f"Switched off since {since}.")


def _instance() -> Path:
    instance: Path = current_app.extensions["settings"].instance_path
    return instance
