"""Giving out and erasing one patient's record over HTTP. Both ask who is sitting there."""

from __future__ import annotations

import json

from flask import Blueprint, Response, current_app, redirect, request
from flask.typing import ResponseReturnValue

from pwa.clinic import patient
from pwa.clinic.desk import Desk, draw, library, looking, sit_down
from pwa.config import Settings
from pwa.database import reading, writing
from pwa.doors import clinicians_only, require_confirmation
from pwa.exchange import erasure, export, scrubbing
from pwa.exchange.tombstones import Tombstones
from pwa.problems import Invalid, Problem

pages = Blueprint("exchange", __name__, url_prefix="/clinic/patients/<patient_id>")


@pages.get("/export")
@clinicians_only
def show_export(patient_id: str) -> ResponseReturnValue:
    """The page that gives the record out."""
    require_confirmation()
    with looking("export_form", subject_id=patient_id) as desk:
        who = patient.read_identity(clinic_id=desk.clinic_id, patient_id=patient_id)
    return draw("export.html", desk, page="patient", who=who)


@pages.post("/export")
@clinicians_only
def export_data(patient_id: str) -> ResponseReturnValue:
    """The whole record as data, for a machine."""
    require_confirmation(back=f"/clinic/patients/{patient_id}/export")
    with reading():
        desk = sit_down()
        record = export.read_record(
            clinic_id=desk.clinic_id, patient_id=patient_id, at=desk.when.now
        )
    text = json.dumps(record, ensure_ascii=False, indent=1)
    return _give_out(desk, patient_id, text, kind="data", mimetype="application/json")


@pages.post("/export/page")
@clinicians_only
def export_page(patient_id: str) -> ResponseReturnValue:
    """The record as one page, for a person."""
    require_confirmation(back=f"/clinic/patients/{patient_id}/export")
    with reading():
        desk = sit_down()
        text = export.draw_page(
            clinic_id=desk.clinic_id,
            patient_id=patient_id,
            library=library(),
            templates=current_app.jinja_env,
            at=desk.when.now,
        )
    return _give_out(desk, patient_id, text, kind="page", mimetype="text/html")


@pages.get("/erase")
@clinicians_only
def show_erase(patient_id: str) -> ResponseReturnValue:
    """The page that erases."""
    require_confirmation()
    with looking("erase_form", subject_id=patient_id) as desk:
        who = patient.read_identity(clinic_id=desk.clinic_id, patient_id=patient_id)
    return _draw_erase(desk, who)


@pages.post("/erase")
@clinicians_only
def erase(patient_id: str) -> ResponseReturnValue:
    """Erase the record, for good."""
    require_confirmation(back=f"/clinic/patients/{patient_id}/erase")
    settings: Settings = current_app.extensions["settings"]
    stones = Tombstones(settings.instance_path)
    try:
        with writing():
            desk = sit_down()
            who = patient.read_identity(clinic_id=desk.clinic_id, patient_id=patient_id)
            _check_typed(request.form.get("second_identifier", ""), who)
            erasure.erase(actor=desk.actor, patient_id=patient_id, stones=stones, at=desk.when.now)
    except Invalid as problem:
        with reading():
            desk = sit_down()
            who = patient.read_identity(clinic_id=desk.clinic_id, patient_id=patient_id)
        return _draw_erase(desk, who, problem=problem), problem.status
    scrubbing.scrub(stones)
    return redirect("/clinic/patients?done=erased", 303)


def _check_typed(typed: str, who: patient.Identity) -> None:
    if " ".join(typed.split()).casefold() != who.second_identifier.casefold():
        raise Invalid("That is not this patient's second identifier.", field="second_identifier")


def _draw_erase(desk: Desk, who: patient.Identity, problem: Problem | None = None) -> str:
    return draw("erase.html", desk, page="patient", who=who, problem=problem, typed={})


def _give_out(
    desk: Desk, patient_id: str, text: str, *, kind: str, mimetype: str
) -> ResponseReturnValue:
    """Written down first; the name of the file says nothing of whom it is about."""
    with writing():
        export.note(actor=desk.actor, patient_id=patient_id, kind=kind, at=desk.when.now)
    ending = {"data": "json", "page": "html"}[kind]
    name = f"patient-record-{desk.when.today.isoformat()}.{ending}"
    response = Response(text, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
