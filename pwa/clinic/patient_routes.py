"""One patient over HTTP: the page, treatments, details, the invite, closing the account."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, redirect, request
from flask.typing import ResponseReturnValue

from pwa.accounts import invites, people, resets
from pwa.check_ins import expected, verdicts
from pwa.clinic import patient, review, treatment_form, undoing
from pwa.clinic.chart import LATELY_DAYS
from pwa.clinic.desk import Desk, draw, library, looking, opened, refuse, sit_down
from pwa.clinic.invite_card import make_card
from pwa.config import Settings
from pwa.database import writing
from pwa.doors import clinicians_only
from pwa.problems import Conflict, Invalid, NotFound, Problem, TooManyRequests
from pwa.treatments import records

pages = Blueprint("patient", __name__, url_prefix="/patients/<patient_id>")
DETAILS = ("display_name", "second_identifier", "phone_number")
DAYS_SHOWN = {str(LATELY_DAYS): True, "all": False}
"""Of the charts, by what the address says: the last days only, or the whole course."""
DONE = {
    "added": "The patient is added.",
    "known": "This patient was added already. Nothing was added twice.",
    "treatment": "The treatment is written down. The patient's phone learns of it by itself.",
    "corrected": "Corrected. What was written first is kept beside it.",
    "corrected_raised": "Corrected. Check-ins became more urgent by it and wait on the worklist.",
    "unchanged": "Nothing was different, so nothing was written.",
    "details": "The details are corrected.",
    "archived": "Archived: signed out everywhere and out of the lists. The record stays.",
    "opened": "Out of the archive. The patient can sign in again.",
    "signed_out": "Signed out there. The patient can sign in again.",
    "signed_out_all": "Signed out everywhere. The patient can sign in again.",
    "reset": "Approved. Their own screen now lets them choose a new password.",
}


@pages.get("")
@clinicians_only
def show_patient(patient_id: str) -> ResponseReturnValue:
    """Everything of one patient."""
    return draw_patient(patient_id)


@pages.get("/treatments/new")
@clinicians_only
def show_new_treatment(patient_id: str) -> ResponseReturnValue:
    """The form of a further treatment."""
    with writing():
        desk = sit_down()
        who = patient.read_identity(clinic_id=desk.clinic_id, patient_id=patient_id)
        opened(desk, "treatment_form", subject_id=patient_id)
    fields = treatment_form.first_time(today=desk.when.today, clinician_name=desk.name)
    return _draw_treatment(desk, who, typed=fields)


@pages.post("/treatments/new")
@clinicians_only
def add_treatment(patient_id: str) -> ResponseReturnValue:
    """Write down a further treatment."""
    typed = treatment_form.typed(request.form)
    try:
        with writing():
            desk = sit_down()
            people.find_patient(clinic_id=desk.clinic_id, account_id=patient_id)
            records.add(
                actor=desk.actor,
                patient_id=patient_id,
                form=treatment_form.read(typed, zone=desk.when.zone),
                today=desk.when.today,
                joints=desk.snapshot.words.joints,
                at=desk.when.now,
            )
            expected.refresh(clinic_id=desk.clinic_id, patient_id=patient_id, at=desk.when.now)
    except Invalid as problem:
        desk, who = _again(patient_id)
        return _draw_treatment(desk, who, typed=typed, problem=problem), problem.status
    return redirect(f"/clinic/patients/{patient_id}?done=treatment", 303)


@pages.get("/treatments/<treatment_id>")
@clinicians_only
def show_treatment(patient_id: str, treatment_id: str) -> ResponseReturnValue:
    """The form that corrects a treatment."""
    with writing():
        desk = sit_down()
        who = patient.read_identity(clinic_id=desk.clinic_id, patient_id=patient_id)
        record = patient.treatment_of(
            clinic_id=desk.clinic_id, patient_id=patient_id, treatment_id=treatment_id
        )
        opened(desk, "treatment_form", subject_id=patient_id)
    fields = treatment_form.shown(record, desk.when)
    return _draw_treatment(desk, who, typed=fields, record=record, version=record.version)


@pages.post("/treatments/<treatment_id>")
@clinicians_only
def correct_treatment(patient_id: str, treatment_id: str) -> ResponseReturnValue:
    """Correct a treatment and judge every check-in again, in one transaction."""
    typed = treatment_form.typed(request.form)
    seen_version = _whole(request.form.get("version", ""))
    try:
        with writing():
            desk = sit_down()
            record = patient.treatment_of(
                clinic_id=desk.clinic_id, patient_id=patient_id, treatment_id=treatment_id
            )
            form = treatment_form.read(typed, zone=desk.when.zone)
            if typed == treatment_form.shown(record, desk.when):
                return redirect(f"/clinic/patients/{patient_id}?done=unchanged", 303)
            records.correct(
                actor=desk.actor,
                patient_id=patient_id,
                treatment_id=treatment_id,
                form=form,
                today=desk.when.today,
                joints=desk.snapshot.words.joints,
                at=desk.when.now,
                seen_version=seen_version,
            )
            raised = verdicts.take_again_for_patient(
                clinic_id=desk.clinic_id,
                patient_id=patient_id,
                library=library(),
                at=desk.when.now,
                cause="treatment_corrected",
            )
            expected.refresh(clinic_id=desk.clinic_id, patient_id=patient_id, at=desk.when.now)
    except (Invalid, Conflict) as problem:
        desk, who = _again(patient_id)
        with writing():
            record = patient.treatment_of(
                clinic_id=desk.clinic_id, patient_id=patient_id, treatment_id=treatment_id
            )
        page = _draw_treatment(
            desk, who, typed=typed, record=record, version=record.version, problem=problem
        )
        return page, problem.status
    done = "corrected_raised" if raised else "corrected"
    return redirect(f"/clinic/patients/{patient_id}?done={done}", 303)


@pages.get("/details")
@clinicians_only
def show_details(patient_id: str) -> ResponseReturnValue:
    """The form that corrects name, second identifier and phone number."""
    with writing():
        desk = sit_down()
        who = patient.read_identity(clinic_id=desk.clinic_id, patient_id=patient_id)
        opened(desk, "patient_details", subject_id=patient_id)
    typed = {name: getattr(who, name) for name in DETAILS}
    return draw("details.html", desk, page="patient", who=who, typed=typed)


@pages.post("/details")
@clinicians_only
def change_details(patient_id: str) -> ResponseReturnValue:
    """Correct them."""
    typed = {name: request.form.get(name, "") for name in DETAILS}
    try:
        with writing():
            desk = sit_down()
            people.change_patient(
                actor=desk.actor, account_id=patient_id, at=desk.when.now, **typed
            )
    except Invalid as problem:
        desk, who = _again(patient_id)
        page = draw("details.html", desk, page="patient", who=who, typed=typed, problem=problem)
        return page, problem.status
    return redirect(f"/clinic/patients/{patient_id}?done=details", 303)


@pages.post("/invite")
@clinicians_only
def make_invite(patient_id: str) -> ResponseReturnValue:
    """A code to join. It is on this answer and nowhere else."""
    with writing():
        desk = sit_down()
        account, _ = people.find_patient(clinic_id=desk.clinic_id, account_id=patient_id)
        if not account.is_active:
            raise Conflict("This patient is archived. Take them out of the archive first.")
        code = invites.issue(actor=desk.actor, account=account, at=desk.when.now)
        who = patient.read_identity(clinic_id=desk.clinic_id, patient_id=patient_id)
    return draw_invite(desk, who, code=code)


@pages.post("/reset")
@clinicians_only
def approve_reset(patient_id: str) -> ResponseReturnValue:
    """The patient is on the phone and reads a number: let their browser choose a password."""
    with writing():
        desk = sit_down()
        people.find_patient(clinic_id=desk.clinic_id, account_id=patient_id)
    try:
        resets.approve(
            actor=desk.actor,
            account_id=patient_id,
            number=request.form.get("number", ""),
            at=desk.when.now,
        )
    except (Invalid, TooManyRequests) as problem:
        problem.field = "number"
        return refuse(draw_patient(patient_id, problem=problem), problem)
    return redirect(f"/clinic/patients/{patient_id}?done=reset", 303)


def draw_patient(patient_id: str, *, problem: Problem | None = None) -> str:
    """Draw the patient's page and write down that it was opened."""
    with looking("patient", subject_id=patient_id) as desk:
        shown = patient.read_page(
            clinic_id=desk.clinic_id,
            patient_id=patient_id,
            library=library(),
            when=desk.when,
            offset=_offset(),
            is_lately=DAYS_SHOWN.get(request.args.get("days", "")),
        )
        panel = review.panel_of(
            shown.course,
            shown.identity,
            clinic_id=desk.clinic_id,
            reader_id=desk.account_id,
            library=library(),
            at=desk.when.now,
            known=shown.acts,
        )
        act_id = request.args.get("read", "")[:36]
        undoable = act_id and undoing.undoable(
            clinic_id=desk.clinic_id, act_id=act_id, by_id=desk.account_id, at=desk.when.now
        )
    return draw(
        "patient.html",
        desk,
        page="patient",
        shown=shown,
        who=shown.identity,
        undoable=undoable,
        panel=panel,
        done=DONE.get(request.args.get("done", "")),
        problem=problem,
    )


