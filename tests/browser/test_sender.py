"""Sending: nothing lost, nothing twice, whatever the line and the server do."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.phone_harness.browser import (  # noqa: F401
    SAVE,
    Phone,
    clinic,
    phone,
)
from tests.browser.phone_harness.clinic import (
    LOST,
    PORTAL,
    Asked,
    FakeClinic,
    Held,
    Reply,
    honest,
    problem,
    trouble,
)

SYNC = "/api/v1/sync"
CHANGES = "/api/v1/changes"
STATES = "phone.checkIns().map((one) => one.state).reverse()"
UNSENT = "phone.waiting().count"
EVENT_FIELDS = [
    "answers",
    "clock_behind",
    "device_id",
    "dseq",
    "event_id",
    "form_version",
    "kind",
    "local_date",
    "owner",
    "recorded_at",
    "rules_version",
    "supersedes",
    "time_zone",
    "treatment_id",
    "verdict",
]
WORKER_ASKS = """navigator.serviceWorker.dispatchEvent(
  new MessageEvent("message", { data: { type: "send-check-ins" } }))"""
RESULT = "harness.send().then(({ result }) => result)"


def save_many(page: Page, count: int) -> list[str]:
    """Save so many, in order, in one transaction."""
    ids: list[str] = page.evaluate(
        """async (count) => {
          const drafts = Array.from({ length: count }, () => harness.draft());
          await phone.save(drafts);
          return drafts.map((draft) => draft.event_id);
        }""",
        count,
    )
    return ids


def refuse(status: int, kind: str, *ids: str) -> Any:
    """Refuse every batch that holds one of these ids."""

    def answer(asked: Asked) -> Reply | None:
        held = {event["event_id"] for event in asked["body"]["events"]}
        return problem(status, kind) if held & set(ids) else None

    return answer


def row_of(page: Page, event_id: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = page.evaluate("harness.rows('events')")
    return next(row for row in rows if row["event_id"] == event_id)


def test_what_waits_is_sent_marked_and_shown_with_the_servers_time(phone: Phone) -> None:
    page = phone.signed_in()
    event_id = page.evaluate(SAVE)
    assert page.evaluate(RESULT) == "sent"
    thread = page.evaluate("phone.checkIns()[0]")
    held = phone.clinic.log().events[event_id]
    assert (thread["state"], thread["received_at"]) == ("on_server", held["told"]["received_at"])
    assert row_of(page, event_id)["epoch"] == phone.clinic.epoch
    assert page.evaluate(RESULT) == "nothing-to-send"
    assert phone.clinic.sent() == [[event_id]]


def test_the_event_on_the_wire_has_exactly_the_fields_of_the_protocol(phone: Phone) -> None:
    page = phone.signed_in()
    page.evaluate(SAVE)
    page.evaluate(RESULT)
    [asked] = phone.clinic.calls(SYNC)
    [event] = asked["body"]["events"]
    assert sorted(asked["body"]) == ["account", "device_id", "events", "protocol", "sent_at"]
    assert sorted(event) == EVENT_FIELDS
    assert event["verdict"] == {"level": "expected", "reasons": ["N1"]}
    assert event["device_id"] == asked["body"]["device_id"]


@pytest.mark.fault(1)
def test_a_reply_lost_after_the_commit_leads_to_one_row_and_an_acknowledgement(
    phone: Phone,
) -> None:
    page = phone.signed_in()
    event_id = page.evaluate(SAVE)
    phone.clinic.next(SYNC, LOST)
    assert page.evaluate(RESULT) == "offline"
    assert page.evaluate(STATES) == ["on_phone"]
    assert page.evaluate(RESULT) == "sent"
    assert page.evaluate(STATES) == ["on_server"]
    assert list(phone.clinic.log().events) == [event_id]


@pytest.mark.fault(4, 5, 6, 7)
@pytest.mark.parametrize(
    "answer",
    [
        PORTAL,
        Reply({"protocol": 1, "results": []}, is_ours=False),
        Reply({"protocol": 2, "epoch": "e", "received_at": "2026-11-22T10:00:00Z", "results": []}),
        Reply({"protocol": 1, "epoch": "e", "received_at": "2026-11-22T10:00:00Z", "results": []}),
        Reply({"protocol": 1, "results": "many"}),
        Reply('{"protocol": 1, "results": ['),
        Reply([1]),
        Reply("no", status=403, type="text/html", is_ours=False),
        Reply("no", status=407, type="text/html", is_ours=False),
        Reply("no", status=401, type="text/html", is_ours=False),
        Reply("no", status=400, type="text/html", is_ours=False),
        Reply("no", status=413, type="text/html", is_ours=False),
        Reply("no", status=502, type="text/html", is_ours=False),
        Reply("", status=302, headers={"Location": "http://localhost:9/"}, is_ours=False),
        problem(500, "unexpected"),
        problem(503, "busy"),
        problem(507, "storage-full"),
        problem(408, "timeout"),
        problem(425, "too-early"),
        problem(418, "never-heard-of"),
        LOST,
    ],
    ids=lambda reply: f"{reply.status}-{str(reply.body)[:40]}",
)
def test_an_answer_that_settles_nothing_leaves_everything_waiting(
    phone: Phone, answer: Reply
) -> None:
    page = phone.signed_in()
    save_many(page, 1)
    phone.clinic.next(SYNC, answer)
    assert page.evaluate(RESULT) not in ("sent", "nothing-to-send")
    assert page.evaluate(STATES) == ["on_phone"]
    assert page.evaluate("phone.waiting().rejected") == 0
    assert page.evaluate("phone.isSessionOver()") is False
    assert page.evaluate(RESULT) == "sent"
    assert page.evaluate(STATES) == ["on_server"]


def test_results_are_matched_by_id_and_an_event_without_one_waits(phone: Phone) -> None:
    page = phone.signed_in()
    first, second, third = save_many(page, 3)
    phone.clinic.results[second] = {"event_id": "11111111-0000-4000-8000-000000000000"}
    page.evaluate(RESULT)
    assert page.evaluate(STATES) == ["on_server", "on_phone", "on_server"]
    del phone.clinic.results[second]
    assert page.evaluate(RESULT) == "sent"
    assert list(phone.clinic.log().events) == [first, third, second]


def test_an_id_that_is_told_two_outcomes_is_told_nothing(phone: Phone) -> None:
    page = phone.signed_in()
    event_id = page.evaluate(SAVE)
    results = [
        {"event_id": event_id, "status": "stored", "seq": 1},
        {"event_id": event_id, "status": "rejected", "problem": trouble("invalid")},
    ]
    body = {"protocol": 1, "epoch": phone.clinic.epoch, "received_at": phone.clinic.time()}
    phone.clinic.next(SYNC, Reply({**body, "results": results}))
    assert page.evaluate(RESULT) == "not-ours"
    assert page.evaluate(STATES) == ["on_phone"]


@pytest.mark.fault(119)
@pytest.mark.parametrize("kind", ["invalid", "id-conflict", "not-yours", "too-large"])
def test_a_rejected_event_is_kept_with_its_reason_until_it_is_discarded(
    phone: Phone, kind: str
) -> None:
    page = phone.signed_in()
    bad, _ = save_many(page, 2)
    phone.clinic.results[bad] = {"status": "rejected", "problem": trouble(kind)}
    page.evaluate(RESULT)
    assert page.evaluate(STATES) == ["rejected", "on_server"]
    assert page.evaluate("phone.checkIns()[1].problem.kind") == kind
    page.evaluate(RESULT)
    assert len(phone.clinic.sent()) == 1
    assert page.evaluate("id => phone.discard(id)", bad) is True
    assert page.evaluate(STATES) == ["on_server"]


def test_a_discarded_number_is_told_until_it_is_heard_and_then_no_more(phone: Phone) -> None:
    page = phone.signed_in()
    bad, _ = save_many(page, 2)
    phone.clinic.results[bad] = {"status": "rejected", "problem": trouble("invalid")}
    page.evaluate(RESULT)
    page.evaluate("id => phone.discard(id)", bad)
    phone.clinic.next(SYNC, PORTAL)
    page.evaluate(RESULT)
    page.evaluate(RESULT)
    page.evaluate(RESULT)
    told = [asked["body"].get("discarded") for asked in phone.clinic.calls(SYNC)]
    assert told == [None, [1], [1]]
    assert [dseq for _, dseq in phone.clinic.log().discarded] == [1]


def test_only_a_rejected_event_can_be_discarded(phone: Phone) -> None:
    page = phone.signed_in()
    event_id = page.evaluate(SAVE)
    assert page.evaluate("id => phone.discard(id)", event_id) is False
    assert page.evaluate(UNSENT) == 1


@pytest.mark.fault(58)
def test_a_device_that_was_cloned_takes_a_new_id_counts_anew_and_sends_again(
    phone: Phone,
) -> None:
    page = phone.signed_in()
    ids = save_many(page, 3)
    old = row_of(page, ids[0])["device_id"]
    for dseq in (1, 2):  # what the other phone of the same backup sent first
        phone.clinic.log().events[f"other-{dseq}"] = {
            "event": {"device_id": old, "dseq": dseq},
            "told": {},
        }
    assert page.evaluate(RESULT) == "sent"
    rows = [row_of(page, event_id) for event_id in ids]
    assert [row["dseq"] for row in rows] == [1, 2, 3]
    assert [row["device_id"] == old for row in rows] == [False, False, True]
    assert rows[0]["device_id"] == rows[1]["device_id"]
    assert page.evaluate(STATES).count("on_server") == 3
    new = page.evaluate(SAVE)
    assert row_of(page, new)["dseq"] == 3
    assert row_of(page, new)["device_id"] == rows[0]["device_id"]


@pytest.mark.fault(109)
def test_an_erased_event_is_purged_from_outbox_and_record(phone: Phone) -> None:
    page = phone.signed_in()
    event_id = page.evaluate(SAVE)
    page.evaluate(RESULT)
    phone.clinic.restore()
    phone.clinic.results[event_id] = {"status": "rejected", "problem": trouble("erased")}
    page.evaluate(RESULT)
    page.evaluate(RESULT)
    assert page.evaluate("harness.rows('events')") == []
    assert page.evaluate("phone.checkIns()") == []


@pytest.mark.parametrize("kind", ["busy", "form-unknown", "daily-limit"])
def test_a_deferred_event_is_kept_and_tried_later(phone: Phone, kind: str) -> None:
    page = phone.signed_in()
    event_id = page.evaluate(SAVE)
    phone.clinic.results[event_id] = {"status": "deferred", "problem": trouble(kind)}
    assert page.evaluate(RESULT) == "deferred"
    assert page.evaluate("[phone.waiting().count, phone.waiting().deferred]") == [1, 1]
    del phone.clinic.results[event_id]
    assert page.evaluate(RESULT) == "sent"


def test_a_batch_stays_within_the_limits_of_the_session(phone: Phone) -> None:
    phone.clinic.limits = {"batch_events": 4, "batch_bytes": 6000}
    page = phone.signed_in()
    page.evaluate(SAVE, {"answers": {"note": "x" * 3000}})
    page.evaluate(SAVE, {"answers": {"note": "x" * 3000}})
    save_many(page, 9)
    page.evaluate(RESULT)
    assert [len(batch) for batch in phone.clinic.sent()] == [1, 2, 4, 4]
    assert page.evaluate(UNSENT) == 0


@pytest.mark.fault(8)
def test_a_batch_that_is_too_large_is_halved_and_the_one_too_large_is_marked(
    phone: Phone,
) -> None:
    page = phone.signed_in()
    ids = save_many(page, 5)
    phone.clinic.next(SYNC, *[refuse(413, "batch-too-large", ids[3])] * 20)
    page.evaluate(RESULT)
    assert page.evaluate(STATES) == ["on_server"] * 3 + ["rejected", "on_server"]
    assert row_of(page, ids[3])["problem"]["kind"] == "too-large"


@pytest.mark.fault(108)
@pytest.mark.parametrize("status", [400, 415])
def test_a_poison_item_is_found_by_halving_and_holds_nobody_up(phone: Phone, status: int) -> None:
    page = phone.signed_in()
    ids = save_many(page, 8)
    phone.clinic.next(SYNC, *[refuse(status, "bad-request", ids[2])] * 40)
    assert page.evaluate(RESULT) == "not-understood"
    assert page.evaluate(STATES) == ["on_server"] * 2 + ["on_phone"] + ["on_server"] * 5
    save_many(page, 2)
    before = len(phone.clinic.sent())
    page.evaluate(RESULT)
    assert phone.clinic.sent()[before:][-1] == [ids[2]]
    assert page.evaluate(UNSENT) == 1


def test_an_envelope_that_is_refused_altogether_is_not_halved_for_ever(phone: Phone) -> None:
    page = phone.signed_in()
    ids = save_many(page, 64)
    phone.clinic.next(SYNC, *[refuse(400, "bad-request", *ids)] * 300)
    assert page.evaluate(RESULT) == "not-understood"
    assert len(phone.clinic.sent()) < 12
    assert page.evaluate(UNSENT) == 64


@pytest.mark.fault(64)
def test_a_401_in_the_middle_stops_keeps_all_and_goes_on_after_signing_in(phone: Phone) -> None:
    phone.clinic.limits = {"batch_events": 2, "batch_bytes": 262144}
    page = phone.signed_in()
    save_many(page, 6)

    def end_session(_asked: Asked) -> Reply:
        phone.clinic.account = None
        return problem(401, "sign-in-required")

    phone.clinic.next(SYNC, honest, end_session)
    assert page.evaluate(RESULT) == "sign-in-required"
    assert page.evaluate("phone.isSessionOver()") is True
    assert page.evaluate("phone.account().account") == "ana"
    assert page.evaluate(UNSENT) == 4
    before = len(phone.clinic.calls(SYNC))
    page.evaluate(SAVE)
    page.evaluate(RESULT)
    assert len(phone.clinic.calls(SYNC)) == before
    page.evaluate("harness.signIn()")
    assert page.evaluate("phone.isSessionOver()") is False
    assert page.evaluate(RESULT) == "sent"
    assert page.evaluate(UNSENT) == 0
    assert len(phone.clinic.log().events) == 7


@pytest.mark.fault(68)
def test_a_mismatch_reads_the_session_once_and_then_never_shows_the_first_ones_data(
    phone: Phone,
) -> None:
    page = phone.signed_in()
    page.evaluate(SAVE)
    page.evaluate(RESULT)
    page.evaluate("phone.keepDraft('check-in', { pain_now: 9 })")
    ana = page.evaluate(SAVE)
    phone.clinic.account = "ben"
    phone.clinic.asked.clear()
    page.evaluate(RESULT)
    assert len(phone.clinic.calls("/api/v1/session")) == 1
    assert page.evaluate("phone.account().account") == "ben"
    assert page.evaluate("phone.checkIns()") == []
    assert page.evaluate("phone.waiting().others_count") == 1
    assert page.evaluate("phone.draft('check-in')") is None
    assert all("box" in row for row in page.evaluate("harness.rows('drafts')"))
    assert {row["owner"] for row in page.evaluate("harness.rows('record')")} <= {"ben"}
    assert {row["owner"] for row in page.evaluate("harness.rows('keys')")} == {"ben"}
    assert phone.clinic.log("ben").events == {}
    assert ana in {row["event_id"] for row in page.evaluate("harness.rows('events')")}
    assert page.evaluate("phone.exportUnsent().events") == []


def test_a_mismatch_that_turns_out_to_be_none_is_tried_once_more(phone: Phone) -> None:
    page = phone.signed_in()
    page.evaluate(SAVE)
    phone.clinic.next(SYNC, problem(409, "account-mismatch"))
    assert page.evaluate(RESULT) == "sent"
    page.evaluate(SAVE)
    phone.clinic.next(SYNC, *[problem(409, "account-mismatch")] * 2)
    assert page.evaluate(RESULT) == "account-mismatch"
    assert page.evaluate(UNSENT) == 1


def test_a_phone_that_is_too_old_keeps_everything_and_says_so(phone: Phone) -> None:
    page = phone.signed_in()
    page.evaluate(SAVE)
    phone.clinic.next(SYNC, problem(426, "client-too-old"))
    assert page.evaluate(RESULT) == "client-too-old"
    assert page.evaluate("[phone.isTooOld(), phone.waiting().count]") == [True, 1]


@pytest.mark.fault(31)
def test_a_server_from_an_older_backup_gets_todays_check_ins_back(phone: Phone) -> None:
    page = phone.signed_in()
    ids = save_many(page, 3)
    page.evaluate(RESULT)
    phone.clinic.restore()
    page.evaluate(RESULT)
    assert sorted(phone.clinic.log().events) == sorted(ids)
    assert page.evaluate(STATES) == ["on_server"] * 3
    assert page.evaluate("phone.account().epoch") == phone.clinic.epoch
    assert {row_of(page, one)["epoch"] for one in ids} == {phone.clinic.epoch}


def test_an_epoch_learned_from_a_sync_reply_alone_makes_the_others_wait_again(
    phone: Phone,
) -> None:
    page = phone.signed_in()
    first = page.evaluate(SAVE)
    page.evaluate(RESULT)
    phone.clinic.restore()
    second = page.evaluate(SAVE)
    phone.clinic.next(CHANGES, *[problem(503, "busy")] * 9)
    page.evaluate(RESULT)
    assert sorted(phone.clinic.log().events) == sorted([first, second])


def test_the_wait_doubles_with_full_jitter_up_to_fifteen_minutes(phone: Phone) -> None:
    page = phone.tab()
    waits = page.evaluate(
        """async () => {
          const { NEVER_TRIED, afterFailure } = await import("/assets/js/outbox/backoff.js");
          let plan = NEVER_TRIED;
          const waits = [];
          for (let count = 0; count < 12; count += 1) {
            plan = afterFailure(plan, { now: 0, random: () => 0.5 });
            waits.push(plan.next_try_at);
          }
          const next = (random) => afterFailure(plan, { now: 0, random }).next_try_at;
          return [waits, next(() => 0), next(() => 0.999999)];
        }"""
    )
    assert waits[0][:4] == [1000, 2000, 4000, 8000]
    assert waits[0][-1] == 450_000
    assert waits[1:] == [0, 899_999]


@pytest.mark.fault(17)
def test_a_failed_try_is_followed_by_another_when_the_wait_is_over(phone: Phone) -> None:
    page = phone.signed_in()
    page.evaluate("phone.startSending()")
    page.wait_for_function("!phone.waiting().is_sending && phone.waiting().last_try_at")
    page.evaluate("harness.roll(0.9)")
    phone.clinic.next(SYNC, problem(503, "busy"))
    page.evaluate(SAVE)
    page.wait_for_function("phone.waiting().last_try_result === 'server-busy'")
    page.wait_for_function("harness.delays().some((delay) => delay > 1000 && delay <= 1800)")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.wait_for_function("!phone.waiting().is_sending")
    assert page.evaluate(UNSENT) == 1
    page.evaluate("harness.moveClock(2000)")
    page.wait_for_function("harness.delays().some((delay) => delay <= 1800)")
    page.evaluate("harness.fire(harness.delays()[0])")
    page.wait_for_function("phone.waiting().count === 0")


@pytest.mark.fault(9)
def test_retry_after_wins_even_over_the_button(phone: Phone) -> None:
    page = phone.signed_in()
    save_many(page, 1)
    phone.clinic.next(SYNC, problem(429, "too-many-requests", retry_after_s=120))
    assert page.evaluate(RESULT) == "server-busy"
    assert page.evaluate(RESULT) == "waiting"
    page.evaluate("harness.moveClock(119000)")
    assert page.evaluate(RESULT) == "waiting"
    assert len(phone.clinic.calls(SYNC)) == 1
    page.evaluate("harness.moveClock(2000)")
    assert page.evaluate(RESULT) == "sent"


def test_a_strangers_retry_after_is_heard_for_an_hour_at_most(phone: Phone) -> None:
    page = phone.signed_in()
    save_many(page, 1)
    stranger = Reply("", status=503, headers={"Retry-After": "999999"}, is_ours=False)
    phone.clinic.next(SYNC, stranger)
    assert page.evaluate(RESULT) == "not-ours"
    assert page.evaluate(RESULT) == "waiting"
    page.evaluate("harness.moveClock(3601000)")
    assert page.evaluate(RESULT) == "sent"


@pytest.mark.fault(10, 11)
def test_a_hanging_server_is_given_up_after_thirty_seconds_and_asked_for_less(
    phone: Phone,
) -> None:
    page = phone.signed_in()
    save_many(page, 8)
    held = Held()
    phone.clinic.next(SYNC, held)
    page.evaluate("() => { window.sending = harness.send(); }")
    held.wait_for_it()
    page.evaluate("harness.fire(30000)")
    assert page.evaluate("sending.then(({ result }) => result)") == "offline"
    held.let_go()
    assert page.evaluate(UNSENT) == 8
    page.evaluate(RESULT)
    assert [len(batch) for batch in phone.clinic.sent()][1:] == [4, 4]
    assert page.evaluate(UNSENT) == 0


@pytest.mark.fault(13, 54)
def test_two_tabs_send_one_at_a_time(phone: Phone) -> None:
    first = phone.signed_in()
    second = phone.tab()
    event_id = first.evaluate(SAVE)
    held = Held()
    phone.clinic.next(SYNC, held)
    first.evaluate("() => { window.sending = harness.send(); }")
    first.wait_for_function("phone.waiting().is_sending")
    held.wait_for_it()
    assert second.evaluate(RESULT) is None
    held.let_go()
    first.evaluate("sending")
    assert phone.clinic.sent() == [[event_id]]
    second.wait_for_function("phone.checkIns()[0]?.state === 'on_server'")


@pytest.mark.fault(54)
def test_without_locks_a_lease_lets_one_tab_send_at_a_time(phone: Phone) -> None:
    first = phone.signed_in(locks=False)
    second = phone.tab(locks=False)
    first.evaluate(SAVE)
    held = Held()
    phone.clinic.next(SYNC, held)
    first.evaluate("() => { window.sending = harness.send(); }")
    held.wait_for_it()
    assert second.evaluate(RESULT) is None
    held.let_go()
    first.evaluate("sending")
    assert second.evaluate(RESULT) == "nothing-to-send"


@pytest.mark.fault(54)
def test_a_frozen_tab_that_sits_on_the_lock_stops_nobody_for_ever(phone: Phone) -> None:
    frozen = phone.signed_in()
    other = phone.tab()
    frozen.evaluate(SAVE)
    held = Held()
    phone.clinic.next(SYNC, held)
    frozen.evaluate("() => { window.sending = harness.send(); }")
    held.wait_for_it()
    assert other.evaluate(RESULT) is None
    for page in (frozen, other):
        page.evaluate("harness.moveClock(46000)")
    assert other.evaluate(RESULT) == "sent"
    held.let_go()
    frozen.evaluate("sending")
    assert len(phone.clinic.log().events) == 1
    assert other.evaluate(STATES) == ["on_server"]


@pytest.mark.fault(52)
@pytest.mark.parametrize(
    "occasion",
    [
        "harness.save()",
        "window.dispatchEvent(new Event('online'))",
        "document.dispatchEvent(new Event('visibilitychange'))",
        "window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))",
        WORKER_ASKS,
        "harness.fire(300000)",
        "harness.signIn()",
        "harness.send()",
    ],
)
def test_sending_is_tried_on_each_occasion(phone: Phone, occasion: str) -> None:
    page = phone.signed_in()
    page.evaluate(SAVE)
    phone.clinic.next("/api/v1/session", problem(503, "busy"))
    page.evaluate("phone.startSending()")
    page.wait_for_function("phone.waiting().last_try_result === 'server-busy'")
    page.wait_for_function("!phone.waiting().is_sending")
    assert phone.clinic.sent() == []
    page.evaluate(f"() => {{ {occasion}; }}")
    page.wait_for_function("phone.waiting().count === 0")


def test_the_start_of_a_page_sends_what_an_earlier_page_left(phone: Phone) -> None:
    page = phone.signed_in()
    event_id = page.evaluate(SAVE)
    page.close()
    page = phone.tab()
    page.evaluate("phone.startSending()")
    page.wait_for_function("phone.waiting().count === 0")
    assert phone.clinic.sent() == [[event_id]]


def test_a_save_while_a_batch_is_on_its_way_is_sent_right_after(phone: Phone) -> None:
    page = phone.signed_in()
    page.evaluate("phone.startSending()")
    page.wait_for_function("!phone.waiting().is_sending")
    held = Held()
    phone.clinic.next(SYNC, held)
    first = page.evaluate(SAVE)
    held.wait_for_it()
    second = page.evaluate(SAVE)
    held.let_go()
    page.wait_for_function("phone.waiting().count === 0")
    assert phone.clinic.sent() == [[first], [second]]


@pytest.mark.fault(62)
@pytest.mark.whole
def test_a_years_worth_of_check_ins_goes_out_in_hundreds(phone: Phone) -> None:
    page = phone.signed_in()
    save_many(page, 1000)
    assert page.evaluate(RESULT) == "sent"
    assert [len(batch) for batch in phone.clinic.sent()] == [100] * 10
    assert page.evaluate("phone.checkIns().every((one) => one.state === 'on_server')") is True


@pytest.mark.fault(15)
def test_a_stopped_server_keeps_everything_and_is_found_again(
    phone: Phone,
    clinic: FakeClinic,
) -> None:
    page = phone.signed_in()
    clinic.stop()
    page.evaluate(SAVE)
    assert page.evaluate(RESULT) == "offline"
    assert page.evaluate(UNSENT) == 1
    clinic.start()
    assert page.evaluate(RESULT) == "sent"
