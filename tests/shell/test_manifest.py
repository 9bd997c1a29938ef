"""The manifest says what a phone needs to install the app."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from flask.testing import FlaskClient

from pwa.shell.assets import ReleaseError
from pwa.shell.manifest import PNG_START, png_size
from tests.shell.house import ONE_CLINIC, House

NARROW = "img/screenshot-narrow-1.png"


def manifest_of(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/manifest.webmanifest")
    assert answer.content_type == "application/manifest+json"
    assert answer.headers["Cache-Control"] == "no-cache"
    manifest: dict[str, Any] = answer.get_json(force=True)
    return manifest


def test_the_manifest_says_all_that_makes_an_app_installable(client: FlaskClient) -> None:
    manifest = manifest_of(client)
    assert (manifest["id"], manifest["start_url"], manifest["scope"]) == ("/", "/", "/")
    assert manifest["display"] == "standalone"
    assert manifest["lang"] == "en"
    assert manifest["name"] and manifest["short_name"] and manifest["description"]


def test_each_icon_has_the_size_that_the_manifest_says(client: FlaskClient) -> None:
    icons = manifest_of(client)["icons"]
    assert {(icon["sizes"], icon["purpose"]) for icon in icons} == {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }
    for icon in icons:
        image = client.get(icon["src"])
        assert image.content_type == "image/png"
        width, height = struct.unpack(">II", image.data[16:24])
        assert f"{width}x{height}" == icon["sizes"]


def test_each_shortcut_opens_a_page(client: FlaskClient) -> None:
    shortcuts = manifest_of(client)["shortcuts"]
    assert [one["url"] for one in shortcuts] == [
        "/check-in?from=shortcut",
        "/when-to-call",
        "/aftercare",
    ]
    for one in shortcuts:
        assert client.get(one["url"]).status_code == 200


def test_a_single_clinics_name_is_on_the_app(house: House) -> None:
    house.words = ONE_CLINIC
    assert manifest_of(house.app().test_client())["name"] == "Riverside Joint Clinic: aftercare"


def test_a_screenshot_is_shown_once_it_has_been_taken(house: House) -> None:
    for path in (house.static / "img").glob("screenshot*"):
        path.unlink()
    assert "screenshots" not in manifest_of(house.app().test_client())
    taken = PNG_START + b"\0\0\0\x0dIHDR" + struct.pack(">II", 780, 1688)
    (house.static / NARROW).write_bytes(taken)
    shown = manifest_of(house.app().test_client())["screenshots"]
    assert [(one["sizes"], one["form_factor"]) for one in shown] == [("780x1688", "narrow")]


def test_the_shipped_screenshots_fit_the_install_sheet(client: FlaskClient) -> None:
    for shown in manifest_of(client).get("screenshots", []):
        width, height = png_size(shown["src"], client.get(shown["src"]).data)
        assert min(width, height) >= 320 and max(width, height) <= 3840
        assert max(width, height) <= 2.3 * min(width, height)
        assert (width < height) == (shown["form_factor"] == "narrow")


def test_a_missing_icon_stops_the_start_and_is_named(house: House) -> None:
    (house.static / "img" / "icon-192.png").unlink()
    with pytest.raises(ReleaseError, match=r"icon-192\.png is missing: run script/make-icons"):
        house.release()


def test_an_icon_that_is_no_png_stops_the_start(house: House) -> None:
    (house.static / "img" / "icon-192.png").write_bytes(b"<svg>")
    with pytest.raises(ReleaseError, match="is not a PNG"):
        house.release()
