"""Whom to call now and by when, and which check-in is due: arithmetic without a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pwa.practice.words import WORDS_OF_PATIENTS
from tests.node import NodeTwin

WEEKDAYS = [{"weekday": day, "opens": "09:00", "closes": "17:30"} for day in range(5)]
CLINIC: dict[str, Any] = {
    "time_zone": "Europe/London",
    "phone": {"number": "020 7946 0102", "is_tested": True},
    "out_of_hours": {"number": "020 7946 0190", "is_tested": True},
    "emergency": {"number": "999", "is_tested": True},
    "hours": WEEKDAYS,
}
# 2026-11-26 is a Thursday; London is on UTC then.
THURSDAY_NOON = "2026-11-26T12:00:00Z"
THURSDAY_23 = "2026-11-26T23:00:00Z"
FRIDAY_20 = "2026-11-27T20:00:00Z"
SUNDAY_NOON = "2026-11-29T12:00:00Z"
KNEE = {"treatment_id": "t1", "site": "knee", "side": "right", "performed_on": "2026-11-23"}
GUIDANCE: dict[str, Any] = {
    "schedule": [{"id": f"day_{day}", "day": day} for day in (0, 1, 2, 3, 5, 7, 84)],
    "rules": {"1": {"rules": [{"code": "C6_TEMP_BORDERLINE", "recheck_hours": 4}]}},
}


@pytest.fixture(scope="module")
def node() -> Iterator[NodeTwin]:
    with NodeTwin() as twin:
        yield twin


def plan(node: NodeTwin, **result: Any) -> dict[str, Any]:
    given = {"clinic": CLINIC, "emergencyNumber": "999", "zone": "Europe/London"} | result
    return node.call("check_in/who_to_call.js", "planCalls", [[given]])[0]


def lines(made: dict[str, Any]) -> list[str]:
    return [line["key"] for line in made["lines"]]


def roles(made: dict[str, Any]) -> list[str]:
    return [button["role"] for button in made["buttons"]]


def due(node: NodeTwin, now: str, *threads: dict[str, Any]) -> dict[str, Any] | None:
    given = {"treatments": [KNEE], "checkIns": threads, "guidance": GUIDANCE, "now": now}
    return node.call("check_in/due.js", "dueNow", [[given]])[0]


def thread(**parts: Any) -> dict[str, Any]:
    return {
        "event_id": "e1",
        "treatment_id": "t1",
        "recorded_at": THURSDAY_NOON,
        "local_date": "2026-11-26",
        "level": "expected",
        "reasons": ["N2_ON_TRACK"],
        "answers": {"pain_now": 3, "swelling": "none"},
        "versions": [{}],
        "is_retracted": False,
    } | parts


def test_a_number_in_a_sentence_stays_on_one_line(node: NodeTwin) -> None:
    calls = [["020 7946 0102"], ["999"]]
    assert node.call("ui/language.js", "unbroken", calls) == ["020\u00a07946\u00a00102", "999"]


def test_an_emergency_is_the_emergency_number_at_any_hour(node: NodeTwin) -> None:
    for now in (THURSDAY_NOON, THURSDAY_23):
        assert roles(plan(node, level="emergency", now=now))[0] == "emergency"


def test_today_while_the_clinic_is_open_names_when_it_closes_and_what_comes_then(
    node: NodeTwin,
) -> None:
    made = plan(node, level="same_day", now=THURSDAY_NOON)
    assert made["lines"][0]["values"]["time"] == "17:30"
    assert made["lines"][1]["values"] == {"out_of_hours": "020 7946 0190", "time": "14:00"}
    assert roles(made)[0] == "clinic"


def test_today_at_23_names_the_hour_and_the_out_of_hours_line(node: NodeTwin) -> None:
    made = plan(node, level="same_day", now=THURSDAY_23)
    assert made["lines"][0] == {
        "key": "call_same_day_closed_now",
        "values": {"out_of_hours": "020 7946 0190", "time": "23:00"},
    }
    assert made["lines"][-1]["values"]["time"] == "01:00"
    assert roles(made) == ["out_of_hours", "clinic", "emergency"]


def test_without_an_out_of_hours_line_a_shut_clinic_means_urgent_care(node: NodeTwin) -> None:
    made = plan(node, level="same_day", now=THURSDAY_23, clinic=CLINIC | {"out_of_hours": None})
    assert lines(made) == ["call_same_day_closed_no_line"]


@pytest.mark.parametrize(
    ("now", "key", "time"),
    [
        (THURSDAY_NOON, "call_clinic_hours_until", "17:30"),
        ("2026-11-26T08:59:00Z", "call_clinic_hours_today", "09:00"),
        (THURSDAY_23, "call_clinic_hours_tomorrow", "09:00"),
        (FRIDAY_20, "call_clinic_hours_weekday", "09:00"),
        ("2026-11-26T17:30:00Z", "call_clinic_hours_tomorrow", "09:00"),
    ],
)
def test_clinic_hours_say_when_it_opens(node: NodeTwin, now: str, key: str, time: str) -> None:
    made = plan(node, level="clinic_hours", now=now)
    assert lines(made)[0] == key
    assert made["lines"][0]["values"]["time"] == time


def test_the_hours_are_those_of_the_clinics_own_clock(node: NodeTwin) -> None:
    """08:30 UTC in July is 09:30 in London, whatever the phone's own zone."""
    made = plan(node, level="clinic_hours", now="2026-07-02T08:30:00Z", zone="America/New_York")
    assert lines(made)[0] == "call_clinic_hours_until_its_time"
    assert made["is_abroad"] is True


