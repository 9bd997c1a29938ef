"""Who is overdue from when on: one row a patient of whom something is expected.

What makes somebody overdue is in `overdue.py`. Callers open the transaction. A row tells from
when on; that it has come to that, readers ask with `is_overdue`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from pwa.accounts.models import Account, Invite, Patient
from pwa.check_ins.levels import SAME_DAY_RANK
from pwa.check_ins.models import CheckInEvent, Expectation, Unread
from pwa.check_ins.overdue import Urgent, Watched, current, first_due, oldest_that_counts
from pwa.database import db
from pwa.practice import clinics
from pwa.practice.clinics import Schedule
from pwa.treatments.models import Treatment, TreatmentVersion

ROWS_AT_ONCE = 500


def refresh(*, clinic_id: str, patient_id: str, at: datetime) -> None:
    """Bring one patient's row up to date. Call after whatever they sent, whatever was written of
    their treatments, whatever was read, and when the account is closed or opened."""
    _renew(clinic_id, patient_id, at=at)


def refresh_clinic(*, clinic_id: str, at: datetime) -> None:
    """Bring every row of a clinic up to date: after a change of its schedule.

    Takes every patient's lock, so give it a transaction of its own.
    """
    _renew(clinic_id, None, at=at)


def tidy(*, clinic_id: str, at: datetime) -> None:
    """Count a clinic that was never counted, and let go of rows whose last slot is long over.

    Done when the server starts; call inside a write transaction.
    """
    mine = Expectation.clinic_id == clinic_id
    if not db.session.scalar(select(exists().where(mine))):
        refresh_clinic(clinic_id=clinic_id, at=at)
        return
    schedule = clinics.schedule(clinic_id)
    long_over = db.session.scalars(
        select(Expectation.patient_id).where(
            mine, Expectation.overdue_at <= at, ~and_(*is_overdue(schedule, at=at))
        )
    ).all()
    for patient_id in long_over:
        refresh(clinic_id=clinic_id, patient_id=patient_id, at=at)


def watched(*, clinic_id: str, patient_id: str, at: datetime) -> list[Watched]:
    """The treatments of a patient that something is expected of, and what was heard of each.

    Empty where nothing is expected of the patient: the account is closed, or was never taken up.
    """
    scope = _Scope(clinic_id, patient_id, clinics.schedule(clinic_id), at)
    present = _present(scope)
    return current(_treatments(scope, present)[patient_id]) if present else []


def is_overdue(schedule: Schedule, *, at: datetime) -> list[ColumnElement[bool]]:
    """What must be true of an `Expectation` for its patient to be overdue now.

    A row may outlive the last day on which its check-in still counts. Such rows are not overdue,
    and go when something is heard of the patient or the server starts (`tidy`).
    """
    return _is_overdue(at, _today(schedule, at))


def is_overdue_at_now() -> list[ColumnElement[bool]]:
    """The same for a query that is put together once: `now_of` says what it is asked with."""
    return _is_overdue(bindparam("now"), bindparam("today"))


def now_of(schedule: Schedule, *, at: datetime) -> dict[str, Any]:
    """What `is_overdue_at_now` is asked with."""
    return {"now": at, "today": _today(schedule, at)}


def _is_overdue(at: Any, today: Any) -> list[ColumnElement[bool]]:
    return [
        Expectation.overdue_at <= at,
        or_(Expectation.last_on.is_(None), Expectation.last_on >= today),
    ]


def _renew(clinic_id: str, patient_id: str | None, *, at: datetime) -> None:
    db.session.flush()
    scope = _Scope(clinic_id, patient_id, clinics.schedule(clinic_id), at)
    _lock(scope)
    rows = _rows(scope)
    db.session.execute(
        delete(Expectation)
        .where(*scope.mine(Expectation.clinic_id, Expectation.patient_id))
        .execution_options(synchronize_session=False)
    )
    for start in range(0, len(rows), ROWS_AT_ONCE):
        db.session.execute(insert(Expectation), rows[start : start + ROWS_AT_ONCE])


@dataclass(frozen=True)
class _Scope:
    """One patient, or all of a clinic."""

    clinic_id: str
    patient_id: str | None
    schedule: Schedule
    at: datetime

    def mine(self, clinic: Any, patient: Any) -> list[ColumnElement[bool]]:
        """The rows of this patient, or of all, by these two columns."""
        ours = [clinic == self.clinic_id]
        return ours if self.patient_id is None else [*ours, patient == self.patient_id]

    def day(self, at: datetime) -> date:
        """The calendar day at the clinic."""
        return at.astimezone(ZoneInfo(self.schedule.zone)).date()

    @property
    def oldest(self) -> date:
        """Treatments before this day expect nothing any more."""
        return oldest_that_counts(self.schedule.days, today=self.day(self.at))


def _lock(scope: _Scope) -> None:
    """Of two who count at once the second sees what the first wrote."""
    db.session.execute(
        select(Patient.account_id)
        .where(*scope.mine(Patient.clinic_id, Patient.account_id))
        .order_by(Patient.account_id)
        .with_for_update()
    ).all()


def _rows(scope: _Scope) -> list[dict[str, Any]]:
    present = _present(scope)
    if not present:
        return []
    treatments, urgent = _treatments(scope, present), _urgent(scope)
    rows = []
    for patient_id in present:
        due = first_due(
            treatments[patient_id],
            urgent[patient_id],
            days=scope.schedule.days,
            zone=scope.schedule.zone,
            today=scope.day(scope.at),
        )
        if due is not None:
            rows.append({"clinic_id": scope.clinic_id, "patient_id": patient_id, **asdict(due)})
    return rows


def _present(scope: _Scope) -> dict[str, datetime | None]:
    """Patients of whom something can be expected, and when they took up their invite.

    Not those whose account is closed, nor those who never joined and never sent anything.
    """
    has_sent = exists().where(
        CheckInEvent.clinic_id == Account.clinic_id,
        CheckInEvent.patient_id == Account.account_id,
    )
    rows = db.session.execute(
        select(Account.account_id, func.min(Invite.used_at))
        .select_from(Account)
        .outerjoin(
            Invite,
            (Invite.account_id == Account.account_id)
            & (Invite.clinic_id == Account.clinic_id)
            & (Invite.purpose == "join"),
        )
        .where(
            *scope.mine(Account.clinic_id, Account.account_id),
            Account.role == "patient",
            Account.is_active,
            or_(Account.password_hash.is_not(None), has_sent),
        )
        .group_by(Account.account_id)
    ).all()
    return {row[0]: row[1] for row in rows}


def _treatments(
    scope: _Scope, present: dict[str, datetime | None]
) -> defaultdict[str, list[Watched]]:
    known = [row for row in _current_versions(scope) if row.patient_id in present]
    heard = _heard(scope, [row.treatment_id for row in known])
    found: defaultdict[str, list[Watched]] = defaultdict(list)
    for row in known:
        known_on = scope.day(row.created_at)
        joined_at = present[row.patient_id]
        found[row.patient_id].append(
            Watched(
                treatment_id=row.treatment_id,
                site=row.site,
                side=row.side,
                treated_by=row.clinician_name,
                performed_on=row.performed_on,
                known_on=known_on if joined_at is None else max(known_on, scope.day(joined_at)),
                heard_on=heard.get(row.treatment_id),
            )
        )
    return found


def _current_versions(scope: _Scope) -> Sequence[Any]:
    return db.session.execute(
        select(
            Treatment.treatment_id,
            Treatment.patient_id,
            Treatment.created_at,
            TreatmentVersion.site,
            TreatmentVersion.side,
            TreatmentVersion.clinician_name,
            TreatmentVersion.performed_on,
        )
        .join(TreatmentVersion, _is_current_version())
        .where(
            *scope.mine(Treatment.clinic_id, Treatment.patient_id),
            TreatmentVersion.performed_on >= scope.oldest,
        )
        .order_by(Treatment.created_at.desc(), Treatment.treatment_id)
    ).all()


def _is_current_version() -> ColumnElement[bool]:
    return (
        (TreatmentVersion.clinic_id == Treatment.clinic_id)
        & (TreatmentVersion.treatment_id == Treatment.treatment_id)
        & (TreatmentVersion.version == Treatment.version)
    )


def _heard(scope: _Scope, treatment_ids: Sequence[str]) -> dict[str, date]:
    """The newest day that a check-in of each treatment was about.

    The phone's own day counts, but not beyond the day after we received something: a clock that
    runs ahead makes nobody invisible. Where the phone knew that its clock was behind, the day of
    arrival stands for it.
    """
    found = {}
    for start in range(0, len(treatment_ids), ROWS_AT_ONCE):
        ids = treatment_ids[start : start + ROWS_AT_ONCE]
        for treatment_id, told_on, arrived_at, newest_at in db.session.execute(
            _newest_days(scope.clinic_id, ids)
        ):
            found[treatment_id] = _heard_on(scope, told_on, arrived_at, newest_at)
    return found


def _newest_days(clinic_id: str, treatment_ids: Sequence[str]) -> Select[str, Any, Any, datetime]:
    is_behind = CheckInEvent.event["clock_behind"].as_boolean()
    told = CheckInEvent.event["local_date"].as_string()
    withdrawal = aliased(CheckInEvent)
    is_withdrawn = exists().where(
        withdrawal.clinic_id == CheckInEvent.clinic_id,
        withdrawal.supersedes == CheckInEvent.event_id,
        withdrawal.kind == "retract",
    )
    return (
        select(
            CheckInEvent.treatment_id,
            func.max(case((is_behind, None), else_=told)),
            func.max(case((is_behind, CheckInEvent.received_at), else_=None)),
            func.max(CheckInEvent.received_at),
        )
        .where(
            CheckInEvent.clinic_id == clinic_id,
            CheckInEvent.treatment_id.in_(treatment_ids),
            CheckInEvent.kind == "create",
            ~is_withdrawn,
        )
        .group_by(CheckInEvent.treatment_id)
    )


def _heard_on(
    scope: _Scope, told_on: str | None, arrived_at: datetime | None, newest_at: datetime
) -> date:
    days = [] if arrived_at is None else [scope.day(arrived_at)]
    if told_on is not None:
        latest = scope.day(newest_at) + timedelta(days=1)
        days.append(min(date.fromisoformat(told_on), latest))
    return max(days)


def _urgent(scope: _Scope) -> defaultdict[str, list[Urgent]]:
    """Urgent check-ins that wait to be read, not withdrawn, after which nothing came.

    One that is read is closed: nobody reads an urgent one without saying what came of it.
    """
    event, other = CheckInEvent, aliased(CheckInEvent)
    came_later = exists().where(
        other.clinic_id == Unread.clinic_id,
        other.patient_id == Unread.patient_id,
        other.received_at > Unread.received_at,
        other.kind == "create",
    )
    is_withdrawn = exists().where(
        other.clinic_id == Unread.clinic_id,
        other.supersedes == func.coalesce(event.supersedes, event.event_id),
        other.kind == "retract",
    )
    rows = db.session.execute(
        select(
            Unread.patient_id,
            Unread.received_at,
            Treatment.treatment_id,
            TreatmentVersion.site,
            TreatmentVersion.clinician_name,
        )
        .select_from(Unread)
        .join(event, (event.clinic_id == Unread.clinic_id) & (event.event_id == Unread.event_id))
        .join(
            Treatment,
            (Treatment.clinic_id == event.clinic_id)
            & (Treatment.treatment_id == event.treatment_id),
        )
        .join(TreatmentVersion, _is_current_version())
        .where(
            *scope.mine(Unread.clinic_id, Unread.patient_id),
            Unread.rank >= SAME_DAY_RANK,
            ~came_later,
            ~is_withdrawn,
        )
    )
    found: defaultdict[str, list[Urgent]] = defaultdict(list)
    for patient_id, received_at, treatment_id, site, treated_by in rows:
        found[patient_id].append(Urgent(treatment_id, site, treated_by, received_at))
    return found


def _today(schedule: Schedule, at: datetime) -> date:
    return at.astimezone(ZoneInfo(schedule.zone)).date()
