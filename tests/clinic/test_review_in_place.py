"""Reviewing in place: the panel, every act in it with what was typed, undo, and who has it open."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from pwa.accounts.models import Account, Patient
from pwa.check_ins.models import HandOver, Note, Review, Unread, Verdict
from pwa.clinic import undoing
from pwa.database import db, writing
from pwa.practice import clinics
from pwa.practice.words import Message
from tests.clinic.asking import (
    audited,
    read,
    send_emergency,
    textareas_of,
    values_of,
    words_of,
)
from tests.conftest import Cast, Clock, Person, send
from tests.making import about, answers, event, start_event

HOSTILE = "'\"><img data-hostile src=x onerror=hurt()>"


def address(patient: Person, act: str) -> str:
    return f"/clinic/patients/{patient.account_id}/{act}"


def act(who: Person, patient: Person, name: str, *events: dict, **data: Any) -> TestResponse:
    """Press a button of the panel, as the form sends it."""
    given = {"event_id": [one["event_id"] for one in events], "back": "patient", **data}
    return who.post(address(patient, name), data=given)


def undo_address(page: TestResponse) -> str:
    [found] = re.findall(r'action="(/clinic/patients/[^"]+/undo/[^"]+)"', page.text)
    return found


def panel(who: Person, patient: Person) -> TestResponse:
    answer = who.get(address(patient, "review"))
    assert answer.status_code == 200
    return answer


def test_the_panel_shows_all_that_is_unread_worst_first(started: Cast, clock: Clock) -> None:
    send(started.ana, event(started.ana, answers=answers(note="Better today")))
    clock.move(minutes=1)
    worst = send_emergency(started)
    page = panel(started.dr_cole, started.ana)
    said = words_of(started.dr_cole.get("/clinic")) + words_of(page)
    assert values_of(page, "event_id")[0] == worst["event_id"]
    assert values_of(page, "seen_level") == ["emergency", "expected"]
    for words in (
        "New breathlessness or chest pain, day 3",
        "Phone told them: “Get emergency help now”",
        "Better today",
        "Mark all 2 as read",
        "07700 900461",
        "Spoke: mark as read",
    ):
        assert words in said
    assert "left_message" not in re.findall(r'<option value="([^"]*)"', page.text)
    assert "<html" not in page.text
    assert [one.subject_id for one in audited("review.seen")] == [started.ana.account_id]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (7, "One more is unread, no more urgent than these. It follows when these are read."),
        (8, "2 more are unread, none of them more urgent than these."),
    ],
)
def test_a_panel_shows_seven_at_a_time_and_marks_only_those(
    started: Cast, clock: Clock, more: int, said: str
) -> None:
    calm = []
    for _ in range(more):
        clock.move(minutes=1)
        made = event(started.ana)
        send(started.ana, made)
        calm.append(made["event_id"])
    clock.move(minutes=1)
    worst = send_emergency(started)
    page = panel(started.dr_cole, started.ana)
    assert values_of(page, "event_id") == [worst["event_id"], *calm[:6]]
    assert said in words_of(page)
    assert "Mark these 7 as read" in words_of(page)
    assert f"{more + 1} unread" in words_of(
        started.dr_cole.get(f"/clinic/patients/{started.ana.account_id}")
    )
    shown = {name: values_of(page, name) for name in ("event_id", "seen_level")}
    acted = {**shown, "outcome": "sent_to_emergency_care", "in_place": "1"}
    done = started.dr_cole.post(address(started.ana, "read"), data=acted)
    assert done.status_code == 200
    assert values_of(done, "event_id") == calm[6:]
    assert ("Mark as read" if more == 7 else "Mark all 2 as read") in words_of(done)
    left = db.session.scalars(select(Unread.event_id)).all()
    assert sorted(left) == sorted(calm[6:])


def test_with_nothing_unread_one_can_still_write(started: Cast) -> None:
    assert "Nothing of this patient is unread" in words_of(panel(started.dr_cole, started.ana))
    made = event(started.ana)
    send(started.ana, made)
    read(started.dr_cole, started.ana, made)
    page = panel(started.dr_cole, started.ana)
    assert "Mark as read" not in words_of(page)
    assert values_of(page, "event_id") == [made["event_id"]]
    assert act(started.dr_cole, started.ana, "answer", made, message="Hello").status_code == 303


def test_reading_needs_an_outcome_and_gives_back_what_was_typed(started: Cast) -> None:
    worst = send_emergency(started)
    typed = {"note": "Rang, <b>no answer</b>", "message": "Call us,\r\nplease"}
    answer = act(started.dr_cole, started.ana, "read", worst, **typed)
    assert answer.status_code == 422
    assert "Choose what came of it before you close this." in words_of(answer)
    assert textareas_of(answer) == ["Rang, <b>no answer</b>", "Call us,\nplease"]
    assert "<b>no answer</b>" not in answer.text
    outcome = {"outcome": "sent_to_emergency_care"}
    assert act(started.dr_cole, started.ana, "read", worst, **typed, **outcome).status_code == 303
    review = db.session.scalars(select(Review)).one()
    assert (review.outcome, review.note) == ("sent_to_emergency_care", "Rang, <b>no answer</b>")
    assert review.message == "Call us,\nplease"


@pytest.mark.parametrize("name", ["note", "message"])
@pytest.mark.parametrize("letter", ["x", "\N{FACE WITH TEARS OF JOY}"])
def test_100_000_letters_are_refused_by_field_and_nothing_is_lost(
    started: Cast, name: str, letter: str
) -> None:
    worst = send_emergency(started)
    typed = {"note": "Short", "message": "Brief", name: letter * 100_000}
    answer = act(started.dr_cole, started.ana, "read", worst, **typed, outcome="already_in_care")
    assert answer.status_code == 422
    assert textareas_of(answer) == [typed["note"], typed["message"]]
    assert "Use at most 2,000 letters. These are 100,000; nothing was cut." in words_of(answer)
    assert f'name="{name}" rows="2" aria-describedby' in answer.text
    assert re.search(rf'id="{name}-[^>]+aria-invalid="true"', answer.text)
    assert 'value="already_in_care" selected' in answer.text


def test_undo_brings_it_back_and_after_ten_seconds_it_is_too_late(
    started: Cast, clock: Clock
) -> None:
    worst = send_emergency(started)
    answer = read(started.dr_cole, started.ana, worst, outcome="spoke_with_patient")
    page = started.dr_cole.get(answer.headers["Location"])
    assert "Ana R.: marked as read." in words_of(page)
    undo = undo_address(page)
    clock.move(seconds=9)
    assert started.dr_cole.post(undo).status_code == 303
    assert 'data-level="emergency"' in started.dr_cole.get("/clinic").text
    assert [one.subject_id for one in audited("check_in.read_undone")] == [started.ana.account_id]
    answer = read(started.dr_cole, started.ana, worst, outcome="spoke_with_patient")
    undo = undo_address(started.dr_cole.get(answer.headers["Location"]))
    clock.move(seconds=11)
    assert "marked as read" not in words_of(started.dr_cole.get(answer.headers["Location"]))
    late = started.dr_cole.post(undo)
    assert (late.status_code, "too late to undo" in words_of(late)) == (409, True)


def test_of_two_readers_the_second_keeps_their_words(started: Cast) -> None:
    worst = send_emergency(started)
    read(started.dr_cole, started.ana, worst, outcome="spoke_with_patient")
    again = read(started.dr_cole, started.ana, worst, outcome="already_in_care", note="Mine")
    assert again.status_code == 409
    assert "Dr Cole has read this already." in words_of(again)
    assert textareas_of(again)[0] == "Mine"


def test_what_became_more_urgent_meanwhile_is_not_closed(started: Cast) -> None:
    send(started.ana, event(started.ana, answers=answers(warmth=True)))
    page = panel(started.dr_cole, started.ana)
    send(started.ana, start_event(started.ana, flags={"diabetes": True}))
    answer = started.dr_cole.post(
        address(started.ana, "read"),
        data={
            "event_id": values_of(page, "event_id"),
            "seen_level": values_of(page, "seen_level"),
            "outcome": "spoke_with_patient",
        },
    )
    assert answer.status_code == 409
    assert "more urgent while you were reading" in words_of(answer)
    assert values_of(panel(started.dr_cole, started.ana), "seen_level") == ["same_day"]


def test_only_what_was_on_the_screen_is_marked(started: Cast, clock: Clock) -> None:
    first = send_emergency(started)
    on_screen = values_of(panel(started.dr_cole, started.ana), "event_id")
    assert on_screen == [first["event_id"]]
    clock.move(minutes=1)
    later = event(started.ana, answers=answers(chest_pain=True))
    send(started.ana, later)
    read(started.dr_cole, started.ana, first, outcome="spoke_with_patient")
    assert values_of(panel(started.dr_cole, started.ana), "event_id") == [later["event_id"]]


# the other acts


def test_every_act_can_be_taken_back_from_the_page_that_follows(started: Cast) -> None:
    worst = send_emergency(started)
    acts = {
        "note": ({"note": "Rang the GP"}, "note saved."),
        "answer": ({"message": "We will call you."}, "the message goes to the patient."),
        "call": ({"result": "no_answer"}, "call noted, no answer."),
        "hand-over": ({"to": started.dr_cole.account_id}, "handed over to Dr Cole."),
    }
    for name, (data, words) in acts.items():
        answer = act(started.dr_cole, started.ana, name, worst, **data)
        assert answer.status_code == 303, words_of(answer)
        page = started.dr_cole.get(answer.headers["Location"])
        assert f"Ana R.: {words}" in words_of(page)
        undo = undo_address(page)
        assert f"/undo/{name}/" in undo
        back = started.dr_cole.post(undo, data={"back": "patient"})
        assert back.headers["Location"] == address(started.ana, "review").removesuffix("/review")
        assert words not in words_of(started.dr_cole.get(answer.headers["Location"]))
    db.session.rollback()
    for row in (Note, Review, HandOver):
        assert all(one.undone_at is not None for one in db.session.scalars(select(row)))


def test_raising_shows_both_verdicts_and_can_be_taken_back(started: Cast) -> None:
    made = event(started.ana)
    send(started.ana, made)
    page = panel(started.dr_cole, started.ana)
    assert "Raise the level to" in words_of(page)
    answer = act(
        started.dr_cole, started.ana, "raise", made, level="same_day", note="Sounded faint"
    )
    page = started.dr_cole.get(answer.headers["Location"])
    assert "Ana R.: raised to “Today”." in words_of(page)
    said = words_of(started.dr_cole.get("/clinic")) + words_of(panel(started.dr_cole, started.ana))
    for words in (
        "No flags, day 3.",
        "Raised by Dr Cole: Sounded faint",
        "Phone told them: “Nothing matched our warning rules”",
        "Server: Nothing matched, when it arrived (12:00, rules 1)",
        "Dr Cole raised it to: Today (12:00)",
        "The patient may not have seen this level.",
    ):
        assert words in said, words
    assert "Choose what came of it" in words_of(
        act(started.dr_cole, started.ana, "read", made, back="worklist")
    )
    started.dr_cole.post(undo_address(page))
    db.session.rollback()
    assert [one.level for one in db.session.scalars(select(Verdict))] == ["expected"]
    assert [one.subject_id for one in audited("check_in.raised_undone")] == [started.ana.account_id]


def test_a_level_cannot_be_lowered_by_hand(started: Cast) -> None:
    worst = send_emergency(started)
    assert "Raise the level" not in words_of(panel(started.dr_cole, started.ana))
    answer = act(started.dr_cole, started.ana, "raise", worst, level="same_day", note="Keep me")
    assert answer.status_code == 422
    assert "Levels only rise." in words_of(answer)
    assert textareas_of(answer)[0] == "Keep me"


def test_a_call_that_reached_somebody_closes_and_one_that_did_not_stays(
    started: Cast,
) -> None:
    worst = send_emergency(started)
    page = act(started.dr_cole, started.ana, "call", worst, result="left_message", note="At 12")
    assert page.status_code == 303
    said = words_of(panel(started.dr_cole, started.ana))
    assert "Called by Dr Cole, 12:00 · Left a message" in said
    assert "At 12" in said
    for result in ("", "spoken", "read"):
        assert act(started.dr_cole, started.ana, "call", worst, result=result).status_code == 422
    assert act(started.dr_cole, started.ana, "call", worst, result="spoke").status_code == 303
    assert "Nothing of this patient is unread" in words_of(panel(started.dr_cole, started.ana))
    assert db.session.scalars(select(Review.outcome).where(Review.kind == "read")).all() == [
        "spoke_with_patient"
    ]


def test_a_message_that_was_typed_is_never_dropped_by_another_button(started: Cast) -> None:
    worst = send_emergency(started)
    to = {"to": started.dr_cole.account_id}
    for name, data in (("note", {"note": "N"}), ("hand-over", to), ("raise", {"level": "x"})):
        answer = act(started.dr_cole, started.ana, name, worst, message="Dear Ana", **data)
        assert answer.status_code == 422
        assert "You wrote a message too. Send it, or empty it first." in words_of(answer)
        assert textareas_of(answer)[1] == "Dear Ana"


def test_the_clinics_own_messages_are_offered_and_sent_without_a_script(started: Cast) -> None:
    words = clinics.snapshot(started.dr_cole.clinic_id)
    messages = [Message(title="Ice", text='Use ice as "agreed" & <soon>.')]
    with writing():
        clinics.save_words(
            clinic_id=started.dr_cole.clinic_id,
            words=words.words.model_copy(update={"messages": messages}),
            seen_version=words.version,
            at=words.signed.at if words.signed else None,  # type: ignore[arg-type]
            actor_id=started.mo.account_id,
            actor_name="Mo",
        )
    worst = send_emergency(started)
    page = panel(started.dr_cole, started.ana)
    assert "<soon>" not in page.text
    assert 'data-text="Use ice as &#34;agreed&#34; &amp; &lt;soon&gt;."' in page.text
    act(started.dr_cole, started.ana, "answer", worst, choice="Ice")
    act(started.dr_cole, started.ana, "answer", worst, choice="Ice", message="My own")
    assert db.session.scalars(select(Review.message).order_by(Review.message)).all() == [
        "My own",
        messages[0].text,
    ]


def test_a_hand_over_goes_to_a_clinician_of_this_clinic_or_back_to_all(started: Cast) -> None:
    worst = send_emergency(started)
    for to in (started.mo.account_id, started.dr_dunn.account_id, started.ana.account_id, "x", ""):
        answer = act(started.dr_cole, started.ana, "hand-over", worst, to=to)
        assert answer.status_code == 422, to
    act(started.dr_cole, started.ana, "hand-over", worst, to=started.dr_cole.account_id, note="Me")
    key = (started.ana.clinic_id, started.ana.account_id)
    db.session.rollback()
    assert db.session.get_one(Patient, key).assigned_id == started.dr_cole.account_id
    said = words_of(panel(started.dr_cole, started.ana))
    assert "Handed over to you." in said
    act(started.dr_cole, started.ana, "hand-over", worst, to="everybody")
    db.session.rollback()
    assert db.session.get_one(Patient, key).assigned_id is None


# in place, and who has it open


def test_in_place_the_answer_is_what_is_to_stand_there_next(started: Cast) -> None:
    worst = send_emergency(started)
    given = {"in_place": "1", "back": "/clinic?level=emergency&read=old"}
    noted = act(started.dr_cole, started.ana, "note", worst, note="Hm", **given)
    assert noted.status_code == 200
    assert "data-review-done" in noted.text
    assert "<html" not in noted.text
    assert "Mark as read" in words_of(noted)
    assert values_of(noted, "back") == ["/clinic?level=emergency"] * 2
    wrong = act(started.dr_cole, started.ana, "read", worst, **given)
    assert (wrong.status_code, "<html" in wrong.text) == (422, False)
    done = act(started.dr_cole, started.ana, "read", worst, outcome="already_in_care", **given)
    assert "Ana R.: marked as read." in words_of(done)
    assert "data-review " not in done.text


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil", "/clinic?x=<b>", "/clinic/settings", "/clinic?\n"]
)
def test_an_act_leads_back_only_to_our_own_worklist(started: Cast, back: str) -> None:
    worst = send_emergency(started)
    answer = act(started.dr_cole, started.ana, "note", worst, note="Hm", back=back)
    assert answer.headers["Location"].startswith("/clinic?read=")


def test_who_has_it_open_is_told_to_the_next_who_may_go_on(started: Cast, clock: Clock) -> None:
    send_emergency(started)
    claim = address(started.ana, "claim")
    assert words_of(started.dr_cole.post(claim)) == ""
    with writing():
        colleague = _second_clinician(started)
    assert "Dr Cole has this open." in words_of(panel(colleague, started.ana))
    assert "Dr Cole has this open." in words_of(colleague.post(claim))
    assert words_of(colleague.post(claim, data={"take_over": "1"})) == ""
    assert f"{colleague.name} has this open." in words_of(started.dr_cole.post(claim))
    colleague.post(claim, data={"release": "1"})
    assert "has this open" not in words_of(panel(started.dr_cole, started.ana))
    assert audited("review.seen")
    started.dr_cole.post(claim)
    clock.move(minutes=4)
    assert "has this open" not in words_of(panel(colleague, started.ana))


def _second_clinician(cast: Cast) -> Person:
    """Mo with a clinician's role, signed in anew."""
    db.session.get_one(Account, cast.mo.account_id).role = "clinician"
    return cast.mo


