"""The audit log over HTTP, for administrators: all of it, and who saw one patient.

Of a patient these pages show the name and the second identifier, and nothing that was sent.
"""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from pwa import refusals
from pwa.accounts import people
from pwa.audit.log import KINDS
from pwa.clinic import audit_words, patients
from pwa.clinic.audit_words import Filters
from pwa.clinic.desk import draw, looking
from pwa.doors import administrators_only
from pwa.problems import NotFound

pages = Blueprint("audit", __name__, url_prefix="/settings/audit")


@pages.get("")
@administrators_only
def show_audit() -> ResponseReturnValue:
    """Who saw or did what, newest first."""
    refusals.settle()
    with looking("audit") as desk:
        staff = [(one.account_id, one.display_name) for one in people.staff_of(desk.clinic_id)]
        filters = Filters(
            actor_id=_one_of("who", [account_id for account_id, _ in staff]),
            kind=_one_of("kind", KINDS),
        )
        shown = audit_words.read_page(clinic_id=desk.clinic_id, filters=filters, before=_before())
    return draw("audit.html", desk, page="settings", shown=shown, staff=staff, filters=filters)


@pages.post("/patients")
@administrators_only
def search_patients() -> ResponseReturnValue:
    """Find a patient by name. The words travel in the body: addresses end up in logs."""
    text = request.form.get("q", "").strip()
    with looking("audit_search") as desk:
        after_id = request.form.get("after") or None
        listing = (
            patients.search(
                clinic_id=desk.clinic_id,
                text=text,
                shown=patients.EVERYBODY,
                after_id=after_id,
                at=desk.when.now,
            )
            if text
            else None
        )
    return draw("audit_search.html", desk, page="settings", text=text, listing=listing)


@pages.get("/patients/<patient_id>")
@administrators_only
def show_patient(patient_id: str) -> ResponseReturnValue:
    """Who saw this patient, and who changed what."""
    refusals.settle()
    with looking("audit_patient", subject_id=patient_id) as desk:
        subject = audit_words.find_subject(clinic_id=desk.clinic_id, patient_id=patient_id)
        filters = Filters(subject_id=patient_id, kind=_one_of("kind", KINDS))
        shown = audit_words.read_page(clinic_id=desk.clinic_id, filters=filters, before=_before())
    return draw(
        "audit_patient.html", desk, page="settings", shown=shown, subject=subject, filters=filters
    )


def _one_of(name: str, known: list[str] | tuple[str, ...]) -> str | None:
    """A filter; an empty one, or none, asks for all."""
    text = request.args.get(name, "")
    if text and text not in known:
        raise NotFound
    return text or None


def _before() -> int | None:
    text = request.args.get("before")
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise NotFound
    return int(text)
