"""Pages of the clinic, by idea: this puts them together under /clinic."""

from __future__ import annotations

from flask import Blueprint, Response, request
from flask.blueprints import BlueprintSetupState
from flask_login import current_user

from pwa.clinic import (
    account_routes,
    archive_routes,
    audit_routes,
    card_routes,
    choose_routes,
    drawn,
    hand_in_routes,
    import_routes,
    looked_routes,
    messages_routes,
    one_clinic,
    patient_access_routes,
    patient_routes,
    patients_routes,
    review_routes,
    second_factor_routes,
    settings_routes,
    sign_off_routes,
    staff_routes,
    today_routes,
    worklist_routes,
)
from pwa.practice import clinics
from pwa.problems import Conflict

blueprint = Blueprint("clinic", __name__, url_prefix="/clinic")
for _room in (
    worklist_routes,
    review_routes,
    patients_routes,
    import_routes,
    card_routes,
    patient_routes,
    patient_access_routes,
    archive_routes,
    hand_in_routes,
    settings_routes,
    messages_routes,
    sign_off_routes,
    staff_routes,
    audit_routes,
    looked_routes,
    account_routes,
    today_routes,
    choose_routes,
    second_factor_routes,
):
    blueprint.register_blueprint(_room.pages)


@blueprint.record_once
def draw_by_python(state: BlueprintSetupState) -> None:
    """What templates of the clinic ask for so often that no macro draws it."""
    drawn.install(state.app)


@blueprint.before_request
def stay_at_one_clinic() -> None:
    """What a page of another clinic sends changes nothing here. Raises Conflict."""
    if request.method == "POST" and one_clinic.is_of_another(
        request.form, path=request.path, clinic_id=current_user.clinic_id
    ):
        name = clinics.snapshot(current_user.clinic_id).words.name
        raise Conflict(one_clinic.WORDS.format(name=name))


@blueprint.after_request
def say_which_clinic(response: Response) -> Response:
    """So that a page which asks by itself notices that its person went to another clinic."""
    if current_user.is_authenticated and current_user.has_several_clinics:
        response.headers["X-Clinic"] = current_user.clinic_id
    return response
