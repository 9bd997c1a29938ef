"""The words by which a patient is found: of the name, the second identifier and the number.

They are folded, so that "Ångström" is found by "angs", and cut so that a dash or an apostrophe may
be typed or not. Searching compares beginnings of words with them, in one index.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from sqlalchemy import delete, insert, select

from pwa.accounts.models import Patient, PatientTerm
from pwa.database import db

LONGEST = 120
WORD = re.compile(r"[^\W_]+")
WITHOUT_STROKES = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ı": "i"}
)
"""Letters that Unicode does not take apart, as people type them who have not got them."""
LAST_DIGITS = 4
"""How many digits of the end of a number people go by."""
COUNTRY_DIGITS = (1, 2, 3)
"""How long the code of a country can be, which is not typed at home."""


def words_of(text: str) -> list[str]:
    """The words of a text in their order: letters and digits, without case and accents."""
    return WORD.findall(_bare(text))


def digits_of(text: str) -> str:
    """The digits of a text as 0 to 9, whatever they were written in."""
    return "".join(str(unicodedata.digit(letter)) for letter in text if letter.isdigit())


def sort_name_of(display_name: str) -> str:
    """The name as lists are ordered by it."""
    return " ".join(words_of(display_name))[:LONGEST]


def terms_of(*, display_name: str, second_identifier: str, phone_number: str) -> set[str]:
    """Everything that one of somebody's search words may begin with."""
    return {
        term[:LONGEST]
        for term in (
            *_with_joined(display_name),
            *_with_joined(second_identifier),
            *_ends_of(phone_number),
        )
    }


def index(patient: Patient, display_name: str) -> None:
    """Keep the order and the words of one patient. Call inside the transaction of the change."""
    patient.sort_name = sort_name_of(display_name)
    wanted = terms_of(
        display_name=display_name,
        second_identifier=patient.second_identifier,
        phone_number=patient.phone_number,
    )
    mine = (
        PatientTerm.clinic_id == patient.clinic_id,
        PatientTerm.patient_id == patient.account_id,
    )
    kept = set(db.session.scalars(select(PatientTerm.term).where(*mine)))
    if kept - wanted:
        db.session.execute(delete(PatientTerm).where(*mine, PatientTerm.term.in_(kept - wanted)))
    if wanted - kept:
        rows = rows_of(patient.clinic_id, patient.account_id, wanted - kept)
        db.session.execute(insert(PatientTerm), rows)


def rows_of(clinic_id: str, patient_id: str, terms: Iterable[str]) -> list[dict[str, str]]:
    """Rows for a batch."""
    return [
        {"clinic_id": clinic_id, "term": term, "patient_id": patient_id} for term in sorted(terms)
    ]


def _bare(text: str) -> str:
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return bare.casefold().translate(WITHOUT_STROKES)


def _with_joined(text: str) -> set[str]:
    """O'Brien is found by "brien" and by "obrien", R-17 by "17" and by "r17"."""
    whole = text.split()
    parts = [part for one in whole for part in one.split("-")]
    return {*words_of(text), *("".join(words_of(one)) for one in (*whole, *parts))} - {""}


def _ends_of(phone_number: str) -> set[str]:
    """A number is found from its start, from any group of digits on, and by its last four."""
    groups = [group for group in map(digits_of, words_of(phone_number)) if group]
    whole = "".join(groups)
    ends = {"".join(groups[start:]) for start in range(len(groups))}
    if phone_number.startswith("+"):
        ends |= {whole[length:] for length in COUNTRY_DIGITS}
    return ({*ends, whole.lstrip("0"), whole[-LAST_DIGITS:]} if whole else set()) - {""}
