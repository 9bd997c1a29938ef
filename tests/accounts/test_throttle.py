"""Guessing is slow from anywhere, and no stranger locks anybody out."""

from __future__ import annotations

import hashlib
import re
import threading

import pytest
from flask import Flask
from sqlalchemy import select

from pwa.accounts import passwords, throttle
from pwa.accounts.models import FailedTry, KnownAddress
from pwa.database import db, writing
from pwa.problems import TooManyRequests
from tests.accounts.asking import ELSEWHERE, HOME, WRONG, CountingHasher, Stranger, count_of
from tests.clinic.asking import words_of
from tests.conftest import PASSWORD, Cast, Clock

pytestmark = pytest.mark.usefixtures("cast")


@pytest.fixture
def hasher(monkeypatch: pytest.MonkeyPatch) -> CountingHasher:
    """What the server hashes with, counting."""
    counting = CountingHasher()
    monkeypatch.setattr(passwords, "_hasher", counting)
    return counting


@pytest.mark.fault(76)
def test_after_five_wrong_passwords_the_waits_begin_and_grow(
    app: Flask, clock: Clock, hasher: CountingHasher
) -> None:
    attacker = Stranger(app)
    assert [attacker.sign_in("ana").status_code for _ in range(5)] == [401] * 5
    waits = []
    for _ in range(5):
        refused = attacker.sign_in("ana", PASSWORD)
        assert (refused.status_code, refused.get_json()["kind"]) == (429, "too-many-requests")
        waits.append(int(refused.headers["Retry-After"]))
        assert waits[-1] == refused.get_json()["retry_after_s"]
        clock.move(seconds=waits[-1])
        assert attacker.sign_in("ana").status_code == 401
    assert waits == [60, 120, 240, 480, 900]
    assert hasher.count == 10


@pytest.mark.fault(76)
def test_who_waits_as_told_and_knows_the_password_gets_in(app: Flask, clock: Clock) -> None:
    owner = Stranger(app)
    for _ in range(5):
        owner.sign_in("ana")
    clock.move(seconds=int(owner.sign_in("ana").headers["Retry-After"]) - 1)
    assert not owner.gets_in("ana")
    clock.move(seconds=1)
    assert owner.gets_in("ana")
    assert [owner.sign_in("ana").status_code for _ in range(5)] == [401] * 5


