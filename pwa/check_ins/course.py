"""A patient's check-ins in order: what came before one, in which version, and how it was judged.

Order is `dseq` within a device and `seq` across devices, never a clock.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, bindparam, select
from sqlalchemy.orm import InstrumentedAttribute

from pwa.check_ins.levels import effective
from pwa.check_ins.models import CheckInEvent, Review, Unread, Verdict
from pwa.check_ins.wire import parse_instant
from pwa.database import db
from pwa.guidance.history import RECENT_PAIN_HOURS, derive_facts
from pwa.treatments.records import TreatmentRecord

RECENT_S = RECENT_PAIN_HOURS * 3600 + 1
"""A second more than counts, since `history` looks at whole milliseconds only."""
OPEN_LEVEL = "clinic_hours"
Columns = tuple[InstrumentedAttribute[Any], ...]


@dataclass
class Thread:
    """A check-in with its corrections. `place` is where it stands in the order."""

    thread_id: str
    create: CheckInEvent | None = None
    amendments: list[CheckInEvent] = field(default_factory=list)
    retractions: list[CheckInEvent] = field(default_factory=list)
    calls: list[CheckInEvent] = field(default_factory=list)

    @property
    def versions(self) -> list[CheckInEvent]:
        """Everything with answers, in the order of arrival."""
        first = [] if self.create is None else [self.create]
        if not self.amendments:
            return first
        return first + sorted(self.amendments, key=lambda row: row.seq)

    @property
    def current(self) -> CheckInEvent | None:
        """The version that counts: the correction with the highest `seq`, else the original."""
        versions = self.versions
        return versions[-1] if versions else None

    @property
    def place(self) -> CheckInEvent | None:
        """The event whose day and position count: the original as soon as it is here."""
        return self.create or (self.versions[0] if self.versions else None)

    @property
    def is_retracted(self) -> bool:
        """Whether the patient withdrew it."""
        return bool(self.retractions)


class _Glances:
    """The check-ins at one joint as later ones look back on them."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self.treatment_ids: list[str] = []
        self.ends: dict[str, int] = {}
        """By thread: how many stand before it."""
        self._newest: list[float] = []
        """The newest clock time up to and with each entry, in seconds."""
        self._first_open: int | None = None

    def add(self, entry: dict[str, Any], treatment_id: str) -> None:
        """Take in the next one."""
        at = parse_instant(entry["recorded_at"]).timestamp()
        self._newest.append(max(at, self._newest[-1]) if self._newest else at)
        if self._first_open is None and entry["level"] == OPEN_LEVEL and not entry["is_reviewed"]:
            self._first_open = len(self.entries)
        self.entries.append(entry)
        self.treatment_ids.append(treatment_id)

    def before(self, thread: Thread) -> int:
        """How many entries stand before this check-in."""
        return self.ends.get(thread.thread_id, len(self.entries))

    def first_felt(self, end: int, recorded_at: str) -> int:
        """From where on the entries before `end` matter to a check-in of this clock time.

        Those at the beginning fall away that are too old for `lowest_recent_pain`, by every clock,
        and of which none is an open episode for `open_clinic_flags`. Whatever is left out, both
        find the same.
        """
        oldest = parse_instant(recorded_at).timestamp() - RECENT_S
        recent = bisect_left(self._newest, oldest, hi=end)
        return recent if self._first_open is None else min(recent, self._first_open)


