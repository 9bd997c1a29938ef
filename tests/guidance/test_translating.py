"""Another language is laid over the English word by word, or it is refused with its reason; and
the Spanish that is shipped says the same as the English, with the same numbers and rules."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pwa.guidance.errors import ContentError
from pwa.guidance.library import CONTENT, SITES, Library, load_libraries, load_library
from pwa.guidance.translating import GAP, Shelf, words_of
from tests.guidance.content import cases
from tests.guidance.reading import pages

SPANISH = load_library(language="es")
ENGLISH = load_library()
KNEE = "joints/knee.toml"


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """Both languages as shipped, to break one of them. Gives the English folder."""
    shutil.copytree(CONTENT.parent, tmp_path / "content")
    return tmp_path / "content" / "en"


def change(english: Path, name: str, old: str, new: str) -> None:
    path = english.parent / "es" / name
    text = path.read_text("utf-8")
    assert text.count(old) >= 1, old
    path.write_text(text.replace(old, new, 1), "utf-8")


def refusal(english: Path) -> ContentError:
    with pytest.raises(ContentError) as caught:
        load_library(english, language="es")
    return caught.value


# --- what is refused --------------------------------------------------------------------------


def line_of(english: Path, name: str, start: str) -> str:
    text = (english.parent / "es" / name).read_text("utf-8")
    return next(line for line in text.splitlines() if line.startswith(start))


def test_a_missing_phrase_is_named(beside: Path) -> None:
    change(beside, "phrases.toml", line_of(beside, "phrases.toml", "call_emergency =") + "\n", "")
    error = refusal(beside)
    assert (error.file, error.key, error.reason) == (
        "es/phrases.toml",
        "call_emergency",
        "is missing",
    )


def test_a_phrase_that_english_does_not_have_is_refused(beside: Path) -> None:
    change(beside, "phrases.toml", "call_emergency =", 'a_new_one = "Nuevo"\ncall_emergency =')
    assert refusal(beside).key == "a_new_one"


@pytest.mark.parametrize("gap", ["{emergency_nummer}", "", "{emergency_number} {time}"])
def test_other_gaps_are_refused(beside: Path, gap: str) -> None:
    line = line_of(beside, "phrases.toml", "call_emergency =")
    change(beside, "phrases.toml", line, line.replace("{emergency_number}", gap))
    error = refusal(beside)
    assert error.key == "call_emergency"
    assert error.reason.startswith("has other gaps")


def test_a_list_keeps_its_length_and_its_order(beside: Path) -> None:
    text = (beside.parent / "es" / KNEE).read_text("utf-8")
    first = re.search(r"conditions = \[\n(.*\n)", text)
    assert first
    change(beside, KNEE, first[1], "")
    error = refusal(beside)
    assert (error.file, error.key) == ("es/joints/knee.toml", "conditions")
    assert re.fullmatch(r"has \d+ instead of \d+", error.reason)


@pytest.mark.parametrize("line", ['site = "knee"\n', "version = 1\n", "has_side = true\n"])
def test_what_stands_once_in_english_is_not_said_again(beside: Path, line: str) -> None:
    path = beside.parent / "es" / KNEE
    path.write_text(line + path.read_text("utf-8"), "utf-8")
    assert refusal(beside).reason == "is not translated: it stands once, in English"


def test_no_language_can_change_a_rule(beside: Path) -> None:
    rules = beside.parent / "es" / "rules_1.toml"
    text = rules.read_text("utf-8")
    code = re.search(r'^code = "(\w+)"$', text, re.MULTILINE)
    assert code
    rules.write_text(text.replace(code[0], f'{code[0]}\nlevel = "expected"', 1), "utf-8")
    error = refusal(beside)
    assert error.key == f"rules.{code[1]}.level"
    rules.write_text(text.replace(code[0], 'code = "X9_MADE_UP"', 1), "utf-8")
    assert refusal(beside).key == "rules.X9_MADE_UP"


def test_a_rule_that_is_not_said_is_missed_by_its_code(beside: Path) -> None:
    rules = beside.parent / "es" / "rules_1.toml"
    before, _, rest = rules.read_text("utf-8").partition("[[rules]]")
    _, _, others = rest.partition("[[rules]]")
    rules.write_text(f"{before}[[rules]]{others}", "utf-8")
    first = ENGLISH.rules[1].rules[0].code
    assert (refusal(beside).key, refusal(beside).reason) == (f"rules.{first}", "is missing")


@pytest.mark.parametrize("text", ['""', '" Rodilla"', "3", '["Rodilla"]'])
def test_a_leaf_is_a_text_with_nothing_around_it(beside: Path, text: str) -> None:
    line = line_of(beside, KNEE, "name_title =")
    change(beside, KNEE, line, f"name_title = {text}")
    assert refusal(beside).key == "name_title"


def test_a_file_that_is_missing_or_lies_over_none_is_refused(beside: Path) -> None:
    spanish = beside.parent / "es"
    (spanish / "joints" / "toe.toml").write_text('name = "dedo"\n', "utf-8")
    assert refusal(beside).file == "es/joints/toe.toml"
    (spanish / "joints" / "toe.toml").unlink()
    (spanish / "warning_signs.toml").unlink()
    assert (refusal(beside).file, refusal(beside).reason) == ("es/warning_signs.toml", "is missing")


def test_titles_of_studies_stay_as_they_were_printed(beside: Path) -> None:
    sources = beside.parent / "es" / "sources.toml"
    sources.write_text(sources.read_text("utf-8") + '\n[sit2020]\ntitle = "Otro"\n', "utf-8")
    assert refusal(beside).key == "sit2020"
    assert SPANISH.sources["sit2020"] == ENGLISH.sources["sit2020"]
    assert SPANISH.sources["our_choice"] != ENGLISH.sources["our_choice"]


def test_a_new_version_of_the_rules_wants_its_words_in_every_language(beside: Path) -> None:
    for kind in ("form", "rules"):
        text = (beside / f"{kind}_1.toml").read_text("utf-8")
        new = text.replace("version = 1", "version = 2", 1)
        (beside / f"{kind}_2.toml").write_text(new, "utf-8")
    assert refusal(beside).file == "es/form_2.toml"
    for kind in ("form", "rules"):
        said = beside.parent / "es"
        shutil.copyfile(said / f"{kind}_1.toml", said / f"{kind}_2.toml")
    assert list(load_library(beside, language="es").rules) == [1, 2]


def test_a_language_with_a_fault_is_left_out_and_english_stays(
    beside: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (beside.parent / "es" / "joints.toml").unlink()
    assert list(load_libraries(beside)) == ["en"]
    assert "the language es is not offered: es/joints.toml" in caplog.text


def test_the_check_tells_every_fault_at_once(beside: Path) -> None:
    spanish = beside.parent / "es"
    change(beside, "phrases.toml", line_of(beside, "phrases.toml", "call_emergency =") + "\n", "")
    (spanish / "joints.toml").unlink()
    change(beside, KNEE, line_of(beside, KNEE, "name ="), 'name = "{joint}"')
    faults = {fault.file for fault in Shelf(beside, spanish).faults()}
    assert faults == {"es/phrases.toml", "es/joints.toml", "es/joints/knee.toml"}


# --- the Spanish that is shipped --------------------------------------------------------------


def test_spanish_is_offered() -> None:
    assert [str(fault) for fault in Shelf(CONTENT, CONTENT.parent / "es").faults()] == []
    assert list(load_libraries()) == ["en", "es"]
    assert (SPANISH.language, SPANISH.language_name, SPANISH.direction) == ("es", "Español", "ltr")


def test_spanish_says_that_no_clinician_has_checked_it() -> None:
    assert not SPANISH.is_reviewed
    assert not SPANISH.for_phone()["is_reviewed"]


def leaves(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{key}.{name}")
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from leaves(inner, f"{key}[{at}]")
    elif isinstance(value, str):
        yield key, value


def pairs() -> Iterator[tuple[str, str, str]]:
    """Every sentence of both languages: where, English, Spanish."""
    shelves = Shelf(CONTENT), Shelf(CONTENT, CONTENT.parent / "es")
    for path in sorted(CONTENT.rglob("*.toml")):
        name = path.relative_to(CONTENT).as_posix()
        english, spanish = (dict(leaves(words_of(name, one.parse(name)))) for one in shelves)
        assert english.keys() == spanish.keys()
        for key, text in english.items():
            if key.rpartition(".")[2] not in ("id", "key", "code"):
                yield f"{name}{key}", text, spanish[key]


PAIRS = list(pairs())


def numbers(text: str) -> list[str]:
    """38.0 and 38,0 are one number; so are 15,021 and 15 021; gaps have none."""
    bare = GAP.sub("", text)
    return sorted(
        re.sub(r"[^\d]", "", one) for one in re.findall(r"\d(?:[.,\u00a0\u202f]?\d)*", bare)
    )


def test_every_number_is_the_same_in_spanish() -> None:
    wrong = [
        (place, english, spanish)
        for place, english, spanish in PAIRS
        if numbers(english) != numbers(spanish)
    ]
    assert wrong == []


def test_no_sentence_was_left_in_english() -> None:
    """Short words may be alike ("no"); a sentence may not."""
    same = [
        place
        for place, english, spanish in PAIRS
        if english == spanish and len(GAP.sub("", english).split()) >= 3
    ]
    assert same == []


def structure(library: Library) -> dict[str, Any]:
    """What no language may change: everything but the words."""

    def bare(value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: bare(inner, key) for key, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [bare(inner, name) for inner in value]
        return value if name in KEPT or not isinstance(value, str) else ""

    given = library.for_phone()
    given.pop("language")
    given.pop("is_reviewed")
    given["sources"] = {}
    return dict(bare(given))


KEPT = {
    "id", "key", "code", "type", "kind", "level", "fact", "condition", "code_fired", "is", "in",
    "scope", "options", "sites", "sources", "topic", "ask_when", "one_of", "when_shut", "minus",
    "diary", "impossible",
}  # fmt: skip


def test_rules_days_ids_and_sources_are_one_for_all_languages() -> None:
    assert structure(SPANISH) == structure(ENGLISH)


def test_the_rules_of_every_language_judge_alike() -> None:
    for version, table in ENGLISH.rules.items():
        other = SPANISH.rules[version]
        assert [(one.code, one.level, one.when) for one in table.rules] == [
            (one.code, one.level, one.when) for one in other.rules
        ]
        assert (table.facts, table.required) == (other.facts, other.required)
        assert {name: one.when for name, one in table.conditions.items()} == {
            name: one.when for name, one in other.conditions.items()
        }


def test_the_twins_cases_name_no_words_of_a_language() -> None:
    text = repr(cases("triage_1.json"))
    sentences = {rule.why for rule in ENGLISH.rules[1].rules} | set(ENGLISH.phrases.values())
    assert [one for one in sentences if len(one) > 25 and one in text] == []


def test_what_a_clinician_signs_and_reads_stays_english() -> None:
    for one, other in zip(ENGLISH.rules[1].rules, SPANISH.rules[1].rules, strict=True):
        assert (one.words, one.clinician) == (other.words, other.clinician)


def test_a_joint_has_its_side_in_its_own_words() -> None:
    for site in SITES:
        joint = SPANISH.joints[site]
        assert (joint.name_right is not None) == joint.has_side
        if joint.has_side:
            assert joint.name_left != joint.name_right
    assert SPANISH.joints["knee"].name_right == "rodilla derecha"
    assert SPANISH.joints["shoulder"].name_right == "hombro derecho"


def test_a_line_with_a_draft_day_is_said_whole_in_spanish() -> None:
    line = next(one for one in SPANISH.joints["knee"].avoid if one.draft_days)
    for said in (line.words(), line.words(10), line.until):
        assert not re.search(r"activity|\bday\b|draft|clinic's", said.replace("{day}", ""))
    assert "10" in line.words(10)
    assert "{day}" in line.until


# Spanish ways to promise, to flatter, or to tell anybody to stop a medicine.
BANNED = (
    r"\bsegur[oa]s?\b(?! (?:médico|de salud))",
    r"\bnatural(?:es|mente)?\b",
    r"\bno invasiv[oa]s?\b",
    r"\bcura(?:r|n|ción)?\b",
    r"\bsana(?:r|n|ción)?\b",
    r"\bregenera\w*",
    r"\brejuvenec\w*",
    r"\bmilagro\w*",
    r"\bgarantiza\w*|\bgarantía\w*",
    r"\befica(?:z|ces|cia)\b",
    r"\bindolor[oa]s?\b",
    r"\bno se preocupe\b",
    r"\bpromete\w*|\bpromesa\w*",
)
ALLOWED = (
    # Whether somebody is sure, never whether something is safe.
    r"\bno (?:está|esté|estoy) segur[oa]\b",
    r"¿no está segur[oa]\b",
    r"\bno segur[oa]\b",
    r"\bsi no está segur[oa]",
)


@pytest.mark.parametrize("banned", BANNED)
def test_no_spanish_sentence_promises_or_flatters(banned: str) -> None:
    found = []
    for page, texts in pages(SPANISH).items():
        for text in texts:
            rest = text.lower()
            for allowed in ALLOWED:
                rest = re.sub(allowed, "", rest)
            if re.search(banned, rest):
                found.append((page, text))
    assert found == []


def test_spanish_tells_nobody_to_stop_a_medicine() -> None:
    ways = r"\b(?:deje|suspenda|interrumpa|pare)\b"
    found = [
        (place, spanish)
        for place, english, spanish in PAIRS
        if re.search(ways, spanish.lower())
        and not re.search(
            r"\bno (?:l[oae]s? )?(?:deje|suspenda|interrumpa|pare)\b", spanish.lower()
        )
        and re.search(r"medic|aspirin|anticoagul|esteroid|past", spanish.lower())
    ]
    assert found == []
