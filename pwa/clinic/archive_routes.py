"""Archiving a patient over HTTP: the page that says what it means, and doing it."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from pwa.clinic import archiving, patient
from pwa.clinic.desk import Desk, draw, looking, sit_down
from pwa.clinic.patient import Identity
from pwa.database import reading, writing
from pwa.doors import clinicians_only
from pwa.problems import Conflict, Problem

pages = Blueprint("archive", __name__, url_prefix="/patients/<patient_id>/archive")


@pages.get("")
@clinicians_only
def show_form(patient_id: str) -> ResponseReturnValue:
    """What archiving means, or taking out of the archive."""
    with looking("archive_form", subject_id=patient_id) as desk:
        who = patient.read_identity(clinic_id=desk.clinic_id, patient_id=patient_id)
        waiting = archiving.waiting(clinic_id=desk.clinic_id, patient_id=patient_id)
    return _draw(desk, who, waiting)


@pages.post("")
@clinicians_only
def archive(patient_id: str) -> ResponseReturnValue:
    """Archive the patient, or take them out again."""
    is_archived = request.form.get("is_archived") == "1"
    act = archiving.archive if is_archived else archiving.take_out
    try:
        with writing():
            desk = sit_down()
            act(actor=desk.actor, patient_id=patient_id, at=desk.when.now)
    except Conflict as problem:
        with reading():
            desk = sit_down()
            who = patient.read_identity(clinic_id=desk.clinic_id, patient_id=patient_id)
            waiting = archiving.waiting(clinic_id=desk.clinic_id, patient_id=patient_id)
        return _draw(desk, who, waiting, problem=problem), problem.status
    done = "archived" if is_archived else "opened"
    return redirect(f"/clinic/patients/{patient_id}?done={done}", 303)


def _draw(
    desk: Desk, who: Identity, waiting: archiving.Waiting, problem: Problem | None = None
) -> str:
    return draw("archive.html", desk, page="patient", who=who, waiting=waiting, problem=problem)