class Course:
    """All events of one patient, loaded once."""

    def __init__(
        self,
        *,
        treatments: Sequence[TreatmentRecord],
        rows: Sequence[CheckInEvent],
        verdicts: Iterable[Verdict],
        reviews: Iterable[Review],
        unread_ids: Iterable[str],
    ) -> None:
        self.treatments = {record.treatment_id: record for record in treatments}
        self.rows = {row.event_id: row for row in rows}
        self.verdicts: dict[str, list[Verdict]] = defaultdict(list)
        for verdict in verdicts:
            self.verdicts[verdict.event_id].append(verdict)
        self.reviews = list(reviews)
        self.unread_ids = set(unread_ids)
        self.threads: dict[str, Thread] = {}
        self._order: list[Thread] | None = None
        self._glances: dict[tuple[str, str | None], _Glances] = {}
        self._closed_ids = {
            event_id
            for review in self.reviews
            if review.kind == "read" and review.undone_at is None and review.outcome
            for event_id in review.event_ids
        }
        self.starts: dict[str, CheckInEvent] = {}
        for row in sorted(rows, key=lambda row: row.seq):
            self._place(row)

    def add(self, row: CheckInEvent) -> None:
        """Take in an event that has just been stored."""
        self.rows[row.event_id] = row
        self._order = None
        self._glances.clear()
        self._place(row)

    def add_verdict(self, verdict: Verdict) -> None:
        """Take in a verdict that has just been made."""
        self.verdicts[verdict.event_id].append(verdict)
        self._glances.clear()

    def add_unread(self, event_id: str) -> None:
        """Take in that nobody has read what this event says now."""
        self.unread_ids.add(event_id)
        self._glances.clear()

    def thread_of(self, row: CheckInEvent) -> Thread:
        """The check-in that this event belongs to."""
        return self.threads[row.supersedes or row.event_id]

    def start_of(self, treatment_id: str) -> dict[str, Any] | None:
        """Baseline and risk flags as the patient last gave them."""
        row = self.starts.get(treatment_id)
        return None if row is None else row.event["answers"]

    def judged(self) -> list[CheckInEvent]:
        """Every event with answers of a check-in, so that what counts for one stands before it."""
        return [row for thread in self.in_order() for row in thread.versions]

    def is_reviewed(self, event_id: str) -> bool:
        """Whether a clinician read this event and gave an outcome.

        One whose level rose since then is unread again: what it says now nobody has read.
        """
        return event_id not in self.unread_ids and event_id in self._closed_ids

    def facts_for(self, row: CheckInEvent) -> dict[str, Any]:
        """What the rules may read of this event. An amendment is judged on its original's day."""
        place = self.thread_of(row).place or row
        treatment = self.treatments[row.treatment_id]
        return derive_facts(
            answers=row.event["answers"],
            site=treatment.site,
            local_date=place.event["local_date"],
            performed_on=treatment.performed_on.isoformat(),
            clock_behind=place.event["clock_behind"],
            recorded_at=place.event["recorded_at"],
            start=self.start_of(row.treatment_id),
            earlier=self.earlier(row, is_felt=True),
        )

    def earlier(self, row: CheckInEvent, *, is_felt: bool = False) -> list[dict[str, Any]]:
        """The check-ins before this one at the same joint, oldest first, as they count now.

        Args:
            is_felt: without those at the beginning that no rule feels any more.
        """
        own = self.thread_of(row)
        treatment = self.treatments[row.treatment_id]
        joint = (treatment.site, treatment.side)
        if joint not in self._glances:
            self._glances[joint] = self._look_at(joint)
        glances = self._glances[joint]
        end = glances.before(own)
        start = glances.first_felt(end, (own.place or row).event["recorded_at"]) if is_felt else 0
        return [
            {**one, "is_same_treatment": treatment_id == row.treatment_id}
            for one, treatment_id in zip(
                glances.entries[start:end], glances.treatment_ids[start:end], strict=True
            )
        ]

    def _look_at(self, joint: tuple[str, str | None]) -> _Glances:
        glances = _Glances()
        for thread in self.in_order():
            glances.ends[thread.thread_id] = len(glances.entries)
            current, place = thread.current, thread.place
            if current is None or place is None or thread.is_retracted:
                continue
            other = self.treatments[current.treatment_id]
            if (other.site, other.side) != joint:
                continue
            level, reasons = effective(current, self.verdicts[current.event_id])
            glances.add(
                {
                    "recorded_at": place.event["recorded_at"],
                    "pain_now": current.event["answers"].get("pain_now"),
                    "level": level,
                    "reasons": reasons,
                    "is_reviewed": self.is_reviewed(current.event_id),
                },
                current.treatment_id,
            )
        return glances

    def in_order(self) -> list[Thread]:
        """Threads, oldest first: by the earliest arrival of the device from that number on.

        Its twin on the phone is `rankEvents` in `static/js/store/order.js`.
        """
        if self._order is None:
            self._order = self._sorted_threads()
        return self._order

    def _sorted_threads(self) -> list[Thread]:
        earliest: dict[tuple[str, int], int] = {}
        by_device: dict[str, list[CheckInEvent]] = defaultdict(list)
        for row in self.rows.values():
            by_device[row.device_id].append(row)
        for device_id, rows in by_device.items():
            newest_first = sorted(rows, key=lambda row: row.dseq, reverse=True)
            least = newest_first[0].seq
            for row in newest_first:
                least = min(least, row.seq)
                earliest[device_id, row.dseq] = least
        placed = [thread for thread in self.threads.values() if thread.place is not None]
        return sorted(
            placed,
            key=lambda thread: (
                earliest[thread.place.device_id, thread.place.dseq],  # type: ignore[union-attr]
                thread.place.dseq,  # type: ignore[union-attr]
            ),
        )

    def _place(self, row: CheckInEvent) -> None:
        if row.kind == "start":
            self.starts[row.treatment_id] = row
            return
        thread_id = row.supersedes or row.event_id
        thread = self.threads.setdefault(thread_id, Thread(thread_id))
        if row.kind == "create":
            thread.create = row
        elif row.kind == "amend":
            thread.amendments.append(row)
        elif row.kind == "retract":
            thread.retractions.append(row)
        else:
            thread.calls.append(row)


