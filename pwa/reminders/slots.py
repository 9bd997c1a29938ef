"""Which days of the clinic's schedule ask for a reminder. Plain values; no database here.

The phone judges what is due (`static/js/check_in/due.js`); this only says when to nudge it. A day
of the schedule is worth a nudge on that day and on the next, and then no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from pwa.check_ins.overdue import DAYS_TO_ANSWER, Watched

EVENING = "16:00"
"""On the day of the injection nothing is due before this, as on the phone."""


def is_due(treatments: Iterable[Watched], *, days: Sequence[int], now: datetime) -> bool:
    """Whether a check-in of one of these treatments is asked for and was not heard.

    Args:
        now: on the person's own clock.
    """
    return any(
        _is_due(one, day, now=now)
        for one in treatments
        for day in days
        if _is_unheard(one, one.performed_on + timedelta(days=day))
    )


def to_come(
    treatments: Iterable[Watched], *, days: Sequence[int], today: date, at: str
) -> dict[date, str]:
    """The days from today on, each with the time of day for its reminder, in order."""
    found: dict[date, str] = {}
    for one in treatments:
        for day in days:
            expected_on = one.performed_on + timedelta(days=day)
            if expected_on >= today and _is_unheard(one, expected_on):
                shown = max(at, EVENING) if day == 0 else at
                found[expected_on] = max(shown, found.get(expected_on, shown))
    return dict(sorted(found.items()))


def _is_unheard(one: Watched, expected_on: date) -> bool:
    return one.heard_on is None or one.heard_on < expected_on


def _is_due(one: Watched, day: int, *, now: datetime) -> bool:
    late = (now.date() - one.performed_on).days - day
    if not 0 <= late < DAYS_TO_ANSWER:
        return False
    return day > 0 or late > 0 or f"{now:%H:%M}" >= EVENING
