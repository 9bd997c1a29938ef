"""The check-in form: which questions stand on it, and could these answers have been given?

The words and the order are data (`content/en/form_<version>.toml`); this module reads and
checks that data, and checks answers for exact type, range and site before anybody judges
them. How urgent the answers are is `triage`; what is derived from history is `history`.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, get_args

from pwa.guidance.errors import ContentError

SITES = (
    "knee",
    "shoulder",
    "hip",
    "ankle",
    "elbow",
    "wrist_hand",
    "foot",
    "low_back_si",
    "neck",
    "tmj",
)

Kind = Literal["start", "create", "amend", "retract", "called"]
KINDS: tuple[str, ...] = get_args(Kind)

QUESTION_TYPES = ("boolean", "integer", "decimal", "enum", "text")
SCREEN_KINDS = ("any_of", "questions", "temperature", "note")
SCOPES = ("systemic", "local")
ASK_WHEN = ("no_recent_pain",)

# A larger whole number is not exact in JavaScript, so the twins could differ on it.
LARGEST_EXACT_INTEGER = 2**53 - 1


@dataclass(frozen=True)
class Question:
    """One question. `minimum` and `maximum` are inclusive; `options` run best to worst."""

    key: str
    type: str
    label: str
    scope: str | None = None
    sites: tuple[str, ...] = SITES
    options: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    decimals: int = 0
    max_length: int | None = None
    is_required: bool = False
    one_of: str | None = None
    is_emergency: bool = False
    is_on_wire: bool = True
    ask_when: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    option_labels: Mapping[str, str] = field(default_factory=dict)
    option_labels_by_site: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def label_for(self, site: str | None) -> str:
        return self.labels.get(site or "", self.label)

    def option_label_for(self, option: str, site: str | None) -> str:
        by_site = self.option_labels_by_site.get(site or "", {})
        return by_site.get(option) or self.option_labels[option]


@dataclass(frozen=True)
class Screen:
    """One screen of the form; all its questions have one scope."""

    id: str
    kind: str
    title: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Form:
    """One released version of the form. `data` is the same as plain JSON, for the phone."""

    version: int
    start: tuple[Question, ...]
    screens: tuple[Screen, ...]
    diary: tuple[str, ...]
    data: Mapping[str, Any]

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Every question of a check-in, in the order of the form."""
        return tuple(question for screen in self.screens for question in screen.questions)

    @property
    def emergency_keys(self) -> tuple[str, ...]:
        return tuple(question.key for question in self.questions if question.is_emergency)

    def questions_for(self, site: str | None) -> Mapping[str, Question]:
        """What is asked at this site, by key; where the site is unknown, everything."""
        found = self._asked_at.get(site)
        if found is None:
            found = self._asked_at[site] = {
                question.key: question
                for question in self.questions
                if site is None or site in question.sites
            }
        return found

    @cached_property
    def _asked_at(self) -> dict[str | None, Mapping[str, Question]]:
        return {}


@dataclass(frozen=True)
class Problem:
    """Why an answer could not have been given on the form."""

    field: str
    detail: str


# --- could these answers have been given? ---------------------------------------------------


def check_answers(
    form: Form, *, site: str | None, kind: str, answers: Mapping[str, Any]
) -> list[Problem]:
    """Every reason why these answers are not ones that the form can give, in their order.

    Null and absent are always allowed. Types are exact: true is not 1, and 7.0 is not 7.
    """
    if kind in ("retract", "called"):
        return [Problem(key, f"{kind} carries no answers") for key in answers]
    if kind == "start":
        asked: Mapping[str, Question] = {
            question.key: question for question in form.start if question.is_on_wire
        }
    elif kind in ("create", "amend"):
        asked = form.questions_for(site)
    else:
        raise ValueError(f"unknown kind of event: {kind!r}")
    problems = []
    for key, value in answers.items():
        question = asked.get(key)
        if question is None:
            problems.append(Problem(key, "the form does not ask this here"))
        elif value is not None and (detail := why_not(question, value)):
            problems.append(Problem(key, detail))
    return problems


def why_not(question: Question, value: object) -> str | None:
    """Why this (not null) value is no answer to this question, or None when it is one."""
    if question.type == "boolean":
        return None if isinstance(value, bool) else "must be true, false or null"
    if question.type == "integer":
        if type(value) is not int:
            return "must be a whole number or null"
        return _why_outside(question, value)
    if question.type == "decimal":
        if not is_decimal(value, decimals=question.decimals):
            return f"must be a number with at most {question.decimals} decimal, or null"
        return _why_outside(question, value)
    if question.type == "enum":
        if isinstance(value, str) and value in question.options:
            return None
        return f"must be one of {', '.join(question.options)}, or null"
    return _why_not_text(question, value)


def is_decimal(value: object, *, decimals: int) -> bool:
    """Is this a finite number that can be written with so many decimals?

    Exact: 38.1 reads as the double nearest to 38.1, and so does 381 / 10.
    """
    if type(value) is int:
        return abs(value) <= LARGEST_EXACT_INTEGER
    if type(value) is not float or not math.isfinite(value):
        return False
    scale = 10**decimals
    if abs(value) * scale > LARGEST_EXACT_INTEGER:
        return False
    return round(value * scale) / scale == value


