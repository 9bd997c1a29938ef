"""Who needs somebody: one row a patient with something unread, worst first, then oldest.

Reads the maintained rows of `check_ins.attention` and `check_ins.expected`. What a row says is
made in `worklist_rows` and `overdue_rows`, what a view asks for in `worklist_filters`.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Integer, and_, func, or_, select

from pwa.accounts.models import Account, Patient
from pwa.check_ins import expected
from pwa.check_ins.claims import LAPSES_AFTER
from pwa.check_ins.gaps import missing_counts
from pwa.check_ins.levels import RANK_OF
from pwa.check_ins.models import Attention, Claim, Expectation, Unread
from pwa.clinic.overdue_rows import OverdueRow, overdue_rows_of
from pwa.clinic.worklist_filters import LEVELS, NEEDING, Cell, Counts, Filters
from pwa.clinic.worklist_place import Place
from pwa.clinic.worklist_rows import Row, rows_of
from pwa.database import db
from pwa.guidance.library import Library
from pwa.practice import clinics
from pwa.practice.clinics import Schedule

PAGE_SIZE = 40
MOST_ALARMS = 50
EMERGENCY = RANK_OF["emergency"]
KEYS = ("rank", "site", "treated_by")
"""In what patients are alike who are counted together."""
Rows = type[Attention] | type[Expectation]
SILENCE = "silent"
"""The reason that comes first among the overdue: nothing after an urgent answer."""


@dataclass(frozen=True)
class Reader:
    """Who looks. Theirs are the patients handed to them, and those they treated themselves."""

    account_id: str
    name: str
    clinic_id: str

    def has(self, treated_by: Any) -> ColumnElement[bool]:
        """Whether a patient is theirs, by the column that says who treated them."""
        return or_(
            func.coalesce(Patient.assigned_id, "") == self.account_id,
            and_(Patient.assigned_id.is_(None), func.coalesce(treated_by, "") == self.name),
        )


@dataclass(frozen=True)
class Alarm:
    """A patient with an emergency that nobody has read, wherever the page is."""

    patient_id: str
    display_name: str
    joint: str | None
    count: int


@dataclass(frozen=True)
class Worklist:
    """One page of a view: who needs somebody, apart from them the rest, or who is overdue."""

    filters: Filters
    counts: Counts
    needing: tuple[Row, ...]
    other: tuple[Row, ...]
    overdue: tuple[OverdueRow, ...]
    alarms: tuple[Alarm, ...]
    newest_at: datetime | None
    stamp: str
    next_place: Place | None

    @property
    def needing_count(self) -> int:
        """How many at this clinic need somebody, whatever the view shows."""
        return sum(self.counts.of(Filters(level=level)) for level in NEEDING)

    @property
    def other_count(self) -> int:
        """How many more are unread."""
        return self.counts.of(Filters()) - self.needing_count

    @property
    def overdue_count(self) -> int:
        """How many at this clinic are overdue."""
        return self.counts.of(Filters(is_overdue=True))

    @property
    def shown_count(self) -> int:
        """How many this view has, on all of its pages."""
        return self.counts.of(self.filters)

    @property
    def tally(self) -> dict[str, int]:
        """How many each way on from here leads to, by the names that the page gives them."""
        now = self.filters
        unread = now.but(is_overdue=False)
        return {
            "needing": self.needing_count,
            "other": self.other_count,
            "overdue": self.overdue_count,
            "all": self.counts.of(Filters()),
            "mine": self.counts.of(now.but(is_mine=True)),
            **{f"level.{level}": self.counts.of(unread.but(level=level)) for level in LEVELS},
            "late": self.counts.of(now.but(level=None, is_overdue=True)),
        }

    @property
    def hidden_alarm_count(self) -> int:
        """How many emergencies this view leaves out."""
        everywhere = self.counts.of(Filters(level="emergency"))
        here = 0 if self.filters.is_overdue else self.counts.by_rank(self.filters).get(EMERGENCY, 0)
        return everywhere - here

    @property
    def is_empty(self) -> bool:
        """Whether the page has no row."""
        return not (self.needing or self.other or self.overdue)


def stamp(clinic_id: str, *, at: datetime) -> str:
    """Changes whenever the worklist does; cheap enough to ask every few seconds."""
    waiting = db.session.execute(
        select(func.count(), func.sum(Attention.mark)).where(Attention.clinic_id == clinic_id)
    ).one()
    overdue = db.session.scalar(
        select(func.count()).where(Expectation.clinic_id == clinic_id, Expectation.overdue_at <= at)
    )
    claims = db.session.scalar(
        select(func.count()).where(Claim.clinic_id == clinic_id, Claim.at > at - LAPSES_AFTER)
    )
    text = "-".join(str(part or 0) for part in (*waiting, overdue, claims))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_worklist(
    *,
    reader: Reader,
    library: Library,
    at: datetime,
    filters: Filters | None = None,
    after: Place | None = None,
    limit: int = PAGE_SIZE,
) -> Worklist:
    """One page of a view, after the row that was last seen."""
    view = filters or Filters()
    schedule = clinics.schedule(reader.clinic_id)
    cells, newest_at = _unread_cells(reader)
    counts = Counts((*cells, *_overdue_cells(reader, schedule, at)))
    rows: list[Row] = []
    overdue: list[OverdueRow] = []
    if view.is_overdue:
        overdue = overdue_rows_of(
            _overdue(reader, counts, view, schedule, at, after=after, limit=limit + 1),
            clinic_id=reader.clinic_id,
            today=at.astimezone(ZoneInfo(schedule.zone)).date(),
        )
    else:
        rows = rows_of(
            _unread(reader, counts, view, after=after, limit=limit + 1),
            clinic_id=reader.clinic_id,
            reader_id=reader.account_id,
            library=library,
            at=at,
        )
    shown = rows[:limit]
    places = [row.place for row in rows] + [row.place for row in overdue]
    return Worklist(
        filters=view,
        counts=counts,
        needing=tuple(row for row in shown if row.level in NEEDING),
        other=tuple(row for row in shown if row.level not in NEEDING),
        overdue=tuple(overdue[:limit]),
        alarms=_alarms(reader.clinic_id) if counts.of(Filters(level="emergency")) else (),
        newest_at=newest_at,
        stamp=stamp(reader.clinic_id, at=at),
        next_place=places[limit - 1] if len(places) > limit else None,
    )


def gap_count(*, clinic_id: str, patient_id: str) -> int:
    """How many check-ins this patient's phones have numbered and not yet delivered."""
    return missing_counts(clinic_id=clinic_id, patient_ids=[patient_id]).get(patient_id, 0)


