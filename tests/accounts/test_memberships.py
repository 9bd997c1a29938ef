"""One account at several clinics: joining with a code, choosing, ending, and what stays sealed."""

from __future__ import annotations

import threading
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from pwa.accounts import invites, people
from pwa.accounts.models import Account, Invite, Membership, Patient, Session
from pwa.audit.log import SERVER
from pwa.database import db, writing
from pwa.practice.models import Clinic
from pwa.problems import Problem
from tests.accounts.asking import WRONG
from tests.accounts.test_resets import Forgetful, approve
from tests.accounts.test_second_factor import (
    OWN,
    STEP,
    assert_only_the_step_opens,
    cookie_of,
    give_app,
    give_code,
    set_up_app,
)
from tests.accounts.test_sessions import waiting_at_the_database
from tests.accounts.working import (
    CHOOSE,
    TwoClinics,
    choose,
    invite,
    log_of,
    make_staff,
    membership_of,
    take_up,
    two,  # noqa: F401 - a fixture, found here by name
)
from tests.clinic.asking import audited, words_of
from tests.conftest import NOON, PASSWORD, Cast, Clock, Person

GOOD = "nine purple otters dance slowly"


def kind(response: TestResponse) -> tuple[int, str]:
    return response.status_code, response.get_json()["kind"]


def require_factor(clinic_id: str) -> None:
    with writing():
        db.session.get_one(Clinic, clinic_id).is_second_factor_required = True


def names_at(clinic_id: str) -> dict[str, bool]:
    db.session.rollback()
    return {one.display_name: one.is_active for one in people.staff_of(clinic_id)}


# --- joining -------------------------------------------------------------------------------------


def test_a_colleague_takes_a_code_up_with_the_name_they_have(cast: Cast, app: Flask) -> None:
    maya = make_staff(app, cast.dr_dunn.clinic_id, "maya", "Maya", "administrator")
    code = invite(maya.actor, "Dr C.", "administrator")
    invited = db.session.scalars(select(Account).where(Account.display_name == "Dr C.")).one()
    invited_id = invited.account_id
    with writing():
        hers = people.add_patient(
            actor=cast.dr_dunn.actor,
            display_name="Eve S.",
            second_identifier="1",
            phone_number="",
            at=NOON,
        )
        db.session.get_one(Patient, (maya.clinic_id, hers)).assigned_id = invited_id
    assert kind(take_up(cast.dr_cole, code)) == (403, "clinic-choice-required")
    assert choose(cast.dr_cole, maya.clinic_id).headers["Location"] == "/clinic"
    told = cast.dr_cole.get("/api/v1/session").get_json()
    assert (told["account"], told["role"]) == (cast.dr_cole.account_id, "administrator")
    assert names_at(maya.clinic_id) == {"Dr Cole": True, "Dr Dunn": True, "Maya": True}
    db.session.rollback()
    assert db.session.get_one(Patient, (maya.clinic_id, hers)).assigned_id == (
        cast.dr_cole.account_id
    )
    [entry] = audited("membership.begun")
    assert (entry.clinic_id, entry.subject_id) == (maya.clinic_id, invited_id)
    assert "Dr C." in words_of(maya.get("/clinic/settings/audit")), "the log can still name it"
    assert kind(take_up(cast.dr_cole, code)) == (404, "invite-unknown")


def test_somebody_signed_in_takes_a_code_up_where_they_sit(
    cast: Cast, app: Flask, clock: Clock
) -> None:
    maya = make_staff(app, cast.dr_dunn.clinic_id, "maya", "Maya", "administrator")
    code = invite(maya.actor)
    cole = cast.dr_cole
    cole.sign_in()
    wrong = cole.post(f"{CHOOSE}/code", data={"code": "AAAA-BBBB-CCCC"})
    assert (wrong.status_code, "does not work" in words_of(wrong)) == (404, True)
    assert cole.post(f"{CHOOSE}/code", data={"code": code}).status_code == 303
    assert cole.get("/api/v1/session").get_json()["role"] == "clinician"
    assert cole.get(f"/clinic/patients/{cast.ana.account_id}").status_code == 200
    assert "Hillside Clinic" in words_of(cole.get(CHOOSE))
    clock.move(minutes=6)
    assert cole.post(f"{CHOOSE}/code", data={"code": invite(maya.actor)}).status_code == 403
    assert "code" not in str(log_of(cole.clinic_id, cole)), "her own clinic hears of no code"


