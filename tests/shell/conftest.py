"""A house of one's own for each test of the shell."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shell.house import House, copy_house


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A copy of the real pages and assets that the test may change."""
    return copy_house(tmp_path)
