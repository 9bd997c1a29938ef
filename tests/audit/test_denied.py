"""Every refusal is in the log, nobody can fill the log with them, and no answer changes by it."""

from __future__ import annotations

import logging

import pytest
from flask import Flask
from flask.testing import FlaskClient

from pwa.audit import log as audit_log
from pwa.audit.denied import MOST_IN_ALL, MOST_ONE_BY_ONE, NOBODY, Denial, Ledger
from pwa.audit.models import AuditEntry
from pwa.clinic.audit_words import WORDS
from pwa.database import db, writing
from tests.audit.breaking import blocked_log
from tests.clinic.asking import audited, words_of
from tests.conftest import NOON, ORIGIN, Cast, Clock, Person, send_batch
from tests.making import event

TYPED = "nobody.of.this.name"


def try_to_sign_in(client: FlaskClient, username: str, password: str = "wrong " * 4) -> int:
    body = {"username": username, "password": password}
    return client.post("/api/v1/sign-in", json=body, headers={"Origin": ORIGIN}).status_code


def denied() -> list[AuditEntry]:
    db.session.rollback()
    rows = db.session.query(AuditEntry).filter(AuditEntry.action.startswith("denied."))
    return sorted(rows, key=lambda entry: entry.entry_id)


def told(entry: AuditEntry) -> tuple[str, str | None, str, str | None]:
    return entry.action, entry.actor_id, entry.clinic_id, entry.subject_id


def test_a_wrong_password_is_in_the_log_of_the_accounts_clinic(
    cast: Cast, anybody: FlaskClient
) -> None:
    assert try_to_sign_in(anybody, "dr_cole") == 401
    [entry] = denied()
    assert told(entry) == (
        "denied.password",
        None,
        cast.dr_cole.clinic_id,
        cast.dr_cole.account_id,
    )
    assert entry.actor_name == NOBODY


@pytest.mark.fault(114)
@pytest.mark.usefixtures("cast")
def test_an_unknown_name_is_in_the_servers_log_and_what_was_typed_is_not(
    anybody: FlaskClient,
) -> None:
    assert try_to_sign_in(anybody, TYPED) == 401
    [entry] = denied()
    assert told(entry) == ("denied.password", None, audit_log.SERVER, None)
    assert TYPED not in f"{entry.actor_name} {entry.detail}"


def test_a_closed_account_is_refused_and_that_is_in_the_log(
    cast: Cast, anybody: FlaskClient
) -> None:
    cast.dr_cole.post(f"/clinic/patients/{cast.ana.account_id}/archive", data={"is_archived": "1"})
    assert cast.ana.sign_in().status_code == 403
    assert try_to_sign_in(anybody, "ana") == 401
    assert [told(entry)[0::3] for entry in denied()] == [
        ("denied.inactive", cast.ana.account_id),
        ("denied.password", cast.ana.account_id),
    ]


@pytest.mark.fault(76)
def test_a_throttled_guesser_fills_no_log(cast: Cast, anybody: FlaskClient, clock: Clock) -> None:
    statuses = [try_to_sign_in(anybody, "dr_cole") for _ in range(30)]
    assert statuses[-1] == 429
    wrong, refused = statuses.count(401), statuses.count(429)
    assert [entry.action for entry in denied()] == ["denied.password"] * wrong + [
        "denied.throttled"
    ]
    clock.move(minutes=1)
    anybody.get("/sign-in")
    [first, counted] = audited("denied.throttled")
    assert (first.detail.get("count"), counted.detail["count"]) == (None, refused - 1)
    assert told(counted)[2:] == (cast.dr_cole.clinic_id, cast.dr_cole.account_id)


@pytest.mark.fault(105, 121)
def test_what_another_site_sends_is_refused_and_in_the_log(cast: Cast) -> None:
    cast.dr_cole.get("/clinic/account")
    foreign = {"Origin": "https://evil.example"}
    for path in ("/clinic/settings", "/api/v1/sign-out"):
        assert cast.dr_cole.client.post(path, headers=foreign).status_code == 403
    [first, second] = denied()
    assert told(first) == (
        "denied.origin",
        cast.dr_cole.account_id,
        cast.dr_cole.clinic_id,
        None,
    )
    assert [first.detail["door"], second.detail["door"]] == [
        "clinic.settings.save_settings",
        "accounts.sign_out",
    ]


@pytest.mark.fault(87)
def test_a_door_and_a_record_of_somebody_else_are_in_the_log(cast: Cast) -> None:
    record = f"/clinic/patients/{cast.ana.account_id}"
    assert cast.mo.get(record).status_code == 404
    assert cast.dr_dunn.get(record).status_code == 404
    assert cast.ben.get("/clinic/patients").status_code == 404
    assert [told(entry) for entry in denied()] == [
        ("denied.door", cast.mo.account_id, cast.mo.clinic_id, cast.ana.account_id),
        ("denied.record", cast.dr_dunn.account_id, cast.dr_dunn.clinic_id, cast.ana.account_id),
        ("denied.door", cast.ben.account_id, cast.ben.clinic_id, None),
    ]
    assert denied()[2].actor_name == "Patient"


