"""What the shell answers over HTTP, the same for everybody."""

from __future__ import annotations

import gzip
import re

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient

from pwa.shell.current import LOOK_AGAIN_S
from pwa.shell.pages import PAGES
from pwa.shell.release import PrintedWords
from tests.conftest import Cast
from tests.shell.house import LIBRARY, ONE_CLINIC, House

ON_AT_FIRST = [site for site, joint in LIBRARY.joints.items() if joint.is_on_by_default]
ADDRESSES = [
    address
    for page in PAGES
    for address in (
        [page.address.replace("<joint>", site) for site in ON_AT_FIRST]
        if page.is_for_each_joint
        else [page.address]
    )
]


OPEN = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}


class Clock:
    """Seconds that pass only when told."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def release_id(app: Flask) -> str:
    return str(app.extensions["shell"].release().id)


def test_every_page_is_there_and_names_its_release(client: FlaskClient) -> None:
    for address in ADDRESSES:
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert answer.content_type == "text/html; charset=utf-8"
        assert answer.headers["X-Release"] == release_id(client.application)


def test_a_page_is_the_same_for_everybody_and_asks_before_it_is_used_again(
    client: FlaskClient,
) -> None:
    answer = client.get("/aftercare")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Vary"] == "Accept-Encoding, Accept-Language, Cookie"
    assert "Set-Cookie" not in answer.headers
    assert "Content-Security-Policy" in answer.headers
    stranger = client.get("/aftercare", headers={"Cookie": "session=somebody"})
    assert stranger.data == answer.data


def test_a_page_that_has_not_changed_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get("/", headers={"Accept-Encoding": "gzip"})
    plain = client.get("/")
    assert first.headers["ETag"] != plain.headers["ETag"]
    for one, encoding in ((first, "gzip"), (plain, "identity")):
        again = client.get(
            "/", headers={"Accept-Encoding": encoding, "If-None-Match": one.headers["ETag"]}
        )
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["X-Release"] == one.headers["X-Release"]


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("br", "br"),
        ("gzip, br;q=0", "gzip"),
        ("gzip", "gzip"),
        ("gzip;q=0", None),
        ("", None),
    ],
)
def test_a_page_travels_as_small_as_the_browser_takes_it(
    client: FlaskClient, accepted: str, encoding: str | None
) -> None:
    answer = client.get("/when-to-call", headers={"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding") == encoding
    assert "Accept-Encoding" in answer.headers["Vary"]
    body = OPEN[encoding](answer.data)
    assert body.startswith(b"<!doctype html>")
    assert body.rstrip().endswith(b"</html>")


def test_the_query_changes_nothing(client: FlaskClient) -> None:
    assert client.get("/check-in?from=shortcut").data == client.get("/check-in").data


@pytest.mark.parametrize(
    "address", ["/joints/nose", "/aftercare/nose", "/joints/neck", "/aftercare/neck", "/joints/"]
)
def test_a_joint_that_is_unknown_or_off_has_no_page(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404


def test_a_joint_has_a_page_once_any_clinic_has_it_on(house: House) -> None:
    house.words = PrintedWords(sites=frozenset({"neck", "hip"}))
    client = house.app().test_client()
    assert client.get("/joints/neck").status_code == 200
    assert client.get("/joints/knee").status_code == 404
    listed = client.get("/joints").get_data(as_text=True)
    assert "/joints/neck" in listed
    assert "/joints/knee" not in listed


def test_every_link_on_every_page_leads_somewhere(client: FlaskClient) -> None:
    elsewhere = ("/clinic", "/api/")
    for address in ADDRESSES:
        text = client.get(address).get_data(as_text=True)
        for link in set(re.findall(r'(?:href|src)="(/[^"#?]*)', text)):
            if not link.startswith(elsewhere):
                assert client.get(link).status_code == 200, f"{link} on {address}"


def test_an_asset_may_be_kept_for_ever(client: FlaskClient) -> None:
    address = client.application.extensions["shell"].release().asset("js/main.js")
    answer = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert answer.content_type == "text/javascript; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert b"import" in gzip.decompress(answer.data)


@pytest.mark.parametrize(
    "path", ["js/none.js", "js/sw/worker.js", "../secret_key", "%2e%2e/secret_key", "js/", ""]
)
def test_what_is_not_in_the_release_is_not_there(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/assets/{release_id(client.application)}/{path}")
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.fault(51)
def test_a_page_of_an_earlier_release_can_still_load_its_modules(house: House) -> None:
    old = house.app().extensions["shell"].release().asset("js/main.js")
    house.change("static/js/main.js", lambda text: text + "\nwindow.isNew = true;\n")
    client = house.app().test_client()
    answer = client.get(old)
    assert answer.status_code == 200
    assert answer.headers["X-Release"] == old.split("/")[2]
    assert b"isNew" not in answer.data


@pytest.mark.fault(50)
def test_the_worker_is_asked_for_every_time_and_serves_the_whole_site(
    client: FlaskClient,
) -> None:
    answer = client.get("/sw.js")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Service-Worker-Allowed"] == "/"
    assert answer.content_type == "text/javascript; charset=utf-8"
    text = answer.get_data(as_text=True)
    assert text.startswith(f'const RELEASE="{release_id(client.application)}";const FILES=[')
    assert "import" not in text


def test_the_guidance_is_the_librarys(client: FlaskClient) -> None:
    address = client.application.extensions["shell"].release().asset("guidance/en.json")
    assert client.get(address).json == LIBRARY.for_phone()


def test_a_browser_that_asks_without_being_told_gets_the_icons(client: FlaskClient) -> None:
    assert client.get("/favicon.ico").data[:4] == b"\0\0\1\0"
    assert client.get("/apple-touch-icon.png").content_type == "image/png"


def test_nothing_in_the_shell_can_be_changed_from_outside(client: FlaskClient) -> None:
    for address in ("/", "/sw.js", "/manifest.webmanifest", "/check-in"):
        answer = client.post(address, headers={"Sec-Fetch-Site": "same-origin"})
        assert answer.status_code == 405, address


def test_other_words_of_the_clinic_are_served_at_once_after_saving(house: House) -> None:
    client = house.app(monotonic=Clock()).test_client()
    before = client.get("/")
    house.words = ONE_CLINIC
    assert client.get("/").headers["X-Release"] == before.headers["X-Release"]
    client.application.extensions["shell"].refresh_if_changed()
    after = client.get("/")
    assert after.headers["X-Release"] != before.headers["X-Release"]
    assert f'"{after.headers["X-Release"]}"' in client.get("/sw.js").get_data(as_text=True)


def test_words_saved_through_another_process_are_noticed_two_seconds_later(house: House) -> None:
    clock = Clock()
    client = house.app(monotonic=clock).test_client()
    before = client.get("/").headers["X-Release"]
    house.words = ONE_CLINIC
    clock.seconds += LOOK_AGAIN_S
    assert client.get("/").headers["X-Release"] != before


def test_the_pages_stay_up_while_the_clinics_words_cannot_be_read(house: House) -> None:
    clock = Clock()
    client = house.app(monotonic=clock).test_client()
    before = client.get("/")
    house.is_database_busy = True
    clock.seconds += LOOK_AGAIN_S
    after = client.get("/")
    assert (after.status_code, after.data) == (200, before.data)


@pytest.mark.fault(75, 115)
def test_a_patient_who_is_signed_in_gets_the_same_bytes_as_a_stranger(
    cast: Cast, anybody: FlaskClient
) -> None:
    for address in ("/", "/check-in", "/you", "/sw.js", "/manifest.webmanifest"):
        hers, a_strangers = cast.ana.get(address), anybody.get(address)
        assert (hers.status_code, hers.data) == (200, a_strangers.data), address
        assert hers.headers["Vary"] == "Accept-Encoding, Accept-Language, Cookie"
        assert "Set-Cookie" not in hers.headers
