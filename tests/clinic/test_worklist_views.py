"""Views of the worklist: filters, counts, pages, addresses that somebody typed, many rows."""

from __future__ import annotations

import gzip
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import update
from werkzeug.test import TestResponse

from pwa.accounts.models import Patient
from pwa.check_ins import attention, expected
from pwa.check_ins.models import Attention, Claim, Expectation, HandOver, Review
from pwa.clinic.worklist import PAGE_SIZE
from pwa.clinic.worklist_filters import Filters, read
from pwa.database import db, writing
from tests.clinic.asking import EMERGENCY, send_emergency, words_of
from tests.clinic.crowd import gather
from tests.conftest import NOON, Cast, Clock, Person, add_treatment, send
from tests.making import about, amend, answers, event, shoulder_answers

JOINTS = ("knee", "shoulder")


@pytest.fixture
def both(started: Cast, clock: Clock) -> Cast:
    """Ana's knee is an emergency, Ben's shoulder matched nothing."""
    send(started.ben, event(started.ben, answers=shoulder_answers()))
    clock.move(minutes=1)
    send_emergency(started)
    return started


def names_in(answer: TestResponse) -> list[str]:
    return re.findall(r'class="work__name"><a [^>]+>([^<]+)<', answer.text)


def count_of(answer: TestResponse, name: str) -> int:
    [found] = re.findall(rf'data-count="{re.escape(name)}">(\d+)<', answer.text)
    return int(found)


