"""The clinic's patients by name, and searching them. What they sent is `patient`'s matter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, tuple_

from pwa.accounts import terms
from pwa.accounts.models import Account, Invite, Patient, PatientTerm
from pwa.check_ins.levels import LEVEL_OF
from pwa.check_ins.models import Attention
from pwa.database import db
from pwa.problems import NotFound

PAGE_SIZE = 50
LONGEST_SEARCH = 120
MOST_WORDS = 8
LAST_LETTER = "\U0010ffff"
"""Stands behind every letter, so that a word with it ends those that begin with the word."""
MANY = 1000
LIKE_A_NUMBER = re.compile(r"[+(]?[0-9][0-9 ()+./-]{2,}")
SHOWN = {
    "": "Present",
    "no_card": "No card yet",
    "not_joined": "Not joined",
    "archived": "Archived",
}
"""The lists there are, by how an address names them."""
HIDES = ("", "no_card", "not_joined")
"""Those that leave out the archived."""
EVERYBODY = "everybody"
"""Archived or not: for looking somebody up rather than for working with a list."""


@dataclass(frozen=True)
class Listed:
    """One patient in the list. `level` is of what is unread, if `unread_count` is not 0."""

    patient_id: str
    display_name: str
    second_identifier: str
    phone_number: str
    is_active: bool
    has_joined: bool
    unread_count: int
    level: str | None


@dataclass(frozen=True)
class Listing:
    """One page of the list.

    Attributes:
        next_id: the last one's id where there are more.
        is_elsewhere: whether archived patients fit the words too, which are in another list.
            Nobody looks while there are more in this one.
    """

    found: tuple[Listed, ...]
    next_id: str | None
    is_elsewhere: bool = False


def count(clinic_id: str) -> int:
    """How many patients this clinic has, archived ones too."""
    found = db.session.scalar(
        select(func.count()).select_from(Patient).where(Patient.clinic_id == clinic_id)
    )
    return found or 0


def counts(clinic_id: str, *, at: datetime) -> dict[str, int]:
    """How many there are in each list."""
    return {
        shown: db.session.scalar(
            _joined(select(func.count()).select_from(Patient), clinic_id).where(
                *_fits(shown, at=at)
            )
        )
        or 0
        for shown in SHOWN
    }


def search(
    *,
    clinic_id: str,
    at: datetime,
    text: str = "",
    shown: str = "",
    after_id: str | None = None,
    limit: int = PAGE_SIZE,
) -> Listing:
    """Patients of one list, by name: those whose words begin with all that was typed.

    Args:
        at: now, which decides which cards are still good.
        text: words or beginnings of words of the name, the second identifier or the phone number;
            none for everybody.
        shown: which of the lists (SHOWN).
        after_id: the last one of the page before. Names stay out of addresses.
    Raises:
        NotFound: `after_id` is nobody of this clinic.
    """
    asked = text[:LONGEST_SEARCH].strip()
    query = (
        _joined(select(Account, Patient, Attention), clinic_id)
        .outerjoin(
            Attention,
            (Attention.clinic_id == Patient.clinic_id)
            & (Attention.patient_id == Patient.account_id),
        )
        .where(*_fits(shown, at=at), _says(clinic_id, asked))
        .order_by(Patient.sort_name, Patient.account_id)
        .limit(limit + 1)
    )
    if after_id is not None:
        query = query.where(_behind(clinic_id, after_id))
    rows = db.session.execute(query).all()
    found = tuple(_listed(*row) for row in rows[:limit])
    if len(rows) > limit:
        return Listing(found=found, next_id=found[-1].patient_id)
    is_elsewhere = bool(asked) and shown in HIDES and _is_archived(clinic_id, asked)
    return Listing(found=found, next_id=None, is_elsewhere=is_elsewhere)


def named(clinic_id: str, patient_ids: Sequence[str]) -> list[tuple[Account, Patient]]:
    """These patients of this clinic, in the order of the ids. Others are left out."""
    rows = db.session.execute(
        _joined(select(Account, Patient), clinic_id).where(Patient.account_id.in_(patient_ids))
    ).all()
    by_id = {account.account_id: (account, patient) for account, patient in rows}
    return [by_id[one] for one in dict.fromkeys(patient_ids) if one in by_id]


def find_twin(
    *, clinic_id: str, display_name: str, second_identifier: str, besides: str
) -> Listed | None:
    """A patient of the same name and second identifier, however they are written."""
    rows = db.session.execute(
        _joined(select(Account, Patient), clinic_id).where(
            Patient.sort_name == terms.sort_name_of(display_name), Patient.account_id != besides
        )
    ).all()
    same = "".join(terms.words_of(second_identifier))
    for account, patient in rows:
        if same and "".join(terms.words_of(patient.second_identifier)) == same:
            return _listed(account, patient, None)
    return None


def _joined(query: Any, clinic_id: str) -> Any:
    return query.join(Account, Patient.account_id == Account.account_id).where(
        Patient.clinic_id == clinic_id, Account.clinic_id == clinic_id
    )


def _fits(shown: str, *, at: datetime) -> list[ColumnElement[bool]]:
    """What is true of everybody in a list. Lists without the archived are the usual ones."""
    if shown == EVERYBODY:
        return []
    if shown == "archived":
        return [Account.is_active.is_(False)]
    wanted: list[ColumnElement[bool]] = [Account.is_active.is_(True)]
    if shown in ("no_card", "not_joined"):
        wanted.append(Account.password_hash.is_(None))
    if shown == "no_card":
        wanted.append(~_has_good_card(at))
    return wanted


def _has_good_card(at: datetime) -> ColumnElement[bool]:
    return exists().where(
        Invite.clinic_id == Patient.clinic_id,
        Invite.account_id == Patient.account_id,
        Invite.used_at.is_(None),
        Invite.revoked_at.is_(None),
        Invite.expires_at > at,
    )


def _says(clinic_id: str, asked: str) -> ColumnElement[bool]:
    """That every word typed begins one of theirs; a number may be typed in any grouping."""
    if not asked:
        return and_(True)
    words = list(dict.fromkeys(terms.words_of(asked)))[:MOST_WORDS]
    if not words:
        return false()
    ways = [and_(*(_begins(clinic_id, word) for word in words))]
    if LIKE_A_NUMBER.fullmatch(asked):
        whole = terms.digits_of(asked)
        ways += [_begins(clinic_id, one) for one in {whole, whole.lstrip("0")} - {"", *words}]
    return or_(*ways)


def _begins(clinic_id: str, word: str) -> ColumnElement[bool]:
    """That one of their words begins so.

    Of a beginning that few have, those few are looked up. For one that many have, a list of them
    all would cost more than asking each patient in the order of the page until the page is full.
    """
    fits = (
        PatientTerm.clinic_id == clinic_id,
        PatientTerm.term >= word,
        PatientTerm.term < word + LAST_LETTER,
    )
    some = select(PatientTerm.patient_id).where(*fits).limit(MANY).subquery()
    if (db.session.scalar(select(func.count()).select_from(some)) or 0) < MANY:
        return Patient.account_id.in_(select(PatientTerm.patient_id).where(*fits))
    return exists().where(*fits, PatientTerm.patient_id == Patient.account_id)


def _behind(clinic_id: str, after_id: str) -> ColumnElement[bool]:
    last = db.session.scalar(
        select(Patient.sort_name).where(
            Patient.clinic_id == clinic_id, Patient.account_id == after_id
        )
    )
    if last is None:
        raise NotFound
    place: ColumnElement[bool] = tuple_(Patient.sort_name, Patient.account_id) > (last, after_id)
    return place


def _is_archived(clinic_id: str, asked: str) -> bool:
    query = _joined(select(Patient.account_id), clinic_id).where(
        Account.is_active.is_(False), _says(clinic_id, asked)
    )
    return db.session.scalar(query.limit(1)) is not None


def _listed(account: Account, patient: Patient, attention: Attention | None) -> Listed:
    return Listed(
        patient_id=account.account_id,
        display_name=account.display_name,
        second_identifier=patient.second_identifier,
        phone_number=patient.phone_number,
        is_active=account.is_active,
        has_joined=account.password_hash is not None,
        unread_count=0 if attention is None else attention.unread_count,
        level=None if attention is None else LEVEL_OF[attention.rank],
    )
