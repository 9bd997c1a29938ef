"""What the phone keeps is sealed: on disk, after signing out, for its owner only; never lost."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from playwright.sync_api import Page, Playwright

from tests.browser.phone_harness.browser import (  # noqa: F401
    SAVE,
    Phone,
    clinic,
    launch_on,
    phone,
)
from tests.browser.phone_harness.clinic import FakeClinic, Reply, problem, trouble
from tests.tally import Tally

KEY = "/api/v1/outbox-key"
SYNC = "/api/v1/sync"
RESULT = "harness.send().then(({ result }) => result)"
STATES = "phone.checkIns().map((one) => one.state).reverse()"
BEN = "phone.signIn({ username: 'ben', password: 'a long password' })"
KEEP_SEALED = "phone.signOut({ keep: 'sealed' })"
NEEDLES = ["PLANTED-note", "PLANTED-draft", "PLANTED-detail", "PLANTED-message", "PLANTED_REASON"]

# Change one row of a store with a connection of our own.
CHANGE_ROW = """([store, change]) => new Promise((resolve, reject) => {
  const opening = indexedDB.open("prolo-aftercare");
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const database = opening.result;
    const transaction = database.transaction(store, "readwrite");
    const rows = transaction.objectStore(store);
    rows.getAll().onsuccess = ({ target }) => {
      for (const row of target.result) {
        const changed = new Function("row", change)(row);
        if (changed) rows.put(changed);
      }
    };
    transaction.oncomplete = () => { database.close(); resolve(); };
  };
})"""
FLIP_A_BIT = "row.box.ciphertext[5] ^= 1; return row;"
COUNT_OPENINGS = """window.openings = 0;
  const decrypt = SubtleCrypto.prototype.decrypt;
  SubtleCrypto.prototype.decrypt = function counted(...given) {
    window.openings += 1;
    return decrypt.apply(this, given);
  };"""
# A phone as the first release left it: version 1 of the database, everything in plain.
FIRST_RELEASE = """(rows) => new Promise((resolve, reject) => {
  const opening = indexedDB.open("prolo-aftercare", 1);
  opening.onerror = () => reject(opening.error);
  opening.onupgradeneeded = () => {
    const database = opening.result;
    database.createObjectStore("phone", { keyPath: "name" });
    database.createObjectStore("devices", { keyPath: "owner" });
    const events = database.createObjectStore("events", { keyPath: ["owner", "event_id"] });
    events.createIndex("by_state", "state");
    events.createIndex("by_place", ["owner", "device_id", "dseq"], { unique: true });
    database.createObjectStore("discarded", { keyPath: ["owner", "device_id", "dseq"] });
    const record = database.createObjectStore("record", { keyPath: ["owner", "epoch", "seq"] });
    record.createIndex("by_event", ["owner", "event_id"]);
    database.createObjectStore("cursors", { keyPath: "owner" });
    database.createObjectStore("clinic", { keyPath: "owner" });
    database.createObjectStore("drafts", { keyPath: ["owner", "name"] });
  };
  opening.onsuccess = () => {
    const database = opening.result;
    const stores = Object.keys(rows);
    const transaction = database.transaction(stores, "readwrite");
    for (const store of stores) {
      for (const row of rows[store]) transaction.objectStore(store).put(row);
    }
    transaction.oncomplete = () => { database.close(); resolve(); };
  };
})"""
DEVICE = "33333333-3333-4333-8333-333333333333"


def rows(page: Page, store: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(f"harness.rows('{store}')")
    return found


def box_bytes(box: dict[str, Any]) -> tuple[bytes, bytes]:
    """iv and ciphertext of a box as Playwright brings typed arrays."""
    return bytes(_numbers(box["iv"])), bytes(_numbers(box["ciphertext"]))


def _numbers(value: Any) -> list[int]:
    return list(value.values()) if isinstance(value, dict) else list(value)


def plain_event(number: int, **changed: Any) -> dict[str, Any]:
    """An event as the first release kept it."""
    event_id = f"{number:08d}-0000-4000-8000-000000000000"
    return {
        "owner": "ana",
        "event_id": event_id,
        "v": 1,
        "device_id": DEVICE,
        "dseq": number,
        "nth": number,
        "saved_at": 1_795_000_000_000 + number,
        "state": "pending",
        "problem": None,
        "epoch": None,
        "seq": None,
        "received_at": None,
        "acknowledged_at": None,
        "server_verdict": None,
        "body": {
            "event": {
                "kind": "create",
                "supersedes": None,
                "treatment_id": "11111111-1111-4111-8111-111111111111",
                "form_version": 1,
                "rules_version": 1,
                "recorded_at": "2026-11-21T09:00:00+00:00",
                "time_zone": "Europe/London",
                "local_date": "2026-11-21",
                "clock_behind": False,
                "answers": {"pain_now": 5, "note": f"PLANTED-note {number}"},
            },
            "verdict": {"level": "expected", "reasons": ["PLANTED_REASON"]},
        },
        **changed,
    }


def first_release(phone: Phone, count: int, **more: Any) -> Page:
    """A tab on a phone that the first release was used on until now."""
    page = phone.context.new_page()
    page.goto(phone.clinic.origin)
    page.wait_for_function("window.harness !== undefined")
    session = {**phone.clinic.session(), "display_name": "PLANTED-name"}
    del session["server_time"], session["outbox_kid"]
    page.evaluate(
        FIRST_RELEASE,
        {
            "phone": [{"name": "account", "v": 1, "session": session, "is_over": False}],
            "devices": [
                {
                    "owner": "ana",
                    "v": 1,
                    "device_id": DEVICE,
                    "next_dseq": count + 1,
                    "next_nth": count + 1,
                }
            ],
            "events": [plain_event(number) for number in range(1, count + 1)],
            "drafts": [
                {"owner": "ana", "name": "check_in", "v": 1, "body": {"note": "PLANTED-draft"}}
            ],
            **more,
        },
    )
    return page


def plain_rows(page: Page) -> int:
    """How many rows with words of a person lie in the open."""
    stores = ("events", "record", "drafts", "clinic")
    return sum("box" not in row for store in stores for row in rows(page, store))


def found_on_disk(profile: Path, needles: list[bytes]) -> set[tuple[bytes, str]]:
    """Which of these bytes stand in which file of a browser's profile."""
    return {
        (needle, str(path.relative_to(profile)))
        for path in profile.rglob("*")
        if path.is_file() and not path.is_symlink()
        for needle in needles
        if needle in path.read_bytes()
    }


