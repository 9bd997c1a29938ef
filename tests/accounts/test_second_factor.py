"""The second factor of staff: enrolling, the second step, losing one, and the clinic's rule."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, replace
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from pwa.accounts import invites, people, recovery, resets, totp
from pwa.accounts.keys import FOLDER, KeyRing
from pwa.accounts.models import Account, MasterKey, RecoveryCode, Session
from pwa.config import Settings
from pwa.database import db, writing
from pwa.practice.models import Clinic
from tests.accounts.authenticator import Authenticator
from tests.accounts.test_passkeys import add_passkey, ask, kind, sign_in
from tests.clinic.asking import audited, values_of, words_of
from tests.conftest import PASSWORD, Cast, Clock, Person
from tests.test_doors import all_doors

OWN = "/clinic/account/second-factor"
STEP = "/clinic/second-step"
GOOD = "nine purple otters dance slowly"


@dataclass
class App:
    """Somebody's authenticator app, with the recovery codes that came with it."""

    secret: str
    codes: list[str]
    clock: Clock

    def code(self, *, steps: int = 0) -> str:
        return pyotp.TOTP(self.secret).at(self.clock(), counter_offset=steps)


def set_up_app(person: Person, clock: Clock) -> App:
    """Scan, type the first code, keep the recovery codes; then wait for the next code."""
    if not person.has_tried_to_sign_in:
        person.sign_in()
    page = person.get(f"{OWN}/app")
    secret = re.search(r"data-secret>([A-Z2-7 ]+)<", page.text)
    assert secret, page.status_code
    app = App(secret[1].replace(" ", ""), [], clock)
    form = {"offer": values_of(page, "offer")[0], "code": app.code()}
    done = person.post(f"{OWN}/app", data=form)
    assert done.status_code == 200, words_of(done)
    app.codes = re.findall(r"codes__one\">([0-9A-Z-]+)<", done.text)
    clock.move(seconds=30)
    return app


@pytest.fixture
def strict(cast: Cast) -> Cast:
    """The cast, of whose clinics both ask for a second factor."""
    with writing():
        for clinic in db.session.scalars(select(Clinic)):
            clinic.is_second_factor_required = True
    return cast


def give_app(person: Person, app: Flask, clock: Clock, *, code_count: int = 1) -> App:
    """The same without the pages, and with fewer recovery codes: hashing them takes its time."""
    made = App(pyotp.random_base32(), recovery.new_codes()[:code_count], clock)
    ring, account_id = ring_of(app), person.account_id
    hashes = [recovery.hash_code(code, account_id=account_id) for code in made.codes]
    with writing():
        account = db.session.get_one(Account, account_id)
        account.totp_secret = totp.seal(ring, made.secret, account_id=account_id)
        account.totp_step = int(clock().timestamp()) // 30 - 1
        recovery.replace(account_id=account_id, hashes=hashes, at=clock())
    return made


@pytest.fixture
def cole_app(cast: Cast, app: Flask, clock: Clock) -> App:
    """Dr Cole's app, at a clinic that asks for one."""
    made = give_app(cast.dr_cole, app, clock)
    with writing():
        db.session.get_one(Clinic, cast.dr_cole.clinic_id).is_second_factor_required = True
    cast.dr_cole.has_tried_to_sign_in = True
    return made


def give_code(person: Person, code: str) -> TestResponse:
    return person.post("/api/v1/second-step", json={"code": code})


def test_a_password_alone_opens_nothing_where_a_second_factor_is_asked(
    cole_app: App, cast: Cast, app: Flask
) -> None:
    response = cast.dr_cole.sign_in()
    assert kind(response) == (401, "second-factor-required")
    assert "account" not in response.get_json()
    assert_only_the_step_opens(app, cast, cast.dr_cole, STEP)
    assert give_code(cast.dr_cole, cole_app.code()).get_json()["role"] == "clinician"
    assert cast.dr_cole.get("/clinic").status_code == 200


