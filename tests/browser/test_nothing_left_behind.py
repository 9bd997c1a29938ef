"""What is left of a person when the phone is put down: on its disk, at the clinic's desk, in the
server's logs, for whoever picks the phone up next, and for the person when they come back.

One clinic, real phones, and texts that nobody else writes. How a box is sealed is in
test_sealing.py; what one sender makes of one answer is in test_sender.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from pwa.accounts.keys import KeyRing
from tests.browser.chromium import PHONE, Chromium
from tests.browser.driving import (
    CALM,
    CALM_WORDS,
    answer,
    fill_in_sign_in,
    heading,
    open_phone,
    option,
    phone,
    sign_in,
    wait_for_worker,
    wait_until_taps_count,
)
from tests.browser.patient_world import SAVE
from tests.browser.phone_harness.browser import kill_browser_of
from tests.browser.real_server import RealServer, make_demo
from tests.browser.test_journey import JOINTS, ON_PHONE, ON_SERVER, answer_start
from tests.faults.sending import stored_ids
from tests.tally import Tally

pytestmark = pytest.mark.browser

# Every text begins with a word of its own: a browser packs what repeats.
SYMPTOMS = {
    "saved": "zephyrous throbbing at the kneecap",
    "corrected": "quixotic burning below the joint",
    "draft": "vespertine tingling, half told",
}
REMARK = "obstreperous swelling, rang her back"
NAME = "Hyacinthe Quillfeather"
IDENTIFIER = "MRN-77481-X"
NUMBER = "07700 900758"
USERNAME = "brambletoes"
PASSWORD = "seven purple yaks juggle quietly"
MISTYPED = "eleven orange yaks juggle loudly"
NEW_PASSWORD = "ninety green emus whistle softly"
CONTROLS = {"store": "findable-in-a-store", "database": "findable-in-a-database"}
PAGES = (
    "/",
    "/aftercare",
    "/joints",
    "/prolotherapy",
    "/when-to-call",
    "/sources",
    *(f"/{part}/{joint}" for joint in JOINTS for part in ("joints", "aftercare")),
    "/check-ins",
    "/recovery",
    "/you",
)
MEANT_TO_HOLD_IT = re.compile(r"aftercare\.sqlite3|demo\.json$|^master_keys/")

# Ben's joint is a shoulder, and what he withdraws has no answers.
SAVE_AT_THE_SHOULDER = (
    SAVE.replace(", calf: false", "")
    .replace('"start" ? flags :', '"start" ? flags : kind === "retract" ? {} :')
    .replace('verdict: kind === "start"', 'verdict: ["start", "retract"].includes(kind)')
)
PLANT_CONTROLS = """async ([store, words]) => {
  localStorage.setItem("control", store);
  const opening = indexedDB.open("control", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("rows");
  const database = await new Promise((done) => { opening.onsuccess = () => done(opening.result); });
  const transaction = database.transaction("rows", "readwrite");
  transaction.objectStore("rows").put({ words }, 1);
  await new Promise((done) => { transaction.oncomplete = done; });
  database.close();
}"""
# Everything that script can read on this phone, as text: bytes as characters, Blobs opened.
DUMP = """async () => {
  const asText = async (value) => {
    if (value instanceof Blob) return asText(new Uint8Array(await value.arrayBuffer()));
    if (value instanceof ArrayBuffer) return asText(new Uint8Array(value));
    if (ArrayBuffer.isView(value)) return String.fromCharCode(...value);
    if (value instanceof Date) return value.toISOString();
    if (Array.isArray(value)) return (await Promise.all(value.map(asText))).join("\\n");
    if (value instanceof CryptoKey) return "a key";
    if (value === null || typeof value !== "object") return String(value);
    return asText(Object.entries(value).flat());
  };
  const found = [asText({ ...localStorage }), asText({ ...sessionStorage }), document.cookie,
    location.href, JSON.stringify(history.state), document.documentElement.outerHTML];
  const stores = {};
  for (const { name } of await indexedDB.databases()) {
    const opening = indexedDB.open(name);
    const database = await new Promise((done) => {
      opening.onsuccess = () => done(opening.result);
    });
    for (const store of database.objectStoreNames) {
      const asked = database.transaction(store).objectStore(store).getAll();
      const rows = await new Promise((done) => { asked.onsuccess = () => done(asked.result); });
      stores[store] = rows.length;
      found.push(asText(rows));
    }
    database.close();
  }
  const kept = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      kept.push(new URL(request.url).pathname + new URL(request.url).search);
      found.push((await cache.match(request)).text());
    }
  }
  return { text: (await Promise.all(found)).join("\\n"), stores, kept };
}"""
FILES_OF_THE_WORKER = """async () => {
  const script = await (await fetch("/sw.js")).text();
  return JSON.parse(script.match(/FILES=(\\[[^\\]]*\\])/)[1]);
}"""
WHOSE_KEY = """async () => {
  const opening = indexedDB.open("prolo-aftercare");
  const database = await new Promise((done) => { opening.onsuccess = () => done(opening.result); });
  const asked = database.transaction("keys").objectStore("keys").getAll();
  const [{ kid, device_id, owner }] = await new Promise((done) => {
    asked.onsuccess = () => done(asked.result);
  });
  database.close();
  return { kid, device_id, owner };
}"""
# Until what was typed last is in the draft on disk; each letter is sealed and written in its turn.
DRAFT_HOLDS = """async (text) => {
  const { assets } = document.documentElement.dataset;
  const { openPhone } = await import(`${assets}/js/phone.js`);
  const phone = await openPhone({ assets });
  while (!JSON.stringify(await phone.draft("check_in")).includes(text)) {
    await new Promise((done) => { setTimeout(done, 20); });
  }
  phone.close();
}"""
# Contact with the clinic until nothing is left to do; then everything that the screens show.
SETTLED = """async () => {
  const { assets } = document.documentElement.dataset;
  const { openPhone } = await import(`${assets}/js/phone.js`);
  const phone = await openPhone({ assets });
  for (let turn = 0; turn < 20; turn += 1) {
    const { result, waiting } = await phone.sendNow();
    if (["sent", "nothing-to-send"].includes(result) && waiting.count === 0) break;
  }
  const shown = phone.checkIns().map((one) => ({
    event_id: one.event_id, state: one.state, answers: one.answers, seq: one.seq,
    is_retracted: one.is_retracted, has_several_amendments: one.has_several_amendments,
    versions: one.versions.map(({ event }) => event.event_id),
  }));
  const waiting = phone.waiting();
  phone.close();
  return { shown, count: waiting.count, rejected: waiting.rejected };
}"""


@dataclass
class Phone:
    """One browser whose profile stays on disk, killed and opened again in the course of a test."""

    playwright: Playwright
    chromium: Chromium
    profile: Path
    url: str
    context: BrowserContext | None = None

    def open(self) -> Page:
        """Take it up."""
        self.context = open_phone(self.playwright, self.chromium, self.profile, self.url)
        return self.context.pages[0]

    def put_down(self) -> None:
        """Close the browser as a person does."""
        assert self.context is not None
        self.context.close()
        self.context = None

    def kill(self) -> None:
        """SIGKILL: nothing is tidied."""
        assert self.context is not None
        with self.context.expect_event("close"):
            kill_browser_of(self.profile)
        self.context = None

    def holds(self, texts: list[str], *secrets: bytes) -> set[tuple[str, str]]:
        """Which of these stand on its disk, and in which file."""
        return found_in(self.profile, texts, *secrets)


@dataclass
class Tour:
    """A clinic, and what was looked at and found while somebody used everything it has."""

    server: RealServer
    code: str = ""
    key: bytes = b""
    on_disk: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    controls: dict[str, set[str]] = field(default_factory=dict)
    asked_of_the_browser: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    readable: str = ""


def found_in(folder: Path, texts: list[str], *secrets: bytes) -> set[tuple[str, str]]:
    """Which texts (as UTF-8 or UTF-16) and bytes stand in which file of a folder."""
    needles = [(text, text.encode(code)) for text in texts for code in ("utf-8", "utf-16-le")]
    needles += [("a key", secret) for secret in secrets]
    found = set()
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            name = path.relative_to(folder).as_posix()
            found |= {(text, name) for text, needle in needles if needle in content}
    return found


def visit_all(page: Page) -> None:
    """Every page that a patient can open."""
    for address in PAGES:
        page.goto(address)
        expect(page.locator("main h1").first).to_be_visible()


def to_the_note(page: Page, address: str = "/check-in") -> None:
    """Answer everything calmly up to the last screen, which asks for a note."""
    page.goto(address)
    expect(page.locator("[data-loading]")).to_have_count(0)
    while not page.locator("#note").count():
        title = heading(page)
        if title.startswith("Correct your answers"):
            wait_until_taps_count(page)
            page.locator("main [data-next]").click()
            expect(page.locator("main h1").first).not_to_have_text(title)
        else:
            words = CALM.get(title) or next(
                word for word in CALM_WORDS if option(page, word).count()
            )
            answer(page, words)


def type_note(page: Page, text: str) -> None:
    """Letter by letter, as a person does."""
    page.locator("#note").fill("")
    page.locator("#note").press_sequentially(text)


def save_note(page: Page, text: str) -> None:
    type_note(page, text)
    wait_until_taps_count(page)
    page.locator("[data-save]").click()
    page.locator("[data-level]").wait_for()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """One demo clinic for this file."""
    running = RealServer(make_demo(tmp_path_factory.mktemp("clinic") / "instance")).start()
    yield running
    running.stop()


def invited(clinician: Page) -> str:
    """Add the patient of the tour; returns the code on the card."""
    clinician.goto("/clinic/patients/new")
    clinician.get_by_label("Name or initials").fill(NAME)
    clinician.get_by_label("Second identifier").fill(IDENTIFIER)
    clinician.get_by_label("Phone number").fill(NUMBER)
    clinician.get_by_label("Joint").select_option("knee")
    clinician.get_by_label("Side").select_option("right")
    day = clinician.evaluate("() => new Date(Date.now() - 3 * 86400000).toISOString().slice(0, 10)")
    clinician.get_by_label("Day of the injections").fill(day)
    clinician.locator("main form button").last.click()
    return clinician.locator("[data-code]").first.inner_text()


def joined(page: Page, code: str) -> None:
    """Join with the code and answer the start questions."""
    page.goto(f"/join#{code}")
    page.locator("#join-make [name=username]").fill(USERNAME)
    page.locator("#join-make [name=password]").fill(PASSWORD)
    page.locator("#join-make [data-submit]").click()
    page.wait_for_url("**/start")
    wait_for_worker(page)
    page.evaluate(PLANT_CONTROLS, list(CONTROLS.values()))
    answer_start(page)


def seen_at_the_desk(clinician: Page) -> None:
    """Find her, read her note, leave a remark half way, and one that is sent."""
    clinician.goto("/clinic")
    row = clinician.locator("[data-patient]", has_text=NAME)
    row.locator("[data-open]").click()
    expect(row).to_contain_text(SYMPTOMS["corrected"])
    row.locator("textarea[name=note]").press_sequentially(REMARK)


def read_at_the_desk(clinician: Page) -> None:
    row = clinician.locator("[data-patient]", has_text=NAME)
    row.get_by_role("button", name="Mark all 2 as read").click()
    expect(clinician.get_by_role("button", name="Undo")).to_be_visible()
    clinician.goto("/clinic/patients")
    clinician.get_by_role("link", name=NAME).click()
    expect(clinician.locator("main")).to_contain_text(SYMPTOMS["saved"])
    clinician.get_by_role("button", name="Sign out").first.click()
    clinician.wait_for_url("**/sign-in*")


@pytest.fixture(scope="module")
def tour(
    server: RealServer,
    chromium: Chromium,
    playwright_driver: Playwright,
    tmp_path_factory: pytest.TempPathFactory,
    tally: Tally,
) -> Tour:
    """Everything that a patient and a clinician do, with the browser killed twice on the way."""
    tour = Tour(server)
    folder = tmp_path_factory.mktemp("profiles")
    own = Phone(playwright_driver, chromium, folder / "phone", server.url)
    wide: dict[str, Any] = {
        "is_mobile": False,
        "has_touch": False,
        "viewport": {"width": 1280, "height": 900},
    }
    symptoms = list(SYMPTOMS.values())
    with phone(playwright_driver, chromium, folder / "desk", server.url, **wide) as clinician:
        sign_in(clinician, server.people["clinician"])
        tour.code = invited(clinician)

        page = own.open()
        joined(page, tour.code)
        own.put_down()

        page = own.open()
        server.stop()
        to_the_note(page)
        save_note(page, SYMPTOMS["saved"])
        own.kill()
        tally.fault(2)

        page = own.open()
        page.goto("/check-ins")
        expect(page.locator("main")).to_contain_text(ON_PHONE)
        server.start()
        page.reload()
        expect(page.locator("main")).to_contain_text(ON_SERVER)
        correct = page.get_by_role("link", name="Correct").get_attribute("href")
        assert correct is not None
        to_the_note(page, correct)
        save_note(page, SYMPTOMS["corrected"])
        page.goto("/check-ins")
        expect(page.locator("main")).to_contain_text("You corrected this one.")
        seen_at_the_desk(clinician)
        to_the_note(page)
        type_note(page, SYMPTOMS["draft"])
        page.evaluate(DRAFT_HOLDS, SYMPTOMS["draft"])
        note, remark = page.locator("#note"), clinician.locator("form.review textarea").first
        tour.asked_of_the_browser = [
            one.evaluate("(field) => field.form.autocomplete") for one in (note, remark)
        ]
        visit_all(page)
        page.goto("/check-in")
        expect(page.locator("#note")).to_have_value(SYMPTOMS["draft"])
        tour.on_disk["a draft on screen"] = own.holds(symptoms)
        tour.on_disk["a remark on screen"] = found_in(folder / "desk", [*symptoms, REMARK])
        own.kill()
        tally.fault()
        tour.on_disk["killed in mid-draft"] = own.holds(symptoms)

        page = own.open()
        page.goto("/check-in")
        expect(page.locator("#note")).to_have_value(SYMPTOMS["draft"])
        read_at_the_desk(clinician)
        page.goto("/check-ins")
        page.get_by_role("button", name="Withdraw").click()
        page.get_by_role("dialog").get_by_role("button").first.click()
        expect(page.locator("main")).to_contain_text("You withdrew this one.")
        page.goto("/sign-in")
        fill_in_sign_in(page, {"username": USERNAME, "password": MISTYPED})
        expect(page.locator("[data-form-error]")).to_contain_text("do not match")
        whose = page.evaluate(WHOSE_KEY)
        ring = KeyRing(server.instance / "master_keys")
        about = f"outbox|{whose['owner']}"
        tour.key = ring.derive(whose["kid"], salt=whose["device_id"], info=about)
        tour.files = page.evaluate(FILES_OF_THE_WORKER)
        own.put_down()
        tour.on_disk["signed in"] = own.holds(symptoms)

    page = own.open()
    page.goto("/you")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/")
    dump = page.evaluate(DUMP)
    tour.readable, tour.kept = dump["text"], dump["kept"]
    own.put_down()
    personal = [*symptoms, REMARK, NAME, IDENTIFIER, NUMBER, PASSWORD, MISTYPED]
    tour.on_disk["signed out"] = own.holds(personal, tour.key)
    tour.on_disk["at the desk"] = found_in(
        folder / "desk", [*symptoms, REMARK, PASSWORD, server.people["clinician"]["password"]]
    )
    tour.on_disk["cached answers"] = {
        (text, name)
        for profile in (own.profile, folder / "desk")
        for text, name in found_in(profile, [f"{server.url}/api/", f"{server.url}/clinic"])
        if "/Cache/" in name or "/CacheStorage/" in name
    }
    for name, text in CONTROLS.items():
        tour.controls[name] = {place for _, place in own.holds([text])}
    return tour


def check_that_no_symptom_was_on_the_phones_disk_or_the_desks(tour: Tour) -> None:
    assert tour.controls["store"] and tour.controls["database"]
    assert {state: found for state, found in tour.on_disk.items() if found} == {}


def check_that_the_fields_for_free_words_ask_the_browser_to_write_nothing_down(tour: Tour) -> None:
    """Without it Chromium has them on disk within seconds, mostly; when, is its own affair."""
    assert tour.asked_of_the_browser == ["off", "off"]


def check_that_no_script_can_read_anything_of_the_person_who_signed_out(tour: Tour) -> None:
    assert all(text in tour.readable for text in CONTROLS.values())
    personal = [*SYMPTOMS.values(), NAME, NUMBER, IDENTIFIER, USERNAME, PASSWORD, tour.code]
    assert [text for text in personal if text in tour.readable] == []
    assert tour.key.decode("latin-1") not in tour.readable


def check_that_the_caches_hold_the_releases_files_and_nothing_else(tour: Tour) -> None:
    assert tour.files
    assert sorted(tour.kept) == sorted(tour.files)


def check_that_nothing_is_in_the_servers_output_or_in_any_file_but_the_database(
    tour: Tour,
) -> None:
    spoken = "".join(tour.server.output)
    assert "Serving on" in spoken
    personal = [*SYMPTOMS.values(), REMARK, NAME, NUMBER, IDENTIFIER, USERNAME]
    secret = [PASSWORD, MISTYPED, tour.code, tour.code.replace("-", "")]
    assert [text for text in [*personal, *secret] if text in spoken] == []
    found = found_in(tour.server.instance, [*personal, *secret], tour.key)
    in_the_database = {text for text, name in found if name.startswith("aftercare.sqlite3")}
    assert in_the_database == {*SYMPTOMS.values(), REMARK, NAME, NUMBER, IDENTIFIER, USERNAME} - {
        SYMPTOMS["draft"]
    }
    assert {name for _, name in found if not MEANT_TO_HOLD_IT.search(name)} == set()


@pytest.mark.fault(69, 75, 114)
@pytest.mark.lengthy
@pytest.mark.whole
def test_whatever_was_used_nothing_of_the_person_is_left_where_it_should_not_be(
    tour: Tour,
) -> None:
    check_that_no_symptom_was_on_the_phones_disk_or_the_desks(tour)
    check_that_the_fields_for_free_words_ask_the_browser_to_write_nothing_down(tour)
    check_that_no_script_can_read_anything_of_the_person_who_signed_out(tour)
    check_that_the_caches_hold_the_releases_files_and_nothing_else(tour)
    check_that_nothing_is_in_the_servers_output_or_in_any_file_but_the_database(tour)


def change_password(browser: Browser, server: RealServer, who: dict[str, str]) -> None:
    """The person forgot it, at another device: the clinic types the number they read out."""
    origin = {"Origin": server.url}
    elsewhere, desk = (browser.new_context(base_url=server.url) for _ in range(2))
    asked = elsewhere.request.post(
        "/api/v1/reset/ask", data={"username": who["username"]}, headers=origin
    ).json()
    page = desk.new_page()
    sign_in(page, server.people["clinician"])
    page.goto("/clinic/patients")
    page.get_by_role("link", name="Ana R.").click()
    page.get_by_text("Forgotten password").click()
    page.get_by_label("The number that Ana R. reads to you").fill(asked["number"])
    page.get_by_role("button", name="Let Ana R. choose a new password").click()
    expect(page.get_by_text("Approved.")).to_be_visible()
    done = elsewhere.request.post(
        "/api/v1/reset",
        data={"secret": asked["secret"], "password": NEW_PASSWORD},
        headers=origin,
    )
    assert done.ok, done.text()
    elsewhere.close()
    desk.close()


@pytest.mark.fault(48, 63, 66, 68, 69, 70)
@pytest.mark.whole
def test_who_picks_up_the_phone_finds_nothing_and_its_owner_with_a_new_password_everything(
    server: RealServer, browser: Browser, tally: Tally
) -> None:
    ana, ben = server.people["patient"], server.people["patient_2"]
    context = browser.new_context(**PHONE, base_url=server.url)
    page = context.new_page()
    before = len(stored_ids(server.instance))
    sign_in(page, ana)
    page.evaluate(PLANT_CONTROLS, list(CONTROLS.values()))
    wait_for_worker(page)
    [sent] = page.evaluate(SAVE, [{"answers": {"note": SYMPTOMS["saved"]}}])
    context.set_offline(True)
    tally.fault()
    words = [SYMPTOMS["corrected"], SYMPTOMS["draft"]]
    unsent = page.evaluate(SAVE, [{"answers": {"note": note}} for note in words])
    devtools = context.new_cdp_session(page)
    devtools.send("ServiceWorker.enable")
    devtools.send("ServiceWorker.stopAllWorkers")
    page.goto("/you")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign out and keep them sealed on this phone").click()
    page.wait_for_url("**/")
    assert_nothing_readable(page)
    context.set_offline(False)

    sign_in(page, ben)
    for address in ("/", "/check-ins", "/you"):
        page.goto(address)
        if address != "/":
            expect(page.locator("main")).to_contain_text("2 sealed check-ins of another person")
        assert_nothing_readable(page)
    page.evaluate(SETTLED)
    assert len(stored_ids(server.instance)) == before + 1
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/")

    change_password(browser, server, ana)
    where = {"origin": server.url, "storageTypes": "cache_storage"}
    devtools.send("Storage.clearDataForOrigin", where)
    tally.fault(2)
    page.goto("/sign-in")
    fill_in_sign_in(page, ana)
    # All that the app is made of has to come again first.
    expect(page.locator("[data-form-error]")).to_contain_text("do not match", timeout=20_000)
    fill_in_sign_in(page, {**ana, "password": NEW_PASSWORD})
    page.wait_for_url("**/")
    told = page.evaluate(SETTLED)
    mine = {one["event_id"]: one for one in told["shown"] if one["event_id"] in [sent, *unsent]}
    assert [mine[one]["answers"]["note"] for one in [sent, *unsent]] == list(SYMPTOMS.values())
    assert {one["state"] for one in mine.values()} == {"on_server"}
    assert len(stored_ids(server.instance)) == before + 3
    tally.compare([sent, *unsent], stored_ids(server.instance))
    context.close()


def assert_nothing_readable(page: Page) -> None:
    """Nothing of Ana's check-ins or her name can be read on this phone."""
    dump = page.evaluate(DUMP)
    assert dump["stores"]["events"] >= 3, "what was sealed is gone"
    assert all(text in dump["text"] for text in CONTROLS.values())
    assert [one for one in [*SYMPTOMS.values(), "Ana R."] if one in dump["text"]] == []


