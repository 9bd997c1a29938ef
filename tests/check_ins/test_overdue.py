"""From when on somebody is overdue, over plain values."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from pwa.check_ins.overdue import Due, Urgent, Watched, current, first_due, missed, silent
from pwa.practice.words import CHECK_IN_DAYS

INJECTED = date(2026, 11, 2)
LONDON = "Europe/London"


def treatment(**changed: Any) -> Watched:
    values: dict[str, Any] = {
        "treatment_id": "t1",
        "site": "knee",
        "side": "right",
        "treated_by": "Dr Cole",
        "performed_on": INJECTED,
        "known_on": INJECTED,
        "heard_on": None,
    }
    return Watched(**(values | changed))


def day(number: int) -> date:
    return INJECTED + timedelta(days=number)


def missed_on(
    heard: int | None, *, today: int, known: int = 0, days: tuple[int, ...] = CHECK_IN_DAYS
) -> tuple[int, int] | None:
    """The slot that is missed next and the day from whose beginning it counts."""
    one = treatment(heard_on=None if heard is None else day(heard), known_on=day(known))
    due = missed(one, days=days, zone=LONDON, today=day(today))
    if due is None:
        return None
    assert due.overdue_at == datetime.combine(due.overdue_at.date(), datetime.min.time(), UTC)
    return (due.expected_on - INJECTED).days, (due.overdue_at.date() - INJECTED).days


@pytest.mark.parametrize(
    ("heard", "today", "slot", "overdue_from"),
    [
        (None, 0, 0, 2),
        (None, 40, 0, 2),
        (0, 0, 1, 3),
        (1, 1, 2, 4),
        (2, 2, 3, 5),
        (3, 3, 5, 7),
        (4, 4, 5, 7),
        (5, 5, 7, 9),
        (7, 7, 10, 12),
        (10, 10, 14, 16),
        (12, 12, 14, 16),
        (14, 14, 28, 30),
        (20, 20, 28, 30),
        (28, 28, 42, 44),
        (42, 42, 84, 86),
        (42, 97, 84, 86),
        (-3, 0, 0, 2),
    ],
)
def test_the_next_slot_that_nothing_covers_counts_as_missed_after_the_day_that_follows_it(
    heard: int | None, today: int, slot: int, overdue_from: int
) -> None:
    assert missed_on(heard, today=today) == (slot, overdue_from)


@pytest.mark.parametrize(
    ("heard", "today"), [(84, 84), (90, 90), (42, 98), (None, 98), (42, 10_000)]
)
def test_after_the_last_slot_and_fourteen_days_nothing_is_expected(
    heard: int | None, today: int
) -> None:
    assert missed_on(heard, today=today) is None


@pytest.mark.parametrize(
    ("known", "slot", "overdue_from"),
    [(0, 0, 2), (1, 1, 3), (3, 3, 5), (4, 3, 6), (5, 5, 7), (6, 5, 8), (20, 14, 22), (97, 84, 99)],
)
def test_nobody_misses_what_was_over_before_they_could_answer(
    known: int, slot: int, overdue_from: int
) -> None:
    assert missed_on(None, today=known, known=known) == (slot, overdue_from)


def test_a_clinics_own_days_count() -> None:
    assert missed_on(None, today=0, days=(7,)) == (7, 9)
    assert missed_on(7, today=7, days=(7,)) is None
    assert missed_on(None, today=20, days=(7,)) == (7, 9)
    assert missed_on(None, today=21, days=(7,)) is None


def test_a_day_ends_on_the_clinics_clock_also_when_the_clocks_change() -> None:
    one = treatment(performed_on=date(2026, 10, 23), known_on=date(2026, 10, 23))
    there = missed(one, days=(0,), zone="Europe/Berlin", today=date(2026, 10, 23))
    far = missed(one, days=(0,), zone="Pacific/Auckland", today=date(2026, 10, 23))
    assert there is not None and far is not None
    assert there.overdue_at.astimezone(UTC) == datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert far.overdue_at.astimezone(UTC) == datetime(2026, 10, 24, 11, tzinfo=UTC)


def test_only_the_newest_treatment_of_a_joint_is_asked_about() -> None:
    old = treatment(performed_on=day(-40))
    new = treatment(treatment_id="t2")
    left = treatment(treatment_id="t3", side="left", performed_on=day(-60))
    assert {one.treatment_id for one in current([old, new, left])} == {"t2", "t3"}


def urgent(at: datetime) -> Urgent:
    return Urgent("t1", "knee", "Dr Cole", at)


def test_silence_after_an_urgent_check_in_counts_after_a_day() -> None:
    at = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    assert silent(urgent(at), zone=LONDON) == Due(
        at + timedelta(days=1), "silent", date(2026, 7, 3), "t1", "knee", "Dr Cole", None
    )


def test_silence_comes_before_a_missed_slot_and_the_earliest_of_each_counts() -> None:
    at = datetime(2026, 11, 12, 9, tzinfo=UTC)
    late, later = treatment(), treatment(treatment_id="t2", site="hip", performed_on=day(3))
    asked: dict[str, Any] = {"days": CHECK_IN_DAYS, "zone": LONDON, "today": day(10)}
    both = [urgent(at + timedelta(hours=1)), urgent(at)]
    found = first_due([late, later], both, **asked)
    assert found is not None
    assert (found.reason, found.overdue_at) == ("silent", at + timedelta(days=1))
    found = first_due([later, late], [], **asked)
    assert found is not None
    assert (found.reason, found.treatment_id, found.expected_on) == ("missed", "t1", day(0))
    assert first_due([], [], **asked) is None
