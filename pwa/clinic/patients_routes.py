"""The list of patients, searching it, and adding one, over HTTP."""

from __future__ import annotations

import re
import uuid

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from pwa.accounts import invites, people
from pwa.clinic import patient, patients, treatment_form
from pwa.clinic.desk import Desk, draw, library, opened, sit_down
from pwa.clinic.patient_routes import DETAILS, draw_invite, joints_for
from pwa.database import writing
from pwa.doors import clinicians_only
from pwa.problems import Conflict, Invalid, NotFound
from pwa.treatments import records

pages = Blueprint("patients", __name__, url_prefix="/patients")
DONE = {"erased": "The record is erased. What stays is that there was one."}
FORM_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@pages.get("")
@clinicians_only
def show_patients() -> ResponseReturnValue:
    """All patients by name."""
    return _draw_list("", request.args.get("after"))


@pages.post("")
@clinicians_only
def search_patients() -> ResponseReturnValue:
    """Search: the words travel in the body, since addresses end up in logs."""
    return _draw_list(request.form.get("q", ""), request.form.get("after") or None)


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


def _draw_list(text: str, after_id: str | None) -> str:
    with writing():
        desk = sit_down()
        listing = patients.search(clinic_id=desk.clinic_id, text=text, after_id=after_id)
        total = patients.count(desk.clinic_id)
        opened(desk, "patients")
    return draw(
        "patients.html",
        desk,
        page="patients",
        listing=listing,
        total=total,
        text=text,
        done=DONE.get(request.args.get("done", "")),
    )


def _draw_new(desk: Desk, typed: dict[str, str], problem: Invalid | None = None) -> str:
    return draw(
        "patient_new.html",
        desk,
        page="patients",
        typed=typed,
        problem=problem,
        joints=joints_for(desk),
        sides=treatment_form.SIDES,
        names=library().joints,
    )
