"""The worklist over HTTP: the page, its refreshing, reading in place, and undo."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from pwa.check_ins import reviews
from pwa.clinic import patients, worklist
from pwa.clinic.desk import Desk, draw, library, looking, sit_down
from pwa.clinic.patient_routes import draw_patient
from pwa.clinic.worklist import Place
from pwa.database import reading, writing
from pwa.doors import clinicians_only, polled, staff_only
from pwa.problems import Conflict, Invalid, Problem

pages = Blueprint("worklist", __name__)
MOST_EVENTS = 500


@pages.get("")
@staff_only
def show_worklist() -> ResponseReturnValue:
    """Who needs somebody. Administrators see no clinical data and land on the settings."""
    if current_user.role != "clinician":
        return redirect("/clinic/settings", 303)
    return _draw_worklist()


@pages.get("/worklist/rows")
@clinicians_only
@polled
def show_rows() -> ResponseReturnValue:
    """The rows alone, for the page's own refreshing: nothing when nothing has changed."""
    with reading():
        desk = sit_down()
        if request.args.get("stamp") == worklist.stamp(desk.clinic_id):
            return Response(status=204)
        shown = worklist.read_worklist(clinic_id=desk.clinic_id, library=library(), after=_after())
    return draw("_worklist_rows.html", desk, page="worklist", work=shown, outcomes=reviews.OUTCOMES)


@pages.post("/patients/<patient_id>/read")
@clinicians_only
def mark_read(patient_id: str) -> ResponseReturnValue:
    """Read: exactly the check-ins that were on the screen."""
    typed = {name: request.form.get(name, "") for name in ("outcome", "note")}
    event_ids = request.form.getlist("event_id")[:MOST_EVENTS]
    levels = [text or None for text in request.form.getlist("seen_level")]
    is_on_patient_page = request.form.get("back") == "patient"
    try:
        with writing():
            desk = sit_down()
            review_id = reviews.mark_read(
                actor=desk.actor,
                role=desk.role,
                patient_id=patient_id,
                event_ids=event_ids,
                outcome=typed["outcome"] or None,
                note=typed["note"].replace("\r\n", "\n"),
                at=desk.when.now,
                seen_levels=dict(zip(event_ids, levels, strict=False)),
            )
    except (Invalid, Conflict) as problem:
        typed["event_id"] = event_ids[0] if event_ids else ""
        if is_on_patient_page:
            return draw_patient(patient_id, problem=problem, typed=typed), problem.status
        typed["patient_id"] = patient_id
        return _draw_worklist(problem=problem, typed=typed), problem.status
    base = f"/clinic/patients/{patient_id}" if is_on_patient_page else "/clinic"
    return redirect(f"{base}?read={review_id}", 303)


@pages.post("/patients/<patient_id>/reviews/<review_id>/undo")
@clinicians_only
def undo(patient_id: str, review_id: str) -> ResponseReturnValue:
    """Take a reading back within its time."""
    is_on_patient_page = request.form.get("back") == "patient"
    try:
        with writing():
            desk = sit_down()
            reviews.undo(
                actor=desk.actor, patient_id=patient_id, review_id=review_id, at=desk.when.now
            )
    except Conflict as problem:
        if is_on_patient_page:
            return draw_patient(patient_id, problem=problem), problem.status
        return _draw_worklist(problem=problem), problem.status
    return redirect(f"/clinic/patients/{patient_id}" if is_on_patient_page else "/clinic", 303)


def _draw_worklist(*, problem: Problem | None = None, typed: dict[str, str] | None = None) -> str:
    with looking("worklist") as desk:
        shown = worklist.read_worklist(clinic_id=desk.clinic_id, library=library(), after=_after())
        undoable = _undoable(desk)
        has_patients = patients.count(desk.clinic_id) > 0
    return draw(
        "worklist.html",
        desk,
        page="worklist",
        work=shown,
        undoable=undoable,
        has_patients=has_patients,
        outcomes=reviews.OUTCOMES,
        problem=problem,
        typed=typed or {},
        is_first_page="after" not in request.args,
    )


def _undoable(desk: Desk) -> worklist.Undoable | None:
    return worklist.undoable(
        clinic_id=desk.clinic_id,
        review_id=request.args.get("read", "")[:36],
        reader_id=desk.account_id,
        at=desk.when.now,
    )


def _after() -> Place | None:
    text = request.args.get("after")
    return None if text is None else Place.read(text)
