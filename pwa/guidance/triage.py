"""How soon does this check-in need a person, and why?

The rules are data (`content/en/rules_<version>.toml`): a closed typed table of our own. This
module reads and checks the table, and evaluates it over plain facts. Its twin on the phone is
`static/js/triage/triage.js`; both run the cases in `tests/cases/triage_1.json`. Whether answers
are ones that the form can give is `questions`; facts that come from history are `history`.

The logic has two values. What was not answered matches nothing, and `not` means "unless it is
surely so": it turns a missing answer towards the more urgent side, which is why it may not be
nested. A missing safety answer is told by its own rule, which stands above "expected".
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pwa.guidance.questions import LARGEST_EXACT_INTEGER, SITES, Form, Reader, is_decimal

LEVELS = ("emergency", "same_day", "clinic_hours", "expected")

# What history gives and the form does not ask (see `history`).
DERIVED_FACTS = MappingProxyType(
    {
        "site": "enum",
        "days_since": "integer",
        "pain_prev": "integer",
        "pain_baseline": "integer",
        "high_risk": "boolean",
        "immune_suppressed": "boolean",
        "anticoagulant": "boolean",
        "open_clinic_flags": "integer",
    }
)

TEMPERATURE_DECIMALS = 1

Test = Mapping[str, Any]
Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Fact:
    """What a rule may read. A value of another type or outside the range is no answer."""

    name: str
    type: str
    options: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    unknown_is: int | None = None

    def has_type(self, value: object) -> bool:
        if self.type == "boolean":
            return isinstance(value, bool)
        if self.type == "integer":
            return type(value) is int and abs(value) <= LARGEST_EXACT_INTEGER
        if self.type == "decimal":
            return is_decimal(value, decimals=TEMPERATURE_DECIMALS)
        return isinstance(value, str) and value in self.options

    def read(self, value: Any) -> Any:
        """The value where it is an answer, else None."""
        if value is None or not self.has_type(value):
            return None
        if self.minimum is not None and value < self.minimum:
            return None
        if self.maximum is not None and value > self.maximum:
            return None
        return value


@dataclass(frozen=True)
class Required:
    """One thing that has to be answered, and the name under which its absence is told."""

    name: str
    fact: str | None = None
    sites: tuple[str, ...] = SITES
    one_of: tuple[str, ...] = ()
    impossible: str | None = None


@dataclass(frozen=True)
class Level:
    """An urgency level in the patient's words; `act` comes before what a rule adds."""

    name: str
    title: str
    act: tuple[str, ...]


@dataclass(frozen=True)
class Condition:
    """A test with a name, used by several rules."""

    name: str
    words: str
    when: Test


@dataclass(frozen=True)
class Rule:
    """One rule: when it fires, how urgent that is, and what is said to whom.

    `words` is the test for the table that a clinician signs, `why` and `act` go to the patient,
    `clinician` to the worklist. `recheck_hours` asks for another check-in after so many hours.
    `when_shut` is the level whose instructions are shown when the clinic stays shut for more
    than a day.
    """

    code: str
    level: str
    when: Test
    words: str
    why: str
    act: tuple[str, ...]
    clinician: str
    sources: tuple[str, ...]
    is_our_choice: bool
    recheck_hours: int | None = None
    when_shut: str | None = None


@dataclass(frozen=True)
class RuleTable:
    """One released version of the rules. `data` is the same as plain JSON, for the phone."""

    version: int
    levels: Mapping[str, Level]
    facts: Mapping[str, Fact]
    required: tuple[Required, ...]
    conditions: Mapping[str, Condition]
    rules: tuple[Rule, ...]
    data: Mapping[str, Any]

    def rule(self, code: str) -> Rule:
        """The rule with this code. Raises KeyError."""
        for rule in self.rules:
            if rule.code == code:
                return rule
        raise KeyError(code)


@dataclass(frozen=True)
class Verdict:
    """`reasons` are the codes at the level, `also` those below it, both in the table's order."""

    level: str
    reasons: tuple[str, ...]
    also: tuple[str, ...]
    missing: tuple[str, ...]


# --- judging --------------------------------------------------------------------------------


