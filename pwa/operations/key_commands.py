"""`flask --app wsgi keys …`: the master keys under which phones seal what they keep."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select

from pwa.accounts.keys import KeyRing
from pwa.accounts.models import MasterKey
from pwa.database import db

keys_group = AppGroup("keys", help="List and rotate the installation's master keys.")


@keys_group.command("rotate")
def rotate_command() -> None:
    """Make a new key. Phones seal under it from their next contact; older keys stay."""
    kid = _ring().rotate()
    click.echo(f"From now on phones seal under {kid}.")
    click.echo("Keep the older keys: what was sealed under them is opened with them.")


@keys_group.command("list")
def list_command() -> None:
    """Every key that is here or was used, and what is to be known of it."""
    ring = _ring()
    used = {row.kid: row.first_used_at for row in db.session.scalars(select(MasterKey))}
    current = ring.current() if ring.kids() else None
    for kid in sorted(ring.kids() | set(used)):
        since = f"used since {used[kid]:%Y-%m-%d}" if kid in used else "not used yet"
        place = "" if kid in ring.kids() else ", MISSING"
        click.echo(f"{kid}  {since}{place}{', current' if kid == current else ''}")


def _ring() -> KeyRing:
    ring: KeyRing = current_app.extensions["key_ring"]
    return ring
