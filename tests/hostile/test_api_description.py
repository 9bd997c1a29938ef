"""The API says of itself what it does, all of it, and does what it says.

The document is compared with `app.url_map`; then schemathesis sends what it promises and what it
forbids, as a patient, as a clinician and as nobody, with all of its checks. It knows nothing of
whose a record is: `test_other_peoples_ids.py` and `tests/test_doors.py` do.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.transport.wsgi import WSGITransport

from pwa import api_description, doors
from tests.conftest import ORIGIN, Cast, Clock, Person

EVERY_RUN, LONG_RUN = 5, 200
REACHED = {
    "ana": {"GET /api/v1/session", "GET /api/v1/changes", "POST /api/v1/sync"},
    "dr_cole": {"GET /api/v1/session"},
    "nobody": {"POST /api/v1/sign-out", "GET /api/v1/openapi.json"},
}
ENDS_THE_SESSION = r"/api/v1/sign-out$"
"""Left out for those who are signed in: after it they are strangers, who try it themselves."""


def methods_of(app: Flask) -> set[tuple[str, str]]:
    return {
        (re.sub(r"<(?:[a-z]+:)?([a-z_]+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_route_of_the_api_is_described_and_nothing_else(
    app: Flask, anybody: FlaskClient
) -> None:
    answer = anybody.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    paths = answer.get_json()["paths"]
    told = {(path, method) for path, operations in paths.items() for method in operations}
    assert told == methods_of(app)


def test_a_route_that_does_not_describe_itself_is_named() -> None:
    app = Flask("undescribed")
    app.add_url_rule("/api/v1/forgotten", view_func=lambda: "", endpoint="forgotten")
    with pytest.raises(LookupError, match="forgotten"):
        api_description.document(app, None)  # type: ignore[arg-type]


def test_a_closed_door_says_who_it_opens_for(app: Flask) -> None:
    paths = api_description.document(app, app.extensions["settings"])["paths"]
    for rule in api_description.api_rules(app):
        roles = doors.decision_for(app, rule.endpoint)
        for operation in paths[re.sub(r"<([a-z_]+)>", r"{\1}", rule.rule)].values():
            assert ("security" in operation) == (roles is not None), rule.rule
            if roles is not None:
                assert {"401", "404"} <= operation["responses"].keys()
                assert all(role in operation["description"] for role in roles)


def test_the_description_tells_nothing_of_this_installation(
    started: Cast, anybody: FlaskClient
) -> None:
    text = anybody.get("/api/v1/openapi.json").text
    for secret in (started.ana.account_id, started.ana.clinic_id, "Riverside", "sqlite", "granian"):
        assert secret not in text


def cookie_of(who: Person) -> str:
    assert who.sign_in().status_code == 200
    cookie = who.client.get_cookie("session")
    assert cookie is not None
    return cookie.value


def shut_to(who: Person | None, document: dict[str, Any]) -> list[str]:
    """What turns this person away before the body is read: there a few tries are enough."""
    return [
        path
        for path, operations in document["paths"].items()
        for operation in operations.values()
        if "security" in operation and (who is None or who.role not in operation["description"])
    ]


def asked_of_itself(
    app: Flask, who: Person | None, *, examples: int, seed: int = 3
) -> tuple[Counter[tuple[str, int]], list[str]]:
    """How often each operation gave each status, and what was wrong with the answers."""
    document = api_description.document(app, app.extensions["settings"])
    config = SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "headers": {"Origin": ORIGIN},
            "auth": {} if who is None else {"openapi": {"session": {"api_key": cookie_of(who)}}},
            "base-url": ORIGIN,
            "continue-on-failure": True,
            "workers": 1,
            "generation": {
                "mode": "all",
                "max-examples": examples,
                "database": "none",
                "allow-x00": False,
                "deterministic": False,
                "no-shrink": True,
            },
            "operations": [
                {"include-path": path, "phases": {"coverage": {"enabled": False}}}
                for path in shut_to(who, document)
            ],
            "phases": {
                "stateful": {"enabled": False},
                "coverage": {"unexpected-methods": ["DELETE", "PUT"]},
            },
            "checks": {
                "positive_data_acceptance": {
                    "expected-statuses": ["2xx", "401", "403", "404", "409", "422", "429"]
                },
                "not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx"]},
            },
        }
    )
    schema = schemathesis.openapi.from_dict(document, config=config)
    schema.app = app
    if who is not None:
        schema = schema.exclude(path_regex=ENDS_THE_SESSION)
    return _outcome(from_schema(schema).execute())


def _as_a_phone_writes(value: Any) -> Any:
    """JSON Schema cannot tell 7.0 from 7; our wire does, and `test_exact_types.py` shows it."""
    if isinstance(value, dict):
        return {key: _as_a_phone_writes(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_as_a_phone_writes(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


@pytest.fixture
def at_the_counter(monkeypatch: pytest.MonkeyPatch, started: Cast) -> None:
    """Two things on the way out: batches that were made up become ana's own, so that they reach
    the intake; and options go that schemathesis 4.32 has from `requests` when it asks again
    without credentials, and that werkzeug does not know."""
    send = WSGITransport.send
    own = {"owner": started.ana.account_id, "treatment_id": started.ana.treatment_id}

    def send_her_own(self: WSGITransport, case: Any, **options: Any) -> Any:
        for name in ("max_redirects", "verify", "cert", "proxies"):
            options.pop(name, None)
        is_promised = case.meta is None or case.meta.generation.mode.is_positive
        if is_promised and case.method == "POST" and case.operation.path.endswith("/sync"):
            made = [
                {**one, **{key: own[key] for key in own.keys() & one.keys()}}
                for one in case.body["events"]
            ]
            body = {**case.body, "account": started.ana.account_id, "events": made}
            case.body = _as_a_phone_writes(body)
        return send(self, case, **options)

    monkeypatch.setattr(WSGITransport, "send", send_her_own)


def _outcome(stream: Iterator[Any]) -> tuple[Counter[tuple[str, int]], list[str]]:
    asked: Counter[tuple[str, int]] = Counter()
    wrong: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for event in stream:
            if isinstance(event, events.NonFatalError | events.FatalError):
                wrong.append(f"{getattr(event, 'label', '')}: {event}")
            if isinstance(event, events.ScenarioFinished):
                asked.update(
                    (event.recorder.label, one.response.status_code)
                    for one in event.recorder.interactions.values()
                    if one.response is not None
                )
                wrong += [
                    f"{event.recorder.label}: {check.name}: {check.failure_info.failure}\n"
                    f"{check.failure_info.code_sample}"
                    for checks in event.recorder.checks.values()
                    for check in checks
                    if check.failure_info is not None
                ]
    return asked, wrong


class TickingClock(Clock):
    """Moves on with every look, so that limits a minute do not end the questions early."""

    def __call__(self) -> Any:
        self.move(seconds=0.5)
        return super().__call__()


@pytest.mark.fault(88, 96, 97)
@pytest.mark.usefixtures("at_the_counter")
@pytest.mark.parametrize("server_app", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", ["ana", "dr_cole", "nobody"])
@pytest.mark.lengthy
@pytest.mark.whole
def test_the_api_does_what_it_says(
    app: Flask, started: Cast, name: str, request: pytest.FixtureRequest
) -> None:
    app.config["CLOCK"] = TickingClock()
    examples = LONG_RUN if request.config.getoption("--long") else EVERY_RUN
    asked, wrong = asked_of_itself(app, getattr(started, name, None), examples=examples)
    assert not wrong, f"{len(wrong)} of {asked.total()}\n" + "\n\n".join(wrong[:8])
    reached = {operation for operation, status in asked if status < 300}
    assert reached >= REACHED[name], "otherwise it was only turned away at the door"
