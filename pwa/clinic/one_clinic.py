"""A page of one clinic never acts at another: each form says at which clinic it was drawn.

Somebody with several clinics has one session, and may have a page of the clinic before open in
another tab. A patient's id would not be found from there, but settings would be saved at the
wrong clinic. Pure: no request is known here; `routes.py` asks `is_of_another`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from markupsafe import escape

FIELD = "at_clinic"
A_FORM = re.compile(r"<form [^<>]{1,500}>")
OF_NO_CLINIC = ("/clinic/account", "/clinic/choose", "/clinic/second-step")
"""What belongs to the account and is the same at every clinic."""
WORDS = (
    "This page is of another clinic of yours. You are at {name} now. Nothing was changed. "
    "Choose the other clinic first."
)


def mark_forms(page: str, *, clinic_id: str) -> str:
    """The page with the clinic in every form. What people wrote is escaped, so it has no form."""
    field = f'<input type="hidden" name="{FIELD}" value="{escape(clinic_id)}">'
    return A_FORM.sub(
        lambda found: found[0] + field if 'method="post"' in found[0] else found[0], page
    )


def is_of_another(form: Mapping[str, str], *, path: str, clinic_id: str) -> bool:
    """Whether this form was drawn at another clinic than the one that it would change."""
    if path.startswith(OF_NO_CLINIC):
        return False
    return form.get(FIELD, clinic_id) != clinic_id