@pytest.mark.fault(15)
def test_two_phones_of_one_person_agree_in_the_end_whichever_was_offline_when(
    server: RealServer, browser: Browser, tally: Tally
) -> None:
    ben = server.people["patient_2"]
    contexts = [browser.new_context(**PHONE, base_url=server.url) for _ in range(2)]
    first, second = (context.new_page() for context in contexts)
    for page in (first, second):
        sign_in(page, ben)
    made = []

    def save(page: Page, **row: Any) -> str:
        [event_id] = page.evaluate(SAVE_AT_THE_SHOULDER, [row])
        made.append(event_id)
        return str(event_id)

    contexts[0].set_offline(True)
    shared = save(second, answers={"pain_now": 3})
    alone = save(first, answers={"pain_now": 4})
    contexts[0].set_offline(False)
    first.evaluate(SETTLED)
    contexts[1].set_offline(True)
    save(second, kind="amend", supersedes=shared, answers={"pain_now": 5})
    save(first, kind="amend", supersedes=shared, answers={"pain_now": 6})
    save(second, answers={"pain_now": 7})
    contexts[0].set_offline(True)
    contexts[1].set_offline(False)
    save(first, kind="retract", supersedes=alone)
    second.evaluate(SETTLED)
    contexts[0].set_offline(False)
    tally.fault(3)

    first.evaluate(SETTLED)
    ends = [page.evaluate(SETTLED) for page in (second, first)]
    assert ends[0] == ends[1]
    assert (ends[0]["count"], ends[0]["rejected"]) == (0, 0)
    shown = {one["event_id"]: one for one in ends[0]["shown"]}
    assert {one["state"] for one in shown.values()} == {"on_server"}
    assert shown[shared]["has_several_amendments"] is True
    assert shown[alone]["is_retracted"] is True
    told = second.evaluate("fetch('/api/v1/changes').then((reply) => reply.json())")["changes"]
    events = [one["data"]["event"]["event_id"] for one in told if one["type"] == "check_in"]
    assert sorted(event for event in events if event in made) == sorted(made)
    tally.compare(made, stored_ids(server.instance))
    for context in contexts:
        context.close()