def told_ids(clinic: FakeClinic) -> list[str]:
    """Every event that the server tells of ana, as often as it tells it."""
    changes = clinic.log().changes
    return [one["data"]["event"]["event_id"] for one in changes if one["type"] == "check_in"]


def spellings(texts: list[str]) -> list[bytes]:
    """As bytes that a browser may write: UTF-8 and UTF-16."""
    return [text.encode(code) for text in texts for code in ("utf-8", "utf-16-le")]


@pytest.mark.fault(69)
def test_nothing_of_a_persons_symptoms_is_ever_in_the_browsers_profile(
    playwright_driver: Playwright, clinic: FakeClinic, tmp_path: Path
) -> None:
    profile = tmp_path / "profile"
    context = launch_on(playwright_driver, profile)
    page = Phone(context, clinic).signed_in()
    # The search must be able to find something: this is not sealed.
    page.evaluate("localStorage.setItem('seen', 'FINDABLE-control')")
    page.evaluate("phone.keepDraft('check_in', { note: 'PLANTED-draft' })")
    page.evaluate(
        SAVE,
        {
            "answers": {"note": "PLANTED-note"},
            "verdict": {
                "level": "same_day",
                "reasons": ["PLANTED_REASON"],
                "also": [],
                "missing": [],
            },
        },
    )
    refused = page.evaluate(SAVE, {"answers": {"note": "PLANTED-note again"}})
    words = trouble("invalid") | {"detail": "PLANTED-detail", "field": "answers.PLANTED-note"}
    clinic.results[refused] = {"status": "rejected", "problem": words}
    assert page.evaluate(RESULT) == "sent"
    event_id = page.evaluate("phone.checkIns().at(-1).event_id")
    review = {"event_id": event_id, "by": "Dr Cole", "role": "clinician", "outcome": "advised"}
    clinic.tell("ana", "review", {**review, "at": clinic.time(), "message": "PLANTED-message"})
    page.evaluate(RESULT)
    shown = json.dumps(page.evaluate("[phone.checkIns(), phone.waiting()]"))
    assert all(text in shown for text in NEEDLES if text != "PLANTED-draft")
    [key] = rows(page, "keys")
    secret = clinic.outbox_key(key["kid"], key["device_id"])
    context.close()
    while_signed_in = found_on_disk(profile, spellings(NEEDLES))

    context = launch_on(playwright_driver, profile)
    page = Phone(context, clinic).tab()
    page.evaluate(KEEP_SEALED)
    context.close()
    after_signing_out = found_on_disk(profile, [*spellings(NEEDLES), secret])
    control = {needle for needle, _ in found_on_disk(profile, spellings(["FINDABLE-control"]))}

    assert control
    assert while_signed_in == set()
    assert after_signing_out == set()


