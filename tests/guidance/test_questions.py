"""The check-in form: which questions stand where, which answers it can give, and its reader."""

import pytest

from pwa.guidance.errors import ContentError
from pwa.guidance.questions import SITES, Problem, check_answers, read_form
from tests.guidance.content import FORM, FORM_DATA, form_data, question_in

LEG_SITES = {"knee", "hip", "ankle", "foot", "low_back_si"}
SPINE_SITES = {"low_back_si", "neck"}
ALARM_SITES = {"ankle", "tmj"}


def problems(answers, *, site="knee", kind="create"):
    return check_answers(FORM, site=site, kind=kind, answers=answers)


# --- what is asked where --------------------------------------------------------------------


@pytest.mark.parametrize("site", SITES)
def test_each_site_asks_its_own_questions(site):
    asked = FORM.questions_for(site)
    assert ("calf" in asked) == (site in LEG_SITES)
    assert ("site_alarm" in asked) == (site in ALARM_SITES)
    for key in ("saddle_bladder", "headache_upright", "neck_stiff"):
        assert (key in asked) == (site in SPINE_SITES)
    assert {"pain_now", "swelling", "temp_c", "note", "breathless"} <= set(asked)


def test_an_unknown_site_asks_everything():
    assert len(FORM.questions_for(None)) == len(FORM.questions)


def test_the_screens_come_in_their_order_and_end_with_the_note():
    ids = [screen.id for screen in FORM.screens]
    assert ids == ["emergency", "pain", "joint", "skin", "nerves_leg", "temperature", "note"]


def test_an_emergency_row_stands_on_the_first_screen_and_nowhere_else():
    first = [question.key for question in FORM.screens[0].questions]
    assert list(FORM.emergency_keys) == first


@pytest.mark.parametrize("site", SITES)
def test_use_of_the_joint_is_asked_in_words_made_for_it(site):
    question = FORM.questions_for(site)["cannot_use"]
    assert question.label_for(site) != question.label
    assert "than before the injection" in question.label_for(site)
    assert question.option_label_for("cannot", site) != question.option_labels["cannot"]


@pytest.mark.parametrize("key", ["breathless", "chest_pain", "limb_cold_pale", "numbness",
                                 "weakness", "calf", "neck_stiff"])  # fmt: skip
def test_systemic_and_nerve_questions_ask_what_is_new(key):
    row = question_in(FORM_DATA, key)
    assert "new" in f"{row['label']} {row.get('help', '')}".lower()


def test_the_phone_sees_the_same_questions_at_every_site(node):
    sites = [*SITES, None]
    found = node.call("triage/questions.js", "questionsFor", [[FORM.data, site] for site in sites])
    assert [list(asked) for asked in found] == [list(FORM.questions_for(site)) for site in sites]


def test_the_phone_joins_the_screens_of_several_joints(node):
    [screens] = node.call("triage/questions.js", "screensFor", [[FORM.data, ["elbow", "tmj"]]])
    keys = [question["key"] for screen in screens for question in screen["questions"]]
    assert "site_alarm" in keys
    assert not {"calf", "saddle_bladder"} & set(keys)
    assert [screen["id"] for screen in screens] == [screen.id for screen in FORM.screens]


def test_none_of_these_writes_only_the_rows_that_were_shown(node):
    rows = [question_in(FORM_DATA, key) for key in ("warmth", "redness")]
    [answers] = node.call("triage/questions.js", "answersForNone", [[rows]])
    assert answers == {"warmth": False, "redness": "none"}


