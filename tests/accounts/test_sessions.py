"""Sessions: how long they last, who ends them, and that an ended one stays ended."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from pwa import database
from pwa.accounts import sessions
from pwa.accounts.browsers import label_of
from pwa.accounts.models import Account, Session
from pwa.accounts.sessions import OpenSession
from pwa.check_ins.models import CheckInEvent, Review
from pwa.database import db, writing
from pwa.doors import our_path
from tests.accounts.asking import FIREFOX, Stranger, actions, count_of
from tests.clinic.asking import read, send_emergency, values_of, words_of
from tests.conftest import ORIGIN, PASSWORD, Cast, Clock, Person, send_batch
from tests.making import event
from tests.node import NodeTwin

ELSEWHERE_BY_NEXT = (
    "https://evil.example",
    "https:evil.example",
    "http://evil.example/clinic",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "\\/\\/evil.example",
    "/clinic/../../evil",
    "/clinic//evil.example",
    "/clinic\\..\\evil",
    "/clinic@evil.example",
    "/clinic.evil.example",
    "@evil.example",
    ".evil.example",
    "evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    " //evil.example",
    "\t//evil.example",
    "/\t/evil.example",
    "/%2f%2fevil.example",
    "/%5cevil.example",
    "%2f%2fevil.example",
    "/clinic?next=//evil.example",
    "/clinic#//evil.example",
    "/clinic\r\nSet-Cookie: a=b",
    "/clinic\n",
    "/clinic/\x00",
    "/sign-in?next=//evil.example",
    "//evil.example/clinic",
    "/／evil.example",
    "",
)


def open_of(person: Person, clock: Clock) -> list[OpenSession]:
    """The open sessions of this person."""
    db.session.rollback()
    return sessions.open_sessions(person.account_id, role=person.role, token="", at=clock())


# --- how long ------------------------------------------------------------------------------------


@pytest.mark.fault(83)
def test_a_page_that_refreshes_itself_keeps_no_clinician_signed_in(
    cast: Cast, clock: Clock
) -> None:
    assert cast.dr_cole.get("/clinic").status_code == 200
    for _ in range(5):
        clock.move(minutes=5)
        assert cast.dr_cole.get("/clinic/worklist/rows").status_code == 200
        assert cast.dr_cole.get("/api/v1/session").status_code == 200
    clock.move(minutes=5)
    assert cast.dr_cole.get("/clinic/worklist/rows").headers["Location"].startswith("/sign-in")
    assert cast.dr_cole.get("/api/v1/session").status_code == 401


def test_an_act_of_a_person_does_but_not_beyond_twelve_hours(cast: Cast, clock: Clock) -> None:
    cast.dr_cole.sign_in()
    for _ in range(24):
        clock.move(minutes=29)
        assert cast.dr_cole.get("/clinic/account/confirm").status_code == 200
    clock.move(minutes=25)
    assert cast.dr_cole.get("/clinic/account/confirm").headers["Location"].startswith("/sign-in")


def test_an_act_is_written_at_most_once_a_minute(cast: Cast, clock: Clock) -> None:
    cast.dr_cole.get("/clinic/account")
    started = clock()
    clock.move(seconds=59)
    cast.dr_cole.get("/clinic/account")
    assert [one.active_at for one in open_of(cast.dr_cole, clock)] == [started]
    clock.move(seconds=1)
    cast.dr_cole.get("/clinic/account")
    assert [one.active_at for one in open_of(cast.dr_cole, clock)] == [clock()]


def test_a_patients_session_lasts_thirty_days(cast: Cast, clock: Clock) -> None:
    cast.ana.sign_in()
    clock.move(days=29, hours=23)
    assert cast.ana.get("/api/v1/session").status_code == 200
    clock.move(hours=1)
    assert cast.ana.get("/api/v1/session").status_code == 401


# --- who ends them -------------------------------------------------------------------------------


def test_a_patient_sees_where_they_are_signed_in_and_ends_one(cast: Cast, app: Flask) -> None:
    lost = Stranger(app)
    lost.client.post(
        "/api/v1/sign-in",
        json={"username": "ana", "password": PASSWORD},
        headers={"Origin": ORIGIN, "User-Agent": FIREFOX},
    )
    told = cast.ana.get("/api/v1/sessions").get_json()["sessions"]
    assert sorted((one["label"], one["is_this_one"]) for one in told) == [
        ("A browser", True),
        ("Firefox on Windows", False),
    ]
    [other] = [one["session_id"] for one in told if not one["is_this_one"]]
    assert lost.client.get("/api/v1/session").status_code == 200
    assert cast.ana.post("/api/v1/sessions/end", json={"session_id": other}).status_code == 204
    assert lost.client.get("/api/v1/session").status_code == 401
    assert cast.ana.get("/api/v1/session").status_code == 200
    again = cast.ana.post("/api/v1/sessions/end", json={"session_id": other})
    assert (again.status_code, again.get_json()["kind"]) == (404, "not-found")
    assert actions()[-1] == "session.ended_elsewhere"


def test_bens_sessions_are_none_of_anas_business(cast: Cast, clock: Clock) -> None:
    cast.ben.sign_in()
    [his] = open_of(cast.ben, clock)
    body = {"session_id": his.session_id}
    assert cast.ana.post("/api/v1/sessions/end", json=body).status_code == 404
    cast.dr_cole.post("/clinic/account/sessions/end", data=body)
    assert cast.ben.get("/api/v1/session").status_code == 200


def test_the_name_of_a_session_opens_nothing(cast: Cast, app: Flask, clock: Clock) -> None:
    cast.ana.sign_in()
    [hers] = open_of(cast.ana, clock)
    with app.app_context():
        assert sessions.find(hers.session_id, at=clock()) is None


def test_staff_see_their_sessions_and_end_one_or_all_others(cast: Cast, app: Flask) -> None:
    others = [Stranger(app) for _ in range(3)]
    for other in others:
        assert other.gets_in("dr_cole")
    page = cast.dr_cole.get("/clinic/account")
    assert "A browser (this one)" in words_of(page)
    [first, *_] = ids = values_of(page, "session_id")
    assert len(ids) == 3
    cast.dr_cole.post("/clinic/account/sessions/end", data={"session_id": first})
    assert sum(one.client.get("/api/v1/session").status_code == 200 for one in others) == 2
    done = cast.dr_cole.post("/clinic/account/sessions/end-others")
    assert "done=others" in done.headers["Location"]
    assert not any(one.client.get("/api/v1/session").status_code == 200 for one in others)
    assert values_of(cast.dr_cole.get("/clinic/account"), "session_id") == []


@pytest.mark.fault(66)
def test_a_new_password_ends_every_other_session_and_keeps_this_one(cast: Cast, app: Flask) -> None:
    thief = Stranger(app)
    assert thief.gets_in("dr_cole")
    data = {"current_password": PASSWORD, "new_password": "nine purple otters dance slowly"}
    assert cast.dr_cole.post("/clinic/account/password", data=data).status_code == 303
    assert thief.client.get("/api/v1/session").status_code == 401
    assert cast.dr_cole.get("/clinic/account").status_code == 200
    assert not thief.gets_in("dr_cole")


@pytest.mark.fault(81)
def test_a_changed_role_ends_the_sessions_and_counts_at_once(cast: Cast) -> None:
    assert cast.dr_cole.get(f"/clinic/patients/{cast.ana.account_id}").status_code == 200
    path = f"/clinic/settings/staff/{cast.dr_cole.account_id}/role"
    assert cast.mo.post(path, data={"role": "administrator"}).status_code == 303
    refused = cast.dr_cole.get(f"/clinic/patients/{cast.ana.account_id}")
    assert refused.headers["Location"].startswith("/sign-in")
    assert cast.dr_cole.sign_in().get_json()["role"] == "administrator"
    assert cast.dr_cole.get(f"/clinic/patients/{cast.ana.account_id}").status_code == 404
    assert "staff.role_changed" in actions()


def test_nobody_changes_their_own_role_nor_the_last_administrators(cast: Cast) -> None:
    own = f"/clinic/settings/staff/{cast.mo.account_id}/role"
    refused = cast.mo.post(own, data={"role": "clinician"})
    assert (refused.status_code, "cannot change your own role" in words_of(refused)) == (422, True)
    of_cole = f"/clinic/settings/staff/{cast.dr_cole.account_id}/role"
    for role in ("patient", "", "owner"):
        assert cast.mo.post(of_cole, data={"role": role}).status_code == 422
    assert cast.dr_cole.post(own, data={"role": "clinician"}).status_code == 404
    elsewhere = f"/clinic/settings/staff/{cast.dr_dunn.account_id}/role"
    assert cast.mo.post(elsewhere, data={"role": "administrator"}).status_code == 404
    db.session.rollback()
    assert db.session.get_one(Account, cast.mo.account_id).role == "administrator"


def test_a_colleague_whose_form_is_sent_twice_is_added_once(cast: Cast) -> None:
    [form_id] = values_of(cast.mo.get("/clinic/settings"), "form_id")
    data = {"display_name": "Dr Novak", "role": "clinician", "form_id": form_id}
    assert cast.mo.post("/clinic/settings/staff", data=data).status_code == 200
    again = cast.mo.post("/clinic/settings/staff", data=data)
    assert (again.status_code, "done=staff_known" in again.headers["Location"]) == (303, True)
    db.session.rollback()
    named = select(Account.account_id).where(Account.display_name == "Dr Novak")
    assert len(db.session.scalars(named).all()) == 1


# --- cookies -------------------------------------------------------------------------------------


@pytest.mark.fault(72)
def test_a_cookie_that_was_there_before_signing_in_is_worth_nothing_after(
    cast: Cast, app: Flask
) -> None:
    name = app.config["SESSION_COOKIE_NAME"]
    attackers = Stranger(app)
    assert attackers.gets_in("ben")
    planted = attackers.client.get_cookie(name)
    assert planted is not None
    cast.ana.client.set_cookie(name, planted.value)
    cast.ana.sign_in()
    own = cast.ana.client.get_cookie(name)
    assert own is not None
    assert own.value != planted.value
    assert cast.ana.get("/api/v1/session").get_json()["account"] == cast.ana.account_id
    assert attackers.client.get("/api/v1/session").status_code == 401


@pytest.mark.fault(71, 122)
@pytest.mark.parametrize("path", ["/api/v1/sign-out", "/clinic/account/sign-out"])
def test_what_a_clinician_signed_out_of_stays_shut_for_a_copied_cookie(
    cast: Cast, app: Flask, path: str
) -> None:
    cookie = cast.dr_cole.sign_in().headers["Set-Cookie"].split(";")[0]
    thief = app.test_client(use_cookies=False)
    assert thief.get("/clinic", headers={"Cookie": cookie}).status_code == 200
    cast.dr_cole.post(path)
    assert actions()[-1] == "session.ended"
    assert thief.get("/clinic", headers={"Cookie": cookie}).status_code == 302
    assert thief.get("/api/v1/session", headers={"Cookie": cookie}).status_code == 401


@pytest.mark.fault(32)
def test_with_another_secret_key_every_session_dies_and_signing_in_works(
    cast: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cast.ana.get("/api/v1/session").status_code == 200
    monkeypatch.setitem(app.config, "SECRET_KEY", "another key, quite as long as the first one")
    assert cast.ana.get("/api/v1/session").get_json()["kind"] == "sign-in-required"
    assert cast.ana.sign_in().status_code == 200
    assert cast.ana.get("/api/v1/session").status_code == 200


def test_no_answer_about_a_person_is_kept_on_the_way(cast: Cast) -> None:
    for answer in (
        cast.ana.get("/api/v1/sessions"),
        cast.dr_cole.get("/clinic/account"),
        cast.dr_cole.get("/clinic/account/confirm"),
        cast.ana.client.get("/reset"),
    ):
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Cookie" in answer.headers["Vary"]


@pytest.mark.fault(121)
def test_another_site_can_sign_nobody_in_by_any_way(cast: Cast) -> None:
    for path in ("/api/v1/sign-in", "/api/v1/join", "/api/v1/reset", "/api/v1/setup"):
        for headers in ({}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            body = {"username": "ben", "password": PASSWORD}
            answer = cast.ana.client.post(path, json=body, headers=headers)
            assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False)


# --- in flight -----------------------------------------------------------------------------------


@contextlib.contextmanager
def waiting_at_the_database(
    monkeypatch: pytest.MonkeyPatch, ask: Callable[[], TestResponse]
) -> Iterator[list[TestResponse]]:
    """Within: `ask` was let in and is about to write. Afterwards its answer is in the list."""
    real, is_there, go_on = database._turn_to_write, threading.Event(), threading.Event()
    answers: list[TestResponse] = []
    here = threading.get_ident()

    def wait() -> contextlib.AbstractContextManager[None]:
        if threading.get_ident() != here:
            is_there.set()
            assert go_on.wait(timeout=30)
        return real()

    monkeypatch.setattr(database, "_turn_to_write", wait)
    thread = threading.Thread(target=lambda: answers.append(ask()))
    thread.start()
    assert is_there.wait(timeout=30)
    try:
        yield answers
    finally:
        go_on.set()
        thread.join(timeout=30)


def end_sessions_of(person: Person, clock: Clock) -> None:
    with writing():
        sessions.end_all(person.account_id, at=clock())


@pytest.mark.fault(73)
def test_a_check_in_of_a_session_that_ended_meanwhile_is_not_stored(
    started: Cast, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = event(started.ana)
    before = count_of(CheckInEvent)
    with waiting_at_the_database(monkeypatch, lambda: send_batch(started.ana, late)) as answers:
        end_sessions_of(started.ana, clock)
    assert [one.get_json()["kind"] for one in answers] == ["sign-in-required"]
    assert count_of(CheckInEvent) == before
    assert started.ana.get("/api/v1/session").status_code == 401


@pytest.mark.fault(73)
def test_a_reading_of_a_session_that_ended_meanwhile_is_not_written(
    started: Cast, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    worst = send_emergency(started)
    started.dr_cole.sign_in()

    def ask() -> TestResponse:
        return read(started.dr_cole, started.ana, worst, outcome="spoke_with_patient")

    with waiting_at_the_database(monkeypatch, ask) as answers:
        end_sessions_of(started.dr_cole, clock)
    assert [one.status_code for one in answers] == [401]
    assert count_of(Review) == 0
    assert started.dr_cole.get("/clinic").status_code == 302


@pytest.mark.fault(73, 81)
@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/clinic/settings/staff", {"display_name": "Dr Novak", "role": "administrator"}),
        ("/clinic/account/sessions/end-others", {}),
        ("/clinic/settings/tested", {"number": "phone", "version": "1"}),
    ],
)
def test_an_administrator_who_was_closed_meanwhile_writes_nothing(
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    data: dict[str, str],
) -> None:
    cast.mo.sign_in()
    before = actions()
    ask = waiting_at_the_database(monkeypatch, lambda: cast.mo.post(path, data=data))
    with ask as answers, writing():
        db.session.get_one(Account, cast.mo.account_id).is_active = False
    assert [one.status_code for one in answers] == [401]
    assert [one for one in actions()[len(before) :] if not one.startswith("denied")] == []


@pytest.mark.fault(73)
def test_signing_out_while_a_page_is_asked_for_shows_and_writes_nothing(
    cast: Cast, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.dr_cole.sign_in()
    path = f"/clinic/patients/{cast.ana.account_id}"
    with waiting_at_the_database(monkeypatch, lambda: cast.dr_cole.get(path)) as answers:
        end_sessions_of(cast.dr_cole, clock)
    [answer] = answers
    assert answer.status_code == 401
    assert "Ana R." not in answer.text
    assert "patient.seen" not in actions()


@pytest.mark.usefixtures("app")
def test_an_ended_session_cannot_be_woken_by_an_act(cast: Cast, clock: Clock) -> None:
    cast.dr_cole.sign_in()
    token_hash = db.session.scalars(select(Session.token_hash)).one()
    principal = sessions.Principal(
        token="",
        session_id="",
        account_id=cast.dr_cole.account_id,
        clinic_id=cast.dr_cole.clinic_id,
        role="clinician",
        display_name="",
        username="",
        stage="full",
        active_at=clock(),
        confirmed_at=None,
    )
    end_sessions_of(cast.dr_cole, clock)
    clock.move(minutes=2)
    with writing():
        sessions.note_act(principal, at=clock())
    db.session.rollback()
    row = db.session.get_one(Session, token_hash)
    assert row.ended_at is not None
    assert row.active_at < clock()


# --- is it you? ----------------------------------------------------------------------------------


def test_what_asks_for_a_fresh_proof_is_shut_until_it_is_given(cast: Cast, clock: Clock) -> None:
    path = f"/clinic/settings/staff/{cast.dr_cole.account_id}"
    cast.mo.sign_in()
    clock.move(minutes=5)
    refused = cast.mo.post(f"{path}/role", data={"role": "administrator"})
    assert refused.status_code == 403
    assert f"/clinic/account/confirm?next={path}" in refused.text
    wrong = cast.mo.post("/clinic/account/confirm", data={"password": "no", "next": path})
    assert (wrong.status_code, "That is not your password." in words_of(wrong)) == (401, True)
    right = cast.mo.post("/clinic/account/confirm", data={"password": PASSWORD, "next": path})
    assert (right.status_code, right.headers["Location"]) == (303, path)
    assert cast.mo.post(f"{path}/role", data={"role": "administrator"}).status_code == 303


def test_a_page_that_asks_for_a_fresh_proof_leads_to_the_question(cast: Cast, clock: Clock) -> None:
    path = f"/clinic/patients/{cast.ana.account_id}/export"
    cast.dr_cole.sign_in()
    assert cast.dr_cole.get(path).status_code == 200
    clock.move(minutes=5)
    led = cast.dr_cole.get(path)
    assert (led.status_code, led.headers["Location"]) == (
        302,
        f"/clinic/account/confirm?next={path}",
    )
    assert values_of(cast.dr_cole.get(led.headers["Location"]), "next") == [path]


def test_the_api_takes_a_proof_too(cast: Cast, clock: Clock) -> None:
    cast.ana.sign_in()
    clock.move(minutes=6)
    wrong = cast.ana.post("/api/v1/confirm", json={"password": "no"})
    assert (wrong.status_code, wrong.get_json()["kind"]) == (401, "wrong-password")
    assert cast.ana.post("/api/v1/confirm", json={"password": PASSWORD}).status_code == 204
    db.session.rollback()
    assert db.session.scalars(select(Session.confirmed_at)).one() == clock()


# --- where `next` leads --------------------------------------------------------------------------


@pytest.mark.fault(79)
def test_a_proof_leads_on_to_our_own_pages_only(cast: Cast) -> None:
    assert [our_path(payload) for payload in ELSEWHERE_BY_NEXT] == ["/clinic"] * len(
        ELSEWHERE_BY_NEXT
    )
    for payload in ("https://evil.example", "//evil.example", "/\\evil.example", "/clinic\n"):
        shown = cast.dr_cole.get("/clinic/account/confirm", query_string={"next": payload})
        assert values_of(shown, "next") == ["/clinic"], payload
        data = {"password": PASSWORD, "next": payload}
        led = cast.dr_cole.post("/clinic/account/confirm", data=data)
        assert (led.status_code, led.headers["Location"]) == (303, "/clinic"), payload
    kept = f"/clinic/patients/{cast.ana.account_id}/export"
    shown = cast.dr_cole.get("/clinic/account/confirm", query_string={"next": kept})
    assert values_of(shown, "next") == [kept]


@pytest.mark.fault(79)
def test_the_way_to_sign_in_never_leads_to_another_host(app: Flask) -> None:
    client = app.test_client()
    for path in (
        "//evil.example/clinic",
        "/\\evil.example",
        "/clinic//evil.example",
        "/%2f%2fevil",
    ):
        answer = client.get(path)
        led = answer.headers.get("Location", "/")
        assert led.startswith("/") and not led.startswith(("//", "/\\")), (path, led)


@pytest.mark.fault(79)
def test_the_phone_goes_on_to_its_own_pages_only() -> None:
    patient, clinician = {"role": "patient"}, {"role": "clinician"}
    with NodeTwin() as node:
        asked = [[patient, f"?next={quoted(one)}"] for one in ELSEWHERE_BY_NEXT]
        found = node.call("pages/sign_in.js", "nextAddress", asked)
        assert found == ["/"] * len(ELSEWHERE_BY_NEXT)
        more = [[patient, "?next=%2Fcheck-ins"], [clinician, "?next=//evil.example"], [patient, ""]]
        assert node.call("pages/sign_in.js", "nextAddress", more) == ["/check-ins", "/clinic", "/"]


def quoted(text: str) -> str:
    """As an address would carry it."""
    return "".join(f"%{byte:02x}" for byte in text.encode())


# --- names of browsers ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("user_agent", "label"),
    [
        (FIREFOX, "Firefox on Windows"),
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 "
                "(KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
            ),
            "Safari on iPhone",
        ),
        (
            (
                "Mozilla/5.0 (Linux; Android 14; SM-A546B) AppleWebKit/537.36 (KHTML, like Gecko) "
                "SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36"
            ),
            "Samsung Internet on Android",
        ),
        (
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
                "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
            ),
            "Edge on Windows",
        ),
        (
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 "
                "(KHTML, like Gecko) Version/18.1 Safari/605.1.15"
            ),
            "Safari on Mac",
        ),
        ("Mozilla/5.0 (X11; CrOS x86_64) Chrome/140.0.0.0 Safari/537.36", "Chrome on Chromebook"),
        ("curl/8.9", "A browser"),
        ("", "A browser"),
        ("<script>alert(1)</script> Firefox", "Firefox"),
        ("x" * 10_000 + "Firefox", "A browser"),
    ],
)
def test_a_browser_is_named_in_a_few_words(user_agent: str, label: str) -> None:
    assert label_of(user_agent) == label
