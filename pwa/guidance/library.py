"""Loads and validates the clinic's words, once, at start.

Lives here: the shapes of the content (joints, aftercare, prolotherapy, warning signs, phrases,
schedule, sources), the strict reading of their TOML files, and the JSON that the phone is given.
Not here: what the check-in form may hold (`questions`), how answers are judged (`triage`), how
another language is laid over the English (`translating`), how pages look, and a clinic's settings.
"""

from __future__ import annotations

import datetime as dt
import itertools
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pwa.guidance.errors import ContentError
from pwa.guidance.questions import SITES, Form, read_form
from pwa.guidance.translating import ENGLISH, GAP, Shelf, other_languages
from pwa.guidance.triage import RuleTable, read_rules
from pwa.guidance.worked import WorkedCase, read_cases

log = logging.getLogger(__name__)

CONTENT = Path(__file__).parent / "content" / "en"
DIRECTIONS = ("ltr", "rtl")

PHASES = ("day_0", "days_1_3", "days_4_7", "weeks_2_6", "follow_up")
TOPICS = ("driving", "load", "support", "work", "sport")
WARNING_LEVELS = ("emergency", "same_day", "clinic_hours")
EVIDENCE_KINDS = ("mixed", "early", "little", "short_term", "not_shown", "none")
STUDY_KINDS = ("trial", "review", "no_control", "case_report", "survey")
ICE_POLICIES = ("avoid", "allowed_day0_1", "allowed", "ask")
HEAT_POLICIES = ("none", "warm_after_day3", "ask")
NSAID_POLICIES = ("set", "none", "ask")
SECTIONS = (
    "what_it_is",
    "the_name",
    "how_it_works",
    "which_joints",
    "the_session",
    "benefits",
    "risks",
    "ask_first",
    "guidelines",
    "other_options",
    "before_deciding",
    "afterwards",
)
# What a phrase may leave open for a page to fill. A name outside this list is a typing error.
PLACEHOLDERS = frozenset(
    {
        "clinic",
        "clinic_phone",
        "count",
        "date",
        "day",
        "days",
        "detail",
        "emergency_number",
        "hours",
        "joint",
        "left",
        "level",
        "limit",
        "missing",
        "name",
        "number",
        "out_of_hours",
        "pain",
        "role",
        "side",
        "site",
        "temp",
        "time",
        "total",
        "username",
        "version",
        "weekday",
    }
)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a statement comes from; without an address it is our own choice or plain anatomy."""

    id: str
    title: str
    address: str | None
    doi: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class DayWords:
    """How one language names a day of activity, of the clinic's own or of our draft."""

    clinics: str
    """With {day}."""
    draft: str
    """With {days}; says that it is a draft."""
    clinics_rule: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence or two for a patient, with the sources it rests on.

    `from_day` and `to_day` are calendar days since the injection, both inclusive.
    `draft_days` is our own draft for a day that the clinic sets; no trial sets it. It is shown as
    a draft, and is no default: nothing counts as the clinic's rule until it has set one.
    `is_until_set` marks a line that holds only while the clinic has not
    set the day of its topic.
    """

    text: str
    sources: tuple[str, ...]
    topic: str | None = None
    from_day: int | None = None
    to_day: int | None = None
    sites: tuple[str, ...] | None = None
    draft_days: str | None = None
    is_until_set: bool = False
    day_words: DayWords | None = None

    def words(self, activity_day: int | None = None) -> str:
        """The text with the clinic's day filled in, or our draft, marked as a draft."""
        if self.draft_days is None or self.day_words is None:
            return self.text
        if activity_day is None:
            draft = self.day_words.draft.replace("{days}", self.draft_days)
            return self.text.replace("{activity_days}.", draft)
        return f"{self.until.replace('{day}', str(activity_day))} {self.day_words.clinics_rule}"

    @property
    def until(self) -> str:
        """The text with the clinic's day left open as {day}."""
        clinics = self.day_words.clinics if self.day_words else "{day}"
        return self.text.replace("{activity_days}", clinics)

    def holds_with(self, activity_day: int | None) -> bool:
        """Whether the line stands where the clinic set this day for its topic (None: no day)."""
        if activity_day is None:
            return True
        return not self.is_until_set and (self.draft_days is None or activity_day > 0)