def _unread_cells(reader: Reader) -> tuple[list[Cell], datetime | None]:
    """How many are alike, and when the newest of all arrived."""
    keys = (Attention.rank, Attention.site, Attention.treated_by)
    rows = db.session.execute(
        select(*keys, func.count(), func.max(Attention.newest_at))
        .where(Attention.clinic_id == reader.clinic_id)
        .group_by(*keys)
    ).all()
    alike = {(rank, site, by): count for rank, site, by, count, _ in rows}
    newest_at = max((newest for *_, newest in rows), default=None)
    handed = _handed_over(reader, Attention, keys)
    return _cells(reader, alike, handed, is_overdue=False), newest_at


def _overdue_cells(reader: Reader, schedule: Schedule, at: datetime) -> list[Cell]:
    rank = (Expectation.reason == SILENCE).cast(Integer)
    keys = (rank, Expectation.site, Expectation.treated_by)
    is_overdue = expected.is_overdue(schedule, at=at)
    same = (
        select(*(key.label(name) for key, name in zip(keys, KEYS, strict=True)))
        .where(Expectation.clinic_id == reader.clinic_id, *is_overdue)
        .subquery()
    )
    rows = db.session.execute(select(*same.c, func.count()).group_by(*same.c))
    alike = {tuple(one): count for *one, count in rows}
    handed = _handed_over(reader, Expectation, keys, *is_overdue)
    return _cells(reader, alike, handed, is_overdue=True)


def _handed_over(
    reader: Reader, rows: Rows, keys: Sequence[Any], *conditions: ColumnElement[bool]
) -> Counter[tuple[Any, ...]]:
    """How many of those who are alike were handed over, apart whether to this reader.

    They are found from the patients' side, since they are few; counted by the database all the
    same, so that a clinic where everybody is handed over costs no more.
    """
    same = (
        select(
            *(key.label(name) for key, name in zip(keys, KEYS, strict=True)),
            (Patient.assigned_id == reader.account_id).label("is_mine"),
        )
        .select_from(Patient)
        .join(rows, _is_of(rows))
        .where(Patient.clinic_id == reader.clinic_id, Patient.assigned_id.is_not(None), *conditions)
        .subquery()
    )
    found = db.session.execute(select(*same.c, func.count()).group_by(*same.c))
    return Counter({tuple(alike): count for *alike, count in found})


