"""A release is whole, named by what is in it, and refers to nothing outside of itself."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from pwa.shell.assets import FOR_MEMBERS, ReleaseError
from pwa.shell.release import KEPT_RELEASES, PrintedWords, Release, read_older_asset
from tests.shell.house import ONE_CLINIC, SNAPSHOT, House, Library


def without_demo(house: House) -> None:
    house.set(is_demo=not house.settings.is_demo)


def other_number(house: House) -> None:
    house.set(emergency_number="000")


def other_guidance(house: House) -> None:
    house.library = Library(language="cy")


def clinic_named(house: House) -> None:
    house.words = ONE_CLINIC


def joint_off(house: House) -> None:
    house.words = PrintedWords(sites=frozenset({"knee"}))


def edit(name: str, change: Callable[[str], str]) -> Callable[[House], None]:
    def act(house: House) -> None:
        house.change(name, change)

    return act


def image_changed(house: House) -> None:
    path = house.static / "img" / "icon-192.png"
    path.write_bytes(path.read_bytes() + b"\0")


CHANGES = {
    "a style": edit("static/css/base.css", lambda text: text + "\n.new{color:red}\n"),
    "a module": edit("static/js/main.js", lambda text: text + "\nwindow.isNew = true;\n"),
    "the worker": edit("static/js/sw/worker.js", lambda text: text + "\nself.isNew = true;\n"),
    "a page": edit("templates/public/offline.html", lambda text: text.replace("<h1", "<h1 id=n")),
    "an image": image_changed,
    "the guidance": other_guidance,
    "the clinic's words": clinic_named,
    "the joints that are on": joint_off,
    "the demo banner": without_demo,
    "the emergency number": other_number,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_to_anything_the_phone_receives_makes_another_release(
    house: House, release: Release, change: Callable[[House], None]
) -> None:
    change(house)
    assert house.release().id != release.id


def test_a_change_to_how_copies_differ_makes_another_release(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same address for ever must never hold another copy."""
    before = house.release()
    monkeypatch.setattr("pwa.shell.release.as_kept", lambda page: page + "<!-- -->")
    assert house.release().id != before.id


def test_a_clinics_other_phone_number_makes_another_release(house: House) -> None:
    house.words = ONE_CLINIC
    before = house.release().id
    phone = {"number": "020 7946 0555", "is_tested": True}
    house.words = replace(ONE_CLINIC, snapshot={**SNAPSHOT, "phone": phone})
    assert house.release().id != before


def test_a_clinic_alone_prints_its_own_days_where_the_text_names_one(house: House) -> None:
    def knee(days: dict[str, dict[str, int]]) -> str:
        house.words = replace(ONE_CLINIC, snapshot={**SNAPSHOT, "activity_days": days})
        return house.release().pages["/aftercare/knee"].body.decode()

    ask = "Ask your clinic before you run"
    draft = knee({"hip": {"sport": 3}})
    assert "No running or kneeling until day 14. Our draft: your clinic sets it." in draft
    assert ask in draft
    own = knee({"knee": {"sport": 10}})
    assert "No running or kneeling until day 10. This is your clinic&#39;s rule." in own
    assert 'data-until="No running or kneeling until day {day}."' in own
    assert "No heavy work until day 14. Our draft" in own
    assert ask not in own
    assert "No running or kneeling" not in knee({"knee": {"sport": 0}})


def test_what_the_phone_does_not_receive_makes_no_new_release(
    house: House, release: Release
) -> None:
    house.change("static/js/main.js", lambda text: "/* a remark */\n" + text)
    for path in house.root.rglob("*.html"):
        os.utime(path, (1, 1))
    assert house.release().id == release.id


def test_every_address_of_an_asset_carries_the_id_of_its_release(release: Release) -> None:
    for address, page in release.pages.items():
        named = set(re.findall(r"/assets/([^/\"']+)", page.body.decode()))
        assert named == {release.id}, address
        assert f'data-release="{release.id}"' in page.body.decode(), address


def test_no_file_of_a_release_holds_an_absolute_static_path(release: Release) -> None:
    everything = {**release.pages, **release.assets, "/sw.js": release.worker}
    assert [name for name, file in everything.items() if b"/static/" in file.body] == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('import "/static/js/phone.js";', "not a relative address"),
        ('import "left-pad";', "not a relative address"),
        ('import "https://example.org/x.js";', "not a relative address"),
        ('import "../../secret.js";', "not in the release"),
        ('import { x } from "./nowhere.js";', "not in the release"),
        ('export * from "./nowhere.js";', "not in the release"),
        ('const load = () => import("./nowhere.js");', "not in the release"),
        ('const load = (name) => import("./" + name);', "needs a literal address"),
        ("const load = (name) => import(name);", "needs a literal address"),
    ],
)
def test_an_import_that_leaves_the_release_stops_the_start_and_is_named(
    house: House, line: str, reason: str
) -> None:
    house.change("static/js/main.js", lambda text: text + "\n" + line + "\n")
    with pytest.raises(ReleaseError, match=rf"js/main\.js: .*{reason}"):
        house.release()
    assert list(house.out.iterdir()) == []