@dataclass(frozen=True, slots=True)
class Study:
    """What one study or review found, for how many people and against what."""

    title: str
    kind: str
    people: int | None
    compared_with: str
    found: tuple[str, ...]
    certainty: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Joint:
    """Everything that the app says about one joint."""

    site: str
    name: str
    name_title: str
    name_left: str | None
    """The joint with its side, since not every language puts one word before the other."""
    name_right: str | None
    has_side: bool
    is_core: bool
    is_on_by_default: bool
    evidence_label: str
    evidence_kind: str
    evidence_sources: tuple[str, ...]
    conditions: tuple[Statement, ...]
    structures: tuple[Statement, ...]
    session: tuple[Statement, ...]
    sessions_in_studies: tuple[Statement, ...]
    studies: tuple[Study, ...]
    evidence_notes: tuple[Statement, ...]
    risks: tuple[Statement, ...]
    precautions: tuple[Statement, ...]
    questions: tuple[str, ...]
    do: tuple[Statement, ...]
    avoid: tuple[Statement, ...]
    watch: tuple[Statement, ...]
    checked_on: dt.date
    version: int

    @property
    def aftercare(self) -> dict[str, tuple[Statement, ...]]:
        """The aftercare of this joint by topic, in reading order."""
        return {
            topic: tuple(line for line in (*self.do, *self.avoid) if line.topic == topic)
            for topic in TOPICS
        }

    @property
    def source_ids(self) -> tuple[str, ...]:
        """The sources of this page, in reading order, each once."""
        return _in_order(
            (
                self.evidence_sources,
                *(line.sources for line in self.statements()),
                *(study.sources for study in self.studies),
            )
        )

    def statements(self) -> Iterator[Statement]:
        """Every statement of this joint; its studies are apart."""
        for group in (
            self.conditions,
            self.structures,
            self.session,
            self.sessions_in_studies,
            self.evidence_notes,
            self.risks,
            self.precautions,
            self.do,
            self.avoid,
            self.watch,
        ):
            yield from group


