"""Who looked at a patient, for those who treat them: a summary over HTTP."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from pwa.clinic import patient, who_looked
from pwa.clinic.desk import draw, looking
from pwa.doors import clinicians_only

pages = Blueprint("looked", __name__)


@pages.get("/patients/<patient_id>/looked")
@clinicians_only
def show_looked(patient_id: str) -> ResponseReturnValue:
    """Person by person, how often and when last."""
    with looking("patient_looked", subject_id=patient_id) as desk:
        who = patient.read_identity(clinic_id=desk.clinic_id, patient_id=patient_id)
        lookers = who_looked.read_lookers(
            clinic_id=desk.clinic_id, patient_id=patient_id, own_id=desk.account_id
        )
    return draw(
        "patient_looked.html",
        desk,
        page="patient",
        who=who,
        lookers=lookers,
        total=who_looked.total_of(lookers),
    )
