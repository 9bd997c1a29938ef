"""Who needs somebody: one row a patient with something unread, worst first, then oldest.

Reads the maintained row of `check_ins.attention`; the words for people are made here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from pwa.accounts.models import Account, Patient
from pwa.check_ins.intake import missing_numbers
from pwa.check_ins.levels import LEVEL_OF, RANK_OF, SAME_DAY_RANK
from pwa.check_ins.models import Attention, Device, Review
from pwa.check_ins.reviews import UNDO_TIME
from pwa.clinic.told import (
    CheckInView,
    PatientCourse,
    Start,
    read_patient_course,
    start_of,
    view_of,
)
from pwa.database import db
from pwa.guidance.library import Library
from pwa.problems import NotFound

PAGE_SIZE = 50
SPARK_POINTS = 12
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEEDING = ("emergency", "same_day", "clinic_hours")


@dataclass(frozen=True)
class Place:
    """Where a row stands in the order: the key of the page that follows it."""

    rank: int
    since: datetime
    patient_id: str

    def __str__(self) -> str:
        micros = (self.since - EPOCH) // timedelta(microseconds=1)
        return f"{self.rank}.{micros}.{self.patient_id}"

    @classmethod
    def read(cls, text: str) -> Place:
        """The place that `str` wrote. Raises NotFound for anything else."""
        rank, _, rest = text.partition(".")
        micros, _, patient_id = rest.partition(".")
        if not (rank.isascii() and rank.isdigit() and micros.isascii() and micros.isdigit()):
            raise NotFound
        if len(rank) > 2 or len(micros) > 17 or len(patient_id) > 36:
            raise NotFound
        return cls(int(rank), EPOCH + timedelta(microseconds=int(micros)), patient_id)


@dataclass(frozen=True)
class Row:
    """One patient on the worklist. `top` is the unread check-in that puts the row where it is."""

    patient_id: str
    display_name: str
    second_identifier: str
    phone_number: str
    level: str | None
    place: Place
    unread_count: int
    top: CheckInView
    unread: tuple[CheckInView, ...]
    start: Start | None
    pains: tuple[int, ...]
    """The latest pain scores of this treatment, oldest first."""
    gap_count: int
    key: str
    """Changes when the row has to be read anew."""

    @property
    def needs_outcome(self) -> bool:
        """Whether any unread check-in closes only with an outcome."""
        return any(RANK_OF[view.level] >= SAME_DAY_RANK for view in self.unread)

    @property
    def others(self) -> tuple[CheckInView, ...]:
        """What is unread beside `top`."""
        return tuple(view for view in self.unread if view.event_id != self.top.event_id)

    @property
    def spark(self) -> tuple[tuple[float, float], ...]:
        """The pains as points in a box 88 wide and 32 high; empty below two."""
        if len(self.pains) < 2:
            return ()
        step = 82 / (len(self.pains) - 1)
        return tuple(
            (round(3 + index * step, 1), round(28 - pain * 2.4, 1))
            for index, pain in enumerate(self.pains)
        )


@dataclass(frozen=True)
class Worklist:
    """One page: who needs somebody, and apart from them the expected ones and diaries."""

    needing: tuple[Row, ...]
    other: tuple[Row, ...]
    needing_count: int
    other_count: int
    newest_at: datetime | None
    stamp: str
    next_place: Place | None


@dataclass(frozen=True)
class Undoable:
    """A reading that its reader may still take back."""

    review_id: str
    patient_id: str
    display_name: str
    seconds_left: int


def stamp(clinic_id: str) -> str:
    """Changes whenever the worklist does; cheap enough to ask every few seconds.

    The patients' log counters are in it, so that a call or a late answer counts as a change.
    """
    row = db.session.execute(
        select(
            func.count(),
            func.sum(Attention.unread_count),
            func.max(Attention.newest_at),
            func.sum(Attention.rank),
            func.sum(Patient.log_seq),
        )
        .join(
            Patient,
            (Patient.clinic_id == Attention.clinic_id)
            & (Patient.account_id == Attention.patient_id),
        )
        .where(Attention.clinic_id == clinic_id)
    ).one()
    text = "-".join("" if part is None else str(part) for part in row)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_worklist(
    *, clinic_id: str, library: Library, after: Place | None = None, limit: int = PAGE_SIZE
) -> Worklist:
    """One page of the worklist, after the row that was last seen."""
    counts = _counts(clinic_id)
    found = _rows(clinic_id=clinic_id, library=library, after=after, limit=limit + 1)
    shown = found[:limit]
    needing_count = sum(counts.get(level, 0) for level in NEEDING)
    return Worklist(
        needing=tuple(row for row in shown if row.level in NEEDING),
        other=tuple(row for row in shown if row.level not in NEEDING),
        needing_count=needing_count,
        other_count=sum(counts.values()) - needing_count,
        newest_at=db.session.scalar(
            select(func.max(Attention.newest_at)).where(Attention.clinic_id == clinic_id)
        ),
        stamp=stamp(clinic_id),
        next_place=shown[-1].place if len(found) > limit else None,
    )


def undoable(*, clinic_id: str, review_id: str, reader_id: str, at: datetime) -> Undoable | None:
    """The reading that this person may still take back, or None."""
    found = db.session.execute(
        select(Review, Account)
        .join(Account, Account.account_id == Review.patient_id)
        .where(
            Review.clinic_id == clinic_id,
            Account.clinic_id == clinic_id,
            Review.review_id == review_id,
            Review.reviewer_id == reader_id,
            Review.undone_at.is_(None),
            Review.is_settled.is_(False),
        )
    ).one_or_none()
    if found is None:
        return None
    review, account = found
    left = (review.at + UNDO_TIME - at).total_seconds()
    if left < 0:
        return None
    return Undoable(review_id, account.account_id, account.display_name, int(left))


def gap_count(*, clinic_id: str, patient_id: str) -> int:
    """How many check-ins this patient's phones have numbered and not yet delivered."""
    devices = db.session.scalars(
        select(Device).where(
            Device.clinic_id == clinic_id,
            Device.patient_id == patient_id,
            Device.contiguous < Device.highest,
        )
    ).all()
    return sum(len(missing_numbers(device)) for device in devices)


