"""The keys of the phones' boxes: handed out after signing in, the same again, never missing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from pwa import create_app
from pwa.accounts import keys
from pwa.accounts.keys import KeyMissing, KeyRing
from pwa.accounts.models import Account, MasterKey
from pwa.config import ConfigError
from pwa.database import db, writing
from pwa.operations.prepare import prepare_database
from tests.conftest import NOON, ORIGIN, Cast, Person

PATH = "/api/v1/outbox-key"
DEVICE = "5f0f9a3c-2f5b-4a0e-9d3f-0a8f6a5f1c11"
OTHER_DEVICE = "6f0f9a3c-2f5b-4a0e-9d3f-0a8f6a5f1c11"


@pytest.fixture
def ring(app: Flask, tmp_path: Path) -> Iterator[KeyRing]:
    """A ring of this test's own."""
    before = app.extensions["key_ring"]
    (tmp_path / "instance").mkdir()
    app.extensions["key_ring"] = KeyRing(tmp_path / "instance" / keys.FOLDER)
    yield app.extensions["key_ring"]
    app.extensions["key_ring"] = before


def ask(who: Person, *kids: str, device_id: str = DEVICE) -> dict:
    answer = who.post(PATH, json={"device_id": device_id, "kids": list(kids)})
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def by_hand(master: bytes, *, salt: str, info: str) -> bytes:
    """HKDF-SHA256 for 32 bytes, after RFC 5869, without the library."""
    middle = hmac.digest(salt.encode(), master, hashlib.sha256)
    return hmac.digest(middle, info.encode() + b"\x01", hashlib.sha256)


def test_the_key_is_made_from_master_device_and_account_as_the_protocol_says(
    cast: Cast, ring: KeyRing
) -> None:
    told = ask(cast.ana)
    master = ring.read(told["current"])
    expected = by_hand(master, salt=DEVICE, info=f"outbox|{cast.ana.account_id}")
    assert told["keys"] == {told["current"]: base64.b64encode(expected).decode()}


@pytest.mark.usefixtures("ring")
def test_another_person_or_another_device_gets_another_key(cast: Cast) -> None:
    answers = [ask(cast.ana), ask(cast.ben), ask(cast.ana, device_id=OTHER_DEVICE)]
    assert len({told["current"] for told in answers}) == 1
    assert len({told["keys"][told["current"]] for told in answers}) == 3


@pytest.mark.usefixtures("ring")
@pytest.mark.fault(66)
def test_a_new_session_after_a_new_password_gets_the_same_key(cast: Cast) -> None:
    before = ask(cast.ana)
    cast.ana.post("/api/v1/sign-out")
    assert cast.ana.post(PATH, json={"device_id": DEVICE, "kids": []}).status_code == 401
    assert cast.ana.sign_in().status_code == 200
    assert ask(cast.ana) == before


def test_after_a_rotation_old_boxes_get_their_old_key_beside_the_new_one(
    cast: Cast, ring: KeyRing
) -> None:
    first = ask(cast.ana)
    new = ring.rotate()
    told = ask(cast.ana, first["current"])
    assert told["current"] == new != first["current"]
    assert told["keys"][first["current"]] == first["keys"][first["current"]]
    assert set(told["keys"]) == {new, first["current"]}
    assert cast.ana.get("/api/v1/session").get_json()["outbox_kid"] == new


@pytest.mark.usefixtures("ring")
def test_a_key_that_is_not_here_is_left_out_and_the_others_are_answered(cast: Cast) -> None:
    told = ask(cast.ana, str(uuid.uuid4()))
    assert set(told["keys"]) == {told["current"]}


def test_a_current_key_whose_file_is_gone_is_named_and_not_replaced(
    cast: Cast, ring: KeyRing
) -> None:
    kid = ask(cast.ana)["current"]
    (ring.folder / kid).unlink()
    answer = cast.ana.post(PATH, json={"device_id": DEVICE, "kids": []})
    assert (answer.status_code, answer.get_json()["kind"]) == (503, "key-missing")
    assert ring.current() == kid


