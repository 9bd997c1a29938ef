"""The rule table in both languages: worked cases, properties, and what the reader refuses."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pwa.guidance.errors import ContentError
from pwa.guidance.triage import (
    LEVELS,
    celsius_from_fahrenheit,
    clinician_reasons,
    has_emergency_gap,
    judge,
    more_urgent,
    read_rules,
)
from tests.guidance.content import FORM, RULES, RULES_DATA, cases, rule_in, rules_data

WORKED = cases("triage_1.json")


def facts_of(case):
    facts = {**WORKED["defaults"], **case["facts"]}
    temp_f = facts.pop("temp_f")
    if facts["temp_c"] is None and temp_f is not None:
        facts["temp_c"] = celsius_from_fahrenheit(temp_f)
    return facts


def as_json(verdict):
    return {
        "level": verdict.level,
        "reasons": list(verdict.reasons),
        "also": list(verdict.also),
        "missing": list(verdict.missing),
    }


# --- facts at random ------------------------------------------------------------------------

# Both sides of every threshold.
EDGES = {
    "temp_c": [
        33.9,
        34.0,
        34.1,
        35.0,
        35.1,
        36.0,
        37.4,
        37.5,
        37.7,
        37.8,
        37.9,
        38.0,
        38.1,
        39.9,
        40.0,
        43.0,
        43.1,
    ],
    "days_since": [-1, 0, 1, 2, 3, 4, 6, 7, 8, 40],
}


def values_of(fact):
    if fact.name in EDGES:
        return EDGES[fact.name]
    if fact.type == "boolean":
        return [False, True]
    if fact.type == "enum":
        return list(fact.options)
    return list(range((fact.maximum or 4) + 1))


# Nothing stands out, so that a single change shows.
QUIET = {
    **{key: value for key, value in WORKED["defaults"].items() if key != "temp_f"},
    "pain_trend_self": "same",
    "temp_c": 36.6,
}
CHANGES = [
    (name, value) for name, fact in RULES.facts.items() for value in (*values_of(fact), None)
]
# From a worked case, so that every rule comes up, with some answers changed.
facts_at_random = st.builds(
    lambda case, changes: {**QUIET, **facts_of(case), **dict(changes)},
    st.sampled_from([{"facts": {}}, *WORKED["cases"]]),
    st.lists(st.sampled_from(CHANGES), max_size=12),
)

many = settings(max_examples=80, deadline=None)


# --- worked cases ---------------------------------------------------------------------------


@pytest.mark.parametrize("case", WORKED["cases"], ids=lambda case: case["id"])
def test_a_worked_case_comes_out_as_written(case):
    verdict = judge(RULES, facts_of(case))
    assert (verdict.level, list(verdict.reasons)) == (case["level"], case["reasons"])
    if "also" in case:
        assert list(verdict.also) == case["also"]
    if "missing" in case:
        assert list(verdict.missing) == case["missing"]


def test_the_phone_judges_every_worked_case_the_same(node):
    calls = [[RULES_DATA, facts_of(case)] for case in WORKED["cases"]]
    found = node.call("triage/triage.js", "judge", calls)
    expected = [as_json(judge(RULES, facts_of(case))) for case in WORKED["cases"]]
    assert found == expected


def test_every_rule_is_a_reason_in_at_least_one_worked_case():
    shown = {code for case in WORKED["cases"] for code in case["reasons"]}
    assert {rule.code for rule in RULES.rules} - shown == set()


def test_case_ids_are_used_once_and_say_where_they_come_from():
    ids = [case["id"] for case in WORKED["cases"]]
    assert len(ids) == len(set(ids))
    assert {case["from"] for case in WORKED["cases"]} == {"clinical draft", "own"}


# --- properties -----------------------------------------------------------------------------


@many
@given(batch=st.lists(facts_at_random, min_size=40, max_size=60))
def test_python_and_the_phone_agree_on_facts_at_random(node, batch):
    found = node.call("triage/triage.js", "judge", [[RULES_DATA, facts] for facts in batch])
    assert found == [as_json(judge(RULES, facts)) for facts in batch]


odd_values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**60), 2**60),
    # A float without a fraction is a whole number in JavaScript; the strict reader refuses it.
    st.floats(-50, 50).filter(lambda number: not number.is_integer()),
    st.text(max_size=3),
    st.just([]),
    st.just({}),
)


@many
@given(
    batch=st.lists(
        st.dictionaries(st.sampled_from([*RULES.facts, "note"]), odd_values, max_size=8).map(
            lambda odd: {**QUIET, **odd}
        ),
        min_size=20,
        max_size=30,
    )
)
def test_python_and_the_phone_agree_on_values_of_any_type(node, batch):
    found = node.call("triage/triage.js", "judge", [[RULES_DATA, facts] for facts in batch])
    assert found == [as_json(judge(RULES, facts)) for facts in batch]


# Best to worst. The day, the earlier pain and the baseline are no answers; a temperature is
# worse when it is higher, above the low readings that have a rule of their own.
WORSE = {
    **{name: [False, True] for name, fact in RULES.facts.items() if fact.type == "boolean"},
    **{
        name: list(fact.options)
        for name, fact in RULES.facts.items()
        if fact.type == "enum" and name != "site"
    },
    "pain_now": list(range(11)),
    "open_clinic_flags": list(range(5)),
    "temp_c": [tenths / 10 for tenths in range(351, 431)],
}


@many
@given(data=st.data(), batch=st.lists(facts_at_random, min_size=30, max_size=40))
def test_one_answer_made_worse_never_lowers_the_level(data, batch):
    for facts in batch:
        name = data.draw(st.sampled_from(sorted(WORSE)))
        scale = WORSE[name]
        better = data.draw(st.integers(0, len(scale) - 2))
        worse = data.draw(st.integers(better + 1, len(scale) - 1))
        before = judge(RULES, {**facts, name: scale[better]})
        after = judge(RULES, {**facts, name: scale[worse]})
        assert LEVELS.index(after.level) <= LEVELS.index(before.level), (name, before, after)


def test_every_single_step_of_one_answer_towards_worse_keeps_or_raises_the_level():
    for day in (0, 1, 2, 3, 7, None):
        for site in (*RULES.facts["site"].options, None):
            for name, scale in WORSE.items():
                ranks = [
                    LEVELS.index(
                        judge(RULES, {**QUIET, "days_since": day, "site": site, name: value}).level
                    )
                    for value in scale
                ]
                assert ranks == sorted(ranks, reverse=True), (day, site, name, ranks)


def required_at(site):
    return [
        row.fact
        for row in RULES.required
        if row.fact is not None and (site is None or site in row.sites)
    ]


@pytest.mark.parametrize("site", [*RULES.facts["site"].options, None])
def test_a_missing_safety_answer_never_gives_expected(site):
    whole = {**QUIET, "site": site}
    assert judge(RULES, whole).level == "expected"
    for name in required_at(site):
        verdict = judge(RULES, {key: value for key, value in whole.items() if key != name})
        assert verdict.level != "expected"
        assert verdict.missing == (name,)
    verdict = judge(RULES, {**whole, "temp_c": None, "feverish": None})
    assert (verdict.level, verdict.missing) == ("clinic_hours", ("temp_or_feverish",))


@many
@given(batch=st.lists(facts_at_random, min_size=30, max_size=40))
def test_expected_is_said_only_when_nothing_is_missing_and_nothing_fired(batch):
    for facts in batch:
        verdict = judge(RULES, facts)
        assert (verdict.level == "expected") == (
            not verdict.missing and verdict.reasons[0] in ("N1_EXPECTED_FLARE", "N2_ON_TRACK")
        )
        if verdict.missing:
            assert "C10_INCOMPLETE" in (*verdict.reasons, *verdict.also)


def test_facts_at_random_reach_every_rule():
    """So that the properties speak of more than emergencies and gaps."""
    seen = set()

    @settings(max_examples=1500, deadline=None, derandomize=True, database=None)
    @given(facts=facts_at_random)
    def look(facts):
        verdict = judge(RULES, facts)
        seen.update(verdict.reasons + verdict.also)

    look()
    assert {rule.code for rule in RULES.rules} <= seen


def test_missing_names_stand_in_the_order_of_the_form_and_then_the_rest():
    missing = judge(RULES, {"temp_c": 50.0}).missing
    in_form = [question.key for question in FORM.questions if question.is_required]
    asked = [key for key in in_form if key not in ("temp_c", "feverish")]
    rest = ["days_since", "temperature", "temp_or_feverish"]
    flags = ["high_risk", "immune_suppressed", "anticoagulant"]
    assert list(missing) == [*asked, *rest, *flags]


def test_true_is_not_one_and_one_is_not_true():
    assert judge(RULES, {**QUIET, "pain_now": True}).missing == ("pain_now",)
    assert judge(RULES, {**QUIET, "warmth": 1}).missing == ("warmth",)
    assert judge(RULES, {**QUIET, "breathless": 1}).level == "clinic_hours"


@pytest.mark.parametrize("tenths", range(-400, 1301, 7))
def test_fahrenheit_is_turned_alike_in_both_languages(node, tenths):
    temp_f = tenths / 10
    [found] = node.call("triage/triage.js", "celsiusFromFahrenheit", [[temp_f]])
    assert found == celsius_from_fahrenheit(temp_f)


def test_fahrenheit_is_rounded_half_up_to_one_decimal():
    # 99.5 F is 37.5 C exactly; 100.3 F is 37.944 C; 97.7 F is 36.5 C; 99.95 C would be 211.91 F.
    for temp_f, temp_c in ((99.5, 37.5), (100.3, 37.9), (97.7, 36.5), (100.4, 38.0), (104.0, 40.0)):
        assert celsius_from_fahrenheit(temp_f) == temp_c


def test_of_two_levels_the_more_urgent_one_wins_and_a_diary_is_below_all():
    assert more_urgent("clinic_hours", "emergency") == "emergency"
    assert more_urgent(None, "expected") == "expected"
    assert more_urgent(None, None) is None


def test_the_phone_finds_the_more_urgent_level_the_same(node):
    pairs = [[one, other] for one in (*LEVELS, None) for other in (*LEVELS, None)]
    found = node.call("triage/triage.js", "moreUrgent", pairs)
    assert found == [more_urgent(*pair) for pair in pairs]


def test_a_gap_on_the_emergency_screen_is_known_from_other_gaps(node):
    emergency = judge(RULES, {**QUIET, "breathless": None})
    other = judge(RULES, {**QUIET, "swelling": None})
    assert has_emergency_gap(FORM, emergency.missing)
    assert not has_emergency_gap(FORM, other.missing)
    calls = [[FORM.data, as_json(verdict)] for verdict in (emergency, other)]
    assert node.call("triage/questions.js", "hasEmergencyGap", calls) == [True, False]


# --- words ----------------------------------------------------------------------------------


def test_clinicians_read_the_values_of_this_check_in():
    facts = {**QUIET, "days_since": 4, "pain_now": 8, "pain_prev": 5, "rash": None}
    assert clinician_reasons(RULES, judge(RULES, facts), facts) == [
        "Pain 8 and rising after 72 h, day 4."
    ]
    gap = {**QUIET, "rash": None, "days_since": None}
    assert clinician_reasons(RULES, judge(RULES, gap), gap) == ["Incomplete: rash, days since."]


def test_every_emergency_opens_with_one_and_the_same_text(node):
    emergencies = [case for case in WORKED["cases"] if case["level"] == "emergency"]
    verdicts = [as_json(judge(RULES, facts_of(case))) for case in emergencies]
    advice = node.call("triage/triage.js", "adviceFor", [[RULES_DATA, v] for v in verdicts])
    common = list(RULES.levels["emergency"].act)
    assert "Do not drive yourself." in common
    assert all(one["act"][: len(common)] == common for one in advice)
    assert all(one["why"] for one in advice)


def test_advice_names_the_earliest_recheck_and_says_nothing_twice(node):
    facts = {**QUIET, "days_since": 4, "warmth": True, "temp_c": 37.8, "feverish": True}
    verdict = as_json(judge(RULES, facts))
    assert verdict["reasons"] == ["C4_LOCAL_SIGNS", "C6_TEMP_BORDERLINE", "C11_FEVERISH"]
    [advice] = node.call("triage/triage.js", "adviceFor", [[RULES_DATA, verdict]])
    assert advice["recheck_hours"] == 4
    assert len(advice["act"]) == len(set(advice["act"]))


def test_codes_of_infection_and_nerves_turn_to_same_day_while_the_clinic_stays_shut(node):
    shut = {rule.code for rule in RULES.rules if rule.when_shut == "same_day"}
    assert {code.split("_")[0] for code in shut} == {"C3", "C4", "C5", "C6", "C7", "C8", "C11"}
    verdicts = [
        as_json(judge(RULES, {**QUIET, "rash": "local"})),
        as_json(judge(RULES, {**QUIET, "temp_c": 37.8})),
    ]
    calls = [[RULES_DATA, verdict] for verdict in verdicts]
    assert node.call("triage/triage.js", "sameDayWhenShut", calls) == [False, True]


def test_the_phone_fills_placeholders_and_leaves_unknown_ones_to_be_seen(node):
    text = "Call {emergency_number} about your {site}."
    values = {"emergency_number": "999", "site": "knee"}
    found = node.call("triage/triage.js", "fill", [[text, values], [text, {"site": "hip"}]])
    assert found == ["Call 999 about your knee.", "Call {emergency_number} about your hip."]


# --- what the reader refuses ----------------------------------------------------------------


def broken(change):
    data = rules_data()
    change(data)
    with pytest.raises(ContentError) as caught:
        read_rules(data, FORM, file="rules_1.toml")
    assert caught.value.file == "rules_1.toml"
    return caught.value


def set_when(code, when):
    return lambda data: rule_in(data, code).update(when=when)


def edit(code, **values):
    return lambda data: rule_in(data, code).update(values)


def set_fact(name, **values):
    return lambda data: data["facts"][name].update(values)


MISTAKES = {
    "an unknown fact": (
        set_when("E1_BREATHING", {"fact": "breathles", "is": True}),
        "E1_BREATHING",
        "breathles",
    ),
    "a fact to subtract that is unknown": (
        set_when(
            "S8_PAIN_SEVERE_WORSE_LATE", {"fact": "pain_now", "minus": "pain_before", "at_least": 2}
        ),
        "minus",
        "pain_before",
    ),
    "an enum value that does not exist": (
        set_when("S6_SEVERE_SWELLING", {"fact": "swelling", "is": "huge"}),
        "S6_SEVERE",
        "huge",
    ),
    "an enum value in a list that does not exist": (
        set_when("S6_SEVERE_SWELLING", {"fact": "swelling", "in": ["severe", "huge"]}),
        "S6_SEVERE",
        "huge",
    ),
    "one where a yes is meant": (
        set_when("E1_BREATHING", {"fact": "breathless", "is": 1}),
        "E1_BREATHING",
        "true or false",
    ),
    "a yes where a number is meant": (
        set_when("C1_PAIN_HIGH", {"fact": "pain_now", "at_least": True}),
        "C1_PAIN",
        "whole number",
    ),
    "a fraction where a whole number is meant": (
        set_when("C1_PAIN_HIGH", {"fact": "pain_now", "at_least": 7.5}),
        "C1_PAIN",
        "whole number",
    ),
    "a bound on an enum": (
        set_when("S6_SEVERE_SWELLING", {"fact": "swelling", "at_least": 2}),
        "S6",
        "no number",
    ),
    "equality of numbers": (
        set_when("C1_PAIN_HIGH", {"fact": "pain_now", "is": 7}),
        "C1_PAIN",
        "not for numbers",
    ),
    "a leaf without an operator": (
        set_when("E1_BREATHING", {"fact": "breathless"}),
        "E1_BREATHING",
        "needs is",
    ),
    "two operators in one leaf": (
        set_when("E1_BREATHING", {"fact": "breathless", "is": True, "known": True}),
        "E1_BREATHING",
        "needs is",
    ),
    "an unknown operator": (
        set_when("E1_BREATHING", {"fact": "breathless", "equals": True}),
        "E1",
        "needs is",
    ),
    "two tests in one": (
        set_when("E1_BREATHING", {"all": [{"fact": "calf", "is": True}], "missing": True}),
        "E1_BREATHING",
        "exactly one",
    ),
    "an empty list of tests": (
        set_when("E1_BREATHING", {"any": []}),
        "E1_BREATHING",
        "something in it",
    ),
    "an unknown condition": (set_when("S1_FEVER", {"condition": "feaver"}), "S1_FEVER", "feaver"),
    "a not inside a not": (
        set_when("C5_SWELLING_PERSISTS", {"not": {"condition": "limb_site"}}),
        "C5",
        "another not",
    ),
    "a condition that uses one below it": (
        lambda data: data["conditions"]["fever"].update(when={"condition": "sore"}),
        "conditions.fever",
        "sore",
    ),
    "a condition that uses itself": (
        lambda data: data["conditions"]["fever"].update(when={"condition": "fever"}),
        "conditions.fever",
        "fever",
    ),
    "an unknown code in code_fired": (
        set_when("S16_REPEAT", {"code_fired": ["C99"]}),
        "S16_REPEAT",
        "C99",
    ),
    "a code in code_fired that is as urgent": (
        set_when("S16_REPEAT", {"code_fired": ["S1_FEVER"]}),
        "S16_REPEAT",
        "less urgent",
    ),
    "an expected code in code_fired": (
        set_when("S16_REPEAT", {"code_fired": ["N2_ON_TRACK"]}),
        "S16_REPEAT",
        "nothing else",
    ),
    "code_fired inside a condition": (
        lambda data: data["conditions"]["fever"].update(when={"code_fired": ["C9_LOCAL_RASH"]}),
        "conditions.fever",
        "rules only",
    ),
    "an unknown level": (edit("S1_FEVER", level="soon"), "S1_FEVER", "soon"),
    "a code twice": (
        lambda data: data["rules"].append(dict(rule_in(data, "S1_FEVER"))),
        "S1_FEVER",
        "twice",
    ),
    "an unknown key in a rule": (edit("S1_FEVER", urgency=1), "S1_FEVER.urgency", "known key"),
    "no source and not our choice": (
        edit("S6_SEVERE_SWELLING", our_choice=False),
        "S6_SEVERE",
        "no source",
    ),
    "an unknown placeholder for the patient": (
        edit("S1_FEVER", why="Your fever is {temp}."),
        "S1_FEVER",
        "{temp}",
    ),
    "an unknown placeholder for the clinician": (
        edit("S1_FEVER", clinician="Fever at {place}."),
        "S1_FEVER",
        "{place}",
    ),
    "no words to sign": (edit("S1_FEVER", words=""), "S1_FEVER.words", "text"),
    "no reason for the patient": (edit("S1_FEVER", why=" "), "S1_FEVER.why", "text"),
    "a recheck in no hours": (edit("C4_LOCAL_SIGNS", recheck_hours=0), "C4", "1 or more"),
    "a fact that the form does not ask": (
        lambda data: data["facts"].update(itching={"type": "boolean"}),
        "itching",
        "does not ask",
    ),
    "a fact of another type than the form's": (
        set_fact("warmth", type="integer"),
        "facts.warmth",
        "another type",
    ),
    "a fact with other values than the form's": (
        lambda data: data["facts"]["rash"].update(options=["none", "local"]),
        "facts.rash",
        "other",
    ),
    "a fact with other bounds than the form's": (
        set_fact("temp_c", maximum=42.0),
        "facts.temp_c",
        "other values",
    ),
    "a derived fact of another type": (
        lambda data: data["facts"].update(days_since={"type": "boolean"}),
        "days_since",
        "integer",
    ),
    "a required answer that the form does not require": (
        lambda data: data["required"].append({"fact": "pain_trend_self"}),
        "pain_trend_self",
        "differs",
    ),
    "a required answer forgotten": (
        lambda data: data["required"].remove({"fact": "breathless"}),
        "required.breathless",
        "differs",
    ),
    "a required answer at other sites": (
        lambda data: next(r for r in data["required"] if r.get("fact") == "calf")["sites"].remove(
            "foot"
        ),
        "required.calf",
        "differs",
    ),
    "a choice of two forgotten": (
        lambda data: data["required"].remove(
            {"name": "temp_or_feverish", "one_of": ["temp_c", "feverish"]}
        ),
        "one_of",
        "differs",
    ),
    "no rule for gaps": (
        set_when("C10_INCOMPLETE", {"fact": "rash", "is": "local"}),
        "rules",
        "missing",
    ),
    "a day on which nothing is expected": (
        set_when("N2_ON_TRACK", {"fact": "days_since", "at_least": 4}),
        "rules",
        "day 3",
    ),
    "a day with two expected rules": (
        set_when("N1_EXPECTED_FLARE", {"fact": "days_since", "at_most": 3}),
        "rules",
        "day 3",
    ),
    "a level without its words": (
        lambda data: data["levels"].pop("same_day"),
        "levels.same_day",
        "table",
    ),
    "a version that is no number": (lambda data: data.update(version="1"), "version", "whole"),
    "an unknown key at the top": (lambda data: data.update(extra=1), "extra", "known key"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_the_rules_is_refused_with_its_key_and_reason(mistake):
    change, key, reason = MISTAKES[mistake]
    error = broken(change)
    assert key in error.key
    assert reason in f"{error.key} {error.reason}"
    assert str(error).startswith("rules_1.toml: ")