def draw_invite(desk: Desk, who: patient.Identity, *, code: str) -> str:
    """The page with the card; the code is shown here once."""
    settings: Settings = current_app.extensions["settings"]
    card = make_card(
        code=code,
        display_name=who.display_name,
        public_url=settings.public_url,
        at=desk.when.now,
    )
    return draw("invite.html", desk, page="patient", who=who, card=card, back=_page_of(who))


def _page_of(who: patient.Identity) -> str:
    return f"/clinic/patients/{who.patient_id}"


def _again(patient_id: str) -> tuple[Desk, patient.Identity]:
    """What a form needs to be shown once more. The page was logged when it was opened."""
    with writing():
        desk = sit_down()
        return desk, patient.read_identity(clinic_id=desk.clinic_id, patient_id=patient_id)


def _draw_treatment(desk: Desk, who: patient.Identity, **shown: Any) -> str:
    if shown.get("problem") and shown["problem"].field == "next_appointment_at":
        shown["problem"].field = "next_on"
    return draw(
        "treatment.html",
        desk,
        page="patient",
        who=who,
        sides=treatment_form.SIDES,
        joints=joints_for(desk, shown.get("record")),
        **shown,
    )


def joints_for(desk: Desk, record: records.TreatmentRecord | None = None) -> list[str]:
    """The joints to choose from: those that are on, and the one that is written already."""
    own = set() if record is None else {record.site}
    on = set(desk.snapshot.words.joints) | own
    return [site for site in library().joints if site in on]


def _offset() -> int:
    text = request.args.get("from", "0")
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise NotFound
    return int(text)


def _whole(text: str) -> int:
    """A version number from a hidden field; one that cannot be is never the current one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1
