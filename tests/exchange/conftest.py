"""A list of erasures that no other test's database hears of."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from pwa.exchange.tombstones import Tombstones


@pytest.fixture
def stones(app: Flask) -> Iterator[Tombstones]:
    """The list of this installation, empty before and after."""
    found = Tombstones(app.extensions["settings"].instance_path)
    found.path.unlink(missing_ok=True)
    yield found
    found.path.unlink(missing_ok=True)
