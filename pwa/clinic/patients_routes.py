"""The list of patients, searching it, and adding one, over HTTP."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping

from flask import Blueprint, current_app, redirect, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from pwa import clock
from pwa.accounts import invites, people
from pwa.clinic import patient, patients, treatment_form
from pwa.clinic.desk import Desk, draw, library, looking, opened, sit_down
from pwa.clinic.import_shelf import Shelf
from pwa.clinic.patient_routes import DETAILS, draw_invite, joints_for
from pwa.config import Settings
from pwa.database import reading, writing
from pwa.doors import clinicians_only
from pwa.problems import Conflict, Invalid, NotFound
from pwa.treatments import records

pages = Blueprint("patients", __name__, url_prefix="/patients")
DONE = {"erased": "The record is erased. What stays is that there was one."}
FORM_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@pages.get("")
@clinicians_only
def show_patients() -> ResponseReturnValue:
    """One of the lists, by name."""
    return _draw_list("patients.html", "", request.args, after_id=request.args.get("after"))


@pages.post("")
@clinicians_only
def search_patients() -> ResponseReturnValue:
    """Search: the words travel in the body, since addresses end up in logs."""
    text, after_id = request.form.get("q", ""), request.form.get("after") or None
    return _draw_list("patients.html", text, request.form, after_id=after_id)


@pages.post("/found")
@clinicians_only
def find_patients() -> ResponseReturnValue:
    """What is found alone, for the page that asks while somebody types."""
    return _draw_list("_patients_found.html", request.form.get("q", ""), request.form)


@pages.get("/new")
@clinicians_only
def show_new() -> ResponseReturnValue:
    """The form of a new patient with a first treatment."""
    with writing():
        desk = sit_down()
        opened(desk, "patient_form")
    typed = {
        **dict.fromkeys(DETAILS, ""),
        **treatment_form.first_time(today=desk.when.today, clinician_name=desk.name),
        "form_id": str(uuid.uuid4()),
    }
    return _draw_new(desk, typed)


@pages.post("/new")
@clinicians_only
def add_patient() -> ResponseReturnValue:
    """Add the patient and the treatment together, and answer with the invite."""
    typed = {name: request.form.get(name, "") for name in (*DETAILS, "form_id")}
    treatment = treatment_form.typed(request.form)
    if not FORM_ID.fullmatch(typed["form_id"]):
        raise NotFound
    twin = None if request.form.get("is_another") == "1" else _find_twin(typed)
    if twin is not None:
        with reading():
            desk = sit_down()
        return _draw_new(desk, {**typed, **treatment}, twin=twin), Conflict.status
    try:
        with writing():
            desk = sit_down()
            patient_id = people.add_patient(
                actor=desk.actor,
                at=desk.when.now,
                account_id=typed["form_id"],
                **{name: typed[name] for name in DETAILS},
            )
            records.add(
                actor=desk.actor,
                patient_id=patient_id,
                form=treatment_form.read(treatment, zone=desk.when.zone),
                today=desk.when.today,
                joints=desk.snapshot.words.joints,
                at=desk.when.now,
            )
            account, _ = people.find_patient(clinic_id=desk.clinic_id, account_id=patient_id)
            code = invites.issue(actor=desk.actor, account=account, at=desk.when.now)
            who = patient.read_identity(clinic_id=desk.clinic_id, patient_id=patient_id)
    except Conflict:
        # Sent twice: the first one counted. Its page makes a fresh code if one is needed.
        return redirect(f"/clinic/patients/{typed['form_id']}?done=known", 303)
    except Invalid as problem:
        if problem.field == "next_appointment_at":
            problem.field = "next_on"
        with writing():
            desk = sit_down()
        return _draw_new(desk, {**typed, **treatment}, problem=problem), problem.status
    return draw_invite(desk, who, code=code)


def _draw_list(
    template: str, text: str, asked: Mapping[str, str], *, after_id: str | None = None
) -> str:
    _shelf().sweep(at=clock.now())
    name = asked.get("show", "")
    shown = name if name in patients.SHOWN else ""
    with looking("patients") as desk:
        listing = patients.search(
            clinic_id=desk.clinic_id, text=text, shown=shown, after_id=after_id, at=desk.when.now
        )
        has_anybody = bool(listing.found) or patients.count(desk.clinic_id) > 0
    return draw(
        template,
        desk,
        page="patients",
        listing=listing,
        has_anybody=has_anybody,
        text=text,
        shown=shown,
        lists=patients.SHOWN,
        is_unknown=shown != name,
        is_first_page=after_id is None,
        done=DONE.get(request.args.get("done", "")),
    )


def _shelf() -> Shelf:
    settings: Settings = current_app.extensions["settings"]
    return Shelf(settings.instance_path)


def _find_twin(typed: Mapping[str, str]) -> patients.Listed | None:
    """Somebody of this name and identifier who is here already: most likely the same person."""
    with reading():
        return patients.find_twin(
            clinic_id=current_user.clinic_id,
            display_name=typed["display_name"],
            second_identifier=typed["second_identifier"],
            besides=typed["form_id"],
        )


def _draw_new(
    desk: Desk,
    typed: dict[str, str],
    problem: Invalid | None = None,
    twin: patients.Listed | None = None,
) -> str:
    return draw(
        "patient_new.html",
        desk,
        page="patients",
        typed=typed,
        problem=problem,
        twin=twin,
        joints=joints_for(desk),
        sides=treatment_form.SIDES,
        names=library().joints,
    )