def test_who_has_no_factor_yet_adds_one_before_anything_opens(
    strict: Cast, app: Flask, clock: Clock
) -> None:
    assert kind(strict.dr_cole.sign_in()) == (403, "enrolment-required")
    assert_only_the_step_opens(app, strict, strict.dr_cole, OWN)
    page = strict.dr_cole.get(OWN)
    assert "asks for a second way" in words_of(page)
    before = cookie_of(strict.dr_cole)
    set_up_app(strict.dr_cole, clock)
    assert cookie_of(strict.dr_cole) != before
    assert strict.dr_cole.get("/clinic").status_code == 200


def assert_only_the_step_opens(app: Flask, cast: Cast, person: Person, step: str) -> None:
    """Every address of the house but those of the step, asked with a half session."""
    ids = {
        "patient_id": cast.ana.account_id,
        "treatment_id": cast.ana.treatment_id,
        "account_id": cast.mo.account_id,
    }
    asked = 0
    for door in all_doors(app, ids):
        if door.roles is None or getattr(app.view_functions[door.endpoint], "door_takes_half", 0):
            continue
        ask_for = person.get if door.method == "GET" else person.post
        response = ask_for(door.path)
        asked += 1
        if door.method == "GET" and not door.path.startswith("/api/"):
            assert response.headers.get("Location") == step, door
        else:
            assert response.status_code in (401, 403), door
    assert asked > 30


def test_what_takes_half_a_session_is_known_by_name(app: Flask) -> None:
    found = {
        endpoint
        for endpoint, view in app.view_functions.items()
        if getattr(view, "door_takes_half", False)
    }
    assert found == {
        "clinic.choose.show_choose",
        "clinic.choose.choose",
        "clinic.second_factor.show_second_step",
        "clinic.second_factor.pass_with_code",
        "clinic.second_factor.show_own",
        "clinic.second_factor.show_app",
        "clinic.second_factor.add_app",
        "passkeys.pass_with_code",
        "passkeys.offer_second_step",
        "passkeys.pass_with_passkey",
        "passkeys.offer_passkey",
        "passkeys.add_passkey",
    }


def test_a_half_session_waits_for_one_step_and_not_for_the_other(
    cole_app: App, cast: Cast, clock: Clock
) -> None:
    cast.dr_cole.sign_in()
    assert cast.dr_cole.get(OWN).headers["Location"] == STEP
    assert cast.dr_cole.get(f"{OWN}/app").status_code == 401
    assert cast.dr_cole.post(f"{OWN}/app", data={}).status_code == 401
    assert cast.dr_cole.post("/api/v1/passkeys/options", json={}).status_code == 401
    assert cast.dr_cole.post("/api/v1/passkeys", json={}).status_code == 401
    assert give_code(cast.dr_cole, cole_app.code()).status_code == 200
    clock.move(seconds=30)
    assert kind(give_code(cast.dr_cole, cole_app.code())) == (401, "sign-in-required")
    assert cast.dr_cole.get(STEP).headers["Location"] == "/clinic"
    assert cast.dr_cole.post(STEP).headers["Location"] == "/clinic"


def test_who_still_has_to_enrol_cannot_take_the_second_step(strict: Cast) -> None:
    strict.dr_cole.sign_in()
    assert strict.dr_cole.get(STEP).headers["Location"] == OWN
    assert give_code(strict.dr_cole, "000000").status_code == 401
    assert strict.dr_cole.post("/api/v1/second-step/passkey", json={}).status_code == 401


def test_the_second_step_gives_a_token_that_nobody_has_seen(cole_app: App, cast: Cast) -> None:
    half = cast.dr_cole.sign_in().headers["Set-Cookie"].split(";")[0]
    whole = give_code(cast.dr_cole, cole_app.code()).headers["Set-Cookie"].split(";")[0]
    assert half != whole
    thief = cast.dr_cole.client.application.test_client(use_cookies=False)
    for path in ("/api/v1/session", "/api/v1/passkeys"):
        assert thief.get(path, headers={"Cookie": half}).status_code == 401
        assert thief.get(path, headers={"Cookie": whole}).status_code == 200


def test_the_second_step_is_awaited_for_ten_minutes(
    cole_app: App, cast: Cast, clock: Clock
) -> None:
    cast.dr_cole.sign_in()
    clock.now += timedelta(minutes=10)
    assert kind(give_code(cast.dr_cole, cole_app.code())) == (401, "sign-in-required")


