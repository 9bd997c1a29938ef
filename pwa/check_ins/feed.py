"""The feed of one patient's log: what any of their phones has not heard yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from pwa.accounts.models import LogEntry
from pwa.check_ins import raising, reviews
from pwa.check_ins.models import CheckInEvent, Review, Verdict
from pwa.database import db
from pwa.treatments import records


@dataclass(frozen=True)
class Page:
    """Some changes, the `after` of the next call, and whether there is more now."""

    changes: tuple[dict[str, Any], ...]
    next: int
    more: bool


def read(*, clinic_id: str, patient_id: str, after: int, limit: int) -> Page:
    """The next `limit` lines of the log after `after`."""
    entries = db.session.scalars(
        select(LogEntry)
        .where(
            LogEntry.clinic_id == clinic_id,
            LogEntry.account_id == patient_id,
            LogEntry.seq > after,
        )
        .order_by(LogEntry.seq)
        .limit(limit + 1)
    ).all()
    page = entries[:limit]
    sources = _Sources(clinic_id, patient_id, page)
    changes = tuple(
        {
            "seq": entry.seq,
            "at": entry.at.isoformat(),
            "type": entry.type,
            "data": sources.data_of(entry),
        }
        for entry in page
    )
    return Page(
        changes=changes,
        next=page[-1].seq if page else after,
        more=len(entries) > limit,
    )


class _Sources:
    """What the lines of a page point at, read in bulk."""

    def __init__(self, clinic_id: str, patient_id: str, entries: Sequence[LogEntry]) -> None:
        self.events = self._rows(CheckInEvent, clinic_id, entries, "check_in")
        wanted = [*self.events, *_first_parts(entries, "verdict")]
        self.verdicts: dict[tuple[str, int], Verdict] = {
            (row.event_id, row.number): row
            for row in db.session.scalars(
                select(Verdict).where(Verdict.clinic_id == clinic_id, Verdict.event_id.in_(wanted))
            )
        }
        self.reviews = {
            row.review_id: row
            for row in db.session.scalars(
                select(Review).where(
                    Review.clinic_id == clinic_id,
                    Review.review_id.in_(_first_parts(entries, "review")),
                )
            )
        }
        has_treatments = any(entry.type == "treatment" for entry in entries)
        self.treatments = {
            record.treatment_id: record
            for record in (
                records.of_patient(clinic_id=clinic_id, patient_id=patient_id)
                if has_treatments
                else ()
            )
        }
        self.starts = _starts(clinic_id, patient_id) if has_treatments else {}

    def data_of(self, entry: LogEntry) -> dict[str, Any]:
        """The `data` of a change."""
        first, _, second = entry.subject_id.partition(":")
        if entry.type == "check_in":
            return self._check_in(first)
        if entry.type == "verdict":
            row = self.verdicts[first, int(second)]
            return {"event_id": first, **_verdict(row), "cause": row.cause, "by": row.made_by}
        if entry.type == "review":
            event_id, _, only = second.partition(":")
            return self._review(first, event_id, is_read=only != reviews.ONLY_MESSAGE)
        return self._treatment(first)

    def _check_in(self, event_id: str) -> dict[str, Any]:
        row = self.events[event_id]
        verdict = self.verdicts.get((event_id, 1))
        if verdict is not None and verdict.cause == raising.CAUSE:
            verdict = None  # no rules judged it; what a person said has a line of its own
        return {
            "event": row.event,
            "received_at": row.received_at.isoformat(),
            "clock_offset_s": row.clock_offset_s,
            "verdict": None if verdict is None else _verdict(verdict),
        }

    def _review(self, review_id: str, event_id: str, *, is_read: bool) -> dict[str, Any]:
        """That it was read, with the message where that stands here; or the message alone."""
        row = self.reviews[review_id]
        return {
            "event_id": event_id,
            "kind": reviews.READ if is_read else reviews.ANSWER,
            "by": row.reviewer_name,
            "role": row.reviewer_role,
            "at": row.at.isoformat(),
            "outcome": row.outcome if is_read else None,
            "message": row.message if event_id == reviews.bearer_of(row) else None,
        }

    def _treatment(self, treatment_id: str) -> dict[str, Any]:
        record = self.treatments[treatment_id]
        appointment = record.next_appointment_at
        return {
            "treatment_id": treatment_id,
            "site": record.site,
            "side": record.side,
            "performed_on": record.performed_on.isoformat(),
            "number": record.number,
            "injected": record.injected,
            "clinician_name": record.clinician_name,
            "next_appointment_at": None if appointment is None else appointment.isoformat(),
            "start": self.starts.get(treatment_id),
        }

    @staticmethod
    def _rows(
        model: type[CheckInEvent], clinic_id: str, entries: Sequence[LogEntry], type: str
    ) -> dict[str, CheckInEvent]:
        rows = db.session.scalars(
            select(model).where(
                model.clinic_id == clinic_id, model.event_id.in_(_first_parts(entries, type))
            )
        )
        return {row.event_id: row for row in rows}


def _first_parts(entries: Sequence[LogEntry], type: str) -> list[str]:
    return [entry.subject_id.partition(":")[0] for entry in entries if entry.type == type]


def _starts(clinic_id: str, patient_id: str) -> dict[str, dict[str, Any]]:
    rows = db.session.scalars(
        select(CheckInEvent)
        .where(
            CheckInEvent.clinic_id == clinic_id,
            CheckInEvent.patient_id == patient_id,
            CheckInEvent.kind == "start",
        )
        .order_by(CheckInEvent.seq)
    )
    return {row.treatment_id: row.event["answers"] for row in rows}


def _verdict(row: Verdict) -> dict[str, Any]:
    return {
        "level": row.level,
        "reasons": row.reasons,
        "also": row.also,
        "missing": row.missing,
        "rules_version": None if row.rules_version == raising.NO_RULES else row.rules_version,
    }
