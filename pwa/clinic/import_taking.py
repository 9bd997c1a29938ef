"""Taking a list of patients in: who of it is new, and adding them in short transactions.

Every line has an id that follows from the list's key, so that what was taken is known again, and a
list that was interrupted goes on where it stopped. Reading the file is `import_list.py`'s matter.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from pwa.accounts import many_patients
from pwa.accounts.many_patients import NewPatient
from pwa.accounts.models import Account, Patient
from pwa.accounts.people import Actor
from pwa.accounts.terms import sort_name_of, words_of
from pwa.audit import log as audit_log
from pwa.clinic.import_list import Flaw, Row
from pwa.database import db, writing
from pwa.treatments import records

AT_ONCE = 500
"""Lines a transaction: short enough that nobody waits behind one."""
IS_HERE = "Is a patient here already. Nothing is changed of them, and no treatment is added."


@dataclass(frozen=True)
class Sorted:
    """The rows of a list beside those whom the clinic has.

    Attributes:
        new: nobody here or before them in the list is like them.
        shared: another person has their second identifier. A person says whether to take these.
        here: patients already.
        twice: the same person stands further up in the list.
    """

    new: tuple[Row, ...]
    shared: tuple[Flaw, ...]
    shared_rows: tuple[Row, ...]
    here: tuple[Flaw, ...]
    twice: tuple[Flaw, ...]


class _Known:
    """Everybody by name and second identifier, as far as a list can tell people apart."""

    def __init__(self, people: Iterable[tuple[str, str, str]]) -> None:
        self._names: dict[str, dict[str, str]] = defaultdict(dict)
        for display_name, second_identifier, where in people:
            self.add(display_name, second_identifier, where)

    def add(self, display_name: str, second_identifier: str, where: str) -> None:
        names = self._names[_folded(second_identifier)]
        names.setdefault(sort_name_of(display_name), where)

    def same(self, row: Row) -> str | None:
        """Where somebody of this name and identifier is."""
        names = self._names.get(_folded(row.second_identifier), {})
        return names.get(sort_name_of(row.display_name))

    def sharing(self, row: Row) -> str | None:
        """Where somebody of this identifier is, by whatever name."""
        return next(iter(self._names.get(_folded(row.second_identifier), {}).values()), None)


def sort_rows(rows: Sequence[Row], *, clinic_id: str) -> Sorted:
    """Tell the new from those who are here. Call inside a read transaction."""
    here_now = _Known((name, second, name) for name, second in _everybody(clinic_id))
    above = _Known(())
    new, shared_rows = [], []
    shared, here, twice = [], [], []
    for row in rows:
        if here_now.same(row) is not None:
            here.append(_flaw(row, IS_HERE))
            continue
        line = above.same(row)
        if line is not None:
            twice.append(_flaw(row, f"{line} is about the same person. Join the two."))
            continue
        other = here_now.sharing(row) or above.sharing(row)
        above.add(row.display_name, row.second_identifier, f"Line {row.line}")
        if other is None:
            new.append(row)
        else:
            shared_rows.append(row)
            shared.append(_flaw(row, f"{other} has this identifier too."))
    return Sorted(tuple(new), tuple(shared), tuple(shared_rows), tuple(here), tuple(twice))


def take(
    rows: Sequence[Row], *, actor: Actor, key: str, at: datetime
) -> tuple[int, tuple[Flaw, ...]]:
    """Add these in a transaction of their own; who was added meanwhile is told and left out.

    Returns:
        How many of these rows are patients by this list now, and the flaws of the others.
    """
    ids = {row.line: id_of(key, row.line) for row in rows}
    with writing():
        taken = _those_here(actor.clinic_id, ids.values())
        rest = [row for row in rows if ids[row.line] not in taken]
        known = _Known((name, second, name) for name, second in _alike(actor.clinic_id, rest))
        fresh = [row for row in rest if known.same(row) is None]
        if fresh:
            _add(fresh, ids, actor=actor, at=at)
    left = tuple(_flaw(row, IS_HERE) for row in rest if known.same(row) is not None)
    return len(rows) - len(left), left


def note_start(*, actor: Actor, file_hash: str, row_count: int, at: datetime) -> None:
    """Write down that a list is taken in. Call before the first line is."""
    with writing():
        audit_log.record_act(
            actor,
            "patients.imported",
            at=at,
            detail={"count_of_lines": row_count, "file_sha256": file_hash},
        )


def id_of(key: str, line: int) -> str:
    """The account that a line becomes."""
    digest = hashlib.sha256(f"{key}|{line}".encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))


def _add(rows: Sequence[Row], ids: dict[int, str], *, actor: Actor, at: datetime) -> None:
    many_patients.add(
        actor=actor,
        patients=[
            NewPatient(ids[row.line], row.display_name, row.second_identifier, row.phone_number)
            for row in rows
        ],
        details=[{"line": row.line, "has_treatment": row.treatment is not None} for row in rows],
        at=at,
    )
    records.add_first(
        actor=actor,
        treatments=[(ids[row.line], row.treatment) for row in rows if row.treatment is not None],
        at=at,
    )


def _everybody(clinic_id: str) -> list[tuple[str, str]]:
    rows = db.session.execute(
        select(Account.display_name, Patient.second_identifier)
        .join(Patient, Patient.account_id == Account.account_id)
        .where(Account.clinic_id == clinic_id, Patient.clinic_id == clinic_id)
        .order_by(Account.account_id)
    ).all()
    return [(name, second) for name, second in rows]


def _alike(clinic_id: str, rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Patients whose names are ordered as those of the rows."""
    names = {sort_name_of(row.display_name) for row in rows}
    found = db.session.execute(
        select(Account.display_name, Patient.second_identifier)
        .join(Patient, Patient.account_id == Account.account_id)
        .where(
            Account.clinic_id == clinic_id,
            Patient.clinic_id == clinic_id,
            Patient.sort_name.in_(names),
        )
    ).all()
    return [(name, second) for name, second in found]


def _those_here(clinic_id: str, account_ids: Iterable[str]) -> set[str]:
    return set(
        db.session.scalars(
            select(Account.account_id).where(
                Account.clinic_id == clinic_id, Account.account_id.in_(list(account_ids))
            )
        )
    )


def _folded(text: str) -> str:
    return "".join(words_of(text)) or text.casefold()


def _flaw(row: Row, reason: str) -> Flaw:
    value = f"{row.display_name} · {row.second_identifier}"
    return Flaw(row.line, "Name and identifier", value, reason)
