"""The drawn body, the drawings of ten joints, the QR code on paper, and addresses of no joint."""

from __future__ import annotations

import gzip
import re

import pytest
import segno
from flask.testing import FlaskClient

from pwa.config import PROJECT_ROOT
from pwa.qr_codes import QUIET_BORDER, draw_qr
from pwa.shell.release import PrintedWords, Release
from tests.shell.house import LIBRARY, SNAPSHOT, House, copy_house

SITES = tuple(LIBRARY.joints)
PUBLIC_URL = "https://aftercare.example.org"
HEX_COLOUR = re.compile(r"#(?:[0-9a-f]{3}){1,2}\b(?!-)", re.IGNORECASE)
SPOT = re.compile(r'<a class="spot" href="([^"]+)"[^>]* aria-label="([^"]+)">')
ROW = re.compile(r'<li class="joint-row">.*?</li>', re.DOTALL)
POINT = re.compile(r'<g class="point">.*?<text[^>]*>(\d)</text></g>')
STROKE = re.compile(r"([Mmh])([\d.]+)(?: ([\d.]+))?")


@pytest.fixture(scope="module")
def all_on(tmp_path_factory: pytest.TempPathFactory) -> Release:
    house = copy_house(tmp_path_factory.mktemp("joints"))
    house.set(public_url=PUBLIC_URL)
    house.words = PrintedWords(snapshot=SNAPSHOT, sites=frozenset(SITES))
    return house.release()


def page(release: Release, address: str) -> str:
    return release.pages[address].body.decode()


def sheet_of(text: str, site: str) -> str:
    found = re.search(rf'<template data-sheet="{site}".*?</template>', text, re.DOTALL)
    assert found, site
    return found[0]


@pytest.mark.parametrize("site", SITES)
def test_the_numbers_on_a_drawing_are_those_of_the_list_beside_it(
    all_on: Release, site: str
) -> None:
    wanted = {str(number) for number in range(1, len(LIBRARY.joints[site].structures) + 1)}
    for text in (page(all_on, f"/joints/{site}"), sheet_of(page(all_on, "/joints"), site)):
        assert set(POINT.findall(text)) == wanted
        listed = re.search(r'<ol class="points-list">(.*?)</ol>', text, re.DOTALL)
        assert listed and listed[1].count("<li>") == len(wanted)


@pytest.mark.parametrize("site", SITES)
def test_every_drawing_says_in_words_what_it_shows(all_on: Release, site: str) -> None:
    text = page(all_on, f"/joints/{site}")
    spoken = re.findall(r'<svg class="drawing__picture"[^>]*role="img" aria-label="([^"]+)"', text)
    assert len(spoken) == 2
    assert len(spoken[0].split()) > 15
    for number, line in enumerate(LIBRARY.joints[site].structures, start=1):
        assert f"{number}: {line.words()}" in spoken[1]


def test_every_joint_is_drawn_in_the_colours_of_the_theme_and_small(all_on: Release) -> None:
    sprite = all_on.assets["img/joints.svg"].body.decode()
    assert set(re.findall(r'<symbol id="(\w+)"', sprite)) == set(SITES)
    assert not HEX_COLOUR.search(sprite)
    assert len(gzip.compress(sprite.encode(), 9)) < 8_500
    text = (PROJECT_ROOT / "templates/public/_body.html").read_text()
    assert not HEX_COLOUR.search(text)
    assert len(gzip.compress(text.encode(), 9)) < 5_000


def test_the_list_offers_what_the_body_offers_right_and_left_in_words(all_on: Release) -> None:
    text = page(all_on, "/joints")
    on_the_body = {(href, name) for href, name in SPOT.findall(text)}
    rows = "".join(ROW.findall(text))
    for href, name in on_the_body:
        assert f'href="{href}"' in rows
        assert f'aria-label="{name}"' in rows or f">{name}</a>" in rows
    for site, joint in LIBRARY.joints.items():
        sides = ("right", "left") if joint.has_side else (None,)
        for side in sides:
            href = f"/joints/{site}#{side}" if side else f"/joints/{site}"
            assert href in {address for address, _ in on_the_body}
    named = dict(on_the_body)
    assert named["/joints/knee#right"] == "Right knee"


