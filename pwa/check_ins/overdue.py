"""From when on a patient is overdue, by the clinic's schedule. Plain values; no database here.

A slot of day d can be done until the day before the next slot. It counts as missed from the end
of the day after d, on the clinic's clock, unless a check-in of day d or later came: a later one
makes the earlier slots moot. After the last slot a patient stays overdue for fourteen days; then
nothing is expected any more. The phone's part of the same schedule is `static/js/check_in/due.js`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import zip_longest
from zoneinfo import ZoneInfo

SILENCE = timedelta(hours=24)
"""How long after an urgent check-in something else should have been heard."""
DAYS_TO_ANSWER = 2
"""The day of the slot and the day after it."""
LAST_SLOT_DAYS = 14
"""How long after the last slot a patient still counts as overdue."""


@dataclass(frozen=True)
class Watched:
    """A treatment as the schedule sees it.

    Attributes:
        known_on: the first day on which the patient could have sent a check-in about it.
        heard_on: the newest day that a check-in was about; None: there was none.
    """

    treatment_id: str
    site: str
    side: str | None
    treated_by: str
    performed_on: date
    known_on: date
    heard_on: date | None = None


@dataclass(frozen=True)
class Urgent:
    """An emergency or same-day check-in that nobody closed and after which nothing came."""

    treatment_id: str
    site: str
    treated_by: str
    received_at: datetime


@dataclass(frozen=True)
class Due:
    """From when on somebody is overdue, and with what. `last_on` is the last day on which it
    counts; None: until something is heard."""

    overdue_at: datetime
    reason: str
    expected_on: date
    treatment_id: str
    site: str
    treated_by: str
    last_on: date | None


def oldest_that_counts(days: Sequence[int], *, today: date) -> date:
    """Of a treatment before this day nothing is expected any more."""
    return today - timedelta(days=max(days) + LAST_SLOT_DAYS - 1)


def current(treatments: Iterable[Watched]) -> list[Watched]:
    """The newest treatment of each joint and side, as `currentTreatments` of the phone's form."""
    newest: dict[tuple[str, str | None], Watched] = {}
    for one in treatments:
        known = newest.get((one.site, one.side))
        if known is None or one.performed_on > known.performed_on:
            newest[one.site, one.side] = one
    return list(newest.values())


def missed(one: Watched, *, days: Sequence[int], zone: str, today: date) -> Due | None:
    """When the next slot that was not answered counts as missed; None: nothing is expected."""
    if one.performed_on < oldest_that_counts(days, today=today):
        return None
    for day, following in zip_longest(days, days[1:]):
        expected_on = one.performed_on + timedelta(days=day)
        if one.heard_on is not None and expected_on <= one.heard_on:
            continue
        if following is not None and one.performed_on + timedelta(days=following) <= one.known_on:
            continue  # over before the patient could answer
        last_day = max(expected_on, one.known_on) + timedelta(days=DAYS_TO_ANSWER)
        return Due(
            overdue_at=datetime.combine(last_day, time(), ZoneInfo(zone)),
            reason="missed",
            expected_on=expected_on,
            treatment_id=one.treatment_id,
            site=one.site,
            treated_by=one.treated_by,
            last_on=one.performed_on + timedelta(days=days[-1] + LAST_SLOT_DAYS - 1),
        )
    return None


def silent(one: Urgent, *, zone: str) -> Due:
    """When silence after an urgent check-in counts."""
    overdue_at = one.received_at + SILENCE
    return Due(
        overdue_at=overdue_at,
        reason="silent",
        expected_on=overdue_at.astimezone(ZoneInfo(zone)).date(),
        treatment_id=one.treatment_id,
        site=one.site,
        treated_by=one.treated_by,
        last_on=None,
    )


def first_due(
    treatments: Iterable[Watched],
    urgent: Iterable[Urgent],
    *,
    days: Sequence[int],
    zone: str,
    today: date,
) -> Due | None:
    """The one reason of a patient: silence after an urgent check-in, else the earliest slot."""
    found = [silent(one, zone=zone) for one in urgent]
    if not found:
        slots = [missed(one, days=days, zone=zone, today=today) for one in current(treatments)]
        found = [one for one in slots if one is not None]
    return min(found, key=lambda due: (due.overdue_at, due.treatment_id), default=None)