def judge(rules: RuleTable, facts: Facts) -> Verdict:
    """Run every rule over these facts (names as in the table; absent equals null)."""
    usable = {name: fact.read(facts.get(name)) for name, fact in rules.facts.items()}
    missing = tuple(_missing(rules, facts, usable))
    for name, fact in rules.facts.items():
        if usable[name] is None and fact.unknown_is is not None:
            usable[name] = fact.unknown_is
    moment = _Moment(rules, usable, bool(missing))
    # Least urgent first, so that a rule may ask whether a less urgent one has fired.
    for level in reversed(LEVELS[:-1]):
        moment.run(level)
    if not moment.fired:
        moment.run(LEVELS[-1])
    fired = [rule for rule in rules.rules if rule.code in moment.fired]
    level = min((rule.level for rule in fired), key=LEVELS.index)
    return Verdict(
        level=level,
        reasons=tuple(rule.code for rule in fired if rule.level == level),
        also=tuple(rule.code for rule in fired if rule.level != level),
        missing=missing,
    )


def _missing(rules: RuleTable, given: Facts, usable: Facts) -> Iterator[str]:
    site = usable["site"]
    for required in rules.required:
        if required.impossible is not None:
            name = required.impossible
            is_missing = given.get(name) is not None and usable[name] is None
        elif required.one_of:
            is_missing = all(usable[name] is None for name in required.one_of)
        else:
            is_asked = site is None or site in required.sites
            is_missing = is_asked and usable[required.fact or ""] is None
        if is_missing:
            yield required.name


class _Moment:
    """One evaluation: the facts, and the codes that have fired so far."""

    def __init__(self, rules: RuleTable, facts: Facts, is_missing: bool) -> None:
        self.rules = rules
        self.facts = facts
        self.is_missing = is_missing
        self.fired: set[str] = set()

    def run(self, level: str) -> None:
        for rule in self.rules.rules:
            if rule.level == level and self.holds(rule.when):
                self.fired.add(rule.code)

    def holds(self, test: Test) -> bool:
        if "all" in test:
            return all(self.holds(part) for part in test["all"])
        if "any" in test:
            return any(self.holds(part) for part in test["any"])
        if "not" in test:
            return not self.holds(test["not"])
        if "condition" in test:
            return self.holds(self.rules.conditions[test["condition"]].when)
        if "code_fired" in test:
            return any(code in self.fired for code in test["code_fired"])
        if "missing" in test:
            return self.is_missing
        return self._fact_holds(test)

    def _fact_holds(self, test: Test) -> bool:
        value = self.facts[test["fact"]]
        if "known" in test:
            return (value is not None) is test["known"]
        if value is None:
            return False
        if "is" in test:
            # Types were checked on both sides, so true never meets 1 here.
            return value == test["is"]
        if "in" in test:
            return value in test["in"]
        if "minus" in test:
            other = self.facts[test["minus"]]
            if other is None:
                return False
            value = value - other
        return test.get("at_least", value) <= value <= test.get("at_most", value)


def more_urgent(one: str | None, other: str | None) -> str | None:
    """The more urgent of two levels; None (a diary, not judged) is below every level."""
    known = [level for level in (one, other) if level is not None]
    return min(known, key=LEVELS.index) if known else None


def has_emergency_gap(form: Form, missing: Collection[str]) -> bool:
    """Is an answer of the "Any of these now?" screen missing? Then the headline says so."""
    return any(key in missing for key in form.emergency_keys)


def celsius_from_fahrenheit(temp_f: float) -> float:
    """Degrees C with one decimal, half up, from degrees F with at most one decimal.

    In whole tenths, so that JavaScript finds the same.
    """
    tenths_f = round(temp_f * 10)
    return ((tenths_f - 320) * 10 + 9) // 18 / 10


def clinician_reasons(rules: RuleTable, verdict: Verdict, facts: Facts) -> list[str]:
    """What each reason says to a clinician, with this check-in's own values in it."""

    def words(name: str, unit: str = "") -> str:
        value = facts.get(name)
        return "not known" if value is None else f"{value}{unit}"

    values = {
        "day": words("days_since"),
        "pain": words("pain_now"),
        "temp": words("temp_c", " °C"),
        "missing": ", ".join(verdict.missing).replace("_", " ") or "nothing",
    }
    return [rules.rule(code).clinician.format_map(values) for code in verdict.reasons]


