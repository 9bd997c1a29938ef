"""The words that a patient reads: honest, short, sourced, and the same numbers as the sources.

Here: the copy rules, the audit of the founding article, and the numbers of the evidence. How the
content files are read and refused is in test_library.
"""

import re
import tomllib

import pytest

from pwa.guidance.library import CONTENT, SITES, TOPICS, load_library
from tests.guidance.reading import (
    filled,
    grade,
    joint_aftercare,
    joint_page,
    pages,
    sentences,
    topic_page,
    words,
)

LIBRARY = load_library()
PAGES = pages(LIBRARY)
EVERYTHING = [(page, text) for page, texts in PAGES.items() for text in texts]
ALL_TEXT = "\n".join(text for _, text in EVERYTHING)

MEDICINE_LINE = "Do not stop aspirin, blood thinners or steroids unless the prescriber says so."

# Words that promise, flatter or mislead (copy rules and the audit of the founding article).
BANNED = (
    r"\b(?:un)?safe(?:ly|ty|r)?\b",
    r"\bnatural(?:ly)?\b",
    r"\bnon-?invasive\b",
    r"\bproven\b",
    r"\bprove[sn]?\b",
    r"\bheal(?:s|ed|ing)?\b",
    r"\bcure[sd]?\b",
    r"\brelie(?:f|ves?|ved|ving)\b",
    r"\bregenerat\w*",
    r"\brejuvenat\w*",
    r"\bstrengthen\w*",
    r"\bon track\b",
    r"\b(?:do not|don't|no need to) worry\b",
    r"\bprobably fine\b",
    r"\binnovati\w*",
    r"\bpromis\w*",
    r"\bideal(?:ly)?\b",
    r"\brevolution\w*",
    r"\bmiracle\b",
    r"\bguarantee\w*",
    r"\bpainless\b",
    r"\bgood sign\b",
    r"\bproof\b",
    r"\btestimonial",
    r"\bjourney\b",
    r"\bprolative\b",
    r"\btend[io]nitis\b",
    r"\beffective\w*",
    r"\bsignificant\w*",
)
# Each exception is a phrase, not a word: it goes before the search, and nothing else does.
ALLOWED_PHRASES = (
    "not proven in people",
    # The name of a kind of medicine in the clinic's own plan, never a claim.
    "use only the pain relief that your clinic agreed with you",
    "ask your clinic about pain relief",
)


def without_allowed(text):
    lowered = text.lower()
    for phrase in ALLOWED_PHRASES:
        lowered = lowered.replace(phrase, "")
    return lowered


@pytest.mark.parametrize("banned", BANNED)
def test_no_sentence_holds_a_word_that_promises_or_flatters(banned):
    found = [(page, text) for page, text in EVERYTHING if re.search(banned, without_allowed(text))]
    assert found == []


def test_an_allowed_phrase_does_not_open_the_door_for_the_word_itself():
    assert re.search(BANNED[3], without_allowed("It is proven. It is not proven in people."))


@pytest.mark.parametrize("page", PAGES)
def test_every_sentence_has_fewer_than_fifteen_words(page):
    long = [
        sentence
        for text in PAGES[page]
        for sentence in sentences(text)
        if len(words(sentence)) >= 15
    ]
    assert long == []


def test_a_sentence_with_the_clinics_own_day_stays_short_too():
    lines = [line for joint in LIBRARY.joints.values() for line in (*joint.do, *joint.avoid)]
    long = [
        sentence
        for line in lines
        for sentence in sentences(line.words("10"))
        if len(words(sentence)) >= 15
    ]
    assert long == []


@pytest.mark.parametrize("page", PAGES)
def test_every_page_reads_at_grade_six_or_lower(page):
    # Titles and other labels would flatter the average, so only sentences count.
    texts = [text for text in PAGES[page] if len(words(text)) >= 4]
    assert grade(texts) <= 6


def test_the_reading_grade_can_tell_hard_text_from_easy_text():
    hard = "Intra-articular administration of hypertonic solutions precipitates inflammation."
    assert grade([hard]) > 12
    assert grade(["Call your clinic. Say that your knee is hot."]) < 3


