"""What every answer says and none gives away: proofs that `docs/security/asvs.md` names."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from pwa import create_app
from pwa.database import db
from pwa.operations.prepare import prepare_database
from tests.audit.breaking import run
from tests.conftest import ORIGIN, Cast

PATHS = (
    "/",
    "/sign-in",
    "/joints",
    "/nothing-here",
    "/api/v1/session",
    "/api/v1/nothing",
    "/manifest.webmanifest",
    "/worker.js",
    "/clinic",
)
NOT_SERVED = (
    "/.git/config", "/.git/HEAD", "/.env", "/wsgi.py", "/pwa/config.py", "/instance/secret_key",
    "/requirements.txt", "/assets/", "/static/", "/static/js/", "/console", "/debug", "/metrics",
    "/server-status", "/%2e%2e/secret_key", "/assets/..%2f..%2fwsgi.py",
)  # fmt: skip


@pytest.mark.fault(104)
def test_every_answer_carries_what_keeps_a_browser_safe(cast: Cast) -> None:
    for client in (cast.dr_cole, cast.ana):
        client.get("/api/v1/session")
    for path in PATHS:
        for who in (cast.dr_cole.client, cast.ana.client):
            answer = who.get(path)
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy, path
            assert "base-uri 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
            assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


def test_every_answer_says_what_it_is_and_in_which_alphabet(cast: Cast) -> None:
    cast.ana.get("/api/v1/session")
    for path in PATHS:
        answer = cast.ana.client.get(path)
        if answer.data and answer.mimetype.startswith("text/"):
            assert answer.mimetype_params.get("charset") == "utf-8", path
        if path.startswith("/api/"):
            assert answer.mimetype in ("application/json", "application/problem+json"), path


def test_with_tls_browsers_are_told_to_stay_with_it(tmp_path: Path) -> None:
    app = create_app({"INSTANCE_PATH": str(tmp_path), "PUBLIC_URL": "https://aftercare.example"})
    with app.app_context():
        prepare_database()
        db.session.remove()
        answer = app.test_client().get("/nothing-here", base_url="https://aftercare.example")
        db.engine.dispose()
    told = answer.headers["Strict-Transport-Security"]
    seconds = int(told.partition("max-age=")[2].partition(";")[0])
    assert seconds >= 365 * 24 * 3600
    assert "includeSubDomains" in told


@pytest.mark.fault(101)
def test_nothing_but_pages_and_assets_is_served(anybody: FlaskClient) -> None:
    for path in NOT_SERVED:
        assert anybody.get(path).status_code == 404, path


def test_a_method_that_nobody_needs_is_refused(anybody: FlaskClient) -> None:
    asked = {"Origin": ORIGIN, "X-Secret": "marker"}
    for method in ("TRACE", "TRACK", "CONNECT", "PUT", "PATCH", "DELETE"):
        for path in ("/", "/api/v1/session", "/clinic"):
            answer = anybody.open(path, method=method, headers=asked)
            assert answer.status_code in (400, 404, 405), (method, path)
            assert "marker" not in answer.text


def test_nothing_is_set_up_for_debugging(app: Flask) -> None:
    assert not app.debug
    assert not app.config["EXPLAIN_TEMPLATE_LOADING"]
    assert not app.config.get("SQLALCHEMY_ECHO")


@pytest.mark.fault(113)
def test_an_unexpected_failure_tells_nothing_and_is_in_the_servers_log(
    cast: Cast, app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    cast.dr_cole.get("/clinic/account")
    app.config["PROPAGATE_EXCEPTIONS"] = False
    run("ALTER TABLE attention RENAME TO attention_elsewhere")
    try:
        with caplog.at_level(logging.ERROR):
            answer = cast.dr_cole.get("/clinic")
    finally:
        run("ALTER TABLE attention_elsewhere RENAME TO attention")
    assert answer.status_code == 500
    for told in (answer.text, caplog.text):
        for inside in ("SELECT", "attention", "Traceback", cast.dr_cole.clinic_id):
            assert inside not in told
    assert "unexpected" in caplog.text


def test_a_line_of_the_log_cannot_be_forged_from_outside(
    anybody: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        anybody.get("/nothing%0d%0aforged")
        anybody.get("/nothing", headers={"User-Agent": "forged"})
        anybody.post("/api/v1/sign-in", json={"username": "forged\n"}, headers={"Origin": ORIGIN})
    assert "forged" not in caplog.text


def test_a_parameter_given_twice_is_not_two_opinions(cast: Cast) -> None:
    assert cast.mo.get("/clinic/settings/audit?before=1&before=x").status_code == 200
    assert cast.mo.get("/clinic/settings/audit?before=x&before=1").status_code == 404
    body = b'{"code": "A", "code": "B"}'
    answer = cast.mo.client.post(
        "/api/v1/join/look", data=body, content_type="application/json", headers={"Origin": ORIGIN}
    )
    assert answer.status_code == 400
    query = cast.mo.client.post(
        "/api/v1/sign-in?username=mo&password=x", json={}, headers={"Origin": ORIGIN}
    )
    assert query.get_json()["kind"] == "bad-request"


def test_every_page_of_the_clinic_offers_to_sign_out(cast: Cast) -> None:
    for path in ("/clinic", "/clinic/patients", "/clinic/settings", "/clinic/account"):
        assert 'action="/clinic/account/sign-out"' in cast.dr_cole.get(path).text, path


def test_a_page_that_is_asked_for_changes_nothing(cast: Cast, app: Flask) -> None:
    """A safe method only shows: whatever has an effect is a POST, and those know their origin."""
    acting = {"add", "change", "close", "correct", "delete", "end", "erase", "mark", "save"}
    for rule in app.url_map.iter_rules():
        name = rule.endpoint.rpartition(".")[2]
        if "GET" in (rule.methods or set()):
            assert name.partition("_")[0] not in acting, name
    assert cast.dr_cole.get("/clinic/account/sign-out").status_code == 405
    assert cast.dr_cole.get("/clinic").status_code == 200