def test_the_right_side_is_the_persons_own_from_the_front_and_from_the_back(
    all_on: Release,
) -> None:
    front, back = page(all_on, "/joints").split('data-body="back"')
    where = r'data-site="elbow" data-side="{}"[^>]*><circle class="spot__area" cx="(-?[\d.]+)"'
    for text, right_is in ((front, -1), (back, 1)):
        for side, sign in (("right", right_is), ("left", -right_is)):
            found = re.search(where.format(side), text)
            assert found and float(found[1]) * sign > 0


@pytest.mark.parametrize("address", ["/aftercare", *(f"/aftercare/{site}" for site in SITES)])
def test_paper_has_the_numbers_and_the_way_back_to_the_page(all_on: Release, address: str) -> None:
    text = page(all_on, address)
    paper = re.search(r'<div class="paper print-only">.*?</figure>', text, re.DOTALL)
    assert paper
    for number in ("020 7946 0102", "020 7946 0199", "999"):
        assert number in paper[0]
    assert f'<path d="{draw_qr(PUBLIC_URL + address).path}"/>' in paper[0]
    assert f"aftercare.example.org<wbr>{address}" in paper[0]


def test_a_qr_code_holds_what_it_was_given_and_nothing_else() -> None:
    text = f"{PUBLIC_URL}/aftercare/low_back_si"
    drawn = draw_qr(text)
    wanted = [list(row) for row in segno.make_qr(text, error="m").matrix_iter(border=QUIET_BORDER)]
    assert drawn.size == len(wanted)
    seen = [[0] * drawn.size for _ in wanted]
    x = y = 0
    for command, first, second in STROKE.findall(drawn.path):
        if command == "M":
            x, y = int(first), int(float(second))
            continue
        length = int(first)
        if command == "h":
            seen[y][x : x + length] = [1] * length
        x += length
    assert seen == wanted


def test_a_clinic_without_numbers_leaves_a_line_to_write_on(house: House) -> None:
    bare = {**SNAPSHOT, "phone": {"number": "", "is_tested": False}, "out_of_hours": None}
    house.words = PrintedWords(snapshot=bare, sites=frozenset({"knee"}))
    text = page(house.release(), "/aftercare/knee")
    for who in ("clinic", "out_of_hours"):
        assert re.search(rf'data-print-tel="{who}">_+</dd>', text)
    assert 'data-print-tel="emergency">999</dd>' in text


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("/joints/nose", "We have no page for that joint"),
        ("/aftercare/nose", "We have no page for that joint"),
        ("/joints/neck", "Your clinic does not treat this joint in this app."),
        ("/joints/%3Cscript%3E", "We have no page for that joint"),
    ],
)
def test_an_address_of_no_joint_is_answered_kindly(
    client: FlaskClient, address: str, says: str
) -> None:
    answer = client.get(address, headers={"Accept": "text/html"})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 404
    assert says in text
    assert 'href="/joints"' in text
    assert 'href="/when-to-call"' in text
    assert "<script>" not in text


def test_a_page_fetches_no_drawing_that_it_does_not_show(all_on: Release) -> None:
    for address, file in all_on.pages.items():
        text = file.body.decode()
        assert "icons.svg" not in text, address
        shown = set(re.findall(r"img/joints(?:/\w+)?\.svg#(\w+)", text))
        of_all = "img/joints.svg#" in text
        assert of_all == (len(shown) > 1), address
    assert all_on.asset("img/joints/knee.svg") in page(all_on, "/joints/knee")


def test_each_joint_by_itself_is_drawn_as_among_the_others(all_on: Release) -> None:
    sprite = all_on.assets["img/joints.svg"].body.decode()
    for site in SITES:
        alone = all_on.assets[f"img/joints/{site}.svg"].body.decode()
        assert re.findall(r'<symbol id="(\w+)"', alone) == [site]
        (drawn,) = re.findall(r"<symbol.*</symbol>", alone)
        assert drawn in sprite
        assert all_on.asset(f"img/joints/{site}.svg") in all_on.kept
