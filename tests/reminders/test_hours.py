"""When a reminder may come: once a day, never in the quiet hours, on the person's own clock."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from pwa.check_ins.overdue import Watched
from pwa.practice.words import CHECK_IN_DAYS
from pwa.reminders import slots
from pwa.reminders.hours import Rhythm

DAYS = CHECK_IN_DAYS


def rhythm(
    at: str = "18:00", quiet: tuple[str, str] = ("21:00", "08:00"), zone: str = "Europe/London"
) -> Rhythm:
    return Rhythm(at=at, quiet_from=quiet[0], quiet_until=quiet[1], zone=zone)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("of", "after", "expected"),
    [
        (rhythm(), "2026-11-26T12:00", "2026-11-26T18:00"),
        (rhythm(), "2026-11-26T18:00", "2026-11-27T18:00"),
        (rhythm(zone="America/New_York"), "2026-11-26T12:00", "2026-11-26T23:00"),
        (rhythm(zone="Asia/Kathmandu"), "2026-11-26T12:14", "2026-11-26T12:15"),
        # The clinic's hour lies in the quiet hours: it comes when they end.
        (rhythm(at="22:00"), "2026-11-26T12:00", "2026-11-27T08:00"),
        (rhythm(at="22:00"), "2026-11-26T07:00", "2026-11-26T08:00"),
        (rhythm(at="07:00"), "2026-11-26T06:00", "2026-11-26T08:00"),
        (rhythm(quiet=("12:00", "19:30")), "2026-11-26T10:00", "2026-11-26T19:30"),
        (rhythm(quiet=("08:00", "08:00")), "2026-11-26T12:00", "2026-11-26T18:00"),
        # Clocks go forward on 29 March and back on 25 October in London.
        (rhythm(), "2026-03-28T18:30", "2026-03-29T17:00"),
        (rhythm(), "2026-10-24T17:30", "2026-10-25T18:00"),
        (rhythm(at="01:30", quiet=("02:00", "02:00")), "2026-03-29T00:30", "2026-03-29T01:30"),
    ],
)
def test_the_next_look_is_at_the_clinics_hour_on_the_persons_clock(
    of: Rhythm, after: str, expected: str
) -> None:
    assert of.next_look(after=utc(after)) == utc(expected)


def test_looks_follow_each_other_one_a_day_and_never_in_the_quiet_hours() -> None:
    for zone in ("Europe/London", "Pacific/Apia", "America/Santiago", "Australia/Lord_Howe"):
        for at in ("00:15", "02:30", "12:00", "23:59"):
            one = rhythm(at=at, quiet=("22:00", "07:00"), zone=zone)
            moment, seen = utc("2026-01-01T00:00"), []
            for _ in range(366):
                moment = one.next_look(after=moment)
                assert not one.is_quiet(at=moment), (zone, at, moment)
                seen.append(one.local(moment).date())
            assert len(set(seen)) == 366, (zone, at)


def test_quiet_hours_may_cross_midnight_or_not_be() -> None:
    night, noon, none = rhythm(), rhythm(quiet=("12:00", "13:00")), rhythm(quiet=("9:00", "9:00"))
    assert night.is_quiet(at=utc("2026-11-26T21:00"))
    assert night.is_quiet(at=utc("2026-11-26T07:59"))
    assert not night.is_quiet(at=utc("2026-11-26T08:00"))
    assert noon.is_quiet(at=utc("2026-11-26T12:30"))
    assert not noon.is_quiet(at=utc("2026-11-26T13:00"))
    assert not none.is_quiet(at=utc("2026-11-26T09:00"))
    assert none.start_of_quiet(after=utc("2026-11-26T09:00")) is None
    assert night.start_of_quiet(after=utc("2026-11-26T21:00")) == utc("2026-11-27T21:00")


def treated(days_ago: int, heard: int | None = None) -> Watched:
    """A knee treated so many days before 26 November, and heard of on a day after the injection."""
    performed_on = date.fromordinal(date(2026, 11, 26).toordinal() - days_ago)
    heard_on = None if heard is None else date.fromordinal(performed_on.toordinal() + heard)
    return Watched("t", "knee", "right", "Dr Cole", performed_on, performed_on, heard_on)


@pytest.mark.parametrize(
    ("one", "hour", "expected"),
    [
        (treated(3), "18:00", True),
        (treated(3, heard=3), "18:00", False),
        (treated(3, heard=2), "18:00", True),
        (treated(4), "18:00", True),  # the day after is the last on which it is in time
        (treated(4, heard=3), "18:00", False),
        (treated(12), "18:00", False),  # nobody is reminded of day 10 for a third time
        (treated(14, heard=16), "18:00", False),
        (treated(0), "15:59", False),
        (treated(0), "16:00", True),
        (treated(1), "09:00", True),
        (treated(400), "18:00", False),
    ],
)
def test_a_day_of_the_schedule_is_worth_a_nudge_twice_unless_it_was_answered(
    one: Watched, hour: str, expected: bool
) -> None:
    now = datetime.fromisoformat(f"2026-11-26T{hour}").replace(tzinfo=UTC)
    assert slots.is_due([one], days=DAYS, now=now) is expected
    assert slots.is_due([treated(400), one], days=DAYS, now=now) is expected


def test_a_calendar_holds_each_day_to_come_once_whatever_was_treated() -> None:
    today = date(2026, 11, 26)
    found = slots.to_come(
        [treated(0), treated(3, heard=3), treated(400)], days=DAYS, today=today, at="09:00"
    )
    after = [day.toordinal() - today.toordinal() for day in found]
    assert after == sorted({*DAYS, *(day - 3 for day in DAYS if day > 3)})
    assert list(found.values()) == ["16:00", *["09:00"] * (len(found) - 1)]
    assert slots.to_come([], days=DAYS, today=today, at="09:00") == {}
