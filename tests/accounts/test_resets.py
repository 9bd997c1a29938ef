"""A forgotten password: the number, the secret, and who can do what with either."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from pwa.accounts import invites, passwords, people, resets, throttle
from pwa.accounts.models import Account, Invite, ResetRequest
from pwa.audit.models import AuditEntry
from pwa.database import db, writing
from pwa.practice.models import Clinic
from pwa.problems import Invalid, InviteUnknown, Problem, ResetUnknown, TooManyRequests
from tests.accounts.asking import HOME, CountingHasher, Stranger, actions, count_of
from tests.clinic.asking import words_of
from tests.conftest import PASSWORD, Cast, Clock, Person

GOOD = "nine purple otters dance slowly"


class Forgetful(Stranger):
    """Somebody who forgot their password, with the page open."""

    def ask(self, username: str) -> str:
        """Get a number; the secret stays here."""
        answer = self.post("/api/v1/reset/ask", username=username)
        assert answer.status_code == 200, answer.get_json()
        body = answer.get_json()
        self.secret = str(body["secret"])
        return str(body["number"])

    def look(self) -> TestResponse:
        """Whether the clinic agrees."""
        return self.post("/api/v1/reset/look", secret=self.secret)

    def choose(self, password: str = GOOD) -> TestResponse:
        """The new password."""
        return self.post("/api/v1/reset", secret=self.secret, password=password)


def approve(staff: Person, person: Person, number: str) -> TestResponse:
    """Type the number, on the patient's page or on the colleague's."""
    is_patient = person.role == "patient"
    place = "patients" if is_patient else "settings/staff"
    return staff.post(f"/clinic/{place}/{person.account_id}/reset", data={"number": number})


def test_a_patient_reads_out_a_number_and_only_their_own_screen_goes_on(
    cast: Cast, app: Flask
) -> None:
    cast.ana.sign_in()
    phone, other = Forgetful(app), Forgetful(app, HOME)
    number = phone.ask("ANA ")
    other.ask("ana")
    assert phone.look().get_json() == {"state": "waiting"}
    done = approve(cast.dr_cole, cast.ana, f"{number[:3]} {number[3:]}")
    assert (done.status_code, "done=reset" in done.headers["Location"]) == (303, True)
    assert phone.look().get_json() == {"state": "approved"}
    assert other.look().get_json() == {"state": "waiting"}
    assert other.choose().get_json()["kind"] == "reset-unknown"

    chosen = phone.choose()
    assert (chosen.status_code, chosen.get_json()["account"]) == (200, cast.ana.account_id)
    assert phone.client.get("/api/v1/session").status_code == 200
    assert cast.ana.get("/api/v1/session").status_code == 401
    assert cast.ana.sign_in().status_code == 401
    assert cast.ana.sign_in(GOOD).status_code == 200
    for one in (phone, other):
        assert one.look().get_json()["kind"] == "reset-unknown"
        assert one.choose("another horse battery staple").status_code == 404
    told = [one for one in actions() if "reset" in one]
    assert told == ["reset.asked", "reset.asked", "reset.approved", "account.reset"]


def test_an_administrator_does_it_for_a_colleague(cast: Cast, app: Flask) -> None:
    desk = Forgetful(app)
    number = desk.ask("dr_cole")
    assert approve(cast.dr_cole, cast.dr_cole, number).status_code == 404
    assert approve(cast.mo, cast.dr_cole, number).status_code == 303
    assert desk.choose().get_json()["role"] == "clinician"


def test_nobody_does_it_for_themselves(cast: Cast, app: Flask) -> None:
    number = Forgetful(app).ask("mo")
    refused = approve(cast.mo, cast.mo, number)
    assert (refused.status_code, "Ask a colleague" in words_of(refused)) == (422, True)


def test_a_number_alone_opens_nothing_and_is_good_for_one_person(cast: Cast, app: Flask) -> None:
    phone = Forgetful(app)
    number = phone.ask("ana")
    stranger = Forgetful(app, HOME)
    for secret in (number, "", "x" * 43):
        stranger.secret = secret
        assert stranger.look().get_json()["kind"] == "reset-unknown"
        assert stranger.choose().get_json()["kind"] == "reset-unknown"
    assert phone.choose().get_json()["kind"] == "reset-unknown"
    assert approve(cast.dr_cole, cast.ben, number).status_code == 422
    assert phone.look().get_json() == {"state": "waiting"}


def test_staff_are_shown_no_code_and_the_rows_hold_none(cast: Cast, app: Flask) -> None:
    phone = Forgetful(app)
    number = phone.ask("ana")
    page = cast.dr_cole.get(f"/clinic/patients/{cast.ana.account_id}")
    assert "Be sure who is calling" in words_of(page)
    assert phone.secret not in page.text
    assert number not in page.text
    db.session.rollback()
    [row] = db.session.scalars(select(ResetRequest)).all()
    assert {phone.secret, number}.isdisjoint(str(value) for value in vars(row).values())
    entries = [str(vars(one)) for one in db.session.scalars(select(AuditEntry))]
    assert not any(phone.secret in text or number in text for text in entries)


@pytest.mark.fault(78)
def test_a_name_that_nobody_has_gets_a_number_too(
    cast: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasher = CountingHasher()
    monkeypatch.setattr(passwords, "_hasher", hasher)
    with writing():
        db.session.get_one(Account, cast.ben.account_id).is_active = False
    said = []
    for name, address in (("ana", "192.0.2.1"), ("nobody", "192.0.2.2"), ("ben", "192.0.2.3")):
        one = Forgetful(app, address)
        rows, entries = count_of(ResetRequest), count_of(AuditEntry)
        asked = one.post("/api/v1/reset/ask", username=name)
        one.secret = asked.get_json()["secret"]
        body = {key: type(value).__name__ for key, value in asked.get_json().items()}
        written = (count_of(ResetRequest) - rows, count_of(AuditEntry) - entries)
        answers = [(two.status_code, two.get_json()) for two in (one.look(), one.choose())]
        more = [one.post("/api/v1/reset/ask", username=name).status_code for _ in range(6)]
        said.append((body, sorted(asked.headers.keys()), written, answers, more))
    assert said[0] == said[1] == said[2]
    assert hasher.count == 0


def test_a_wrong_number_is_told_and_five_are_enough(cast: Cast, app: Flask) -> None:
    phone = Forgetful(app)
    number = phone.ask("ana")
    wrong = f"{(int(number) + 1) % 10**6:06d}"
    for typed in (wrong, "", "abc", "१२३४५६", number[:5]):
        refused = approve(cast.dr_cole, cast.ana, typed)
        assert refused.status_code == 422
        assert "Nobody asked for this person with that number." in words_of(refused)
    refused = approve(cast.dr_cole, cast.ana, number)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    assert phone.look().get_json() == {"state": "waiting"}


def test_a_request_lasts_half_an_hour_approved_or_not(cast: Cast, app: Flask, clock: Clock) -> None:
    phone, late = Forgetful(app), Forgetful(app, HOME)
    number, other = phone.ask("ana"), late.ask("ana")
    assert approve(cast.dr_cole, cast.ana, number).status_code == 303
    clock.move(minutes=30)
    cast.dr_cole.sign_in()
    assert phone.choose().get_json()["kind"] == "reset-unknown"
    assert approve(cast.dr_cole, cast.ana, other).status_code == 422


@pytest.mark.usefixtures("cast")
def test_of_several_requests_each_has_a_number_of_its_own(clock: Clock) -> None:
    asked = [
        resets.ask(username="ana", address=f"192.0.2.{n}", at=clock()).number for n in range(20)
    ]
    assert len(set(asked)) == 20
    assert all(len(number) == 6 and number.isdigit() for number in asked)


def test_strangers_who_ask_in_her_name_neither_displace_her_nor_keep_her_out(
    cast: Cast, app: Flask, clock: Clock
) -> None:
    assert Stranger(app, HOME).gets_in("ana")
    ana = Forgetful(app, HOME)
    number = ana.ask("ana")
    for n in range(20):
        resets.ask(username="ana", address=f"192.0.2.{n}", at=clock())
    with pytest.raises(TooManyRequests):
        resets.ask(username="ana", address="192.0.2.99", at=clock())
    assert Forgetful(app, HOME).ask("ana") != number
    assert approve(cast.dr_cole, cast.ana, number).status_code == 303
    assert ana.choose().status_code == 200


def test_a_password_that_will_not_do_costs_nothing(cast: Cast, app: Flask) -> None:
    phone = Forgetful(app)
    assert approve(cast.dr_cole, cast.ana, phone.ask("ana")).status_code == 303
    for password in ("short", "x" * 129, "anaanaanaanaana"):
        refused = phone.choose(password)
        assert (refused.status_code, refused.get_json()["field"]) == (422, "password")
    assert phone.choose().status_code == 200


def test_a_reset_does_not_go_round_the_second_factor(cast: Cast, app: Flask) -> None:
    with writing():
        db.session.execute(update(Clinic).values(is_second_factor_required=True))
        db.session.get_one(Account, cast.dr_cole.account_id).totp_secret = "sealed"
    cast.mo.sign_in()
    desk = Forgetful(app)
    number = desk.ask("dr_cole")
    with writing():
        db.session.execute(update(Clinic).values(is_second_factor_required=False))
    cast.mo.sign_in()
    assert approve(cast.mo, cast.dr_cole, number).status_code == 303
    chosen = desk.choose()
    assert (chosen.status_code, chosen.get_json()["kind"]) == (401, "second-factor-required")
    assert desk.client.get("/api/v1/session").status_code == 401
    assert desk.client.get("/clinic").headers["Location"] == "/clinic/second-step"


def test_a_closed_account_is_not_opened_by_a_reset(cast: Cast, app: Flask) -> None:
    phone = Forgetful(app)
    assert approve(cast.dr_cole, cast.ana, phone.ask("ana")).status_code == 303
    archive = f"/clinic/patients/{cast.ana.account_id}/archive"
    assert cast.dr_cole.post(archive, data={"is_archived": "1"}).status_code == 303
    assert phone.choose().get_json()["kind"] == "reset-unknown"


def test_a_reset_lets_in_who_had_tried_too_often_here(cast: Cast, app: Flask) -> None:
    phone = Forgetful(app)
    for _ in range(5):
        phone.sign_in("ana")
    assert phone.sign_in("ana", PASSWORD).status_code == 429
    assert approve(cast.dr_cole, cast.ana, phone.ask("ana")).status_code == 303
    assert phone.choose().status_code == 200
    assert phone.sign_in("ana", GOOD).status_code == 200


@pytest.mark.fault(77)
def test_of_twenty_who_race_with_one_secret_one_wins(cast: Cast, app: Flask, clock: Clock) -> None:
    asked = resets.ask(username="ana", address=HOME, at=clock())
    resets.approve(
        actor=cast.dr_cole.actor,
        account_id=cast.ana.account_id,
        number=asked.number,
        at=clock(),
    )
    won: list[str] = []
    lost: list[type[Problem]] = []

    def use(n: int) -> None:
        with app.app_context():
            try:
                resets.use(
                    secret=asked.secret,
                    password=f"{GOOD} {n}",
                    address=f"192.0.2.{n}",
                    label="",
                    at=clock(),
                )
                won.append(f"{GOOD} {n}")
            except Problem as problem:
                lost.append(type(problem))

    db.session.rollback()
    threads = [threading.Thread(target=use, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), lost) == (1, [ResetUnknown] * 19)
    assert cast.ana.sign_in(won[0]).status_code == 200


# --- codes to join -------------------------------------------------------------------------------


def guesses(tries: int, clock: Clock, *, every: timedelta) -> tuple[int, int]:
    """How many of so many guesses at a code were looked at, and how many not even that."""
    looked = refused = 0
    for n in range(tries):
        try:
            invites.look(f"GUESS{n:07d}", address="203.0.113.7", at=clock())
        except InviteUnknown:
            looked += 1
        except TooManyRequests:
            refused += 1
        clock.now += every
    return looked, refused


@pytest.mark.fault(77)
@pytest.mark.usefixtures("cast")
def test_guesses_at_a_code_are_not_even_looked_at_after_the_first(clock: Clock) -> None:
    assert guesses(250, clock, every=timedelta(seconds=1)) == (32, 218)


@pytest.mark.long
@pytest.mark.fault(77)
@pytest.mark.usefixtures("cast")
def test_of_ten_thousand_guesses_at_a_code_hardly_forty_an_hour_are_looked_at(
    clock: Clock,
) -> None:
    began = clock()
    looked, refused = guesses(10_000, clock, every=timedelta(seconds=1))
    assert looked + refused == 10_000
    assert looked < 40 * ((clock() - began) / timedelta(hours=1))


@pytest.mark.fault(77)
def test_a_code_that_was_used_revoked_or_is_old_has_the_answer_of_a_guess(
    cast: Cast, app: Flask, clock: Clock
) -> None:
    codes = {}
    for name in ("used", "revoked", "closed", "old"):
        with writing():
            account_id = people.add_staff(
                actor=cast.mo.actor, role="clinician", display_name=name, at=clock()
            )
            account = db.session.get_one(Account, account_id)
            codes[name] = invites.issue(actor=cast.mo.actor, account=account, at=clock())
            if name == "revoked":
                invites.issue(actor=cast.mo.actor, account=account, at=clock())
            if name == "closed":
                account.is_active = False
    with writing():
        db.session.execute(
            update(Invite)
            .where(Invite.code_hash == invites._hash(codes["old"]))
            .values(expires_at=clock())
        )
    person = Stranger(app)
    used = person.post("/api/v1/join", code=codes["used"], username="used", password=GOOD)
    assert used.status_code == 201
    said = []
    for code in (*codes.values(), "AAAA-BBBB-CCCC", ""):
        looked = person.post("/api/v1/join/look", code=code)
        joined = person.post("/api/v1/join", code=code, username="other", password=GOOD)
        said += [(one.status_code, one.get_json()) for one in (looked, joined)]
    assert all(one == said[0] for one in said)
    assert said[0][1]["kind"] == "invite-unknown"


def test_a_right_code_does_not_count_as_a_guess(
    cast: Cast, app: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "ADDRESS", throttle.Rule("address", 3))
    with writing():
        account_id = people.add_staff(
            actor=cast.mo.actor, role="clinician", display_name="Dr Novak", at=clock()
        )
        account = db.session.get_one(Account, account_id)
        code = invites.issue(actor=cast.mo.actor, account=account, at=clock())
    person = Stranger(app)
    for _ in range(6):
        assert person.post("/api/v1/join/look", code=code).status_code == 200


def test_a_number_is_refused_in_the_same_words_whoever_it_belongs_to(
    cast: Cast, clock: Clock
) -> None:
    asked = resets.ask(username="ben", address=HOME, at=clock())
    said = []
    for number in (asked.number, "000000"):
        with pytest.raises(Invalid) as refused:
            resets.approve(
                actor=cast.dr_cole.actor,
                account_id=cast.ana.account_id,
                number=number,
                at=clock(),
            )
        said.append(refused.value.detail)
    assert said[0] == said[1]