def test_a_box_opens_with_the_key_of_the_protocol_and_only_in_its_own_row(phone: Phone) -> None:
    page = phone.signed_in()
    page.evaluate(SAVE)
    [row] = rows(page, "events")
    iv, ciphertext = box_bytes(row["box"])
    key = AESGCM(phone.clinic.outbox_key(row["box"]["kid"], row["box"]["key_device_id"]))
    about = f"{row['event_id']}|ana|{row['device_id']}|{row['dseq']}"
    body = json.loads(key.decrypt(iv, ciphertext, about.encode()))
    assert body["event"]["answers"] == {"pain_now": 4}
    with pytest.raises(InvalidTag):
        key.decrypt(iv, ciphertext, about.replace("|1", "|2").encode())
    [stored] = rows(page, "keys")
    assert (stored["is_current"], stored["kid"]) == (True, "kid-1")


def test_no_key_can_be_read_out_through_the_browser_and_none_lies_open_on_disk(
    phone: Phone,
) -> None:
    page = phone.tab(
        before="""window.extractable = [];
          for (const [name, place] of [["importKey", 3], ["unwrapKey", 5]]) {
            const own = SubtleCrypto.prototype[name];
            SubtleCrypto.prototype[name] = function watched(...given) {
              window.extractable.push([name, given[place]]);
              return own.apply(this, given);
            };
          }"""
    )
    page.evaluate("harness.signIn()")
    page.evaluate("harness.open()")
    seen = {(name, value) for name, value in page.evaluate("window.extractable")}
    assert seen == {("importKey", False), ("unwrapKey", False)}
    [stored] = rows(page, "keys")
    assert "key" not in stored and {"lock", "iv", "wrapped"} <= set(stored)
    key = phone.clinic.outbox_key("kid-1", stored["device_id"])
    assert key != bytes(_numbers(stored["wrapped"]))[:32]


def test_a_browser_that_keeps_no_blobs_keeps_the_key_itself(phone: Phone) -> None:
    page = phone.tab(
        before="""const put = IDBObjectStore.prototype.put;
          IDBObjectStore.prototype.put = function picky(row) {
            if (row.lock) throw new DOMException("no Blobs here", "DataCloneError");
            return put.call(this, row);
          };"""
    )
    assert page.evaluate("harness.signIn()")["ok"] is True
    page.evaluate(SAVE)
    assert plain_rows(page) == 0
    page.evaluate("harness.open()")
    assert page.evaluate("phone.checkIns()[0].answers") == {"pain_now": 4}


def test_a_key_whose_lock_is_gone_is_asked_for_again_and_saving_goes_on(phone: Phone) -> None:
    page = phone.signed_in()
    page.evaluate(SAVE)
    page.evaluate(CHANGE_ROW, ["keys", "row.lock = new Blob([]); return row;"])
    phone.clinic.stop()
    page.evaluate("harness.open()")
    assert page.evaluate("[phone.waiting().unreadable, phone.waiting().count]") == [1, 0]
    page.evaluate(SAVE)
    phone.clinic.start()
    page.evaluate("phone.refreshSession()")
    assert page.evaluate("[phone.waiting().unreadable, phone.waiting().count]") == [0, 2]
    assert page.evaluate(RESULT) == "sent"
    assert plain_rows(page) == 0


