"""The record on the phone: what the server told, page by page, and what pages may show of it."""

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
from tests.browser.phone_harness.clinic import TREATMENT, Reply, honest, problem

CHANGES = "/api/v1/changes"
RESULT = "harness.send().then(({ result }) => result)"
THREAD = "phone.checkIns()[0]"
EARLIER = """(id) => phone.earlierFor({ treatment_id: "11111111-1111-4111-8111-111111111111",
  before_event_id: id ?? null })"""
OTHER_DEVICE = "22222222-2222-4222-8222-222222222222"


def told_check_in(phone: Phone, event_id: str, **change: Any) -> int:
    """Another phone of ana's sent this event."""
    event = {
        "event_id": event_id,
        "owner": "ana",
        "device_id": OTHER_DEVICE,
        "dseq": 1,
        "kind": "create",
        "supersedes": None,
        "treatment_id": TREATMENT["treatment_id"],
        "form_version": 1,
        "rules_version": 1,
        "recorded_at": "2026-11-21T09:00:00+00:00",
        "time_zone": "Europe/London",
        "local_date": "2026-11-21",
        "clock_behind": False,
        "answers": {"pain_now": 5},
        "verdict": {"level": "expected", "reasons": ["N1"]},
        **change,
    }
    verdict = {"level": "expected", "reasons": ["N1"], "also": [], "missing": []}
    phone.clinic.log()
    return phone.clinic.tell(
        "ana",
        "check_in",
        {"event": event, "received_at": "2026-11-21T09:00:05+00:00", "verdict": verdict},
    )


def review(phone: Phone, event_id: str, **change: Any) -> None:
    told: dict[str, Any] = {"event_id": event_id, "by": "Dr Cole", "role": "clinician"}
    told |= {"at": "2026-11-22T15:10:00+00:00", "outcome": "advised", "message": None}
    phone.clinic.tell("ana", "review", told | change)


def act(page: Page, kind: str, create: str, **change: Any) -> str:
    """Save an event about an earlier one."""
    made: str = page.evaluate(SAVE, {"kind": kind, "supersedes": create, "answers": {}, **change})
    return made


def test_treatments_and_the_clinics_words_come_with_the_first_pull(phone: Phone) -> None:
    page = phone.signed_in()
    assert page.evaluate("phone.treatments()") == [TREATMENT]
    assert page.evaluate("phone.clinic().name") == "Riverside Joint Clinic"
    page.evaluate(RESULT)
    [asked] = phone.clinic.calls(CHANGES)
    assert (asked["query"]["after"], asked["query"]["clinic"]) == ("1", "1")


def test_a_long_log_is_read_page_by_page_each_change_once(phone: Phone) -> None:
    phone.clinic.page_size = 3
    for number in range(10):
        told_check_in(phone, f"{number:08d}-0000-4000-8000-000000000000", dseq=number + 1)
    page = phone.tab()
    page.evaluate("harness.signIn()")
    page.evaluate(RESULT)
    afters = [asked["query"]["after"] for asked in phone.clinic.calls(CHANGES)]
    assert afters == ["0", "3", "6", "9"]
    assert page.evaluate("phone.checkIns().length") == 10


def test_a_page_and_its_cursor_are_kept_together_so_a_broken_pull_goes_on_where_it_was(
    phone: Phone,
) -> None:
    phone.clinic.page_size = 2
    for number in range(5):
        told_check_in(phone, f"{number:08d}-0000-4000-8000-000000000000", dseq=number + 1)
    page = phone.tab()
    page.evaluate("harness.signIn()")
    phone.clinic.next(CHANGES, honest, problem(503, "busy"))
    assert page.evaluate(RESULT) == "server-busy"
    assert page.evaluate("harness.rows('cursors').then(([one]) => one.after)") == 2
    assert len(page.evaluate("harness.rows('record')")) == 2
    page.evaluate(RESULT)
    assert len(page.evaluate("harness.rows('record')")) == 6


