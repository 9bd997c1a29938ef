"""A push service on loopback, which the app is allowed to reach."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from pwa.reminders.endpoints import Gate
from pwa.reminders.post_office import PostOffice
from tests.reminders.push_service import PushService


@pytest.fixture(scope="session")
def one_service() -> Iterator[PushService]:
    service = PushService()
    yield service
    service.close()


@pytest.fixture
def service(app: Flask, one_service: PushService, monkeypatch: pytest.MonkeyPatch) -> PushService:
    """The push service, empty, and the app's post office that sends to it."""
    one_service.arrived.clear()
    one_service.answers.clear()
    office = PostOffice(app.extensions["settings"], gate=Gate(loopback_port=one_service.port))
    monkeypatch.setitem(app.extensions, "post_office", office)
    return one_service