def test_a_sign_in_without_a_key_is_not_done_and_leaves_nobody_signed_in(phone: Phone) -> None:
    page = phone.tab()
    phone.clinic.next(KEY, problem(503, "key-missing", detail="A key is missing."))
    told = page.evaluate("harness.signIn()")
    assert (told["ok"], told["kind"], told["detail"]) == (False, "no-key", "A key is missing.")
    phone.clinic.next(KEY, *[Reply(is_lost=True)] * 2)
    assert page.evaluate("harness.signIn()")["kind"] == "offline"
    assert page.evaluate("phone.account()") is None
    assert rows(page, "phone") == [] == rows(page, "keys")
    assert phone.clinic.signed_out.wait(timeout=30)
    assert page.evaluate("harness.signIn()")["ok"] is True


def test_who_comes_back_with_the_key_in_hand_needs_no_further_call(phone: Phone) -> None:
    page = phone.signed_in()
    page.evaluate(SAVE)
    phone.clinic.account = None
    assert page.evaluate(RESULT) == "sign-in-required"
    assert len(rows(page, "keys")) == 1  # a session that ended never takes the key along
    assert page.evaluate("phone.checkIns()[0].answers") == {"pain_now": 4}
    phone.clinic.next(KEY, problem(503, "key-missing"))
    assert page.evaluate("harness.signIn()")["ok"] is True
    assert phone.clinic.calls(KEY) == []
    assert page.evaluate(RESULT) == "sent"


@pytest.mark.fault(66, 68)
def test_boxes_outlive_signing_out_and_another_persons_stay(phone: Phone) -> None:
    page = phone.signed_in()
    sent = page.evaluate(SAVE, {"answers": {"pain_now": 1}})
    page.evaluate(RESULT)
    waiting = page.evaluate(SAVE, {"answers": {"pain_now": 2}})
    page.evaluate("phone.keepDraft('check_in', { pain_now: 3 })")
    page.evaluate(KEEP_SEALED)
    assert page.evaluate(BEN)["ok"] is True
    page.evaluate(SAVE)
    page.evaluate(RESULT)
    assert page.evaluate("phone.waiting().others_count") == 1
    assert page.evaluate("phone.waiting().unreadable") == 0
    assert page.evaluate("phone.draft('check_in')") is None
    assert [key["owner"] for key in rows(page, "keys")] == ["ben"]
    phone.clinic.rotate()  # and her password was changed elsewhere: the key is the account's
    assert page.evaluate("harness.signIn()")["ok"] is True
    answers = page.evaluate(
        "Object.fromEntries(phone.checkIns().map((o) => [o.event_id, o.answers]))"
    )
    assert answers == {sent: {"pain_now": 1}, waiting: {"pain_now": 2}}
    assert page.evaluate("phone.draft('check_in')") == {"pain_now": 3}
    assert page.evaluate(RESULT) == "sent"
    assert sorted(phone.clinic.log("ana").events) == sorted([sent, waiting])
    assert len(phone.clinic.log("ben").events) == 1


@pytest.mark.fault(31)
def test_a_sent_copy_of_somebody_who_signed_out_is_offered_to_a_restored_server(
    phone: Phone,
) -> None:
    page = phone.signed_in()
    sent = page.evaluate(SAVE)
    page.evaluate(RESULT)
    page.evaluate(KEEP_SEALED)
    phone.clinic.restore()
    assert phone.clinic.log("ana").events == {}
    page.evaluate("harness.signIn()")
    page.evaluate(RESULT)
    assert list(phone.clinic.log("ana").events) == [sent]


def test_a_clinic_that_wants_no_copies_has_none_left_at_sign_out(phone: Phone) -> None:
    phone.clinic.limits = {**phone.clinic.limits, "keep_days": 0}
    page = phone.signed_in()
    page.evaluate(SAVE)
    page.evaluate(RESULT)
    waiting = page.evaluate(SAVE)
    page.evaluate(KEEP_SEALED)
    assert [row["event_id"] for row in rows(page, "events")] == [waiting]


def test_copies_of_somebody_who_never_came_back_go_after_ninety_days(phone: Phone) -> None:
    page = phone.signed_in()
    page.evaluate(SAVE)
    page.evaluate(RESULT)
    waiting = page.evaluate(SAVE)
    page.evaluate(KEEP_SEALED)
    page.evaluate(BEN)
    page.evaluate("harness.moveClock(89 * 86400000)")
    page.evaluate(RESULT)
    assert len(rows(page, "events")) == 2
    page.evaluate("harness.moveClock(2 * 86400000)")
    page.evaluate(RESULT)
    assert [row["event_id"] for row in rows(page, "events")] == [waiting]


