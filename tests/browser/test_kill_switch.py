"""A release that went wrong is taken off a phone, which keeps all that a person wrote; and back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from pwa.shell import kill_switch
from tests.browser.test_worker import (  # noqa: F401 - fixtures, found here by name
    Site,
    context,
    expect_release,
    first_visit,
    site,
    stopped,
    until,
)

pytestmark = pytest.mark.browser
GONE = """async () => (await navigator.serviceWorker.getRegistrations()).length === 0
  && (await caches.keys()).every((name) => !name.startsWith("release-"))"""
WRITE = """() => new Promise((written) => {
  const asked = indexedDB.open("prolo-aftercare");
  asked.onsuccess = () => {
    const transaction = asked.result.transaction(["drafts"], "readwrite");
    transaction.objectStore("drafts").put({ owner: "ana", name: "check-in", v: 1 });
    transaction.oncomplete = () => { asked.result.close(); written(); };
  };
})"""
READ = """() => new Promise((read) => {
  const asked = indexedDB.open("prolo-aftercare");
  asked.onsuccess = () => {
    const rows = asked.result.transaction(["drafts"]).objectStore("drafts").getAll();
    rows.onsuccess = () => { asked.result.close(); read(rows.result); };
  };
})"""


@pytest.fixture
def killed(context: BrowserContext, site: Site) -> Iterator[Page]:
    """A phone in the middle of a form, whose clinic has just switched the worker off."""
    page = first_visit(context, site)
    page.evaluate(WRITE)
    page.evaluate("() => caches.open('somebody-elses')")
    page.evaluate("document.body.dataset.dirty = 'true'; window.isSamePage = true")
    kill_switch.switch_off(instance_of(site), at=datetime.now(UTC))
    # What the browser itself does whenever a page is opened, whatever our own code is able to do.
    page.evaluate("navigator.serviceWorker.getRegistration().then((one) => one.update())")
    until(page, GONE)
    yield page
    kill_switch.switch_on(instance_of(site))


def instance_of(site: Site):  # type: ignore[no-untyped-def]
    return site.house.settings.instance_path


def test_a_killed_release_goes_and_what_a_person_wrote_stays(
    killed: Page,
    site: Site,
) -> None:
    assert killed.evaluate("window.isSamePage") is True
    expect(killed.locator("main h1")).to_be_visible()
    answer = killed.goto(f"{site.origin}/when-to-call")
    assert answer is not None and not answer.from_service_worker
    assert killed.evaluate(READ) == [{"owner": "ana", "name": "check-in", "v": 1}]
    assert killed.evaluate("caches.keys()") == ["somebody-elses"]
    until(killed, GONE)
    ready = """async (assets) => {
      const { offlineReady } = await import(`${assets}/js/patient/offline_ready.js`);
      return offlineReady(navigator, { patience: 300 });
    }"""
    assert killed.evaluate(ready, f"/assets/{site.release.id}") is False


def test_a_phone_takes_the_next_release_when_the_worker_is_served_again(
    killed: Page,
    site: Site,
) -> None:
    site.ship()
    kill_switch.switch_on(instance_of(site))
    killed.goto(site.origin)
    until(killed, "() => navigator.serviceWorker.controller !== null")
    with stopped(site):
        answer = killed.goto(f"{site.origin}/when-to-call")
        assert answer is not None and answer.from_service_worker
        expect_release(killed, site.release.id)
    assert len(killed.evaluate(READ)) == 1
