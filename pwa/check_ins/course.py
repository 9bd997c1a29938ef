"""A patient's check-ins in order: what came before one, in which version, and how it was judged.

Order is `dseq` within a device and `seq` across devices, never a clock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from pwa.check_ins.levels import effective
from pwa.check_ins.models import CheckInEvent, Review, Unread, Verdict
from pwa.database import db
from pwa.guidance.history import derive_facts
from pwa.treatments.records import TreatmentRecord


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
        self.starts: dict[str, CheckInEvent] = {}
        for row in sorted(rows, key=lambda row: row.seq):
            self._place(row)

    def add(self, row: CheckInEvent) -> None:
        """Take in an event that has just been stored."""
        self.rows[row.event_id] = row
        self._order = None
        self._place(row)

    def add_verdict(self, verdict: Verdict) -> None:
        """Take in a verdict that has just been made."""
        self.verdicts[verdict.event_id].append(verdict)

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
        return event_id not in self.unread_ids and any(
            event_id in review.event_ids and review.undone_at is None and review.outcome
            for review in self.reviews
        )

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
            earlier=self.earlier(row),
        )

    def earlier(self, row: CheckInEvent) -> list[dict[str, Any]]:
        """The check-ins before this one at the same joint, oldest first, as they count now."""
        own = self.thread_of(row)
        treatment = self.treatments[row.treatment_id]
        found = []
        for thread in self.in_order():
            if thread is own:
                break
            current, place = thread.current, thread.place
            if current is None or place is None or thread.is_retracted:
                continue
            other = self.treatments[current.treatment_id]
            if (other.site, other.side) != (treatment.site, treatment.side):
                continue
            level, reasons = effective(current, self.verdicts[current.event_id])
            found.append(
                {
                    "recorded_at": place.event["recorded_at"],
                    "pain_now": current.event["answers"].get("pain_now"),
                    "level": level,
                    "reasons": reasons,
                    "is_reviewed": self.is_reviewed(current.event_id),
                    "is_same_treatment": current.treatment_id == row.treatment_id,
                }
            )
        return found

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


def load_course(
    *, clinic_id: str, patient_id: str, treatments: Sequence[TreatmentRecord]
) -> Course:
    """Read all of one patient's events, verdicts and reviews."""
    mine = (CheckInEvent.clinic_id == clinic_id, CheckInEvent.patient_id == patient_id)
    rows = db.session.scalars(select(CheckInEvent).where(*mine)).all()
    verdicts = db.session.scalars(
        select(Verdict)
        .join(
            CheckInEvent,
            (CheckInEvent.clinic_id == Verdict.clinic_id)
            & (CheckInEvent.event_id == Verdict.event_id),
        )
        .where(*mine)
        .order_by(Verdict.number)
    ).all()
    reviews = db.session.scalars(
        select(Review).where(Review.clinic_id == clinic_id, Review.patient_id == patient_id)
    ).all()
    unread_ids = db.session.scalars(
        select(Unread.event_id).where(
            Unread.clinic_id == clinic_id, Unread.patient_id == patient_id
        )
    ).all()
    return Course(
        treatments=treatments,
        rows=rows,
        verdicts=verdicts,
        reviews=reviews,
        unread_ids=unread_ids,
    )
