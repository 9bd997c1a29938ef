"""The worklist: who is on it, in which order and words; reading in place; undo; refreshing."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from pwa.check_ins.models import Review
from pwa.clinic import worklist
from pwa.clinic.worklist import Reader
from pwa.clinic.worklist_place import Place
from pwa.database import db, writing
from pwa.practice import clinics
from tests.clinic.asking import audited, read, send_emergency, textareas_of, values_of, words_of
from tests.conftest import Cast, Clock, Person, send
from tests.making import about, amend, answers, event, shoulder_answers, start_event


def test_an_emergency_tells_who_why_and_what_the_phone_said(started: Cast) -> None:
    send_emergency(started)
    said = words_of(started.dr_cole.get("/clinic"))
    for words in (
        "1 person needs you",
        "Emergency",
        "Ana R.",
        "R-ana",
        "07700 900461",
        "Right knee · day 3",
        "Dextrose 15 %",
        "New breathlessness or chest pain, day 3",
        "Phone told them: “Get emergency help now”",
        "11:55 → 12:00",
        "Recorded 5 minutes ago , received now",
    ):
        assert words in said
    assert 'href="tel:07700900461"' in started.dr_cole.get("/clinic").text


def test_a_later_milder_check_in_never_hides_an_emergency(started: Cast, clock: Clock) -> None:
    worst = send_emergency(started)
    clock.move(hours=1)
    send(started.ana, event(started.ana))
    page = started.dr_cole.get("/clinic")
    assert re.findall(r'data-level="(\w+)"', page.text) == ["emergency"]
    read(started.dr_cole, started.ana, worst, outcome="spoke_with_patient")
    page = started.dr_cole.get("/clinic")
    assert re.findall(r'data-level="(\w+)"', page.text) == ["expected"]


def test_the_worst_come_first_and_the_expected_ones_apart(started: Cast, clock: Clock) -> None:
    send(started.ben, event(started.ben, answers=shoulder_answers()))
    clock.move(minutes=1)
    send_emergency(started)
    page = started.dr_cole.get("/clinic").text
    assert re.findall(r'data-level="(\w+)"', page) == ["emergency", "expected"]
    assert page.index("Ana R.") < page.index("Nothing matched, and diaries") < page.index("Ben T.")


def test_the_server_above_the_phone_says_that_the_patient_may_not_know(started: Cast) -> None:
    send(started.ana, event(started.ana, answers=answers(breathless=True)))
    said = words_of(started.dr_cole.get("/clinic"))
    assert "The patient may not have seen this level." in said
    assert "Phone told them: “Nothing matched our warning rules”" in said


def test_a_call_by_the_patient_is_told(started: Cast) -> None:
    made = send_emergency(started)
    before = started.dr_cole.get("/clinic/worklist/rows").text
    send(started.ana, about(started.ana, made, "called"))
    after = started.dr_cole.get("/clinic/worklist/rows").text
    assert "They say they have called" in after
    assert re.findall(r'data-stamp="(\w+)"', before) != re.findall(r'data-stamp="(\w+)"', after)


@pytest.mark.fault(55, 119)
def test_odd_clocks_and_gaps_are_told_in_words(started: Cast) -> None:
    send(started.ana, event(started.ana, dseq=5), sent_at="2026-11-26T09:00:00+00:00")
    said = words_of(started.dr_cole.get("/clinic"))
    assert "Phone clock 3 hours slow." in said
    assert "3 entries of this phone have not arrived." in said


@pytest.mark.fault(57)
@pytest.mark.parametrize("year", ["1970", "9999"])
def test_a_time_that_cannot_be_is_shown_and_not_a_failure(started: Cast, year: str) -> None:
    send(
        started.ana,
        event(
            started.ana,
            recorded_at=f"{year}-12-31T23:59:00+00:00",
            local_date=f"{year}-12-31",
        ),
    )
    assert "the phone's clock" in words_of(started.dr_cole.get("/clinic"))
    page = started.dr_cole.get(f"/clinic/patients/{started.ana.account_id}")
    assert page.status_code == 200


def test_an_empty_clinic_is_told_how_to_begin(cast: Cast) -> None:
    said = words_of(cast.dr_dunn.get("/clinic"))
    assert "Nobody needs you now" in said
    assert "No patient has been added yet." in said
    assert "Add a patient and hand over the card" in said


def test_a_clinic_at_work_is_not_told_how_to_begin(cast: Cast) -> None:
    said = words_of(cast.dr_cole.get("/clinic"))
    assert "Nothing is waiting to be read." in said
    assert "Add a patient" not in said


def test_an_administrator_sees_no_clinical_data(started: Cast) -> None:
    send_emergency(started)
    answer = started.mo.get("/clinic")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/clinic/settings")
    for path in ("/clinic/worklist/rows", "/clinic/patients"):
        assert started.mo.get(path).status_code == 404


def test_reading_needs_an_outcome_and_keeps_what_was_typed(started: Cast) -> None:
    worst = send_emergency(started)
    answer = read(started.dr_cole, started.ana, worst, note="Rang, <b>no answer</b>")
    assert answer.status_code == 422
    assert "Choose what came of it before you close this." in words_of(answer)
    assert textareas_of(answer)[0] == "Rang, <b>no answer</b>"
    assert "<b>no answer</b>" not in answer.text
    answer = read(
        started.dr_cole, started.ana, worst, outcome="booked_to_be_seen", note="Rang, no answer"
    )
    assert answer.status_code == 303
    review = db.session.scalars(select(Review)).one()
    assert (review.outcome, review.note) == ("booked_to_be_seen", "Rang, no answer")


def test_a_note_of_100_000_letters_is_refused_and_kept(started: Cast) -> None:
    worst = send_emergency(started)
    long = "x" * 100_000
    answer = read(started.dr_cole, started.ana, worst, outcome="booked_to_be_seen", note=long)
    assert answer.status_code == 422
    assert textareas_of(answer)[0] == long
    assert 'value="booked_to_be_seen" selected' in answer.text


def test_only_what_was_on_the_screen_is_marked(started: Cast, clock: Clock) -> None:
    first = send_emergency(started)
    on_screen = values_of(review_of(started), "event_id")
    assert on_screen == [first["event_id"]]
    clock.move(minutes=1)
    later = event(started.ana, answers=answers(chest_pain=True))
    send(started.ana, later)
    read(started.dr_cole, started.ana, first, outcome="spoke_with_patient")
    assert values_of(review_of(started), "event_id") == [later["event_id"]]


def test_what_became_more_urgent_meanwhile_is_not_closed(started: Cast) -> None:
    warm = event(started.ana, answers=answers(warmth=True))
    send(started.ana, warm)
    page = review_of(started)
    send(started.ana, start_event(started.ana, flags={"diabetes": True}))
    answer = started.dr_cole.post(
        f"/clinic/patients/{started.ana.account_id}/read",
        data={
            "event_id": values_of(page, "event_id"),
            "seen_level": values_of(page, "seen_level"),
            "outcome": "spoke_with_patient",
        },
    )
    assert answer.status_code == 409
    assert "more urgent while you were reading" in words_of(answer)
    assert values_of(review_of(started), "seen_level") == ["same_day"]


def test_undo_brings_the_row_back(started: Cast, clock: Clock) -> None:
    worst = send_emergency(started)
    answer = read(started.dr_cole, started.ana, worst, outcome="spoke_with_patient")
    page = started.dr_cole.get(answer.headers["Location"])
    assert "Ana R.: marked as read." in words_of(page)
    [undo] = re.findall(r'action="(/clinic/patients/[^"]+/undo/[^"]+)"', page.text)
    assert "data-patient" not in page.text
    clock.move(seconds=9)
    assert started.dr_cole.post(undo).status_code == 303
    assert 'data-level="emergency"' in started.dr_cole.get("/clinic").text
    assert [one.subject_id for one in audited("check_in.read_undone")] == [started.ana.account_id]


def test_after_ten_seconds_it_is_too_late_to_undo(started: Cast, clock: Clock) -> None:
    worst = send_emergency(started)
    answer = read(started.dr_cole, started.ana, worst, outcome="spoke_with_patient")
    [undo] = re.findall(
        r'action="(/clinic/patients/[^"]+/undo/[^"]+)"',
        started.dr_cole.get(answer.headers["Location"]).text,
    )
    clock.move(seconds=11)
    assert "marked as read" not in words_of(started.dr_cole.get(answer.headers["Location"]))
    late = started.dr_cole.post(undo)
    assert late.status_code == 409
    assert "too late to undo" in words_of(late)


def test_of_two_readers_the_second_is_told(started: Cast) -> None:
    worst = send_emergency(started)
    read(started.dr_cole, started.ana, worst, outcome="spoke_with_patient")
    again = read(started.dr_cole, started.ana, worst, outcome="left_message", note="Mine")
    assert again.status_code == 409
    assert "already" in words_of(again)


def test_the_page_is_logged_and_its_refreshing_is_not(started: Cast) -> None:
    started.dr_cole.get("/clinic")
    assert [one.actor_name for one in audited("worklist.seen")] == ["Dr Cole"]
    started.dr_cole.get("/clinic/worklist/rows")
    assert len(audited("worklist.seen")) == 1


def test_refreshing_says_nothing_until_something_changes(started: Cast) -> None:
    send(started.ana, event(started.ana))
    [stamp] = re.findall(r'data-stamp="(\w+)"', started.dr_cole.get("/clinic").text)
    path = f"/clinic/worklist/rows?stamp={stamp}"
    quiet = started.dr_cole.get(path)
    assert (quiet.status_code, quiet.data) == (204, b"")
    send_emergency(started)
    assert "New breathlessness" in started.dr_cole.get(path).text


@pytest.mark.fault(74)
def test_nobodys_page_is_kept_by_a_browser(started: Cast) -> None:
    for path in ("/clinic", "/clinic/worklist/rows", "/clinic/settings", "/clinic/patients"):
        assert started.dr_cole.get(path).headers["Cache-Control"] == "no-store"


def test_a_corrected_and_a_withdrawn_check_in_say_so(started: Cast) -> None:
    worst = send_emergency(started)
    send(started.ana, amend(started.ana, worst))
    said = words_of(started.dr_cole.get("/clinic"))
    assert "The patient corrected it since." in said
    assert "2 unread" in said
    send(started.ana, about(started.ana, worst, "retract"))
    assert "The patient withdrew it." in words_of(started.dr_cole.get("/clinic"))


def test_a_diary_entry_is_listed_and_read_like_the_others(started: Cast) -> None:
    diary = event(
        started.ana, rules_version=None, verdict=None, answers={"pain_now": 3, "swelling": "none"}
    )
    send(started.ana, diary)
    said = words_of(started.dr_cole.get("/clinic"))
    assert "Diary" in said and "The phone gave no level." in said
    assert read(started.dr_cole, started.ana, diary).status_code == 303
    assert "data-patient" not in started.dr_cole.get("/clinic").text


def reader_of(person: Person) -> Reader:
    return Reader(person.account_id, person.name, person.clinic_id)


def test_a_page_holds_no_more_than_its_rows_and_the_next_follows_on(
    started: Cast, app: Flask, clock: Clock
) -> None:
    send(started.ben, event(started.ben, answers=shoulder_answers()))
    clock.move(minutes=1)
    send_emergency(started)
    known = {
        "reader": reader_of(started.dr_cole),
        "schedule": clinics.schedule(started.dr_cole.clinic_id),
        "library": app.extensions["library"],
        "at": clock(),
        "limit": 1,
    }
    first = worklist.read_worklist(**known)
    assert [row.display_name for row in first.needing + first.other] == ["Ana R."]
    second = worklist.read_worklist(**known, after=Place.read(str(first.next_place)))
    assert [row.display_name for row in second.needing + second.other] == ["Ben T."]
    assert second.next_place is None


@pytest.mark.parametrize("after", ["", "x", "4", "4.x.y", "99999.1.a", f"4.{'9' * 30}.a"])
def test_a_place_that_nobody_gave_out_leads_to_the_start(started: Cast, after: str) -> None:
    send_emergency(started)
    answer = started.dr_cole.get("/clinic", query_string={"after": after})
    assert answer.status_code == 200
    assert "That place in the list is not known. This is its start." in words_of(answer)
    assert "Ana R." in words_of(answer)


def test_an_unsigned_clinic_is_told_what_that_means(cast: Cast, clock: Clock) -> None:
    with writing():
        words = clinics.snapshot(cast.dr_cole.clinic_id).words
        clinics.save_words(
            clinic_id=cast.dr_cole.clinic_id,
            words=words.model_copy(
                update={"phone": words.phone.model_copy(update={"number": "020 7946 0999"})}
            ),
            seen_version=clinics.words_version(cast.dr_cole.clinic_id),
            at=clock(),
            actor_id=cast.mo.account_id,
            actor_name=cast.mo.name,
        )
    assert "Nobody has noted that these numbers work: phone." in words_of(
        cast.dr_cole.get("/clinic")
    )


def test_another_persons_reading_offers_me_no_undo(started: Cast) -> None:
    worst = send_emergency(started)
    answer = read(started.dr_cole, started.ana, worst, outcome="spoke_with_patient")
    assert "marked as read" not in words_of(started.dr_dunn.get(answer.headers["Location"]))


def review_of(cast: Cast) -> TestResponse:
    """Ana's review, as the worklist asks for it when her row is opened."""
    return cast.dr_cole.get(f"/clinic/patients/{cast.ana.account_id}/review")
