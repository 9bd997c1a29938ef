"""`flask --app wsgi erase`, `export` and `retention`: single patients' records by command."""

from __future__ import annotations

import json
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from pwa import clock
from pwa.accounts import people
from pwa.accounts.models import Account
from pwa.accounts.people import Actor
from pwa.config import Settings
from pwa.database import db, reading, writing
from pwa.exchange import erasure, export, retention, scrubbing
from pwa.exchange.tombstones import Tombstones
from pwa.files import write_private

OPERATOR = "Operator"


@click.command("erase")
@click.argument("patient_id")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_appcontext
def erase_command(patient_id: str, *, yes: bool) -> None:
    """Erase the record of the patient with this id, for good."""
    actor = _actor_for(patient_id)
    with reading():
        _, patient = people.find_patient(clinic_id=actor.clinic_id, account_id=patient_id)
        second_identifier = patient.second_identifier
    if not yes and click.prompt("Type the patient's second identifier") != second_identifier:
        raise click.ClickException("That is another one. Nothing was erased.")
    stones = _stones()
    with writing():
        done = erasure.erase(actor=actor, patient_id=patient_id, stones=stones, at=clock.now())
    is_clean = scrubbing.scrub(stones)
    click.echo(f"Erased, with {done.event_count} check-ins and corrections.")
    if not is_clean:
        click.echo("The file could not be rewritten now; the next start of the server does it.")
    click.echo("Backups made before still hold the record until you delete them.")


@click.command("export")
@click.argument("patient_id")
@click.argument("folder", type=click.Path(path_type=Path))
@with_appcontext
def export_command(patient_id: str, folder: Path) -> None:
    """Write the whole record of the patient with this id into FOLDER, as data and as a page."""
    actor = _actor_for(patient_id)
    at = clock.now()
    who = {"clinic_id": actor.clinic_id, "patient_id": patient_id}
    with reading():
        data = export.read_record(**who, at=at)
        page = export.draw_page(
            **who,
            library=current_app.extensions["library"],
            templates=current_app.jinja_env,
            at=at,
        )
    with writing():
        export.note(actor=actor, patient_id=patient_id, kind="data and page", at=at)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"patient-record-{at:%Y%m%dT%H%M%SZ}"
    write_private(folder / f"{name}.json", json.dumps(data, ensure_ascii=False, indent=1) + "\n")
    write_private(folder / f"{name}.html", page)
    click.echo(f"{folder / name}.json and .html hold the record. They are not locked.")


@click.command("retention")
@click.option("--do", "is_done", is_flag=True, help="Erase them. Without it they are listed.")
@with_appcontext
def retention_command(*, is_done: bool) -> None:
    """List whose record is due to be erased, by each clinic's own setting."""
    at = clock.now()
    with reading():
        found = retention.find_due(at=at)
    for due in found:
        click.echo(f"{due.patient_id}  clinic {due.clinic_id}  last {due.last_at:%Y-%m-%d}")
    if not is_done:
        click.echo(f"{len(found)} due. Nothing was erased; --do erases them.")
        return
    erased = sum(retention.erase_if_due(due, stones=_stones(), at=at) for due in found)
    is_clean = scrubbing.scrub(_stones())
    click.echo(f"{erased} erased." if is_clean else f"{erased} erased; cleaned at the next start.")


def _actor_for(patient_id: str) -> Actor:
    """The operator, in the clinic of this patient."""
    with reading():
        account = db.session.get(Account, patient_id)
        if account is None or account.role != "patient" or account.erased_at is not None:
            raise click.ClickException("There is no patient with this id.")
        return Actor(None, OPERATOR, account.clinic_id)


def _stones() -> Tombstones:
    settings: Settings = current_app.extensions["settings"]
    return Tombstones(settings.instance_path)
