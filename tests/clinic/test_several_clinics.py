"""Somebody of two clinics at their desk: nothing of the one shows, or is changed, at the other."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from pwa.accounts import invites
from pwa.audit import log as audit_log
from pwa.audit.verify import walk_all
from pwa.clinic import one_clinic
from pwa.database import db, reading, writing
from pwa.practice import clinics
from tests.accounts.working import (
    CHOOSE,
    TwoClinics,
    choose,
    log_of,
    take_up,
    two,  # noqa: F401 - a fixture, found here by name
)
from tests.clinic.asking import EMERGENCY, audited, values_of, words_of
from tests.conftest import ORIGIN, Cast, Clock, Person, send
from tests.hostile.crawling import pages
from tests.making import answers, event, start_event
from tests.test_doors import Door, all_doors, knock

pytestmark = pytest.mark.parametrize("server_app", ["sqlite"], indirect=True)
GOOD = "nine purple otters dance slowly"
OF_RIVERSIDE = ("Riverside", "Ana R.", "Ben T.", "R-ana", "R-ben", "Mo ", ">Mo<")
OF_HILLSIDE = ("Hillside", "Eve S.", "R-eve", "Dr Dunn", "Maya")
BOTH = ("/clinic/choose",)
"""The one page that knows of both: it is its owner's."""


@pytest.fixture
def busy(two: TwoClinics) -> TwoClinics:
    """Something unread at both clinics, and traces of both in the logs."""
    for patient in (two.cast.ana, two.eve):
        urgent = event(patient, answers=answers(breathless=True), verdict=EMERGENCY)
        assert send(patient, start_event(patient), urgent)[1]["status"] == "stored"
    two.cast.dr_cole.client.delete_cookie("session")
    for clinic_id, patient in ((two.riverside, two.cast.ana), (two.hillside, two.eve)):
        cole = two.sign_in_at(clinic_id)
        assert cole.get(f"/clinic/patients/{patient.account_id}").status_code == 200
    return two


def shown_at(who: Person) -> Iterator[tuple[str, str]]:
    """Every page that this person reaches, but the one that knows of both."""
    for address, html in pages(who):
        if not address.startswith(BOTH):
            yield address, html


@pytest.mark.fault(87)
def test_no_page_of_one_clinic_shows_anything_of_the_other(busy: TwoClinics) -> None:
    for clinic_id, own, foreign in (
        (busy.riverside, OF_RIVERSIDE, OF_HILLSIDE),
        (busy.hillside, OF_HILLSIDE, OF_RIVERSIDE),
    ):
        cole = busy.sign_in_at(clinic_id)
        seen = dict(shown_at(cole))
        assert len(seen) >= 12
        assert any(own[1] in html for html in seen.values()), "the walk meets patients"
        wrong = [(at, words) for at, html in seen.items() for words in foreign if words in html]
        assert wrong == []


@pytest.mark.fault(87)
@pytest.mark.parametrize("role", ["clinician", "administrator"])
def test_no_administrator_learns_where_else_a_colleague_works(busy: TwoClinics, role: str) -> None:
    cole, mo, maya = busy.cast.dr_cole, busy.cast.mo, busy.maya
    if role == "administrator":
        page = f"/clinic/settings/staff/{cole.account_id}/role"
        assert maya.post(page, data={"role": "administrator"}).status_code == 303
    for admin, foreign in ((mo, OF_HILLSIDE), (maya, (*OF_RIVERSIDE, "dr_cole"))):
        seen = dict(shown_at(admin))
        assert any(f"/settings/staff/{cole.account_id}" in at for at in seen)
        assert any("/settings/audit" in at for at in seen)
        wrong = [(at, words) for at, html in seen.items() for words in foreign if words in html]
        assert wrong == []
        assert CHOOSE not in seen["/clinic/settings"], "who has one clinic is asked for none"


@pytest.mark.fault(87)
def test_a_record_of_the_other_clinic_is_not_found_whoever_asks_from_here(
    busy: TwoClinics, app: Flask
) -> None:
    cole = busy.sign_in_at(busy.hillside)
    ana = busy.cast.ana
    ids = {"patient_id": ana.account_id, "treatment_id": ana.treatment_id}
    doors = list(all_doors(app, {**ids, "account_id": busy.cast.mo.account_id}))
    of_a_record: list[Door] = [one for one in doors if one.is_record]
    assert len(of_a_record) >= 13
    for door in of_a_record:
        assert knock(cole, door) == 404, door