def test_a_style_that_shows_a_missing_image_stops_the_start(house: House) -> None:
    house.change("static/css/base.css", lambda text: text + "\n.x{background:url(../img/no.svg)}")
    with pytest.raises(ReleaseError, match=r"css/app\.css: '\.\./img/no\.svg'"):
        house.release()


def test_a_missing_page_stops_the_start_and_is_named(house: House) -> None:
    (house.templates / "public" / "offline.html").unlink()
    with pytest.raises(ReleaseError, match=r"public/offline\.html is missing"):
        house.release()


def test_the_phone_keeps_exactly_what_its_pages_need(release: Release) -> None:
    words = [release.asset(f"guidance/en{part}.json") for part in ("", ".phrases")]
    needed = {"/manifest.webmanifest", *words, *release.pages}
    waiting = list(release.pages)
    seen: set[str] = set()
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        found = loads_of(address, release)
        needed |= found
        waiting.extend(found)
    assert set(release.kept) == needed
    assert len(release.kept) == len(needed)


def test_what_only_a_clinician_or_a_shop_window_needs_is_not_kept_on_the_phone(
    house: House,
) -> None:
    clinic = house.static / "js" / "clinic"
    clinic.mkdir(exist_ok=True)
    (clinic / "only_here.js").write_text("export const isHere = true;\n")
    release = house.release()
    assert "js/clinic/only_here.js" in release.assets
    assert [one for one in release.kept if "/js/clinic/" in one or "screenshot" in one] == []


def test_a_page_loads_its_own_modules_ahead_and_no_other_pages(release: Release) -> None:
    modules = release.preloads["check_in"]
    assert modules[0] == release.asset("js/main.js")
    assert release.asset("js/pages/check_in.js") in modules
    assert release.asset("js/pages/today.js") not in modules
    assert release.asset("js/outbox/sending.js") not in modules
    assert release.asset("js/check_in/wizard.js") in modules
    assert len(set(modules)) == len(modules)


def test_a_strangers_first_page_loads_no_module_that_only_members_need(release: Release) -> None:
    said = re.search(
        r"FOR_MEMBERS=new Set\(\[(.*?)\]\)", release.assets["js/main.js"].body.decode()
    )
    assert said is not None
    assert set(re.findall(r'"(\w+)"', said[1])) == FOR_MEMBERS
    for page in FOR_MEMBERS:
        assert release.asset(f"js/pages/{page}.js") not in release.preloads[page]
    assert release.asset("js/phone.js") in release.preloads["today"]


def test_several_processes_that_make_it_at_once_leave_one_whole_release(house: House) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: house.release(), range(8)))
    release = made[0]
    assert {one.id for one in made} == {release.id}
    assert [path.name for path in house.out.iterdir()] == [release.id]
    for name, file in release.assets.items():
        assert (house.out / release.id / name).read_bytes() == file.body, name


def test_an_earlier_release_is_still_read_from_disk(house: House) -> None:
    old = house.release()
    house.change("static/js/main.js", lambda text: text + "\nwindow.isNew = true;\n")
    new = house.release()
    assert read_older_asset(house.out, old.id, "js/main.js") == old.assets["js/main.js"]
    assert read_older_asset(house.out, new.id, "js/main.js") == new.assets["js/main.js"]


@pytest.mark.parametrize(
    "path", ["../../secret_key", "js/../../../secret_key", "/etc/passwd", "js", "", "js/none.js"]
)
def test_nothing_but_a_releases_own_files_can_be_read(
    untouched: House, release: Release, path: str
) -> None:
    assert read_older_asset(untouched.out, release.id, path) is None
    assert read_older_asset(untouched.out, "..", path) is None


def test_only_the_newest_releases_stay_on_disk(house: House) -> None:
    house.out.mkdir(parents=True)
    for number in range(KEPT_RELEASES + 5):
        old = house.out / f"{number:016x}"
        old.mkdir()
        os.utime(old, (number, number))
    release = house.release()
    names = sorted(path.name for path in house.out.iterdir())
    assert len(names) == KEPT_RELEASES
    assert release.id in names
    assert f"{0:016x}" not in names


class Loads(HTMLParser):
    """Collects what a browser fetches for a page by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        address = given.get("src") or (given.get("href") if tag in ("link", "use") else None)
        address = (address or "").partition("#")[0]  # what stands on the page itself is there
        if address and given.get("rel") != "apple-touch-icon":
            self.found.add(address)


def loads_of(address: str, release: Release) -> set[str]:
    """What this file makes a browser fetch, by another reading than the shell's own."""
    if address in release.pages:
        reader = Loads()
        reader.feed(release.pages[address].body.decode())
        return reader.found
    name = address.removeprefix(f"/assets/{release.id}/")
    if name == address or not name.endswith((".js", ".css")):
        return set()
    text = release.assets[name].body.decode()
    if name.endswith(".css"):
        relative = re.findall(r"url\(['\"]?([^'\")#]+)", text)
    else:
        relative = re.findall(r"""(?:from|import|import\()\s*["'](\.[^"']+)["']""", text)
        pictures = {one for one in release.assets if one.startswith("img/") and one in text}
        relative += [posixpath.relpath(one, posixpath.dirname(name)) for one in pictures]
    here = posixpath.dirname(address)
    return {posixpath.normpath(posixpath.join(here, one)) for one in relative}