def _why_outside(question: Question, value: Any) -> str | None:
    low, high = question.minimum, question.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        return f"must be from {low:g} to {high:g}"
    return None


def _why_not_text(question: Question, value: object) -> str | None:
    if not isinstance(value, str):
        return "must be text or null"
    if question.max_length is not None and len(value) > question.max_length:
        return f"must be at most {question.max_length} characters"
    if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        return "holds a character that cannot be kept"
    return None


# --- reading and checking the data ----------------------------------------------------------

_COMMON_KEYS = {
    "key", "type", "label", "help", "required", "options", "option_labels", "minimum", "maximum",
    "decimals", "max_length",
}  # fmt: skip
_CHECK_IN_KEYS = _COMMON_KEYS | {
    "scope", "sites", "one_of", "emergency", "labels", "help_by_site", "option_labels_by_site",
    "detail_label", "ask_when",
}  # fmt: skip
_START_KEYS = _COMMON_KEYS | {"on_wire"}


class Reader:
    """Takes values out of one content file, and says where what is wrong with them."""

    def __init__(self, file: str) -> None:
        self.file = file

    def refuse(self, key: str, reason: str) -> ContentError:
        return ContentError(self.file, key, reason)

    def table(self, value: object, key: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.refuse(key, "must be a table")
        return value

    def rows(self, value: object, key: str) -> list[Any]:
        if not isinstance(value, list) or not value:
            raise self.refuse(key, "must be a list with something in it")
        return value

    def text(self, value: object, key: str) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self.refuse(key, "must be text")
        return value

    def texts(self, value: object, key: str) -> tuple[str, ...]:
        texts = tuple(self.text(item, key) for item in self.rows(value, key))
        if len(set(texts)) != len(texts):
            raise self.refuse(key, "holds the same twice")
        return texts

    def flag(self, value: object, key: str) -> bool:
        if not isinstance(value, bool):
            raise self.refuse(key, "must be true or false")
        return value

    def whole(self, value: object, key: str) -> int:
        if type(value) is not int:
            raise self.refuse(key, "must be a whole number")
        return value

    def number(self, value: object, key: str) -> float:
        if type(value) not in (int, float) or not math.isfinite(value):  # type: ignore[arg-type]
            raise self.refuse(key, "must be a number")
        return value  # type: ignore[return-value]

    def one_of(self, value: object, allowed: Collection[str], key: str) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise self.refuse(key, f"{value!r} is not one of {', '.join(allowed)}")
        return value

    def only(self, table: Mapping[str, Any], allowed: Collection[str], key: str) -> None:
        for name in table:
            if name not in allowed:
                raise self.refuse(f"{key}.{name}" if key else name, "is not a known key")


def read_form(data: Mapping[str, Any], *, file: str) -> Form:
    """Read and check one version of the form. Raises ContentError naming file, key, reason."""
    reader = Reader(file)
    reader.only(data, {"version", "diary", "start", "screens"}, "")
    version = reader.whole(data.get("version"), "version")
    start_table = reader.table(data.get("start"), "start")
    reader.only(start_table, {"title", "help", "questions"}, "start")
    start = _read_questions(reader, start_table.get("questions"), "start", _START_KEYS)
    screens = tuple(
        _read_screen(reader, row) for row in reader.rows(data.get("screens"), "screens")
    )
    diary = reader.texts(data.get("diary"), "diary")
    form = Form(version=version, start=start, screens=screens, diary=diary, data=data)

    _refuse_doubles(reader, [screen.id for screen in screens], "screens")
    _refuse_doubles(reader, [question.key for question in form.questions], "screens")
    _refuse_doubles(reader, [question.key for question in start], "start")
    known = {question.key for question in form.questions}
    for key in diary:
        reader.one_of(key, known, "diary")
    return form


def _refuse_doubles(reader: Reader, names: list[str], where: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise reader.refuse(f"{where}.{name}", "stands there twice")


def _read_screen(reader: Reader, row: object) -> Screen:
    table = reader.table(row, "screens")
    identity = reader.text(table.get("id"), "screens.id")
    key = f"screens.{identity}"
    reader.only(table, {"id", "kind", "title", "help", "none_label", "questions"}, key)
    kind = reader.one_of(table.get("kind"), SCREEN_KINDS, f"{key}.kind")
    title = reader.text(table.get("title"), f"{key}.title")
    if (kind == "any_of") != ("none_label" in table):
        raise reader.refuse(f"{key}.none_label", "stands on any_of screens, and only there")
    questions = _read_questions(reader, table.get("questions"), key, _CHECK_IN_KEYS)
    if len({question.scope for question in questions}) != 1:
        raise reader.refuse(key, "asks once for all treatments and once for each on one screen")
    for question in questions:
        where = f"{key}.{question.key}"
        if kind == "any_of" and question.type not in ("boolean", "enum"):
            raise reader.refuse(where, "is no row of yes or no")
        if kind == "any_of" and question.type == "enum" and question.options[0] != "none":
            raise reader.refuse(where, 'must have "none" as its first option')
    return Screen(id=identity, kind=kind, title=title, questions=questions)


def _read_questions(
    reader: Reader, rows: object, where: str, allowed: set[str]
) -> tuple[Question, ...]:
    return tuple(
        _read_question(reader, row, where, allowed)
        for row in reader.rows(rows, f"{where}.questions")
    )


def _read_question(reader: Reader, row: object, where: str, allowed: set[str]) -> Question:
    table = reader.table(row, f"{where}.questions")
    name = reader.text(table.get("key"), f"{where}.questions.key")
    key = f"{where}.{name}"
    reader.only(table, allowed, key)
    if "help" in table:
        reader.text(table["help"], f"{key}.help")
    kind = reader.one_of(table.get("type"), QUESTION_TYPES, f"{key}.type")
    is_check_in = "scope" in allowed
    question = Question(
        key=name,
        type=kind,
        label=reader.text(table.get("label"), f"{key}.label"),
        scope=reader.one_of(table.get("scope"), SCOPES, f"{key}.scope") if is_check_in else None,
        sites=_read_sites(reader, table, key),
        is_required=reader.flag(table.get("required", False), f"{key}.required"),
        one_of=reader.text(table["one_of"], f"{key}.one_of") if "one_of" in table else None,
        is_emergency=reader.flag(table.get("emergency", False), f"{key}.emergency"),
        is_on_wire=reader.flag(table.get("on_wire", True), f"{key}.on_wire"),
        ask_when=_read_ask_when(reader, table, key),
        labels=_read_labels(reader, table.get("labels", {}), SITES, f"{key}.labels"),
        **_read_range(reader, table, kind, key),
        **_read_options(reader, table, kind, key),
    )
    if question.is_emergency and question.type != "boolean":
        raise reader.refuse(f"{key}.emergency", "is for rows of yes or no")
    _read_labels(reader, table.get("help_by_site", {}), SITES, f"{key}.help_by_site")
    if "detail_label" in table:
        reader.text(table["detail_label"], f"{key}.detail_label")
    return question


def _read_sites(reader: Reader, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
    if "sites" not in table:
        return SITES
    sites = reader.texts(table["sites"], f"{key}.sites")
    for site in sites:
        reader.one_of(site, SITES, f"{key}.sites")
    return sites


def _read_ask_when(reader: Reader, table: Mapping[str, Any], key: str) -> str | None:
    if "ask_when" not in table:
        return None
    return reader.one_of(table["ask_when"], ASK_WHEN, f"{key}.ask_when")


def _read_range(reader: Reader, table: Mapping[str, Any], kind: str, key: str) -> dict[str, Any]:
    """Bounds: both for numbers, a length for text, none for the rest."""
    wanted = {
        "integer": {"minimum", "maximum"},
        "decimal": {"minimum", "maximum", "decimals"},
        "text": {"max_length"},
    }.get(kind, set())
    for name in ("minimum", "maximum", "decimals", "max_length"):
        if (name in table) != (name in wanted):
            verb = "is missing" if name in wanted else "has no place here"
            raise reader.refuse(f"{key}.{name}", f"{verb} for type {kind}")
    found = {
        name: (reader.number if name in ("minimum", "maximum") else reader.whole)(
            table[name], f"{key}.{name}"
        )
        for name in wanted
    }
    if "minimum" in found and found["minimum"] >= found["maximum"]:
        raise reader.refuse(f"{key}.minimum", "must be below the maximum")
    return found


def _read_options(reader: Reader, table: Mapping[str, Any], kind: str, key: str) -> dict[str, Any]:
    names = ("options", "option_labels", "option_labels_by_site")
    if kind != "enum":
        for name in names:
            if name in table:
                raise reader.refuse(f"{key}.{name}", f"has no place here for type {kind}")
        return {}
    options = reader.texts(table.get("options"), f"{key}.options")
    labels = _read_labels(reader, table.get("option_labels"), options, f"{key}.option_labels")
    for option in options:
        if option not in labels:
            raise reader.refuse(f"{key}.option_labels.{option}", "is missing")
    by_site = reader.table(table.get("option_labels_by_site", {}), f"{key}.option_labels_by_site")
    for site, site_labels in by_site.items():
        where = f"{key}.option_labels_by_site.{site}"
        reader.one_of(site, SITES, where)
        _read_labels(reader, site_labels, options, where)
    return {"options": options, "option_labels": labels, "option_labels_by_site": by_site}


def _read_labels(
    reader: Reader, value: object, allowed: Collection[str], key: str
) -> dict[str, str]:
    labels = reader.table(value, key)
    for name, text in labels.items():
        reader.one_of(name, allowed, f"{key}.{name}")
        reader.text(text, f"{key}.{name}")
    return labels