def test_the_counting_of_words_and_sentences_hides_nothing():
    assert sentences("Pain was 15.3 of 100: less. Was it? Yes!") == [
        "Pain was 15.3 of 100: less.",
        "Was it?",
        "Yes!",
    ]
    assert len(words("Day 3: call {clinic_phone}, even with no fever (P = .088).")) == 10


def test_nothing_tells_anybody_to_stop_a_medicine():
    allowed = (
        # It forbids stopping, names driving, or speaks of the app itself.
        r"\bdo not stop\b",
        r"\bemergency stop\b",
        r"^you can stop at any time\.$",
    )
    other_ways = r"\b(?:stop\w*|quit\w*|come off|leave off|skip\w* your|pause\w*|without your)\b"
    found = [
        (page, sentence)
        for page, text in EVERYTHING
        for sentence in sentences(text)
        if re.search(other_ways, sentence.lower())
        and not any(re.search(phrase, sentence.lower()) for phrase in allowed)
    ]
    assert found == []


def test_no_medicine_has_a_dose():
    assert re.findall(r"\b\d+\s?(?:mg|micrograms?|tablets? a day)\b", ALL_TEXT) == []


NSAID = re.compile(r"anti-inflammator|ibuprofen|naproxen|pain tablet|\bNSAID", re.IGNORECASE)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_that_names_anti_inflammatories_also_says_not_to_stop_other_medicines(page):
    if any(NSAID.search(text) for text in PAGES[page]):
        assert MEDICINE_LINE in " ".join(PAGES[page])


def test_the_pages_that_name_anti_inflammatories_are_the_known_ones():
    naming = {page for page, text in EVERYTHING if NSAID.search(text)}
    assert naming == {"aftercare", "prolotherapy"}


def test_the_medicine_line_is_one_and_the_same_sentence_everywhere():
    assert LIBRARY.aftercare.policies.medicine_line.text == MEDICINE_LINE
    assert LIBRARY.phrases["medicine_line"] == MEDICINE_LINE
    assert LIBRARY.for_phone()["aftercare"]["policies"]["medicine_line"] == MEDICINE_LINE


def test_each_ice_heat_and_anti_inflammatory_text_says_what_no_trial_tells_us():
    policies = LIBRARY.aftercare.policies
    groups = (policies.ice, policies.heat, policies.nsaid, policies.nsaid_before)
    for choice, line in [item for group in groups for item in group.items()]:
        assert "no good trial tells us" in line.text.lower(), choice
        owner = "Ask your clinic" if choice == "ask" else "linic"
        assert owner in line.text, choice


def test_ice_and_heat_as_treatments_are_named_only_by_the_clinics_policy():
    policies = LIBRARY.aftercare.policies
    own = {line.text for group in (policies.ice, policies.heat) for line in group.values()}
    treating = r"\bice\b|\bcold pack|\bice pack|\bwarmth\b|\bheat pad|\bapply heat\b"
    found = [
        text
        for _, text in EVERYTHING
        if re.search(treating, text.lower())
        and text not in own
        and "Ask your clinic" not in text
        and not text.startswith("its advice on ")  # only names what a clinic changed
    ]
    assert found == []


# --- what is not known stands beside what is hoped ---------------------------------------------


def test_every_study_names_what_it_was_compared_with_and_how_sure_it_is():
    for joint in LIBRARY.joints.values():
        for study in joint.studies:
            assert study.compared_with, study.title
            assert study.certainty, study.title
            assert study.found, study.title


def test_every_study_but_three_says_how_many_people_took_part():
    # For these three reviews no number of people stood in what was seen.
    silent = {
        study.sources
        for joint in LIBRARY.joints.values()
        for study in joint.studies
        if study.people is None
    }
    assert silent == {("jrm2023",), ("worksafebc",), ("nagori2018",)}


def test_every_benefit_in_numbers_names_its_comparison():
    benefits = next(part for part in LIBRARY.prolotherapy.sections if part.id == "benefits")
    compared = r"salt water|exercise|hyaluronic|physiotherapy|control|no difference"
    for line in benefits.points:
        if re.search(r"\d", line.text):
            assert re.search(compared, line.text.lower()), line.text


