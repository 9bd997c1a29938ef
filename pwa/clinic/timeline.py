"""Everything in one order, newest first: check-ins, and what the clinic did between them.

What was done about a check-in stands with it (`told.Reading`); what is about the patient as a
whole, such as a note or a hand-over, stands between the check-ins by its time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import Select, bindparam, select

from pwa.check_ins.course import Thread
from pwa.check_ins.models import HandOver, Note
from pwa.clinic.told import CheckInView, PatientCourse, Reading
from pwa.database import db

ORDER = ("emergency", "same_day", "clinic_hours", "expected")


@dataclass(frozen=True)
class Act:
    """Something the clinic did about this patient. `kind` is note, hand_over, or a review's."""

    act_id: str
    kind: str
    title: str
    at: datetime
    outcome: str = ""
    note: str = ""
    message: str = ""
    undone_at: datetime | None = None


@dataclass(frozen=True)
class ThreadView:
    """A check-in with every version, newest first, and the notes that are about it."""

    thread_id: str
    versions: tuple[CheckInView, ...]
    notes: tuple[Act, ...] = ()

    @property
    def current(self) -> CheckInView:
        """The version that counts."""
        return self.versions[0]

    @property
    def unread(self) -> tuple[CheckInView, ...]:
        """Versions that nobody has read."""
        return tuple(view for view in self.versions if view.is_unread)

    @property
    def worst_unread(self) -> str | None:
        """The level under which this waits."""
        levels = {view.level for view in self.unread}
        return next((level for level in ORDER if level in levels), None)

    @property
    def needs_outcome(self) -> bool:
        """Whether it closes only with an outcome."""
        return self.worst_unread in ("emergency", "same_day")


@dataclass(frozen=True)
class Slot:
    """A check-in, and before it what was done after it had come. The last slot has no check-in."""

    acts: tuple[Act, ...]
    thread: ThreadView | None


@dataclass(frozen=True)
class Acts:
    """What was done: by check-in, and what is about none."""

    about: dict[str, tuple[Act, ...]]
    alone: tuple[Act, ...]


def read_acts(*, clinic_id: str, patient_id: str, patient: PatientCourse) -> Acts:
    """Read notes, hand-overs and those reviews that are about no check-in, newest first."""
    mine = {"clinic_id": clinic_id, "patient_id": patient_id}
    notes = cast("Sequence[Note]", db.session.execute(_all_of(Note), mine).all())
    hand_overs = cast("Sequence[HandOver]", db.session.execute(_all_of(HandOver), mine).all())
    about: dict[str, list[Act]] = defaultdict(list)
    alone = [_hand_over(row) for row in hand_overs]
    alone += [_review(one) for one in patient.readings_of_nothing]
    for row in notes:
        event = patient.rows.get(row.event_id or "")
        if event is None:
            alone.append(_note(row))
        else:
            about[event.supersedes or event.event_id].append(_note(row))
    return Acts(
        about={thread_id: tuple(_newest_first(acts)) for thread_id, acts in about.items()},
        alone=tuple(_newest_first(alone)),
    )


@cache
def _all_of(model: type[Note | HandOver]) -> Select[*tuple[Any, ...]]:
    """Plain rows of a patient, which stand for the model."""
    return select(*model.__table__.columns).where(
        model.clinic_id == bindparam("clinic_id"), model.patient_id == bindparam("patient_id")
    )


def places(threads: Sequence[Thread], acts: Iterable[Act]) -> list[list[Act]]:
    """For each check-in (newest first) what was done after it; the last is what was before all."""
    slots: list[list[Act]] = [[] for _ in range(len(threads) + 1)]
    place = 0
    for act in acts:
        while place < len(threads) and _came_after(threads[place], act):
            place += 1
        slots[place].append(act)
    return slots


def _came_after(thread: Thread, act: Act) -> bool:
    return thread.place is not None and thread.place.received_at > act.at


def _newest_first(acts: Collection[Act]) -> list[Act]:
    return sorted(acts, key=lambda act: (act.at, act.act_id), reverse=True)


def _note(row: Note) -> Act:
    return Act(
        act_id=row.note_id,
        kind="note",
        title=f"Note by {row.author_name}",
        at=row.at,
        note=row.text,
        undone_at=row.undone_at,
    )


def _hand_over(row: HandOver) -> Act:
    title = f"{row.from_name} gave them back to everybody"
    if row.to_id is not None:
        title = f"{row.from_name} handed them over to {row.to_name}"
        if row.to_id == row.from_id:
            title = f"{row.from_name} took them over"
    return Act(
        act_id=row.hand_over_id,
        kind="hand_over",
        title=title,
        at=row.at,
        note=row.remark,
        undone_at=row.undone_at,
    )


def _review(reading: Reading) -> Act:
    return Act(
        act_id=reading.review_id,
        kind=reading.kind,
        title=reading.title,
        at=reading.at,
        outcome=reading.outcome,
        note=reading.note,
        message=reading.message,
        undone_at=reading.undone_at,
    )
