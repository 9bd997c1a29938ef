"""Worked cases: made-up check-ins beside a rule table, for the clinician who signs it.

They stand in `content/en/cases_<version>.toml`, one file for a rule table that has some. Reading
them judges each: a release whose own cases come out otherwise does not start.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pwa.guidance.questions import Reader
from pwa.guidance.triage import LEVELS, RuleTable, judge


@dataclass(frozen=True, slots=True)
class WorkedCase:
    """A made-up check-in in words, what the rules read of it, and the level that it has."""

    title: str
    facts: Mapping[str, Any]
    level: str


def read_cases(data: Mapping[str, Any], rules: RuleTable, *, file: str) -> tuple[WorkedCase, ...]:
    """Read and judge the cases of one rule table.

    Raises:
        ContentError: a fact that the table does not read, or a level that it does not give.
    """
    reader = Reader(file)
    reader.only(data, {"version", "usual", "cases"}, "")
    usual = _facts(reader, data.get("usual"), rules, "usual")
    return tuple(
        _read_case(reader, reader.table(row, "cases"), usual, rules)
        for row in reader.rows(data.get("cases"), "cases")
    )


def _read_case(
    reader: Reader, row: Mapping[str, Any], usual: Mapping[str, Any], rules: RuleTable
) -> WorkedCase:
    title = reader.text(row.get("title"), "cases.title")
    key = f"cases.{title!r}"
    reader.only(row, {"title", "facts", "unanswered", "level"}, key)
    facts = {**usual, **_facts(reader, row.get("facts"), rules, f"{key}.facts")}
    for name in row.get("unanswered", []):
        reader.one_of(name, rules.facts, f"{key}.unanswered")
        facts[name] = None
    level = reader.one_of(row.get("level"), LEVELS, f"{key}.level")
    found = judge(rules, facts).level
    if found != level:
        raise reader.refuse(f"{key}.level", f"rule table {rules.version} says {found}")
    return WorkedCase(title=title, facts=MappingProxyType(facts), level=level)


def _facts(reader: Reader, value: object, rules: RuleTable, key: str) -> dict[str, Any]:
    facts = dict(reader.table(value, key))
    for name, fact in facts.items():
        reader.one_of(name, rules.facts, key)
        if rules.facts[name].read(fact) is None:
            raise reader.refuse(f"{key}.{name}", f"{fact!r} is no answer")
    return facts
