"""Signing the form and the rules, over HTTP: the whole table, then a typed name."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, current_app, redirect, request
from flask.typing import ResponseReturnValue

from pwa.clinic.desk import draw, library, looking, opened, sit_down
from pwa.clinic.replay import NEWEST, replay
from pwa.clinic.signing_table import SigningTable, changes_since, readable, signing_table
from pwa.database import writing
from pwa.doors import clinicians_only
from pwa.practice import clinics
from pwa.practice.models import SignOff
from pwa.practice.words import Signed
from pwa.problems import Conflict, Invalid, Problem

pages = Blueprint("sign_off", __name__, url_prefix="/settings/sign-off")


@pages.get("")
@clinicians_only
def show_sign_off() -> ResponseReturnValue:
    """What a clinician puts their name under."""
    return _draw()


@pages.get("/signed")
@clinicians_only
def show_signed() -> ResponseReturnValue:
    """A form and rules that were released earlier, to read: what a signature was put under."""
    table = signing_table(
        library(),
        form_version=_version("form", request.args),
        rules_version=_version("rules", request.args),
    )
    with looking("sign_off") as desk:
        signatures = [
            (one.typed_name, one.signed_at)
            for one in clinics.sign_offs(desk.clinic_id)
            if _is_of(one, table)
        ]
    return draw(
        "signed_rules.html",
        desk,
        page="settings",
        table=table,
        readable=readable,
        signatures=signatures,
        signed=desk.snapshot.signed,
    )


@pages.get("/replay")
@clinicians_only
def show_replay() -> ResponseReturnValue:
    """The clinic's own newest check-ins, and made-up ones, by the newest rules."""
    with looking("rules_replay") as desk:
        signed = desk.snapshot.signed
        found = replay(
            clinic_id=desk.clinic_id,
            library=library(),
            signed_rules=None if signed is None else signed.rules_version,
        )
    return draw("replay.html", desk, page="settings", found=found, signed=signed, most=NEWEST)


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
    is_signed = signed is not None and _is_of(signed, table)
    changes = (
        changes_since(
            library(), form_version=signed.form_version, rules_version=signed.rules_version
        )
        if signed is not None and not is_signed
        else []
    )
    return draw(
        "sign_off.html",
        desk,
        page="settings",
        table=table,
        readable=readable,
        signed=signed,
        is_signed=is_signed,
        changes=changes,
        past=past,
        untested=desk.snapshot.words.untested_numbers,
        version=desk.snapshot.version,
        problem=problem,
        typed_name=typed_name,
        done=request.args.get("done") == "signed",
    )


def _is_of(signature: SignOff | Signed, table: SigningTable) -> bool:
    versions = (signature.form_version, signature.rules_version)
    return versions == (table.form_version, table.rules_version)


def _version(name: str = "version", given: Mapping[str, str] | None = None) -> int:
    text = (request.form if given is None else given).get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1
