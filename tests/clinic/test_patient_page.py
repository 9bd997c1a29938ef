"""The page of one patient: the course, everything in one order, and how a long course is read."""

from __future__ import annotations

import gzip
import re
from datetime import datetime, timedelta
from typing import Self

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy import event as events
from werkzeug.test import TestResponse

from pwa.check_ins import hand_overs, notes, reviews
from pwa.clinic import patient
from pwa.clinic.chart import LATELY_DAYS
from pwa.clinic.times import Moment
from pwa.database import db, reading, writing
from tests.clinic.asking import KNEE, audited, send_emergency, values_of, words_of
from tests.conftest import Cast, Clock, Person, add_treatment, send
from tests.making import about, amend, answers, event

NASTY = '<script>alert("x")</script>'
WARM = {"level": "clinic_hours", "reasons": ["C4_LOCAL_SIGNS"]}


def page_of(cast: Cast, query: str = "") -> TestResponse:
    return cast.dr_cole.get(f"/clinic/patients/{cast.ana.account_id}{query}")


def note(cast: Cast, text: str, *, at: datetime, event_id: str | None = None) -> str:
    with writing():
        return notes.add(
            actor=cast.dr_cole.actor,
            patient_id=cast.ana.account_id,
            event_id=event_id,
            text=text,
            at=at,
        )


def hand_over(cast: Cast, to: Person | None, *, remark: str, at: datetime) -> None:
    with writing():
        hand_overs.hand_over(
            actor=cast.dr_cole.actor,
            patient_id=cast.ana.account_id,
            to_id=None if to is None else to.account_id,
            to_name="" if to is None else to.name,
            remark=remark,
            at=at,
        )


def fill(cast: Cast, clock: Clock, count: int) -> list[str]:
    """So many check-ins of ana, one every two hours until now; returns their ids."""
    made = []
    for number in range(count):
        at = clock() - timedelta(hours=2 * (count - number))
        made.append(
            event(
                cast.ana,
                recorded_at=at.isoformat(),
                local_date=at.date().isoformat(),
                answers=answers(pain_now=number % 11, temp_c=36.5, note=f"number {number}"),
            )
        )
    for start in range(0, count, 90):
        send(cast.ana, *made[start : start + 90])
        clock.move(days=1)
    return [one["event_id"] for one in made]


