"""The audit log over HTTP, for administrators."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from pwa.clinic import audit_words
from pwa.clinic.desk import draw, opened, sit_down
from pwa.database import writing
from pwa.doors import administrators_only
from pwa.problems import NotFound

pages = Blueprint("audit", __name__, url_prefix="/settings/audit")


@pages.get("")
@administrators_only
def show_audit() -> ResponseReturnValue:
    """Who saw or did what, newest first."""
    with writing():
        desk = sit_down()
        shown = audit_words.read_page(clinic_id=desk.clinic_id, before=_before())
        opened(desk, "audit")
    return draw("audit.html", desk, page="settings", shown=shown)


def _before() -> int | None:
    text = request.args.get("before")
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise NotFound
    return int(text)
