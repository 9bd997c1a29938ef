"""Giving out the whole record of one patient, as data and as a page; and noting that it was."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from jinja2 import Environment

from pwa.accounts.people import Actor
from pwa.audit import log as audit_log
from pwa.clinic import audit_words
from pwa.clinic.audit_words import Filters
from pwa.clinic.times import Moment
from pwa.exchange import record
from pwa.exchange.readable import draw_readable, read_readable
from pwa.guidance.library import Library
from pwa.practice import clinics

ALL = 10**9


def read_record(*, clinic_id: str, patient_id: str, at: datetime) -> dict[str, Any]:
    """The record as data (`record.py`). Raises NotFound."""
    return record.read_record(clinic_id=clinic_id, patient_id=patient_id, at=at)


def draw_page(
    *, clinic_id: str, patient_id: str, library: Library, templates: Environment, at: datetime
) -> str:
    """The record as one HTML file. Raises NotFound."""
    found = read_record(clinic_id=clinic_id, patient_id=patient_id, at=at)
    when = Moment(now=at, zone=clinics.snapshot(clinic_id).words.time_zone)
    readable = read_readable(
        clinic_id=clinic_id, patient_id=patient_id, library=library, when=when, record=found
    )
    lines = audit_words.read_page(
        clinic_id=clinic_id, filters=Filters(subject_id=patient_id), limit=ALL
    ).lines
    return draw_readable(readable, templates=templates, library=library, when=when, audit=lines)


def note(*, actor: Actor, patient_id: str, kind: str, at: datetime) -> None:
    """Write down that the record was given out. Call inside a write transaction."""
    audit_log.record_act(
        actor, "patient.exported", at=at, subject_id=patient_id, detail={"as": kind}
    )