def test_a_code_does_not_make_passwords_cheaper_to_guess(cast: Cast, app: Flask) -> None:
    maya = make_staff(app, cast.dr_dunn.clinic_id, "maya", "Maya", "administrator")
    code = invite(maya.actor)
    answers = [take_up(cast.dr_cole, code, password=WRONG) for _ in range(5)]
    assert {kind(one) for one in answers} == {(401, "wrong-password")}
    assert take_up(cast.dr_cole, code).status_code == 429
    assert cast.dr_cole.sign_in().status_code == 429
    nobody = Person("", "", "nobody", "", "", app.test_client())
    assert take_up(nobody, code, password=WRONG).get_json() == answers[0].get_json()
    assert membership_of(cast.dr_cole, maya.clinic_id) is None
    assert db.session.scalars(select(Invite.used_at)).all() == [None]


def test_without_a_code_no_password_can_be_tried_here(cast: Cast) -> None:
    answer = take_up(cast.dr_cole, "AAAA-BBBB-CCCC")
    assert kind(answer) == (404, "invite-unknown")
    assert "Set-Cookie" not in answer.headers


def test_who_cannot_take_a_code_up_is_told_why_and_the_code_stays_good(
    cast: Cast, app: Flask, clock: Clock
) -> None:
    maya = make_staff(app, cast.dr_dunn.clinic_id, "maya", "Maya", "administrator")
    code = invite(maya.actor)
    assert kind(take_up(cast.ana, code)) == (422, "invalid")
    assert kind(take_up(cast.dr_dunn, code)) == (409, "conflict")
    with writing():
        db.session.get_one(Account, cast.mo.account_id).is_active = False
    assert kind(take_up(cast.mo, code)) == (403, "account-inactive")
    with writing():
        patient_id = people.add_patient(
            actor=cast.dr_dunn.actor,
            display_name="Eve S.",
            second_identifier="1",
            phone_number="",
            at=clock(),
        )
        patient = db.session.get_one(Account, patient_id)
        of_patient = invites.issue(actor=cast.dr_dunn.actor, account=patient, at=clock())
    assert kind(take_up(cast.dr_cole, of_patient)) == (422, "invalid")
    assert kind(take_up(cast.dr_cole, code)) == (403, "clinic-choice-required")
    assert kind(take_up(cast.dr_cole, invite(maya.actor, "Dr E."))) == (409, "conflict")
    assert membership_of(cast.ana, maya.clinic_id) is None


