"""The command `triage`: replay check-ins through the rules before anybody signs them.

One JSON object of facts a line on standard input, one verdict a line on standard output. The
form's bounds and the site's own questions do not apply here; exact types do. A bad line gives
a line that says so, and the run goes on.
"""

import json
import sys
from collections.abc import Mapping
from typing import Any

import click

from pwa.guidance.library import load_library
from pwa.guidance.questions import is_decimal
from pwa.guidance.triage import Fact, RuleTable, celsius_from_fahrenheit, judge


class BadLine(Exception):
    """A line that cannot be judged; `field` is None where the whole line is at fault."""

    def __init__(self, detail: str, field: str | None = None) -> None:
        super().__init__(detail)
        self.field = field


@click.command("triage")
@click.option("--rules-version", type=int, help="Which rule table; the newest where not given.")
def triage_command(rules_version: int | None) -> None:
    """Judge one JSON object of answers a line from standard input.

    Names are those of the rule table, with temp_f (degrees F) beside temp_c; what is absent
    counts as not answered. Prints {"level", "reasons", "also", "missing"} a line, or {"error",
    "field"} for a line that cannot be read.
    """
    tables = load_library().rules
    version = max(tables) if rules_version is None else rules_version
    if version not in tables:
        raise click.BadParameter(f"there is no version {version}", param_hint="--rules-version")
    for line in sys.stdin.buffer:
        click.echo(json.dumps(replay(tables[version], line)))


def replay(rules: RuleTable, line: bytes | str) -> dict[str, Any]:
    """The verdict on one line, or what is wrong with the line, ready for JSON."""
    try:
        verdict = judge(rules, read_facts(rules, line))
    except BadLine as error:
        return {"error": str(error), "field": error.field}
    return {
        "level": verdict.level,
        "reasons": list(verdict.reasons),
        "also": list(verdict.also),
        "missing": list(verdict.missing),
    }


def read_facts(rules: RuleTable, line: bytes | str) -> dict[str, Any]:
    """The facts of one line. Raises BadLine."""
    given = _read_object(line)
    temp_f = given.pop("temp_f", None)
    if temp_f is not None and given.get("temp_c") is not None:
        raise BadLine("stands beside temp_c: give one of the two", "temp_f")
    if temp_f is not None and not is_decimal(temp_f, decimals=1):
        raise BadLine("must be a number with at most one decimal, or null", "temp_f")
    for name, value in given.items():
        if name not in rules.facts:
            raise BadLine("is not a known name", name)
        if value is not None and (detail := _why_not(rules.facts[name], value)):
            raise BadLine(detail, name)
    if temp_f is not None:
        given["temp_c"] = celsius_from_fahrenheit(temp_f)
    return given


def _why_not(fact: Fact, value: object) -> str | None:
    if fact.has_type(value):
        return None
    return {
        "boolean": "must be true, false or null",
        "integer": "must be a whole number or null",
        "decimal": "must be a number with at most one decimal, or null",
        "enum": f"must be one of {', '.join(fact.options)}, or null",
    }[fact.type]


def _read_object(line: bytes | str) -> dict[str, Any]:
    try:
        text = line.decode("utf-8") if isinstance(line, bytes) else line
        value = json.loads(
            text, object_pairs_hook=_without_doubles, parse_constant=_refuse_constant
        )
    except UnicodeDecodeError:
        raise BadLine("is not UTF-8") from None
    except (ValueError, RecursionError):
        raise BadLine("is not JSON") from None
    if not isinstance(value, dict):
        raise BadLine("is not a JSON object")
    return value


def _without_doubles(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise BadLine("stands there twice", name)
        found[name] = value
    return found


def _refuse_constant(name: str) -> Any:
    raise BadLine(f"{name} is not a JSON number")
