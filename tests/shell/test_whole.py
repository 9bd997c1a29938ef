"""The whole release in one answer is the release, neither more nor less."""

from __future__ import annotations

import json
import re

import brotli
from flask.testing import FlaskClient

from pwa.shell.release import Release
from pwa.shell.whole import PAGE, as_kept, unpack

WHOLE_BYTES = 250_000


def test_everything_that_a_phone_keeps_stands_in_one_answer_as_it_is_served(
    client: FlaskClient, release: Release
) -> None:
    answer = client.get(release.asset("whole.json"))
    whole = answer.json
    assert whole is not None
    assert whole["release"] == answer.headers["X-Release"] == release.id
    assert set(whole["files"]) == set(release.kept)
    texts = unpack(whole)
    for address, file in whole["files"].items():
        alone = client.get(address)
        text = alone.get_data(as_text=True)
        kept = as_kept(text) if file["type"] == PAGE else text
        assert (file["type"], texts[address]) == (alone.content_type, kept), address


def test_a_page_asks_for_modules_ahead_only_on_its_way_over_a_network(release: Release) -> None:
    texts = unpack(json.loads(release.assets["whole.json"].body))
    for address, page in release.pages.items():
        ahead = re.findall(r'rel="modulepreload" href="([^"]+)"', page.body.decode())
        assert release.asset("js/phone.js") in ahead, address
        assert "modulepreload" not in texts[address]


def test_only_a_copy_on_a_phone_says_that_it_is_one(release: Release) -> None:
    texts = unpack(json.loads(release.assets["whole.json"].body))
    for address, page in release.pages.items():
        assert "data-is-copy" not in page.body.decode(), address
        assert re.search(r"<html data-is-copy [^>]*lang=", texts[address]), address


def test_the_headers_of_safety_are_those_of_every_file_in_it(
    client: FlaskClient, release: Release
) -> None:
    """The worker gives each file the headers of the answer in which it came."""

    def safety(address: str) -> dict[str, str]:
        names = ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy")
        headers = client.get(address).headers
        return {name: headers[name] for name in names}

    expected = safety(release.asset("whole.json"))
    for address in release.kept:
        assert safety(address) == expected, address


def test_a_line_of_many_files_comes_once(release: Release) -> None:
    lines = json.loads(release.assets["whole.json"].body)["lines"]
    assert len(lines) == len(set(lines))
    phrases = release.assets["guidance/en.phrases.json"].body.decode()
    assert phrases in lines
    assert phrases in release.assets["guidance/en.json"].body.decode()


def test_the_whole_release_stays_under_its_bar(release: Release) -> None:
    whole = release.assets["whole.json"]
    assert whole.brotlied is not None
    assert json.loads(brotli.decompress(whole.brotlied)) == json.loads(whole.body)
    assert whole.gzipped is not None
    assert max(len(whole.brotlied), len(whole.gzipped)) <= WHOLE_BYTES