def test_deleting_at_sign_out_leaves_not_even_a_box(phone: Phone) -> None:
    page = phone.signed_in()
    page.evaluate(SAVE)
    page.evaluate("phone.keepDraft('check_in', { pain_now: 3 })")
    page.evaluate("phone.signOut({ keep: 'delete' })")
    for store in ("events", "drafts", "devices", "keys", "record", "clinic", "cursors"):
        assert rows(page, store) == []


def test_after_a_rotation_new_boxes_have_the_new_key_and_old_ones_still_open(phone: Phone) -> None:
    page = phone.signed_in()
    page.evaluate(SAVE, {"answers": {"pain_now": 1}})
    new = phone.clinic.rotate()
    phone.clinic.next(SYNC, *[problem(503, "busy")] * 2)
    page.evaluate("phone.refreshSession()")
    page.evaluate(SAVE, {"answers": {"pain_now": 2}})
    assert sorted(row["box"]["kid"] for row in rows(page, "events")) == ["kid-1", new]
    assert [key["kid"] for key in rows(page, "keys") if key["is_current"]] == [new]
    page.evaluate("harness.open()")
    pains = "phone.checkIns().map((one) => one.answers.pain_now).sort()"
    assert page.evaluate(pains) == [1, 2]
    page.evaluate(KEEP_SEALED)
    page.evaluate("harness.signIn()")
    assert page.evaluate(pains) == [1, 2]
    [asked] = phone.clinic.calls(KEY)[-1:]
    assert sorted(asked["body"]["kids"]) == ["kid-1", new]


def test_a_renumbered_event_is_sealed_for_its_new_number(phone: Phone) -> None:
    page = phone.signed_in()
    event_id = page.evaluate(SAVE)
    [before] = rows(page, "events")
    phone.clinic.log().events["other"] = {
        "event": {"device_id": before["device_id"], "dseq": 1},
        "told": {},
    }
    assert page.evaluate(RESULT) == "sent"
    [after] = rows(page, "events")
    assert after["device_id"] != before["device_id"]
    page.evaluate(KEEP_SEALED)
    page.evaluate("harness.signIn()")
    assert page.evaluate("phone.checkIns()[0].answers") == {"pain_now": 4}
    assert list(phone.clinic.log().events) == ["other", event_id]


@pytest.mark.fault(61)
def test_an_entry_that_cannot_be_opened_is_counted_kept_and_never_sent(phone: Phone) -> None:
    page = phone.signed_in()
    broken = page.evaluate(SAVE)
    page.evaluate(CHANGE_ROW, ["events", FLIP_A_BIT])
    page.evaluate("harness.open()")
    good = page.evaluate(SAVE)
    waiting = page.evaluate("phone.waiting()")
    assert (waiting["unreadable"], waiting["count"]) == (1, 1)
    assert page.evaluate(RESULT) == "sent"
    assert phone.clinic.sent() == [[good]]
    assert {row["event_id"] for row in rows(page, "events")} == {broken, good}
    file = page.evaluate("phone.exportUnsent()")
    assert file["events"] == []
    [sealed] = file["sealed"]
    assert (sealed["event_id"], sealed["dseq"], sealed["box"]["kid"]) == (broken, 1, "kid-1")
    assert len(base64.b64decode(sealed["box"]["iv"])) == 12
    page.evaluate(KEEP_SEALED)
    page.evaluate("harness.signIn()")
    assert page.evaluate("phone.waiting().unreadable") == 1


@pytest.mark.fault(61)
def test_an_entry_whose_key_is_gone_waits_until_the_key_is_back(phone: Phone, tally: Tally) -> None:
    page = phone.signed_in()
    event_id = page.evaluate(SAVE)
    page.evaluate(KEEP_SEALED)
    master = phone.clinic.masters.pop("kid-1")
    phone.clinic.rotate()
    assert page.evaluate("harness.signIn()")["ok"] is True
    page.evaluate(RESULT)
    assert page.evaluate("[phone.waiting().unreadable, phone.waiting().count]") == [1, 0]
    phone.clinic.masters["kid-1"] = master  # the operator found it
    page.evaluate("harness.open()")
    page.evaluate("phone.refreshSession()")
    assert page.evaluate("phone.waiting().unreadable") == 0
    assert page.evaluate(RESULT) == "sent"
    tally.fault()
    tally.compare([event_id], told_ids(phone.clinic))