@dataclass(frozen=True, slots=True)
class _Shared:
    """What is true of every joint; it follows the joint's own lines."""

    evidence_notes: tuple[Statement, ...]
    risks: tuple[Statement, ...]
    precautions: tuple[Statement, ...]
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of the recovery, from `first_day` to `last_day`; the last one has no end."""

    id: str
    title: str
    first_day: int
    last_day: int | None
    expect: tuple[Statement, ...]
    do: tuple[Statement, ...]
    avoid: tuple[Statement, ...]
    call_if: tuple[Statement, ...]

    def statements(self) -> Iterator[Statement]:
        """Every statement of this phase."""
        for group in (self.expect, self.do, self.avoid, self.call_if):
            yield from group


@dataclass(frozen=True, slots=True)
class Policies:
    """The words for what a clinic may set. Where it has set nothing, the word is "ask"."""

    ice: Mapping[str, Statement]
    heat: Mapping[str, Statement]
    nsaid: Mapping[str, Statement]
    nsaid_before: Mapping[str, Statement]
    swim: Statement
    medicine_line: Statement

    def statements(self) -> Iterator[Statement]:
        """Every text that a clinic may choose, and the lines that stand whatever it chose."""
        for group in (self.ice, self.heat, self.nsaid, self.nsaid_before):
            yield from group.values()
        yield self.swim
        yield self.medicine_line


@dataclass(frozen=True, slots=True)
class Aftercare:
    """What to expect, do, avoid and call about, by phase, for every joint alike."""

    phases: tuple[Phase, ...]
    policies: Policies
    checked_on: dt.date
    version: int

    @property
    def source_ids(self) -> tuple[str, ...]:
        """The sources of this page, in reading order, each once."""
        return _in_order(line.sources for line in self.statements())

    def statements(self) -> Iterator[Statement]:
        """Every statement of the aftercare of all joints; a joint's own lines are with it."""
        for phase in self.phases:
            yield from phase.statements()
        yield from self.policies.statements()


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page: paragraphs, then a list."""

    id: str
    title: str
    statements: tuple[Statement, ...]
    points: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class TopicPage:
    """A page of text in sections."""

    title: str
    intro: tuple[Statement, ...]
    sections: tuple[Section, ...]
    checked_on: dt.date
    version: int

    @property
    def source_ids(self) -> tuple[str, ...]:
        """The sources of this page, in reading order, each once."""
        return _in_order(line.sources for line in self.statements())

    def statements(self) -> Iterator[Statement]:
        """Every statement of this page."""
        yield from self.intro
        for section in self.sections:
            yield from section.statements
            yield from section.points


@dataclass(frozen=True, slots=True)
class CheckInDay:
    """A day on which a check-in is due, counted from the injection."""

    id: str
    day: int
    title: str


@dataclass(frozen=True, slots=True)
class Library:
    """All words and rules of one language, read and checked."""

    language: str
    language_name: str
    """In the language itself: "Español"."""
    direction: str
    is_reviewed: bool
    """Whether a clinician has read this language's clinical words."""
    checked_on: dt.date
    sources: Mapping[str, Source]
    joints: Mapping[str, Joint]
    aftercare: Aftercare
    prolotherapy: TopicPage
    warning_signs: Mapping[str, tuple[Statement, ...]]
    phrases: Mapping[str, str]
    schedule: tuple[CheckInDay, ...]
    forms: Mapping[int, Form]
    rules: Mapping[int, RuleTable]
    cases: Mapping[int, tuple[WorkedCase, ...]]
    """Worked cases by the version of the rule table that they belong to."""

    def for_phone(self) -> dict[str, Any]:
        """What the release gives the phone as JSON; plain values only."""
        below = {
            "joints": {site: _joint_for_phone(joint) for site, joint in self.joints.items()},
            "aftercare": _aftercare_for_phone(self.aftercare, self.joints),
            "warning_signs": {level: _each(lines) for level, lines in self.warning_signs.items()},
            "schedule": [
                {"id": due.id, "day": due.day, "title": due.title} for due in self.schedule
            ],
            "phrases": dict(self.phrases),
            "forms": {str(version): form.data for version, form in self.forms.items()},
            "rules": {str(version): table.data for version, table in self.rules.items()},
        }
        used = set(_sources_named_in(below))
        return {
            "language": self.language,
            "is_reviewed": self.is_reviewed,
            "checked_on": self.checked_on.isoformat(),
            "sources": {
                source.id: {"title": source.title, "address": source.address}
                for source in self.sources.values()
                if source.id in used
            },
            **below,
        }


def load_libraries(root: Path = CONTENT) -> dict[str, Library]:
    """English, and every other language beside it that is complete, by its code.

    A language with a fault is left out and the fault is logged: half a translation is no
    translation, and English is always there. English itself must be right.
    """
    english = load_library(root)
    libraries = {english.language: english}
    for language in other_languages(root):
        try:
            libraries[language] = load_library(root, language=language)
        except ContentError as fault:
            log.warning("the language %s is not offered: %s", language, fault)
    return libraries