@pytest.mark.fault(86, 96)
@pytest.mark.usefixtures("ring")
def test_what_is_no_question_is_refused_by_its_field(cast: Cast) -> None:
    for field, body in [
        ("device_id", {"device_id": DEVICE.upper(), "kids": []}),
        ("device_id", {"device_id": "..%2f", "kids": []}),
        ("kids", {"device_id": DEVICE}),
        ("kids", {"device_id": DEVICE, "kids": ["current"]}),
        ("kids", {"device_id": DEVICE, "kids": ["../secret_key"]}),
        ("kids", {"device_id": DEVICE, "kids": [str(uuid.uuid4())] * 21}),
        ("account", {"device_id": DEVICE, "kids": [], "account": cast.ben.account_id}),
    ]:
        answer = cast.ana.post(PATH, json=body)
        assert (answer.status_code, answer.get_json()["field"]) == (400, field), body


@pytest.mark.usefixtures("ring")
def test_staff_get_no_key_and_neither_does_an_erased_account(cast: Cast) -> None:
    body = {"device_id": DEVICE, "kids": []}
    for staff in (cast.dr_cole, cast.mo):
        assert staff.post(PATH, json=body).status_code == 404
    assert ask(cast.ana)
    with writing():
        db.session.get_one(Account, cast.ana.account_id).erased_at = NOON
    assert cast.ana.post(PATH, json=body).status_code == 404


def test_a_key_that_was_handed_out_is_written_down_without_itself(
    cast: Cast, ring: KeyRing
) -> None:
    kid = ask(cast.ana)["current"]
    ask(cast.ben)
    [row] = db.session.scalars(db.select(MasterKey)).all()
    assert (row.kid, row.first_used_at) == (kid, NOON)
    assert row.fingerprint == hashlib.sha256(ring.read(kid)).hexdigest()


@pytest.mark.fault(32)
@pytest.mark.parametrize("harm", ["gone", "another", "no key at all"])
def test_the_start_is_refused_while_a_key_in_use_is_missing(
    cast: Cast, ring: KeyRing, harm: str
) -> None:
    kid = ask(cast.ana)["current"]
    unused = ring.rotate()
    (ring.folder / unused).unlink()
    prepare_database()  # a key that nobody has used yet is missed by nobody
    text = (ring.folder / kid).read_text()
    if harm == "gone":
        (ring.folder / kid).unlink()
    else:
        (ring.folder / kid).write_text("00" * 32 if harm == "another" else "README")
    with pytest.raises(ConfigError, match=kid):
        prepare_database()
    (ring.folder / kid).write_text(text)
    prepare_database()


def test_the_first_key_is_one_whoever_asks_first(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path / keys.FOLDER)
    found: list[str] = []
    begin = threading.Barrier(8)

    def first() -> None:
        begin.wait()
        found.append(ring.current())

    threads = [threading.Thread(target=first) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert ring.kids() == {ring.current()}


def test_key_files_are_their_owners_only(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path / keys.FOLDER)
    kid = ring.current()
    assert oct(ring.folder.stat().st_mode & 0o777) == "0o700"
    assert oct((ring.folder / kid).stat().st_mode & 0o777) == "0o600"
    with pytest.raises(KeyMissing):
        ring.read("../secret_key")


def test_the_commands_rotate_and_list_without_showing_a_key(tmp_path: Path) -> None:
    app = create_app({"INSTANCE_PATH": str(tmp_path), "PUBLIC_URL": ORIGIN})
    with app.app_context():
        prepare_database()
    runner = app.test_cli_runner()
    first = app.extensions["key_ring"].current()
    assert runner.invoke(args=["keys", "rotate"]).exit_code == 0
    second = app.extensions["key_ring"].current()
    listed = runner.invoke(args=["keys", "list"]).output
    assert first != second
    assert f"{second}  not used yet, current" in listed
    assert f"{first}  not used yet\n" in listed
    assert app.extensions["key_ring"].read(first).hex() not in listed
    with app.app_context():
        db.engine.dispose()
