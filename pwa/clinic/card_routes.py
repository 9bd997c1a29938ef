"""Cards for many patients on one page to print, over HTTP. Each code is on this page alone."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue

from pwa.accounts import invites
from pwa.clinic import patients
from pwa.clinic.desk import draw, sit_down
from pwa.clinic.invite_card import make_card
from pwa.config import Settings
from pwa.database import writing
from pwa.doors import clinicians_only

pages = Blueprint("cards", __name__, url_prefix="/patients/cards")
MOST_CARDS = 100
"""As many as one page and one transaction hold. Each code replaces an earlier one."""


@pages.post("")
@clinicians_only
def make_cards() -> ResponseReturnValue:
    """Cards for the patients that the list showed, of those who may have one."""
    return draw_cards(request.form.getlist("patient_id"), back="/clinic/patients")


def draw_cards(patient_ids: Sequence[str], *, back: str) -> str:
    """Make a code for each who has not joined, and draw the cards.

    Ids of nobody here are left out without a word: there is nobody to name. Those who joined
    meanwhile, or whose account is closed, are named.
    """
    settings: Settings = current_app.extensions["settings"]
    cards, left_out = [], []
    with writing():
        desk = sit_down()
        for account, patient in patients.named(desk.clinic_id, patient_ids[:MOST_CARDS]):
            if account.password_hash is not None or not account.is_active:
                left_out.append((account.display_name, account.is_active))
                continue
            code = invites.issue(actor=desk.actor, account=account, at=desk.when.now)
            card = make_card(
                code=code,
                display_name=account.display_name,
                public_url=settings.public_url,
                at=desk.when.now,
            )
            cards.append((card, patient.second_identifier))
    return draw("cards.html", desk, page="patients", cards=cards, left_out=left_out, back=back)
