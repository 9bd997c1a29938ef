"""Writing the stories: all of them in one transaction, so that an end in the middle leaves nothing.

Two further processes make the rows while this one writes them.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from typing import Any, cast

from sqlalchemy import select, text

from pwa.accounts.models import Account
from pwa.audit.chain import START, hash_of
from pwa.audit.models import AuditEntry, AuditHead
from pwa.check_ins import expected
from pwa.check_ins.models import Expectation
from pwa.database import db, is_sqlite
from pwa.guidance.library import Library, load_library
from pwa.operations.seeding.histories import History, World, account_id_of
from pwa.operations.seeding.judging import Judge
from pwa.operations.seeding.rows import TABLES, Sheet, canonical, sheet, sheets

AT_ONCE = 40
"""Patients of one piece of work."""
AHEAD = 3
"""Pieces that are made ahead for each process: bounds what waits in memory."""
SQLITE_CACHE = "PRAGMA cache_size = -600000"
"""In KiB. Keys are random, so that the indexes want to be at hand while they grow."""
Progress = Callable[[int, int], None]
Say = Callable[[str], None]


class AlreadySeeded(Exception):
    """These patients are here: the same seed was put into this clinic before."""


@dataclass(frozen=True)
class Filled:
    """What was put in."""

    patients: int
    check_ins: int
    rows: int


@dataclass(frozen=True)
class _Piece:
    """Rows of some patients, and what was done for them."""

    sheets: list[Sheet]
    acts: list[dict[str, Any]]
    patients: int
    check_ins: int


def fill(
    world: World, counts: Sequence[int], *, processes: int, progress: Progress, say: Say
) -> Filled:
    """Put patients with so many check-ins each into the clinic, in the transaction that is open.

    Raises:
        AlreadySeeded: they are there.
    """
    if db.session.get(Account, account_id_of(world, 0)) is not None:
        raise AlreadySeeded
    dialect = db.engine.dialect.name
    acts: list[dict[str, Any]] = []
    patients = check_ins = rows = counted = 0
    _make_room()
    for piece in _pieces(world, counts, dialect=dialect, processes=processes):
        for one in piece.sheets:
            _write(one)
            rows += one.count
        acts += piece.acts
        patients, check_ins = patients + piece.patients, check_ins + piece.check_ins
        if rows > 2 * counted:
            _count_rows()
            counted = rows
        progress(patients, check_ins)
    say("Working out of whom something is expected …")
    expected.refresh_clinic(clinic_id=world.clinic_id, at=world.now)
    say(f"Writing {len(acts):,} acts into the audit log …")
    rows += _write_down(world.clinic_id, acts)
    return Filled(patients, check_ins, rows)


# --- making ---------------------------------------------------------------------------------


def _pieces(
    world: World, counts: Sequence[int], *, dialect: str, processes: int
) -> Iterator[_Piece]:
    """The work in its order, made by other processes where there is enough of it."""
    starts = range(0, len(counts), AT_ONCE)
    work = [(start, tuple(counts[start : start + AT_ONCE])) for start in starts]
    if processes < 2 or len(work) < 4:
        maker = _Maker(world, dialect, load_library())
        yield from (maker.make(start, few) for start, few in work)
        return
    with ProcessPoolExecutor(
        processes, get_context("spawn"), initializer=_get_ready, initargs=(world, dialect)
    ) as pool:
        waiting: deque[Future[_Piece]] = deque()
        for start, few in work:
            waiting.append(pool.submit(_make, start, few))
            if len(waiting) >= processes * AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


class _Maker:
    def __init__(self, world: World, dialect: str, library: Library) -> None:
        self.dialect = dialect
        self.history = History(world, library, Judge(library.rules[world.rules_version]))

    def make(self, start: int, counts: Sequence[int]) -> _Piece:
        stories = [self.history.tell(start + number, count) for number, count in enumerate(counts)]
        return _Piece(
            sheets=sheets(stories, dialect=self.dialect),
            acts=[act for story in stories for act in story.acts],
            patients=len(stories),
            check_ins=sum(story.check_in_count for story in stories),
        )


_made: list[_Maker] = []
"""The maker of this process, where it is one that only makes."""


def _get_ready(world: World, dialect: str) -> None:
    _made.append(_Maker(world, dialect, load_library()))


def _make(start: int, counts: Sequence[int]) -> _Piece:
    return _made[0].make(start, counts)


# --- writing --------------------------------------------------------------------------------


def _driver() -> Any:
    """The connection of the transaction that is open now, as the driver knows it."""
    return db.session.connection().connection.driver_connection


def _make_room() -> None:
    if is_sqlite(db.engine):
        db.session.execute(text(SQLITE_CACHE))


def _write(one: Sheet) -> None:
    names = ", ".join(f'"{name}"' for name in one.columns)
    if is_sqlite(db.engine):
        marks = ", ".join("?" for _ in one.columns)
        connection = cast("sqlite3.Connection", _driver())
        statement = f'INSERT INTO "{one.table}" ({names}) VALUES ({marks})'  # noqa: S608
        connection.executemany(statement, cast("list[tuple[Any, ...]]", one.lines))
        return
    with (
        _driver().cursor() as cursor,
        cursor.copy(f'COPY "{one.table}" ({names}) FROM STDIN') as copy,
    ):
        copy.write(one.lines)


def _write_down(clinic_id: str, acts: list[dict[str, Any]]) -> int:
    """Everything that was done, in the order of its time, at the end of the clinic's chain."""
    head = db.session.scalars(
        select(AuditHead).where(AuditHead.clinic_id == clinic_id).with_for_update()
    ).one_or_none()
    if head is None:
        head = AuditHead(clinic_id=clinic_id, chain_no=0, chain_hash=START)
        db.session.add(head)
    number, before = head.chain_no, head.chain_hash
    acts.sort(key=_when)
    for start in range(0, len(acts), 10_000):
        entries = []
        for act in acts[start : start + 10_000]:
            entry = {**act, "clinic_id": clinic_id, "chain_no": number + 1}
            before = hash_of(cast("Any", _Said(entry)), before=before)
            number += 1
            entries.append({**entry, "detail": canonical(act["detail"]), "chain_hash": before})
        _write(
            sheet(
                AuditEntry.__tablename__,
                entries,
                dialect=db.engine.dialect.name,
                left_out=frozenset({"entry_id"}),
            )
        )
    head.chain_no, head.chain_hash = number, before
    db.session.flush()
    return len(acts)


def _when(act: dict[str, Any]) -> datetime:
    at: datetime = act["at"]
    return at


class _Said:
    """An entry that is about to be written, as `hash_of` reads it."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.__dict__.update(values)


def _count_rows() -> None:
    """PostgreSQL looks up who a row belongs to as it was quickest when it last counted, which is
    from the first row to the last while there are few."""
    if not is_sqlite(db.engine):
        db.session.execute(text(f"ANALYZE {_table_names()}"))


def tell_the_planner() -> None:
    """What PostgreSQL does by itself some minutes after a large load."""
    if is_sqlite(db.engine):
        return
    outside = db.engine.execution_options(isolation_level="AUTOCOMMIT")
    with outside.connect() as connection:
        connection.execute(text(f"VACUUM (ANALYZE) {_table_names()}"))


def _table_names() -> str:
    return ", ".join(f'"{model.__tablename__}"' for model in (*TABLES, Expectation, AuditEntry))
