"""A house of one's own for each test that changes something; one for all that only look."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from pwa.shell.release import Release
from tests.shell.house import House, copy_house


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A copy of the real pages and assets that the test may change."""
    return copy_house(tmp_path)


@pytest.fixture(scope="session")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> House:
    """The real pages and assets, for tests that change nothing."""
    return copy_house(tmp_path_factory.mktemp("house"))


@pytest.fixture(scope="session")
def release(untouched: House) -> Release:
    """The release of the real pages and assets."""
    return untouched.release()


@pytest.fixture(scope="session")
def client(untouched: House) -> FlaskClient:
    """A browser at the real pages and assets, which nobody changes."""
    return untouched.app().test_client()