@pytest.mark.fault(80)
def test_a_code_of_the_app_is_good_once_and_an_older_one_never_again(
    cole_app: App, cast: Cast, clock: Clock
) -> None:
    code = cole_app.code()
    cast.dr_cole.sign_in()
    assert give_code(cast.dr_cole, code).status_code == 200
    cast.dr_cole.sign_in()
    assert kind(give_code(cast.dr_cole, code)) == (401, "wrong-code")
    assert kind(give_code(cast.dr_cole, cole_app.code(steps=-1))) == (401, "wrong-code")
    clock.move(seconds=30)
    assert give_code(cast.dr_cole, cole_app.code()).status_code == 200


def test_a_clock_may_be_half_a_minute_off(cole_app: App, cast: Cast, clock: Clock) -> None:
    cast.dr_cole.sign_in()
    for steps in (-2, 2):
        assert give_code(cast.dr_cole, cole_app.code(steps=steps)).status_code == 401
    assert give_code(cast.dr_cole, cole_app.code(steps=1)).status_code == 200
    clock.move(seconds=90)
    cast.dr_cole.sign_in()
    assert give_code(cast.dr_cole, cole_app.code(steps=-1)).status_code == 200


def test_the_code_that_set_the_app_up_is_used_too(cast: Cast, clock: Clock) -> None:
    app = set_up_app(cast.mo, clock)
    cast.mo.sign_in()
    assert kind(give_code(cast.mo, app.code(steps=-1))) == (401, "wrong-code")
    assert give_code(cast.mo, app.code()).status_code == 200


def test_a_recovery_code_works_once_as_people_type_it(cole_app: App, cast: Cast) -> None:
    typed = f" {cole_app.codes[0].lower().replace('-', ' ')} "
    cast.dr_cole.sign_in()
    assert give_code(cast.dr_cole, typed).status_code == 200
    assert "You have no recovery codes" in words_of(cast.dr_cole.get(OWN))
    cast.dr_cole.sign_in()
    assert kind(give_code(cast.dr_cole, typed)) == (401, "wrong-code")
    [entry] = audited("denied.second_factor")
    assert entry.actor_id == cast.dr_cole.account_id


@pytest.mark.usefixtures("cole_app")
def test_somebody_elses_codes_do_not_work(cast: Cast, app: Flask, clock: Clock) -> None:
    mos = give_app(cast.mo, app, clock)
    cast.dr_cole.sign_in()
    for code in (mos.code(), mos.codes[0], "", "é" * 500, "0" * 12):
        assert kind(give_code(cast.dr_cole, code)) == (401, "wrong-code")


@pytest.mark.parametrize("way", ["app", "recovery_code"])
def test_of_two_who_use_one_code_at_once_one_gets_in(way: str, cole_app: App, app: Flask) -> None:
    code = cole_app.code() if way == "app" else cole_app.codes[0]
    browsers = [app.test_client() for _ in range(2)]
    for browser in browsers:
        half = ask(browser, "sign-in", username="dr_cole", password=PASSWORD)
        assert kind(half) == (401, "second-factor-required")
    db.session.rollback()
    together, answers = threading.Barrier(2), []

    def finish(browser: FlaskClient) -> None:
        together.wait()
        answers.append(ask(browser, "second-step", code=code).status_code)

    threads = [threading.Thread(target=finish, args=(one,)) for one in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 401]


def test_wrong_codes_are_slowed_down_and_written_down(cole_app: App, cast: Cast) -> None:
    cast.dr_cole.sign_in()
    tries = [give_code(cast.dr_cole, f"{number:06}") for number in range(6)]
    assert [one.status_code for one in tries] == [401] * 5 + [429]
    assert tries[-1].headers["Retry-After"]
    entries = audited("denied.second_factor")
    assert len(entries) == 5
    assert {entry.actor_name for entry in entries} == {"Dr Cole"}
    page = cast.dr_cole.post(STEP, data={"code": cole_app.code()})
    assert page.status_code == 429
    assert page.headers["Retry-After"]