@pytest.mark.parametrize(
    "change",
    [
        {"next": 0, "more": True},
        {"changes": [{"seq": 2, "type": "x"}, {"seq": 2, "type": "x"}]},
        {"changes": [{"seq": "2", "type": "x"}]},
        {"changes": "none"},
        {"more": None},
    ],
)
def test_a_page_that_makes_no_sense_is_not_taken_in(phone: Phone, change: dict[str, Any]) -> None:
    page = phone.tab()
    page.evaluate("harness.signIn()")
    body = {"account": "ana", "epoch": phone.clinic.epoch}
    body |= {"changes": [], "next": 3, "more": False}
    phone.clinic.next(CHANGES, Reply(body | change))
    assert page.evaluate(RESULT) == "not-ours"
    assert page.evaluate("harness.rows('record')") == []


def test_a_page_of_another_account_is_not_taken_in(phone: Phone) -> None:
    page = phone.tab()
    page.evaluate("harness.signIn()")
    theirs = {"account": "ben", "epoch": phone.clinic.epoch, "next": 9, "more": False}
    change = {"seq": 9, "at": "2026-11-26T12:00:00Z", "type": "review", "data": {}}
    phone.clinic.next(CHANGES, Reply({**theirs, "changes": [change]}))
    assert page.evaluate(RESULT) == "nothing-to-send"
    own = len(phone.clinic.log("ana").changes)
    assert [row["seq"] for row in page.evaluate("harness.rows('record')")] == [*range(1, own + 1)]
    assert page.evaluate("harness.rows('cursors').then(([one]) => one.after)") == own


def test_a_new_epoch_is_read_from_the_start_and_replaces_the_old_log_when_it_is_whole(
    phone: Phone,
) -> None:
    told_check_in(phone, "00000000-0000-4000-8000-000000000000")
    page = phone.signed_in()
    phone.clinic.restore()
    phone.clinic.page_size = 1
    told_check_in(phone, "99999999-0000-4000-8000-000000000000")
    phone.clinic.next(CHANGES, honest, honest, problem(503, "busy"))
    assert page.evaluate(RESULT) == "server-busy"
    ids = "phone.checkIns().map((one) => one.event_id[0])"
    assert page.evaluate(ids) == ["0"]
    page.evaluate(RESULT)
    assert page.evaluate(ids) == ["9"]
    assert len(page.evaluate("harness.rows('record')")) == 2


def test_a_copy_is_let_go_after_its_days_and_the_record_still_has_it(phone: Phone) -> None:
    page = phone.signed_in()
    event_id = page.evaluate(SAVE)
    page.evaluate(RESULT)
    page.evaluate(RESULT)
    assert len(page.evaluate("harness.rows('events')")) == 1
    page.evaluate("harness.moveClock(31 * 86400000)")
    page.evaluate(RESULT)
    assert page.evaluate("harness.rows('events')") == []
    thread = page.evaluate(THREAD)
    assert (thread["event_id"], thread["state"]) == (event_id, "on_server")
    assert thread["answers"] == {"pain_now": 4}


def test_a_copy_that_the_record_does_not_hold_is_never_let_go(phone: Phone) -> None:
    page = phone.signed_in()
    page.evaluate(SAVE)
    phone.clinic.next(CHANGES, *[problem(503, "busy")])
    page.evaluate(RESULT)
    phone.clinic.log().changes.pop()  # the server forgot to tell it
    page.evaluate("harness.moveClock(31 * 86400000)")
    page.evaluate(RESULT)
    assert len(page.evaluate("harness.rows('events')")) == 1


