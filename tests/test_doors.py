"""Every door: each route has a decision, and nobody gets at a record that is not theirs.

The walk goes over `app.url_map`, so a new route is in it without anybody thinking of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient

from pwa import doors
from tests.clinic.asking import bring, read, send_emergency
from tests.conftest import ORIGIN, Cast, Person

RECORD_PARTS = {
    "account_id",
    "act_id",
    "kind",
    "list_id",
    "patient_id",
    "session_id",
    "treatment_id",
}
"""The parts of an address that name a record of a clinic. The shell's parts name none."""
PUBLIC_PARTS = {"release_id", "path", "joint", "filename", "token"}
FOREIGN: tuple[dict[str, str], ...] = (
    {},
    {"Origin": "https://evil.example"},
    {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"},
)
OPEN = {
    "accounts.join",
    "accounts.join_with_name",
    "accounts.look_at_invite",
    "accounts.set_up",
    "accounts.sign_in",
    "accounts.sign_out",
    "accounts.suggest_password",
    "accounts_pages.show_set_up",
    "api_description",
    "calendars.show_calendar",
    "passkeys.offer_sign_in",
    "passkeys.sign_in",
    "resets.ask",
    "resets.look",
    "resets.reset",
    "resets_pages.show_reset",
}
"""Beside the shell's pages, what anybody may ask for."""
WHO_SAW = "clinic.audit.show_patient"
"""Who opened a patient's record: an administrator's page, which has nothing of the record on it.
`tests/audit/test_who_saw.py` looks at what it shows."""


@dataclass(frozen=True)
class Door:
    """One route with one method, at an address with ana's real ids."""

    endpoint: str
    method: str
    path: str
    is_record: bool
    roles: frozenset[str] | None


def all_doors(app: Flask, ids: dict[str, str]) -> Iterator[Door]:
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        roles = doors.decision_for(app, rule.endpoint)
        assert roles != "shut", rule.endpoint
        assert isinstance(roles, frozenset | None)
        values = {name: ids.get(name, "knee") for name in rule.arguments}
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Door(
                endpoint=rule.endpoint,
                method=method,
                path=adapter.build(rule.endpoint, values, method=method),
                is_record=bool(rule.arguments & RECORD_PARTS),
                roles=roles,
            )


@pytest.fixture
def house(started: Cast, app: Flask) -> list[Door]:
    """Every door, with a check-in of ana's that dr_cole has read."""
    worst = send_emergency(started)
    answer = read(started.dr_cole, started.ana, worst, outcome="spoke_with_patient")
    listed = bring(started, "Name,ID\nCleo D.,1984\n")
    return list(
        all_doors(
            app,
            {
                "patient_id": started.ana.account_id,
                "treatment_id": started.ana.treatment_id,
                "kind": "read",
                "act_id": answer.headers["Location"].partition("read=")[2],
                "account_id": started.dr_cole.account_id,
                "list_id": listed.headers["Location"].rpartition("/")[2],
            },
        )
    )


def knock(who: Person | FlaskClient, door: Door) -> int:
    """The status of trying this door as this person's own browser would."""
    ask = who.get if door.method == "GET" else who.post
    headers = {} if door.method == "GET" else {"Origin": ORIGIN}
    return ask(door.path, headers=headers).status_code


def test_every_route_has_a_decision(app: Flask) -> None:
    undecided = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if doors.decision_for(app, rule.endpoint) == "shut"
    ]
    assert undecided == []


def test_a_route_that_nobody_decided_about_is_shut() -> None:
    app = Flask("undecided")
    app.add_url_rule("/forgotten", view_func=lambda: "secret", endpoint="forgotten")
    assert doors.decision_for(app, "forgotten") == "shut"


def test_what_anybody_may_ask_for_is_known_by_name(app: Flask) -> None:
    found = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if doors.decision_for(app, rule.endpoint) is None
        and not rule.endpoint.startswith(("shell.", "operations."))
    }
    assert found == OPEN


def test_every_part_of_an_address_is_known(app: Flask) -> None:
    parts = {name for rule in app.url_map.iter_rules() for name in rule.arguments}
    assert parts - RECORD_PARTS - PUBLIC_PARTS == set()


def test_the_walk_meets_the_record_routes(house: list[Door]) -> None:
    assert len([door for door in house if door.is_record]) >= 13


def test_a_stranger_gets_no_record_and_no_page_behind_a_door(house: list[Door], app: Flask) -> None:
    for door in house:
        if door.roles is not None:
            status = knock(app.test_client(), door)
            assert status == (302 if is_page(door) else 401), door


@pytest.mark.fault(87)
def test_anas_records_are_none_of_bens_business(house: list[Door], started: Cast) -> None:
    for door in house:
        if door.is_record:
            assert knock(started.ben, door) == 404, door
            assert knock(started.ana, door) == 404, door


@pytest.mark.fault(87)
def test_anas_records_are_none_of_dr_dunns_business(house: list[Door], started: Cast) -> None:
    for door in house:
        if door.is_record:
            assert knock(started.dr_dunn, door) == 404, door


def test_the_administrator_gets_no_record_of_a_patient(house: list[Door], started: Cast) -> None:
    for door in house:
        if door.is_record and "/patients/" in door.path and door.endpoint != WHO_SAW:
            assert knock(started.mo, door) == 404, door


@pytest.mark.fault(87)
def test_ben_gets_through_no_door_but_those_for_patients(house: list[Door], started: Cast) -> None:
    for door in house:
        if door.roles is not None and "patient" not in door.roles:
            assert knock(started.ben, door) == 404, door


def test_the_walks_addresses_are_right_for_ana_s_own_clinician(
    house: list[Door], started: Cast
) -> None:
    """Without this, a misspelt address would pass every test above."""
    for door in house:
        if door.is_record and door.method == "GET" and "clinician" in (door.roles or ()):
            assert knock(started.dr_cole, door) == 200, door


def test_a_change_from_another_site_is_refused_everywhere(house: list[Door], started: Cast) -> None:
    started.dr_cole.get("/clinic")
    for door in house:
        if door.method == "POST":
            for headers in (
                {},
                {"Origin": "https://evil.example"},
                {"Sec-Fetch-Site": "cross-site"},
            ):
                answer = started.dr_cole.client.post(door.path, headers=headers)
                assert answer.status_code == 403, (door, headers)


def is_page(door: Door) -> bool:
    return door.method == "GET" and not door.path.startswith("/api/")


def test_a_nul_character_is_refused_wherever_it_is_put(started: Cast) -> None:
    worst = send_emergency(started)
    patient = f"/clinic/patients/{started.ana.account_id}"
    nul = "a\x00b"
    assert read(started.dr_cole, started.ana, worst, outcome=nul).status_code == 400
    assert (
        read(started.dr_cole, started.ana, worst, outcome="booked_to_be_seen", note=nul).status_code
        == 400
    )
    assert started.dr_cole.post("/clinic/patients", data={"q": nul}).status_code == 400
    assert started.dr_cole.get("/clinic?read=%00").status_code == 400
    assert started.dr_cole.get(f"{patient}%00").status_code == 404
    assert started.ana.get("/api/v1/changes?epoch=%00&after=1").status_code == 400


def test_a_method_that_a_page_does_not_know_is_told_which_it_knows(anybody: FlaskClient) -> None:
    answer = anybody.delete("/api/v1/session", headers={"Origin": ORIGIN})
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