def test_the_second_step_works_without_javascript(cole_app: App, cast: Cast) -> None:
    cast.dr_cole.sign_in()
    page = cast.dr_cole.get(STEP)
    assert "Code from your app" in words_of(page)
    wrong = cast.dr_cole.post(STEP, data={"code": "000000"})
    assert wrong.status_code == 401
    assert "That code does not work" in words_of(wrong)
    done = cast.dr_cole.post(STEP, data={"code": cole_app.code()})
    assert (done.status_code, done.headers["Location"]) == (303, "/clinic")
    assert cast.dr_cole.get("/clinic").status_code == 200


def test_a_passkey_is_a_second_step_too(strict: Cast, app: Flask) -> None:
    strict.dr_cole.sign_in()
    device = Authenticator()
    added = add_passkey(strict.dr_cole, device)
    assert added.status_code == 201
    assert strict.dr_cole.get("/clinic").status_code == 200
    browser = app.test_client()
    ask(browser, "sign-in", username="dr_cole", password=PASSWORD)
    assert "data-second-step-passkey" in browser.get(STEP).text
    options = ask(browser, "second-step/passkey/options").get_json()
    assert len(options["allowCredentials"]) == 1
    other = ask(browser, "second-step/passkey", credential=Authenticator().prove(options))
    assert kind(other) == (401, "wrong-passkey")
    fresh = ask(browser, "second-step/passkey/options").get_json()
    answer = device.prove(fresh)
    assert ask(browser, "second-step/passkey", credential=answer).get_json()["role"] == "clinician"
    assert browser.get("/clinic").status_code == 200
    assert len(audited("denied.second_factor")) == 1


@pytest.mark.fault(80)
def test_an_answer_to_the_second_step_signs_nobody_in_elsewhere(strict: Cast, app: Flask) -> None:
    strict.dr_cole.sign_in()
    device = Authenticator()
    add_passkey(strict.dr_cole, device)
    browser = app.test_client()
    ask(browser, "sign-in", username="dr_cole", password=PASSWORD)
    answer = device.prove(ask(browser, "second-step/passkey/options").get_json())
    assert kind(ask(app.test_client(), "passkey/sign-in", credential=answer)) == (
        401,
        "wrong-passkey",
    )


def test_the_secret_is_sealed_and_bound_to_its_account(
    cole_app: App, cast: Cast, app: Flask
) -> None:
    ring = ring_of(app)
    sealed = db.session.get_one(Account, cast.dr_cole.account_id).totp_secret
    assert sealed is not None
    assert len(sealed) <= 200
    assert cole_app.secret not in sealed
    assert totp.unseal(ring, sealed, account_id=cast.dr_cole.account_id) == cole_app.secret
    with pytest.raises(totp.CannotOpen):
        totp.unseal(ring, sealed, account_id=cast.mo.account_id)
    kid, _, box = sealed.partition(".")
    for broken in (f"{kid}.{box[:-4]}AAA=", f"{kid}.", f"other.{box}", "", f"{kid}.é"):
        with pytest.raises(totp.CannotOpen):
            totp.unseal(ring, broken, account_id=cast.dr_cole.account_id)


def test_an_app_outlives_a_new_master_key(cole_app: App, cast: Cast, app: Flask) -> None:
    ring_of(app).rotate()
    cast.dr_cole.sign_in()
    assert give_code(cast.dr_cole, cole_app.code()).status_code == 200


def test_a_secret_that_was_shown_too_long_ago_is_not_taken(cast: Cast, clock: Clock) -> None:
    page = cast.dr_cole.get(f"{OWN}/app")
    offer = values_of(page, "offer")[0]
    clock.move(minutes=4)
    wrong = cast.dr_cole.post(f"{OWN}/app", data={"offer": offer, "code": "000000"})
    assert wrong.status_code == 422
    assert values_of(wrong, "offer") == [offer]
    clock.move(minutes=11)
    cast.dr_cole.sign_in()
    late = cast.dr_cole.post(f"{OWN}/app", data={"offer": offer, "code": "000000"})
    assert late.status_code == 409
    mos = cast.mo.post(f"{OWN}/app", data={"offer": offer, "code": "000000"})
    assert mos.status_code == 409
    kept = db.session.get_one(Account, cast.dr_cole.account_id).totp_secret
    assert kept is None


