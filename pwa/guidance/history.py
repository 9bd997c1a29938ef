"""What triage needs to know and the form does not ask: derived from the course so far.

The day since the injection, the lowest recent pain, the baseline and risk flags from the start,
and the clinic-hours results that nobody has dealt with yet. Its twin on the phone is
`static/js/triage/history.js`; both run the cases in `tests/cases/history.json`. Which check-ins
count as current is the caller's matter; judging is `triage`.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

RECENT_PAIN_HOURS = 72
INCOMPLETE = "C10_INCOMPLETE"

RISKS = ("immune_suppressed", "diabetes", "joint_replacement", "recent_joint_infection")

_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?"
    r"(?:Z|([+-])([0-9]{2}):([0-9]{2}))"
)


def derive_facts(
    *,
    answers: Mapping[str, Any],
    site: str | None,
    local_date: str | date | None,
    performed_on: str | date | None,
    clock_behind: bool,
    recorded_at: str | datetime | None,
    start: Mapping[str, Any] | None,
    earlier: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """The answers with what history adds to them, None where that is not known.

    `local_date` is the day that the patient saw, `recorded_at` has an offset. `earlier` holds
    the current check-ins before this one, oldest first, of this treatment and of earlier ones
    of the same joint and side.
    """
    begin = start or {}
    return {
        **answers,
        "site": site,
        "days_since": None if clock_behind else days_between(performed_on, local_date),
        "pain_prev": lowest_recent_pain(earlier, recorded_at),
        "pain_baseline": begin.get("pain_baseline"),
        "high_risk": any_risk(begin),
        "immune_suppressed": begin.get("immune_suppressed"),
        "anticoagulant": begin.get("anticoagulant"),
        "open_clinic_flags": open_clinic_flags(earlier),
    }


def days_between(performed_on: str | date | None, local_date: str | date | None) -> int | None:
    """Calendar days from the injection (day 0) to the patient's own day, or None."""
    first, last = _day_number(performed_on), _day_number(local_date)
    return None if first is None or last is None else last - first


def lowest_recent_pain(
    earlier: Sequence[Mapping[str, Any]], recorded_at: str | datetime | None
) -> int | None:
    """The lowest pain of the last 72 hours for this treatment, so that a slow creep counts.

    An entry from a clock that runs ahead counts too, and so does one whose time is unreadable.
    """
    now = _milliseconds(recorded_at)
    pains = []
    for entry in earlier:
        pain = entry.get("pain_now")
        if pain is None or entry.get("is_same_treatment") is not True:
            continue
        then = _milliseconds(entry.get("recorded_at"))
        if now is None or then is None or now - then <= RECENT_PAIN_HOURS * 3_600_000:
            pains.append(pain)
    return min(pains, default=None)


def open_clinic_flags(earlier: Sequence[Mapping[str, Any]]) -> int:
    """How many episodes of clinic-hours results still wait for a clinician.

    Check-ins of one treatment that follow each other with the same reasons are one episode,
    open while any of them is not reviewed. A result that was only incomplete is none.
    """
    count = 0
    previous: tuple[bool, frozenset[str]] | None = None
    is_counted = False
    for entry in earlier:
        codes = frozenset(entry.get("reasons") or ()) - {INCOMPLETE}
        if entry.get("level") != "clinic_hours" or not codes:
            previous = None
            continue
        episode = (entry.get("is_same_treatment") is True, codes)
        if episode != previous:
            previous, is_counted = episode, False
        if not is_counted and entry.get("is_reviewed") is not True:
            count, is_counted = count + 1, True
    return count


def any_risk(start: Mapping[str, Any]) -> bool | None:
    """Is any of the four risks there? None where none is known to be and one is unknown."""
    values = [start.get(key) for key in RISKS]
    if any(value is True for value in values):
        return True
    return None if any(value is not False for value in values) else False


# Read by hand and not by a library, so that both languages refuse the same.


def _day_number(value: str | date | None) -> int | None:
    if isinstance(value, date):
        return date(value.year, value.month, value.day).toordinal()
    found = _DAY.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3])).toordinal()
    except ValueError:
        return None


def _milliseconds(value: str | datetime | None) -> int | None:
    if isinstance(value, datetime):
        value = value.isoformat()
    found = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    day = _day_number(found[1])
    hour, minute, second = int(found[2]), int(found[3]), int(found[4] or 0)
    offset_hour, offset_minute = int(found[7] or 0), int(found[8] or 0)
    if day is None or max(hour, offset_hour) > 23 or max(minute, second, offset_minute) > 59:
        return None
    offset = (offset_hour * 60 + offset_minute) * (-1 if found[6] == "-" else 1)
    fraction = int((found[5] or "").ljust(3, "0")[:3])
    return (((day * 24 + hour) * 60 + minute - offset) * 60 + second) * 1000 + fraction
