"""The newest form and rules, laid out for the clinician who is asked to sign them."""

from __future__ import annotations

from dataclasses import dataclass

from pwa.guidance.library import Library
from pwa.guidance.questions import Question, Screen
from pwa.guidance.triage import LEVELS, Level, Rule

IN_BRACKETS = {
    name: f"[{words}]"
    for name, words in {
        "emergency_number": "emergency number",
        "clinic_phone": "clinic's phone",
        "out_of_hours": "out-of-hours line",
        "site": "joint",
        "date": "date",
        "day": "day",
        "pain": "pain",
        "temp": "temperature",
        "missing": "questions",
    }.items()
}
"""What a phone or the worklist fills in, as the table shows it."""


@dataclass(frozen=True)
class Group:
    """A level in the patient's words, with the rules that lead to it."""

    level: Level
    rules: tuple[Rule, ...]


def readable(text: str) -> str:
    """A sentence with its open places in words."""
    return text.format_map(IN_BRACKETS)


@dataclass(frozen=True)
class SigningTable:
    """Everything that a signature covers."""

    form_version: int
    rules_version: int
    groups: tuple[Group, ...]
    conditions: tuple[tuple[str, str], ...]
    """What the words in the rules mean: (name, test in words)."""
    screens: tuple[Screen, ...]
    start: tuple[Question, ...]

    @property
    def own_count(self) -> int:
        """How many rules no source sets."""
        return sum(rule.is_our_choice for group in self.groups for rule in group.rules)

    @property
    def rule_count(self) -> int:
        """How many rules there are."""
        return sum(len(group.rules) for group in self.groups)


def signing_table(library: Library) -> SigningTable:
    """The newest versions, worst level first."""
    rules = library.rules[max(library.rules)]
    form = library.forms[max(library.forms)]
    return SigningTable(
        form_version=form.version,
        rules_version=rules.version,
        groups=tuple(
            Group(rules.levels[name], tuple(rule for rule in rules.rules if rule.level == name))
            for name in LEVELS
        ),
        conditions=tuple(
            (one.name.replace("_", " "), one.words) for one in rules.conditions.values()
        ),
        screens=form.screens,
        start=form.start,
    )
