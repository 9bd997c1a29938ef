"""Reading the content: what is wrong stops the start, with the file, the key and the reason.

What the words say is tested in test_words; what the form and the rules may hold, in their own
tests.
"""

import dataclasses
import datetime as dt
import json
import shutil

import pytest

from pwa.guidance.errors import ContentError
from pwa.guidance.library import CONTENT, PHASES, SITES, load_library


@pytest.fixture
def content(tmp_path):
    """A copy of the content to break."""
    return shutil.copytree(CONTENT, tmp_path / "en")


def change(content, file, old, new):
    path = content / file
    text = path.read_text(encoding="utf-8")
    assert old in text, "the test no longer breaks anything"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def refusal(content):
    with pytest.raises(ContentError) as caught:
        load_library(content)
    return caught.value


KNEE = "joints/knee.toml"

# What is broken: file, old text, new text, and the key and a part of the reason to be told.
MISTAKES = {
    "an unknown source id": (
        KNEE,
        'sources = ["rabago2013", "sit2020"] },',
        'sources = ["rabago2031", "sit2020"] },',
        "session[1].sources[0]",
        "unknown source id 'rabago2031'",
    ),
    "an unknown source id of a study": (
        KNEE,
        'sources = ["meta5"]',
        'sources = ["meta6"]',
        "evidence.studies[3].sources[0]",
        "unknown source id 'meta6'",
    ),
    "a source named twice": (
        KNEE,
        'sources = ["jrm2023", "wee2021"]',
        'sources = ["jrm2023", "jrm2023"]',
        "conditions[0].sources",
        "names a source twice",
    ),
    "a statement without a source": (
        KNEE,
        'sources = ["jrm2023", "wee2021"]',
        "sources = []",
        "conditions[0].sources",
        "must not be empty",
    ),
    "an unknown key": (
        KNEE,
        "is_core = true",
        "is_core = true\ncolour = 1",
        "colour",
        "unknown key",
    ),
    "an unknown key of a statement": (
        KNEE,
        '{ text = "The joint space."',
        '{ txt = "", text = "The joint space."',
        "structures[0].txt",
        "unknown key",
    ),
    "an unknown key of a study": (
        KNEE,
        "people = 90",
        "people = 90\npersons = 90",
        "evidence.studies[0].persons",
        "unknown key",
    ),
    "a missing section": (
        KNEE,
        "precautions = [",
        "cautions = [",
        "precautions",
        "is missing",
    ),
    "a topic of aftercare that says nothing": (
        KNEE,
        'topic = "support"',
        'topic = "work"',
        "aftercare.do",
        "says nothing about support",
    ),
    "an unknown topic": (
        KNEE,
        'topic = "support"',
        'topic = "hobby"',
        "aftercare.do[3].topic",
        "'hobby' is not one of driving, load, support, work, sport",
    ),
    "an unknown evidence kind": (
        KNEE,
        'kind = "mixed"',
        'kind = "great"',
        "evidence.kind",
        "'great' is not one of",
    ),
    "an unknown study kind": (
        KNEE,
        'kind = "trial"',
        'kind = "story"',
        "evidence.studies[0].kind",
        "'story' is not one of",
    ),
    "a joint under another joint's name": (
        KNEE,
        'site = "knee"',
        'site = "hip"',
        "site",
        "must be 'knee'",
    ),
    "a site that does not exist": (
        KNEE,
        'site = "knee"',
        'site = "toe"',
        "site",
        "'toe' is not one of",
    ),
    "a number that is a truth": (
        KNEE,
        "people = 90",
        "people = true",
        "evidence.studies[0].people",
        "must be a whole number",
    ),
    "a number that is a text": (
        KNEE,
        "people = 90",
        'people = "90"',
        "evidence.studies[0].people",
        "must be a whole number",
    ),
    "a negative number": (
        KNEE,
        "people = 90",
        "people = -90",
        "evidence.studies[0].people",
        "must not be negative",
    ),
    "a truth that is a number": (
        KNEE,
        "has_side = true",
        "has_side = 1",
        "has_side",
        "must be true or false",
    ),
    "a date with a time": (
        KNEE,
        "checked_on = 2026-11-22",
        "checked_on = 2026-11-22T08:00:00Z",
        "checked_on",
        "must be a date",
    ),
    "an empty text": (
        KNEE,
        'text = "The joint space."',
        'text = ""',
        "structures[0].text",
        "must not be empty",
    ),
    "a text with a space at its end": (
        KNEE,
        'text = "The joint space."',
        'text = "The joint space. "',
        "structures[0].text",
        "start or end with a space",
    ),
    "a placeholder that nobody fills": (
        KNEE,
        'text = "The joint space."',
        'text = "The {joynt} space."',
        "structures[0].text",
        "unknown placeholder '{joynt}'",
    ),
    "a clinic's day without our draft": (
        KNEE,
        'draft_days = "14", ',
        "",
        "aftercare.avoid[1].text",
        "unknown placeholder '{activity_days}'",
    ),
    "a draft without a clinic's day": (
        KNEE,
        "No heavy work until {activity_days}.",
        "No heavy work.",
        "aftercare.avoid[1].draft_days",
        "must end with {activity_days}",
    ),
    "a stretch of days that ends before it begins": (
        KNEE,
        "from_day = 0, to_day = 2",
        "from_day = 3, to_day = 2",
        "aftercare.do[2].to_day",
        "is before from_day",
    ),
    "a statement that is a bare text": (
        KNEE,
        '{ text = "The joint space.", sources = ["general_anatomy"] }',
        '"The joint space."',
        "structures[0]",
        "must be a table",
    ),
    "a list that is a text": (
        "joints.toml",
        "questions = [",
        'questions = "What?"\nrest = [',
        "questions",
        "must be a list",
    ),
    "an unknown key of what is true of every joint": (
        "joints.toml",
        "risks = [",
        "more_risks = []\nrisks = [",
        "more_risks",
        "unknown key",
    ),
    "a phase out of order": (
        "aftercare.toml",
        'id = "days_1_3"',
        'id = "days_4_7"',
        "phases",
        "must be day_0, days_1_3",
    ),
    "a phase that does not exist": (
        "aftercare.toml",
        'id = "days_1_3"',
        'id = "days_1_2"',
        "phases[1].id",
        "'days_1_2' is not one of",
    ),
    "a day that no phase holds": (
        "aftercare.toml",
        "first_day = 4",
        "first_day = 5",
        "phases",
        "days_4_7 must begin the day after days_1_3 ends",
    ),
    "a last phase with an end": (
        "aftercare.toml",
        "first_day = 43",
        "first_day = 43\nlast_day = 84",
        "phases",
        "the last phase has no last_day",
    ),
    "a policy that no clinic can choose": (
        "aftercare.toml",
        "[policies.ice.allowed]",
        "[policies.ice.maybe]",
        "policies.ice.allowed",
        "is missing",
    ),
    "one policy too many": (
        "aftercare.toml",
        "[policies.swim]",
        '[policies.heat.hot]\ntext = "Heat."\nsources = ["our_choice"]\n\n[policies.swim]',
        "policies.heat.hot",
        "unknown key",
    ),
    "a policy without the clinic's own number": (
        "aftercare.toml",
        "until day {days}.",
        "for a while.",
        "policies.nsaid.set.text",
        "must have {days}",
    ),
    "no medicine line": (
        "aftercare.toml",
        "[policies.medicine_line]",
        "[policies.medicines]",
        "policies.medicine_line",
        "is missing",
    ),
    "check-in days that fall": (
        "aftercare.toml",
        "day = 28",
        "day = 7",
        "schedule",
        "the days must rise",
    ),
    "a section of the page on prolotherapy that is missing": (
        "prolotherapy.toml",
        'id = "risks"',
        'id = "benefits"',
        "sections",
        "must be what_it_is, the_name",
    ),
    "a level that does not exist": (
        "warning_signs.toml",
        "clinic_hours = [",
        "some_day = [",
        "clinic_hours",
        "is missing",
    ),
    "a warning sign for no site": (
        "warning_signs.toml",
        'sites = ["tmj"]',
        'sites = ["jaw"]',
        "same_day[23].sites[0]",
        "'jaw' is not a site",
    ),
    "a phrase with an unknown placeholder": (
        "phrases.toml",
        'result_title = "Your check-in"',
        'result_title = "Your {chekin}"',
        "result_title",
        "unknown placeholder '{chekin}'",
    ),
    "a phrase that is not a text": (
        "phrases.toml",
        'result_title = "Your check-in"',
        "result_title = 1",
        "result_title",
        "must be a text",
    ),
    "a phrase with a strange key": (
        "phrases.toml",
        'result_title = "Your check-in"',
        'result-title = "Your check-in"',
        "result-title",
        "must be lower case with underscores",
    ),
    "a source with an address that is none": (
        "sources.toml",
        'address = "https://pmc.ncbi.nlm.nih.gov/articles/PMC9989868"',
        'address = "pmc"',
        "jrm2023.address",
        "must start with http",
    ),
    "a source without a title": (
        "sources.toml",
        "[general_anatomy]\ntitle",
        "[general_anatomy]\nname",
        "general_anatomy.title",
        "is missing",
    ),
    "a rule with an unknown source": (
        "rules_1.toml",
        'sources = ["nhspe"]',
        'sources = ["nhsep"]',
        "rules[0].sources[0]",
        "unknown source id 'nhsep' (E1_BREATHING)",
    ),
    "a form whose version is not its name": (
        "form_1.toml",
        "version = 1",
        "version = 2",
        "version",
        "must be 1",
    ),
    "a rule table whose version is a truth": (
        "rules_1.toml",
        "version = 1",
        "version = true",
        "version",
        "must be 1",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_stops_the_load_with_the_file_the_key_and_the_reason(content, mistake):
    file, old, new, key, reason = MISTAKES[mistake]
    change(content, file, old, new)
    error = refusal(content)
    assert (error.file, error.key) == (file, key)
    assert reason in error.reason
    assert str(error) == f"{file}: {key}: {error.reason}"


@pytest.mark.parametrize(
    "file",
    [
        "sources.toml",
        "joints.toml",
        "joints/neck.toml",
        "aftercare.toml",
        "prolotherapy.toml",
        "warning_signs.toml",
        "phrases.toml",
        "form_1.toml",
        "rules_1.toml",
    ],
)
def test_a_missing_file_is_named(content, file):
    (content / file).unlink()
    error = refusal(content)
    assert (error.file, error.key, error.reason) == (file, "file", "is missing")


def test_broken_toml_is_named_with_its_line(content):
    change(content, KNEE, "is_core = true", "is_core = yes")
    error = refusal(content)
    assert (error.file, error.key) == (KNEE, "file")
    assert "line 7" in error.reason


def test_bytes_that_are_no_text_are_refused(content):
    (content / KNEE).write_bytes(b'site = "\xff"')
    assert "is not valid TOML" in refusal(content).reason


def test_a_joint_that_is_not_one_of_the_ten_is_refused(content):
    shutil.copy(content / KNEE, content / "joints" / "toe.toml")
    error = refusal(content)
    assert (error.file, error.reason) == ("joints/toe.toml", "'toe' is not a site")


def test_rules_without_their_form_are_refused(content):
    text = (content / "rules_1.toml").read_text(encoding="utf-8")
    (content / "rules_2.toml").write_text(text.replace("version = 1", "version = 2", 1), "utf-8")
    error = refusal(content)
    assert (error.file, error.key) == ("rules_2.toml", "version")
    assert "no form_2.toml" in error.reason


def test_a_form_named_without_a_number_is_refused(content):
    shutil.copy(content / "form_1.toml", content / "form_new.toml")
    error = refusal(content)
    assert (error.file, error.key) == ("form_new.toml", "file")


def test_every_released_form_and_rule_table_is_kept(content):
    for kind in ("form", "rules"):
        text = (content / f"{kind}_1.toml").read_text(encoding="utf-8")
        newer = text.replace("version = 1", "version = 2", 1)
        (content / f"{kind}_2.toml").write_text(newer, encoding="utf-8")
    library = load_library(content)
    assert list(library.forms) == [1, 2]
    assert list(library.rules) == [1, 2]
    assert list(library.for_phone()["rules"]) == ["1", "2"]


def test_the_library_cannot_be_changed_once_it_is_loaded():
    library = load_library()
    with pytest.raises(dataclasses.FrozenInstanceError):
        library.language = "fr"
    with pytest.raises(TypeError):
        library.joints["knee"] = library.joints["hip"]
    with pytest.raises(TypeError):
        library.phrases["today_title"] = ""
    with pytest.raises(dataclasses.FrozenInstanceError):
        library.joints["knee"].name = "hip"


def test_the_library_knows_its_language_and_when_the_sources_were_checked():
    library = load_library()
    assert library.language == "en"
    assert library.checked_on == dt.date(2026, 11, 22)


def test_the_json_for_the_phone_is_plain_and_survives_the_way():
    given = load_library().for_phone()
    assert json.loads(json.dumps(given, allow_nan=False)) == given
    assert set(given) == {
        "language",
        "is_reviewed",
        "checked_on",
        "sources",
        "joints",
        "aftercare",
        "warning_signs",
        "schedule",
        "phrases",
        "forms",
        "rules",
    }


def test_the_phone_gets_the_joints_the_phases_and_the_policies():
    given = load_library().for_phone()
    assert list(given["joints"]) == list(SITES)
    assert given["joints"]["knee"] == {
        "name": "knee",
        "name_title": "Knee",
        "name_left": "left knee",
        "name_right": "right knee",
        "has_side": True,
        "is_on_by_default": True,
        "evidence_label": "Mixed. Some trials show a modest benefit. Most are small or biased.",
    }
    assert [phase["id"] for phase in given["aftercare"]["phases"]] == list(PHASES)
    assert given["aftercare"]["phases"][-1]["last_day"] is None
    policies = given["aftercare"]["policies"]
    assert set(policies["ice"]) == {"avoid", "allowed_day0_1", "allowed", "ask"}
    assert set(policies["heat"]) == {"none", "warm_after_day3", "ask"}
    assert {"set", "ask"} <= set(policies["nsaid"])
    assert all(type(text) is str for text in policies["ice"].values())
    assert {"id": "week_4", "day": 28, "title": "Week 4"} in given["schedule"]


def test_the_phone_is_given_every_source_that_its_texts_name_and_no_other():
    given = load_library().for_phone()
    named = set(_named_sources({key: given[key] for key in given if key != "sources"}))
    assert set(given["sources"]) == named
    assert given["sources"]["our_choice"]["address"] is None


def test_no_text_of_the_phones_aftercare_leaves_the_clinics_day_open():
    given = load_library().for_phone()
    assert "{activity_days}" not in json.dumps(given)
    assert "Our draft: your clinic sets it." in json.dumps(given["aftercare"]["joints"])


def test_what_is_true_of_every_joint_follows_the_joints_own_lines():
    library = load_library()
    knee, hip = library.joints["knee"], library.joints["hip"]
    assert knee.risks[-1] is hip.risks[-1]
    assert knee.risks[0] != hip.risks[0]
    assert knee.questions[-1] == hip.questions[-1]


def test_the_aftercare_by_topic_holds_each_line_of_the_joint_once():
    for joint in load_library().joints.values():
        by_topic = [line for lines in joint.aftercare.values() for line in lines]
        assert len(by_topic) == len(joint.do) + len(joint.avoid)
        assert set(by_topic) == {*joint.do, *joint.avoid}


def _named_sources(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "sources":
                yield from inner
            else:
                yield from _named_sources(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _named_sources(inner)