def test_what_a_clinician_does_is_in_the_log_of_the_clinic_they_are_at(busy: TwoClinics) -> None:
    cole = busy.cast.dr_cole
    assert log_of(busy.hillside, cole).count("patient.seen") == 1
    assert [one.subject_id for one in audited("patient.seen")] == [
        busy.cast.ana.account_id,
        busy.eve.account_id,
    ]
    with reading():
        assert all(chain.is_whole for chain in walk_all(kept={}))


# --- two tabs of one browser ---------------------------------------------------------------------


def test_a_page_of_the_other_clinic_saves_nothing_here(two: TwoClinics) -> None:
    cole = two.sign_in_at(two.riverside)
    old = cole.get("/clinic/settings")
    form = {"version": "2", "number": "phone", one_clinic.FIELD: values_of(old, "at_clinic")[0]}
    choose(cole, two.hillside)
    before = [clinics.words_version(one) for one in (two.riverside, two.hillside)]
    for path in ("/clinic/settings", "/clinic/settings/tested", "/clinic/patients"):
        refused = cole.post(path, data={**form, "name": "Ours now", "q": "e"})
        assert refused.status_code == 409, path
        assert "You are at Hillside Clinic now. Nothing was changed." in words_of(refused)
    db.session.rollback()
    assert [clinics.words_version(one) for one in (two.riverside, two.hillside)] == before
    fresh = values_of(cole.get("/clinic/settings"), "at_clinic")
    assert set(fresh) == {two.hillside}
    assert cole.post("/clinic/patients", data={"q": "e", "at_clinic": fresh[0]}).status_code == 200


def test_what_is_ones_own_works_from_any_tab(two: TwoClinics) -> None:
    cole = two.sign_in_at(two.riverside)
    old = values_of(cole.get("/clinic/account"), "at_clinic")[0]
    choose(cole, two.hillside)
    form = {one_clinic.FIELD: old, "clinic_id": two.riverside}
    assert cole.post("/clinic/account/sessions/end-others", data=form).status_code == 303
    assert cole.post(CHOOSE, data=form).headers["Location"] == "/clinic"
    assert cole.post("/clinic/account/sign-out", data=form).headers["Location"] == "/sign-in"


def test_every_form_of_the_desk_says_at_which_clinic_it_was_drawn(started: Cast) -> None:
    for who in (started.dr_cole, started.mo):
        for address, html in pages(who):
            forms = re.findall(r'<form\b[^>]*method="post"[^>]*>(.{60})', html, re.DOTALL)
            if not address.startswith(BOTH):
                marked = [one for one in forms if one.startswith('<input type="hidden" name="at_')]
                assert forms == marked, address


def test_a_page_that_asks_by_itself_is_told_which_clinic_answers(
    two: TwoClinics,
) -> None:
    cole = two.sign_in_at(two.hillside)
    assert cole.get("/clinic/worklist/rows").headers["X-Clinic"] == two.hillside
    assert f'data-clinic="{two.hillside}"' in cole.get("/clinic").text
    page = two.cast.dr_dunn.get("/clinic")
    assert "X-Clinic" not in page.headers
    assert "data-elsewhere" not in page.text


@pytest.mark.parametrize("text", ["<b>x</b>", "\u202e", "a" * 3000, "' OR 1=1 --"])
def test_what_is_typed_into_the_clinic_of_a_form_is_no_clinic(
    two: TwoClinics,
    text: str,
) -> None:
    cole = two.sign_in_at(two.hillside)
    refused = cole.post("/clinic/patients", data={"q": "e", one_clinic.FIELD: text})
    assert refused.status_code == 409
    assert text not in refused.text


# --- patients, strangers, and how a further clinic comes to be ---------------------------------