def test_the_mechanism_is_only_thought_and_not_proven_in_people():
    part = next(part for part in LIBRARY.prolotherapy.sections if part.id == "how_it_works")
    text = " ".join(line.text for line in part.statements)
    assert "is thought to" in text
    assert "not proven in people" in text
    assert "not well understood" in text


def test_a_number_of_days_is_a_range_and_some_take_longer():
    for line in [*LIBRARY.aftercare.statements(), *LIBRARY.prolotherapy.statements()]:
        if "sore for" in line.text:
            assert "Some take longer" in line.text


@pytest.mark.parametrize("site", SITES)
def test_every_joint_says_that_the_result_cannot_be_told_in_advance(site):
    text = " ".join(joint_page(LIBRARY.joints[site]))
    assert "We cannot tell in advance" in text
    assert "It may not help at all" in text
    assert "too small to count rare harm" in text


@pytest.mark.parametrize("site", SITES)
def test_the_text_of_every_joint_is_complete(site):
    joint = LIBRARY.joints[site]
    for name in (
        "conditions",
        "structures",
        "session",
        "sessions_in_studies",
        "studies",
        "evidence_notes",
        "risks",
        "precautions",
        "questions",
        "do",
        "avoid",
        "watch",
    ):
        assert getattr(joint, name), name
    assert tuple(joint.aftercare) == TOPICS
    assert all(joint.aftercare.values())


def test_the_neck_is_there_but_off_and_every_other_joint_is_on():
    off = [site for site, joint in LIBRARY.joints.items() if not joint.is_on_by_default]
    assert off == ["neck"]
    assert list(LIBRARY.joints) == list(SITES)


def test_the_core_joints_are_the_union_of_the_articles_three_lists():
    core = {site for site, joint in LIBRARY.joints.items() if joint.is_core}
    assert core == {"knee", "shoulder", "hip", "ankle", "elbow"}


def test_low_back_and_neck_have_no_side_and_every_other_joint_has_one():
    middle = [site for site, joint in LIBRARY.joints.items() if not joint.has_side]
    assert middle == ["low_back_si", "neck"]


# --- sources ------------------------------------------------------------------------------------


def test_every_source_is_used():
    used = {
        *LIBRARY.for_phone()["sources"],
        *LIBRARY.prolotherapy.source_ids,
        *(name for joint in LIBRARY.joints.values() for name in joint.source_ids),
    }
    assert set(LIBRARY.sources) - used == set()


def test_only_our_own_choice_and_plain_anatomy_have_no_address():
    bare = {source.id for source in LIBRARY.sources.values() if source.address is None}
    assert bare == {"our_choice", "general_anatomy"}


def test_a_finding_never_rests_on_our_own_choice():
    for joint in LIBRARY.joints.values():
        for ids in (joint.evidence_sources, *(study.sources for study in joint.studies)):
            assert not {"our_choice", "general_anatomy"} & set(ids)


@pytest.mark.parametrize("unverified", [r"\bACR\b", "off-label", "Margaretten", "weekly"])
def test_what_is_known_only_from_memory_is_left_out(unverified):
    assert not re.search(unverified, ALL_TEXT)
    assert "acr2019" not in LIBRARY.sources


# --- the numbers --------------------------------------------------------------------------------

NUMBER = re.compile(r"(?<![\d.])\.?\d+(?:[.,]\d+)*")