@pytest.mark.fault(76)
def test_of_many_tries_at_once_no_more_than_five_are_looked_at(
    app: Flask, hasher: CountingHasher
) -> None:
    answers: list[int] = []
    db.session.rollback()
    threads = [
        threading.Thread(target=lambda: answers.append(Stranger(app).sign_in("ana").status_code))
        for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [401] * 5 + [429] * 11
    assert hasher.count == 5


@pytest.mark.fault(76)
def test_one_address_cannot_try_many_names(
    app: Flask, hasher: CountingHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "ADDRESS", throttle.Rule("address", 6))
    attacker = Stranger(app)
    answers = [attacker.sign_in(f"name{n}").status_code for n in range(9)]
    assert answers == [401] * 6 + [429] * 3
    assert hasher.count == 6
    assert Stranger(app, HOME).gets_in("ben")


@pytest.mark.fault(76)
def test_many_addresses_cannot_guess_at_one_account_and_its_owner_gets_in_meanwhile(
    app: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "STRANGERS", throttle.Rule("strangers", 6))
    owner = Stranger(app, HOME)
    assert owner.gets_in("ana")
    clock.move(hours=2)
    answers = [Stranger(app, f"203.0.113.{n}").sign_in("ana").status_code for n in range(9)]
    assert answers == [401] * 6 + [429] * 3
    assert not Stranger(app, "203.0.113.99").gets_in("ana")
    assert owner.gets_in("ana")


@pytest.mark.fault(76)
def test_the_numbers_are_those_that_are_written_down(clock: Clock) -> None:
    """docs/decisions/0009-sessions-and-resets.md"""

    def tries_until_refused(**fixed: str) -> int:
        for n in range(100):
            asked = {"account_key": f"name{n}", "address": f"192.0.2.{n}", **fixed}
            try:
                throttle.check(at=clock(), **asked)
            except TooManyRequests:
                return n
        return 100

    assert tries_until_refused(account_key="one", address="203.0.113.1") == 5
    assert tries_until_refused(address="203.0.113.2") == 30
    assert tries_until_refused(account_key="two") == 20


@pytest.mark.fault(76)
def test_who_is_known_at_an_address_gets_in_while_somebody_else_there_tries_names(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "ADDRESS", throttle.Rule("address", 6))
    assert Stranger(app).gets_in("ana")
    for n in range(7):
        Stranger(app).sign_in(f"name{n}")
    assert not Stranger(app).gets_in("ben")
    assert Stranger(app).gets_in("ana")


@pytest.mark.fault(76)
def test_signing_in_washes_only_the_own_tries(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """An attacker who has an account of their own signs in between the tries."""
    monkeypatch.setattr(throttle, "ADDRESS", throttle.Rule("address", 8))
    attacker = Stranger(app)
    answers = []
    for n in range(10):
        if n % 4 == 0:
            assert Stranger(app).gets_in("ben")
        answers.append(attacker.sign_in(f"name{n}").status_code)
    assert answers == [401] * 8 + [429] * 2
    for _ in range(5):
        Stranger(app, HOME).sign_in("ana")
    assert Stranger(app, HOME).gets_in("ben")
    assert not Stranger(app, HOME).gets_in("ana")


@pytest.mark.fault(78)
def test_tries_at_a_name_that_nobody_has_are_counted_in_the_same_way(
    app: Flask, hasher: CountingHasher
) -> None:
    said = []
    for name, address in (("ana", "203.0.113.1"), ("nobody", "203.0.113.2")):
        stranger = Stranger(app, address)
        before = hasher.count
        answers = [stranger.sign_in(name) for _ in range(7)]
        said.append(
            (
                [(one.status_code, one.get_json(), sorted(one.headers)) for one in answers],
                hasher.count - before,
            )
        )
    assert said[0] == said[1]


def test_old_tries_are_swept(app: Flask, clock: Clock) -> None:
    for n in range(4):
        Stranger(app).sign_in(f"name{n}")
    assert count_of(FailedTry) == 12
    clock.move(hours=1)
    Stranger(app).sign_in("ana")
    assert count_of(FailedTry) == 3


def test_an_account_is_known_at_its_newest_addresses_and_for_half_a_year(
    cast: Cast, app: Flask, clock: Clock
) -> None:
    for n in range(22):
        clock.move(minutes=1)
        throttle.succeeded(
            account_key="ana",
            address=f"198.51.100.{n}",
            at=clock(),
            account_id=cast.ana.account_id,
        )
    assert count_of(KnownAddress) == throttle.MOST_KNOWN
    assert Stranger(app, "198.51.100.21").gets_in("ana")
    clock.move(days=181)
    assert Stranger(app, "198.51.100.99").gets_in("ana")
    assert count_of(KnownAddress) == 1


def test_no_name_and_no_address_is_kept_as_it_was(app: Flask) -> None:
    Stranger(app).sign_in("ana")
    assert Stranger(app, HOME).gets_in("ana")
    db.session.rollback()
    kept = [row.key_hash for row in db.session.scalars(select(FailedTry))]
    kept += [row.address_hash for row in db.session.scalars(select(KnownAddress))]
    assert len(kept) == 4
    assert all(re.fullmatch("[0-9a-f]{64}", text) for text in kept)
    guessed = {hashlib.sha256(text.encode()).hexdigest() for text in ("ana", HOME, ELSEWHERE)}
    assert guessed.isdisjoint(kept)


def test_a_stolen_session_is_no_place_to_guess_the_password(
    cast: Cast, hasher: CountingHasher
) -> None:
    answers = [
        cast.ana.post("/api/v1/confirm", json={"password": WRONG}).status_code for _ in range(6)
    ]
    assert answers == [401] * 5 + [429]
    spent = hasher.spent_on(lambda: cast.ana.post("/api/v1/confirm", json={"password": PASSWORD}))
    assert spent == 0


def test_changing_the_password_is_throttled_in_words(cast: Cast) -> None:
    data = {"current_password": WRONG, "new_password": "nine purple otters dance slowly"}
    for _ in range(5):
        assert cast.dr_cole.post("/clinic/account/password", data=data).status_code == 422
    refused = cast.dr_cole.post("/clinic/account/password", data=data)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    assert "Too many tries. Wait 60 seconds, then try again." in words_of(refused)


def test_nothing_is_counted_inside_somebody_elses_transaction(clock: Clock) -> None:
    with pytest.raises(RuntimeError), writing():
        throttle.check(account_key="ana", address=HOME, at=clock())