def test_patients_notice_nothing(two: TwoClinics) -> None:
    two.sign_in_at(two.hillside)
    for patient, name in ((two.cast.ana, "Riverside Joint Clinic"), (two.eve, "Hillside Clinic")):
        told = patient.get("/api/v1/changes?after=0&clinic=0")
        assert told.get_json()["clinic"]["name"] == name
        assert patient.get("/clinic/account/today").status_code == 404


def test_the_operator_opens_a_further_clinic_and_strangers_see_no_number_then(
    app: Flask, clock: Clock, anybody: FlaskClient
) -> None:
    """Whose number: one clinic's own, as long as it is the only one."""
    with writing():
        first = invites.issue_setup(at=clock())
    numbers = {"emergency_number": "999", "time_zone": "Europe/London"}
    you = {"display_name": "Mo", "password": GOOD, **numbers}
    made = open_clinic(anybody, first, clinic_name="Riverside", username="mo", **you)
    assert made == (403, "enrolment-required")
    app.extensions["shell"].refresh_if_changed()
    assert "Riverside" in anybody.get("/").text

    run = app.test_cli_runner().invoke
    codes = [code_in(run(args=["clinics", "open"]).output) for _ in range(2)]
    assert [one.actor_name for one in audited("server.clinic_code")] == ["Operator", "Operator"]
    assert {one.clinic_id for one in audited("server.clinic_code")} == {audit_log.SERVER}
    for number, code in enumerate(codes):
        clock.move(minutes=1)
        made = open_clinic(anybody, code, clinic_name="Hillside", username=f"mo{number}", **you)
        assert made == (403, "enrolment-required"), "both codes are good, each once"
        assert open_clinic(anybody, code, clinic_name="X", username="mox", **you)[0] == 404
    app.extensions["shell"].refresh_if_changed()
    for address in ("/", "/when-to-call", "/aftercare/knee", "/join"):
        page = anybody.get(address).text
        assert "Riverside" not in page
        assert "Hillside" not in page
    listed = run(args=["clinics", "list"]).output
    assert [line.split("  ")[2:] for line in listed.splitlines()] == [
        ["1", "Riverside"],
        ["1", "Hillside"],
        ["1", "Hillside"],
    ]


def open_clinic(client: FlaskClient, code: str, **typed: str) -> tuple[int, str]:
    body = {"code": code, **typed}
    answer = client.post("/api/v1/setup", json=body, headers={"Origin": ORIGIN})
    return answer.status_code, answer.get_json()["kind"]


def code_in(output: str) -> str:
    found = re.search(r"/setup#([0-9A-Z-]{14})", output)
    assert found, output
    return found[1]


def test_a_code_that_opens_a_clinic_can_be_taken_back(app: Flask, anybody: FlaskClient) -> None:
    run = app.test_cli_runner().invoke
    first = code_in(run(args=["clinics", "open"]).output)
    second = run(args=["clinics", "open", "--only"])
    assert "Earlier codes that no longer work: 1" in second.output
    typed = {
        "clinic_name": "Hillside",
        "time_zone": "Europe/London",
        "emergency_number": "999",
        "display_name": "Maya",
        "username": "maya",
        "password": GOOD,
    }
    assert open_clinic(anybody, first, **typed) == (404, "invite-unknown")
    assert open_clinic(anybody, code_in(second.output), **typed) == (403, "enrolment-required")


def test_the_operator_helps_a_clinic_whose_administrators_are_gone(cast: Cast, app: Flask) -> None:
    run = app.test_cli_runner().invoke
    done = run(args=["clinics", "administrator", cast.dr_dunn.clinic_id, "Maya"])
    found = re.search(r"/join#([0-9A-Z-]{14})", done.output)
    assert found, done.output
    assert take_up(cast.mo, found[1]).get_json()["kind"] == "clinic-choice-required"
    assert choose(cast.mo, cast.dr_dunn.clinic_id).status_code == 303
    assert "Dr Dunn" in words_of(cast.mo.get("/clinic/settings"))
    [added] = audited("staff.added")
    assert (added.clinic_id, added.actor_name) == (cast.dr_dunn.clinic_id, "Operator")
    for args in (["nobody", "Maya"], [cast.dr_dunn.clinic_id, " "]):
        refused = run(args=["clinics", "administrator", *args])
        assert refused.exit_code == 1, refused.output
