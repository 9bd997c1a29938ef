"""The page on access names tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_every_test_that_the_page_on_access_names_is_there() -> None:
    page = (ROOT / "docs" / "accessibility.md").read_text("utf-8")
    named = set(re.findall(r"`(test_\w+)`", page))
    written = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert len(named) > 20
    assert {name for name in named if f"def {name}(" not in written} == set()
