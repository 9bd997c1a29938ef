"""`flask --app wsgi clinics …`: opening further clinics, for whoever runs the server."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from pwa import clock
from pwa.accounts import invites, people
from pwa.accounts.people import Actor
from pwa.audit import log as audit_log
from pwa.config import Settings
from pwa.database import reading, writing
from pwa.practice import clinics
from pwa.problems import Invalid, NotFound

OPERATOR = "Operator"
clinics_group = AppGroup("clinics", help="The clinics on this server, sealed from each other.")


@clinics_group.command("open")
@click.option("--only", is_flag=True, help="Codes that were made before and not used stop working.")
@with_appcontext
def open_command(only: bool) -> None:
    """Print a link that opens one more clinic.

    Hand it to the person who will be the administrator there. They choose the clinic's name, time
    zone and emergency number, and a sign-in name of their own; you see none of what they keep. The
    link works once, within 14 days, and is shown only here.

    From the second clinic on, the public pages show no clinic's name or number to strangers, only
    "your clinic" and EMERGENCY_NUMBER. Somebody who works at several clinics joins the others by a
    code of their administrators, with the sign-in name that they have.
    """
    settings: Settings = current_app.extensions["settings"]
    at = clock.now()
    with writing():
        revoked = invites.revoke_setup(at=at) if only else 0
        code = invites.issue_further_setup(at=at)
        audit_log.record(
            at=at,
            clinic_id=audit_log.SERVER,
            actor_id=None,
            actor_name=OPERATOR,
            action="server.clinic_code",
            detail={"revoked": revoked},
        )
    if revoked:
        click.echo(f"Earlier codes that no longer work: {revoked}")
    click.echo("Hand this link to the new clinic's administrator. It works once, within 14 days:")
    click.echo(f"  {settings.public_url}/setup#{invites.grouped(code)}")


@clinics_group.command("list")
@with_appcontext
def list_command() -> None:
    """Print every clinic: its id, when it was opened, how many work there, its name."""
    with reading():
        for clinic_id in clinics.clinic_ids():
            staff = [one for one in people.staff_of(clinic_id) if one.is_active]
            name = clinics.snapshot(clinic_id).words.name
            click.echo(
                f"{clinic_id}  {clinics.opened_at(clinic_id):%Y-%m-%d}  {len(staff)}  {name}"
            )


@clinics_group.command("administrator")
@click.argument("clinic_id")
@click.argument("name")
@with_appcontext
def administrator_command(clinic_id: str, name: str) -> None:
    """Add an administrator called NAME to CLINIC_ID and print their link to join.

    For a clinic whose administrators are all gone. Make sure first who it is that asks: whoever
    has the link can add clinicians, who see every patient. The clinic's log says that you did it.
    """
    settings: Settings = current_app.extensions["settings"]
    actor, at = Actor(None, OPERATOR, clinic_id), clock.now()
    try:
        with writing():
            clinics.words_version(clinic_id)
            account_id = people.add_staff(
                actor=actor, role="administrator", display_name=name, at=at
            )
            account = people.find_own_staff(clinic_id=clinic_id, account_id=account_id)
            code = invites.issue(actor=actor, account=account, at=at)
    except NotFound:
        raise click.ClickException("No clinic has that id. See: clinics list") from None
    except Invalid as problem:
        raise click.ClickException(problem.detail) from None
    click.echo("Hand this link to them. It works once, within 14 days:")
    click.echo(f"  {settings.public_url}/join#{invites.grouped(code)}")
