"""The Spanish words: the same promises kept as in English, short, plain, and always "usted".

Here: copy rules and reading ease. That no leaf, gap or number is missing is tested with the
languages; whether a clinician agrees with a sentence, no test can say.
"""

import re

import pytest
import textstat

from pwa.guidance.library import load_library
from tests.guidance.reading import pages, sentences, words

PAGES = tuple(pages(load_library()))
# Fernández-Huerta: 80 to 90 is "easy", the sixth year of school.
EASY = 80
# Spanish needs about a fifth more words than English, where fewer than fifteen is the rule.
LONGEST_SENTENCE = 18

MEDICINE_LINE = (
    "No deje de tomar aspirina, anticoagulantes ni corticoides, "
    "salvo que lo diga quien se los recetó."
)

# What promises, flatters or misleads; some words are banned in every sense, so that no reading
# of a sentence can lend them weight ("¿No está seguro?" is "¿Tiene dudas?" here).
BANNED = (
    r"\bsegur[oa]s?\b|\bseguridad\b",
    r"\bnatural(?:es|mente)?\b",
    r"\bno[ -]invasiv\w*",
    r"\bproba(?:do|da|dos|das)\b",
    r"\bcura(?:r|n|ción)?\b|\bsana(?:r|n|ción)?\b",
    r"\balivi\w*",
    r"\bregenera\w*|\brejuvenec\w*|\bfortalec\w*",
    r"\befica(?:z|ces|cia)\b|\befectiv\w*",
    r"\binnovador\w*|\brevolucionari\w*|\bmilagr\w*|\bprometedor\w*|\bpromet\w*",
    r"\bgarantiza\w*|\bgarantía\w*",
    r"\bindolor\w*|\bsin riesgos?\b",
    r"\bbuena señal\b|\bva bien\b|\bpor buen camino\b",
    r"\bno se preocupe\b|\bno hay (?:por )?qué preocuparse\b",
    r"\bideal(?:es|mente)?\b",
    r"\bsignificativ\w*",
    r"\btendinitis\b|\bprolativ\w*",
)
FAMILIAR = r"\b(?:tú|tus?|ti|contigo|tuy[oa]s?|haz|llama a|llámalos|puedes|tienes|debes)\b"
STOPPING = (
    r"\bdej(?:e|ar) de (?:tomar|usar)\b|\bsuspend\w+|\binterrump\w+|\bno tome\b|\bretire su\b"
)


@pytest.fixture(scope="module")
def library():
    return load_library(language="es")


@pytest.fixture(scope="module")
def texts_of(library):
    return pages(library)


@pytest.fixture(scope="module")
def everything(texts_of):
    return [(page, text) for page, texts in texts_of.items() for text in texts]


@pytest.fixture
def ease():
    """How easy a Spanish text is to read; the counting goes back to English afterwards."""
    textstat.set_lang("es")
    yield textstat.fernandez_huerta
    textstat.set_lang("en_US")


@pytest.mark.parametrize("banned", BANNED)
def test_no_spanish_sentence_holds_a_word_that_promises_or_flatters(banned, everything):
    assert [found for found in everything if re.search(banned, found[1].lower())] == []


def test_spanish_never_turns_familiar(everything):
    assert [found for found in everything if re.search(FAMILIAR, found[1].lower())] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_spanish_page_is_easy_to_read(page, texts_of, ease):
    texts = [text for text in texts_of[page] if len(words(text)) >= 4]
    whole = " ".join(text if text[-1] in ".!?" else f"{text}." for text in texts)
    assert ease(whole) >= EASY


def test_the_spanish_reading_ease_can_tell_hard_text_from_easy_text(ease):
    hard = "La administración intraarticular de soluciones hipertónicas precipita inflamación."
    assert ease(hard) < EASY / 2
    assert ease("Llame a su clínica. Diga que la rodilla arde.") > EASY


@pytest.mark.parametrize("page", PAGES)
def test_spanish_sentences_stay_short(page, texts_of):
    parts = [part for text in texts_of[page] for part in sentences(text)]
    assert [part for part in parts if len(words(part)) > LONGEST_SENTENCE] == []


def test_nothing_in_spanish_tells_anybody_to_stop_a_medicine(everything):
    found = [
        text
        for _, text in everything
        if re.search(STOPPING, text.lower()) and not text.startswith("No deje de tomar")
    ]
    assert found == []


def test_the_spanish_medicine_line_is_one_and_the_same_sentence_everywhere(library):
    assert library.aftercare.policies.medicine_line.text == MEDICINE_LINE
    assert library.phrases["medicine_line"] == MEDICINE_LINE
    assert MEDICINE_LINE in [line.text for line in library.prolotherapy.statements()]


def test_each_spanish_ice_heat_and_tablet_text_says_what_no_trial_tells_us(library):
    policies = library.aftercare.policies
    for group in (policies.ice, policies.heat, policies.nsaid, policies.nsaid_before):
        for choice, line in group.items():
            assert "ningún buen ensayo clínico nos" in line.text.lower(), choice
            assert "u clínica" in line.text, choice


def test_no_fever_never_reassures_in_spanish(library):
    """The four places where English says that no fever is needed say so in Spanish."""
    signs = library.warning_signs
    assert any("No hace falta tener fiebre" in line.text for line in signs["emergency"])
    assert any("aunque no tenga fiebre" in line.text for line in signs["same_day"])
    rules = {rule.code: rule for rule in library.rules[1].rules}
    assert "con o sin fiebre" in rules["E8_HOT_JOINT_LATE"].why
    for code in ("S5_HOT_SWOLLEN_LATE", "S17_HOT_WORSE_EARLY", "S18_DEEP_LOSS_OF_USE"):
        assert rules[code].act == ("Llame aunque no tenga fiebre.",)
