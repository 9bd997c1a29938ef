"""Signing the form and the rules, over HTTP: the whole table, then a typed name."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, request
from flask.typing import ResponseReturnValue

from pwa.clinic.desk import draw, library, opened, sit_down
from pwa.clinic.signing_table import SigningTable, readable, signing_table
from pwa.database import writing
from pwa.doors import clinicians_only
from pwa.practice import clinics
from pwa.problems import Conflict, Invalid, Problem

pages = Blueprint("sign_off", __name__, url_prefix="/settings/sign-off")


@pages.get("")
@clinicians_only
def show_sign_off() -> ResponseReturnValue:
    """What a clinician puts their name under."""
    return _draw()


@pages.post("")
@clinicians_only
def sign() -> ResponseReturnValue:
    """Put a clinician's name under what was on the screen."""
    typed_name = request.form.get("typed_name", "")
    table = signing_table(library())
    try:
        with writing():
            desk = sit_down()
            _check_seen(table)
            clinics.sign(
                clinic_id=desk.clinic_id,
                form_version=table.form_version,
                rules_version=table.rules_version,
                typed_name=typed_name,
                seen_version=_version(),
                at=desk.when.now,
                actor_id=desk.account_id,
                actor_name=desk.name,
            )
    except (Invalid, Conflict) as problem:
        return _draw(problem=problem, typed_name=typed_name), problem.status
    current_app.extensions["shell"].refresh_if_changed()
    return redirect("/clinic/settings/sign-off?done=signed", 303)


def _check_seen(table: SigningTable) -> None:
    seen = (request.form.get("form_version"), request.form.get("rules_version"))
    if seen != (str(table.form_version), str(table.rules_version)):
        raise Conflict("There are newer rules than those on your screen. Read them first.")


def _draw(*, problem: Problem | None = None, typed_name: str = "") -> str:
    with writing():
        desk = sit_down()
        past = [
            {
                "typed_name": one.typed_name,
                "signed_at": one.signed_at,
                "form_version": one.form_version,
                "rules_version": one.rules_version,
            }
            for one in clinics.sign_offs(desk.clinic_id)
        ]
        opened(desk, "sign_off")
    table = signing_table(library())
    signed = desk.snapshot.signed
    return draw(
        "sign_off.html",
        desk,
        page="settings",
        table=table,
        readable=readable,
        signed=signed,
        is_signed=signed is not None
        and (signed.form_version, signed.rules_version)
        == (table.form_version, table.rules_version),
        past=past,
        untested=desk.snapshot.words.untested_numbers,
        version=desk.snapshot.version,
        problem=problem,
        typed_name=typed_name,
        done=request.args.get("done") == "signed",
    )


def _version() -> int:
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1