class Statements:
    """Counts what is asked of the database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.count = 0

    def __enter__(self) -> Self:
        events.listen(self.engine, "before_cursor_execute", self._one_more)
        return self

    def __exit__(self, *_: object) -> None:
        events.remove(self.engine, "before_cursor_execute", self._one_more)

    def _one_more(self, *_: object) -> None:
        self.count += 1


def test_what_was_done_between_two_check_ins_stands_between_them(
    started: Cast, clock: Clock
) -> None:
    cast = started
    send(cast.ana, event(cast.ana, answers=answers(note="the first")))
    clock.move(minutes=5)
    note(cast, "Call after five", at=clock())
    clock.move(minutes=5)
    hand_over(cast, cast.mo, remark="I am away", at=clock())
    clock.move(minutes=5)
    later = event(cast.ana, answers=answers(note="the second"))
    send(cast.ana, later)
    clock.move(minutes=5)
    note(cast, "Looks like a flare", at=clock(), event_id=later["event_id"])
    said = words_of(page_of(cast)).partition("Check-ins")[2]
    order = [
        "the second",
        "Note by Dr Cole, 12:20",
        "Looks like a flare",
        "Dr Cole handed them over to Mo, 12:10",
        "I am away",
        "Note by Dr Cole, 12:05",
        "Call after five",
        "the first",
    ]
    places = [said.index(words) for words in order]
    assert places == sorted(places)


def test_a_review_of_several_tells_its_note_and_message_once(started: Cast, clock: Clock) -> None:
    cast = started
    made = [event(cast.ana), event(cast.ana)]
    send(cast.ana, *made)
    with writing():
        reviews.mark_read(
            actor=cast.dr_cole.actor,
            role="clinician",
            patient_id=cast.ana.account_id,
            event_ids=[one["event_id"] for one in made],
            outcome="spoke_with_patient",
            note="Both are fine",
            message="Keep walking",
            at=clock(),
        )
    said = words_of(page_of(cast)).partition("Check-ins")[2]
    assert said.count("Read by Dr Cole, 12:00 · Spoke with the patient") == 2
    assert said.count("together with a later one") == 1
    assert said.count("Both are fine") == said.count("Keep walking") == 1


def test_a_call_that_reached_nobody_and_a_raised_level_stay_visible(
    started: Cast, clock: Clock
) -> None:
    cast = started
    made = event(cast.ana)
    send(cast.ana, made)
    with writing():
        acting = {
            "actor": cast.dr_cole.actor,
            "role": "clinician",
            "patient_id": cast.ana.account_id,
            "at": clock(),
        }
        reviews.note_call(
            **acting, event_ids=[made["event_id"]], result="no_answer", note="", message=""
        )
        reviews.raise_level(
            **acting, event_id=made["event_id"], level="same_day", remark="Sounded unwell"
        )
    said = words_of(page_of(cast)).partition("Check-ins")[2]
    for words in (
        "Called by Dr Cole, 12:00 · No answer",
        "Raised by Dr Cole: Sounded unwell",
        "Dr Cole raised it to: Today (12:00)",
        "Server: Nothing matched, when it arrived",
        "The patient may not have seen this level.",
    ):
        assert words in said, words


def test_every_version_stays_with_its_answers_and_verdicts(started: Cast, clock: Clock) -> None:
    cast = started
    worst = send_emergency(cast)
    clock.move(minutes=5)
    send(cast.ana, amend(cast.ana, worst, answers=answers(breathless=False, pain_now=6)))
    clock.move(minutes=5)
    send(cast.ana, amend(cast.ana, worst, answers=answers(breathless=False, pain_now=7)))
    said = words_of(page_of(cast)).partition("Check-ins")[2]
    for words in ("Correction 2 (there are 2; this one counts)", "Correction 1", "As first sent"):
        assert words in said
    assert "6 → 7" in said and "Yes → No" in said
    assert "Server: Emergency, when it arrived (12:00, rules 1)" in said


def test_the_chart_is_of_the_whole_course_or_of_the_last_14_days(started: Cast) -> None:
    cast = started
    send(
        cast.ana,
        event(cast.ana, local_date="2026-11-01", answers=answers(pain_now=9)),
        event(cast.ana, answers=answers(pain_now=2, temp_c=37.2, warmth=True), verdict=WARM),
    )
    whole, lately = page_of(cast), page_of(cast, "?days=14")
    assert "2 check-ins; pain at most 9, latest 2 on day 3; temperature" in whole.text
    assert "1 check-ins; pain at most 2" in lately.text
    assert "last 14 days" in words_of(lately)
    for page in (whole, lately):
        assert 'id="mark-clinic_hours"' in page.text and "style=" not in page.text
        days = re.findall(r'<a href="[^"#]+#([^"]+)">Clinic hours</a>', page.text)
        assert days and all(f'id="{day}"' in page.text for day in days)
    assert "pain at most 9" in page_of(cast, "?days=%3Cscript%3E").text


def test_a_flagged_day_leads_to_its_check_in_on_its_page(started: Cast, clock: Clock) -> None:
    cast = started
    worst = send_emergency(cast)
    fill(cast, clock, 16)
    [address] = re.findall(r'<a href="(/clinic[^"]+)">Emergency</a>', page_of(cast).text)
    path, _, anchor = address.partition("#")
    assert anchor == f"check-in-{worst['event_id']}"
    assert f'id="{anchor}"' in cast.dr_cole.get(path).text


def test_a_long_course_opens_with_its_last_days_while_something_comes_in_them(
    started: Cast, clock: Clock
) -> None:
    cast = started
    fill(cast, clock, patient.LONG)
    assert "last 14 days" not in words_of(page_of(cast))
    fill(cast, clock, 1)
    cast.dr_cole.sign_in()
    assert "last 14 days" in words_of(page_of(cast))
    assert "last 14 days" not in words_of(page_of(cast, "?days=all"))
    clock.move(days=LATELY_DAYS)
    cast.dr_cole.sign_in()
    assert "last 14 days" not in words_of(page_of(cast))
    assert "Nothing in the last 14 days" in words_of(page_of(cast, "?days=14"))


def test_the_pages_of_a_long_course_hold_each_check_in_once(started: Cast, clock: Clock) -> None:
    cast = started
    ids = fill(cast, clock, 33)
    seen: list[str] = []
    address: str | None = f"/clinic/patients/{cast.ana.account_id}"
    while address:
        page = cast.dr_cole.get(address)
        seen += re.findall(r'id="check-in-([0-9a-f-]{36})"', page.text)
        older = re.findall(r'href="([^"]+)#check-ins">Older', page.text)
        address = older[0] if older else None
    assert seen == list(reversed(ids))
    assert "8 to 14 of 33, newest first" in words_of(page_of(cast, "?from=7"))


def test_the_older_pages_of_a_patient_who_was_read_open_too(started: Cast, clock: Clock) -> None:
    cast = started
    ids = fill(cast, clock, 8)
    cast.dr_cole.sign_in()
    for _ in range(2):
        panel = cast.dr_cole.get(f"/clinic/patients/{cast.ana.account_id}/review")
        shown = {name: values_of(panel, name) for name in ("event_id", "seen_level")}
        acted = {**shown, "outcome": "sent_to_emergency_care", "back": "patient"}
        done = cast.dr_cole.post(f"/clinic/patients/{cast.ana.account_id}/read", data=acted)
        assert done.status_code == 303, words_of(done)
    page = page_of(cast, "?from=7")
    assert re.findall(r'id="check-in-([0-9a-f-]{36})"', page.text) == ids[:1]
    assert "What you do here is about the newest check-in." in words_of(page)


def test_what_was_done_is_on_one_page_only(started: Cast, clock: Clock) -> None:
    cast = started
    note(cast, "before anything came", at=clock() - timedelta(days=9))
    fill(cast, clock, 16)
    note(cast, "after all of it", at=clock())
    first, last = words_of(page_of(cast)), words_of(page_of(cast, "?from=15"))
    assert "after all of it" in first and "after all of it" not in last.partition("Check-ins")[2]
    assert "before anything came" in last
    assert "before anything came" not in first.partition("Check-ins")[2]


def test_a_page_asks_as_much_of_the_database_however_long_the_course_is(
    started: Cast, clock: Clock
) -> None:
    cast = started

    def asked() -> int:
        """The least of three: a request that meets another one is done again."""
        assert cast.dr_cole.sign_in().status_code == 200
        counts = []
        for _ in range(3):
            with Statements(db.engine) as statements:
                assert page_of(cast).status_code == 200
            counts.append(statements.count)
        return min(counts)

    fill(cast, clock, 2)
    note(cast, "one", at=clock())
    few = asked()
    assert few < 32
    with writing():
        for number in range(5):
            add_treatment(
                cast.dr_cole,
                cast.ana.account_id,
                site="hip",
                side="left",
                performed_on=clock().date() - timedelta(days=number),
                at=clock(),
            )
    ids = fill(cast, clock, 40)
    with writing():
        reviews.mark_read(
            actor=cast.dr_cole.actor,
            role="clinician",
            patient_id=cast.ana.account_id,
            event_ids=ids[:30],
            outcome="spoke_with_patient",
            note="",
            at=clock(),
        )
    note(cast, "two", at=clock(), event_id=ids[3])
    hand_over(cast, cast.mo, remark="", at=clock())
    assert asked() == few


def test_a_long_course_is_a_page_of_few_bytes(started: Cast, clock: Clock) -> None:
    cast = started
    fill(cast, clock, 90)
    page = page_of(cast)
    assert "90 check-ins; pain at most 10" in page.text
    assert len(gzip.compress(page.data)) < 30_000


def test_a_phone_with_a_hole_in_its_numbers_is_told_beside_its_name(started: Cast) -> None:
    cast = started
    send(cast.ana, event(cast.ana, dseq=5))
    said = words_of(page_of(cast))
    assert "3 entries of this phone have not arrived." in said
    assert "Phone 1 2 arrived, 3 missing" in said


def test_corrections_of_a_treatment_tell_what_changed_and_appointments_what_became(
    started: Cast, clock: Clock
) -> None:
    cast = started
    path = f"/clinic/patients/{cast.ana.account_id}/treatments/{cast.ana.treatment_id}"

    def correct(**changed: str) -> None:
        version = values_of(cast.dr_cole.get(path), "version")[0]
        data = {**KNEE, "version": version, **changed}
        assert cast.dr_cole.post(path, data=data).status_code == 303

    correct(next_on="2026-12-01", next_time="10:30")
    correct(next_on="2026-12-08", next_time="11:00", injected="Dextrose 20 %")
    said = words_of(page_of(cast))
    assert "Next: Tue 8 Dec 11:00 right knee" in said
    assert "Tue 1 Dec 10:30, right knee: moved to Tue 8 Dec 11:00 by Dr Cole, 12:00" in said
    assert "Injected: Dextrose 15 % → Dextrose 20 %" in said
    assert "Corrected: 2" in said and "As first written: Dr Cole" in said
    clock.now = datetime.fromisoformat("2026-12-10T12:00:00+00:00")
    assert cast.dr_cole.sign_in().status_code == 200
    assert "No next appointment." in words_of(page_of(cast))
    correct(next_on="2026-12-20", next_time="09:00")
    said = words_of(page_of(cast))
    assert "Next: Sun 20 Dec 09:00" in said and "Tue 8 Dec 11:00, right knee" in said
    correct(next_on="", next_time="")
    assert "Sun 20 Dec 09:00, right knee: taken off by Dr Cole" in words_of(page_of(cast))


def test_earlier_details_stay_on_the_page(started: Cast) -> None:
    cast = started
    path = f"/clinic/patients/{cast.ana.account_id}/details"
    data = {"display_name": "Ana Ro.", "second_identifier": "1990", "phone_number": ""}
    assert cast.dr_cole.post(path, data=data).status_code == 303
    assert "Ana R., R-ana, 07700 900461: until 12:00, corrected by Dr Cole" in words_of(
        page_of(cast)
    )


@pytest.mark.fault(98)
def test_html_in_what_people_wrote_stays_text(started: Cast, clock: Clock) -> None:
    cast = started
    made = event(cast.ana, answers=answers(note=NASTY))
    send(cast.ana, made)
    note(cast, NASTY, at=clock(), event_id=made["event_id"])
    hand_over(cast, cast.mo, remark=NASTY, at=clock())
    with writing():
        reviews.mark_read(
            actor=cast.dr_cole.actor,
            role="clinician",
            patient_id=cast.ana.account_id,
            event_ids=[made["event_id"]],
            outcome=None,
            note=NASTY,
            message=NASTY,
            at=clock(),
        )
    page = page_of(cast)
    assert NASTY not in page.text
    assert page.text.count("&lt;script&gt;") >= 5


def test_the_page_is_none_of_dr_dunns_business_and_no_patients(started: Cast) -> None:
    cast = started
    send_emergency(cast)
    path = f"/clinic/patients/{cast.ana.account_id}"
    assert cast.dr_dunn.get(path).status_code == 404
    for patient_role in (cast.ana, cast.ben):
        assert patient_role.get(path).status_code == 404
    assert audited("patient.seen") == []


def test_a_withdrawn_check_in_stays_on_the_page_and_out_of_the_chart(started: Cast) -> None:
    cast = started
    first, second = event(cast.ana, answers=answers(pain_now=9)), event(cast.ana)
    send(cast.ana, first, second)
    send(cast.ana, about(cast.ana, first, "retract"))
    page = page_of(cast)
    assert "The patient withdrew it." in words_of(page)
    assert "1 check-ins; pain at most 4" in page.text


def test_everything_at_once_is_read_for_a_record_that_is_given_out(
    started: Cast, app: Flask, clock: Clock
) -> None:
    cast = started
    fill(cast, clock, 20)
    with reading():
        page = patient.read_page(
            clinic_id=cast.ana.clinic_id,
            patient_id=cast.ana.account_id,
            library=app.extensions["library"],
            when=Moment(now=clock(), zone="Europe/London"),
            limit=10**9,
        )
        reasons = [thread.current.reasons for thread in page.threads]
    assert len(reasons) == 20 and all(reasons)
    assert page.next_offset is None
