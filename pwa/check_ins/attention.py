"""What no clinician has read: one row an event, and one row a patient with the highest of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from pwa.check_ins.models import Attention, CheckInEvent, Unread
from pwa.database import db


def mark_unread(row: CheckInEvent, *, rank: int) -> None:
    """This event needs reading, at this rank; an earlier mark is replaced."""
    known = db.session.get(Unread, (row.clinic_id, row.event_id))
    if known is not None:
        known.rank = rank
        return
    db.session.add(
        Unread(
            clinic_id=row.clinic_id,
            event_id=row.event_id,
            patient_id=row.patient_id,
            rank=rank,
            received_at=row.received_at,
        )
    )


def mark_read(*, clinic_id: str, event_ids: list[str]) -> None:
    """These events have been read."""
    db.session.execute(
        delete(Unread).where(Unread.clinic_id == clinic_id, Unread.event_id.in_(event_ids))
    )


def unread_of(*, clinic_id: str, patient_id: str) -> dict[str, int]:
    """The patient's unread events and their ranks."""
    rows = db.session.scalars(
        select(Unread).where(Unread.clinic_id == clinic_id, Unread.patient_id == patient_id)
    )
    return {row.event_id: row.rank for row in rows}


def refresh(*, clinic_id: str, patient_id: str) -> None:
    """Bring the patient's one row up to date. Call after every change, in its transaction."""
    db.session.flush()
    rows = db.session.scalars(
        select(Unread)
        .where(Unread.clinic_id == clinic_id, Unread.patient_id == patient_id)
        .order_by(Unread.rank.desc(), Unread.received_at, Unread.event_id)
        .execution_options(populate_existing=True)
    ).all()
    known = db.session.get(Attention, (clinic_id, patient_id))
    if not rows:
        if known is not None:
            db.session.delete(known)
            db.session.flush()
        return
    top = rows[0]
    values: dict[str, object] = {
        "rank": top.rank,
        "event_id": top.event_id,
        "since": top.received_at,
        "unread_count": len(rows),
        "newest_at": _newest([row.received_at for row in rows]),
    }
    if known is None:
        known = Attention(clinic_id=clinic_id, patient_id=patient_id, **values)
        db.session.add(known)
    else:
        for name, value in values.items():
            setattr(known, name, value)
    db.session.flush()


def _newest(instants: list[datetime]) -> datetime:
    return max(instants)
