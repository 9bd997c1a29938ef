"""Notes for colleagues. A phone never hears of them. Callers open the transaction."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select

from pwa.accounts import people
from pwa.accounts.people import Actor
from pwa.audit import log as audit_log
from pwa.check_ins import attention
from pwa.check_ins.models import CheckInEvent, Note
from pwa.check_ins.reviews import LONGEST_NOTE, UNDO_TIME, check_length
from pwa.database import db
from pwa.problems import Conflict, Invalid, NotFound


def add(*, actor: Actor, patient_id: str, event_id: str | None, text: str, at: datetime) -> str:
    """Write a note about a check-in, or about the patient; returns its id.

    The same words within the time to undo are one note.

    Raises:
        NotFound: not this clinic's patient, or not this patient's check-in.
        Invalid: nothing was written, or too much.
    """
    people.lock_patient(clinic_id=actor.clinic_id, account_id=patient_id)
    if event_id is not None:
        event = db.session.get(CheckInEvent, (actor.clinic_id, event_id))
        if event is None or event.patient_id != patient_id:
            raise NotFound
    if not text.strip():
        raise Invalid("Write the note first.", field="note")
    check_length(text, most=LONGEST_NOTE, field="note")
    written = _written_already(actor, patient_id, text=text.strip(), at=at)
    if written is not None:
        return written
    note = Note(
        clinic_id=actor.clinic_id,
        note_id=str(uuid.uuid4()),
        patient_id=patient_id,
        event_id=event_id,
        author_id=actor.account_id or "",
        author_name=actor.name,
        at=at,
        text=text.strip(),
    )
    db.session.add(note)
    attention.touch(clinic_id=actor.clinic_id, patient_id=patient_id)
    audit_log.record_act(
        actor, "note.written", at=at, subject_id=patient_id, detail={"note_id": note.note_id}
    )
    return note.note_id


def undo(*, actor: Actor, patient_id: str, note_id: str, at: datetime) -> None:
    """Take a note back within the time for it. Raises NotFound, Conflict (too late)."""
    people.lock_patient(clinic_id=actor.clinic_id, account_id=patient_id)
    note = db.session.get(Note, (actor.clinic_id, note_id), populate_existing=True)
    if note is None or note.patient_id != patient_id or note.author_id != actor.account_id:
        raise NotFound
    if note.undone_at is not None:
        return
    if at > note.at + UNDO_TIME:
        raise Conflict("It is too late to undo. Write another note instead.")
    note.undone_at = at
    attention.touch(clinic_id=actor.clinic_id, patient_id=patient_id)
    audit_log.record_act(
        actor, "note.taken_back", at=at, subject_id=patient_id, detail={"note_id": note_id}
    )


def _written_already(actor: Actor, patient_id: str, *, text: str, at: datetime) -> str | None:
    return db.session.scalars(
        select(Note.note_id).where(
            Note.clinic_id == actor.clinic_id,
            Note.patient_id == patient_id,
            Note.author_id == actor.account_id,
            Note.text == text,
            Note.undone_at.is_(None),
            Note.at >= at - UNDO_TIME,
        )
    ).first()
