"""Who is treated when, and when each of them checks in. Days first, answers later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from pwa.operations.seeding.published import REGIMENS, SHARE_OF_SITE
from pwa.practice.words import CHECK_IN_DAYS
from pwa.treatments.records import SITES_WITHOUT_SIDE

CHECK_INS_A_SESSION = 9
MOST_SESSIONS = 14
"""Of one patient: more would not fit into the time that treatments may lie back."""
OLDEST_DAYS = 690
LAST_DAY = max(CHECK_IN_DAYS)
KEPT_SHARE = 0.88
"""How many of the scheduled check-ins are made."""
ACTIVE_SHARE = 0.35
"""How many patients are in the middle of it; the others have come to the end of their course."""
HEAVIEST = 4.0
"""The keenest patient checks in so many times as often as the average one."""


@dataclass(frozen=True)
class Session:
    """One session of injections, and when it was written down."""

    site: str
    side: str | None
    number: int
    performed_on: date
    recorded_at: datetime
    next_on: date | None


@dataclass(frozen=True)
class Contact:
    """A moment at which the patient checks in, for one session or for several at once."""

    at: datetime
    sessions: tuple[int, ...]


@dataclass(frozen=True)
class Plan:
    """One patient's sessions and contacts, in their order."""

    sessions: tuple[Session, ...]
    contacts: tuple[Contact, ...]


@dataclass
class _Sitting:
    """A session by its day in the course, before the course has dates."""

    site: str
    side: str | None
    number: int
    day: int
    until: int
    next_day: int | None = None


def share_out(rng: Random, *, patients: int, check_ins: int) -> list[int]:
    """How many check-ins each patient makes: some hardly any, some four times the average."""
    weights = [min(rng.lognormvariate(0.0, 0.5), HEAVIEST) for _ in range(patients)]
    whole = sum(weights)
    exact = [weight / whole * check_ins for weight in weights]
    counts = [int(share) for share in exact]
    by_rest = sorted(range(patients), key=lambda index: counts[index] - exact[index])
    for index in by_rest[: check_ins - sum(counts)]:
        counts[index] += 1
    return counts


def make_plan(
    rng: Random, *, count: int, joints: Sequence[str], now: datetime, zone: ZoneInfo
) -> Plan:
    """A plan with so many check-ins, all of them before `now`."""
    sittings = _sittings(rng, count, joints)
    slots = _slots(rng, sittings, count)
    last_day = slots[-1][0] if slots else 0
    used = {index for _, _, indexes in slots for index in indexes}
    happened = [
        one for index, one in enumerate(sittings) if one.day < max(1, last_day) or index in used
    ]
    first_on = _first_day(rng, slots, last_day, now=now, zone=zone)
    return Plan(
        sessions=tuple(_session(rng, one, first_on, zone) for one in happened),
        contacts=tuple(
            Contact(_instant(first_on, day, second, zone), sessions)
            for day, second, sessions in slots
        ),
    )


def _sittings(rng: Random, count: int, joints: Sequence[str]) -> list[_Sitting]:
    """Courses of sessions, one joint after the other."""
    wanted = min(MOST_SESSIONS, max(1, round(count / CHECK_INS_A_SESSION)))
    sites = [site for site in SHARE_OF_SITE if site in joints]
    found: list[_Sitting] = []
    day = 0
    while len(found) < wanted:
        site = rng.choices(sites, [SHARE_OF_SITE[one] for one in sites])[0]
        side = None if site in SITES_WITHOUT_SIDE else rng.choice(("left", "right"))
        regimen = REGIMENS[site]
        planned = rng.randint(min(2, regimen.most_sessions), regimen.most_sessions)
        for number in range(1, planned + 1):
            next_day = day + regimen.interval_days if number < planned else None
            until = day + LAST_DAY if next_day is None else next_day - 1
            found.append(_Sitting(site, side, number, day, until, next_day))
            day = day + regimen.interval_days
        day += rng.randint(0, 42)
    return found[:wanted]


def _slots(
    rng: Random, sittings: Sequence[_Sitting], count: int
) -> list[tuple[int, int, tuple[int, ...]]]:
    """Exactly `count` check-ins as (day, second of the day, sessions), in their order."""
    slots = [
        (one.day + day, _second(rng, is_first=day == 0), index)
        for index, one in enumerate(sittings)
        for day in CHECK_IN_DAYS
        if one.day + day <= one.until and rng.random() < KEPT_SHARE
    ]
    slots = sorted(slots)[:count]
    while len(slots) < count:
        index = rng.randrange(len(sittings))
        one = sittings[index]
        day = one.day + int(rng.triangular(1, one.until - one.day + 1, 1))
        slots.append((day, _second(rng, is_first=False), index))
    return _merged(sorted(slots))


def _merged(slots: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, tuple[int, ...]]]:
    """Two joints on one day are told in one sitting."""
    found: list[tuple[int, int, tuple[int, ...]]] = []
    for day, second, index in slots:
        if found and found[-1][0] == day and index not in found[-1][2]:
            found[-1] = (day, second, (*found[-1][2], index))
        else:
            found.append((day, second, (index,)))
    return found


def _second(rng: Random, *, is_first: bool) -> int:
    """The evening of the day itself; else any waking hour, mornings and evenings most."""
    if is_first:
        return rng.randrange(18 * 3600 + 1800, 23 * 3600)
    hour = rng.choice((7, 8, 8, 9, 10, 12, 14, 17, 18, 19, 20, 20, 21, 22))
    return hour * 3600 + rng.randrange(3600)


def _first_day(
    rng: Random,
    slots: Sequence[tuple[int, int, tuple[int, ...]]],
    last_day: int,
    *,
    now: datetime,
    zone: ZoneInfo,
) -> date:
    """So that the last check-in lies a little back, or long ago."""
    room = max(1, OLDEST_DAYS - last_day)
    back = int(rng.expovariate(1 / 3)) if rng.random() < ACTIVE_SHARE else rng.randint(7, room + 7)
    first_on = now.astimezone(zone).date() - timedelta(days=last_day + min(back, room))
    is_ahead = slots and _instant(first_on, *slots[-1][:2], zone) > now - timedelta(minutes=20)
    return first_on - timedelta(days=1) if is_ahead or not slots else first_on


def _instant(first_on: date, day: int, second: int, zone: ZoneInfo) -> datetime:
    midnight = datetime.combine(first_on + timedelta(days=day), time(), zone)
    return (midnight + timedelta(seconds=second)).astimezone(UTC)


def _session(rng: Random, one: _Sitting, first_on: date, zone: ZoneInfo) -> Session:
    return Session(
        site=one.site,
        side=one.side,
        number=one.number,
        performed_on=first_on + timedelta(days=one.day),
        recorded_at=_instant(first_on, one.day, rng.randrange(9 * 3600, 17 * 3600), zone),
        next_on=None if one.next_day is None else first_on + timedelta(days=one.next_day),
    )
