"""What only the server may say is never taken from a request: each JSON endpoint refuses it by
name, and no form does anything with it. Found by walking, so a new route is in it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from pwa import api_description, doors
from pwa.accounts.models import Account
from pwa.check_ins.models import CheckInEvent
from pwa.database import db
from pwa.practice.models import Clinic
from tests.clinic.asking import read, send_emergency
from tests.conftest import Cast, Person, send_batch
from tests.hostile.crawling import Form, every_form
from tests.making import batch, event

SERVER_ONLY = (
    "role",
    "clinic_id",
    "account_id",
    "owner_id",
    "is_active",
    "erased_at",
    "password_hash",
    "seq",
    "received_at",
    "stage",
    "confirmed_at",
    "totp_secret",
    "is_second_factor_required",
    "__proto__",
)
pytestmark = pytest.mark.parametrize("server_app", ["sqlite"], indirect=True)
CHANGES_ROLES = ("/role",)
CHANGES_ACTIVE = ("/active", "/archive", "/erase")


@pytest.fixture
def busy(started: Cast) -> Cast:
    worst = send_emergency(started)
    read(started.dr_cole, started.ana, worst, outcome="spoke_with_patient")
    send_emergency(started)
    return started


def sample(schema: dict[str, Any]) -> Any:
    """Something that fits this schema."""
    if "const" in schema or "enum" in schema:
        return schema.get("const", (schema.get("enum") or [None])[0])
    if "anyOf" in schema:
        return sample(schema["anyOf"][0])
    kind = schema.get("type")
    if kind == "object":
        return {name: sample(schema["properties"][name]) for name in schema.get("required", ())}
    return {"array": [], "integer": 1, "boolean": False}.get(str(kind), "abcdefgh")


def bodies(app: Flask, cast: Cast) -> list[tuple[str, frozenset[str] | None, dict[str, Any]]]:
    """(path, who may come in, a body that fits) of each endpoint that reads JSON."""
    found = []
    document = api_description.document(app, app.extensions["settings"])
    for rule in api_description.api_rules(app):
        told = api_description.description_of(app, rule.endpoint)
        if told is None or told.body is None:
            continue
        schema = document["paths"][rule.rule]["post"]["requestBody"]["content"]
        schema = schema["application/json"]["schema"]
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        roles = doors.decision_for(app, rule.endpoint)
        body = batch(cast.ana) if rule.rule.endswith("/sync") else sample(schema)
        found.append((rule.rule, roles, body))
    return found


@pytest.mark.fault(86)
def test_no_json_endpoint_takes_what_only_the_server_says(started: Cast, app: Flask) -> None:
    found = bodies(app, started)
    assert {"/api/v1/sync", "/api/v1/sign-in", "/api/v1/join"} <= {path for path, _, _ in found}
    for path, roles, body in found:
        who = started.ana if roles is None or "patient" in roles else started.dr_cole
        for key in SERVER_ONLY:
            answer = who.post(path, json={**body, key: "administrator"})
            if path.startswith("/api/v1/second-step"):
                assert answer.status_code in (401, 404)  # they have that step behind them
                continue
            assert answer.status_code == 400, (path, key, answer.text)
            assert answer.get_json()["field"] == key, path


@pytest.mark.fault(86)
def test_an_event_takes_nothing_that_only_the_server_says(started: Cast) -> None:
    before = facts()
    for key in (*SERVER_ONLY, "level", "verdict_server", "patient_id"):
        made = {**event(started.ana), key: 999_999}
        result = send_batch(started.ana, made).get_json()["results"][0]
        assert result["status"] == "rejected", key
        assert result["problem"]["kind"] == "invalid"
        assert result["problem"]["field"] == key
    assert facts() == before


@pytest.mark.fault(86)
@pytest.mark.parametrize("name", ["dr_cole", "mo"])
def test_no_form_takes_what_only_the_server_says(busy: Cast, name: str) -> None:
    who: Person = getattr(busy, name)
    forms = every_form(who)
    assert len(forms) >= 5
    for form in sorted(forms, key=ends_something):
        before = facts()
        extra = {key: value for key, value in poison(busy).items() if key not in form.fields}
        who.post(form.action, data={**form.filled(), **extra})
        after = facts()
        assert after["clinics"] == before["clinics"], form
        assert after["events"] == before["events"], form
        for account_id, (clinic_id, role, is_active) in before["accounts"].items():
            now = after["accounts"][account_id]
            assert now[0] == clinic_id, form
            assert now[1] == role or form.action.endswith(CHANGES_ROLES), form
            assert now[2] == is_active or form.action.endswith(CHANGES_ACTIVE), form
        for account_id in after["accounts"].keys() - before["accounts"].keys():
            assert account_id != poison(busy)["account_id"]
            assert after["accounts"][account_id][0] == who.clinic_id, form
            assert after["accounts"][account_id][1] != "administrator", form
        if who.get("/api/v1/session").status_code != 200:
            who.sign_in()


def ends_something(form: Form) -> int:
    """Those first that leave the signed-in person and the patient where they are."""
    return sum(word in form.action for word in ("sign-out", "active", "erase", "password", "end"))


def poison(cast: Cast) -> dict[str, str]:
    return {
        **dict.fromkeys(SERVER_ONLY, "1"),
        "role": "administrator",
        "clinic_id": cast.dr_dunn.clinic_id,
        "account_id": "0b9e7a52-6f0c-4d5e-9c57-3a1f3ad0c00f",
        "patient_id": cast.dr_dunn.account_id,
        "is_active": "0",
        "seq": "999999",
        "received_at": "2001-01-01T00:00:00+00:00",
    }


def facts() -> dict[str, Any]:
    """What only the server may change."""
    db.session.rollback()
    accounts = {
        one.account_id: (one.clinic_id, one.role, one.is_active)
        for one in db.session.scalars(select(Account))
    }
    events = db.session.execute(
        select(CheckInEvent.event_id, CheckInEvent.seq, CheckInEvent.received_at)
    ).all()
    return {
        "accounts": accounts,
        "clinics": sorted(db.session.scalars(select(Clinic.clinic_id))),
        "events": sorted(tuple(one) for one in events),
    }
