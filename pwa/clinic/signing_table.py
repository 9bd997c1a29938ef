"""The newest form and rules, laid out for the clinician who is asked to sign them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pwa.guidance.library import Library
from pwa.guidance.questions import Question, Screen
from pwa.guidance.triage import LEVELS, Level, Rule
from pwa.problems import NotFound

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


def signing_table(
    library: Library, *, form_version: int | None = None, rules_version: int | None = None
) -> SigningTable:
    """The newest versions unless told which, worst level first. Raises NotFound."""
    rules = library.rules.get(max(library.rules) if rules_version is None else rules_version)
    form = library.forms.get(max(library.forms) if form_version is None else form_version)
    if rules is None or form is None:
        raise NotFound
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


PARTS = {
    "level": "how urgent",
    "words": "its words",
    "when": "when it holds",
    "why": "what the patient is told",
    "act": "what the patient is told to do",
    "clinician": "what you are told",
    "sources": "its sources",
    "recheck_hours": "when it asks for another check-in",
    "when_shut": "what it is while the clinic stays shut",
}


def changes_since(library: Library, *, form_version: int, rules_version: int) -> list[str]:
    """What the newest form and rules have otherwise than these, one sentence each."""
    old, new = library.rules[rules_version], library.rules[max(library.rules)]
    said = _rule_changes({r.code: r for r in old.rules}, {r.code: r for r in new.rules})
    said += _told("Meaning", dict(old.conditions), dict(new.conditions))
    said += _told("Words of level", dict(old.levels), dict(new.levels))
    before, after = library.forms[form_version], library.forms[max(library.forms)]
    said += _told(
        "Question",
        {question.key: question for question in (*before.start, *before.questions)},
        {question.key: question for question in (*after.start, *after.questions)},
    )
    return said


def _rule_changes(old: Mapping[str, Rule], new: Mapping[str, Rule]) -> list[str]:
    said = [f"Rule {code} is new: {new[code].words}." for code in new if code not in old]
    said += [f"Rule {code} is gone: {old[code].words}." for code in old if code not in new]
    said += [
        _rule_change(old[code], new[code]) for code in new if code in old and old[code] != new[code]
    ]
    return said


def _rule_change(old: Rule, new: Rule) -> str:
    parts = [words for name, words in PARTS.items() if getattr(old, name) != getattr(new, name)]
    changed = f"Rule {new.code} is changed: {', '.join(parts) or 'how it is marked'}."
    if old.level != new.level:
        changed += f" It led to “{old.level}” and leads to “{new.level}”.".replace("_", " ")
    if old.words != new.words:
        changed += f" It held for: {old.words}. It holds for: {new.words}."
    return changed


def _told(what: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The names that are new, gone or changed."""
    by_act = {
        "new": [name for name in new if name not in old],
        "gone": [name for name in old if name not in new],
        "changed": [name for name in new if name in old and old[name] != new[name]],
    }
    return [
        f"{what} {act}: {', '.join(names).replace('_', ' ')}."
        for act, names in by_act.items()
        if names
    ]