@pytest.mark.fault(117)
def test_the_three_sentences_follow_what_is_true(phone: Phone) -> None:
    page = phone.signed_in()
    event_id = page.evaluate(SAVE)
    thread = page.evaluate(THREAD)
    assert (thread["state"], thread["received_at"], thread["review"]) == ("on_phone", None, None)
    page.evaluate(RESULT)
    thread = page.evaluate(THREAD)
    assert thread["state"] == "on_server"
    assert thread["received_at"] is not None
    review(phone, event_id, message="Thank you.")
    page.evaluate(RESULT)
    told = page.evaluate(THREAD)["review"]
    assert told.pop("seq") > 0
    assert told == {
        "event_id": event_id,
        "kind": "read",
        "name": "Dr Cole",
        "role": "clinician",
        "at": "2026-11-22T15:10:00+00:00",
        "outcome": "advised",
        "message": "Thank you.",
        "is_outdated": False,
    }
    act(page, "amend", event_id, answers={"pain_now": 6})
    assert page.evaluate(THREAD)["review"] is None
    assert page.evaluate(THREAD)["state"] == "on_phone"


def test_of_two_amendments_the_higher_number_of_the_server_is_current(phone: Phone) -> None:
    page = phone.signed_in()
    create = page.evaluate(SAVE)
    page.evaluate(RESULT)
    act(page, "amend", create, answers={"pain_now": 6})
    page.evaluate(RESULT)
    told_check_in(
        phone,
        "33333333-3333-4333-8333-333333333333",
        kind="amend",
        supersedes=create,
        answers={"pain_now": 8},
    )
    page.evaluate(RESULT)
    thread = page.evaluate(THREAD)
    assert thread["answers"] == {"pain_now": 8}
    assert thread["has_several_amendments"] is True
    assert [one["event"]["answers"]["pain_now"] for one in thread["versions"]] == [4, 6, 8]


def test_an_amendment_that_waits_here_is_current_on_this_phone(phone: Phone) -> None:
    page = phone.signed_in()
    create = page.evaluate(SAVE)
    page.evaluate(RESULT)
    amend = act(page, "amend", create, answers={"pain_now": 7})
    thread = page.evaluate(THREAD)
    assert (thread["current_event_id"], thread["answers"]) == (amend, {"pain_now": 7})
    phone.clinic.results[amend] = {
        "status": "rejected",
        "problem": {"kind": "invalid", "field": "answers.pain_now", "detail": "so"},
    }
    page.evaluate(RESULT)
    thread = page.evaluate(THREAD)
    assert (thread["current_event_id"], thread["state"]) == (create, "on_server")
    assert (thread["problem"]["kind"], thread["problem_event_id"]) == ("invalid", amend)


def test_a_retraction_hides_and_called_is_told(phone: Phone) -> None:
    page = phone.signed_in()
    create = page.evaluate(SAVE)
    act(page, "called", create)
    assert page.evaluate(THREAD)["called_at"] is not None
    assert page.evaluate(
        "[phone.checkInCount(), phone.earlierFor({ treatment_id:"
        "phone.treatments()[0].treatment_id }).length]"
    ) == [1, 1]
    act(page, "retract", create)
    assert page.evaluate(THREAD)["is_retracted"] is True
    assert page.evaluate("phone.checkInCount()") == 0
    assert page.evaluate(EARLIER) == []


def test_the_more_urgent_of_phone_and_server_is_shown(phone: Phone) -> None:
    page = phone.signed_in()
    raised, kept = (
        page.evaluate(SAVE),
        page.evaluate(
            SAVE, {"verdict": {"level": "same_day", "reasons": ["S2"], "also": [], "missing": []}}
        ),
    )
    phone.clinic.level = {raised: "emergency"}
    page.evaluate(RESULT)
    threads = {one["event_id"]: one for one in page.evaluate("phone.checkIns()")}
    assert (threads[raised]["level"], threads[raised]["is_raised_by_server"]) == (
        "emergency",
        True,
    )
    assert (threads[kept]["level"], threads[kept]["reasons"]) == ("same_day", ["S2"])
    assert threads[kept]["is_raised_by_server"] is False