def test_what_cannot_wait_a_day_for_a_shut_clinic_is_called_about_today(node: NodeTwin) -> None:
    waits = plan(node, level="clinic_hours", cannotWait=True, now=THURSDAY_23)
    assert waits["instructions"] == "clinic_hours"
    raised = plan(node, level="clinic_hours", cannotWait=True, now=FRIDAY_20)
    assert raised["instructions"] == "same_day" and raised["is_raised"] is True
    assert lines(raised)[0] == "call_too_long_to_wait"
    may_wait = plan(node, level="clinic_hours", cannotWait=False, now=FRIDAY_20)
    assert may_wait["instructions"] == "clinic_hours"


def test_24_hours_are_counted_across_a_change_of_the_clocks(node: NodeTwin) -> None:
    """Clocks in London went back on 2026-10-25: from Saturday 09:00 to Sunday 09:00 is 25 hours."""
    clinic = CLINIC | {"hours": [{"weekday": 6, "opens": "09:00", "closes": "12:00"}]}
    saturday = {"clinic": clinic, "level": "clinic_hours", "cannotWait": True}
    assert plan(node, now="2026-10-24T08:30:00Z", **saturday)["is_raised"] is True
    assert plan(node, now="2026-10-24T09:00:00Z", **saturday)["is_raised"] is False


def test_not_checked_never_says_to_wait_for_the_next_opening(node: NodeTwin) -> None:
    made = plan(node, level="clinic_hours", isNotChecked=True, now=SUNDAY_NOON)
    assert made["instructions"] == "not_checked"
    assert not [key for key in lines(made) if key.startswith("call_clinic_hours")]


def test_without_any_clinic_the_emergency_number_is_still_there(node: NodeTwin) -> None:
    for level in ("emergency", "same_day", "clinic_hours", "expected", None):
        assert "emergency" in roles(plan(node, level=level, clinic=None, now=THURSDAY_NOON))