def test_of_several_who_race_for_a_code_one_wins(cast: Cast, app: Flask, clock: Clock) -> None:
    code = invite(cast.dr_dunn.actor)
    won: list[str] = []
    lost: list[Problem] = []

    def race(number: int) -> None:
        given = {"code": code, "address": "203.0.113.7", "label": "", "at": clock()}
        with app.app_context():
            try:
                if number % 2:
                    invites.take_up_with_name(username="dr_cole", password=PASSWORD, **given)
                else:
                    invites.take_up(username=f"new{number}", password=GOOD, **given)
                won.append(str(number))
            except Problem as problem:
                lost.append(problem)

    racers = [threading.Thread(target=race, args=(number,)) for number in range(6)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(timeout=30)
    assert (len(won), len(lost)) == (1, 5)
    assert len(names_at(cast.dr_dunn.clinic_id)) == 2


# --- choosing ------------------------------------------------------------------------------------


@pytest.mark.fault(70)
def test_nothing_opens_before_a_clinic_is_chosen(two: TwoClinics, app: Flask) -> None:
    cole = two.cast.dr_cole
    answer = cole.sign_in()
    assert kind(answer) == (403, "clinic-choice-required")
    assert "account" not in answer.get_json()
    assert_only_the_step_opens(app, two.cast, cole, CHOOSE)
    for half in (STEP, OWN, f"{OWN}/app"):
        assert cole.get(half).headers["Location"] == CHOOSE
    assert cole.post("/api/v1/passkeys/options", json={}).status_code == 403
    said = words_of(cole.get(CHOOSE))
    assert "Riverside Joint Clinic" in said
    assert "Hillside Clinic" in said


def test_a_choice_gives_a_token_that_nobody_has_seen_and_ends_the_one_before(
    two: TwoClinics, app: Flask
) -> None:
    cole = two.sign_in_at(two.riverside)
    thief = app.test_client(use_cookies=False)
    before = {"Cookie": f"{app.config['SESSION_COOKIE_NAME']}={cookie_of(cole)}"}
    assert thief.get("/api/v1/session", headers=before).status_code == 200
    assert choose(cole, two.hillside).status_code == 303
    assert thief.get("/api/v1/session", headers=before).status_code == 401
    assert cole.get("/clinic").status_code == 200


def test_going_to_and_fro_makes_no_session_last_longer(two: TwoClinics, clock: Clock) -> None:
    cole = two.sign_in_at(two.riverside)
    for _ in range(26):
        clock.move(minutes=29)
        answer = choose(cole, two.hillside if _ % 2 else two.riverside)
    assert answer.headers.get("Location") != "/clinic"
    assert cole.get("/clinic").headers["Location"].startswith("/sign-in")
    db.session.rollback()
    latest = max(db.session.scalars(select(Session.expires_at)))
    assert latest <= NOON + timedelta(hours=12)


def test_going_elsewhere_is_no_fresh_proof_of_who_one_is(two: TwoClinics, clock: Clock) -> None:
    cole = two.sign_in_at(two.riverside)
    clock.move(minutes=6)
    choose(cole, two.hillside)
    assert cole.post(f"{CHOOSE}/code", data={"code": "x"}).status_code == 403


def test_a_clinic_that_is_not_ones_own_cannot_be_chosen(two: TwoClinics) -> None:
    for clinic_id in ("", "x" * 400, "00000000-0000-4000-8000-000000000000", two.riverside):
        answer = two.cast.dr_dunn.post(CHOOSE, data={"clinic_id": clinic_id})
        assert answer.status_code == 409
        assert "Riverside" not in words_of(answer)
    assert two.cast.dr_dunn.get("/api/v1/session").status_code == 200
    assert two.cast.ana.get(CHOOSE).status_code == 404
    assert two.cast.ana.post(CHOOSE, data={"clinic_id": two.hillside}).status_code == 404
    assert two.cast.ana.post(f"{CHOOSE}/code", data={"code": "x"}).status_code == 404


def test_each_log_says_who_came_and_went_and_nothing_of_elsewhere(
    two: TwoClinics, app: Flask
) -> None:
    cole = two.sign_in_at(two.hillside)
    cole.get("/clinic")
    choose(cole, two.riverside)
    cole.get("/clinic/account")
    cole.get(CHOOSE)
    cole.post("/api/v1/sign-out")
    there = log_of(two.hillside, cole)
    assert there[-3:] == ["session.started", "worklist.seen", "session.ended"]
    here = [one for one in log_of(two.riverside, cole) if not one.startswith("denied")]
    assert here[-4:] == ["session.started", "session.started", "account.seen", "session.ended"]
    for name in ("choose", "membership", "clinic."):
        assert not [one for one in here if one.startswith(name) and one != "clinic.signed"]
    assert app.test_cli_runner().invoke(args=["audit", "verify"]).exit_code == 0


# --- ending --------------------------------------------------------------------------------------


def staff_page(person: Person) -> str:
    return f"/clinic/settings/staff/{person.account_id}"


@pytest.mark.fault(73)
@pytest.mark.parametrize(
    ("act", "data"), [("active", {"is_active": "0"}), ("role", {"role": "administrator"})]
)
def test_what_ends_at_one_clinic_ends_there_at_once_and_only_there(
    two: TwoClinics, app: Flask, act: str, data: dict[str, str]
) -> None:
    cole = two.sign_in_at(two.hillside)
    at_home = Person(**{**vars(cole), "client": app.test_client()})
    at_home.sign_in()
    choose(at_home, two.riverside)
    assert two.maya.post(f"{staff_page(cole)}/{act}", data=data).status_code == 303
    assert cole.get("/clinic").headers["Location"].startswith("/sign-in")
    assert at_home.get(f"/clinic/patients/{two.cast.ana.account_id}").status_code == 200
    db.session.rollback()
    assert db.session.get_one(Account, cole.account_id).role == "clinician"
    if act == "active":
        assert choose(at_home, two.hillside).status_code == 409
        assert cole.sign_in().get_json()["role"] == "clinician", "one clinic is left: no question"
        assert (
            two.maya.post(f"{staff_page(cole)}/active", data={"is_active": "1"}).status_code == 303
        )
        assert names_at(two.hillside)["Dr Cole"] is True
    else:
        assert choose(at_home, two.hillside).status_code == 303
        assert at_home.get("/clinic").headers["Location"] == "/clinic/settings"
        assert at_home.get(f"/clinic/patients/{two.eve.account_id}").status_code == 404


@pytest.mark.fault(73)
def test_a_write_on_its_way_is_refused_when_the_work_there_ends(
    two: TwoClinics, monkeypatch: pytest.MonkeyPatch
) -> None:
    cole = two.sign_in_at(two.hillside)
    path = f"/clinic/patients/{two.eve.account_id}/details"
    form = {"display_name": "Changed", "second_identifier": "2", "phone_number": ""}
    ask = waiting_at_the_database(monkeypatch, lambda: cole.post(path, data=form))
    with ask as answers, writing():
        here = (two.hillside, cole.account_id)
        db.session.get_one(Membership, here).is_active = False
    assert [one.status_code for one in answers] == [401]
    db.session.rollback()
    assert db.session.get_one(Account, two.eve.account_id).display_name == "Eve S."


def test_the_home_clinic_closes_its_own_door_and_no_other(two: TwoClinics) -> None:
    cole, mo = two.sign_in_at(two.hillside), two.cast.mo
    assert mo.post(f"{staff_page(cole)}/active", data={"is_active": "0"}).status_code == 303
    assert cole.get("/clinic").status_code == 200
    before = log_of(two.riverside, cole)
    cole.sign_in()
    assert cole.get("/api/v1/session").status_code == 200, "only Hillside is left: no question"
    assert cole.get(f"/clinic/patients/{two.eve.account_id}").status_code == 200
    assert cole.get(f"/clinic/patients/{two.cast.ana.account_id}").status_code == 404
    assert log_of(two.riverside, cole) == before, "a clinic that closed it is not told of its use"
    assert "session.started" in log_of(SERVER, cole)
    assert "session.started" in log_of(two.hillside, cole)
    for act in ("reset", "second-factor", "invite"):
        mo.sign_in()
        assert mo.post(f"{staff_page(cole)}/{act}", data={"number": "123456"}).status_code == 409
    said = words_of(mo.get(staff_page(cole)))
    assert "Closed: cannot work here now." in said
    assert "Reset second factor" not in said
    two.maya.post(f"{staff_page(cole)}/active", data={"is_active": "0"})
    assert kind(cole.sign_in()) == (403, "account-inactive")


def test_a_further_clinic_touches_neither_password_nor_factor_nor_account(
    two: TwoClinics, app: Flask, clock: Clock
) -> None:
    cole, maya = two.cast.dr_cole, two.maya
    give_app(cole, app, clock)
    forgetful = Forgetful(app)
    number = forgetful.ask("dr_cole")
    maya.sign_in()
    assert maya.post(f"{staff_page(cole)}/reset", data={"number": number}).status_code == 404
    assert maya.get(f"{staff_page(cole)}/second-factor").status_code == 404
    assert maya.post(f"{staff_page(cole)}/second-factor").status_code == 404
    assert maya.post(f"{staff_page(cole)}/invite").status_code == 404
    assert maya.post(f"{staff_page(cole)}/active", data={"is_active": "0"}).status_code == 303
    db.session.rollback()
    account = db.session.get_one(Account, cole.account_id)
    assert (account.is_active, account.role, account.totp_secret is None) == (
        True,
        "clinician",
        False,
    )
    assert forgetful.look().get_json() == {"state": "waiting"}


@pytest.mark.parametrize("way", ["password", "factor"])
def test_who_vouches_for_somebody_at_home_opens_no_other_clinic(
    two: TwoClinics, app: Flask, way: str
) -> None:
    """Riverside's administrator can get at Dr Cole's account, and then finds Hillside shut."""
    cole, mo = two.sign_in_at(two.hillside), two.cast.mo
    mo.sign_in()
    if way == "password":
        thief = Forgetful(app)
        assert approve(mo, cole, thief.ask("dr_cole")).status_code == 303
        assert cole.get("/clinic").status_code == 200
        chosen = thief.choose()
        assert chosen.get_json()["role"] == "clinician"
        stranger = Person(**{**vars(cole), "client": thief.client})
        assert choose(stranger, two.hillside).status_code == 409
        assert "Closed to you" in words_of(stranger.get(CHOOSE))
    else:
        assert mo.post(f"{staff_page(cole)}/second-factor").status_code == 303
    assert cole.get("/clinic").headers["Location"].startswith("/sign-in")
    assert names_at(two.hillside)["Dr Cole"] is False
    [entry] = audited("membership.paused")
    assert (entry.clinic_id, entry.actor_id) == (two.hillside, None)
    page = two.maya.get(staff_page(cole))
    assert "has reset it. Be sure that it is Dr Cole who asks" in words_of(page)
    assert two.maya.post(f"{staff_page(cole)}/active", data={"is_active": "1"}).status_code == 303
    assert names_at(two.hillside)["Dr Cole"] is True


def test_a_member_may_be_the_last_administrator(two: TwoClinics) -> None:
    cole, maya, dunn = two.cast.dr_cole, two.maya, two.cast.dr_dunn
    assert maya.post(f"{staff_page(cole)}/role", data={"role": "administrator"}).status_code == 303
    two.sign_in_at(two.hillside)
    assert cole.post(f"{staff_page(maya)}/active", data={"is_active": "0"}).status_code == 303
    for path, data in (("role", {"role": "clinician"}), ("active", {"is_active": "0"})):
        assert cole.post(f"{staff_page(cole)}/{path}", data=data).status_code == 422
    assert cole.post(f"{staff_page(dunn)}/role", data={"role": "administrator"}).status_code == 303
    dunn.sign_in()
    assert dunn.post(f"{staff_page(cole)}/active", data={"is_active": "0"}).status_code == 303
    said = dunn.post(f"{staff_page(dunn)}/active", data={"is_active": "0"})
    assert "You cannot close your own account" in words_of(said)
    for path, data in (("role", {"role": "owner"}), ("role", {"role": ""})):
        assert dunn.post(f"{staff_page(cole)}/{path}", data=data).status_code == 422


def test_a_code_lets_somebody_back_whose_work_there_had_ended(two: TwoClinics) -> None:
    cole = two.cast.dr_cole
    two.maya.post(f"{staff_page(cole)}/active", data={"is_active": "0"})
    assert kind(take_up(cole, invite(two.maya.actor, role="administrator"))) == (
        403,
        "clinic-choice-required",
    )
    membership = membership_of(cole, two.hillside)
    assert membership is not None
    assert (membership.is_active, membership.role) == (True, "administrator")


# --- the second factor ---------------------------------------------------------------------------


def test_one_clinic_that_asks_for_a_second_factor_is_enough(
    two: TwoClinics, app: Flask, clock: Clock
) -> None:
    cole = two.sign_in_at(two.riverside)
    two.maya.sign_in()
    require_factor(two.hillside)
    assert choose(cole, two.hillside).headers["Location"] == OWN
    assert_only_the_step_opens(app, two.cast, cole, OWN)
    set_up_app(cole, clock)
    assert cole.get("/clinic").headers["Location"] == CHOOSE
    assert choose(cole, two.riverside).headers["Location"] == "/clinic"
    refused = cole.post(f"{OWN}/app/remove")
    assert (refused.status_code, "Add another one first" in words_of(refused)) == (409, True)
    two.maya.post(f"{staff_page(cole)}/active", data={"is_active": "0"})
    assert cole.post(f"{OWN}/app/remove").status_code == 303, "no clinic is left that asks"


def test_after_the_second_step_the_clinic_is_asked_and_not_before(
    two: TwoClinics, app: Flask, clock: Clock
) -> None:
    cole = two.cast.dr_cole
    made = give_app(cole, app, clock)
    assert kind(cole.sign_in()) == (401, "second-factor-required")
    assert cole.get(CHOOSE).headers["Location"] == STEP
    assert choose(cole, two.hillside).status_code == 401
    assert kind(give_code(cole, made.code())) == (403, "clinic-choice-required")
    assert choose(cole, two.hillside).status_code == 303
    assert cole.get(f"/clinic/patients/{two.eve.account_id}").status_code == 200


def test_a_code_taken_up_with_a_name_still_asks_for_the_second_factor(
    cast: Cast, app: Flask, clock: Clock
) -> None:
    maya = make_staff(app, cast.dr_dunn.clinic_id, "maya", "Maya", "administrator")
    made = give_app(cast.dr_cole, app, clock)
    assert kind(take_up(cast.dr_cole, invite(maya.actor))) == (401, "second-factor-required")
    assert cast.dr_cole.get("/clinic").headers["Location"] == STEP
    assert pyotp.TOTP(made.secret).digits == 6
    assert kind(give_code(cast.dr_cole, made.code())) == (403, "clinic-choice-required")


def test_the_rule_of_the_second_factor_is_that_of_the_clinic_one_is_at(
    two: TwoClinics, app: Flask, clock: Clock
) -> None:
    cole, maya = two.cast.dr_cole, two.maya
    maya.post(f"{staff_page(cole)}/role", data={"role": "administrator"})
    made = give_app(cole, app, clock)
    cole.sign_in()
    give_code(cole, made.code())
    choose(cole, two.hillside)
    rule = "/clinic/settings/second-factor"
    assert cole.post(rule, data={"is_required": "1"}).status_code == 303
    db.session.rollback()
    assert db.session.get_one(Clinic, two.hillside).is_second_factor_required is True
    assert db.session.get_one(Clinic, two.riverside).is_second_factor_required is False
    [entry] = audited("clinic.second_factor_on")
    assert entry.clinic_id == two.hillside
    assert maya.get("/clinic").headers["Location"].startswith("/sign-in")


def test_a_rule_of_one_clinic_signs_nobody_out_of_another(
    two: TwoClinics, app: Flask, clock: Clock
) -> None:
    cole = two.sign_in_at(two.riverside)
    give_app(two.maya, app, clock)
    two.maya.sign_in()
    two.maya.has_tried_to_sign_in = True
    made = give_app(two.maya, app, clock)
    give_code(two.maya, made.code())
    rule = two.maya.post("/clinic/settings/second-factor", data={"is_required": "1"})
    assert rule.status_code == 303
    assert cole.get("/clinic").status_code == 200
    assert choose(cole, two.hillside).headers["Location"] == OWN
