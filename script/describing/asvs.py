"""docs/security/asvs.md: what OWASP ASVS 5.0.0 asks at levels 1 and 2, and what shows it here."""

from __future__ import annotations

import ast
import tomllib
from dataclasses import dataclass, field
from functools import cache

from script.describing.markers import ROOT

PATH = ROOT / "docs" / "security" / "asvs.md"
SOURCE = ROOT / "docs" / "security" / "asvs.toml"
LEVELS = ROOT / "docs" / "security" / "asvs_levels.toml"
TOP = """\
# OWASP ASVS 5.0.0, levels 1 and 2

Written by `script/describe-security` from `docs/security/asvs.toml`; a test fails where this page
differs from what the script would write, where a requirement is missing or there twice, and where a
test that is named does not exist. What each requirement asks is told here in our own few words; the
words that count are those of the standard (<https://github.com/OWASP/ASVS>, CC BY-SA 4.0).

- **shown**: tests of ours show it.
- **written**: it asks for something to be written down, and here is where.
- **operator**: it is decided where the server runs, outside this code.
- **not here**: what it speaks of does not exist in this software.
- **exception**: not followed, for a reason, with what makes up for it.
- **not met**: not followed, and nothing makes up for all of it.
"""
STATES = {
    "tests": "shown",
    "document": "written",
    "operator": "operator",
    "not_here": "not here",
    "exception": "exception",
    "not_met": "not met",
}


@dataclass(frozen=True)
class Requirement:
    """One requirement, in our words, and what became of it here."""

    number: str
    level: int
    asks: str
    state: str
    reason: str = ""
    tests: tuple[str, ...] = ()
    document: str = ""
    problems: tuple[str, ...] = field(default=(), compare=False)


@cache
def levels() -> dict[str, int]:
    """The level of every requirement of the standard, by number."""
    sections = tomllib.loads(LEVELS.read_text(encoding="utf-8"))["sections"]
    return {
        f"{section}.{place}": int(digit)
        for section, digits in sections.items()
        for place, digit in enumerate(digits, start=1)
    }


@cache
def read() -> tuple[dict[str, str], tuple[Requirement, ...]]:
    """The chapters by number, with our titles, and the requirements in order."""
    written = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    chapters: dict[str, str] = written.pop("chapters")
    found = tuple(_requirement(number, told) for number, told in written.items())
    return chapters, tuple(sorted(found, key=lambda one: _order(one.number)))


def _requirement(number: str, told: dict[str, object]) -> Requirement:
    states = [state for key, state in STATES.items() if key in told and key != "tests"]
    if "tests" in told and not states:
        states = ["shown"]
    wrong = [] if len(states) == 1 else [f"{number}: one state is needed, not {states}"]
    unknown = told.keys() - STATES.keys() - {"asks", "how"}
    wrong += [f"{number}: {key} is not known" for key in sorted(unknown)]
    tests = told.get("tests", [])
    state = states[0] if states else "not met"
    key = next(key for key, name in STATES.items() if name == state)
    reason = told.get("how", "") if key in ("tests", "document") else told.get(key, "")
    return Requirement(
        number=number,
        level=levels().get(number, 0),
        asks=str(told.get("asks", "")),
        state=state,
        reason=str(reason),
        tests=tuple(str(one) for one in tests) if isinstance(tests, list) else (),
        document=str(told.get("document", "")),
        problems=tuple(wrong),
    )


def _order(number: str) -> tuple[int, ...]:
    return tuple(int(part) for part in number.split("."))


def text() -> str:
    """The page."""
    chapters, requirements = read()
    counts = {name: sum(one.state == name for one in requirements) for name in STATES.values()}
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    lines = [TOP, f"{len(requirements)} requirements: {told}.", ""]
    for state, title in (("exception", "The exception"), ("not met", "Not met")):
        lines += [f"## {title}", ""]
        lines += [
            f"- **{one.number}** {one.asks}. {one.reason}"
            for one in requirements
            if one.state == state
        ]
        lines.append("")
    for chapter, title in chapters.items():
        lines += [f"## {chapter}. {title}", "", "| | L | asks | here |", "|---|---|---|---|"]
        lines += [
            f"| {one.number} | {one.level} | {one.asks} | {_here(one)} |"
            for one in requirements
            if one.number.partition(".")[0] == chapter
        ]
        lines.append("")
    return "\n".join(lines)


def _here(one: Requirement) -> str:
    parts = [f"**{one.state}**"]
    if one.document:
        parts.append(f"[{one.document}](../../{one.document})")
    if one.reason:
        parts.append(one.reason)
    by_file: dict[str, list[str]] = {}
    for test in one.tests:
        file, _, name = test.partition("::")
        by_file.setdefault(file, []).append(name.removeprefix("test_").replace("_", " "))
    parts += [
        f"[{file.removeprefix('tests/')}](../../{file}): {', '.join(names)}"
        for file, names in by_file.items()
    ]
    return "<br>".join(parts)


def problems() -> list[str]:
    """What is missing or wrong."""
    _, requirements = read()
    wrong = [problem for one in requirements for problem in one.problems]
    asked = {number for number, level in levels().items() if level <= 2}
    here = {one.number for one in requirements}
    wrong += [f"{number} is missing" for number in sorted(asked - here, key=_order)]
    wrong += [f"{number} is no requirement of level 1 or 2" for number in sorted(here - asked)]
    for one in requirements:
        if not one.asks or (one.state not in ("shown", "written") and not one.reason):
            wrong.append(f"{one.number} says too little")
        if one.state == "shown" and not one.tests:
            wrong.append(f"{one.number} names no test")
        if one.document and not (ROOT / one.document.partition("#")[0]).exists():
            wrong.append(f"{one.number}: {one.document} is not there")
        wrong += [f"{one.number}: {test} is not there" for test in one.tests if not exists(test)]
    return wrong


def exists(test: str) -> bool:
    """Whether there is a test of this name, `path::name`."""
    file, _, name = test.partition("::")
    return (ROOT / file).exists() and name in _functions(file)


@cache
def _functions(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
