"""docs/security/faults.md: every fault of the catalogue, and the tests that show it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import PurePosixPath

from script.describing.markers import ROOT, Test, find

PATH = ROOT / "docs" / "security" / "faults.md"
CATALOGUE = ROOT / "tests" / "faults" / "catalogue.toml"
COUNT = 122
TOP = """\
# Faults, and the tests that show them

Written by `script/describe-security` from the catalogue in `tests/faults/catalogue.toml` and the
markers on the tests; a test fails where this page differs from what the script would write. The
outcome is the same for all of them: nothing lost, nothing twice, nobody let in, and the screen
never says more than is true.
"""


@dataclass(frozen=True)
class Fault:
    """A numbered fault, and what no test shows of it."""

    number: int
    section: str
    title: str
    why_not: str | None


@dataclass(frozen=True)
class Catalogue:
    """The sections by letter, with their titles, and the faults by number."""

    sections: dict[str, str]
    faults: dict[int, Fault]


def read_catalogue() -> Catalogue:
    """The catalogue as it is written."""
    read = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
    reasons = read.pop("why_not")
    sections = {letter: section["title"] for letter, section in read.items()}
    faults = [
        Fault(int(number), letter, title, reasons.get(number))
        for letter, section in read.items()
        for number, title in section["faults"].items()
    ]
    return Catalogue(sections, {fault.number: fault for fault in faults})


def text() -> str:
    """The page."""
    catalogue, found = read_catalogue(), find("fault")
    lines = [TOP]
    for letter, title in catalogue.sections.items():
        lines += [f"## {letter}. {title}", "", "| | fault | shown by |", "|---|---|---|"]
        for fault in catalogue.faults.values():
            if fault.section == letter:
                shown = _shown(found.tests.get(fault.number, []), fault.why_not)
                lines.append(f"| {fault.number} | {fault.title} | {shown} |")
        lines.append("")
    return "\n".join(lines)


def problems() -> list[str]:
    """What is missing or wrong in the catalogue and the markers."""
    catalogue, found = read_catalogue(), find("fault")
    wrong = list(found.problems)
    if set(catalogue.faults) != set(range(1, COUNT + 1)):
        wrong.append(f"the catalogue does not hold the numbers 1 to {COUNT}")
    wrong += [
        f"{test.file}: {test.name} names a fault {number!r}, which the catalogue does not know"
        for number, tests in found.tests.items()
        if number not in catalogue.faults
        for test in tests
    ]
    wrong += [
        f"{fault.number} ({fault.title}) has neither a test nor a reason"
        for fault in catalogue.faults.values()
        if not found.tests.get(fault.number) and fault.why_not is None
    ]
    return wrong


def _shown(tests: list[Test], why_not: str | None) -> str:
    by_file: dict[str, list[str]] = {}
    for test in tests:
        by_file.setdefault(test.file, []).append(test.name)
    parts = [
        f"[{PurePosixPath(file).relative_to('tests')}](../../{file}): "
        + ", ".join(_said(name) for name in names)
        for file, names in by_file.items()
    ]
    if why_not is not None:
        parts.append(f"*{'Beyond the tests' if tests else 'No test'}:* {why_not}")
    return "<br>".join(parts)


def _said(name: str) -> str:
    """A test's name as the sentence it is."""
    return name.removeprefix("test_").replace("_", " ")