def shown(reader: Person, query: str) -> list[str]:
    return names_in(reader.get(f"/clinic?{query}"))


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement that reaches the database meanwhile, but for looking at the clinic itself,
    which every page does again after a while."""
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        if not re.search(r"^BEGIN|FROM (clinics|sign_offs)\b", statement):
            seen.append(statement)

    sqlalchemy_event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sqlalchemy_event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Ana R.", "Ben T."]),
        ("level=emergency", ["Ana R."]),
        ("level=expected", ["Ben T."]),
        ("level=same_day", []),
        ("joint=shoulder", ["Ben T."]),
        ("joint=knee&level=emergency", ["Ana R."]),
        ("joint=knee&level=expected", []),
        ("by=Dr+Cole", ["Ana R.", "Ben T."]),
        ("by=Dr+Nobody", []),
        ("mine=1", ["Ana R.", "Ben T."]),
        ("mine=0&level=", ["Ana R.", "Ben T."]),
    ],
)
def test_a_view_has_an_address_and_shows_what_fits(
    both: Cast, query: str, names: list[str]
) -> None:
    assert shown(both.dr_cole, query) == names


def test_each_choice_says_how_many_it_would_leave(both: Cast) -> None:
    page = both.dr_cole.get("/clinic?joint=knee")
    assert (count_of(page, "all"), count_of(page, "mine")) == (2, 1)
    assert (count_of(page, "level.emergency"), count_of(page, "level.expected")) == (1, 0)
    assert '<option value="shoulder">Shoulder (1)</option>' in page.text
    assert '<option value="knee" selected>Knee (1)</option>' in page.text
    assert '<option value="Dr Cole">Dr Cole (1)</option>' in page.text
    assert "1 patient in this view." in words_of(page)


@pytest.mark.parametrize("query", ["level=expected", "joint=shoulder", "overdue=1"])
def test_a_view_never_hides_that_there_is_an_emergency(both: Cast, query: str) -> None:
    said = words_of(both.dr_cole.get(f"/clinic?{query}"))
    assert "1 emergency is not in this view. Show it" in said
    assert "1 person needs you" in said
    assert "not in this view" not in words_of(both.dr_cole.get("/clinic?level=emergency"))


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("level=purple", "There is no level “purple”."),
        ("joint=nose", "There is no joint “nose”."),
        ("joint=%3Cb%3Eknee", "There is no joint “<b>knee”."),
        ("mine=yes", "There is no list “mine” named “yes”."),
        ("by=" + "x" * 500, "There is no clinician “"),
        ("level=%F0%9F%92%89", "There is no level “💉”."),
    ],
)
def test_an_address_typed_by_hand_is_answered_in_words(
    both: Cast, query: str, sentence: str
) -> None:
    answer = both.dr_cole.get(f"/clinic?{query}")
    assert answer.status_code == 200
    assert sentence in words_of(answer)
    assert "<b>knee" not in answer.text
    assert names_in(answer) == ["Ana R.", "Ben T."]


def test_every_view_has_one_address_that_reads_back() -> None:
    view = Filters(is_mine=True, level="same_day", joint="knee", by="Dr O'Hara & Sön")
    assert view.address == ("/clinic?mine=1&level=same_day&joint=knee&by=Dr+O%27Hara+%26+S%C3%B6n")
    assert read(view.query, joints=JOINTS).filters == view
    late = Filters(is_overdue=True)
    assert read({**late.query, "level": "expected"}, joints=JOINTS).filters == late
    assert Filters().address == "/clinic"


def test_mine_are_those_handed_to_me_and_those_i_treated(both: Cast) -> None:
    hand_over(both, both.ana, to=both.mo, at=NOON)
    assert shown(both.dr_cole, "mine=1") == ["Ben T."]
    hand_over(both, both.ana, to=both.dr_cole, at=NOON + timedelta(minutes=1))
    page = both.dr_cole.get("/clinic?mine=1")
    assert names_in(page) == ["Ana R.", "Ben T."]
    assert "Handed to you by Dr Cole: Please ring <b>after</b> three" in words_of(page)
    assert "<b>after" not in page.text


def hand_over(cast: Cast, patient: Person, *, to: Person, at: datetime) -> None:
    key = {"clinic_id": patient.clinic_id, "patient_id": patient.account_id}
    with writing():
        row = db.session.get_one(Patient, (patient.clinic_id, patient.account_id))
        row.assigned_id = to.account_id
        db.session.add(
            HandOver(
                **key,
                hand_over_id=f"{to.account_id[:30]}-h",
                from_id=cast.dr_cole.account_id,
                from_name="Dr Cole",
                to_id=to.account_id,
                to_name=to.name,
                remark="Please ring <b>after</b> three",
                at=at,
            )
        )
        attention.touch(**key)


def test_a_colleague_who_has_it_open_is_named_until_it_lapses(both: Cast, clock: Clock) -> None:
    before = stamp_of(both.dr_cole)
    with writing():
        db.session.add(
            Claim(
                clinic_id=both.ana.clinic_id,
                patient_id=both.ana.account_id,
                account_id=both.mo.account_id,
                name="Dr <i>Moss</i>",
                at=clock(),
            )
        )
    assert stamp_of(both.dr_cole) != before
    page = both.dr_cole.get("/clinic")
    assert "Dr <i>Moss</i> has this open" in words_of(page)
    assert "<i>Moss" not in page.text
    clock.move(minutes=3, seconds=1)
    assert "has this open" not in words_of(both.dr_cole.get("/clinic"))
    assert stamp_of(both.dr_cole) == before


def test_my_own_open_row_is_no_news_to_me(both: Cast) -> None:
    both.dr_cole.post(f"/clinic/patients/{both.ana.account_id}/claim")
    assert "has this open" not in words_of(both.dr_cole.get("/clinic"))


def test_a_call_that_reached_nobody_stands_on_the_row(both: Cast, clock: Clock) -> None:
    clock.move(minutes=5)
    with writing():
        db.session.add(
            Review(
                clinic_id=both.ana.clinic_id,
                review_id="r-1",
                patient_id=both.ana.account_id,
                event_ids=[],
                reviewer_id=both.dr_cole.account_id,
                reviewer_name="Dr Cole",
                reviewer_role="clinician",
                at=clock(),
                kind="call",
                outcome="no_answer",
                note="",
            )
        )
    assert "Dr Cole called 12:06: No answer" in words_of(both.dr_cole.get("/clinic"))


def stamp_of(reader: Person) -> str:
    [found] = re.findall(r'data-stamp="(\w+)"', reader.get("/clinic/worklist/rows").text)
    return found


def test_touching_a_row_makes_worklists_ask_again(both: Cast) -> None:
    before = stamp_of(both.dr_cole)
    with writing():
        attention.touch(clinic_id=both.ana.clinic_id, patient_id=both.ana.account_id)
    assert stamp_of(both.dr_cole) != before


def test_a_batch_that_brings_nothing_new_wakes_nobody(both: Cast) -> None:
    again = event(both.ana)
    send(both.ana, again)
    before = stamp_of(both.dr_cole)
    assert send(both.ana, again)[0]["status"] == "duplicate"
    assert stamp_of(both.dr_cole) == before


def row_of(person: Person) -> Attention:
    db.session.rollback()
    return db.session.get_one(
        Attention, (person.clinic_id, person.account_id), populate_existing=True
    )


def test_a_row_keeps_the_joint_who_treated_it_and_the_pains(started: Cast, clock: Clock) -> None:
    for pain in (7, 5, 6):
        send(started.ana, event(started.ana, answers=answers(pain_now=pain)))
        clock.move(minutes=1)
    worst = event(started.ana, answers=answers(breathless=True, pain_now=8), verdict=EMERGENCY)
    send(started.ana, worst)
    send(started.ana, event(started.ana, answers=answers(pain_now=2)))
    row = row_of(started.ana)
    assert (row.site, row.treated_by, row.event_id) == ("knee", "Dr Cole", worst["event_id"])
    assert (row.pains, row.pain_before) == ([7, 5, 6, 8], 6)


def test_a_row_keeps_no_more_than_twelve_pains(started: Cast) -> None:
    made = [event(started.ana, answers=answers(pain_now=number % 5)) for number in range(15)]
    worst = event(started.ana, answers=answers(breathless=True, pain_now=9), verdict=EMERGENCY)
    send(started.ana, *made, worst)
    row = row_of(started.ana)
    assert row.pains == [number % 5 for number in range(4, 15)] + [9]


def test_a_withdrawn_pain_leaves_the_line_and_a_corrected_one_changes_it(started: Cast) -> None:
    first = event(started.ana, answers=answers(pain_now=3))
    second = event(started.ana, answers=answers(pain_now=4))
    send(started.ana, first, second)
    send(started.ana, event(started.ana, answers=answers(breathless=True), verdict=EMERGENCY))
    assert row_of(started.ana).pains == [3, 4, 4]
    send(started.ana, about(started.ana, first, "retract"))
    send(started.ana, amend(started.ana, second, answers=answers(pain_now=9)))
    row = row_of(started.ana)
    assert (row.pains, row.pain_before) == ([9, 4], 9)


def test_a_corrected_treatment_moves_its_row_to_the_other_joint(both: Cast) -> None:
    patient = both.ben
    assert shown(both.dr_cole, "joint=shoulder") == ["Ben T."]
    page = both.dr_cole.get(
        f"/clinic/patients/{patient.account_id}/treatments/{patient.treatment_id}"
    )
    [version] = re.findall(r'name="version" value="(\d+)"', page.text)
    answer = both.dr_cole.post(
        f"/clinic/patients/{patient.account_id}/treatments/{patient.treatment_id}",
        data={
            "version": version,
            "site": "elbow",
            "side": "left",
            "performed_on": "2026-11-25",
            "number": "1",
            "injected": "Dextrose 15 %",
            "clinician_name": "Dr Vale",
            "next_on": "",
            "next_time": "",
        },
    )
    assert answer.status_code == 303
    assert shown(both.dr_cole, "joint=shoulder") == []
    assert shown(both.dr_cole, "joint=elbow&by=Dr+Vale") == ["Ben T."]
    assert shown(both.dr_cole, "mine=1") == ["Ana R."]


def test_the_pages_of_a_view_follow_on_without_a_gap_or_a_double(cast: Cast, clock: Clock) -> None:
    gather(cast.dr_cole, 130, at=clock())
    seen: list[str] = []
    address: str | None = "/clinic?by=Dr+Cole"
    pages = 0
    while address:
        page = cast.dr_cole.get(address)
        seen += names_in(page)
        found = re.findall(r'href="([^"]+)">Next page', page.text)
        address = found[0].replace("&amp;", "&") if found else None
        pages += 1
    own = [number for number in range(130) if number % 3 == 0]
    assert pages == math.ceil(len(own) / PAGE_SIZE) > 1
    by_level = sorted(own, key=lambda number: (min(number % 6, 3), number))
    assert seen == [f"Crowd {number:05}" for number in by_level]


def test_a_page_asks_the_database_no_more_for_many_rows_than_for_few(
    cast: Cast, clock: Clock
) -> None:
    cast.dr_cole.get("/clinic")
    gather(cast.dr_cole, 6, at=clock())
    with statements() as few:
        assert len(names_in(cast.dr_cole.get("/clinic"))) == 6
    gather(cast.dr_cole, 400, at=clock() - timedelta(days=1))
    with statements() as many:
        page = cast.dr_cole.get("/clinic")
    assert len(names_in(page)) == PAGE_SIZE
    assert len(many) <= len(few)
    assert len(many) < 22
    assert len(gzip.compress(page.data)) < 60_000


def test_the_poll_asks_little_and_says_nothing_while_nothing_happens(
    cast: Cast, clock: Clock
) -> None:
    gather(cast.dr_cole, 300, at=clock())
    stamp = stamp_of(cast.dr_cole)
    with statements() as seen:
        answer = cast.dr_cole.get(f"/clinic/worklist/rows?stamp={stamp}")
    assert answer.status_code == 204
    assert len(seen) < 5


def be_overdue(patient: Person, *, reason: str = "missed", clock: Clock, hours: float = 24) -> None:
    at = clock() - timedelta(hours=hours)
    with writing():
        db.session.merge(
            Expectation(
                clinic_id=patient.clinic_id,
                patient_id=patient.account_id,
                overdue_at=at,
                reason=reason,
                expected_on=at.date(),
                treatment_id=patient.treatment_id,
                site="knee" if patient.username == "ana" else "shoulder",
                treated_by="Dr Cole",
            )
        )


def test_the_overdue_are_told_with_what_was_expected_when(started: Cast, clock: Clock) -> None:
    be_overdue(started.ana, clock=clock)
    be_overdue(started.ben, reason="silent", clock=clock, hours=1)
    page = started.dr_cole.get("/clinic?overdue=1")
    said = words_of(page)
    assert names_in(page) == ["Ben T.", "Ana R."]
    assert "A check-in was expected on Wed 25 Nov, day 2." in said
    assert "Nothing has come since an urgent answer." in said
    assert said.count("07700 900461") == 2
    assert count_of(page, "late") == 2 and count_of(page, "overdue") == 2
    assert shown(started.dr_cole, "overdue=1&joint=knee") == ["Ana R."]
    assert shown(started.dr_cole, "overdue=1&by=Dr+Moss") == []


def test_nobody_is_overdue_before_the_time(started: Cast, clock: Clock) -> None:
    be_overdue(started.ana, clock=clock, hours=-0.25)
    assert "0 overdue" in words_of(started.dr_cole.get("/clinic"))
    before = stamp_of(started.dr_cole)
    clock.move(minutes=20)
    assert stamp_of(started.dr_cole) != before
    assert shown(started.dr_cole, "overdue=1") == ["Ana R."]


def test_the_pages_of_the_overdue_follow_on(cast: Cast, clock: Clock) -> None:
    gather(cast.dr_cole, 90, at=clock())
    due = clock() - timedelta(hours=1)
    with writing():
        expected.refresh_clinic(clinic_id=cast.dr_cole.clinic_id, at=clock())
        db.session.execute(update(Expectation).values(overdue_at=due, expected_on=due.date()))
    first = cast.dr_cole.get("/clinic?overdue=1")
    [following] = re.findall(r'href="([^"]+)">Next page', first.text)
    second = cast.dr_cole.get(following.replace("&amp;", "&"))
    assert len(names_in(first)) == PAGE_SIZE
    assert names_in(second)
    assert not set(names_in(first)) & set(names_in(second))


def test_another_clinics_worklist_is_none_of_dr_dunns_business(both: Cast, clock: Clock) -> None:
    be_overdue(both.ana, clock=clock)
    for query in ("", "mine=1", "by=Dr+Cole", "overdue=1", "level=emergency"):
        page = both.dr_dunn.get(f"/clinic?{query}")
        assert names_in(page) == []
        assert (count_of(page, "all"), count_of(page, "late")) == (0, 0)
    rows = both.dr_dunn.get("/clinic/worklist/rows")
    assert "Ana" not in rows.text and "data-emergency" not in rows.text


def test_a_patient_has_no_worklist(both: Cast) -> None:
    assert both.ana.get("/clinic").status_code == 404
    assert both.ana.get("/clinic/worklist/rows").status_code == 404


def test_hostile_names_stay_text_on_every_view(both: Cast) -> None:
    hostile = "<script>alert(1)</script>"
    with writing():
        db.session.execute(update(Attention).values(treated_by=hostile))
    page = both.dr_cole.get("/clinic?by=%3Cscript%3Ealert(1)%3C/script%3E")
    assert hostile not in page.text
    assert f"{hostile} (2)" in words_of(page)


def test_a_further_treatment_is_its_own_joint(both: Cast, clock: Clock) -> None:
    with writing():
        elbow = add_treatment(
            both.dr_cole,
            both.ben.account_id,
            site="elbow",
            side="left",
            performed_on=clock().date(),
            at=clock(),
        )
    clock.move(minutes=1)
    made = event(
        both.ben,
        treatment_id=elbow,
        answers=shoulder_answers(breathless=True),
        verdict=EMERGENCY,
    )
    assert send(both.ben, made)[0]["status"] == "stored"
    assert shown(both.dr_cole, "joint=elbow") == ["Ben T."]
    assert shown(both.dr_cole, "joint=shoulder") == []
