"""Who is overdue, in words: what was expected when, and when something last came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import func, select

from pwa.check_ins.models import CheckInEvent
from pwa.clinic.worklist_place import Place
from pwa.database import db
from pwa.treatments import records
from pwa.treatments.records import TreatmentRecord


class Late(NamedTuple):
    """What is kept of a patient who is overdue, and who they are."""

    patient_id: str
    treatment_id: str
    reason: str
    expected_on: date
    overdue_at: datetime
    display_name: str
    second_identifier: str
    phone_number: str


@dataclass(frozen=True)
class OverdueRow:
    """A patient who was expected to check in and has not."""

    patient_id: str
    display_name: str
    second_identifier: str
    phone_number: str
    is_silent: bool
    """Nothing came after an urgent answer."""
    expected_on: date
    overdue_at: datetime
    treatment: TreatmentRecord
    last_at: datetime | None
    """When anything last arrived from this patient."""
    place: Place
    today: int
    """Which day after the injection it is now."""

    @property
    def day(self) -> int:
        """The day after the injection on which something was expected."""
        return (self.expected_on - self.treatment.performed_on).days


def overdue_rows_of(found: Sequence[Late], *, clinic_id: str, today: date) -> list[OverdueRow]:
    """These patients as rows, in the same order."""
    if not found:
        return []
    treatments = records.some(
        clinic_id=clinic_id, treatment_ids={due.treatment_id for due in found}
    )
    last = _last_arrivals(clinic_id, [due.patient_id for due in found])
    return [
        OverdueRow(
            patient_id=due.patient_id,
            display_name=due.display_name,
            second_identifier=due.second_identifier,
            phone_number=due.phone_number,
            is_silent=due.reason == "silent",
            expected_on=due.expected_on,
            overdue_at=due.overdue_at,
            treatment=treatments[due.treatment_id],
            last_at=last.get(due.patient_id),
            place=Place(int(due.reason == "silent"), due.overdue_at, due.patient_id),
            today=(today - treatments[due.treatment_id].performed_on).days,
        )
        for due in found
    ]


def _last_arrivals(clinic_id: str, patient_ids: Sequence[str]) -> dict[str, datetime]:
    rows = db.session.execute(
        select(CheckInEvent.patient_id, func.max(CheckInEvent.received_at))
        .where(CheckInEvent.clinic_id == clinic_id, CheckInEvent.patient_id.in_(patient_ids))
        .group_by(CheckInEvent.patient_id)
    )
    return {row[0]: row[1] for row in rows}
