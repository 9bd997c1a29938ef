"""The days ahead in My recovery: what changes from one day to the next. Without a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pwa.guidance.library import load_library
from pwa.guidance.questions import SITES
from tests.node import NodeTwin

GUIDANCE = load_library().for_phone()
SCHEDULE = GUIDANCE["schedule"]
LINES = [
    line["text"]
    for phase in GUIDANCE["aftercare"]["phases"]
    for kind in ("do", "avoid")
    for line in phase[kind]
]
"""What the plan of a phase says for every joint; none of it names a day on which it ends."""
CLINIC: dict[str, Any] = {
    "ice_policy": "allowed_day0_1",
    "heat_policy": "warm_after_day3",
    "nsaid_avoid_after_days": 10,
    "no_swim_hours": 48,
    "activity_days": {"knee": {"sport": 21, "work": 0}},
}


@pytest.fixture(scope="module")
def node() -> Iterator[NodeTwin]:
    with NodeTwin() as twin:
        yield twin


def ahead(
    node: NodeTwin, *, today: int, site: str = "knee", clinic: dict[str, Any] | None = None
) -> dict[int, dict[str, Any]]:
    """What changes after `today`, by day. The injection was days before a clock goes back."""
    given = {
        "guidance": GUIDANCE,
        "clinic": clinic,
        "treatment": {"site": site, "performed_on": "2026-10-22", "next_appointment_at": None},
        "schedule": SCHEDULE,
        "today": today,
    }
    found = node.call("patient/plan_ahead.js", "daysAhead", [[given]])[0]
    return {one["day"]: one for one in found}


def texts(lines: list[dict[str, Any]]) -> list[str]:
    return [line["text"] for line in lines]


def test_the_clinics_own_days_begin_and_end_on_their_day(node: NodeTwin) -> None:
    days = ahead(node, today=0, clinic=CLINIC)
    assert any("gentle warmth" in text for text in texts(days[4]["begins"]["do"]))
    assert [text for text in texts(days[3]["ends"]) if "48 hours" in text]
    assert [text for text in texts(days[11]["ends"]) if "until day 10" in text]
    assert texts(days[21]["ends"]) == [
        "No running or kneeling until day 21.",
        "No squats with weight until day 21.",
    ]
    assert all(line["is_clinic_rule"] for line in days[21]["ends"])
    assert (days[21]["date"], days[4]["date"]) == ("2026-11-12", "2026-10-26")


def test_without_a_clinic_the_drafts_end_on_their_days(node: NodeTwin) -> None:
    days = ahead(node, today=9)
    assert min(days) > 9
    assert len(days[15]["ends"]) == 3
    assert all("Our draft" in text for text in texts(days[15]["ends"]))


def test_a_new_stretch_and_a_check_in_are_told_on_their_day(node: NodeTwin) -> None:
    days = ahead(node, today=3)
    assert days[4]["phase"]["id"] == "days_4_7" and days[4]["begins"]["expect"]
    assert days[43]["phase"]["id"] == "follow_up"
    due = {slot["day"] for slot in SCHEDULE if slot["day"] > 3}
    assert {day for day, one in days.items() if one["is_check_in"]} == due


@pytest.mark.parametrize("clinic", [None, CLINIC])
def test_no_advice_without_an_end_of_its_own_is_ever_said_to_be_over(
    node: NodeTwin, clinic: dict[str, Any] | None
) -> None:
    medicine = GUIDANCE["aftercare"]["policies"]["medicine_line"]
    for site in SITES:
        for one in ahead(node, today=0, site=site, clinic=clinic).values():
            assert not {*texts(one["ends"])} & {*LINES, medicine}, (site, one["day"])


def test_four_hundred_days_on_nothing_changes_any_more(node: NodeTwin) -> None:
    assert ahead(node, today=400, clinic=CLINIC) == {}
    told = node.call("patient/plan_ahead.js", "tomorrowOf", [[[], 400]])[0]
    assert told == {"tomorrow": None, "next": None, "later": []}


def test_a_check_in_alone_is_no_change_of_the_plan(node: NodeTwin) -> None:
    found = list(ahead(node, today=9).values())
    told = node.call("patient/plan_ahead.js", "tomorrowOf", [[found, 9]])[0]
    assert told["tomorrow"]["is_check_in"] and told["next"]["day"] == 14