# What each source gave, copied by hand from the fact base: people, and the numbers of its finding.
# "100" is the end of a scale or "in 100".
FINDINGS = {
    "rabago2013": (90, "52 15.3 7.6 8.2 100"),
    "sit2020": (76, "52 10.34 1.49 19.20 9.55 10.98 100"),
    "wee2021": (837, "6 0.45"),
    "meta5": (319, "13.77 6.75 20.78"),
    "jrm2023": (None, ""),
    "cahyadi": (372, "0.72 1.74 0.31"),
    "bayat2023": (50, "1 3"),
    "bertrand2016": (73, "9 59 2.8 37 .088 27 .017 .734 100"),
    "catapano": (272, ""),
    "rc2025": (936, "0.76 10 0.27 1.26 8.58"),
    "worksafebc": (None, ""),
    "gul2020": (41, "12 4.5 2.9 24.3 16.5"),
    "ankleres": (114, "1"),
    "ankleneuro": (25, ""),
    "yelland2011": (43, "12 23.7 27.5 41.1"),
    "scarpone2008": (24, "16 0.5 10 3.5"),
    "zhu2022": (354, "12 0.44 0.01 0.88 15.04 9.82 20.25"),
    "yelland2019": (120, "12 52"),
    "ahadi2019": (33, "4 8"),
    "jahangiri2014": (60, "1 6 1.1 0.2 2.0"),
    "reeves2000": (27, "42 15 .027 100"),
    "fong2023": (469, "41.7 100 21 62 39 0.77"),
    "pf444": (444, "6"),
    "cochraneLBP": (366, "3 206 2 160"),
    "kim2010": (48, "15 58.7 100 37.9 79.5"),
    "sij2": (40, ""),
    "neckcs": (21, ""),
    "cordcase": (1, ""),
    "dagenais2006": (171, "472 69 5"),
    "sitTMJ2021": (336, "12 0.76 0.32 1.19"),
    "nagori2018": (None, "3.32 1.0"),
}

# Further numbers that a source gave outside its finding: sessions, harms, days, degrees.
FURTHER = {
    "rabago2013": "1 5 9 13 17 90 12 26",
    "sit2020": "0 4 8 16 76 26",
    "uwpearl": "1 3 10 72 100",
    "efw": "3 7 10 72 100",
    "iceland": "4 10,000",
    "mueller2026": "14 15,021 16",
    "nhsana": "5 30",
    "bertrand2016": "3 73",
    "catapano": "5 6 272 1 2",
    "reeveship": "8 21 6",
    "ankleneuro": "2",
    "scarpone2008": "0 4 8",
    "yelland2019": "4 120",
    "jahangiri2014": "3",
    "reeves2000": "0 2 4",
    "ersen2018": "3 21",
    "pf444": "444",
    "cahyadi": "372",
    "spinalmed": "10 20 3 1 4",
    "kim2010": "3",
    "dagenais2006": "171 70 100 25 5 472 69 164 123 54 27 9",
    "tmjtable": "3 4 6",
    "adelaide": "24",
    "rcoa": "48",
    "royalfree": "4",
    "yeovil": "2",
    "bsr2006": "3",
    "fever38": "38.0 100.4",
    "fever378": "37.8 37.9 100.0 100.2",
    # Thresholds, placeholders and limits that the fact base marks as our own choice.
    "our_choice": "1 2 3 7 8 10 18 24 35.0 40.0 95.0 104.0",
}


def numbers(text):
    return set(NUMBER.findall(text))


def test_every_study_has_the_people_and_the_numbers_of_its_source():
    seen = {}
    for joint in LIBRARY.joints.values():
        for study in joint.studies:
            found = set().union(*map(numbers, study.found))
            seen[study.sources[0]] = (study.people, found)
    assert seen == {name: (people, set(of.split())) for name, (people, of) in FINDINGS.items()}


def test_every_other_number_is_one_that_its_source_gave():
    lines = [
        *(line for joint in LIBRARY.joints.values() for line in joint.statements()),
        *LIBRARY.aftercare.statements(),
        *LIBRARY.prolotherapy.statements(),
        *(line for signs in LIBRARY.warning_signs.values() for line in signs),
    ]
    for line in lines:
        known = set()
        for name in line.sources:
            known |= set(FURTHER.get(name, "").split())
            known |= set(FINDINGS.get(name, (None, ""))[1].split())
        assert numbers(line.text) <= known, line.text


def test_the_title_of_a_study_names_the_same_number_of_people():
    for joint in LIBRARY.joints.values():
        for study in joint.studies:
            if study.people is not None and study.people > 1:
                assert str(study.people) in study.title