def test_a_slot_of_the_schedule_is_due_until_it_is_done(node: NodeTwin) -> None:
    assert due(node, THURSDAY_NOON) == {
        "treatment_ids": ["t1"],
        "reason": "schedule",
        "slot": "day_3",
        "event_id": None,
    }
    assert due(node, THURSDAY_NOON, thread()) is None
    assert due(node, THURSDAY_NOON, thread(is_retracted=True)) is not None
    assert due(node, "2026-11-27T12:00:00Z", thread()) is None
    saturday = due(node, "2026-11-28T12:00:00Z", thread())
    assert saturday is not None and saturday["slot"] == "day_5"
    assert due(node, "2027-06-01T12:00:00Z") is None


def test_a_recheck_that_a_rule_asks_for_becomes_due(node: NodeTwin) -> None:
    borderline = thread(level="clinic_hours", reasons=["C6_TEMP_BORDERLINE"])
    assert due(node, "2026-11-26T15:59:00Z", borderline) is None
    made = due(node, "2026-11-26T16:00:00Z", borderline)
    assert made is not None and made["reason"] == "recheck"
    later = thread(event_id="e2", recorded_at="2026-11-26T16:05:00Z")
    assert due(node, "2026-11-26T17:00:00Z", later, borderline) is None


def test_an_emergency_answer_whose_rest_is_open_is_due_at_once(node: NodeTwin) -> None:
    made = due(
        node, THURSDAY_NOON, thread(level="emergency", answers={"breathless": True}, reasons=[])
    )
    assert made is not None and (made["reason"], made["event_id"]) == ("unfinished", "e1")


def test_a_note_is_sent_without_what_no_server_can_keep(node: NodeTwin) -> None:
    calls = [[" a\u0000b ", 2000], ["   ", 2000], [None, 2000], ["x" * 3000, 2000], ["😀" * 3, 2]]
    made = node.call("check_in/event.js", "cleanNote", calls)
    assert made == ["ab", None, None, "x" * 2000, "😀😀"]


def holidays(*days: str) -> dict[str, Any]:
    return CLINIC | {"holidays": [{"day": day, "name": ""} for day in days]}


@pytest.mark.parametrize(
    ("shut", "now", "key", "date"),
    [
        (["2026-11-27"], THURSDAY_23, "call_clinic_hours_weekday", "2026-11-30"),
        (["2026-11-26"], THURSDAY_NOON, "call_clinic_hours_tomorrow", "2026-11-27"),
        (
            [f"2026-{day}" for day in ("11-27", "11-30", "12-01", "12-02", "12-03")],
            THURSDAY_23,
            "call_clinic_hours_date",
            "2026-12-04",
        ),
    ],
)
def test_on_a_holiday_the_clinic_is_shut_and_the_next_day_that_it_opens_is_named(
    node: NodeTwin, shut: list[str], now: str, key: str, date: str
) -> None:
    made = plan(node, level="clinic_hours", now=now, clinic=holidays(*shut))
    assert lines(made)[0] == key
    assert made["lines"][0]["values"]["date"] == date
    assert "out_of_hours" in roles(made)


def test_what_cannot_wait_over_the_holidays_is_for_today(node: NodeTwin) -> None:
    shut = holidays("2026-11-27")
    given: dict[str, Any] = {"level": "clinic_hours", "cannotWait": True, "now": THURSDAY_23}
    assert not plan(node, **given)["is_raised"]
    assert plan(node, clinic=shut, **given)["is_raised"]


def test_a_clinic_that_is_shut_whenever_it_would_open_is_said_to_open_some_day(
    node: NodeTwin,
) -> None:
    mondays = CLINIC | {
        "hours": WEEKDAYS[:1],
        "holidays": [{"day": day} for day in ("2026-11-30", "2026-12-07")],
    }
    made = plan(node, level="clinic_hours", now=THURSDAY_NOON, clinic=mondays)
    assert made["lines"][0]["values"]["date"] == "2026-12-14"