def test_neither_secret_nor_codes_are_ever_shown_again(
    cast: Cast, app: Flask, clock: Clock
) -> None:
    made = set_up_app(cast.mo, clock)
    assert len(set(made.codes)) == 10
    assert "10 of 10 still work" in words_of(cast.mo.get(OWN))
    shown = cast.mo.get(OWN).text + cast.mo.get(f"{OWN}/app").text
    assert made.secret[:8] not in shown.replace(" ", "")
    for code in made.codes:
        assert code not in shown
    hashes = db.session.scalars(select(RecoveryCode.code_hash)).all()
    assert len(hashes) == 10
    assert not any(code.replace("-", "") in "".join(hashes).upper() for code in made.codes)
    sealed = db.session.get_one(Account, cast.mo.account_id).totp_secret or ""
    used = db.session.scalars(select(MasterKey)).all()
    assert [row.kid for row in used] == [totp.key_of(sealed)] == [ring_of(app).current()]


def test_new_recovery_codes_replace_all_earlier_ones(cole_app: App, cast: Cast) -> None:
    cast.dr_cole.sign_in()
    give_code(cast.dr_cole, cole_app.code())
    page = cast.dr_cole.post(f"{OWN}/codes")
    assert page.headers["Cache-Control"] == "no-store"
    new = re.findall(r"codes__one\">([0-9A-Z-]+)<", page.text)
    assert len(set(new) - set(cole_app.codes)) == 10
    cast.dr_cole.sign_in()
    assert kind(give_code(cast.dr_cole, cole_app.codes[0])) == (401, "wrong-code")
    assert give_code(cast.dr_cole, new[0]).status_code == 200


def test_codes_stand_in_for_a_factor_and_are_none(cast: Cast) -> None:
    assert cast.mo.post(f"{OWN}/codes").status_code == 409


def test_the_last_factor_stays_where_the_clinic_asks_for_one(
    cole_app: App, cast: Cast, app: Flask, clock: Clock
) -> None:
    cast.dr_cole.sign_in()
    give_code(cast.dr_cole, cole_app.code())
    refused = cast.dr_cole.post(f"{OWN}/app/remove")
    assert refused.status_code == 409
    assert "Add another one first" in words_of(refused)
    device = Authenticator()
    add_passkey(cast.dr_cole, device)
    assert cast.dr_cole.post(f"{OWN}/app/remove").status_code == 303
    [shown] = cast.dr_cole.get("/api/v1/passkeys").get_json()["passkeys"]
    last = {"credential_id": shown["credential_id"]}
    assert kind(cast.dr_cole.post("/api/v1/passkeys/remove", json=last)) == (409, "conflict")
    assert cast.dr_cole.post(f"{OWN}/passkeys/remove", data=last).status_code == 409
    give_app(cast.dr_cole, app, clock)
    assert cast.dr_cole.post(f"{OWN}/passkeys/remove", data=last).status_code == 303
    assert "Remove the app" not in words_of(cast.dr_cole.get(OWN))


def test_where_none_is_asked_the_last_factor_may_go_and_the_codes_go_with_it(
    cast: Cast, app: Flask, clock: Clock
) -> None:
    cast.mo.sign_in()
    give_app(cast.mo, app, clock)
    assert cast.mo.post(f"{OWN}/app/remove").status_code == 303
    assert db.session.scalars(select(RecoveryCode)).all() == []
    assert cast.mo.sign_in().status_code == 200


def test_who_added_a_factor_is_asked_for_it_even_where_the_clinic_does_not(
    cast: Cast, app: Flask, clock: Clock
) -> None:
    give_app(cast.mo, app, clock)
    assert kind(cast.mo.sign_in()) == (401, "second-factor-required")


def test_changes_ask_for_a_fresh_proof(cole_app: App, cast: Cast, clock: Clock) -> None:
    cast.dr_cole.sign_in()
    give_code(cast.dr_cole, cole_app.code())
    clock.move(minutes=6)
    for path in ("app", "app/remove", "passkeys/remove", "codes"):
        assert cast.dr_cole.post(f"{OWN}/{path}").status_code == 403, path
    asked = cast.dr_cole.get(f"{OWN}/app")
    assert asked.headers["Location"] == f"/clinic/account/confirm?next={OWN}/app"
    page = words_of(cast.dr_cole.get(OWN))
    assert "show first that it is you" in page
    assert "Make new recovery codes" not in page