def _cells(
    reader: Reader,
    alike: dict[tuple[Any, ...], int],
    handed: Counter[tuple[Any, ...]],
    *,
    is_overdue: bool,
) -> list[Cell]:
    """Whoever was handed over is theirs who has them; all the others are theirs who treated."""
    cells = []
    for (rank, site, by, is_mine), count in handed.items():
        alike[rank, site, by] -= count
        cells.append(Cell(is_overdue, rank, site, by, bool(is_mine), count))
    for (rank, site, by), count in alike.items():
        if count:
            cells.append(Cell(is_overdue, rank, site, by, by == reader.name, count))
    return cells


def _unread(
    reader: Reader, counts: Counts, view: Filters, *, after: Place | None, limit: int
) -> list[Any]:
    """Level by level, so that each question is a walk along the index and stops where it may."""
    found: list[Any] = []
    for rank in counts.by_rank(view):
        if len(found) >= limit or (after is not None and rank > after.rank):
            continue
        query = (
            select(Attention, Account, Patient)
            .join(Account, Account.account_id == Attention.patient_id)
            .join(Patient, _is_of(Attention))
            .where(
                Attention.clinic_id == reader.clinic_id,
                Account.clinic_id == reader.clinic_id,
                Attention.rank == rank,
                *_narrowed(view, reader, Attention),
            )
            .order_by(Attention.since, Attention.patient_id)
            .limit(limit - len(found))
        )
        if after is not None and rank == after.rank:
            query = query.where(
                Attention.since >= after.since,
                or_(Attention.since > after.since, Attention.patient_id > after.patient_id),
            )
        found += db.session.execute(query).all()
    return found


def _overdue(
    reader: Reader,
    counts: Counts,
    view: Filters,
    schedule: Schedule,
    at: datetime,
    *,
    after: Place | None,
    limit: int,
) -> list[Any]:
    """Silent ones first, then the latest: whoever was expected long ago was called before."""
    found: list[Any] = []
    for rank in counts.by_rank(view):
        if len(found) >= limit or (after is not None and rank > after.rank):
            continue
        query = (
            select(Expectation, Account, Patient)
            .join(Account, Account.account_id == Expectation.patient_id)
            .join(Patient, _is_of(Expectation))
            .where(
                Expectation.clinic_id == reader.clinic_id,
                Account.clinic_id == reader.clinic_id,
                Expectation.reason == SILENCE if rank else Expectation.reason != SILENCE,
                *expected.is_overdue(schedule, at=at),
                *_narrowed(view, reader, Expectation),
            )
            .order_by(Expectation.overdue_at.desc(), Expectation.patient_id)
            .limit(limit - len(found))
        )
        if after is not None and rank == after.rank:
            query = query.where(
                Expectation.overdue_at <= after.since,
                or_(
                    Expectation.overdue_at < after.since,
                    Expectation.patient_id > after.patient_id,
                ),
            )
        found += db.session.execute(query).all()
    return found


def _narrowed(view: Filters, reader: Reader, rows: Rows) -> list[ColumnElement[bool]]:
    conditions: Mapping[str, ColumnElement[bool] | None] = {
        "joint": None if view.joint is None else rows.site == view.joint,
        "by": None if view.by is None else rows.treated_by == view.by,
        "mine": reader.has(rows.treated_by) if view.is_mine else None,
    }
    return [one for one in conditions.values() if one is not None]


def _is_of(rows: Rows) -> ColumnElement[bool]:
    return (Patient.clinic_id == rows.clinic_id) & (Patient.account_id == rows.patient_id)


def _alarms(clinic_id: str) -> tuple[Alarm, ...]:
    """Whoever has an emergency unread, the newest first: a page announces those it did not know."""
    newest = (
        select(Attention.patient_id, Attention.site, Attention.newest_at)
        .where(Attention.clinic_id == clinic_id, Attention.rank == EMERGENCY)
        .order_by(Attention.newest_at.desc(), Attention.patient_id)
        .limit(MOST_ALARMS)
        .subquery()
    )
    rows = db.session.execute(
        select(newest.c.patient_id, Account.display_name, newest.c.site)
        .join(Account, Account.account_id == newest.c.patient_id)
        .order_by(newest.c.newest_at.desc(), newest.c.patient_id)
    ).all()
    counts = db.session.execute(
        select(Unread.patient_id, func.count())
        .where(
            Unread.clinic_id == clinic_id,
            Unread.patient_id.in_([row.patient_id for row in rows]),
            Unread.rank == EMERGENCY,
        )
        .group_by(Unread.patient_id)
    )
    known = {patient_id: count for patient_id, count in counts}  # noqa: C416 - rows are no pairs
    return tuple(
        Alarm(patient_id, display_name, joint, known.get(patient_id, 0))
        for patient_id, display_name, joint in rows
    )
