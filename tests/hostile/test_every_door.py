"""Headers of every route, requests from other sites, and text that tries to be SQL: by walking."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from pwa import doors
from pwa.accounts.models import Account, Session
from pwa.check_ins.models import CheckInEvent
from pwa.database import db
from tests.conftest import ORIGIN, Cast
from tests.making import batch, event
from tests.test_doors import Door, all_doors

ROOT = Path(__file__).resolve().parents[2]
SQL = (
    "' OR '1'='1' --",
    '"; DROP TABLE accounts; --',
    "1; SELECT pg_sleep(9)",
    "1 UNION SELECT password_hash FROM accounts",
    "%' ESCAPE '",
    "-1",
    "9" * 30,
    "٣",
    "1e3",
    "[]",
    "\\",
)


@pytest.fixture
def every_door(started: Cast, app: Flask) -> list[Door]:
    ids = {
        "patient_id": started.ana.account_id,
        "treatment_id": started.ana.treatment_id,
        "review_id": started.ana.account_id,
        "account_id": started.dr_cole.account_id,
    }
    return list(all_doors(app, ids))


@pytest.mark.fault(104, 115)
@pytest.mark.parametrize("server_app", ["sqlite"], indirect=True)
def test_every_answer_can_be_neither_framed_opened_read_nor_kept(
    every_door: list[Door], started: Cast, anybody: FlaskClient
) -> None:
    for door in every_door:
        for who in (anybody, started.ana.client, started.dr_cole.client, started.mo.client):
            answer = who.open(door.path, method=door.method, headers={"Origin": ORIGIN})
            headers = answer.headers
            assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], door
            assert "script-src 'self';" in headers["Content-Security-Policy"], door
            assert headers["X-Frame-Options"] == "DENY", door
            assert headers["Cross-Origin-Opener-Policy"] == "same-origin", door
            assert headers["Cross-Origin-Resource-Policy"] == "same-origin", door
            assert headers["X-Content-Type-Options"] == "nosniff", door
            assert headers["Referrer-Policy"] == "no-referrer", door
            assert headers["Server"] == "aftercare", door
            assert not any(name.startswith("Access-Control-") for name, _ in headers), door
            if not door.endpoint.startswith("shell.") or answer.status_code >= 400:
                assert headers["Cache-Control"] == "no-store", door


@pytest.mark.fault(104)
def test_no_script_listens_to_another_window_and_no_link_hands_one_over() -> None:
    scripts = {path: path.read_text() for path in (ROOT / "static" / "js").rglob("*.js")}
    assert scripts
    for path, text in scripts.items():
        for word in ("window.opener", "document.domain", 'window.addEventListener("message"'):
            assert word not in text, path
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text()
        assert 'target="_blank"' not in text or "noopener" in text, path
        assert not re.search(r"[^'\"]\s*\|\s*safe\b", text), f"{path}: only our own fixed text"


FROM_ELSEWHERE: tuple[tuple[dict[str, str], int], ...] = (
    ({"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, 403),
    ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, 403),
    ({"Sec-Fetch-Site": "same-site", "Origin": ORIGIN}, 403),
    ({"Sec-Fetch-Site": "none"}, 403),
    ({"Referer": f"{ORIGIN}/clinic"}, 403),
    ({"Origin": f"{ORIGIN}.evil.example"}, 403),
    ({"Origin": ORIGIN.upper()}, 403),
    ({"Origin": f"{ORIGIN}/"}, 403),
    ({"Sec-Fetch-Site": "same-origin"}, 415),
)


@pytest.mark.fault(105)
@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
@pytest.mark.parametrize("server_app", ["sqlite"], indirect=True)
def test_a_form_or_plain_text_of_another_site_leaves_no_row(started: Cast, kind: str) -> None:
    started.ana.get("/api/v1/session")
    made = batch(started.ana, event(started.ana))
    before = rows()
    for headers, status in FROM_ELSEWHERE:
        for path, body in (
            ("/api/v1/sync", str(made).replace("'", '"')),
            ("/api/v1/sign-in", '{"username":"dr_cole","password":"correct horse battery staple"}'),
            ("/api/v1/join", '{"code":"x","username":"x","password":"x"}'),
        ):
            answer = started.ana.client.post(
                path, data=body.encode(), headers={"Content-Type": kind, **headers}
            )
            assert answer.status_code == status, (path, headers)
    assert rows() == before


def rows() -> tuple[int, ...]:
    db.session.rollback()
    return tuple(
        db.session.scalar(select(func.count()).select_from(table)) or 0
        for table in (CheckInEvent, Session, Account)
    )


def names_read_by(app: Flask, endpoint: str) -> set[str]:
    """What the module of this view reads out of addresses and forms, by name."""
    view = inspect.unwrap(app.view_functions[endpoint])
    source = ast.parse(Path(inspect.getfile(view)).read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(source):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        given = node.args[0]
        called = ast.unparse(node.func)
        if called in ("request.args.get", "_whole_number") and isinstance(given, ast.Constant):
            found.add(str(given.value))
    return found


def askers(cast: Cast, door: Door) -> Iterator[FlaskClient]:
    for person in (cast.dr_cole, cast.mo, cast.ana):
        if door.roles is None or person.role in door.roles:
            yield person.client
            return


@pytest.mark.fault(100)
@pytest.mark.parametrize("server_app", ["postgresql"], indirect=True)
def test_no_word_in_an_address_becomes_sql(
    every_door: list[Door], started: Cast, app: Flask
) -> None:
    for person in (started.dr_cole, started.mo, started.ana):
        person.sign_in()
    asked = 0
    for door in every_door:
        names = names_read_by(app, door.endpoint)
        if door.method != "GET" or not names:
            continue
        for client in askers(started, door):
            for payload in SQL:
                for name in sorted(names) if asked % 4 == 0 else ("all of them",):
                    asked += 1
                    query = {name: payload} if name in names else dict.fromkeys(names, payload)
                    answer = client.get(door.path, query_string=query)
                    assert answer.status_code in (200, 302, 303, 400, 404, 409), (door, query)
                    assert "argon2id" not in answer.text
    assert asked > 60
    assert rows()[2] == 5


@pytest.mark.fault(100)
def test_a_search_finds_by_letters_only(started: Cast) -> None:
    for text in (*SQL, "%", "_", "%%", "a%n", "*", "?"):
        answer = started.dr_cole.post("/clinic/patients", data={"q": text})
        assert answer.status_code == 200
        assert "Ana R." not in answer.text, text
        assert "Ben T." not in answer.text, text


@pytest.mark.fault(100)
def test_no_sql_is_put_together_from_words() -> None:
    """Every statement is built by SQLAlchemy or is a fixed text; migrations run no input."""
    for path in (ROOT / "pwa").rglob("*.py"):
        if "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in ("text", "exec_driver_sql", "literal_column", "executescript"):
                assert node.args, path
                assert not isinstance(node.args[0], ast.JoinedStr | ast.BinOp) or is_fixed(
                    node.args[0], path
                ), f"{path}:{node.lineno}"


def is_fixed(node: ast.AST, path: Path) -> bool:
    """Whether what is put together holds nothing but constants of the module (CAPITALS)."""
    names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    return "operations" in path.parts or all(name.isupper() for name in names)


def test_the_walk_reads_names_out_of_the_views(app: Flask) -> None:
    assert "after" in names_read_by(app, "check_ins.changes")
    assert "read" in names_read_by(app, "clinic.patient.show_patient")
    assert doors.decision_for(app, "clinic.patient.show_patient")
