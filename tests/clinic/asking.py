"""Asking the clinic's pages as a browser does, and reading what comes back. No test lives here."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

from sqlalchemy import select
from werkzeug.test import TestResponse

from pwa.audit.models import AuditEntry
from pwa.database import db
from tests.conftest import Cast, Person, send
from tests.making import answers, event

EMERGENCY = {"level": "emergency", "reasons": ["E1_BREATHING"]}
KNEE = {
    "site": "knee",
    "side": "right",
    "performed_on": "2026-11-23",
    "number": "1",
    "injected": "Dextrose 15 %",
    "clinician_name": "Dr Cole",
    "next_on": "",
    "next_time": "",
}
NEW_PATIENT = {
    **KNEE,
    "form_id": "0b9e7a52-6f0c-4d5e-9c57-3a1f3ad0c001",
    "display_name": "Cleo D.",
    "second_identifier": "1984",
    "phone_number": "07700 900123",
}


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and given.get("name"):
            self.found.append((given["name"] or "", given.get("value") or ""))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def words_of(response: TestResponse) -> str:
    """What a person reads, with single spaces."""
    parser = _Fields()
    parser.feed(response.get_data(as_text=True))
    return " ".join(" ".join(parser.words).split())


def values_of(response: TestResponse, name: str) -> list[str]:
    """The values of every input of this name, in order."""
    parser = _Fields()
    parser.feed(response.get_data(as_text=True))
    return [value for found, value in parser.found if found == name]


def textareas_of(response: TestResponse) -> list[str]:
    """What stands in each textarea."""
    found = re.findall(r"<textarea[^>]*>\n?(.*?)</textarea>", response.text, re.DOTALL)
    return [unescape(text) for text in found]


def read(
    reader: Person,
    patient: Person,
    *events: dict,
    outcome: str = "",
    note: str = "",
    back: str = "worklist",
) -> TestResponse:
    """Mark these as read, as the form does."""
    return reader.post(
        f"/clinic/patients/{patient.account_id}/read",
        data={
            "event_id": [one["event_id"] for one in events],
            "outcome": outcome,
            "note": note,
            "back": back,
        },
    )


def send_emergency(cast: Cast) -> dict:
    """Ana is breathless, and her phone told her so."""
    made = event(cast.ana, answers=answers(breathless=True), verdict=EMERGENCY)
    send(cast.ana, made)
    return made


def audited(action: str) -> list[AuditEntry]:
    """The entries of one action, oldest first."""
    db.session.rollback()
    rows = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.entry_id)
    )
    return list(rows)


def bring(cast: Cast, text: str | bytes) -> TestResponse:
    """Hand a list of patients in. The body is made here, since Werkzeug's client leaves the file
    of a long one open."""
    content = text if isinstance(text, bytes) else text.encode()
    start = 'Content-Disposition: form-data; name="file"; filename="list.csv"\r\n\r\n'
    body = b"--cut\r\n" + start.encode() + content + b"\r\n--cut--\r\n"
    kind = "multipart/form-data; boundary=cut"
    return cast.dr_cole.post("/clinic/patients/import", data=body, content_type=kind)