# --- reading and checking the table -----------------------------------------------------------

PATIENT_PLACEHOLDERS = ("emergency_number", "clinic_phone", "out_of_hours", "site", "date")
CLINICIAN_PLACEHOLDERS = ("day", "pain", "temp", "missing")

_TABLE_KEYS = {"version", "levels", "facts", "required", "conditions", "rules"}
_RULE_KEYS = {
    "code", "level", "when", "words", "why", "act", "clinician", "sources", "our_choice",
    "recheck_hours", "when_shut",
}  # fmt: skip
_NUMBERS = ("integer", "decimal")
_LONGEST_COURSE_DAYS = 400


def read_rules(data: Mapping[str, Any], form: Form, *, file: str) -> RuleTable:
    """Read and check one version of the rules against the form that they judge.

    Raises ContentError naming the file, the key and the reason: an unknown fact, value,
    level, condition or code; a fact that the form does not ask for, or asks otherwise; a
    required answer that the form does not require; a day on which nothing would be expected.
    Source ids are checked by the library, which knows the sources.
    """
    reader = Reader(file)
    reader.only(data, _TABLE_KEYS, "")
    facts = _read_facts(reader, data.get("facts"), form)
    checker = _Checker(reader, facts)
    required = _read_required(reader, data.get("required"), facts, form)
    conditions = checker.read_conditions(data.get("conditions"))
    rules = _read_rules(reader, data.get("rules"), checker)
    table = RuleTable(
        version=reader.whole(data.get("version"), "version"),
        levels=_read_levels(reader, data.get("levels")),
        facts=facts,
        required=required,
        conditions=conditions,
        rules=rules,
        data=data,
    )
    _check_incomplete(reader, table)
    _check_expected(reader, table)
    return table


def _read_levels(reader: Reader, value: object) -> dict[str, Level]:
    table = reader.table(value, "levels")
    levels = {}
    for name in LEVELS:
        key = f"levels.{name}"
        row = reader.table(table.get(name), key)
        reader.only(row, {"title", "act"}, key)
        act = reader.texts(row.get("act"), f"{key}.act")
        title = reader.text(row.get("title"), f"{key}.title")
        for text in (title, *act):
            _check_placeholders(reader, text, PATIENT_PLACEHOLDERS, key)
        levels[name] = Level(name=name, title=title, act=act)
    reader.only(table, LEVELS, "levels")
    return levels


def _read_facts(reader: Reader, value: object, form: Form) -> dict[str, Fact]:
    facts = {}
    for name, row in reader.table(value, "facts").items():
        facts[name] = _read_fact(reader, name, row, form)
    if "site" not in facts:
        raise reader.refuse("facts.site", "is missing")
    return facts


def _read_fact(reader: Reader, name: str, value: object, form: Form) -> Fact:
    key = f"facts.{name}"
    row = reader.table(value, key)
    reader.only(row, {"type", "options", "minimum", "maximum", "unknown_is"}, key)
    kind = reader.one_of(row.get("type"), ("boolean", "enum", *_NUMBERS), f"{key}.type")
    options: tuple[str, ...] = ()
    if kind == "enum":
        options = reader.texts(row.get("options"), f"{key}.options")
    elif "options" in row:
        raise reader.refuse(f"{key}.options", f"has no place here for type {kind}")
    for bound in ("minimum", "maximum", "unknown_is"):
        if bound in row:
            reader.number(row[bound], f"{key}.{bound}")
            if kind not in _NUMBERS:
                raise reader.refuse(f"{key}.{bound}", f"has no place here for type {kind}")
    fact = Fact(
        name=name,
        type=kind,
        options=options,
        minimum=row.get("minimum"),
        maximum=row.get("maximum"),
        unknown_is=row.get("unknown_is"),
    )
    _check_fact_is_given(reader, fact, form)
    return fact


