"""What the newest rules would have said of the clinic's own check-ins. Nothing is written here.

Each is judged from the facts that are kept with its verdict, as they were known then: what came
of earlier check-ins is taken over, not judged anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from pwa.accounts.models import Account, Patient
from pwa.check_ins.levels import RANK_OF, highest
from pwa.check_ins.models import CheckInEvent, Verdict
from pwa.database import db
from pwa.guidance.library import Library
from pwa.guidance.triage import RuleTable, judge

NEWEST = 500
LOOKED_AT = 1000
"""Among so many of the newest events are the check-ins; the others start, withdraw or call."""
AT_ONCE = 400
BY_A_PERSON = "clinician"


@dataclass(frozen=True)
class Said:
    """What a rule table says of a check-in: the level, and the reasons for clinicians."""

    level: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """A check-in that the newest rules judge otherwise.

    Attributes:
        unasked: what the newest rules need and the form of then did not ask.
    """

    patient_id: str
    display_name: str
    second_identifier: str
    site: str
    day: int | None
    received_at: datetime
    then_version: int
    then: Said
    now: Said
    unasked: tuple[str, ...]

    @property
    def is_rise(self) -> bool:
        """Whether the newest rules are more urgent."""
        return RANK_OF[self.now.level] > RANK_OF[self.then.level]


@dataclass(frozen=True)
class WorkedLine:
    """A made-up check-in by the signed and by the newest table; `signed` is None without one."""

    title: str
    signed: str | None
    newest: str

    @property
    def is_different(self) -> bool:
        """Whether the two tables say different levels."""
        return self.signed is not None and self.signed != self.newest


@dataclass(frozen=True)
class Replay:
    """The clinic's newest judged check-ins by the newest rules."""

    rules_version: int
    judged_count: int
    oldest_at: datetime | None
    differences: tuple[Difference, ...]
    worked: tuple[WorkedLine, ...]

    @property
    def rise_count(self) -> int:
        """How many would be more urgent."""
        return sum(one.is_rise for one in self.differences)

    @property
    def fall_count(self) -> int:
        """How many would be less urgent."""
        return len(self.differences) - self.rise_count


def replay(*, clinic_id: str, library: Library, signed_rules: int | None) -> Replay:
    """Judge the newest check-ins of this clinic, and the worked cases, by the newest rules."""
    rules = library.rules[max(library.rules)]
    judged = _newest_judged(clinic_id)
    people = _people(clinic_id, {event.patient_id for event, _ in judged})
    differences = [
        _difference(event, verdict, people[event.patient_id], rules, library)
        for event, verdict in judged
    ]
    return Replay(
        rules_version=rules.version,
        judged_count=len(judged),
        oldest_at=min((event.received_at for event, _ in judged), default=None),
        differences=tuple(one for one in differences if one is not None),
        worked=worked(library, signed_rules=signed_rules),
    )


def worked(library: Library, *, signed_rules: int | None) -> tuple[WorkedLine, ...]:
    """The made-up cases that came with the newest rules, by both tables."""
    newest = max(library.rules)
    signed = None if signed_rules is None else library.rules[signed_rules]
    return tuple(
        WorkedLine(
            title=case.title,
            signed=None if signed is None else judge(signed, case.facts).level,
            newest=case.level,
        )
        for case in library.cases.get(newest, ())
    )


def _difference(
    event: CheckInEvent,
    verdict: Verdict,
    person: tuple[str, str],
    rules: RuleTable,
    library: Library,
) -> Difference | None:
    now = judge(rules, verdict.facts)
    if now.level == verdict.level:
        return None
    asked_then = {one.name for one in library.rules[verdict.rules_version].required}
    return Difference(
        patient_id=event.patient_id,
        display_name=person[0],
        second_identifier=person[1],
        site=verdict.facts["site"],
        day=verdict.facts["days_since"],
        received_at=event.received_at,
        then_version=verdict.rules_version,
        then=Said(verdict.level, tuple(verdict.reasons)),
        now=Said(now.level, now.reasons),
        unasked=tuple(name for name in now.missing if name not in asked_then),
    )


def _newest_judged(clinic_id: str) -> list[tuple[CheckInEvent, Verdict]]:
    """The newest check-ins with the most urgent verdict that the rules gave each, newest first."""
    newest = _newest_events(clinic_id)
    by_event: dict[str, list[Verdict]] = {}
    for ids in _in_pieces([event.event_id for event in newest]):
        rows = db.session.scalars(
            select(Verdict).where(
                Verdict.clinic_id == clinic_id,
                Verdict.event_id.in_(ids),
                Verdict.cause != BY_A_PERSON,
            )
        )
        for row in rows:
            by_event.setdefault(row.event_id, []).append(row)
    judged = [(event, highest(by_event.get(event.event_id, ()))) for event in newest]
    return [(event, verdict) for event, verdict in judged if verdict is not None][:NEWEST]


def _newest_events(clinic_id: str) -> list[CheckInEvent]:
    """Found by patient, since that is how events are indexed."""
    mine = CheckInEvent.clinic_id == clinic_id
    places = db.session.execute(
        select(CheckInEvent.patient_id, CheckInEvent.received_at)
        .where(mine)
        .order_by(CheckInEvent.received_at.desc())
        .limit(LOOKED_AT)
    ).all()
    if not places:
        return []
    found: list[CheckInEvent] = []
    for ids in _in_pieces(sorted({patient_id for patient_id, _ in places})):
        found += db.session.scalars(
            select(CheckInEvent).where(
                mine,
                CheckInEvent.patient_id.in_(ids),
                CheckInEvent.received_at >= places[-1][1],
            )
        )
    return sorted(found, key=lambda event: (event.received_at, event.event_id), reverse=True)


def _people(clinic_id: str, patient_ids: set[str]) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for ids in _in_pieces(sorted(patient_ids)):
        rows = db.session.execute(
            select(Account.account_id, Account.display_name, Patient.second_identifier)
            .join(
                Patient,
                (Patient.clinic_id == Account.clinic_id)
                & (Patient.account_id == Account.account_id),
            )
            .where(Patient.clinic_id == clinic_id, Patient.account_id.in_(ids))
        )
        found |= {account_id: (name, second) for account_id, name, second in rows}
    return found


def _in_pieces(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))