def test_a_later_verdict_raises_and_never_lowers(phone: Phone) -> None:
    page = phone.signed_in()
    event_id = page.evaluate(SAVE)
    page.evaluate(RESULT)
    verdict = {"event_id": event_id, "level": "same_day", "reasons": ["S1"], "also": ["C3"]}
    phone.clinic.tell("ana", "verdict", {**verdict, "missing": [], "rules_version": 1})
    page.evaluate(RESULT)
    assert page.evaluate(THREAD)["level"] == "same_day"
    phone.clinic.tell("ana", "verdict", {**verdict, "level": "expected", "reasons": ["N1"]})
    page.evaluate(RESULT)
    assert page.evaluate(THREAD)["level"] == "same_day"
    assert page.evaluate(THREAD)["server_verdict"]["also"] == ["C3"]


def test_an_urgent_version_stays_urgent_until_that_version_is_reviewed(phone: Phone) -> None:
    page = phone.signed_in()
    urgent = {"level": "emergency", "reasons": ["E1"], "also": [], "missing": []}
    create = page.evaluate(SAVE, {"verdict": urgent})
    amend = act(page, "amend", create, answers={"pain_now": 2})
    page.evaluate(RESULT)
    review(phone, amend)
    page.evaluate(RESULT)
    thread = page.evaluate(THREAD)
    assert (thread["has_unreviewed_urgent"], thread["urgent_level"]) == (True, "emergency")
    review(phone, create)
    page.evaluate(RESULT)
    assert page.evaluate(THREAD)["has_unreviewed_urgent"] is False


def test_diary_mode_has_no_level(phone: Phone) -> None:
    page = phone.signed_in()
    nothing: dict[str, Any] = {"level": None, "reasons": [], "also": [], "missing": []}
    page.evaluate(SAVE, {"rules_version": None, "verdict": nothing})
    assert page.evaluate(f"[{THREAD}.level, {THREAD}.reasons]") == [None, []]
    page.evaluate(RESULT)
    [asked] = phone.clinic.calls("/api/v1/sync")
    assert asked["body"]["events"][0]["verdict"] is None


def test_the_day_is_counted_by_the_calendar_and_unknown_when_the_clock_was_behind(
    phone: Phone,
) -> None:
    page = phone.signed_in()
    page.evaluate(SAVE, {"local_date": "2026-11-22"})
    assert page.evaluate(THREAD)["day"] == 3
    page.evaluate("harness.moveClock(-86400000)")
    page.evaluate(SAVE, {"local_date": "2026-11-22"})
    assert page.evaluate(THREAD)["day"] is None


def test_a_start_on_this_phone_counts_at_once_and_the_servers_later_word_wins(
    phone: Phone,
) -> None:
    page = phone.signed_in()
    answers = {"pain_baseline": 6, "diabetes": True}
    page.evaluate(SAVE, {"kind": "start", "answers": answers, "verdict": None})
    assert page.evaluate("phone.treatments()[0].start") == answers
    assert page.evaluate("phone.checkIns()") == []
    page.evaluate(RESULT)
    assert page.evaluate("phone.treatments()[0].start") == answers
    phone.clinic.tell("ana", "treatment", {**TREATMENT, "start": {"pain_baseline": 5}})
    page.evaluate(RESULT)
    assert page.evaluate("phone.treatments()[0].start") == {"pain_baseline": 5}


@pytest.mark.fault(55)
def test_earlier_check_ins_come_oldest_first_by_number_and_never_by_the_clock(
    phone: Phone,
) -> None:
    page = phone.signed_in()
    told_check_in(phone, "44444444-4444-4444-8444-444444444444", answers={"pain_now": 1})
    page.evaluate(RESULT)
    first = page.evaluate(SAVE, {"answers": {"pain_now": 2}})
    second = page.evaluate(
        SAVE, {"answers": {"pain_now": 3}, "recorded_at": "2020-01-01T00:00:00+00:00"}
    )
    pains = "(list) => list.map((one) => one.pain_now)"
    assert page.evaluate(f"(id) => ({pains})(({EARLIER})(id))") == [1, 2, 3]
    assert page.evaluate(f"(id) => ({pains})(({EARLIER})(id))", second) == [1, 2]
    amend = act(page, "amend", first, answers={"pain_now": 9})
    assert page.evaluate(f"(id) => ({pains})(({EARLIER})(id))", amend) == [1]
    assert page.evaluate(f"(id) => ({pains})(({EARLIER})(id))", second) == [1, 9]