@pytest.mark.parametrize(
    ("text", "unit", "found"),
    [
        ("37.9", "c", {"temp_c": 37.9}),
        (" 37,9 ", "c", {"temp_c": 37.9}),
        ("38", "c", {"temp_c": 38}),
        ("34.0", "c", {"temp_c": 34}),
        ("43.0", "c", {"temp_c": 43}),
        ("33.9", "c", {"kind": "outside"}),
        ("100.4", "f", {"temp_c": 38}),
        ("100.3", "f", {"temp_c": 37.9}),
        ("100.4", "c", {"kind": "is_this_f"}),
        ("38.2", "f", {"kind": "is_this_c"}),
        ("", "c", {"kind": "empty"}),
        ("hot", "c", {"kind": "not_a_number"}),
        ("37.9.1", "c", {"kind": "not_a_number"}),
        ("-37", "c", {"kind": "not_a_number"}),
        ("3e1", "c", {"kind": "not_a_number"}),
        ("70", "c", {"kind": "outside"}),
    ],
)
def test_a_typed_temperature_is_read_or_asked_about(node, text, unit, found):
    question = question_in(FORM_DATA, "temp_c")
    assert node.call("triage/questions.js", "readTemperature", [[text, unit, question]]) == [found]


# --- which answers it can give --------------------------------------------------------------


def test_null_and_absent_answers_are_always_allowed():
    assert problems({}) == []
    assert problems(dict.fromkeys(FORM.questions_for("knee"))) == []


@pytest.mark.parametrize(
    "answers",
    [
        {"pain_now": 0}, {"pain_now": 10}, {"warmth": True}, {"swelling": "severe"},
        {"temp_c": 34.0}, {"temp_c": 43.0}, {"temp_c": 38}, {"temp_c": 36.6},
        {"note": "a" * 2000}, {"note": ""}, {"calf": False},
    ],
)  # fmt: skip
def test_answers_of_the_form_are_taken(answers):
    assert problems(answers) == []


@pytest.mark.parametrize(
    "answers",
    [
        {"pain_now": 11}, {"pain_now": -1}, {"pain_now": "7"}, {"pain_now": 7.5},
        {"pain_now": 7.0}, {"pain_now": True}, {"pain_now": [7]}, {"pain_now": 10**400},
        {"warmth": 1}, {"warmth": 0}, {"warmth": "yes"}, {"warmth": "true"},
        {"swelling": "huge"}, {"swelling": True}, {"swelling": ""}, {"swelling": []},
        {"temp_c": 33.9}, {"temp_c": 43.1}, {"temp_c": 36.65}, {"temp_c": "37"},
        {"temp_c": True}, {"temp_c": float("nan")}, {"temp_c": float("inf")}, {"temp_c": 1e300},
        {"note": "a" * 2001}, {"note": 7}, {"note": "a\x00b"}, {"note": "a\ud800b"},
        {"pain_prev": 3}, {"days_since": 2}, {"high_risk": False}, {"nonsense": None},
        {"saddle_bladder": False}, {"site_alarm": None}, {"temp_f": 99},
    ],
)  # fmt: skip
def test_other_answers_are_refused_by_the_name_of_the_question(answers):
    [problem] = problems(answers)
    assert problem.field == next(iter(answers))
    assert problem.detail


def test_every_bad_answer_is_told_and_good_ones_are_not():
    found = problems({"pain_now": 11, "warmth": True, "rash": "odd"})
    assert [problem.field for problem in found] == ["pain_now", "rash"]
    assert found[0] == Problem("pain_now", "must be from 0 to 10")


def test_spine_questions_are_taken_at_the_spine_only():
    assert problems({"saddle_bladder": True}, site="neck") == []
    assert problems({"calf": True}, site="neck") == [
        Problem("calf", "the form does not ask this here")
    ]


def test_a_start_takes_the_baseline_and_the_risks_and_nothing_else():
    whole = {"pain_baseline": 6, "diabetes": False, "anticoagulant": None, "pregnant": True}
    assert problems(whole, kind="start") == []
    fields = [problem.field for problem in problems({"pain_now": 3, "adult": True}, kind="start")]
    assert fields == ["pain_now", "adult"]


@pytest.mark.parametrize("kind", ["retract", "called"])
def test_taking_back_and_having_called_carry_no_answers(kind):
    assert problems({}, kind=kind) == []
    assert [problem.field for problem in problems({"pain_now": None}, kind=kind)] == ["pain_now"]


