"""One real server for all faults that leave it whole, and fresh ones for those that do not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.real_server import RealServer, make_demo
from tests.faults.proxy import Proxy, proxy_to
from tests.faults.sending import NO_LIMITS, Sender


@pytest.fixture(scope="package")
def steady(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """A demo clinic, serving; who uses it leaves it as it was, but for more check-ins."""
    folder = make_demo(tmp_path_factory.mktemp("steady") / "instance")
    running = RealServer(folder, settings=NO_LIMITS).start()
    yield running
    running.stop()


@pytest.fixture(scope="package")
def sender(steady: RealServer) -> Sender:
    """A patient's phone that talks to the steady server without anything in between."""
    return Sender(steady).sign_in()


@pytest.fixture(scope="package")
def proxy(steady: RealServer) -> Iterator[Proxy]:
    """A line to the steady server that can be broken."""
    with proxy_to(steady.port) as running:
        yield running


@pytest.fixture
def fresh(instance: Path) -> Iterator[RealServer]:
    """A demo clinic of this test's own, not started yet, that may be ill-treated."""
    running = RealServer(instance, settings=NO_LIMITS)
    yield running
    running.kill()
