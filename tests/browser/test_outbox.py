"""Saving on the phone: one event, one number, kept whatever happens to the browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright

from tests.browser.phone_harness.browser import (  # noqa: F401
    SAVE,
    Phone,
    clinic,
    kill_browser_of,
    launch_on,
    phone,
)
from tests.browser.phone_harness.clinic import FakeClinic

SAVE_DRAFTS = """async (drafts) => {
  try {
    return await phone.save(drafts.map((change) => harness.draft(change)));
  } catch (error) {
    return { kind: error.kind };
  }
}"""
REFUSED_STORAGE = """Object.defineProperty(window, "indexedDB", {
  get() { return { open() { throw new DOMException("no", "SecurityError"); } }; } });"""


def numbers(page: Page) -> list[int]:
    rows = page.evaluate("harness.rows('events')")
    return sorted(row["dseq"] for row in rows)


def test_a_saved_check_in_carries_its_owner_its_device_and_the_next_number(phone: Phone) -> None:
    page = phone.signed_in()
    page.evaluate(SAVE)
    page.evaluate(SAVE)
    rows = page.evaluate("harness.rows('events')")
    assert sorted(row["dseq"] for row in rows) == [1, 2]
    assert {row["owner"] for row in rows} == {"ana"}
    assert len({row["device_id"] for row in rows}) == 1
    assert {row["v"] for row in rows} == {2}
    events = page.evaluate("phone.exportUnsent().events")
    assert all(event["answers"] == {"pain_now": 4} for event in events)


@pytest.mark.fault(26, 41)
def test_save_resolves_only_when_the_transaction_is_complete_and_asks_for_strict_durability(
    phone: Phone,
) -> None:
    page = phone.signed_in()
    order = page.evaluate(
        """async () => {
          const order = [];
          const open = IDBDatabase.prototype.transaction;
          IDBDatabase.prototype.transaction = function transaction(stores, mode, options) {
            const made = open.call(this, stores, mode, options);
            if (mode === "readwrite" && [...stores].includes("devices")) {
              order.push(options.durability);
              made.addEventListener("complete", () => order.push("complete"));
            }
            return made;
          };
          await harness.save();
          order.push("saved");
          IDBDatabase.prototype.transaction = open;
          return order;
        }"""
    )
    assert order == ["strict", "complete", "saved"]


def test_several_treatments_are_saved_in_one_transaction_or_not_at_all(phone: Phone) -> None:
    page = phone.signed_in()
    good = page.evaluate(SAVE_DRAFTS, [{}, {}])
    bad = page.evaluate(SAVE_DRAFTS, [{}, {"event_id": "7"}])
    assert len(good["saved"]) == 2
    assert bad == {"kind": "bad-draft"}
    assert numbers(page) == [1, 2]


@pytest.mark.fault(59)
def test_the_same_event_saved_twice_is_one_event(phone: Phone) -> None:
    page = phone.signed_in()
    told = page.evaluate(
        """async () => {
          const draft = harness.draft();
          const [first, second] = await Promise.all([phone.save(draft), phone.save(draft)]);
          return [first, second, await phone.save([draft, draft])];
        }"""
    )
    assert [len(one["saved"]) for one in told] == [1, 0, 0]
    assert numbers(page) == [1]
    assert page.evaluate("phone.checkIns().length") == 1


def test_two_tabs_that_save_at_once_never_share_a_number(phone: Phone) -> None:
    first = phone.signed_in()
    second = phone.tab()
    many = "() => { window.saving = Promise.all(Array.from({length: 20}, () => harness.save())); }"
    first.evaluate(many)
    second.evaluate(many)
    for page in (first, second):
        page.evaluate("window.saving")
    assert numbers(first) == list(range(1, 41))
    first.wait_for_function("phone.checkIns().length === 40")
    second.wait_for_function("phone.checkIns().length === 40")


@pytest.mark.fault(40)
def test_a_browser_killed_after_saved_still_has_it(
    playwright_driver: Playwright,
    clinic: FakeClinic,
    tmp_path: Path,
) -> None:
    profile = tmp_path / "profile"
    context = launch_on(playwright_driver, profile)
    page = Phone(context, clinic).signed_in()
    clinic.stop()
    event_id = page.evaluate(SAVE)
    with context.expect_event("close"):
        kill_browser_of(profile)
    clinic.start()
    again = launch_on(playwright_driver, profile)
    page = Phone(again, clinic).tab()
    assert page.evaluate("phone.checkIns().map((one) => [one.event_id, one.state])") == [
        [event_id, "on_phone"]
    ]
    page.evaluate("harness.send()")
    assert page.evaluate("phone.checkIns()[0].state") == "on_server"
    again.close()


@pytest.mark.fault(42)
def test_a_full_phone_is_told_by_name_and_keeps_what_it_had(
    phone: Phone,
) -> None:
    # Chromium remembers how much room there was, so the quota comes before the first write. What a
    # refused transaction wrote on its way, Chromium mostly keeps until it next tidies up, whatever
    # the page does meanwhile; so the room that it may have to the very byte is nobody's promise.
    devtools = phone.context.new_cdp_session(phone.context.new_page())
    quota = {"origin": phone.clinic.origin, "quotaSize": 1_000_000}
    devtools.send("Storage.overrideQuotaForOrigin", quota)
    page = phone.signed_in()
    page.evaluate(SAVE)
    too_much = [{}, *[{"answers": {"note": "x" * 40_000}}] * 40]
    assert page.evaluate(SAVE_DRAFTS, too_much) == {"kind": "storage-full"}
    assert numbers(page) == [1]
    assert page.evaluate("phone.exportUnsent().events.map(({ answers }) => answers)") == [
        {"pain_now": 4}
    ]
    devtools.send("Storage.overrideQuotaForOrigin", {**quota, "quotaSize": 3_000_000})
    page.evaluate(SAVE)
    assert numbers(page) == [1, 2]


@pytest.mark.fault(45)
def test_with_storage_refused_the_account_works_and_save_says_why(phone: Phone) -> None:
    page = phone.tab(before=REFUSED_STORAGE)
    assert page.evaluate("phone.storage") == {"ok": False, "reason": "refused"}
    assert page.evaluate("phone.account().account") == "ana"
    assert page.evaluate(SAVE_DRAFTS, [{}]) == {"kind": "storage-refused"}
    phone.clinic.account = None
    assert page.evaluate("harness.signIn().then(({ ok }) => ok)") is True


@pytest.mark.fault(44)
def test_a_connection_that_the_browser_closed_is_opened_again(phone: Phone) -> None:
    page = phone.tab(
        before="""const open = IDBFactory.prototype.open;
          window.connections = [];
          IDBFactory.prototype.open = function (...given) {
            const request = open.apply(this, given);
            request.addEventListener("success", () => connections.push(request.result));
            return request;
          };"""
    )
    page.evaluate("harness.signIn()")
    page.evaluate("connections.forEach((one) => one.close())")
    page.evaluate(SAVE)
    assert numbers(page) == [1]


@pytest.mark.fault(47)
def test_an_older_release_still_reads_the_outbox_of_a_newer_database(phone: Phone) -> None:
    page = phone.signed_in()
    event_id = page.evaluate(SAVE)
    page.evaluate(
        """() => new Promise((resolve, reject) => {
          const request = indexedDB.open("prolo-aftercare", 9);
          request.onupgradeneeded = () => request.result.createObjectStore("later");
          request.onerror = () => reject(request.error);
          request.onsuccess = () => { request.result.close(); resolve(); };
        })"""
    )
    page.evaluate("harness.open()")
    assert page.evaluate("phone.checkIns()[0].event_id") == event_id
    page.evaluate(SAVE)
    assert numbers(page) == [1, 2]


@pytest.mark.fault(55)
def test_a_clock_behind_the_last_server_time_is_marked_and_the_mark_never_goes_back(
    phone: Phone,
) -> None:
    page = phone.signed_in()
    page.evaluate(SAVE)
    page.evaluate("harness.moveClock(-3600000)")
    assert page.evaluate("phone.isClockBehind()") is True
    page.evaluate(SAVE)
    page.evaluate("harness.moveClock(3600000)")
    page.evaluate(SAVE)
    events = page.evaluate("phone.exportUnsent().events")
    assert [(event["dseq"], event["clock_behind"]) for event in events] == [
        (1, False),
        (2, True),
        (3, False),
    ]


@pytest.mark.parametrize("change", [{"event_id": "AB"}, {"kind": "delete"}, {"answers": None}])
def test_a_draft_that_is_no_event_is_refused_before_anything_is_written(
    phone: Phone, change: dict[str, object]
) -> None:
    page = phone.signed_in()
    assert page.evaluate(SAVE_DRAFTS, [change]) == {"kind": "bad-draft"}
    assert numbers(page) == []


@pytest.mark.fault(68)
def test_a_form_that_ana_opened_is_never_filed_under_ben(phone: Phone) -> None:
    page = phone.signed_in()
    page.evaluate("phone.signIn({ username: 'ben', password: 'a long password' })")
    assert page.evaluate(SAVE_DRAFTS, [{"owner": "ana"}]) == {"kind": "account-changed"}
    assert numbers(page) == []


def test_unsent_check_ins_can_be_taken_along_as_a_file(phone: Phone) -> None:
    page = phone.signed_in()
    event_id = page.evaluate(SAVE)
    file = page.evaluate("phone.exportUnsent()")
    assert (file["format"], file["account"]) == ("prolo-aftercare-unsent/1", "ana")
    assert [(one["event_id"], one["state"], one["answers"]) for one in file["events"]] == [
        (event_id, "pending", {"pain_now": 4})
    ]
    assert file["sealed"] == []


def test_a_draft_of_a_form_lives_until_it_is_dropped(phone: Phone) -> None:
    page = phone.signed_in()
    page.evaluate("phone.keepDraft('check-in', { pain_now: 3 })")
    page.evaluate("harness.open()")
    assert page.evaluate("phone.draft('check-in')") == {"pain_now": 3}
    page.evaluate("phone.dropDraft('check-in')")
    assert page.evaluate("phone.draft('check-in')") is None
