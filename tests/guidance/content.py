"""The form and the rules as they stand in the files, for tests that read or break them."""

import copy
import json
import tomllib
from pathlib import Path

from pwa.guidance.questions import read_form
from pwa.guidance.triage import read_rules
from tests.node import ROOT

CONTENT = ROOT / "pwa" / "guidance" / "content" / "en"
CASES = Path(__file__).parent.parent / "cases"

FORM_DATA = tomllib.loads((CONTENT / "form_1.toml").read_text(encoding="utf-8"))
RULES_DATA = tomllib.loads((CONTENT / "rules_1.toml").read_text(encoding="utf-8"))
FORM = read_form(FORM_DATA, file="form_1.toml")
RULES = read_rules(RULES_DATA, FORM, file="rules_1.toml")


def cases(name):
    return json.loads((CASES / name).read_text(encoding="utf-8"))


def form_data():
    """A copy to break."""
    return copy.deepcopy(FORM_DATA)


def rules_data():
    """A copy to break."""
    return copy.deepcopy(RULES_DATA)


def rule_in(data, code):
    return next(rule for rule in data["rules"] if rule["code"] == code)


def question_in(data, key):
    rows = [row for screen in data["screens"] for row in screen["questions"]]
    return next(row for row in rows if row["key"] == key)
