"""Signing a patient out over HTTP: of one browser, or of all."""

from __future__ import annotations

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from pwa.clinic import access
from pwa.clinic.desk import sit_down
from pwa.database import writing
from pwa.doors import clinicians_only

pages = Blueprint("patient_access", __name__, url_prefix="/patients/<patient_id>/sessions")


@pages.post("/<session_id>/end")
@clinicians_only
def end_session(patient_id: str, session_id: str) -> ResponseReturnValue:
    """Sign the patient out of one browser, such as that of a lost phone."""
    with writing():
        desk = sit_down()
        access.end_session(
            actor=desk.actor, patient_id=patient_id, session_id=session_id, at=desk.when.now
        )
    return redirect(f"/clinic/patients/{patient_id}?done=signed_out", 303)


@pages.post("/end")
@clinicians_only
def end_all_sessions(patient_id: str) -> ResponseReturnValue:
    """Sign the patient out everywhere."""
    with writing():
        desk = sit_down()
        access.end_all_sessions(actor=desk.actor, patient_id=patient_id, at=desk.when.now)
    return redirect(f"/clinic/patients/{patient_id}?done=signed_out_all", 303)
