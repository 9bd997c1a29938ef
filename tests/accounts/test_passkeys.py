"""Passkeys: adding, signing in with one, confirming, removing, and everything that is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from webauthn.helpers import bytes_to_base64url
from werkzeug.test import TestResponse

from pwa.accounts.models import Account, Challenge, Passkey
from pwa.audit.models import AuditEntry
from pwa.database import db, writing
from pwa.practice.models import Clinic
from tests.accounts.authenticator import Authenticator
from tests.clinic.asking import audited
from tests.conftest import ORIGIN, PASSWORD, Cast, Clock, Person

NO_SUCH = "wrong-passkey"


def ask(client: FlaskClient, path: str, **body: Any) -> TestResponse:
    return client.post(f"/api/v1/{path}", json=body, headers={"Origin": ORIGIN})


def add_passkey(person: Person, device: Authenticator, *, name: str = "My phone") -> TestResponse:
    options = person.post("/api/v1/passkeys/options", json={}).get_json()
    body = {"credential": device.make(options), "name": name}
    return person.post("/api/v1/passkeys", json=body)


def sign_in(client: FlaskClient, device: Authenticator, **how: Any) -> TestResponse:
    options = ask(client, "passkey/options").get_json()
    return ask(client, "passkey/sign-in", credential=device.prove(options, **how))


@pytest.fixture
def device(cast: Cast) -> Authenticator:
    """Ana's phone, which holds a passkey of hers."""
    made = Authenticator()
    assert add_passkey(cast.ana, made).status_code == 201
    return made


def kind(response: TestResponse) -> tuple[int, str]:
    return response.status_code, response.get_json()["kind"]


def test_a_patient_signs_in_with_a_passkey_and_nothing_else(
    device: Authenticator, cast: Cast, anybody: FlaskClient
) -> None:
    body = sign_in(anybody, device).get_json()
    assert (body["account"], body["role"]) == (cast.ana.account_id, "patient")
    assert anybody.get("/api/v1/session").get_json()["display_name"] == "Ana R."
    [*_, entry] = audited("session.started")
    assert (entry.actor_name, entry.detail) == ("Patient", {"way": "passkey"})


@pytest.mark.usefixtures("device")
def test_the_password_alone_still_signs_a_patient_in(cast: Cast) -> None:
    assert cast.ana.sign_in().status_code == 200


def test_what_the_browser_is_asked_is_strict_and_names_nobody(anybody: FlaskClient) -> None:
    options = ask(anybody, "passkey/options").get_json()
    assert options["userVerification"] == "required"
    assert options["rpId"] == "localhost"
    assert options["allowCredentials"] == []


def test_a_new_passkey_has_to_be_discoverable_verified_and_new(
    device: Authenticator, cast: Cast
) -> None:
    options = cast.ana.post("/api/v1/passkeys/options", json={}).get_json()
    assert options["rp"] == {"name": "Prolo Aftercare", "id": "localhost"}
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    known = [one["id"] for one in options["excludeCredentials"]]
    assert known == [bytes_to_base64url(device.credential_id)]


def test_one_sees_names_and_removes_ones_own_passkeys_only(
    device: Authenticator, cast: Cast, anybody: FlaskClient
) -> None:
    [shown] = cast.ana.get("/api/v1/passkeys").get_json()["passkeys"]
    assert (shown["name"], shown["last_used_at"]) == ("My phone", None)
    assert cast.ben.get("/api/v1/passkeys").get_json()["passkeys"] == []
    taken = cast.ben.post("/api/v1/passkeys/remove", json={"credential_id": shown["credential_id"]})
    assert taken.status_code == 404
    gone = cast.ana.post("/api/v1/passkeys/remove", json={"credential_id": shown["credential_id"]})
    assert gone.get_json() == {"passkeys": []}
    assert kind(sign_in(anybody, device)) == (401, NO_SUCH)
    assert [entry.action for entry in audited("passkey.removed")] == ["passkey.removed"]


def test_changing_passkeys_asks_for_a_fresh_proof(
    device: Authenticator, cast: Cast, clock: Clock
) -> None:
    clock.move(minutes=6)
    for path, body in (
        ("options", {}),
        ("remove", {"credential_id": bytes_to_base64url(device.credential_id)}),
    ):
        refused = cast.ana.post(f"/api/v1/passkeys/{path}", json=body)
        assert kind(refused) == (403, "confirmation-required")
    assert kind(cast.ana.post("/api/v1/passkeys", json={})) == (403, "confirmation-required")
    assert cast.ana.post("/api/v1/confirm", json={"password": PASSWORD}).status_code == 204
    assert add_passkey(cast.ana, Authenticator()).status_code == 201


def test_a_passkey_confirms_who_one_is(device: Authenticator, cast: Cast, clock: Clock) -> None:
    clock.move(minutes=6)
    options = cast.ana.post("/api/v1/confirm/passkey/options", json={}).get_json()
    body = {"credential": device.prove(options)}
    assert cast.ana.post("/api/v1/confirm/passkey", json=body).status_code == 204
    assert cast.ana.post("/api/v1/passkeys/options", json={}).status_code == 200
    assert kind(cast.ana.post("/api/v1/confirm/passkey", json=body)) == (401, NO_SUCH)


