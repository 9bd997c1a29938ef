"""The words of the screens: every sentence is collected, and a language lacks none of them."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from pwa.config import PROJECT_ROOT
from pwa.languages import CATALOGS, catalog_faults, catalog_path, long_date, read_catalogs
from pwa.shell.release import PrintedWords
from script.translating.extract import extracted
from tests.shell.house import House, copy_house

# In quotes: a sentence begins with a capital and goes on in small letters. A whole one never
# stands in a module of the phone; it is a phrase, by its key.
SENTENCE = re.compile(r"""(["'`])([A-Z][a-z]+(?: [a-z’']+)+[^"'`\n]*)\1""")
SAID_TO_NOBODY = re.compile(r"Error\(|console\.|@param|^\s*(?://|\*|/\*)")
FOR_STAFF = ("clinic/", "account/clinic_pages.js")


@pytest.fixture
def house(tmp_path: Path) -> House:
    return copy_house(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CATALOGS, tmp_path / "translations"))


def change(folder: Path, old: str, new: str) -> None:
    path = catalog_path(folder, "es")
    text = path.read_text("utf-8")
    assert text.count(old) == 1, (old, text.count(old))
    path.write_text(text.replace(old, new), "utf-8")


def test_every_sentence_of_the_screens_is_collected() -> None:
    with (CATALOGS / "messages.pot").open("rb") as file:
        collected = {message.id for message in read_po(file)}
    assert {message.id for message in extracted()} == collected, (
        "run: .venv/bin/python -m script.translating.extract"
    )


def test_spanish_lacks_no_sentence() -> None:
    assert list(catalog_faults(CATALOGS, "es")) == []
    assert list(read_catalogs(CATALOGS, ("en", "es"))) == ["en", "es"]


def test_a_language_with_half_its_screens_is_not_offered(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = catalog_path(folder, "es")
    text = path.read_text("utf-8")
    first = text.index('msgid "About prolotherapy"')
    said = text.index("msgstr", first)
    path.write_text(text[:said] + 'msgstr ""' + text[text.index("\n", said) :], "utf-8")
    assert list(catalog_faults(folder, "es")) == ["not translated: 'About prolotherapy'"]
    assert list(read_catalogs(folder, ("en", "es"))) == ["en"]
    assert "the language es is not offered" in caplog.text
    path.unlink()
    assert list(read_catalogs(folder, ("en", "es"))) == ["en"]


def test_a_translation_with_another_gap_or_a_sign_of_html_is_refused(folder: Path) -> None:
    path = catalog_path(folder, "es")
    with path.open("rb") as file:
        said = {message.id: message.string for message in read_po(file)}
    about = said["About the %(joint)s"]
    assert isinstance(about, str)
    change(folder, f'"{about}"', '"Acerca de"')
    plain = said["About prolotherapy"]
    change(folder, f'"{plain}"', '"<b>Prolo</b>"')
    faults = list(catalog_faults(folder, "es"))
    assert "has other gaps: 'Acerca de'" in faults
    assert "holds a sign of HTML: '<b>Prolo</b>'" in faults


def test_no_module_of_the_phone_holds_a_sentence_of_its_own() -> None:
    found = []
    root = PROJECT_ROOT / "static" / "js"
    for path in sorted(root.rglob("*.js")):
        name = path.relative_to(root).as_posix()
        if name.startswith(FOR_STAFF):
            continue
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if not SAID_TO_NOBODY.search(line):
                found += [f"{name}:{number}: {one[1]}" for one in SENTENCE.findall(line)]
    assert found == []


def test_a_date_is_written_as_in_its_language() -> None:
    day = date(2026, 11, 22)
    assert long_date(day, "en") == "22 November 2026"
    assert long_date(day, "es") == "22 de noviembre de 2026"
    assert long_date(day, "qps") == "22 November 2026"


def test_a_language_that_every_clinic_leaves_out_is_not_offered(house: House) -> None:
    app = house.app()
    shell = app.extensions["shell"]
    assert list(shell.languages()) == ["en"]
    both = house.both_languages()
    shell = both.extensions["shell"]
    assert list(shell.languages()) == ["en", "es"]
    assert shell.release("es").id != shell.release().id
    house.words = PrintedWords(languages_off=frozenset({"es"}))
    shell.refresh_if_changed()
    assert list(shell.languages()) == ["en"]
    assert shell.release("es").id == shell.release().id
    client = both.test_client()
    client.set_cookie("language", "es")
    assert '<html lang="en"' in client.get("/").text
    assert "data-languages" not in client.get("/").text