def test_a_line_of_the_record_that_cannot_be_opened_is_read_again(phone: Phone) -> None:
    page = phone.signed_in()
    page.evaluate(CHANGE_ROW, ["record", FLIP_A_BIT])
    page.evaluate("harness.open()")
    assert page.evaluate("phone.treatments()") == []
    page.evaluate(RESULT)
    assert len(page.evaluate("phone.treatments()")) == 1


def test_rows_of_the_first_release_are_read_sent_and_sealed_where_they_lie(phone: Phone) -> None:
    page = first_release(phone, 3)
    phone.clinic.stop()
    page.evaluate("harness.open()")
    assert page.evaluate("[phone.account().display_name, phone.waiting().count]") == [
        "PLANTED-name",
        3,
    ]
    page.evaluate(SAVE)  # no key yet and nobody answers: it must still be saved
    assert plain_rows(page) == 5
    phone.clinic.start()
    phone.clinic.next(SYNC, problem(503, "busy"))
    page.evaluate(RESULT.replace("harness.send()", "phone.refreshSession().then(harness.send)"))
    assert page.evaluate("phone.waiting().count") == 4
    assert plain_rows(page) == 0
    assert page.evaluate("phone.draft('check_in')") == {"note": "PLANTED-draft"}
    [account] = [row for row in rows(page, "phone") if row["name"] == "account"]
    assert "display_name" not in account["session"]
    assert page.evaluate("phone.account().display_name") == "Ana"
    page.evaluate(RESULT)
    assert [event["event"]["dseq"] for event in phone.clinic.log().events.values()] == [1, 2, 3, 4]


def test_a_crash_in_the_middle_of_sealing_loses_nothing_and_the_next_start_goes_on(
    phone: Phone,
) -> None:
    page = first_release(phone, 250)
    page.evaluate("harness.open()")
    page.evaluate(
        """() => {
          const put = IDBObjectStore.prototype.put;
          let left = 130;
          IDBObjectStore.prototype.put = function putUntil(row) {
            if (this.name === "events" && row.box && (left -= 1) < 0) throw new Error("crash");
            return put.call(this, row);
          };
        }"""
    )
    phone.clinic.next(SYNC, *[problem(503, "busy")] * 9)
    page.evaluate("phone.refreshSession()")
    page.evaluate("harness.send().catch(() => {})")
    half = rows(page, "events")
    assert len(half) == 250
    assert sum("box" in row for row in half) == 100
    again = phone.tab()
    again.evaluate("harness.moveClock(3600000)")
    again.evaluate("harness.send()")
    assert sum("box" in row for row in rows(again, "events")) == 250
    assert again.evaluate("phone.waiting().count + phone.waiting().unreadable") == 250


@pytest.mark.fault(60)
def test_a_crash_in_the_middle_of_marking_marks_nothing_and_sending_again_is_harmless(
    phone: Phone, tally: Tally
) -> None:
    page = phone.signed_in()
    ids = [page.evaluate(SAVE) for _ in range(3)]
    page.evaluate(
        """() => {
          const put = IDBObjectStore.prototype.put;
          let left = 1;
          IDBObjectStore.prototype.put = function putUntil(row) {
            if (row.state === "acknowledged" && (left -= 1) < 0) {
              IDBObjectStore.prototype.put = put;
              throw new Error("crash");
            }
            return put.call(this, row);
          };
        }"""
    )
    page.evaluate("harness.send().catch(() => {})")
    assert page.evaluate(STATES) == ["on_phone"] * 3
    assert page.evaluate(RESULT) == "sent"
    assert page.evaluate(STATES) == ["on_server"] * 3
    assert list(phone.clinic.log().events) == ids
    tally.fault()
    tally.compare(ids, told_ids(phone.clinic))


