"""The real server, for what a phone does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.real_server import FaultProxy, RealServer


@pytest.fixture
def server(instance: Path) -> Iterator[RealServer]:
    """A demo clinic of this test's own, serving."""
    running = RealServer(instance).start()
    yield running
    running.stop()


@pytest.fixture
def proxied(instance: Path) -> Iterator[tuple[RealServer, FaultProxy]]:
    """A demo clinic behind a proxy; people type the proxy's address."""
    running = RealServer(instance)
    proxy = FaultProxy(running.port)
    running.public_port = proxy.port
    running.start()
    yield running, proxy
    proxy.close()
    running.stop()