# Our drafts for the days that a clinic sets: at the knee heavy work and sport, and so on.
DRAFT_DAYS = {
    "knee": {"14"},
    "shoulder": {"7", "14 to 21"},
    "hip": {"14"},
    "ankle": {"14"},
    "elbow": {"7", "14 to 21"},
    "wrist_hand": {"3 to 7", "14"},
    "foot": {"14"},
    "low_back_si": {"7", "14 to 21"},
    "neck": {"7", "14 to 21"},
    "tmj": {"3 to 7"},
}


def test_a_day_that_the_clinic_sets_is_our_marked_draft_until_then():
    drafts = {
        site: {line.draft_days for line in (*joint.do, *joint.avoid) if line.draft_days}
        for site, joint in LIBRARY.joints.items()
    }
    assert drafts == DRAFT_DAYS
    line = next(line for line in LIBRARY.joints["knee"].avoid if line.topic == "sport")
    assert line.words() == "No running or kneeling until day 14. Our draft: your clinic sets it."
    assert line.words(10) == "No running or kneeling until day 10. This is your clinic's rule."
    assert line.until == "No running or kneeling until day {day}."
    assert line.holds_with(None) and line.holds_with(1) and not line.holds_with(0)


def test_somebody_whose_clinic_set_the_day_is_not_told_to_ask_for_it():
    for joint in LIBRARY.joints.values():
        asks = [line for line in joint.do if line.is_until_set]
        assert [line.topic for line in asks] == ["sport"], joint.site
        assert asks[0].holds_with(None) and not asks[0].holds_with(10)


def test_a_draft_day_shows_at_least_until_its_last_day():
    for joint in LIBRARY.joints.values():
        for line in (*joint.do, *joint.avoid):
            if line.draft_days:
                assert line.to_day == int(line.draft_days.split()[-1]), line.text


def test_every_temperature_is_the_same_in_both_units():
    pairs = re.findall(r"(\d+\.\d) °C \((\d+\.\d) °F\)", ALL_TEXT)
    assert len(pairs) >= 4
    for celsius, fahrenheit in pairs:
        assert round(float(celsius) * 9 / 5 + 32, 1) == float(fahrenheit)


def test_check_ins_are_due_on_the_days_of_the_fact_base():
    days = [due.day for due in LIBRARY.schedule]
    assert days == [0, 1, 2, 3, 5, 7, 10, 14, 28, 42, 84]


# --- the warning list and the rules say the same --------------------------------------------------

# A sentence of the static list for every rule that asks for a call, at the rule's own level.
WARNING_OF_RULE = {
    "E1_BREATHING": "hard to breathe",
    "E2_ALLERGY": "throat swells",
    "E3_VERY_UNWELL": "confused",
    "E4_SPINE": "between the legs",
    "E5_LIMB": "cold, pale or blue",
    "E6_NEURO": "weak all at once",
    "E7_FEVER_JOINT": "fever and the joint is hot, swollen or hard to use",
    "E8_HOT_JOINT_LATE": "you cannot use it. No fever is needed",
    "E9_TEMP_VERY_HIGH": "40.0 °C",
    "E10_MENINGISM": "fever and a stiff neck",
    "E11_FEVER_IMMUNE": "fever and a weak immune system",
    "S1_FEVER": "38.0 °C",
    "S2_TEMP_LOW": "35.0 °C",
    "S3_PUS": "pus",
    "S4_SPREADING_REDNESS": "change of skin colour spreads",
    "S5_HOT_SWOLLEN_LATE": "From day 3: the joint is hot and swollen",
    "S6_SEVERE_SWELLING": "swelling is severe",
    "S7_CANNOT_USE": "cannot move the joint",
    "S8_PAIN_SEVERE_WORSE_LATE": "7 of 10 or more and rising",
    "S9_WEAKNESS": "arm or leg is weak",
    "S10_NUMB_SPINE": "numb from the next day on",
    "S11_CALF": "calf or thigh",
    "S12_RASH_WIDESPREAD": "rash in many places",
    "S13_HEADACHE_UPRIGHT": "worse upright, or sudden",
    "S14_BLEED": "blood thinner",
    "S15_HIGH_RISK": "diabetes",
    "S16_REPEAT": "still not settled",
    "S17_HOT_WORSE_EARLY": "Days 1 and 2",
    "S18_DEEP_LOSS_OF_USE": "hurts badly from day 3",
    "S19_NECK_STIFF": "chin will not go to your chest",
    "S20_TIGHT_LIMB": "swelling is tight",
    "S21_SITE_ALARM": "snap in the ankle",
    "C1_PAIN_HIGH": "8 of 10",
    "C2_PAIN_NOT_SETTLED": "not back to its usual level",
    "C3_PAIN_RISING_LATE": "rises after day 3",
    "C4_LOCAL_SIGNS": "warm or red",
    "C5_SWELLING_PERSISTS": "still swollen",
    "C6_TEMP_BORDERLINE": "37.8",
    "C7_NERVE": "numb feeling lasts",
    "C8_FLUID": "fluid",
    "C9_LOCAL_RASH": "rash or itch",
    "C11_FEVERISH": "hot or shivery, but",
    "C12_DIFFICULT_LATE": "harder to use",
}


