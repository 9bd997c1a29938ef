"""One patient's record as a page that a person can read and print: one file, nothing beside it.

It holds no script, loads nothing, and says so in a policy of its own, since no server sends
headers with a file.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from pwa.clinic.patient import PatientPage, read_page
from pwa.clinic.times import Moment
from pwa.guidance.library import Library

TEMPLATE = "exchange/record.html"
STYLE = "exchange/record.css"
ALL = 10**9


@dataclass(frozen=True)
class Readable:
    """What the page shows."""

    page: PatientPage
    record: dict[str, Any]


def read_readable(
    *, clinic_id: str, patient_id: str, library: Library, when: Moment, record: dict[str, Any]
) -> Readable:
    """Read the page's words; `record` is the same record as data. Raises NotFound."""
    page = read_page(
        clinic_id=clinic_id,
        patient_id=patient_id,
        library=library,
        when=when,
        limit=ALL,
    )
    return Readable(page=page, record=record)


def draw_readable(
    readable: Readable,
    *,
    templates: Environment,
    library: Library,
    when: Moment,
    audit: Sequence[Any],
) -> str:
    """Draw the file. `audit` are lines in words."""
    style = _source(templates, STYLE)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return templates.get_template(TEMPLATE).render(
        style=Markup(style),  # noqa: S704 (ours: a file of this project)
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'",
        page=readable.page,
        record=readable.record,
        library=library,
        when=when,
        audit=audit,
    )


def _source(templates: Environment, name: str) -> str:
    if templates.loader is None:
        raise RuntimeError("there is nowhere to load templates from")
    return templates.loader.get_source(templates, name)[0].strip()