@pytest.mark.fault(80)
def test_an_answer_that_was_used_is_worth_nothing(
    device: Authenticator, anybody: FlaskClient
) -> None:
    options = ask(anybody, "passkey/options").get_json()
    answer = device.prove(options)
    assert ask(anybody, "passkey/sign-in", credential=answer).status_code == 200
    assert kind(ask(anybody, "passkey/sign-in", credential=answer)) == (401, NO_SUCH)
    again = device.prove(options)
    assert kind(ask(anybody, "passkey/sign-in", credential=again)) == (401, NO_SUCH)


FLAWS: tuple[dict[str, Any], ...] = (
    {"origin": "https://evil.example"},
    {"origin": "http://localhost:9999"},
    {"rp_id": "evil.example"},
    {"is_verifying": False},
)
"""Another site, another port, another name, nobody verified."""


@pytest.mark.fault(80)
def test_an_answer_with_a_flaw_signs_nobody_in(device: Authenticator, anybody: FlaskClient) -> None:
    for flaw in (*FLAWS, {"handle": b"somebody else"}, {"handle": b""}):
        response = sign_in(anybody, replace(device, **flaw))
        assert kind(response) == (401, NO_SUCH), flaw
        assert "Set-Cookie" not in response.headers, flaw
    assert sign_in(anybody, device).status_code == 200


@pytest.mark.fault(80)
def test_a_passkey_made_with_a_flaw_is_not_kept(cast: Cast) -> None:
    for flaw in FLAWS:
        assert kind(add_passkey(cast.ana, Authenticator(**flaw))) == (401, NO_SUCH), flaw
    assert cast.ana.get("/api/v1/passkeys").get_json()["passkeys"] == []


@pytest.mark.fault(80)
def test_a_wrong_answer_uses_the_challenge_up(device: Authenticator, anybody: FlaskClient) -> None:
    options = ask(anybody, "passkey/options").get_json()
    device.origin = "https://evil.example"
    ask(anybody, "passkey/sign-in", credential=device.prove(options))
    device.origin = ORIGIN
    late = ask(anybody, "passkey/sign-in", credential=device.prove(options))
    assert kind(late) == (401, NO_SUCH)


@pytest.mark.fault(80)
def test_a_challenge_is_good_for_five_minutes_and_then_swept(
    device: Authenticator, anybody: FlaskClient, clock: Clock
) -> None:
    options = ask(anybody, "passkey/options").get_json()
    clock.now += timedelta(minutes=5)
    late = ask(anybody, "passkey/sign-in", credential=device.prove(options))
    assert kind(late) == (401, NO_SUCH)
    assert db.session.scalars(select(func.count()).select_from(Challenge)).one() == 1
    db.session.rollback()
    ask(anybody, "passkey/options")
    assert db.session.scalars(select(func.count()).select_from(Challenge)).one() == 1


@pytest.mark.fault(80)
def test_a_challenge_of_another_purpose_or_account_is_refused(
    device: Authenticator, cast: Cast, anybody: FlaskClient
) -> None:
    bens = Authenticator()
    add_passkey(cast.ben, bens)
    to_confirm = cast.ana.post("/api/v1/confirm/passkey/options", json={}).get_json()
    crossed = ask(anybody, "passkey/sign-in", credential=device.prove(to_confirm))
    assert kind(crossed) == (401, NO_SUCH)
    of_ana = cast.ana.post("/api/v1/confirm/passkey/options", json={}).get_json()
    by_ben = cast.ben.post("/api/v1/confirm/passkey", json={"credential": bens.prove(of_ana)})
    assert kind(by_ben) == (401, NO_SUCH)
    bens_passkey = cast.ana.post(
        "/api/v1/confirm/passkey",
        json={
            "credential": bens.prove(
                cast.ana.post("/api/v1/confirm/passkey/options", json={}).get_json()
            )
        },
    )
    assert kind(bens_passkey) == (401, NO_SUCH)
    of_ana = cast.ana.post("/api/v1/passkeys/options", json={}).get_json()
    stolen = cast.ben.post(
        "/api/v1/passkeys", json={"credential": Authenticator().make(of_ana), "name": ""}
    )
    assert kind(stolen) == (401, NO_SUCH)


@pytest.mark.fault(80)
def test_a_copied_passkey_shows_in_its_counter(
    device: Authenticator, cast: Cast, anybody: FlaskClient
) -> None:
    assert sign_in(anybody, device, count=5).status_code == 200
    for count in (5, 4, 0):
        assert kind(sign_in(anybody, device, count=count)) == (401, NO_SUCH)
    entries = audited("passkey.went_back")
    assert [entry.subject_id for entry in entries] == [cast.ana.account_id] * 3
    assert sign_in(anybody, device, count=6).status_code == 200


