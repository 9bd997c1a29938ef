"""The content of a release that changes the rules: what is shipped, and a second version of both
the form and the rules. A server reads it with CONTENT_PATH."""

from __future__ import annotations

import shutil
from pathlib import Path

from pwa.guidance.library import CONTENT

PAIN_HIGH = '{ fact = "days_since", at_most = 2 }, { fact = "pain_now", at_least = 8 }'
VERY_HOT = 'when = { fact = "temp_c", at_least = 40.0 }'


def make_content(folder: Path) -> Path:
    """A folder with rules 2 and form 2 beside the first ones.

    In rules 2 pain of 6 is high on the first days (it was 8), and 40.0 °C alone is for today (it
    was an emergency).
    """
    content = Path(shutil.copytree(CONTENT, folder / "en"))
    form = (content / "form_1.toml").read_text("utf-8")
    (content / "form_2.toml").write_text(_replaced(form, "version = 1", "version = 2"), "utf-8")
    rules = _replaced((content / "rules_1.toml").read_text("utf-8"), "version = 1", "version = 2")
    rules = _replaced(rules, PAIN_HIGH, PAIN_HIGH.replace("8", "6"))
    rules = _replaced(rules, "pain 8 or more to day 2", "pain 6 or more to day 2")
    rules = _replaced(rules, VERY_HOT, VERY_HOT.replace("40.0", "41.0"))
    (content / "rules_2.toml").write_text(rules, "utf-8")
    cases = _replaced((content / "cases_1.toml").read_text("utf-8"), "version = 1", "version = 2")
    (content / "cases_2.toml").write_text(cases + PAIN_6, "utf-8")
    return content


PAIN_6 = """
[[cases]]
title = "Knee, day 1: pain 6, it was 4"
facts = { pain_now = 6 }
level = "clinic_hours"
"""


def _replaced(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)
