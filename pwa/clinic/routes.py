"""Pages of the clinic, by idea: this puts them together under /clinic."""

from __future__ import annotations

from flask import Blueprint

from pwa.clinic import (
    account_routes,
    audit_routes,
    hand_in_routes,
    patient_routes,
    patients_routes,
    second_factor_routes,
    settings_routes,
    sign_off_routes,
    staff_routes,
    worklist_routes,
)

blueprint = Blueprint("clinic", __name__, url_prefix="/clinic")
for _room in (
    worklist_routes,
    patients_routes,
    patient_routes,
    hand_in_routes,
    settings_routes,
    sign_off_routes,
    staff_routes,
    audit_routes,
    account_routes,
    second_factor_routes,
):
    blueprint.register_blueprint(_room.pages)