def test_a_device_that_does_not_count_always_says_zero(cast: Cast, anybody: FlaskClient) -> None:
    device = Authenticator(does_count=False)
    add_passkey(cast.ana, device)
    for _ in range(2):
        assert sign_in(anybody, device).status_code == 200
    assert audited("passkey.went_back") == []


def test_a_forged_signature_says_nothing_about_the_counter(
    device: Authenticator, anybody: FlaskClient
) -> None:
    device.key = Authenticator().key
    assert kind(sign_in(anybody, device, count=0)) == (401, NO_SUCH)
    assert audited("passkey.went_back") == []


def test_an_unknown_passkey_and_a_flawed_one_have_one_answer(
    device: Authenticator, anybody: FlaskClient
) -> None:
    stranger = Authenticator(handle=device.handle)
    unknown = sign_in(anybody, stranger)
    device.is_verifying = False
    assert unknown.get_json() == sign_in(anybody, device).get_json()


def test_rubbish_is_refused_like_any_other(cast: Cast, anybody: FlaskClient) -> None:
    rubbish: tuple[dict[str, Any], ...] = (
        {},
        {"id": "x", "rawId": "x", "type": "public-key", "response": {}},
        {"id": 7, "rawId": [], "type": None, "response": {"clientDataJSON": "!!"}},
        {"id": "x", "response": {"clientDataJSON": "e30"}},
        {"id": "x", "response": {"clientDataJSON": 5}},
        {"id": "x", "response": []},
    )
    for credential in rubbish:
        assert kind(ask(anybody, "passkey/sign-in", credential=credential)) == (401, NO_SUCH)
        body = {"credential": credential, "name": ""}
        assert kind(cast.ana.post("/api/v1/passkeys", json=body)) == (401, NO_SUCH), credential


def test_pieces_of_a_real_answer_that_were_bent_are_refused(
    device: Authenticator, anybody: FlaskClient
) -> None:
    for name, value in (
        ("userHandle", 5),
        ("userHandle", None),
        ("signature", "AAAA"),
        ("signature", None),
        ("authenticatorData", "AAAA"),
    ):
        answer = device.prove(ask(anybody, "passkey/options").get_json())
        answer["response"][name] = value
        assert kind(ask(anybody, "passkey/sign-in", credential=answer)) == (401, NO_SUCH), name


def test_a_passkey_belongs_to_one_account(
    device: Authenticator, cast: Cast, anybody: FlaskClient
) -> None:
    assert kind(add_passkey(cast.ben, device)) == (401, NO_SUCH)
    device.handle = cast.ana.account_id.encode()
    assert sign_in(anybody, device).get_json()["account"] == cast.ana.account_id


def test_a_closed_account_is_told_so_and_not_signed_in(
    device: Authenticator, cast: Cast, anybody: FlaskClient
) -> None:
    with writing():
        db.session.get_one(Account, cast.ana.account_id).is_active = False
    assert kind(sign_in(anybody, device)) == (403, "account-inactive")
    assert anybody.get("/api/v1/session").status_code == 401


def test_an_account_has_at_most_twenty_passkeys(cast: Cast, clock: Clock) -> None:
    with writing():
        db.session.add_all(
            Passkey(
                credential_id=f"id{number}",
                account_id=cast.ana.account_id,
                public_key=b"",
                sign_count=0,
                name="",
                transports=[],
                created_at=clock(),
            )
            for number in range(20)
        )
    assert kind(cast.ana.post("/api/v1/passkeys/options", json={})) == (422, "invalid")


def test_a_name_that_is_too_long_is_refused_before_anything_is_used(cast: Cast) -> None:
    device = Authenticator()
    options = cast.ana.post("/api/v1/passkeys/options", json={}).get_json()
    body = {"credential": device.make(options), "name": "x" * 61}
    assert kind(cast.ana.post("/api/v1/passkeys", json=body)) == (422, "invalid")
    body["name"] = "  "
    kept = cast.ana.post("/api/v1/passkeys", json=body).get_json()["passkeys"]
    assert [one["name"] for one in kept] == ["Passkey"]


def test_staff_with_a_passkey_need_nothing_else(cast: Cast, anybody: FlaskClient) -> None:
    device = Authenticator()
    add_passkey(cast.dr_cole, device)
    with writing():
        db.session.get_one(Clinic, cast.dr_cole.clinic_id).is_second_factor_required = True
    assert sign_in(anybody, device).get_json()["role"] == "clinician"
    assert anybody.get("/clinic").status_code == 200


def test_challenges_for_anybody_run_dry_for_one_address(anybody: FlaskClient) -> None:
    answers = [ask(anybody, "passkey/options").status_code for _ in range(31)]
    assert answers == [200] * 30 + [429]


def test_nothing_about_passkeys_names_the_patient_in_the_audit_log(
    device: Authenticator, anybody: FlaskClient
) -> None:
    sign_in(anybody, device)
    db.session.rollback()
    for entry in db.session.scalars(select(AuditEntry)):
        assert "Ana" not in f"{entry.actor_name}{entry.detail}"