def test_the_clinics_own_days_are_when_a_check_in_is_due(node: NodeTwin) -> None:
    given = {"treatments": [KNEE], "checkIns": [], "guidance": GUIDANCE}

    def due_at(days: list[int], day: int) -> str | None:
        clinic = CLINIC | {"check_in_days": days}
        now = f"2026-11-{23 + day}T18:00:00Z"
        found = node.call("check_in/due.js", "dueNow", [[{**given, "clinic": clinic, "now": now}]])
        return found[0] and found[0]["slot"]

    assert due_at([4], 3) is None
    assert due_at([4], 4) == "day_4"
    assert due_at([3], 3) == "day_3"
    assert due_at([], 3) == "day_3"


SPORT = {"topic": "sport", "text": "No running until day 14. Our draft.", "from_day": 0}
AFTERCARE: dict[str, Any] = {
    "phases": [
        {"id": "day_0", "title": "", "first_day": 0, "last_day": None}
        | {kind: [] for kind in ("expect", "do", "avoid", "call_if")}
    ],
    "policies": {"ice": {}, "heat": {}, "nsaid": {}, "nsaid_before": {"set": ""}, "swim": ""},
    "joints": {
        "knee": {
            "avoid": [SPORT | {"to_day": 14, "until": "No running until day {day}."}],
            "do": [
                {"topic": "sport", "text": "Ask before you run.", "from_day": 14}
                | {"is_until_set": True}
            ],
            "watch": [],
        }
    },
}


@pytest.mark.parametrize(
    ("allowed_from", "day", "avoid", "do"),
    [
        (None, 5, ["No running until day 14. Our draft."], []),
        (None, 14, ["No running until day 14. Our draft."], ["Ask before you run."]),
        (None, 15, [], ["Ask before you run."]),
        (21, 20, ["No running until day 21."], []),
        (21, 21, [], []),
        (5, 4, ["No running until day 5."], []),
        (5, 14, [], []),
        (0, 0, [], []),
    ],
)
def test_the_clinics_own_day_stands_for_our_draft(
    node: NodeTwin, allowed_from: int | None, day: int, avoid: list[str], do: list[str]
) -> None:
    days = {} if allowed_from is None else {"knee": {"sport": allowed_from}}
    given = {
        "guidance": {"aftercare": AFTERCARE},
        "clinic": CLINIC | {"activity_days": days, "no_swim_hours": 0},
        "treatment": KNEE,
        "day": day,
        "now": THURSDAY_NOON,
    }
    plan = node.call("patient/plan_of_day.js", "planOfDay", [[given]])[0]
    assert [line["text"] for line in plan["avoid"]] == avoid
    assert [line["text"] for line in plan["do"]] == do
    assert all(line["is_clinic_rule"] == (allowed_from is not None) for line in plan["avoid"])


def test_only_what_changed_since_it_was_seen_is_told_by_the_day_of_the_change(
    node: NodeTwin,
) -> None:
    before = {"ice_policy": "ask", "phone": "1", "hours": [{"opens": "09:00", "weekday": 0}]}
    before |= {"activity_days knee": {"sport": 10, "work": 3}}
    after = {"ice_policy": "avoid", "phone": "2", "hours": [{"weekday": 0, "opens": "09:00"}]}
    after |= {"activity_days knee": {"work": 3, "sport": 12}, "activity_days hip": {"sport": 1}}
    after |= {"check_in_days": [1], "out_of_hours": "3"}
    changed_at = {"ice_policy": THURSDAY_NOON, "activity_days": "2026-11-24T12:00:00Z"}
    found = node.call("patient/today_view.js", "changesBetween", [[before, after, changed_at]])[0]
    assert found == [
        ["", ["changed_numbers"]],
        ["2026-11-24", ["changed_activity"]],
        ["2026-11-26", ["changed_ice"]],
    ]


def test_what_a_patient_is_told_of_is_what_the_server_dates(node: NodeTwin) -> None:
    clinic = {name: name for name in WORDS_OF_PATIENTS} | {"activity_days": {}, "signed": None}
    watched = node.call("patient/today_view.js", "watchedWords", [[clinic, ["knee"]]])[0]
    assert {name.split(" ")[0] for name in watched} == {*WORDS_OF_PATIENTS, "signed"}