def test_an_administrator_resets_a_colleagues_factor(cole_app: App, cast: Cast) -> None:
    cast.dr_cole.sign_in()
    give_code(cast.dr_cole, cole_app.code())
    with writing():
        db.session.get_one(Clinic, cast.mo.clinic_id).is_second_factor_required = False
    cast.mo.get("/clinic/settings")
    with writing():
        db.session.get_one(Clinic, cast.mo.clinic_id).is_second_factor_required = True
    reset = f"/clinic/settings/staff/{cast.dr_cole.account_id}/second-factor"
    assert "Dr Cole" in words_of(cast.mo.get(reset))
    assert cast.mo.post(reset).status_code == 303
    assert cast.dr_cole.get("/api/v1/session").status_code == 401
    assert kind(cast.dr_cole.sign_in()) == (403, "enrolment-required")
    assert kind(give_code(cast.dr_cole, cole_app.codes[0])) == (401, "sign-in-required")
    [entry] = audited("staff.second_factor_reset")
    assert (entry.actor_name, entry.subject_id) == ("Mo", cast.dr_cole.account_id)


def test_nobody_resets_their_own_or_without_a_fresh_proof_or_elsewhere(
    cast: Cast, clock: Clock
) -> None:
    cole = f"/clinic/settings/staff/{cast.dr_cole.account_id}/second-factor"
    own = f"/clinic/settings/staff/{cast.mo.account_id}/second-factor"
    elsewhere = f"/clinic/settings/staff/{cast.dr_dunn.account_id}/second-factor"
    patient = f"/clinic/settings/staff/{cast.ana.account_id}/second-factor"
    for path in (own, elsewhere, patient):
        assert cast.mo.get(path).status_code == 404
        assert cast.mo.post(path).status_code == 404
    assert cast.dr_cole.post(own).status_code == 404
    clock.move(minutes=6)
    assert cast.mo.post(cole).status_code == 403
    assert audited("staff.second_factor_reset") == []


def test_the_operator_helps_an_administrator_who_is_alone(
    strict: Cast, app: Flask, clock: Clock
) -> None:
    made = give_app(strict.mo, app, clock)
    assert kind(strict.mo.sign_in()) == (401, "second-factor-required")
    assert give_code(strict.mo, made.code()).status_code == 200
    db.session.rollback()
    run = app.test_cli_runner().invoke(args=["second-factor", "reset", "Mo"])
    assert run.exit_code == 0, run.output
    assert strict.mo.get("/api/v1/session").status_code == 401
    assert kind(strict.mo.sign_in()) == (403, "enrolment-required")
    [entry] = audited("staff.second_factor_reset")
    assert (entry.actor_name, entry.actor_id) == ("Operator", None)
    for name in ("nobody", "ana"):
        refused = app.test_cli_runner().invoke(args=["second-factor", "reset", name])
        assert refused.exit_code != 0


def test_an_administrator_asks_everybody_once_they_have_a_factor_themselves(
    cast: Cast, app: Flask, clock: Clock
) -> None:
    rule = "/clinic/settings/second-factor"
    cast.dr_cole.get("/clinic")
    assert "Add your own second factor first" in words_of(cast.mo.get(rule))
    assert cast.mo.post(rule, data={"is_required": "1"}).status_code == 409
    assert cast.dr_cole.get("/clinic").status_code == 200
    give_app(cast.mo, app, clock)
    assert cast.mo.post(rule, data={"is_required": "1"}).status_code == 303
    assert cast.mo.get("/clinic/settings").status_code == 200
    assert cast.dr_cole.get("/api/v1/session").status_code == 401
    assert kind(cast.dr_cole.sign_in()) == (403, "enrolment-required")
    assert len(audited("clinic.second_factor_on")) == 1
    assert cast.mo.post(rule, data={"is_required": "1"}).status_code == 303
    assert len(audited("clinic.second_factor_on")) == 1
    assert cast.mo.post(rule, data={"is_required": "0"}).status_code == 303
    assert len(audited("clinic.second_factor_off")) == 1
    clock.move(minutes=6)
    assert cast.mo.post(rule, data={"is_required": "1"}).status_code == 403
    assert cast.dr_dunn.sign_in().status_code == 200


