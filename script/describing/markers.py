"""Reads from the tests' own code which test carries which number; no test is imported or run."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, order=True)
class Test:
    """One test: the file it is in, from the project's folder, and its name."""

    file: str
    name: str


@dataclass
class Found:
    """Which tests carry which value of one marker, and which markers cannot be read."""

    tests: dict[int | str, list[Test]] = field(default_factory=lambda: defaultdict(list))
    problems: list[str] = field(default_factory=list)


def find(marker: str, *, folder: Path = ROOT / "tests") -> Found:
    """Every `pytest.mark.<marker>(…)` on a test, on one of its cases, or on a whole file."""
    found = Found()
    for path in sorted(folder.rglob("*.py")):
        _Reader(marker, path, path.relative_to(folder.parent).as_posix(), found).read()
    for tests in found.tests.values():
        tests[:] = sorted(set(tests))
    return found


class _Reader:
    """Reads one file."""

    def __init__(self, marker: str, path: Path, name: str, found: Found) -> None:
        self.marker = marker
        self.name = name
        self.found = found
        self.tree = ast.parse(path.read_text(encoding="utf-8"), filename=name)

    def read(self) -> None:
        accounted: set[int] = set()
        for definition in self._defined(self.tree.body):
            accounted |= self._read_decorators(definition)
        for name, value in self._assigned():
            owner, _, attribute = name.rpartition(".")
            if attribute == "pytestmark":
                accounted |= self._give(value, owner or "the whole file")
        for use in self._uses(self.tree):
            if id(use) not in accounted:
                self._complain(use, "is on no test")

    def _defined(self, body: list[ast.stmt]) -> Iterator[_Definition]:
        """The functions and classes of a file, and the functions in its classes."""
        for node in body:
            if isinstance(node, _Definition):
                yield node
            if isinstance(node, ast.ClassDef):
                yield from self._defined(node.body)

    def _read_decorators(self, node: _Definition) -> set[int]:
        accounted: set[int] = set()
        for decorator in node.decorator_list:
            sources = [decorator, *self._lists_named_in(decorator)]
            if any(self._uses(source) for source in sources) and not _is_test(node.name):
                continue
            for source in sources:
                accounted |= self._give(source, node.name)
        return accounted

    def _lists_named_in(self, decorator: ast.expr) -> list[ast.expr]:
        """The module's own lists of cases that a decorator names."""
        names = {node.id for node in ast.walk(decorator) if isinstance(node, ast.Name)}
        return [value for name, value in self._assigned() if name in names]

    def _assigned(self) -> Iterator[tuple[str, ast.expr]]:
        """What the file gives a name to."""
        for node in self.tree.body:
            if isinstance(node, ast.Assign):
                yield ast.unparse(node.targets[0]), node.value
            elif isinstance(node, ast.AnnAssign) and node.value is not None:
                yield ast.unparse(node.target), node.value

    def _give(self, source: ast.AST, test: str) -> set[int]:
        """Credit a test with the markers in a piece of code; returns which ones."""
        uses = self._uses(source)
        for use in uses:
            for value in self._values(source, use):
                self.found.tests[value].append(Test(self.name, test))
        return {id(use) for use in uses}

    def _values(self, source: ast.AST, use: ast.Attribute) -> Iterator[int | str]:
        calls = [n for n in ast.walk(source) if isinstance(n, ast.Call) and n.func is use]
        if not calls or not calls[0].args:
            self._complain(use, "names nothing")
            return
        for argument in calls[0].args:
            for value in self._written_out(argument):
                if isinstance(value, ast.Constant) and isinstance(value.value, int | str):
                    yield value.value
                else:
                    self._complain(use, "is not written out")

    def _written_out(self, argument: ast.expr) -> list[ast.expr]:
        """A value itself, or those of `*NAMES`, a tuple of the file's own."""
        if not isinstance(argument, ast.Starred) or not isinstance(argument.value, ast.Name):
            return [argument]
        for name, value in self._assigned():
            if name == argument.value.id and isinstance(value, ast.Tuple | ast.List):
                return value.elts
        return [argument]

    def _uses(self, source: ast.AST) -> list[ast.Attribute]:
        return [
            node
            for node in ast.walk(source)
            if isinstance(node, ast.Attribute)
            and node.attr == self.marker
            and ast.unparse(node.value).split(".")[-1] == "mark"
        ]

    def _complain(self, use: ast.Attribute, what: str) -> None:
        self.found.problems.append(f"{self.name}:{use.lineno}: the marker {self.marker} {what}")


def _is_test(name: str) -> bool:
    return name.startswith(("test_", "Test"))