def _check_fact_is_given(reader: Reader, fact: Fact, form: Form) -> None:
    """A fact comes from history, or is an answer of the form with the same type and values."""
    key = f"facts.{fact.name}"
    if fact.name in DERIVED_FACTS:
        if fact.type != DERIVED_FACTS[fact.name]:
            raise reader.refuse(f"{key}.type", f"must be {DERIVED_FACTS[fact.name]}")
        if fact.name == "site" and fact.options != SITES:
            raise reader.refuse(f"{key}.options", "must be the sites")
        return
    question = form.questions_for(None).get(fact.name)
    if question is None:
        raise reader.refuse(key, f"form {form.version} does not ask for it")
    asked = (question.type, question.options, question.minimum, question.maximum)
    if asked != (fact.type, fact.options, fact.minimum, fact.maximum):
        raise reader.refuse(key, f"form {form.version} asks it with another type or other values")
    if fact.type == "decimal" and question.decimals != TEMPERATURE_DECIMALS:
        raise reader.refuse(key, f"must have {TEMPERATURE_DECIMALS} decimal")


def _read_required(
    reader: Reader, value: object, facts: Mapping[str, Fact], form: Form
) -> tuple[Required, ...]:
    rows = [_read_required_row(reader, row, facts) for row in reader.rows(value, "required")]
    names = [row.name for row in rows]
    for name in names:
        if names.count(name) > 1:
            raise reader.refuse(f"required.{name}", "stands there twice")
    _check_required_on_form(reader, rows, form)
    return tuple(rows)


def _read_required_row(reader: Reader, row: object, facts: Mapping[str, Fact]) -> Required:
    table = reader.table(row, "required")
    reader.only(table, {"name", "fact", "sites", "one_of", "impossible"}, "required")
    if sum(kind in table for kind in ("fact", "one_of", "impossible")) != 1:
        raise reader.refuse("required", "each row has one of fact, one_of and impossible")
    if "fact" in table:
        name = reader.one_of(table["fact"], facts, "required.fact")
        sites = reader.texts(table.get("sites", list(SITES)), f"required.{name}.sites")
        for site in sites:
            reader.one_of(site, SITES, f"required.{name}.sites")
        return Required(name=name, fact=name, sites=sites)
    name = reader.text(table.get("name"), "required.name")
    if "impossible" in table:
        fact = reader.one_of(table["impossible"], facts, f"required.{name}.impossible")
        return Required(name=name, impossible=fact)
    one_of = reader.texts(table["one_of"], f"required.{name}.one_of")
    for fact in one_of:
        reader.one_of(fact, facts, f"required.{name}.one_of")
    return Required(name=name, one_of=one_of)


def _check_required_on_form(reader: Reader, rows: Iterable[Required], form: Form) -> None:
    """What the rules require of a patient is what the form requires, at the same sites."""
    on_form = {
        (question.key, question.sites)
        for question in form.questions
        if question.is_required and question.one_of is None
    }
    in_rules = {(row.fact, row.sites) for row in rows if row.fact and row.fact not in DERIVED_FACTS}
    for name, _ in sorted(on_form ^ in_rules):
        raise reader.refuse(f"required.{name}", f"differs from form {form.version}")
    groups_on_form: dict[str, set[str]] = {}
    for question in form.questions:
        if question.one_of is not None:
            groups_on_form.setdefault(question.one_of, set()).add(question.key)
    groups = {row.name: set(row.one_of) for row in rows if row.one_of}
    if groups != groups_on_form:
        raise reader.refuse("required.one_of", f"differs from form {form.version}")


def _read_rules(reader: Reader, value: object, checker: "_Checker") -> tuple[Rule, ...]:
    rows = [reader.table(row, "rules") for row in reader.rows(value, "rules")]
    levels: dict[str, str] = {}
    for row in rows:
        code = reader.text(row.get("code"), "rules.code")
        if code in levels:
            raise reader.refuse(f"rules.{code}", "stands there twice")
        levels[code] = reader.one_of(row.get("level"), LEVELS, f"rules.{code}.level")
    return tuple(_read_rule(reader, row, checker, levels) for row in rows)