EVENT_COLUMNS = (
    CheckInEvent.clinic_id,
    CheckInEvent.event_id,
    CheckInEvent.patient_id,
    CheckInEvent.seq,
    CheckInEvent.device_id,
    CheckInEvent.dseq,
    CheckInEvent.kind,
    CheckInEvent.supersedes,
    CheckInEvent.treatment_id,
    CheckInEvent.event,
    CheckInEvent.content_sha256,
    CheckInEvent.received_at,
    CheckInEvent.clock_offset_s,
)
"""All of an event: rows of these stand for the model."""
JUDGED_BY = (
    Verdict.event_id,
    Verdict.number,
    Verdict.level,
    Verdict.reasons,
    Verdict.made_by,
)
CLOSED_BY = (Review.event_ids, Review.kind, Review.outcome, Review.undone_at)
"""What judging needs of verdicts and reviews."""


def load_course(
    *,
    clinic_id: str,
    patient_id: str,
    treatments: Sequence[TreatmentRecord],
    of_verdicts: Columns = JUDGED_BY,
    of_reviews: Columns = CLOSED_BY,
) -> Course:
    """Read one patient's events, and of the verdicts and reviews what judging needs.

    Plain rows with the columns that are looked at: as objects of the session, and with what the
    rules read, they would cost several times as much.

    Args:
        of_verdicts: other columns of the verdicts, for whoever does not judge.
        of_reviews: the same of the reviews.
    """
    mine = {"clinic_id": clinic_id, "patient_id": patient_id}
    rows = db.session.execute(_events(), mine).all()
    verdicts = db.session.execute(_verdicts(of_verdicts), mine).all()
    reviews = db.session.execute(_reviews(of_reviews), mine).all()
    return Course(
        treatments=treatments,
        rows=cast("Sequence[CheckInEvent]", rows),
        verdicts=cast("Sequence[Verdict]", verdicts),
        reviews=cast("Sequence[Review]", reviews),
        unread_ids=db.session.scalars(_unread_ids(), mine).all(),
    )


@cache
def _events() -> Select[*tuple[Any, ...]]:
    return select(*EVENT_COLUMNS).where(*_mine(CheckInEvent))


@cache
def _verdicts(columns: Columns) -> Select[*tuple[Any, ...]]:
    return select(*columns).where(*_mine(Verdict)).order_by(Verdict.number)


@cache
def _reviews(columns: Columns) -> Select[*tuple[Any, ...]]:
    return select(*columns).where(*_mine(Review))


@cache
def _unread_ids() -> Select[*tuple[Any, ...]]:
    return select(Unread.event_id).where(*_mine(Unread))


def _mine(of: type[CheckInEvent | Review | Unread | Verdict]) -> tuple[ColumnElement[bool], ...]:
    return of.clinic_id == bindparam("clinic_id"), of.patient_id == bindparam("patient_id")
