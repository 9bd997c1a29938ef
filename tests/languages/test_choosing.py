"""Which language somebody is shown, over HTTP: the cookie, the browser, the clinic's switch."""

from __future__ import annotations

import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from pwa.languages import COOKIE, choose
from pwa.practice.words import read_words
from pwa.problems import Invalid
from tests.clinic.test_settings import form_of
from tests.conftest import Cast

SPANISH = {"Accept-Language": "es-MX,es;q=0.9,en;q=0.5"}
OURS = {"Sec-Fetch-Site": "same-origin"}
BY_LANGUAGE = ("/", "/when-to-call", "/check-in", "/joints/knee", "/sw.js", "/manifest.webmanifest")


def language_of(page: str) -> str:
    found = re.search(r'<html lang="([\w-]+)"', page)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("kept", "wished", "shown"),
    [
        (None, "en", "en"),
        (None, "es", "es"),
        ("es", "en", "es"),
        ("en", "es", "en"),
        ("fr", "es", "es"),
        ("fr", None, "en"),
        (None, None, "en"),
        ("", None, "en"),
        ("../es", None, "en"),
    ],
)
def test_the_phones_choice_comes_first_then_the_browsers_then_english(
    kept: str | None, wished: str | None, shown: str
) -> None:
    assert choose(kept=kept, wished=lambda _: wished, offered=("en", "es")) == shown


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        ("es", "es"),
        ("es-MX,es;q=0.9", "es"),
        ("ca,es;q=0.8,en;q=0.2", "es"),
        ("en-US,en;q=0.9,es;q=0.8", "en"),
        ("tlh", "en"),
        ("cy, fr;q=0.5", "en"),
        ("*", "en"),
        ("", "en"),
        (";;;q=x,\u00ff", "en"),
        ("es;q=0", "en"),
    ],
)
def test_a_browser_is_answered_in_its_language_or_in_english(
    anybody: FlaskClient, header: str, shown: str
) -> None:
    page = anybody.get("/", headers={"Accept-Language": header})
    assert (page.status_code, language_of(page.text)) == (200, shown)


def test_each_language_is_a_release_of_its_own(anybody: FlaskClient) -> None:
    english = {one: anybody.get(one) for one in BY_LANGUAGE}
    spanish = {one: anybody.get(one, headers=SPANISH) for one in BY_LANGUAGE}
    assert len({one.headers["X-Release"] for one in english.values()}) == 1
    assert len({one.headers["X-Release"] for one in spanish.values()}) == 1
    for address in BY_LANGUAGE:
        assert english[address].data != spanish[address].data
        for answer in (english[address], spanish[address]):
            vary = {one.strip() for one in answer.headers["Vary"].split(",")}
            assert {"Accept-Language", "Cookie"} <= vary
            assert answer.headers["Cache-Control"] == "no-cache"
            assert "Set-Cookie" not in answer.headers


def test_files_of_a_release_vary_by_no_language(anybody: FlaskClient) -> None:
    page = anybody.get("/", headers=SPANISH)
    release = page.headers["X-Release"]
    words = anybody.get(f"/assets/{release}/guidance/es.json")
    assert words.status_code == 200
    assert "Cookie" not in words.headers["Vary"]
    assert json.loads(words.data)["language"] == "es"
    assert anybody.get(f"/assets/{release}/guidance/en.json").status_code == 404


def test_the_manifest_speaks_the_language_too(anybody: FlaskClient) -> None:
    told = anybody.get("/manifest.webmanifest", headers=SPANISH).get_json(force=True)
    assert (told["lang"], told["dir"], told["id"]) == ("es", "ltr", "/")
    assert told["shortcuts"][0]["name"] != "Check in"
    assert told["shortcuts"][0]["url"] == "/check-in?from=shortcut"


def test_a_choice_is_kept_on_the_phone_for_a_year_and_is_no_persons(anybody: FlaskClient) -> None:
    answer = anybody.post("/language", data={"language": "es", "back": "/joints"}, headers=OURS)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/joints")
    kept = answer.headers["Set-Cookie"]
    assert kept.startswith("language=es; ")
    for part in ("HttpOnly", "SameSite=Lax", "Max-Age=31536000", "Path=/"):
        assert part in kept
    assert language_of(anybody.get("/joints").text) == "es"
    anybody.post("/language", data={"language": "en"}, headers=OURS)
    assert language_of(anybody.get("/joints", headers=SPANISH).text) == "en"


@pytest.mark.parametrize("language", ["fr", "", "es; Path=/x", "\u2603", "x" * 9000])
def test_a_language_nobody_has_is_english(anybody: FlaskClient, language: str) -> None:
    answer = anybody.post("/language", data={"language": language}, headers=OURS)
    assert answer.headers["Set-Cookie"].startswith("language=en; ")
    anybody.set_cookie(COOKIE, "fr")
    assert language_of(anybody.get("/").text) == "en"