def _read_rule(
    reader: Reader, row: Mapping[str, Any], checker: "_Checker", levels: Mapping[str, str]
) -> Rule:
    code = row["code"]
    key = f"rules.{code}"
    reader.only(row, _RULE_KEYS, key)
    when = reader.table(row.get("when"), f"{key}.when")
    checker.check(when, f"{key}.when")
    _check_code_fired(reader, checker, when, levels, code)
    act = reader.texts(row["act"], f"{key}.act") if row.get("act") != [] else ()
    why = reader.text(row.get("why"), f"{key}.why")
    for text in (why, *act):
        _check_placeholders(reader, text, PATIENT_PLACEHOLDERS, f"{key}.act")
    clinician = reader.text(row.get("clinician"), f"{key}.clinician")
    _check_placeholders(reader, clinician, CLINICIAN_PLACEHOLDERS, f"{key}.clinician")
    sources = reader.texts(row["sources"], f"{key}.sources") if row.get("sources") != [] else ()
    is_our_choice = reader.flag(row.get("our_choice"), f"{key}.our_choice")
    if not sources and not is_our_choice:
        raise reader.refuse(f"{key}.sources", "names no source and is not marked as our choice")
    recheck_hours = row.get("recheck_hours")
    if recheck_hours is not None and reader.whole(recheck_hours, f"{key}.recheck_hours") < 1:
        raise reader.refuse(f"{key}.recheck_hours", "must be 1 or more")
    when_shut = row.get("when_shut")
    if when_shut is not None:
        reader.one_of(when_shut, LEVELS, f"{key}.when_shut")
    return Rule(
        code=code,
        level=row["level"],
        when=when,
        words=reader.text(row.get("words"), f"{key}.words"),
        why=why,
        act=act,
        clinician=clinician,
        sources=sources,
        is_our_choice=is_our_choice,
        recheck_hours=recheck_hours,
        when_shut=when_shut,
    )


def _check_code_fired(
    reader: Reader,
    checker: "_Checker",
    when: Test,
    levels: Mapping[str, str],
    code: str,
) -> None:
    """Only a less urgent rule may be asked about, and it must have run before."""
    key = f"rules.{code}.when.code_fired"
    for test in checker.walk(when):
        for other in test.get("code_fired", ()):
            if other not in levels:
                raise reader.refuse(key, f"unknown code {other!r}")
            if LEVELS.index(levels[other]) <= LEVELS.index(levels[code]):
                raise reader.refuse(key, f"{other} is not less urgent than {code}")
            if levels[other] == LEVELS[-1]:
                raise reader.refuse(key, f"{other} only fires where nothing else does")


def _check_placeholders(reader: Reader, text: str, allowed: Collection[str], key: str) -> None:
    try:
        text.format_map(dict.fromkeys(allowed, ""))
    except KeyError as error:
        raise reader.refuse(key, f"unknown placeholder {{{error.args[0]}}}") from None
    except (ValueError, IndexError, AttributeError):
        raise reader.refuse(key, f"braces that are no placeholder in {text!r}") from None


def _check_incomplete(reader: Reader, table: RuleTable) -> None:
    """A missing required answer must always fire a rule, or it could read as expected."""
    if not any(rule.when == {"missing": True} and rule.level != LEVELS[-1] for rule in table.rules):
        raise reader.refuse("rules", "no rule fires whenever something required is missing")


def _check_expected(reader: Reader, table: RuleTable) -> None:
    """On every day exactly one expected rule must be left when no other has fired."""
    expected = [rule for rule in table.rules if rule.level == LEVELS[-1]]
    nothing = dict.fromkeys(table.facts)
    for day in range(_LONGEST_COURSE_DAYS):
        moment = _Moment(table, {**nothing, "days_since": day}, is_missing=False)
        holding = [rule.code for rule in expected if moment.holds(rule.when)]
        if len(holding) != 1:
            raise reader.refuse("rules", f"{len(holding)} expected rules hold on day {day}")
    for rule in expected:
        for test in _Checker(reader, table.facts, table.conditions).walk(rule.when):
            if test.get("fact", "days_since") != "days_since":
                raise reader.refuse(f"rules.{rule.code}.when", "may read only days_since")