def test_every_rule_that_asks_for_a_call_has_its_sentence_on_the_warning_list():
    table = LIBRARY.rules[1]
    calling = {rule.code: rule.level for rule in table.rules if rule.level != "expected"}
    # C10 is about answers that are missing, which no list can show.
    assert set(calling) - {"C10_INCOMPLETE"} == set(WARNING_OF_RULE)
    for code, part in WARNING_OF_RULE.items():
        signs = " ".join(line.text for line in LIBRARY.warning_signs[calling[code]])
        assert part in signs, code


def test_the_words_of_the_levels_are_the_same_in_the_phrases_and_the_rules():
    levels = LIBRARY.rules[1].data["levels"]
    for level, title in (
        ("emergency", "Get emergency help now"),
        ("same_day", "Speak to a clinician today"),
        ("clinic_hours", "Contact your clinic when it next opens"),
        ("expected", "Nothing matched our warning rules"),
    ):
        assert LIBRARY.phrases[f"level_{level}"] == title
        assert levels[level]["title"] == title
    assert LIBRARY.phrases["level_not_checked"] == "Not checked"


def test_the_three_true_sentences_stand_word_for_word():
    phrases = LIBRARY.phrases
    assert phrases["state_on_phone"] == "On this phone. Nobody has seen it."
    assert phrases["state_on_server"] == "On the clinic's server since {time}. Not read yet."
    assert phrases["state_read"] == "Read by {name}, {role}, {time}. Reading is not advice."


def test_the_lowest_level_never_says_that_all_is_well():
    phrases = LIBRARY.phrases
    said = " ".join(text for key, text in phrases.items() if "expected" in key)
    assert "We cannot rule out a problem." in said
    assert not re.search(r"\b(?:fine|well|normal|good|ok|okay|all right)\b", said.lower())


def test_an_earlier_urgent_answer_is_told_in_the_agreed_words():
    assert LIBRARY.phrases["earlier_urgent"] == (
        "Your answers on {weekday} needed urgent help. If you have not had it, call now."
    )


@pytest.mark.parametrize("key", ["call_emergency", "result_call_now_title"])
def test_a_phrase_with_a_number_has_a_twin_for_when_no_number_is_known(key):
    assert "{emergency_number}" in LIBRARY.phrases[key]
    assert "{" not in LIBRARY.phrases[f"{key}_no_number"]


def test_every_count_has_a_sentence_for_one():
    # Never one: seconds to wait are at least some, and one joint has no "highest" to show.
    never_one = {"sign_in_too_many", "result_highest"}
    phrases = LIBRARY.phrases
    counting = {key for key, text in phrases.items() if re.search(r"\{count\} [a-z]", text)}
    for key in counting - never_one:
        assert phrases[f"{key.removesuffix('_many')}_one"].count("1 ") == 1, key


