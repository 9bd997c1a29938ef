"""Who needs somebody: one row a patient with something unread, worst first, then oldest.

Reads the maintained rows of `check_ins.attention` and `check_ins.expected`. What a row says is
made in `worklist_rows` and `overdue_rows`, what a view asks for in `worklist_filters`.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
    true,
)

from pwa.accounts.models import Account, Patient
from pwa.check_ins import expected
from pwa.check_ins.claims import LAPSES_AFTER
from pwa.check_ins.levels import RANK_OF
from pwa.check_ins.models import Attention, Claim, Expectation, Unread
from pwa.clinic.overdue_rows import Late, OverdueRow, overdue_rows_of
from pwa.clinic.worklist_filters import LEVELS, NEEDING, Cell, Counts, Filters
from pwa.clinic.worklist_place import Place
from pwa.clinic.worklist_rows import Row, Waiting, rows_of
from pwa.database import db
from pwa.guidance.library import Library
from pwa.practice.clinics import Schedule

PAGE_SIZE = 15
MOST_ALARMS = 50
EMERGENCY = RANK_OF["emergency"]
Rows = type[Attention] | type[Expectation]
WAITING = (
    Attention.patient_id,
    Attention.rank,
    Attention.event_id,
    Attention.since,
    Attention.unread_count,
    Attention.pains,
    Attention.pain_before,
    Account.display_name,
    Patient.second_identifier,
    Patient.phone_number,
    Patient.assigned_id,
)
LATE = (
    Expectation.patient_id,
    Expectation.treatment_id,
    Expectation.reason,
    Expectation.expected_on,
    Expectation.overdue_at,
    Account.display_name,
    Patient.second_identifier,
    Patient.phone_number,
)
"""What a row is made of, in the order of `Waiting` and `Late`: plain values, since objects of the
session cost several times as much."""
SILENCE = "silent"
"""The reason that comes first among the overdue: nothing after an urgent answer."""


@dataclass(frozen=True)
class Reader:
    """Who looks. Theirs are the patients handed to them, and those they treated themselves."""

    account_id: str
    name: str
    clinic_id: str

    @property
    def asked(self) -> dict[str, Any]:
        """What a question of theirs is asked with."""
        return {"clinic_id": self.clinic_id, "me": self.account_id, "my_name": self.name}


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

    @cached_property
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
    count, marks = db.session.execute(_all_marks(), {"clinic_id": clinic_id}).one()
    return _stamp_of(clinic_id, count, marks, at=at)


@cache
def _all_marks() -> Select[*tuple[Any, ...]]:
    return select(func.count(), func.sum(Attention.mark)).where(
        Attention.clinic_id == bindparam("clinic_id")
    )


def _stamp_of(clinic_id: str, count: int, marks: Any, *, at: datetime) -> str:
    """From how many rows there are and the sum of their marks, for whoever has read both."""
    beside = db.session.execute(
        _overdue_and_claims(), {"clinic_id": clinic_id, "now": at, "lapsed": at - LAPSES_AFTER}
    ).one()
    text = "-".join(str(part or 0) for part in (count, marks, *beside))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def _overdue_and_claims() -> Select[*tuple[Any, ...]]:
    here: BindParameter[str] = bindparam("clinic_id")
    overdue = select(func.count()).where(
        Expectation.clinic_id == here, Expectation.overdue_at <= bindparam("now")
    )
    claims = select(func.count()).where(Claim.clinic_id == here, Claim.at > bindparam("lapsed"))
    return select(overdue.scalar_subquery(), claims.scalar_subquery())


def read_worklist(
    *,
    reader: Reader,
    schedule: Schedule,
    library: Library,
    at: datetime,
    filters: Filters | None = None,
    after: Place | None = None,
    limit: int = PAGE_SIZE,
) -> Worklist:
    """One page of a view, after the row that was last seen.

    Args:
        schedule: the clinic's, as whoever asks has read it already.
    """
    view = filters or Filters()
    unread = _unread_cells(reader)
    counts = Counts((*unread.cells, *_overdue_cells(reader, schedule, at)))
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
        newest_at=unread.newest_at,
        stamp=_stamp_of(reader.clinic_id, unread.count, unread.marks, at=at),
        next_place=places[limit - 1] if len(places) > limit else None,
    )


@dataclass(frozen=True)
class _Unread:
    """How many are alike, when the newest of all arrived, and what the stamp is made of."""

    cells: list[Cell]
    newest_at: datetime | None
    count: int
    marks: Any


def _unread_cells(reader: Reader) -> _Unread:
    rows = db.session.execute(_alike_unread(), {"clinic_id": reader.clinic_id}).all()
    alike = {(rank, site, by): count for rank, site, by, count, *_ in rows}
    handed = _counted(_handed_unread(), reader.asked)
    return _Unread(
        count=sum(alike.values()),
        marks=sum(marks for *_, marks in rows),
        newest_at=max((newest for *_, newest, _ in rows), default=None),
        cells=_cells(reader, alike, handed, is_overdue=False),
    )


def _overdue_cells(reader: Reader, schedule: Schedule, at: datetime) -> list[Cell]:
    now = expected.now_of(schedule, at=at)
    alike = _counted(_alike_overdue(), {"clinic_id": reader.clinic_id, **now})
    handed = _counted(_handed_overdue(), {**reader.asked, **now})
    return _cells(reader, dict(alike), handed, is_overdue=True)


def _counted(query: Select[*tuple[Any, ...]], asked: dict[str, Any]) -> Counter[tuple[Any, ...]]:
    return Counter({tuple(alike): count for *alike, count in db.session.execute(query, asked)})


@cache
def _alike_unread() -> Select[*tuple[Any, ...]]:
    """With what the stamp is made of, so that nobody has to ask for it again."""
    keys = _keys(Attention)
    return (
        select(*keys, func.count(), func.max(Attention.newest_at), func.sum(Attention.mark))
        .where(Attention.clinic_id == bindparam("clinic_id"))
        .group_by(*keys)
    )


@cache
def _alike_overdue() -> Select[*tuple[Any, ...]]:
    same = (
        select(*_keys(Expectation))
        .where(Expectation.clinic_id == bindparam("clinic_id"), *expected.is_overdue_at_now())
        .subquery()
    )
    return select(*same.c, func.count()).group_by(*same.c)


@cache
def _handed_unread() -> Select[*tuple[Any, ...]]:
    return _handed_over(Attention, true())


@cache
def _handed_overdue() -> Select[*tuple[Any, ...]]:
    return _handed_over(Expectation, and_(*expected.is_overdue_at_now()))


def _keys(rows: Rows) -> list[Any]:
    """In what patients are alike who are counted together."""
    rank = Attention.rank if rows is Attention else (Expectation.reason == SILENCE).cast(Integer)
    return [rank.label("rank"), rows.site.label("site"), rows.treated_by.label("treated_by")]


def _handed_over(rows: Rows, is_counted: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """How many of those who are alike were handed over, apart whether to this reader.

    They are found from the patients' side, since they are few: SQLite goes that way for names from
    the empty one on, which are all that there are, and not for "is not null"; and it would go from
    the other side for what is overdue, were that asked before they are found. Counted by the
    database all the same, so that a clinic where everybody is handed over costs no more.
    """
    same = (
        select(
            *_keys(rows),
            (Patient.assigned_id == bindparam("me")).label("is_mine"),
            is_counted.label("is_counted"),
        )
        .select_from(Patient)
        .join(rows, _is_of(rows))
        .where(Patient.clinic_id == bindparam("clinic_id"), Patient.assigned_id >= "")
        .subquery()
    )
    told = [column for column in same.c if column.name != "is_counted"]
    return (
        select(*told, func.sum(same.c.is_counted.cast(Integer)))
        .group_by(*told)
        .having(func.sum(same.c.is_counted.cast(Integer)) > 0)
    )


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
) -> list[Waiting]:
    """Level by level, so that each question is a walk along the index and stops where it may."""
    found: list[Waiting] = []
    for rank in counts.by_rank(view):
        if len(found) >= limit or (after is not None and rank > after.rank):
            continue
        start = after if after is not None and rank == after.rank else None
        query = _page_of_unread(_narrowed(view), start is not None)
        asked = _asked(view, reader, start) | {"rank": rank, "most": limit - len(found)}
        found += [Waiting(*row) for row in db.session.execute(query, asked)]
    return found


@cache
def _page_of_unread(narrowed: frozenset[str], is_further: bool) -> Select[*tuple[Any, ...]]:
    query = (
        select(*WAITING)
        .join(Account, Account.account_id == Attention.patient_id)
        .join(Patient, _is_of(Attention))
        .where(
            Attention.clinic_id == bindparam("clinic_id"),
            Account.clinic_id == bindparam("clinic_id"),
            Attention.rank == bindparam("rank"),
            *_narrowing(narrowed, Attention),
        )
        .order_by(Attention.since, Attention.patient_id)
        .limit(bindparam("most", type_=Integer))
    )
    if not is_further:
        return query
    since: BindParameter[datetime] = bindparam("after_since")
    patient_id: BindParameter[str] = bindparam("after_id")
    return query.where(
        Attention.since >= since, or_(Attention.since > since, Attention.patient_id > patient_id)
    )


def _overdue(
    reader: Reader,
    counts: Counts,
    view: Filters,
    schedule: Schedule,
    at: datetime,
    *,
    after: Place | None,
    limit: int,
) -> list[Late]:
    """Silent ones first, then the latest: whoever was expected long ago was called before."""
    found: list[Late] = []
    for rank in counts.by_rank(view):
        if len(found) >= limit or (after is not None and rank > after.rank):
            continue
        start = after if after is not None and rank == after.rank else None
        query = _page_of_overdue(bool(rank), _narrowed(view), start is not None)
        asked = _asked(view, reader, start) | expected.now_of(schedule, at=at)
        asked["most"] = limit - len(found)
        found += [Late(*row) for row in db.session.execute(query, asked)]
    return found


@cache
def _page_of_overdue(
    is_silent: bool, narrowed: frozenset[str], is_further: bool
) -> Select[*tuple[Any, ...]]:
    query = (
        select(*LATE)
        .join(Account, Account.account_id == Expectation.patient_id)
        .join(Patient, _is_of(Expectation))
        .where(
            Expectation.clinic_id == bindparam("clinic_id"),
            Account.clinic_id == bindparam("clinic_id"),
            Expectation.reason == SILENCE if is_silent else Expectation.reason != SILENCE,
            *expected.is_overdue_at_now(),
            *_narrowing(narrowed, Expectation),
        )
        .order_by(Expectation.overdue_at.desc(), Expectation.patient_id)
        .limit(bindparam("most", type_=Integer))
    )
    if not is_further:
        return query
    since: BindParameter[datetime] = bindparam("after_since")
    patient_id: BindParameter[str] = bindparam("after_id")
    return query.where(
        Expectation.overdue_at <= since,
        or_(Expectation.overdue_at < since, Expectation.patient_id > patient_id),
    )


def _narrowed(view: Filters) -> frozenset[str]:
    """By what a view is narrowed beside its level."""
    chosen = {"joint": view.joint, "by": view.by, "mine": view.is_mine or None}
    return frozenset(name for name, value in chosen.items() if value is not None)


def _narrowing(narrowed: frozenset[str], rows: Rows) -> list[ColumnElement[bool]]:
    mine = or_(
        func.coalesce(Patient.assigned_id, "") == bindparam("me"),
        and_(
            Patient.assigned_id.is_(None),
            func.coalesce(rows.treated_by, "") == bindparam("my_name"),
        ),
    )
    conditions: dict[str, ColumnElement[bool]] = {
        "joint": rows.site == bindparam("joint"),
        "by": rows.treated_by == bindparam("by"),
        "mine": mine,
    }
    return [one for name, one in conditions.items() if name in narrowed]


def _asked(view: Filters, reader: Reader, start: Place | None) -> dict[str, Any]:
    """With what a page of this view is asked for, after the row where the one before ended."""
    asked = {**reader.asked, "joint": view.joint, "by": view.by}
    if start is not None:
        asked |= {"after_since": start.since, "after_id": start.patient_id}
    return asked


def _is_of(rows: Rows) -> ColumnElement[bool]:
    return (Patient.clinic_id == rows.clinic_id) & (Patient.account_id == rows.patient_id)


def _alarms(clinic_id: str) -> tuple[Alarm, ...]:
    """Whoever has an emergency unread, the newest first: a page announces those it did not know."""
    return tuple(Alarm(*row) for row in db.session.execute(_alarmed(), {"clinic_id": clinic_id}))


@cache
def _alarmed() -> Select[*tuple[Any, ...]]:
    newest = (
        select(Attention.patient_id, Attention.site, Attention.newest_at)
        .where(Attention.clinic_id == bindparam("clinic_id"), Attention.rank == EMERGENCY)
        .order_by(Attention.newest_at.desc(), Attention.patient_id)
        .limit(MOST_ALARMS)
        .subquery()
    )
    count = select(func.count()).where(
        Unread.clinic_id == bindparam("clinic_id"),
        Unread.patient_id == newest.c.patient_id,
        Unread.rank == EMERGENCY,
    )
    return (
        select(newest.c.patient_id, Account.display_name, newest.c.site, count.scalar_subquery())
        .join(Account, Account.account_id == newest.c.patient_id)
        .order_by(newest.c.newest_at.desc(), newest.c.patient_id)
    )