class _Checker:
    """Checks tests: known operators, known names, values of the right type."""

    def __init__(
        self,
        reader: Reader,
        facts: Mapping[str, Fact],
        conditions: Mapping[str, Condition] | None = None,
    ) -> None:
        self.reader = reader
        self.facts = facts
        self.conditions = dict(conditions or {})

    def read_conditions(self, value: object) -> Mapping[str, Condition]:
        """In the file's order: a condition may use those above it, so none can use itself."""
        for name, row in self.reader.table(value, "conditions").items():
            key = f"conditions.{name}"
            table = self.reader.table(row, key)
            self.reader.only(table, {"words", "when"}, key)
            when = self.reader.table(table.get("when"), f"{key}.when")
            self.check(when, f"{key}.when")
            for test in self.walk(when):
                if "code_fired" in test:
                    raise self.reader.refuse(f"{key}.when", "code_fired stands in rules only")
            words = self.reader.text(table.get("words"), f"{key}.words")
            self.conditions[name] = Condition(name=name, words=words, when=when)
        return self.conditions

    def walk(self, test: Test) -> Iterator[Test]:
        """This test and everything under it, named conditions included."""
        yield test
        for part in (*test.get("all", ()), *test.get("any", ())):
            yield from self.walk(part)
        if "not" in test:
            yield from self.walk(test["not"])
        if "condition" in test:
            yield from self.walk(self.conditions[test["condition"]].when)

    def check(self, test: object, key: str) -> None:
        table = self.reader.table(test, key)
        operators = {"all", "any", "not", "condition", "code_fired", "missing", "fact"}
        found = operators & set(table)
        if len(found) != 1:
            raise self.reader.refuse(key, f"needs exactly one of {', '.join(sorted(operators))}")
        operator = found.pop()
        where = f"{key}.{operator}"
        if operator != "fact":
            self.reader.only(table, {operator}, key)
        if operator in ("all", "any"):
            for part in self.reader.rows(table[operator], where):
                self.check(part, where)
        elif operator == "not":
            self.check(table["not"], where)
            if any("not" in part for part in self.walk(table["not"])):
                raise self.reader.refuse(where, "stands inside another not")
        elif operator == "condition":
            self.reader.one_of(table["condition"], self.conditions, where)
        elif operator == "code_fired":
            self.reader.texts(table["code_fired"], where)
        elif operator == "missing":
            if table["missing"] is not True:
                raise self.reader.refuse(where, "must be true")
        else:
            self._check_fact(table, key)

    def _check_fact(self, table: Test, key: str) -> None:
        name = self.reader.one_of(table["fact"], self.facts, f"{key}.fact")
        fact = self.facts[name]
        operators = set(table) - {"fact", "minus"}
        if operators not in ({"is"}, {"in"}, {"known"}) and not (
            operators and operators <= {"at_least", "at_most"}
        ):
            raise self.reader.refuse(key, "needs is, in, known, or at_least and at_most")
        if "minus" in table:
            other = self.reader.one_of(table["minus"], self.facts, f"{key}.minus")
            if self.facts[other].type != "integer" or fact.type != "integer":
                raise self.reader.refuse(f"{key}.minus", "is for two whole numbers")
        if ("minus" in table or fact.type in _NUMBERS) and operators & {"is", "in"}:
            raise self.reader.refuse(key, "is and in are not for numbers")
        for operator in operators:
            self._check_value(fact, operator, table[operator], f"{key}.{operator}")

    def _check_value(self, fact: Fact, operator: str, value: object, key: str) -> None:
        if operator == "known":
            self.reader.flag(value, key)
        elif operator == "in":
            for item in self.reader.texts(value, key):
                self.reader.one_of(item, fact.options, key)
        elif operator == "is" and fact.type == "boolean":
            self.reader.flag(value, key)
        elif operator == "is":
            self.reader.one_of(value, fact.options, key)
        elif fact.type == "integer":
            self.reader.whole(value, key)
        elif fact.type == "decimal":
            self.reader.number(value, key)
        else:
            raise self.reader.refuse(key, f"{fact.name} is no number")