def test_what_is_kept_and_why_covers_every_consent_point():
    consent = " ".join(text for key, text in LIBRARY.phrases.items() if key.startswith("consent_"))
    for point in (
        "does not diagnose",
        "Nobody watches your answers live",
        "call first",
        "kept on this phone",
        "can see them",
        "how long",
        "without giving any data",
        "ask to have it deleted",
        "Your care does not depend on it",
        "screen lock",
        "nothing is sold",
        "who to tell",
        "not clear how much these injections help",
    ):
        assert point in consent, point


# --- the audit of the founding article ------------------------------------------------------------

PROLOTHERAPY = " ".join(topic_page(LIBRARY.prolotherapy))

# Point of the audit, what the page on prolotherapy must say for it.
SAID_INSTEAD = {
    1: ["injections", "There is no surgery", "needle treatment, so it has risks"],
    2: ["Some people feel less pain over months. Some do not. We cannot tell in advance."],
    3: ["Osteoarthritis", "tendinopathy", "Old ligament sprains", "such as gout"],
    4: ["is thought to", "not proven in people"],
    5: ["irritates the tissue on purpose. So soreness is expected"],
    6: ["Ask your clinic about ice"],
    7: [MEDICINE_LINE, "Ask your clinic about ice and pain tablets"],
    12: ["one needle or many", "how many you will have"],
    13: ["number, the gap and the cost", "What is in the injection?", "numbing drug"],
    14: ["70 in 100", "25 in 100", "5 in 100", "Redness", "numb", "No effect at all"],
    15: ["4 in 10,000", "weeks later", "Harm to a nerve", "Know the warning signs"],
    16: ["collapsed lung", "spinal cord"],
    18: ["No source we saw shows that it saves you surgery or medicines"],
    19: ["Exercise therapy is usually tried first. Ask how this fits.", "no difference"],
    20: ["proliferation therapy"],
    21: ["Long-lasting tendon pain (tendinopathy)"],
    22: ["Some guidelines and insurers do not support it. Ask your clinic.", "Medicare", "Aetna"],
    23: ["infection", "blood thinner", "joint replacement", "pregnant", "diabetes", "allergy"],
}


@pytest.mark.parametrize("point", SAID_INSTEAD)
def test_the_page_on_prolotherapy_says_honestly_what_the_article_did_not(point):
    for part in SAID_INSTEAD[point]:
        assert part in PROLOTHERAPY, part


def test_arthritis_is_never_named_as_if_it_were_one_condition():
    assert re.findall(r"(?<!osteo)arthritis", ALL_TEXT.lower()) == []


def test_inflammation_is_never_called_less_or_reduced():
    assert not re.search(r"reduc\w+ inflammation|less inflammation", ALL_TEXT.lower())


@pytest.mark.parametrize(
    "vague", ["a few days", "normal activities", "as usual soon", "many patients"]
)
def test_the_vague_words_of_the_article_are_not_repeated(vague):
    assert vague not in ALL_TEXT.lower()


def test_there_is_one_list_of_joints_and_every_page_draws_from_it():
    files = {path.stem for path in (CONTENT / "joints").glob("*.toml")}
    assert files == set(SITES) == set(LIBRARY.for_phone()["joints"])
    assert set(LIBRARY.for_phone()["aftercare"]["joints"]) == set(SITES)


@pytest.mark.parametrize("site", SITES)
def test_the_aftercare_of_every_joint_has_days_that_can_be_followed(site):
    text = " ".join(joint_aftercare(LIBRARY.joints[site]))
    assert re.search(r"until day \d+", text)


def test_the_texts_of_a_page_reach_the_tests_in_full():
    # A key that the gathering of pages forgets would escape every test above.
    gathered = " ".join(text for _, text in EVERYTHING)
    for path in sorted(CONTENT.rglob("*.toml")):
        if path.name in ("sources.toml", "rules_1.toml", "cases_1.toml"):
            continue
        for text in _long_texts(tomllib.loads(path.read_text(encoding="utf-8"))):
            first = filled(re.split(r"\{activity_days\}", text)[0])
            assert first.strip() in gathered, (path.name, text)


def _long_texts(value):
    if isinstance(value, dict):
        for inner in value.values():
            yield from _long_texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _long_texts(inner)
    elif isinstance(value, str) and " " in value:
        yield value