def test_an_unknown_kind_of_event_is_an_error_of_the_caller():
    with pytest.raises(ValueError, match="delete"):
        problems({}, kind="delete")


# --- what the reader refuses ----------------------------------------------------------------


def set_question(key, **values):
    return lambda data: question_in(data, key).update(values)


def drop_from_question(key, name):
    return lambda data: question_in(data, key).pop(name)


MISTAKES = {
    "a question twice": (
        lambda data: data["screens"][1]["questions"].append(dict(question_in(data, "calf"))),
        "calf",
        "twice",
    ),
    "a screen twice": (lambda data: data["screens"].append(data["screens"][1]), "pain", "twice"),
    "an unknown type": (set_question("pain_now", type="number"), "pain_now.type", "number"),
    "an unknown site": (set_question("calf", sites=["knee", "thumb"]), "calf.sites", "thumb"),
    "an unknown site among labels": (
        lambda data: question_in(data, "cannot_use")["labels"].update(thumb="x"),
        "cannot_use.labels.thumb",
        "thumb",
    ),
    "an unknown key": (set_question("calf", require=True), "calf.require", "known key"),
    "an unknown scope": (set_question("calf", scope="leg"), "calf.scope", "leg"),
    "an unknown condition to ask": (
        set_question("pain_trend_self", ask_when="often"),
        "ask_when",
        "often",
    ),
    "no label": (set_question("calf", label=" "), "calf.label", "text"),
    "an option without words": (
        lambda data: question_in(data, "rash")["option_labels"].pop("local"),
        "rash",
        "missing",
    ),
    "words for an option that is none": (
        lambda data: question_in(data, "rash")["option_labels"].update(huge="x"),
        "rash",
        "huge",
    ),
    "an option twice": (
        set_question("rash", options=["none", "local", "local"]),
        "rash.options",
        "twice",
    ),
    "bounds the wrong way round": (
        set_question("pain_now", minimum=11),
        "pain_now.minimum",
        "below",
    ),
    "bounds forgotten": (drop_from_question("temp_c", "maximum"), "temp_c.maximum", "missing"),
    "bounds where none belong": (set_question("calf", minimum=0), "calf.minimum", "no place"),
    "a row of yes or no that is a number": (
        lambda data: data["screens"][3]["questions"].append(
            {
                "key": "itch",
                "type": "integer",
                "minimum": 0,
                "maximum": 3,
                "scope": "local",
                "label": "Itch",
            }
        ),
        "itch",
        "no row",
    ),
    "a row whose first option is not none": (
        set_question("rash", options=["local", "none", "widespread"]),
        "rash",
        "none",
    ),
    "an any-of screen without its last row": (
        lambda data: data["screens"][3].pop("none_label"),
        "skin.none_label",
        "any_of",
    ),
    "two scopes on one screen": (set_question("calf", scope="systemic"), "nerves_leg", "once"),
    "an unknown kind of screen": (
        lambda data: data["screens"][1].update(kind="page"),
        "pain.kind",
        "page",
    ),
    "an emergency row that is no yes or no": (
        set_question("rash", emergency=True),
        "rash.emergency",
        "yes or no",
    ),
    "a diary question that does not exist": (
        lambda data: data["diary"].append("mood"),
        "diary",
        "mood",
    ),
    "required that is not a yes or no": (set_question("calf", required=1), "calf", "true or false"),
    "a version that is no number": (lambda data: data.update(version=True), "version", "whole"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_the_form_is_refused_with_its_key_and_reason(mistake):
    change, key, reason = MISTAKES[mistake]
    data = form_data()
    change(data)
    with pytest.raises(ContentError) as caught:
        read_form(data, file="form_1.toml")
    assert caught.value.file == "form_1.toml"
    assert key in caught.value.key
    assert reason in f"{caught.value.key} {caught.value.reason}"