def load_library(root: Path = CONTENT, *, language: str | None = None) -> Library:
    """Reads every file under `root`, in another language with its words laid over.

    Args:
        root: the English folder; other languages stand beside it.
        language: the name of a folder beside it; None: English.
    Raises:
        ContentError: the file, the key and the reason.
    """
    shelf = Shelf(root, None if language in (None, ENGLISH) else root.parent / str(language))
    shelf.refuse_strange_files()
    phrases = _read_phrases(_open(shelf, "phrases.toml"))
    sources = _read_sources(_open(shelf, "sources.toml"))
    known = _Known(frozenset(sources), _day_words(phrases))
    _refuse_strange_joints(root)
    shared = _read_shared(_open(shelf, "joints.toml", known))
    joints = {
        site: _read_joint(_open(shelf, f"joints/{site}.toml", known), site, shared)
        for site in SITES
    }
    aftercare, schedule = _read_aftercare(_open(shelf, "aftercare.toml", known))
    prolotherapy = _read_topic_page(_open(shelf, "prolotherapy.toml", known))
    warning_signs = _read_warning_signs(_open(shelf, "warning_signs.toml", known))
    forms = {
        version: read_form(data, file=f"form_{version}.toml")
        for version, data in _versions(shelf, "form").items()
    }
    rules = {
        version: _read_rules(data, forms, version, known.sources)
        for version, data in _versions(shelf, "rules").items()
    }
    checked_on = [joint.checked_on for joint in joints.values()]
    checked_on += [aftercare.checked_on, prolotherapy.checked_on]
    own_name, direction, is_reviewed = _read_language(shelf)
    return Library(
        language=shelf.language,
        language_name=own_name,
        direction=direction,
        is_reviewed=is_reviewed,
        checked_on=max(checked_on),
        sources=MappingProxyType(sources),
        joints=MappingProxyType(joints),
        aftercare=aftercare,
        prolotherapy=prolotherapy,
        warning_signs=MappingProxyType(warning_signs),
        phrases=MappingProxyType(phrases),
        schedule=schedule,
        forms=MappingProxyType(forms),
        rules=MappingProxyType(rules),
        cases=MappingProxyType(_read_cases(shelf, rules)),
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """What a file may lean on: the ids of the sources, and how this language names a day."""

    sources: frozenset[str] = frozenset()
    day_words: DayWords | None = None


class _Table:
    """One table of a content file: hands out values by key and refuses what nobody asked for."""

    def __init__(self, data: dict[str, Any], *, file: str, path: str, known: _Known):
        self._data = data
        self._asked: set[str] = set()
        self.file = file
        self.path = path
        self.known = known

    def key(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def refuse(self, name: str, reason: str) -> ContentError:
        return ContentError(self.file, self.key(name), reason)

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def has(self, name: str) -> bool:
        return name in self._data

    def get(self, name: str, kind: type, article: str) -> Any:
        self._asked.add(name)
        if name not in self._data:
            raise self.refuse(name, "is missing")
        value = self._data[name]
        # bool is an int in Python and a datetime is a date: the exact type decides.
        if type(value) is not kind:
            raise self.refuse(name, f"must be {article}")
        return value

    def text(self, name: str, *, may_leave_open: Iterable[str] = ()) -> str:
        return _checked_text(self, name, self.get(name, str, "a text"), may_leave_open)

    def maybe_text(self, name: str) -> str | None:
        return self.text(name) if self.has(name) else None

    def boolean(self, name: str) -> bool:
        return self.get(name, bool, "true or false")

    def integer(self, name: str) -> int:
        value = self.get(name, int, "a whole number")
        if value < 0:
            raise self.refuse(name, "must not be negative")
        return value

    def maybe_integer(self, name: str) -> int | None:
        return self.integer(name) if self.has(name) else None

    def date(self, name: str) -> dt.date:
        return self.get(name, dt.date, "a date")

    def one_of(self, name: str, choices: Iterable[str]) -> str:
        value = self.text(name)
        if value not in choices:
            raise self.refuse(name, f"'{value}' is not one of {', '.join(choices)}")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        values = self._items(name)
        for index, value in enumerate(values):
            if type(value) is not str:
                raise self.refuse(f"{name}[{index}]", "must be a text")
            _checked_text(self, f"{name}[{index}]", value)
        return tuple(values)

    def sources(self) -> tuple[str, ...]:
        ids = self.texts("sources")
        for index, name in enumerate(ids):
            if name not in self.known.sources:
                raise self.refuse(f"sources[{index}]", f"unknown source id '{name}'")
        if len(set(ids)) != len(ids):
            raise self.refuse("sources", "names a source twice")
        return ids

    def table(self, name: str) -> _Table:
        data = self.get(name, dict, "a table")
        return _Table(data, file=self.file, path=self.key(name), known=self.known)

    def tables(self, name: str) -> Iterator[_Table]:
        for index, data in enumerate(self._items(name)):
            item = f"{name}[{index}]"
            if type(data) is not dict:
                raise self.refuse(item, "must be a table")
            yield _Table(data, file=self.file, path=self.key(item), known=self.known)

    def statements(self, name: str, **options: Any) -> tuple[Statement, ...]:
        return tuple(_read_statement(item, **options) for item in self.tables(name))

    def done(self) -> None:
        for name in self._data:
            if name not in self._asked:
                raise self.refuse(name, "unknown key")

    def _items(self, name: str) -> list[Any]:
        values = self.get(name, list, "a list")
        if not values:
            raise self.refuse(name, "must not be empty")
        return values


def _checked_text(table: _Table, name: str, value: str, may_leave_open: Iterable[str] = ()) -> str:
    if not value or value != value.strip():
        raise table.refuse(name, "must not be empty or start or end with a space")
    for placeholder in GAP.findall(value):
        if placeholder not in may_leave_open:
            raise table.refuse(name, f"unknown placeholder '{{{placeholder}}}'")
    return value


def _open(shelf: Shelf, name: str, known: _Known | None = None) -> _Table:
    return _Table(shelf.parse(name), file=name, path="", known=known or _Known())


def _read_language(shelf: Shelf) -> tuple[str, str, bool]:
    table = _Table(shelf.read_language(), file="language.toml", path="", known=_Known())
    read = (
        table.text("name"),
        table.one_of("direction", DIRECTIONS),
        table.boolean("is_reviewed"),
    )
    table.done()
    return read


def _day_words(phrases: Mapping[str, str]) -> DayWords:
    for name in ("activity_day", "activity_draft", "clinic_rule_after"):
        if name not in phrases:
            raise ContentError("phrases.toml", name, "is missing")
    return DayWords(
        clinics=phrases["activity_day"],
        draft=phrases["activity_draft"],
        clinics_rule=phrases["clinic_rule_after"],
    )


def _versions(shelf: Shelf, kind: str) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for path in shelf.english.glob(f"{kind}_*.toml"):
        number = path.stem.removeprefix(f"{kind}_")
        if not re.fullmatch(r"[1-9][0-9]*", number):
            raise ContentError(path.name, "file", f"must be named {kind}_<number>.toml")
        data = shelf.parse(path.name)
        version = data.get("version")
        if type(version) is not int or version != int(number):
            raise ContentError(path.name, "version", f"must be {number}, as the name says")
        found[version] = data
    if not found:
        raise ContentError(f"{kind}_1.toml", "file", "is missing")
    return dict(sorted(found.items()))


def _read_rules(
    data: dict[str, Any], forms: Mapping[int, Form], version: int, known: frozenset[str]
) -> RuleTable:
    file = f"rules_{version}.toml"
    if version not in forms:
        raise ContentError(file, "version", f"there is no form_{version}.toml for it to read")
    table = read_rules(data, forms[version], file=file)
    for index, rule in enumerate(table.rules):
        for at, name in enumerate(rule.sources):
            if name not in known:
                key = f"rules[{index}].sources[{at}]"
                raise ContentError(file, key, f"unknown source id '{name}' ({rule.code})")
    return table


def _read_cases(shelf: Shelf, rules: Mapping[int, RuleTable]) -> dict[int, tuple[WorkedCase, ...]]:
    if not any(shelf.english.glob("cases_*.toml")):
        return {}
    cases = {}
    for version, data in _versions(shelf, "cases").items():
        file = f"cases_{version}.toml"
        if version not in rules:
            raise ContentError(file, "version", f"there is no rules_{version}.toml for it")
        cases[version] = read_cases(data, rules[version], file=file)
    return cases


def _read_sources(table: _Table) -> dict[str, Source]:
    sources = {}
    for name in table:
        entry = table.table(name)
        source = Source(
            id=name,
            title=entry.text("title"),
            address=entry.maybe_text("address"),
            doi=entry.maybe_text("doi"),
            note=entry.maybe_text("note"),
        )
        if source.address and not re.match(r"https?://[^\s]+$", source.address):
            raise entry.refuse("address", "must start with http:// or https://")
        entry.done()
        sources[name] = source
    return sources


def _read_statement(
    item: _Table,
    *,
    topics: tuple[str, ...] | None = None,
    may_leave_open: tuple[str, ...] = (),
    has_sites: bool = False,
) -> Statement:
    draft_days = item.maybe_text("draft_days")
    if draft_days is not None:
        may_leave_open = (*may_leave_open, "activity_days")
    line = Statement(
        text=item.text("text", may_leave_open=may_leave_open),
        sources=item.sources(),
        topic=item.one_of("topic", topics) if topics else None,
        from_day=item.maybe_integer("from_day"),
        to_day=item.maybe_integer("to_day"),
        sites=_read_sites(item) if has_sites and item.has("sites") else None,
        draft_days=draft_days,
        is_until_set=item.boolean("is_until_set") if item.has("is_until_set") else False,
        day_words=item.known.day_words if draft_days is not None else None,
    )
    if line.is_until_set and line.topic is None:
        raise item.refuse("is_until_set", "is for lines with a topic")
    if draft_days is not None and not line.text.endswith("{activity_days}."):
        raise item.refuse("draft_days", "the text must end with {activity_days}.")
    if line.from_day is not None and line.to_day is not None and line.to_day < line.from_day:
        raise item.refuse("to_day", "is before from_day")
    item.done()
    return line


def _read_sites(item: _Table) -> tuple[str, ...]:
    sites = item.texts("sites")
    for index, site in enumerate(sites):
        if site not in SITES:
            raise item.refuse(f"sites[{index}]", f"'{site}' is not a site")
    return sites


def _refuse_strange_joints(root: Path) -> None:
    for path in sorted((root / "joints").glob("*.toml")):
        if path.stem not in SITES:
            raise ContentError(f"joints/{path.name}", "file", f"'{path.stem}' is not a site")


def _read_shared(table: _Table) -> _Shared:
    shared = _Shared(
        evidence_notes=table.statements("evidence_notes"),
        risks=table.statements("risks"),
        precautions=table.statements("precautions"),
        questions=table.texts("questions"),
    )
    table.done()
    return shared


def _read_joint(table: _Table, site: str, shared: _Shared) -> Joint:
    if table.one_of("site", SITES) != site:
        raise table.refuse("site", f"must be '{site}', as the name of the file says")
    evidence = table.table("evidence")
    aftercare = table.table("aftercare")
    has_side = table.boolean("has_side")
    joint = Joint(
        site=site,
        name=table.text("name"),
        name_title=table.text("name_title"),
        name_left=table.text("name_left") if has_side else None,
        name_right=table.text("name_right") if has_side else None,
        has_side=has_side,
        is_core=table.boolean("is_core"),
        is_on_by_default=table.boolean("is_on_by_default"),
        evidence_label=evidence.text("label"),
        evidence_kind=evidence.one_of("kind", EVIDENCE_KINDS),
        evidence_sources=evidence.sources(),
        conditions=table.statements("conditions"),
        structures=table.statements("structures"),
        session=table.statements("session"),
        sessions_in_studies=table.statements("sessions_in_studies"),
        studies=tuple(_read_study(item) for item in evidence.tables("studies")),
        evidence_notes=(*evidence.statements("notes"), *shared.evidence_notes),
        risks=(*table.statements("risks"), *shared.risks),
        precautions=(*table.statements("precautions"), *shared.precautions),
        questions=(*table.texts("questions"), *shared.questions),
        do=aftercare.statements("do", topics=TOPICS),
        avoid=aftercare.statements("avoid", topics=TOPICS),
        watch=aftercare.statements("watch"),
        checked_on=table.date("checked_on"),
        version=table.integer("version"),
    )
    for topic, lines in joint.aftercare.items():
        if not lines:
            raise aftercare.refuse("do", f"says nothing about {topic}")
    aftercare.done()
    evidence.done()
    table.done()
    return joint


def _read_study(item: _Table) -> Study:
    study = Study(
        title=item.text("title"),
        kind=item.one_of("kind", STUDY_KINDS),
        people=item.maybe_integer("people"),
        compared_with=item.text("compared_with"),
        found=item.texts("found"),
        certainty=item.text("certainty"),
        sources=item.sources(),
    )
    item.done()
    return study


def _read_aftercare(table: _Table) -> tuple[Aftercare, tuple[CheckInDay, ...]]:
    phases = tuple(_read_phase(item) for item in table.tables("phases"))
    if tuple(phase.id for phase in phases) != PHASES:
        raise table.refuse("phases", f"must be {', '.join(PHASES)}, in this order")
    for before, after in itertools.pairwise(phases):
        if before.last_day is None or after.first_day != before.last_day + 1:
            raise table.refuse("phases", f"{after.id} must begin the day after {before.id} ends")
    if phases[-1].last_day is not None:
        raise table.refuse("phases", "the last phase has no last_day")
    policies = _read_policies(table.table("policies"))
    schedule = tuple(_read_due(item) for item in table.tables("schedule"))
    days = [due.day for due in schedule]
    if days != sorted(set(days)):
        raise table.refuse("schedule", "the days must rise")
    aftercare = Aftercare(
        phases=phases,
        policies=policies,
        checked_on=table.date("checked_on"),
        version=table.integer("version"),
    )
    table.done()
    return aftercare, schedule


def _read_phase(item: _Table) -> Phase:
    phase = Phase(
        id=item.one_of("id", PHASES),
        title=item.text("title"),
        first_day=item.integer("first_day"),
        last_day=item.maybe_integer("last_day"),
        expect=item.statements("expect"),
        do=item.statements("do"),
        avoid=item.statements("avoid"),
        call_if=item.statements("call_if"),
    )
    item.done()
    return phase


def _read_policies(table: _Table) -> Policies:
    policies = Policies(
        ice=_read_policy(table.table("ice"), ICE_POLICIES),
        heat=_read_policy(table.table("heat"), HEAT_POLICIES),
        nsaid=_read_policy(table.table("nsaid"), NSAID_POLICIES, must_leave_open={"set": "days"}),
        nsaid_before=_read_policy(
            table.table("nsaid_before"), ("set",), must_leave_open={"set": "days"}
        ),
        swim=_read_open_statement(table.table("swim"), "hours"),
        medicine_line=_read_statement(table.table("medicine_line")),
    )
    table.done()
    return policies


def _read_policy(
    table: _Table, choices: tuple[str, ...], must_leave_open: Mapping[str, str] | None = None
) -> Mapping[str, Statement]:
    openings = must_leave_open or {}
    policy = {}
    for choice in choices:
        item = table.table(choice)
        opening = openings.get(choice)
        policy[choice] = _read_open_statement(item, opening) if opening else _read_statement(item)
    table.done()
    return MappingProxyType(policy)


def _read_open_statement(item: _Table, placeholder: str) -> Statement:
    line = _read_statement(item, may_leave_open=(placeholder,))
    if f"{{{placeholder}}}" not in line.text:
        raise item.refuse("text", f"must have {{{placeholder}}}")
    return line


def _read_due(item: _Table) -> CheckInDay:
    due = CheckInDay(id=item.text("id"), day=item.integer("day"), title=item.text("title"))
    item.done()
    return due


def _read_topic_page(table: _Table) -> TopicPage:
    page = TopicPage(
        title=table.text("title"),
        intro=table.statements("intro"),
        sections=tuple(_read_section(item) for item in table.tables("sections")),
        checked_on=table.date("checked_on"),
        version=table.integer("version"),
    )
    if tuple(section.id for section in page.sections) != SECTIONS:
        raise table.refuse("sections", f"must be {', '.join(SECTIONS)}, in this order")
    table.done()
    return page


def _read_section(item: _Table) -> Section:
    section = Section(
        id=item.one_of("id", SECTIONS),
        title=item.text("title"),
        statements=item.statements("statements"),
        points=item.statements("points") if item.has("points") else (),
    )
    item.done()
    return section


def _read_warning_signs(table: _Table) -> dict[str, tuple[Statement, ...]]:
    signs = {level: table.statements(level, has_sites=True) for level in WARNING_LEVELS}
    table.done()
    return signs


def _read_phrases(table: _Table) -> dict[str, str]:
    phrases = {}
    for name in table:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise table.refuse(name, "must be lower case with underscores")
        phrases[name] = table.text(name, may_leave_open=PLACEHOLDERS)
    if not phrases:
        raise table.refuse("phrases", "must not be empty")
    return phrases


def _in_order(groups: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for group in groups for name in group))


def _for_phone(line: Statement) -> dict[str, Any]:
    given: dict[str, Any] = {"text": line.words(), "sources": list(line.sources)}
    for name in ("topic", "from_day", "to_day"):
        if (value := getattr(line, name)) is not None:
            given[name] = value
    if line.sites is not None:
        given["sites"] = list(line.sites)
    if line.draft_days is not None:
        given["until"] = line.until
    if line.is_until_set:
        given["is_until_set"] = True
    return given


def _joint_for_phone(joint: Joint) -> dict[str, Any]:
    return {
        "name": joint.name,
        "name_title": joint.name_title,
        "name_left": joint.name_left,
        "name_right": joint.name_right,
        "has_side": joint.has_side,
        "is_on_by_default": joint.is_on_by_default,
        "evidence_label": joint.evidence_label,
    }


def _aftercare_for_phone(aftercare: Aftercare, joints: Mapping[str, Joint]) -> dict[str, Any]:
    policies = aftercare.policies
    return {
        "phases": [
            {
                "id": phase.id,
                "title": phase.title,
                "first_day": phase.first_day,
                "last_day": phase.last_day,
                "expect": _each(phase.expect),
                "do": _each(phase.do),
                "avoid": _each(phase.avoid),
                "call_if": _each(phase.call_if),
            }
            for phase in aftercare.phases
        ],
        "joints": {
            site: {
                "do": _each(joint.do),
                "avoid": _each(joint.avoid),
                "watch": _each(joint.watch),
            }
            for site, joint in joints.items()
        },
        "policies": {
            "ice": _texts(policies.ice),
            "heat": _texts(policies.heat),
            "nsaid": _texts(policies.nsaid),
            "nsaid_before": _texts(policies.nsaid_before),
            "swim": policies.swim.text,
            "medicine_line": policies.medicine_line.text,
            "sources": list(_in_order(line.sources for line in policies.statements())),
        },
    }


def _each(lines: tuple[Statement, ...]) -> list[dict[str, Any]]:
    return [_for_phone(line) for line in lines]


def _texts(policy: Mapping[str, Statement]) -> dict[str, str]:
    return {choice: line.text for choice, line in policy.items()}


def _sources_named_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "sources":
                yield from inner
            else:
                yield from _sources_named_in(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _sources_named_in(inner)