def test_every_page_of_a_clinic_that_does_not_ask_says_so(cast: Cast) -> None:
    said = "Second factor is off in this clinic."
    for person, path in (
        (cast.dr_cole, "/clinic"),
        (cast.dr_cole, "/clinic/patients"),
        (cast.mo, "/clinic/settings"),
        (cast.mo, "/clinic/account"),
        (cast.mo, OWN),
    ):
        assert said in words_of(person.get(path)), path
    with writing():
        db.session.get_one(Clinic, cast.mo.clinic_id).is_second_factor_required = True
    assert said not in words_of(cast.mo.get("/clinic/settings"))


def test_a_demo_says_both_on_every_page_of_the_clinic(
    cast: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = app.extensions["shell"]
    monkeypatch.setattr(shell, "settings", replace(shell.settings, is_demo=True))
    [banner] = re.findall(r'<aside class="demo".*?</aside>', cast.dr_cole.get("/clinic").text)
    assert "This is a demo." in banner
    assert "Second factor is off in this clinic." in banner


def test_joining_and_a_new_password_lead_to_the_second_factor(
    strict: Cast, anybody: FlaskClient, clock: Clock
) -> None:
    with writing():
        account_id = people.add_staff(
            actor=strict.mo.actor, role="clinician", display_name="Dr Ek", at=clock()
        )
        account = db.session.get_one(Account, account_id)
        code = invites.issue(actor=strict.mo.actor, account=account, at=clock())
    joined = ask(anybody, "join", code=code, username="dr_ek", password=GOOD)
    assert kind(joined) == (403, "enrolment-required")
    assert anybody.get("/clinic").headers["Location"] == OWN
    device = Authenticator()
    options = ask(anybody, "passkeys/options").get_json()
    added = ask(anybody, "passkeys", credential=device.make(options), name="")
    assert added.status_code == 201
    asked = resets.ask(username="dr_ek", address="", at=clock())
    resets.approve(actor=strict.mo.actor, account_id=account_id, number=asked.number, at=clock())
    principal = resets.use(
        secret=asked.secret, password=f"{GOOD} again", address="", label="", at=clock()
    )
    assert principal.stage == "second_factor"


def test_setting_up_the_first_clinic_leads_to_the_second_factor(
    app: Flask, anybody: FlaskClient, clock: Clock
) -> None:
    with writing():
        code = invites.issue_setup(at=clock())
    done = ask(
        anybody,
        "setup",
        code=code,
        clinic_name="Riverside",
        time_zone="Europe/London",
        emergency_number="999",
        display_name="Mo",
        username="mo",
        password=GOOD,
    )
    assert kind(done) == (403, "enrolment-required")
    assert anybody.get("/clinic/settings").headers["Location"] == OWN
    device = Authenticator()
    options = ask(anybody, "passkeys/options").get_json()
    assert ask(anybody, "passkeys", credential=device.make(options), name="").status_code == 201
    assert anybody.get("/clinic/settings").status_code == 200
    assert sign_in(app.test_client(), device).status_code == 200


def test_patients_are_never_asked(strict: Cast) -> None:
    assert strict.ana.sign_in().status_code == 200
    assert strict.ana.get(STEP).status_code == 404
    assert strict.ana.get(OWN).status_code == 404


def test_a_session_that_ended_meanwhile_finishes_nothing(
    cole_app: App, cast: Cast, clock: Clock
) -> None:
    cast.dr_cole.sign_in()
    with writing():
        db.session.execute(
            db.update(Session)
            .where(Session.account_id == cast.dr_cole.account_id)
            .values(ended_at=clock())
        )
    assert kind(give_code(cast.dr_cole, cole_app.code())) == (401, "sign-in-required")


def ring_of(app: Flask) -> KeyRing:
    settings: Settings = app.extensions["settings"]
    return KeyRing(settings.instance_path / FOLDER)


def cookie_of(person: Person) -> str:
    cookie = person.client.get_cookie("session")
    assert cookie is not None
    return cookie.value