def test_an_address_that_is_no_door_and_a_page_that_is_not_there_are_no_attempt(
    cast: Cast, anybody: FlaskClient
) -> None:
    assert cast.dr_cole.get("/clinic/nothing-here").status_code == 404
    assert cast.mo.get("/clinic/settings/audit?before=x").status_code == 404
    assert anybody.get("/clinic").status_code == 302
    assert anybody.get("/api/v1/session").status_code == 401
    assert denied() == []


def test_what_is_typed_in_place_of_an_id_stays_out_of_the_log(cast: Cast) -> None:
    assert cast.dr_cole.get("/clinic/patients/Ana%20Rivers").status_code == 404
    [entry] = denied()
    assert told(entry)[3] is None
    assert "Rivers" not in str(entry.detail)


def test_a_guessed_code_is_in_the_servers_log(anybody: FlaskClient) -> None:
    body = {"code": "AAAA-BBBB-CCCC"}
    path = "/api/v1/join/look"
    assert anybody.post(path, json=body, headers={"Origin": ORIGIN}).status_code == 404
    assert [told(entry)[0::2] for entry in denied()] == [("denied.code", audit_log.SERVER)]


def test_a_wrong_password_on_ones_own_page_is_in_the_log_too(cast: Cast) -> None:
    data = {"current_password": "wrong " * 4, "new_password": "x"}
    assert cast.dr_cole.post("/clinic/account/password", data=data).status_code == 422
    assert [told(entry)[:2] for entry in denied()] == [("denied.password", cast.dr_cole.account_id)]


def test_a_person_who_tries_many_records_is_a_few_lines_and_a_count(
    cast: Cast, clock: Clock
) -> None:
    for number in range(MOST_ONE_BY_ONE + 4):
        strange = f"00000000-0000-4000-8000-{number:012}"
        assert cast.dr_cole.get(f"/clinic/patients/{strange}").status_code == 404
    assert len(denied()) == MOST_ONE_BY_ONE
    clock.move(minutes=1)
    said = words_of(cast.mo.get("/clinic/settings/audit?kind=denied"))
    assert "Dr Cole was refused: no such record here, 4 more times" in said


def test_what_was_only_counted_is_written_before_anybody_reads(cast: Cast) -> None:
    for _ in range(MOST_ONE_BY_ONE + 3):
        cast.dr_cole.get("/clinic/patients/none")
    assert "3 more times" in words_of(cast.mo.get("/clinic/settings/audit"))


@pytest.mark.fault(38)
def test_a_refusal_that_cannot_be_written_stands_and_is_an_alarm(
    cast: Cast, anybody: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    written = anybody.post(
        "/api/v1/sign-in",
        json={"username": "dr_cole", "password": "wrong " * 4},
        headers={"Origin": ORIGIN},
    )
    with blocked_log(), caplog.at_level(logging.CRITICAL):
        lost = anybody.post(
            "/api/v1/sign-in",
            json={"username": "dr_cole", "password": "wrong " * 4},
            headers={"Origin": ORIGIN},
        )
    assert (lost.status_code, lost.data) == (written.status_code, written.data)
    assert dict(lost.headers) == dict(written.headers)
    assert "a refusal could not be written down: AuditUnavailable" in caplog.messages
    assert len(denied()) == 1
    assert cast.dr_cole.sign_in().status_code == 200


@pytest.mark.fault(73)
def test_a_session_that_ended_in_flight_is_in_the_log(
    cast: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cast.ana.get("/api/v1/session").status_code == 200
    answer = end_while_it_is_on_its_way(cast.ana, app, monkeypatch)
    assert answer == 401
    assert [told(entry)[:2] for entry in denied()] == [("denied.session", cast.ana.account_id)]


def end_while_it_is_on_its_way(person: Person, app: Flask, monkeypatch: pytest.MonkeyPatch) -> int:
    """Another browser of hers signs her out everywhere when this one is past the door."""
    meter = app.extensions["call_meter"]
    genuine = meter.count

    def end_all(*given: object, **more: object) -> None:
        genuine(*given, **more)
        db.session.rollback()
        with writing():
            db.session.execute(
                db.text("UPDATE sessions SET ended_at = :at WHERE account_id = :who"),
                {"at": NOON.isoformat(" "), "who": person.account_id},
            )

    monkeypatch.setattr(meter, "count", end_all)
    return send_batch(person, event(person)).status_code


def test_attackers_from_everywhere_fill_no_log_either() -> None:
    ledger = Ledger()
    written = [
        ledger.takes(
            Denial("password", audit_log.SERVER), source=f"10.0.{n // 256}.{n % 256}", at=NOON
        )
        for n in range(1000)
    ]
    assert sum(written) == MOST_IN_ALL
    assert ledger.close() == [(Denial("password", audit_log.SERVER), 1000 - MOST_IN_ALL)]
    assert ledger.close() == []


def test_every_kind_of_refusal_has_words() -> None:
    kinds = {"code", "door", "inactive", "origin", "password", "record", "second_factor"}
    assert {f"denied.{kind}" for kind in kinds | {"session", "throttled"}} <= WORDS.keys()