def test_an_event_that_was_deferred_stays_before_a_later_one_of_its_device(
    phone: Phone,
) -> None:
    page = phone.signed_in()
    first = page.evaluate(SAVE, {"answers": {"pain_now": 1}})
    page.evaluate(SAVE, {"answers": {"pain_now": 2}})
    trouble = {"kind": "busy", "field": None, "detail": "so"}
    phone.clinic.results[first] = {"status": "deferred", "problem": trouble}
    page.evaluate(RESULT)
    assert [one["pain_now"] for one in page.evaluate(EARLIER)] == [1, 2]


def test_earlier_ones_reach_over_treatments_of_the_same_joint_and_side_only(
    phone: Phone,
) -> None:
    other, left = ("55555555-5555-4555-8555-555555555555", "66666666-6666-4666-8666-666666666666")
    phone.clinic.log()
    for treatment_id, side in ((other, "right"), (left, "left")):
        phone.clinic.tell(
            "ana",
            "treatment",
            {**TREATMENT, "treatment_id": treatment_id, "side": side, "performed_on": "2026-10-01"},
        )
    old = "77777777-7777-4777-8777-777777777777"
    told_check_in(phone, old, treatment_id=other, answers={"pain_now": 7})
    told_check_in(phone, "88888888-8888-4888-8888-888888888888", treatment_id=left, dseq=2)
    review(phone, old)
    page = phone.signed_in()
    assert page.evaluate(EARLIER) == [
        {
            "recorded_at": "2026-11-21T09:00:00+00:00",
            "pain_now": 7,
            "level": "expected",
            "reasons": ["N1"],
            "is_reviewed": True,
            "is_same_treatment": False,
        }
    ]


def test_a_second_phone_ends_with_the_same_check_ins(phone: Phone) -> None:
    page = phone.signed_in()
    page.evaluate(SAVE)
    page.evaluate(RESULT)
    assert phone.context.browser is not None
    second = Phone(phone.context.browser.new_context(), phone.clinic)
    there = second.signed_in()
    ids = "phone.checkIns().map((one) => [one.event_id, one.state, one.received_at])"
    assert there.evaluate(ids) == page.evaluate(ids)
    second.context.close()


def test_other_tabs_hear_of_every_change(phone: Phone) -> None:
    first = phone.signed_in()
    second = phone.tab()
    first.evaluate(SAVE)
    second.wait_for_function("phone.checkIns().length === 1")
    first.evaluate("phone.signOut({ keep: 'sealed' })")
    second.wait_for_function("phone.account() === null && phone.checkIns().length === 0")


@pytest.mark.fault(69, 70)
@pytest.mark.parametrize("is_online", [True, False])
def test_signing_out_drops_keys_and_record_and_keeps_only_boxes(
    phone: Phone, is_online: bool
) -> None:
    page = phone.signed_in()
    sent = page.evaluate(SAVE)
    page.evaluate(RESULT)
    waiting = page.evaluate(SAVE)
    page.evaluate("phone.keepDraft('check-in', { pain_now: 3 })")
    if not is_online:
        phone.clinic.stop()
    told = page.evaluate("phone.signOut({ keep: 'sealed' })")
    assert told == {"ok": True, "is_ended_on_server": is_online}
    for store in ("keys", "record", "clinic", "cursors"):
        assert page.evaluate(f"harness.rows('{store}')") == []
    kept = page.evaluate("harness.rows('events')") + page.evaluate("harness.rows('drafts')")
    assert {row.get("event_id") for row in kept} == {sent, waiting, None}
    assert all("box" in row and "body" not in row for row in kept)
    assert {row["name"] for row in page.evaluate("harness.rows('phone')")} <= {
        "owes_sign_out",
        "server_time",
        "sender",
    }
    assert page.evaluate("[phone.account(), phone.clinic()]") == [None, None]
    assert page.evaluate("phone.treatments().concat(phone.checkIns())") == []
    assert page.evaluate("phone.waiting().others_count") == 1
    if not is_online:
        phone.clinic.start()
        page.evaluate(RESULT)
    assert phone.clinic.account is None


