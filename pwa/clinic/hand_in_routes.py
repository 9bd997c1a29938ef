"""Taking in a patient's file of unsent check-ins over HTTP: the form, and what became of each."""

from __future__ import annotations

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue

from pwa.accounts import people
from pwa.audit import log as audit_log
from pwa.check_ins import intake
from pwa.clinic import hand_in, patient
from pwa.clinic.desk import Desk, draw, library, looking, sit_down
from pwa.config import Settings
from pwa.database import reading, writing
from pwa.doors import clinicians_only, takes_bytes
from pwa.problems import Invalid

pages = Blueprint("hand_in", __name__, url_prefix="/patients/<patient_id>/hand-in")
ENVELOPE_BYTES = 16 * 1024


@pages.get("")
@clinicians_only
def show_form(patient_id: str) -> ResponseReturnValue:
    """The form that asks for the file."""
    with looking("hand_in_form", subject_id=patient_id) as desk:
        who = patient.read_identity(clinic_id=desk.clinic_id, patient_id=patient_id)
    return draw("hand_in.html", desk, page="patient", who=who)


@pages.post("")
@clinicians_only
@takes_bytes(hand_in.MOST_BYTES + ENVELOPE_BYTES)
def take_file(patient_id: str) -> ResponseReturnValue:
    """Take it in, batch by batch; each is committed by itself, as when the phone sends."""
    with reading():
        desk = sit_down()
        who = patient.read_identity(clinic_id=desk.clinic_id, patient_id=patient_id)
    try:
        file = hand_in.read_file(_content())
        hand_in.check_owner(file, patient_id=patient_id)
    except Invalid as problem:
        page = draw("hand_in.html", desk, page="patient", who=who, problem=problem)
        return page, problem.status
    _note(desk, patient_id, file)
    settings: Settings = current_app.extensions["settings"]
    lines = hand_in.without_id(file)
    for batch in hand_in.batches(file):
        with writing():
            lines += hand_in.take_in(
                batch,
                clinic_id=desk.clinic_id,
                patient_id=patient_id,
                library=library(),
                limits=intake.Limits(settings.daily_check_ins, settings.devices_per_account),
                at=desk.when.now,
            )
    return draw("hand_in.html", desk, page="patient", who=who, file=file, lines=lines)


def _content() -> bytes:
    upload = request.files.get("file")
    return b"" if upload is None else upload.read(hand_in.MOST_BYTES + 1)


def _note(desk: Desk, patient_id: str, file: hand_in.HandIn) -> None:
    """Written before the first event is taken: what is taken in is never without its entry."""
    with writing():
        people.find_patient(clinic_id=desk.clinic_id, account_id=patient_id)
        audit_log.record_act(
            desk,
            "patient.file_taken",
            at=desk.when.now,
            subject_id=patient_id,
            detail={"entries": len(file.events), "unreadable": file.sealed_count},
        )