def test_another_persons_act_offers_me_no_undo(started: Cast, clock: Clock) -> None:
    worst = send_emergency(started)
    answer = read(started.dr_cole, started.ana, worst, outcome="spoke_with_patient")
    act_id = answer.headers["Location"].partition("read=")[2]
    clinic_id = started.dr_cole.clinic_id
    for by, is_offered in ((started.dr_cole, True), (started.mo, False), (started.dr_dunn, False)):
        shown = undoing.undoable(
            clinic_id=clinic_id, act_id=act_id, by_id=by.account_id, at=clock()
        )
        assert (shown is not None) == is_offered


def test_none_of_it_is_dr_dunns_or_a_patients_business(started: Cast) -> None:
    worst = send_emergency(started)
    noted = act(started.dr_cole, started.ana, "note", worst, note="Hm")
    note_id = noted.headers["Location"].partition("read=")[2]
    outsiders = (started.dr_dunn, started.ana, started.ben, started.mo)
    for who in outsiders:
        assert who.get(address(started.ana, "review")).status_code == 404
        for name in ("claim", "read", "note", "answer", "call", "hand-over", "raise"):
            sent = {"note": "x", "message": "", "result": "no_answer", "level": "emergency"}
            answer = act(who, started.ana, name, worst, **sent, to="everybody")
            assert answer.status_code == 404, name
        for kind in ("note", "read", "hand-over", "nonsense"):
            path = address(started.ana, f"undo/{kind}/{note_id}")
            assert who.post(path).status_code == 404
    assert started.dr_cole.post(address(started.ana, f"undo/read/{note_id}")).status_code == 404


def test_what_anybody_wrote_stays_text(started: Cast) -> None:
    worst = event(started.ana, answers=answers(breathless=True, note=HOSTILE))
    send(started.ana, worst)
    send(started.ana, about(started.ana, worst, "called"))
    pages = [
        act(started.dr_cole, started.ana, "note", worst, note=HOSTILE, in_place="1"),
        act(started.dr_cole, started.ana, "answer", worst, message=HOSTILE, in_place="1"),
        act(started.dr_cole, started.ana, "raise", worst, note=HOSTILE, level=HOSTILE),
        act(started.dr_cole, started.ana, "hand-over", worst, to=HOSTILE, back=HOSTILE),
        panel(started.dr_cole, started.ana),
    ]
    for page in pages:
        assert "<img data-hostile" not in page.text
    assert HOSTILE in words_of(pages[-1])
    assert "hurt" not in str([one.detail for one in audited("note.written")])
