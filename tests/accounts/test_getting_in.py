"""Signing in and out, invites, and the first set-up."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from pwa import create_app
from pwa.accounts import invites, people
from pwa.accounts.models import Account
from pwa.database import db, writing
from pwa.problems import Conflict, Problem
from tests.conftest import ORIGIN, PASSWORD, Cast, Clock

SOMEWHERE = {"address": "203.0.113.7", "label": "Firefox on Windows"}
GOOD = "nine purple otters dance slowly"


def post(client: FlaskClient, path: str, **body: str):  # type: ignore[no-untyped-def]
    return client.post(path, json=body, headers={"Origin": ORIGIN})


@pytest.fixture
def invited(cast: Cast, clock: Clock) -> str:
    """A code for a new patient, Cleo."""
    with writing():
        account_id = people.add_patient(
            actor=cast.dr_cole.actor,
            display_name="Cleo D.",
            second_identifier="1984",
            phone_number="",
            at=clock(),
        )
        account = db.session.get_one(Account, account_id)
        return invites.issue(actor=cast.dr_cole.actor, account=account, at=clock())


def test_the_session_tells_who_is_signed_in(cast: Cast) -> None:
    body = cast.ana.get("/api/v1/session").get_json()
    assert body["account"] == cast.ana.account_id
    assert (body["role"], body["display_name"]) == ("patient", "Ana R.")
    assert body["rules_version"] == 1
    assert body["limits"]["batch_events"] == 100


def test_nobody_is_signed_in_without_a_cookie(anybody: FlaskClient) -> None:
    response = anybody.get("/api/v1/session")
    assert (response.status_code, response.get_json()["kind"]) == (401, "sign-in-required")


@pytest.mark.fault(78)
def test_a_wrong_password_and_an_unknown_name_have_one_answer(cast: Cast) -> None:
    wrong = cast.ana.sign_in("not the password at all")
    unknown = post(cast.ana.client, "/api/v1/sign-in", username="nobody", password="x" * 20)
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.get_json() == unknown.get_json()


def test_the_cookie_is_fresh_and_for_this_host_only(cast: Cast) -> None:
    cookies = [cast.ana.sign_in().headers["Set-Cookie"] for _ in range(2)]
    assert cookies[0].split(";")[0] != cookies[1].split(";")[0]
    for attribute in ("HttpOnly", "SameSite=Lax", "Path=/"):
        assert attribute in cookies[0]
    assert "Domain" not in cookies[0]


def test_with_tls_the_cookie_is_secure_and_prefixed(tmp_path) -> None:  # type: ignore[no-untyped-def]
    app = create_app(
        {"INSTANCE_PATH": str(tmp_path), "PUBLIC_URL": "https://aftercare.example.org"}
    )
    assert app.config["SESSION_COOKIE_NAME"] == "__Host-session"
    assert app.config["SESSION_COOKIE_SECURE"] is True


@pytest.mark.fault(71, 122)
def test_a_captured_cookie_is_worth_nothing_after_signing_out(cast: Cast, app: Flask) -> None:
    cookie = cast.ana.sign_in().headers["Set-Cookie"].split(";")[0]
    thief = app.test_client(use_cookies=False)
    assert thief.get("/api/v1/session", headers={"Cookie": cookie}).status_code == 200
    assert cast.ana.post("/api/v1/sign-out").status_code == 204
    assert thief.get("/api/v1/session", headers={"Cookie": cookie}).status_code == 401


def test_a_closed_account_is_told_so_only_with_its_password(cast: Cast) -> None:
    cast.ana.sign_in()
    with writing():
        db.session.get_one(Account, cast.ana.account_id).is_active = False
    assert cast.ana.get("/api/v1/session").status_code == 401
    right, wrong = cast.ana.sign_in(), cast.ana.sign_in("something else entirely")
    assert (right.status_code, right.get_json()["kind"]) == (403, "account-inactive")
    assert wrong.status_code == 401


@pytest.mark.fault(121)
def test_another_site_cannot_sign_a_phone_in(cast: Cast) -> None:
    response = cast.ana.client.post(
        "/api/v1/sign-in",
        json={"username": "ben", "password": PASSWORD},
        headers={"Origin": "https://elsewhere.example"},
    )
    assert response.status_code == 403
    assert "Set-Cookie" not in response.headers


def test_an_invite_is_looked_at_then_taken_up_once(anybody: FlaskClient, invited: str) -> None:
    offer = post(anybody, "/api/v1/join/look", code=invited).get_json()
    assert (offer["clinic"], offer["kind"], offer["display_name"]) == (
        "Riverside Joint Clinic",
        "patient",
        "Cleo D.",
    )
    joined = post(anybody, "/api/v1/join", code=invited, username="Cleo", password=GOOD)
    assert (joined.status_code, joined.get_json()["role"]) == (201, "patient")
    assert anybody.get("/api/v1/session").get_json()["display_name"] == "Cleo D."
    again = post(anybody, "/api/v1/join", code=invited, username="cleo2", password=GOOD)
    assert again.get_json()["kind"] == "invite-unknown"


def test_a_code_may_be_typed_as_people_type(anybody: FlaskClient, invited: str) -> None:
    typed = invites.grouped(invited).lower().replace("0", "o").replace("1", "l") + " "
    assert post(anybody, "/api/v1/join/look", code=typed).status_code == 200


def test_an_invite_lasts_fourteen_days(anybody: FlaskClient, invited: str, clock: Clock) -> None:
    clock.now += timedelta(days=14, seconds=1)
    assert post(anybody, "/api/v1/join/look", code=invited).status_code == 404


@pytest.mark.fault(77)
def test_every_wrong_code_has_the_same_answer(
    anybody: FlaskClient, invited: str, cast: Cast, clock: Clock
) -> None:
    account = db.session.scalars(db.select(Account).where(Account.display_name == "Cleo D.")).one()
    with writing():
        invites.issue(actor=cast.dr_cole.actor, account=account, at=clock())
    answers = [
        post(anybody, "/api/v1/join/look", code=code).get_json()
        for code in (invited, "AAAA-BBBB-CCCC", "", "é" * 500)
    ]
    assert all(answer == answers[0] for answer in answers)


@pytest.mark.fault(77)
def test_of_twenty_who_race_for_an_invite_one_wins(app: Flask, invited: str, clock: Clock) -> None:
    won: list[str] = []
    lost: list[Problem] = []

    def take(name: str) -> None:
        with app.app_context():
            try:
                invites.take_up(code=invited, username=name, password=GOOD, at=clock(), **SOMEWHERE)
                won.append(name)
            except Problem as problem:
                lost.append(problem)

    db.session.rollback()
    threads = [threading.Thread(target=take, args=(f"racer{n}",)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 19)


@pytest.mark.parametrize(
    ("username", "password", "field"),
    [
        ("", GOOD, "username"),
        ("a b", GOOD, "username"),
        ("x" * 41, GOOD, "username"),
        ("cleo", "", "password"),
        ("cleo", "fourteen chars", "password"),
        ("cleo", "x" * 129, "password"),
        ("cleo", "passwordpassword", "password"),
        ("cleo", "123456789012345", "password"),
        ("cleo", "cleocleocleocleo", "password"),
        ("cleo", "qwertyuiopasdfgh", "password"),
    ],
)
def test_a_name_or_password_that_will_not_do_is_named(
    anybody: FlaskClient, invited: str, username: str, password: str, field: str
) -> None:
    response = post(anybody, "/api/v1/join", code=invited, username=username, password=password)
    assert response.status_code == 422
    assert response.get_json()["field"] == field
    assert post(anybody, "/api/v1/join/look", code=invited).status_code == 200


def test_a_name_that_is_taken_is_told(anybody: FlaskClient, invited: str) -> None:
    response = post(anybody, "/api/v1/join", code=invited, username="ANA", password=GOOD)
    assert (response.status_code, response.get_json()["kind"]) == (409, "username-taken")


def test_suggested_passwords_are_accepted_and_differ(anybody: FlaskClient, invited: str) -> None:
    offered = [post(anybody, "/api/v1/password/suggest").get_json()["password"] for _ in range(5)]
    assert len(set(offered)) == 5
    joined = post(anybody, "/api/v1/join", code=invited, username="cleo", password=offered[0])
    assert joined.status_code == 201


def test_a_code_to_join_is_not_made_for_somebody_who_has_joined(cast: Cast, clock: Clock) -> None:
    account = db.session.get_one(Account, cast.ana.account_id)
    with pytest.raises(Conflict), writing():
        invites.issue(actor=cast.dr_cole.actor, account=account, at=clock())


def test_a_fresh_server_is_set_up_once_by_its_link(app: Flask, clock: Clock) -> None:
    with writing():
        code = invites.issue_setup(at=clock())
    client = app.test_client()
    body = {
        "code": code,
        "clinic_name": "New Clinic",
        "time_zone": "Europe/London",
        "emergency_number": "999",
        "display_name": "Mo",
        "username": "mo",
        "password": GOOD,
    }
    wrong = post(client, "/api/v1/setup", **{**body, "time_zone": "Moon/Base"})
    assert (wrong.status_code, wrong.get_json()["field"]) == (422, "time_zone")
    made = post(client, "/api/v1/setup", **body)
    # A new clinic asks its staff for a second factor, and this administrator has none yet.
    assert (made.status_code, made.get_json()["kind"]) == (403, "enrolment-required")
    assert client.get("/clinic").headers["Location"] == "/clinic/account/second-factor"
    assert db.session.scalars(db.select(Account.role)).all() == ["administrator"]
    assert post(app.test_client(), "/api/v1/setup", **body).status_code == 404


@pytest.mark.parametrize("field", ["username", "password"])
def test_a_sign_in_of_another_shape_names_the_field(anybody: FlaskClient, field: str) -> None:
    body = {"username": "ana", "password": PASSWORD, field: 7}
    response = anybody.post("/api/v1/sign-in", json=body, headers={"Origin": ORIGIN})
    assert (response.status_code, response.get_json()["field"]) == (400, field)


def test_of_two_who_choose_one_name_at_once_the_second_is_told(
    cast: Cast, app: Flask, clock: Clock
) -> None:
    codes = []
    with writing():
        for name in ("Cleo D.", "Dora E."):
            account_id = people.add_staff(
                actor=cast.mo.actor, role="clinician", display_name=name, at=clock()
            )
            account = db.session.get_one(Account, account_id)
            codes.append(invites.issue(actor=cast.mo.actor, account=account, at=clock()))
    answers: list[int] = []

    def take(code: str) -> None:
        answer = post(app.test_client(), "/api/v1/join", code=code, username="cd", password=GOOD)
        answers.append(answer.status_code)

    threads = [threading.Thread(target=take, args=(code,)) for code in codes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [201, 409]


def test_nobody_waits_behind_a_password_that_will_not_do(app: Flask, invited: str) -> None:
    answers: list[int] = []

    def take() -> None:
        answer = post(
            app.test_client(), "/api/v1/join", code=invited, username="cleo", password="short"
        )
        answers.append(answer.status_code)

    with writing():
        thread = threading.Thread(target=take)
        thread.start()
        thread.join()
    assert answers == [422]
