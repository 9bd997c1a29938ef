"""The real rules, asked a million times.

Facts that no test of the table can tell apart get the same verdict, so each such kind of facts is
judged once and remembered. Which facts those are is read from the table itself: of a number only
the limits count that some test compares it with.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from pwa.guidance.triage import RuleTable, Verdict, judge

NUMBERS = ("integer", "decimal")
PARTS = ("all", "any")


class Judge:
    """`triage.judge` with a memory."""

    def __init__(self, rules: RuleTable) -> None:
        self.rules = rules
        self._known: dict[tuple[Any, ...], Verdict] = {}
        limits = _limits(rules)
        self._names = [name for name, fact in rules.facts.items() if fact.type not in NUMBERS]
        self._numbers = [
            (name, *limits[name, None])
            for name, fact in rules.facts.items()
            if fact.type in NUMBERS
        ]
        self._differences = [
            (one, other, *found) for (one, other), found in limits.items() if other is not None
        ]

    def of(self, facts: Mapping[str, Any]) -> Verdict:
        """What `triage.judge` says of these facts."""
        key = self._kind(facts)
        verdict = self._known.get(key)
        if verdict is None:
            verdict = self._known[key] = judge(self.rules, facts)
        return verdict

    def _kind(self, facts: Mapping[str, Any]) -> tuple[Any, ...]:
        get = facts.get
        return (
            *[get(name) for name in self._names],
            *[_place(get(name), low, high) for name, low, high in self._numbers],
            *[
                _apart(get(one), get(other), low, high)
                for one, other, low, high in self._differences
            ],
        )


Limits = tuple[list[float], list[float]]


def _limits(rules: RuleTable) -> dict[tuple[str, str | None], Limits]:
    """By fact, or by two whose difference is taken: what it must reach, what it may not pass."""
    found: dict[tuple[str, str | None], Limits] = defaultdict(lambda: ([], []))
    for name, fact in rules.facts.items():
        low, high = found[name, None]
        low += [] if fact.minimum is None else [fact.minimum]
        high += [] if fact.maximum is None else [fact.maximum]
    for test in _tests(rules):
        low, high = found[test["fact"], test.get("minus")]
        low += [test["at_least"]] if "at_least" in test else []
        high += [test["at_most"]] if "at_most" in test else []
    return {key: (sorted(set(low)), sorted(set(high))) for key, (low, high) in found.items()}


def _tests(rules: RuleTable) -> Iterator[Mapping[str, Any]]:
    """Every comparison of a fact anywhere in the table."""
    for rule in rules.rules:
        yield from _within(rule.when)
    for condition in rules.conditions.values():
        yield from _within(condition.when)


def _within(test: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "fact" in test:
        yield test
    for name in PARTS:
        for part in test.get(name, ()):
            yield from _within(part)
    if "not" in test:
        yield from _within(test["not"])


def _place(value: Any, low: list[float], high: list[float]) -> tuple[int, int] | None:
    return None if value is None else (bisect_right(low, value), bisect_left(high, value))


def _apart(one: Any, other: Any, low: list[float], high: list[float]) -> tuple[int, int] | None:
    return None if one is None or other is None else _place(one - other, low, high)