def _counts(clinic_id: str) -> dict[str | None, int]:
    rows = db.session.execute(
        select(Attention.rank, func.count())
        .where(Attention.clinic_id == clinic_id)
        .group_by(Attention.rank)
    ).all()
    return {LEVEL_OF[rank]: count for rank, count in rows}


def _rows(*, clinic_id: str, library: Library, after: Place | None, limit: int) -> Sequence[Row]:
    query = (
        select(Attention, Account, Patient)
        .join(Account, Account.account_id == Attention.patient_id)
        .join(
            Patient,
            (Patient.clinic_id == Attention.clinic_id)
            & (Patient.account_id == Attention.patient_id),
        )
        .where(Attention.clinic_id == clinic_id, Account.clinic_id == clinic_id)
        .order_by(Attention.rank.desc(), Attention.since, Attention.patient_id)
        .limit(limit)
    )
    if after is not None:
        same_rank = Attention.rank == after.rank
        query = query.where(
            (Attention.rank < after.rank)
            | (same_rank & (Attention.since > after.since))
            | (
                same_rank
                & (Attention.since == after.since)
                & (Attention.patient_id > after.patient_id)
            )
        )
    return [
        _row(attention, account, patient, library)
        for attention, account, patient in db.session.execute(query).all()
    ]


def _row(attention: Attention, account: Account, patient: Patient, library: Library) -> Row:
    clinic_id, patient_id = attention.clinic_id, attention.patient_id
    course = read_patient_course(clinic_id=clinic_id, patient_id=patient_id)
    unread = tuple(
        view_of(course, course.rows[event_id], library=library) for event_id in course.unread_ids
    )
    top = next(view for view in unread if view.event_id == attention.event_id)
    parts = [
        f"{view.event_id}{view.level}{view.called_at}{view.is_retracted}{view.is_superseded}"
        for view in unread
    ]
    return Row(
        patient_id=patient_id,
        display_name=account.display_name,
        second_identifier=patient.second_identifier,
        phone_number=patient.phone_number,
        level=LEVEL_OF[attention.rank],
        place=Place(attention.rank, attention.since, patient_id),
        unread_count=attention.unread_count,
        top=top,
        unread=unread,
        start=start_of(course.course, top.treatment.treatment_id),
        pains=_pains(course, top),
        gap_count=gap_count(clinic_id=clinic_id, patient_id=patient_id),
        key=hashlib.sha256("|".join(parts).encode()).hexdigest()[:16],
    )


def _pains(patient: PatientCourse, top: CheckInView) -> tuple[int, ...]:
    """The scores up to and with `top`, so that the line ends in the number beside it."""
    found: list[int] = []
    for thread in patient.course.in_order():
        row = thread.current
        if row is None or thread.is_retracted:
            continue
        if row.treatment_id != top.treatment.treatment_id:
            continue
        is_top = thread.thread_id == top.thread_id
        pain = top.pain_now if is_top else row.event["answers"].get("pain_now")
        if pain is not None:
            found.append(pain)
        if is_top:
            break
    return tuple(found[-SPARK_POINTS:])
