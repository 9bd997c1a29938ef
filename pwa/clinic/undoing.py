"""What somebody did a moment ago and may still take back, in words. No act lives here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from pwa.accounts.models import Account
from pwa.check_ins.models import HandOver, Note, Review
from pwa.check_ins.reviews import NOT_REACHED, UNDO_TIME
from pwa.clinic.level_words import LEVEL_NAMES
from pwa.database import db

NOTE, HAND_OVER = "note", "hand-over"


@dataclass(frozen=True)
class Undoable:
    """An act that its author may still take back."""

    kind: str
    """read, answer, call, raise, note or hand-over"""
    act_id: str
    patient_id: str
    display_name: str
    words: str
    seconds_left: int

    @property
    def address(self) -> str:
        """Where it is taken back."""
        return f"/clinic/patients/{self.patient_id}/undo/{self.kind}/{self.act_id}"


def undoable(*, clinic_id: str, act_id: str, by_id: str, at: datetime) -> Undoable | None:
    """The act that this person may still take back, or None."""
    found = (
        _review(clinic_id, act_id, by_id)
        or _note(clinic_id, act_id, by_id)
        or _hand_over(clinic_id, act_id, by_id)
    )
    if found is None:
        return None
    kind, patient_id, words, done_at = found
    left = (done_at + UNDO_TIME - at).total_seconds()
    name = db.session.scalar(select(Account.display_name).where(Account.account_id == patient_id))
    if left < 0 or name is None:
        return None
    return Undoable(kind, act_id, patient_id, name, words, int(left))


def _review(clinic_id: str, act_id: str, by_id: str) -> tuple[str, str, str, datetime] | None:
    row = db.session.get(Review, (clinic_id, act_id))
    if row is None or row.reviewer_id != by_id or row.undone_at is not None or row.is_settled:
        return None
    return row.kind, row.patient_id, _words_of(row), row.at


def _words_of(row: Review) -> str:
    if row.kind == "answer":
        return "the message goes to the patient."
    if row.kind == "call":
        return f"call noted, {NOT_REACHED[row.outcome or ''].lower()}."
    if row.kind == "raise":
        return f"raised to “{LEVEL_NAMES[row.outcome]}”."
    return "marked as read."


def _note(clinic_id: str, act_id: str, by_id: str) -> tuple[str, str, str, datetime] | None:
    row = db.session.get(Note, (clinic_id, act_id))
    if row is None or row.author_id != by_id or row.undone_at is not None:
        return None
    return NOTE, row.patient_id, "note saved.", row.at


def _hand_over(clinic_id: str, act_id: str, by_id: str) -> tuple[str, str, str, datetime] | None:
    row = db.session.get(HandOver, (clinic_id, act_id))
    if row is None or row.from_id != by_id or row.undone_at is not None:
        return None
    words = f"handed over to {row.to_name}." if row.to_id else "given back to everybody."
    return HAND_OVER, row.patient_id, words, row.at
