"""A patient's own phone after the clinic erased the record: at its next contact every copy goes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from pwa.database import writing
from pwa.exchange import erasure
from pwa.exchange.tombstones import Tombstones
from tests.browser.chromium import PHONE
from tests.browser.driving import wait_until
from tests.browser.patient_world import Clinic, save, sign_in

ROWS = """async () => {
  const open = indexedDB.open("prolo-aftercare");
  const database = await new Promise((done) => { open.onsuccess = () => done(open.result); });
  const found = {};
  for (const name of database.objectStoreNames) {
    const asked = database.transaction(name).objectStore(name).getAll();
    found[name] = await new Promise((done) => { asked.onsuccess = () => done(asked.result); });
  }
  database.close();
  return Object.fromEntries(Object.entries(found)
    .map(([name, rows]) => [name, rows.map((row) => JSON.stringify(row))]));
}"""
BEGIN_A_DRAFT = """async () => {
  const { assets } = document.documentElement.dataset;
  const { openPhone } = await import(`${assets}/js/phone.js`);
  const phone = await openPhone({ assets });
  await phone.keepDraft("check-in", { answers: { note: "half of a thought" } });
  phone.close();
}"""
CONTACT = """async () => {
  const { assets } = document.documentElement.dataset;
  const { openPhone } = await import(`${assets}/js/phone.js`);
  const phone = await openPhone({ assets });
  const { waiting } = await phone.sendNow();
  phone.close();
  return waiting.count;
}"""
SHOWN = """async () => {
  const { assets } = document.documentElement.dataset;
  const { openPhone } = await import(`${assets}/js/phone.js`);
  const phone = await openPhone({ assets });
  const shown = { name: phone.account().display_name, treatments: phone.treatments().length,
    check_ins: phone.checkIns().length, draft: await phone.draft("check-in") };
  phone.close();
  return shown;
}"""
OF_THE_PERSON = ("events", "record", "drafts")


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    clinic = Clinic(tmp_path / "instance")
    yield clinic
    clinic.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A phone without the worker, which keeps nothing of a person."""
    context = browser.new_context(**PHONE, locale="en-GB")
    context.add_init_script("delete Navigator.prototype.serviceWorker")
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def erase(clinic: Clinic, patient_id: str) -> None:
    with clinic.app.app_context(), writing():
        erasure.erase(
            actor=clinic.doctor,
            patient_id=patient_id,
            stones=Tombstones(clinic.app.extensions["settings"].instance_path),
            at=datetime.now(UTC),
        )


@pytest.mark.fault(109)
def test_a_phone_lets_go_of_everything_once_the_record_is_erased(
    clinic: Clinic, page: Page
) -> None:
    patient = clinic.patient()
    sign_in(page, clinic, patient)
    save(page, {"kind": "start"}, {"answers": {"note": "brassica thunder"}})
    clinic.stop()
    save(page, {"answers": {"note": "not sent yet"}, "stays": True})
    page.evaluate(BEGIN_A_DRAFT)
    before = page.evaluate(ROWS)
    assert {name: len(before[name]) > 0 for name in OF_THE_PERSON} == dict.fromkeys(
        OF_THE_PERSON, True
    )
    shown = page.evaluate(SHOWN)
    assert (shown["name"], shown["treatments"], shown["check_ins"]) == (patient.name, 1, 2)
    assert shown["draft"]["answers"]["note"] == "half of a thought"

    erase(clinic, patient.account_id)
    clinic.start()
    contacts = 0
    while page.evaluate(CONTACT) > 0:
        contacts += 1
        assert contacts < 5, "the phone never hears of it"
    after = page.evaluate(ROWS)
    of_the_clinic = '"name":"clinic_seen"'  # which of the clinic's numbers the screen has shown
    after["drafts"] = [row for row in after["drafts"] if of_the_clinic not in row]
    assert {name: after[name] for name in OF_THE_PERSON} == {name: [] for name in OF_THE_PERSON}
    everything = "".join("".join(rows) for rows in after.values())
    for words in (patient.name, patient.username, "brassica", "not sent yet", "half of a thought"):
        assert words not in everything, words
    assert clinic.events(patient) == []

    page.goto(f"{clinic.origin}/")  # the app opens and asks who it is
    wait_until(page, f"() => ({SHOWN})().then(({{ name }}) => name === '')")
    assert page.evaluate(SHOWN) == {"name": "", "treatments": 0, "check_ins": 0, "draft": None}
    page.goto(f"{clinic.origin}/check-ins")
    page.locator("main h1").first.wait_for()
    expect(page.locator("main")).not_to_contain_text(patient.name)
