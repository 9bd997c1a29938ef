"""Answers in words, by the labels of the form they were given on. No database here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from pwa.guidance.questions import Form, Question

TEMPERATURE_NAMES = {
    "temp_or_feverish": "temperature, or hot and shivery",
    "temp_c": "a temperature that can be true",
}


class Answer(NamedTuple):
    """One question with what was answered."""

    label: str
    value: str


class Answers(NamedTuple):
    """What a clinician reads first, what was all right, and the questions without an answer, or
    with "not sure"."""

    raised: list[Answer]
    clear: list[Answer]
    unknown: list[str]


@dataclass(frozen=True)
class Change:
    """An answer that a correction changed."""

    label: str
    before: str
    after: str


def in_words(form: Form, *, site: str, answers: Mapping[str, Any]) -> Answers:
    """Every question of this site but the note, sorted by what it tells."""
    found = Answers([], [], [])
    for key, question in form.questions_for(site).items():
        if question.type == "text":
            continue
        value = answers.get(key)
        label, words = question.label_for(site), _value(question, site, value)
        if words is None:
            found.unknown.append(label)
        elif _is_raised(question, value):
            found.raised.append(Answer(label, words))
        else:
            found.clear.append(Answer(label, words))
    return found


def changes(
    form: Form, *, site: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[Change, ...]:
    """What a correction changed, note included."""
    found = []
    for key, question in form.questions_for(site).items():
        old, new = before.get(key), after.get(key)
        if old != new:
            found.append(
                Change(
                    label=question.label_for(site),
                    before=_value(question, site, old) or "not answered",
                    after=_value(question, site, new) or "not answered",
                )
            )
    return tuple(found)


def names_of_missing(form: Form, missing: Iterable[str], *, site: str) -> tuple[str, ...]:
    """The questions behind the names of a verdict's `missing`, in quotation marks."""
    missing = tuple(missing)
    if not missing:
        return ()
    asked = form.questions_for(site)
    return tuple(
        TEMPERATURE_NAMES.get(name)
        or (f"“{asked[name].label_for(site)}”" if name in asked else name.replace("_", " "))
        for name in missing
    )


def _value(question: Question, site: str, value: Any) -> str | None:
    if value is None:
        return None
    if question.type == "boolean":
        return "Yes" if value else "No"
    if question.type == "enum":
        return question.option_label_for(value, site)
    if question.type == "decimal":
        return f"{value} °C"
    return str(value)


def _is_raised(question: Question, value: Any) -> bool:
    if value is None:
        return False
    if question.type == "boolean":
        return value is True
    if question.type == "enum":
        if question.key == "pain_trend_self":
            return bool(value == "worse")
        return question.options.index(value) > 0
    return True
