"""A made-up language in which every translated letter has an accent: what has none was never
made to be translated."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from pwa import create_app
from pwa.guidance.library import load_library
from pwa.operations.prepare import prepare_database
from script.translating.pseudo import PSEUDO, PSEUDO_RTL, accented, make_pseudo

READ_ATTRIBUTES = {"aria-label", "alt", "title", "placeholder", "content", "data-words"}
"""And those of `data-` that hold a sentence."""
NAMES_AND_CODES = re.compile(
    r"Prolo Aftercare|English|DOI .*|https?://\S+|\b[A-Z]{2,}\b|width=device.*|telephone=no"
    r"|light dark|#\w+|\{\w+\}|localhost|November"
)
"""November: Babel knows no month of a language that nobody speaks."""
PLAIN_WORD = re.compile(r"(?<![\w&#./-])[A-Za-z]{3,}(?![\w./-])")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = tmp_path_factory.mktemp("pseudo")
    content = make_pseudo(folder)
    made = create_app({"INSTANCE_PATH": str(folder / "instance"), "CONTENT_PATH": str(content)})
    with made.app_context():
        prepare_database()
    return made


@pytest.fixture
def anybody(app: Flask) -> FlaskClient:
    return app.test_client()


class _Shown(HTMLParser):
    """What a person sees or hears; what is marked as English is meant to be."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent = 0
        self.open: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        is_silent = tag in ("script", "style", "template") or given.get("lang") == "en"
        if tag not in VOID:
            self.open.append(is_silent)
            self.silent += is_silent
        if self.silent:
            return
        for name, value in given.items():
            is_sentence = name.startswith("data-") and " " in (value or "")
            if (name in READ_ATTRIBUTES or is_sentence) and value and name != "data-activity":
                self.found.append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self.open:
            self.silent -= self.open.pop()

    def handle_data(self, data: str) -> None:
        if not self.silent and data.strip():
            self.found.append(data.strip())


VOID = {"meta", "link", "br", "img", "input", "hr", "source", "use", "path", "circle", "rect"}


def plain_words(page: str) -> set[str]:
    shown = _Shown()
    shown.feed(page)
    bare = [NAMES_AND_CODES.sub("", text) for text in shown.found]
    return {word for text in bare for word in PLAIN_WORD.findall(text)}


def test_a_sentence_gets_longer_and_keeps_its_gaps() -> None:
    text = "Call {clinic_phone} or %(name)s today, and say that it is for your knee."
    changed = accented(text)
    assert "{clinic_phone}" in changed
    assert "%(name)s" in changed
    assert len(changed) >= 1.25 * len(text)
    assert not plain_words(changed.replace("{clinic_phone}", "").replace("%(name)s", ""))


def test_the_check_can_see_an_english_word() -> None:
    assert plain_words("<p>Ţöðåý</p>") == set()
    assert plain_words('<p>Ţöðåý <b>only</b> <i lang="en">Study</i></p>') == {"only"}
    assert plain_words('<button aria-label="Close"></button>') == {"Close"}


@pytest.mark.parametrize("language", [PSEUDO, PSEUDO_RTL])
def test_no_page_says_anything_that_cannot_be_translated(app: Flask, language: str) -> None:
    shell = app.extensions["shell"]
    left = {
        address: words
        for address, page in shell.release(language).pages.items()
        if (words := plain_words(page.body.decode()))
    }
    assert left == {}


@pytest.mark.parametrize("address", ["/nowhere", "/reset", "/setup"])
def test_no_page_of_a_request_does_either(anybody: FlaskClient, address: str) -> None:
    anybody.set_cookie("language", PSEUDO)
    page = anybody.get(address).text
    page = re.sub(r"<select.*?</select>", "", page, flags=re.DOTALL)  # time zones have one name
    assert plain_words(page) == set()


def test_a_language_from_right_to_left_says_so(anybody: FlaskClient) -> None:
    anybody.set_cookie("language", PSEUDO_RTL)
    page = anybody.get("/").text
    assert f'<html lang="{PSEUDO_RTL}" dir="rtl"' in page
    assert anybody.get("/manifest.webmanifest").get_json(force=True)["dir"] == "rtl"
    anybody.set_cookie("language", PSEUDO)
    assert "dir=" not in anybody.get("/").text.partition(">")[2].partition("<head>")[0]


def test_the_made_up_language_is_in_no_shipped_content() -> None:
    names = {path.name for path in (Path(__file__).parents[2] / "pwa/guidance/content").iterdir()}
    assert names == {"en", "es"}
    assert load_library().language == "en"
