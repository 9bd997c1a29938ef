"""Walking the chains: does every entry still say what was written, and is none missing?

Entry by entry from the database, so that a million of them need no more memory than ten.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, select

from pwa.audit.chain import START, hash_of
from pwa.audit.models import AuditEntry, AuditHead
from pwa.database import db

AT_ONCE = 200


@dataclass(frozen=True)
class Kept:
    """The end of a chain as somebody kept it elsewhere."""

    chain_no: int
    chain_hash: str


@dataclass(frozen=True)
class Finding:
    """One chain: where it ends, and the first thing that is wrong with it, if anything is."""

    clinic_id: str
    chain_no: int
    chain_hash: str
    broken_at: int | None = None
    wrong: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return self.broken_at is None


def walk_all(*, kept: Mapping[str, Kept]) -> Iterator[Finding]:
    """Walk every chain there is, and those that only somebody's kept end tells of.

    Call inside `reading`, so that what is written meanwhile is not half seen.
    """
    heads = db.session.scalars(select(AuditHead.clinic_id))
    chained = db.session.scalars(select(AuditEntry.clinic_id).group_by(AuditEntry.clinic_id))
    for clinic_id in sorted({*heads, *chained, *kept}):
        yield _walk(clinic_id, kept.get(clinic_id))


def _walk(clinic_id: str, kept: Kept | None) -> Finding:
    number, before = 0, START
    for entry in _entries(clinic_id):
        wrong = _wrong_with(entry, number=number, before=before)
        if not wrong and kept is not None and entry.chain_no == kept.chain_no:
            wrong = _wrong_with_kept(entry.chain_hash, kept)
        if wrong:
            place = min(entry.chain_no, number + 1)
            return Finding(clinic_id, number, before, broken_at=place, wrong=wrong)
        number, before = entry.chain_no, entry.chain_hash
    wrong = _wrong_with_end(clinic_id, number, before)
    if not wrong and kept is not None and kept.chain_no > number:
        wrong = f"the end is cut off: the kept end is entry {kept.chain_no}"
    return Finding(clinic_id, number, before, broken_at=number + 1 if wrong else None, wrong=wrong)


def _entries(clinic_id: str) -> Iterator[Row[Any]]:
    of_clinic = select(*AuditEntry.__table__.columns).where(AuditEntry.clinic_id == clinic_id)
    query = of_clinic.order_by(AuditEntry.chain_no).limit(AT_ONCE)
    page = db.session.execute(query).all()
    while page:
        yield from page
        page = db.session.execute(query.where(AuditEntry.chain_no > page[-1].chain_no)).all()


def _wrong_with(entry: Row[Any], *, number: int, before: str) -> str:
    if entry.chain_no <= number:
        return f"an entry was inserted as number {entry.chain_no}"
    if entry.chain_no > number + 1:
        last = entry.chain_no - 1
        if last == number + 1:
            return f"entry {last} is missing"
        return f"entries {number + 1} to {last} are missing"
    if hash_of(entry, before=before) != entry.chain_hash:
        if number == 0:
            return "it was changed"
        return f"it was changed or inserted, or entry {number} was replaced by another"
    return ""


def _wrong_with_kept(found: str, kept: Kept) -> str:
    if found == kept.chain_hash:
        return ""
    return "it is another one than the kept end tells: the chain was written anew up to here"


def _wrong_with_end(clinic_id: str, number: int, before: str) -> str:
    head = db.session.get(AuditHead, clinic_id)
    if head is None:
        return "the note of where this chain ends is missing" if number else ""
    if head.chain_no > number:
        return f"the end is cut off: entry {head.chain_no} was written once"
    if head.chain_no < number:
        past = _count_after(clinic_id, head.chain_no)
        return f"{past} inserted behind the end of the chain, which is entry {head.chain_no}"
    if head.chain_hash != before:
        return "the note of where this chain ends tells of another entry"
    return ""


def _count_after(clinic_id: str, number: int) -> int:
    query = select(func.count()).where(
        AuditEntry.clinic_id == clinic_id, AuditEntry.chain_no > number
    )
    return db.session.scalar(query) or 0