@pytest.mark.fault(68)
def test_sealed_check_ins_wait_for_their_owner_and_go_out_under_nobody_else(
    phone: Phone,
) -> None:
    page = phone.signed_in()
    event_id = page.evaluate(SAVE)
    page.evaluate("phone.signOut({ keep: 'sealed' })")
    page.evaluate("phone.signIn({ username: 'ben', password: 'a long password' })")
    page.evaluate(RESULT)
    assert page.evaluate("phone.checkIns()") == []
    assert page.evaluate("phone.exportUnsent().events") == []
    assert phone.clinic.sent() == []
    page.evaluate("harness.signIn()")
    page.evaluate(RESULT)
    assert list(phone.clinic.log("ana").events) == [event_id]
    assert phone.clinic.log("ben").events == {}


def test_deleting_at_sign_out_starts_again_under_a_new_device_id(phone: Phone) -> None:
    page = phone.signed_in()
    page.evaluate(SAVE)
    [before] = page.evaluate("harness.rows('devices')")
    page.evaluate("phone.signOut({ keep: 'delete' })")
    assert page.evaluate("harness.rows('events')") == []
    page.evaluate("harness.signIn()")
    page.evaluate(SAVE)
    [after] = page.evaluate("harness.rows('devices')")
    assert after["device_id"] != before["device_id"]
    assert page.evaluate("harness.rows('events').then(([one]) => one.dseq)") == 1


@pytest.mark.fault(73)
def test_a_page_on_its_way_while_signing_out_leaves_nothing_behind(phone: Phone) -> None:
    page = phone.signed_in()

    def sign_out(_asked: dict[str, Any]) -> None:
        told_check_in(phone, "00000000-0000-4000-8000-000000000000")
        phone.clinic.signed_out.wait(timeout=60)

    phone.clinic.next(CHANGES, sign_out)
    page.evaluate(
        """async () => {
          const sending = harness.send();
          await phone.signOut({ keep: "sealed" });
          await sending;
        }"""
    )
    assert page.evaluate("harness.rows('record')") == []
    assert page.evaluate("phone.account()") is None


def test_the_session_of_another_person_switches_the_phone(phone: Phone) -> None:
    page = phone.signed_in()
    phone.clinic.account = "ben"
    told = page.evaluate("phone.refreshSession()")
    assert (told["ok"], told["account"]["account"]) == (True, "ben")
    assert page.evaluate("harness.rows('record')") == []
    assert {row["owner"] for row in page.evaluate("harness.rows('keys')")} == {"ben"}
    assert page.evaluate("phone.account().display_name") == "Ben"


def test_a_refused_sign_in_says_why_and_changes_nothing(phone: Phone) -> None:
    page = phone.tab()
    phone.clinic.next("/api/v1/sign-in", problem(401, "wrong-password", detail="No match"))
    told = page.evaluate("harness.signIn()")
    assert (told["ok"], told["kind"], told["detail"]) == (False, "wrong-password", "No match")
    phone.clinic.stop()
    assert page.evaluate("harness.signIn()")["kind"] == "offline"
    assert page.evaluate("phone.account()") is None


def test_the_guidance_is_read_once_a_page(phone: Phone) -> None:
    page = phone.tab()
    assert page.evaluate(
        "Promise.all([phone.guidance(), phone.guidance()]).then(([a, b]) => a === b)"
    )
