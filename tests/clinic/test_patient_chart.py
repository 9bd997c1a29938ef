"""The chart of a course: what is drawn where, which days are flagged, and what the table says."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from pwa.clinic.chart import Chart, Entry, charts_of
from pwa.treatments.records import TreatmentRecord

FIRST = date(2026, 11, 2)
TODAY = date(2026, 11, 26)


def treatment(**changed: Any) -> TreatmentRecord:
    given: dict[str, Any] = {
        "treatment_id": "t1",
        "patient_id": "p",
        "version": 1,
        "site": "knee",
        "side": "right",
        "performed_on": FIRST,
        "number": 1,
        "injected": "",
        "clinician_name": "Dr Cole",
        "next_appointment_at": None,
    }
    return TreatmentRecord(**{**given, **changed})


def entry(days: int, **changed: Any) -> Entry:
    given: dict[str, Any] = {
        "thread_id": f"check-in {days}",
        "place": 0,
        "site": "knee",
        "side": "right",
        "day": FIRST + timedelta(days=days),
        "days_since": days,
        "pain": 4,
        "swelling": None,
        "temp_c": None,
        "level": "expected",
    }
    return Entry(**{**given, **changed})


def chart_of(*entries: Entry, is_lately: bool = False) -> Chart:
    [chart] = charts_of([treatment()], entries, today=TODAY, is_lately=is_lately)
    return chart


def test_each_day_is_drawn_with_its_highest_values_and_its_worst_level() -> None:
    chart = chart_of(
        entry(0, pain=2, temp_c=37.0),
        entry(10, pain=3, swelling="mild", level="clinic_hours"),
        entry(10, pain=8, swelling="none", temp_c=38.4, level="emergency"),
    )
    pain, swelling, heat = chart.parts
    assert [point.x for point in pain.points] == [0, 100]
    assert pain.points[1].y == dict(pain.grid)["10"] + (pain.bottom - pain.top) * 0.2
    assert swelling.points[0].y < swelling.bottom
    assert heat.limit is not None and heat.points[1].y < heat.limit < heat.points[0].y
    assert [(flag.x, flag.label) for flag in chart.flags] == [(100, "emergency")]
    assert chart.levels == ("emergency", "clinic_hours")


def test_a_flagged_day_without_a_score_is_marked_all_the_same() -> None:
    chart = chart_of(entry(0), entry(3, pain=None, level="emergency"))
    assert [flag.label for flag in chart.flags] == ["emergency"]
    assert len(chart.parts[0].points) == 1
    assert chart.summary == "2 check-ins; pain at most 4, latest 4 on day 0; 1 flagged"


def test_the_parts_lie_below_each_other_and_nothing_lies_outside() -> None:
    chart = chart_of(
        *(entry(day, pain=day % 11, swelling="severe", temp_c=34.0 + day) for day in range(10))
    )
    assert [part.kind for part in chart.parts] == ["pain", "swelling", "temp"]
    bottom = chart.flags_y
    for part in chart.parts:
        assert bottom < part.top < part.bottom < chart.height
        assert all(part.top <= point.y <= part.bottom for point in part.points)
        assert all(0 <= point.x <= 100 for point in part.points)
        bottom = part.bottom


def test_the_last_14_days_end_today_and_leave_out_what_is_older() -> None:
    chart = chart_of(entry(2), entry(11), entry(24, level="same_day"), is_lately=True)
    assert [line.days_since for line in chart.lines] == [11, 24]
    assert [point.x for point in chart.parts[0].points] == [0, 100]
    assert chart.treatments == ()


def test_nothing_in_the_last_14_days_is_an_empty_chart_and_not_a_failure() -> None:
    chart = chart_of(entry(2), is_lately=True)
    assert (chart.lines, chart.parts, chart.flags) == ((), (), ())


@pytest.mark.parametrize("day", [None, date(1970, 1, 1), date(9999, 12, 31)])
def test_a_day_that_cannot_be_stays_in_the_table_and_out_of_the_drawing(day: date | None) -> None:
    chart = chart_of(entry(1), entry(2, day=day, days_since=None))
    assert len(chart.lines) == 2
    assert len(chart.parts[0].points) == 1
    assert chart.lines[1].cells[1:] == ("not known", "4", "–", "–")


def test_each_joint_has_its_own_chart_with_its_own_sessions() -> None:
    treatments = [
        treatment(treatment_id="t3", performed_on=FIRST + timedelta(days=20), number=2),
        treatment(treatment_id="t2", site="hip", side="left", performed_on=FIRST),
        treatment(),
    ]
    entries = [entry(1), entry(22), entry(1, site="hip", side="left")]
    knee, hip = charts_of(treatments, entries, today=TODAY)
    assert [(mark.label, mark.is_late) for mark in knee.treatments] == [
        ("Session 2", True),
        ("Session 1", False),
    ]
    assert [mark.label for mark in hip.treatments] == ["Session 1"]
    assert len(hip.lines) == 1


def test_many_sessions_are_marked_by_their_numbers_alone() -> None:
    treatments = [
        treatment(treatment_id=str(n), number=n, performed_on=FIRST + timedelta(days=7 * n))
        for n in range(1, 6)
    ]
    [chart] = charts_of(treatments, [entry(9)], today=TODAY)
    assert [mark.label for mark in chart.treatments] == ["1", "2", "3", "4", "5"]
    assert len(chart.ticks) <= 4
    places = [x for x, _ in chart.ticks]
    assert places[1] - places[0] > 33
    assert all(after - before > 20 for before, after in pairwise(places[1:]))
