"""Asking from an address and a browser of one's choice. No test lives here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from pwa.accounts import passwords
from pwa.audit.models import AuditEntry
from pwa.database import db
from tests.conftest import ORIGIN, PASSWORD

HOME = "198.51.100.20"
ELSEWHERE = "203.0.113.7"
WRONG = "not the password at all"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:153.0) Gecko/20100101 Firefox/153.0"


class Stranger:
    """A browser without a cookie, somewhere on the internet."""

    def __init__(self, app: Flask, address: str = ELSEWHERE) -> None:
        self.client: FlaskClient = app.test_client()
        self.address = address

    def post(self, path: str, **body: Any) -> TestResponse:
        """Send JSON from our own page."""
        return self.client.post(
            path,
            json=body,
            headers={"Origin": ORIGIN},
            environ_overrides={"REMOTE_ADDR": self.address},
        )

    def sign_in(self, username: str, password: str = WRONG) -> TestResponse:
        """Try a name and a password."""
        return self.post("/api/v1/sign-in", username=username, password=password)

    def gets_in(self, username: str) -> bool:
        """Whether the right password opens the door here."""
        return self.sign_in(username, PASSWORD).status_code == 200


class CountingHasher:
    """Counts what it hashes and verifies: what costs, and what an attacker learns the time of."""

    def __init__(self) -> None:
        self.real = passwords._hasher
        self.count = 0

    def hash(self, password: str) -> str:
        self.count += 1
        return self.real.hash(password)

    def verify(self, kept: str, password: str) -> bool:
        self.count += 1
        return self.real.verify(kept, password)

    def spent_on(self, act: Callable[[], object]) -> int:
        """How many were hashed while `act` ran."""
        before = self.count
        act()
        return self.count - before


def actions() -> list[str]:
    """Every action of the audit log, oldest first."""
    db.session.rollback()
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.entry_id)))


def count_of(model: Any) -> int:
    """How many rows a table has."""
    db.session.rollback()
    return int(db.session.scalar(select(func.count()).select_from(model)) or 0)