@pytest.mark.fault(62)
@pytest.mark.whole
def test_five_thousand_entries_are_each_opened_once(phone: Phone) -> None:
    page = phone.signed_in()
    page.evaluate(
        """async (count) => {
          for (let from = 0; from < count; from += 1000) {
            await phone.save(Array.from({ length: 1000 }, () => harness.draft()));
          }
        }""",
        5000,
    )
    page.close()
    page = phone.tab(before=COUNT_OPENINGS)
    at_start = page.evaluate("window.openings")
    assert 5000 <= at_start < 5020
    page.evaluate(SAVE)
    page.evaluate("phone.keepDraft('check_in', { pain_now: 3 })")
    page.evaluate(
        "phone.discard('00000000-0000-4000-8000-000000000000').then(() => phone.draft('check_in'))"
    )
    assert page.evaluate("window.openings") == at_start
    phone.clinic.next(SYNC, *[problem(503, "busy")] * 2)
    page.evaluate(RESULT)
    assert page.evaluate("window.openings") <= at_start + 5
    assert page.evaluate("phone.waiting().count") == 5001


@pytest.mark.fault(43)
def test_a_phone_whose_storage_was_cleared_starts_again_under_a_new_device_id(
    phone: Phone, tally: Tally
) -> None:
    page = phone.signed_in()
    sent = page.evaluate(SAVE)
    page.evaluate(RESULT)
    [before] = rows(page, "devices")
    devtools = phone.context.new_cdp_session(page)
    where = {"origin": phone.clinic.origin, "storageTypes": "indexeddb"}
    devtools.send("Storage.clearDataForOrigin", where)
    told = page.evaluate("phone.save([harness.draft()]).then(() => 'saved', (error) => error.kind)")
    assert told == "signed-out"  # and the form is still on the screen
    page.evaluate("harness.signIn()")
    page.evaluate(RESULT)
    assert page.evaluate("phone.checkIns()[0].event_id") == sent
    new = page.evaluate(SAVE)
    [after] = rows(page, "devices")
    [row] = rows(page, "events")
    assert (row["event_id"], row["dseq"]) == (new, 1)
    assert after["device_id"] != before["device_id"]
    assert page.evaluate(RESULT) == "sent"
    tally.fault()
    tally.compare([sent, new], told_ids(phone.clinic))


@pytest.mark.fault(46)
def test_a_new_version_waits_for_an_old_tab_says_so_and_goes_on(phone: Phone) -> None:
    old = phone.context.new_page()
    old.goto(phone.clinic.origin)
    old.wait_for_function("window.harness !== undefined")
    old.evaluate(
        f"""async () => {{
          await ({FIRST_RELEASE})({{ phone: [] }});
          const opening = indexedDB.open("prolo-aftercare");
          window.held = await new Promise((resolve) => {{
            opening.onsuccess = () => resolve(opening.result);
          }});
        }}"""
    )
    page = phone.context.new_page()
    page.goto(phone.clinic.origin)
    page.wait_for_function("window.harness !== undefined")
    page.evaluate(
        """() => {
          window.states = [];
          window.opened = harness.open();
        }"""
    )
    page.wait_for_function("harness.delays().includes(5000)")
    old.evaluate("window.held.close()")
    page.evaluate("window.opened")
    assert page.evaluate("phone.storage") == {"ok": True}
    page.evaluate("harness.signIn()")
    page.evaluate(SAVE)
    # A still newer release, in another tab: this one lets go at once and does not hold it up.
    done = old.evaluate(
        """() => new Promise((resolve, reject) => {
          const request = indexedDB.open("prolo-aftercare", 9);
          request.onblocked = () => reject(new Error("blocked"));
          request.onsuccess = () => { request.result.close(); resolve("open"); };
        })"""
    )
    assert done == "open"
    page.evaluate(SAVE)
    assert sorted(row["dseq"] for row in rows(page, "events")) == [1, 2]


def test_without_webcrypto_nobody_signs_in_and_what_is_here_is_kept(phone: Phone) -> None:
    page = phone.signed_in()
    event_id = page.evaluate(SAVE)
    bare = phone.tab(before="Object.defineProperty(Crypto.prototype, 'subtle', { value: null });")
    assert bare.evaluate("phone.waiting().unreadable") == 1
    told = bare.evaluate("harness.signIn()")
    assert (told["ok"], told["kind"]) == (False, "storage-refused")
    assert [row["event_id"] for row in rows(bare, "events")] == [event_id]