@pytest.mark.parametrize(
    "back",
    ["https://elsewhere.example/", "//elsewhere.example", "/clinic", "/nowhere", "javascript:"],
)
def test_the_way_back_is_one_of_our_own_pages(anybody: FlaskClient, back: str) -> None:
    answer = anybody.post("/language", data={"language": "es", "back": back}, headers=OURS)
    assert answer.headers["Location"] == "/"


def test_another_site_cannot_change_the_language(anybody: FlaskClient) -> None:
    answer = anybody.post(
        "/language", data={"language": "es"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_every_public_page_can_be_read_in_the_other_language_without_javascript(
    app: Flask, anybody: FlaskClient
) -> None:
    pages = app.extensions["shell"].release("es").pages
    for address in pages:
        page = anybody.get(address, headers=SPANISH).text
        assert 'action="/language"' in page, address
        assert f'name="back" value="{address}"' in page
        assert (
            '<button class="btn btn--quiet btn--small" name="language" value="en" lang="en">'
            in page
        )


def test_clinical_pages_in_spanish_say_that_nobody_has_checked_them(
    app: Flask, anybody: FlaskClient
) -> None:
    say = app.extensions["languages"].catalogs["es"].gettext
    words = say("Translation: no clinician has checked it yet.")
    for address in ("/", "/aftercare/knee", "/joints/knee", "/prolotherapy", "/when-to-call"):
        assert words in anybody.get(address, headers=SPANISH).text, address
        assert "unreviewed" not in anybody.get(address).text


def test_problems_are_told_in_the_language_of_whoever_asked(anybody: FlaskClient) -> None:
    english = anybody.get("/nowhere")
    spanish = anybody.get("/nowhere", headers=SPANISH)
    assert (english.status_code, spanish.status_code) == (404, 404)
    assert "There is nothing here" in english.text
    assert "There is nothing here" not in spanish.text
    assert language_of(spanish.text) == "es"
    told = anybody.get("/api/v1/session", headers=SPANISH).get_json()
    assert told["kind"] == "sign-in-required"
    assert told["title"] != "Please sign in"


def test_a_password_that_is_too_short_is_refused_in_spanish_with_its_number(
    anybody: FlaskClient,
) -> None:
    body = {"code": "AAAA-AAAA-AAAA", "username": "somebody", "password": "x"}
    asked = {"json": body, "headers": SPANISH | OURS}
    told = anybody.post("/api/v1/join", **asked).get_json()
    assert told["detail"] not in ("That code does not work", "")


def test_the_clinics_own_pages_stay_english(cast: Cast) -> None:
    page = cast.mo.get("/clinic/settings", headers=SPANISH)
    assert (page.status_code, language_of(page.text)) == (200, "en")
    assert "Save the settings" in page.text
    assert cast.mo.get("/clinic/nowhere", headers=SPANISH).text.count("There is nothing here")


# --- the clinic's switch ----------------------------------------------------------------------


def test_a_clinic_leaves_spanish_out_and_its_phones_learn_of_it(cast: Cast) -> None:
    page = cast.mo.get("/clinic/settings").text
    assert 'name="languages" value="es" checked' in page
    assert "No clinician has checked this translation yet." in page
    off = form_of(cast, languages_shown=["es"])
    assert cast.mo.post("/clinic/settings", data=off).headers["Location"].endswith("done=saved")
    told = cast.ana.get("/api/v1/changes?after=0&clinic=0").get_json()["clinic"]
    assert told["languages_off"] == ["es"]
    # There is another clinic on this server, and its patients may read Spanish.
    assert language_of(cast.ana.get("/", headers=SPANISH).text) == "es"
    on = form_of(cast, languages_shown=["es"], languages=["es"])
    cast.mo.post("/clinic/settings", data=on)
    told = cast.ana.get("/api/v1/changes?after=0&clinic=0").get_json()["clinic"]
    assert told["languages_off"] == []
    assert language_of(cast.ana.get("/", headers=SPANISH).text) == "es"


def test_one_clinics_switch_is_none_of_dr_dunns_business(cast: Cast) -> None:
    cast.mo.post("/clinic/settings", data=form_of(cast, languages_shown=["es"]))
    assert cast.dr_dunn.get("/clinic/settings").text.count('value="es" checked') == 1


@pytest.mark.parametrize("code", ["en", "ES", "es_MX", "", "e", "../es", "spanish-longer-than-it"])
def test_only_codes_of_other_languages_can_be_left_out(code: str) -> None:
    with pytest.raises(Invalid):
        read_words({"name": "A", "time_zone": "Europe/London", "languages_off": [code]})
