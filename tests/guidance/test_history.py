"""What is derived from history: written cases, and both languages on histories at random."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pwa.guidance.history import derive_facts
from pwa.guidance.triage import judge
from tests.guidance.content import RULES, RULES_DATA, cases

HISTORY = cases("history.json")
CODES = ["C1_PAIN_HIGH", "C9_LOCAL_RASH", "C10_INCOMPLETE", "S3_PUS", "N1_EXPECTED_FLARE"]


def given_in(case):
    return {**HISTORY["defaults"], **case["given"]}


@pytest.mark.parametrize("case", HISTORY["cases"], ids=lambda case: case["title"])
def test_facts_are_derived_as_written(case):
    facts = derive_facts(**given_in(case))
    assert {name: facts[name] for name in case["facts"]} == case["facts"]


def test_the_phone_derives_every_written_case_the_same(node):
    calls = [[given_in(case)] for case in HISTORY["cases"]]
    found = node.call("triage/history.js", "deriveFacts", calls)
    assert found == [derive_facts(**given_in(case)) for case in HISTORY["cases"]]


def test_dates_and_moments_may_be_objects_of_python():
    case = HISTORY["defaults"]
    earlier = {"pain_now": 3, "is_same_treatment": True}
    at = datetime(2026, 11, 4, 9, 0, tzinfo=UTC)
    elsewhere = timezone(timedelta(hours=-9, minutes=-30))
    facts = derive_facts(
        **{
            **case,
            "local_date": date(2026, 11, 4),
            "performed_on": date(2026, 11, 1),
            "recorded_at": at,
            "earlier": [
                {**earlier, "recorded_at": (at - timedelta(hours=72)).astimezone(elsewhere)},
                {**earlier, "recorded_at": at - timedelta(hours=73), "pain_now": 1},
            ],
        }
    )
    assert (facts["days_since"], facts["pain_prev"]) == (3, 3)


# Few distinct values, so that episodes repeat and times fall on both sides of 72 hours.
moments = st.one_of(
    st.builds(
        lambda minutes, offset: (
            (datetime(2026, 11, 1, 9, tzinfo=UTC) + timedelta(minutes=minutes))
            .astimezone(timezone(timedelta(minutes=offset)))
            .isoformat(timespec="milliseconds")
        ),
        st.integers(-10, 6 * 24 * 60),
        st.sampled_from([-570, -60, 0, 60, 345, 840]),
    ),
    st.sampled_from(
        [
            "2026-11-04T09:00:00Z",
            "2026-11-04T09:00Z",
            "2026-11-04T09:00:00",
            "",
            None,
            "2026-02-30T09:00:00Z",
            "2026-11-04T24:00:00Z",
            "2026-11-04 09:00:00Z",
            "2026-11-04T09:00:60Z",
            "2026-11-04T09:00:00.1234567Z",
            "0000-01-01T00:00:00Z",
            "0001-01-01T00:00:00Z",
            "2026-11-04T09:00:00+24:00",
            "2026-11-04T09:00:00Z\n",
        ]
    ),
)
dates = st.one_of(
    st.dates(date(2026, 10, 28), date(2026, 11, 12)).map(date.isoformat),
    st.dates(date(1, 1, 1), date(9999, 12, 31)).map(date.isoformat),
    st.sampled_from(["2027-02-29", "2026-1-1", "0000-01-01", "2026-11-04\n", "٢٠٢٦-11-04", None]),
)
flags = st.sampled_from([True, False, None])
entries = st.fixed_dictionaries(
    {
        "recorded_at": moments,
        "pain_now": st.one_of(st.integers(0, 10), st.none()),
        "level": st.sampled_from(["clinic_hours", "clinic_hours", "same_day", "expected", None]),
        "reasons": st.lists(st.sampled_from(CODES), unique=True, max_size=2),
        "is_reviewed": st.booleans(),
        "is_same_treatment": st.booleans(),
    }
)
starts = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {},
        optional={
            "pain_baseline": st.one_of(st.integers(0, 10), st.none()),
            **dict.fromkeys(
                (
                    "immune_suppressed",
                    "diabetes",
                    "joint_replacement",
                    "recent_joint_infection",
                    "anticoagulant",
                    "pregnant",
                ),
                flags,
            ),
        },
    ),
)
histories = st.fixed_dictionaries(
    {
        "answers": st.fixed_dictionaries(
            {}, optional={"pain_now": st.integers(0, 10), "warmth": flags, "days_since": st.just(9)}
        ),
        "site": st.sampled_from(["knee", "neck"]),
        "local_date": dates,
        "performed_on": dates,
        "clock_behind": st.booleans(),
        "recorded_at": moments,
        "start": starts,
        "earlier": st.lists(entries, max_size=6),
    }
)


@settings(max_examples=80, deadline=None)
@given(batch=st.lists(histories, min_size=20, max_size=30))
def test_python_and_the_phone_derive_the_same_and_judge_it_the_same(node, batch):
    derived = [derive_facts(**history) for history in batch]
    found = node.call("triage/history.js", "deriveFacts", [[history] for history in batch])
    assert found == derived
    verdicts = node.call("triage/triage.js", "judge", [[RULES_DATA, facts] for facts in found])
    assert [verdict["reasons"] for verdict in verdicts] == [
        list(judge(RULES, facts).reasons) for facts in derived
    ]
