"""The other engines, where this machine has them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.patient_world import Clinic
from tests.engines.phones import virtual_display, why_no_firefox, why_no_webkit


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    """A clinic of this test's own, on a port."""
    opened = Clinic(tmp_path / "clinic")
    yield opened
    opened.stop()


@pytest.fixture(scope="session")
def firefox() -> None:
    """Firefox can run here; else the test is left out, or fails where CI could install it."""
    leave_out_if(why_no_firefox())


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """WebKit can run here, on this screen."""
    leave_out_if(why_no_webkit())
    with virtual_display() as name:
        yield name


def leave_out_if(reason: str | None) -> None:
    if reason is None:
        return
    failed = os.environ.get("APT_COULD_NOT_INSTALL", "").strip()
    if os.environ.get("CI") == "true" and not failed:
        pytest.fail(f"CI has to have every engine: {reason}", pytrace=False)
    pytest.skip(f"{reason}; apt could not install {failed}" if failed else reason)
