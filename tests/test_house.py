"""Where things may live and what they may know: the rules of the house, read from the code."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BASE = {
    "api_description",
    "audit",
    "clock",
    "config",
    "database",
    "doors",
    "files",
    "languages",
    "plain_text",
    "problems",
    "qr_codes",
    "refusals",
    "strict_json",
    "threshold",
}
MAY_IMPORT = {
    "guidance": set(),
    "practice": {"guidance"},
    "accounts": {"practice"},
    "treatments": {"accounts", "practice"},
    "check_ins": {"practice", "accounts", "treatments", "guidance"},
    "clinic": {"practice", "accounts", "treatments", "check_ins", "guidance"},
    "reminders": {"practice", "accounts", "treatments", "check_ins", "guidance"},
    "exchange": {
        "practice",
        "accounts",
        "treatments",
        "check_ins",
        "guidance",
        "clinic",
        "reminders",
    },
    "shell": {"practice", "guidance"},
}
"""The rooms, and what each may import beside the base (guidance not even that).

`operations` starts, stops and fills the whole, and `migrations` reads every table, so these two
may import anything; nothing imports them but the contents in `pwa/__init__.py`.
"""
ABOVE_THE_ROOMS = {"operations", "migrations"}
KNOWS_REQUESTS = re.compile(
    r"(.+_)?routes|api_description|doors|languages|problems|refusals|strict_json|threshold"
)
"""The modules that may know of requests and replies, by their last name."""
MACHINE_PATH = re.compile(r"""(?<![\w.$}/-])/(?:home|root|tmp|Users)/[\w.-]""")
WRITTEN_BY_US = {".py", ".js", ".mjs", ".css", ".html", ".toml", ".md", ".txt", ".mako", ".ini", ""}
WRITTEN_FOLDERS = (".ci", "docs", "pwa", "script", "static", "templates", "tests")


@dataclass(frozen=True)
class Import:
    """One `import` in one module of ours: `pwa.check_ins.feed` imports `pwa.database`."""

    by: str
    line: int
    what: str

    @property
    def place(self) -> str:
        return f"{self.by}:{self.line}: {self.what}"


def python_files(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def imports_of(path: Path) -> Iterator[Import]:
    """Everything that a file imports; `from pwa import doors` counts as `pwa.doors`."""
    by = module_name(path)
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(by, node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{by}:{node.lineno}: say where from, not how many dots"
            source = node.module or ""
            for alias in node.names:
                inner = f"{source}.{alias.name}"
                yield Import(by, node.lineno, inner if is_module(inner) else source)


def all_imports(*folders: str) -> list[Import]:
    return [found for path in python_files(*folders) for found in imports_of(path)]


def room(module: str) -> str:
    """`pwa.check_ins.feed` is in `check_ins`; `pwa` itself is the contents, ""."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def is_ours(module: str) -> bool:
    return module == "pwa" or module.startswith("pwa.")


def may(found: Import) -> bool:
    """Whether the house allows this import of something of ours."""
    of, into = room(found.by), room(found.what)
    if of == "" or of == into or of in ABOVE_THE_ROOMS:
        return True
    if of in BASE:
        return into in BASE
    if of == "guidance":
        return False
    return into in BASE or into in MAY_IMPORT[of]


def refused(module: str, what: str) -> bool:
    return not may(Import(module, 1, what))


def test_every_room_has_said_what_it_may_import() -> None:
    here = {room(module_name(path)) for path in python_files("pwa")} - {""}
    assert here == BASE | MAY_IMPORT.keys() | ABOVE_THE_ROOMS


def test_no_room_imports_what_it_may_not() -> None:
    wrong = [found.place for found in all_imports("pwa") if is_ours(found.what) and not may(found)]
    assert wrong == []


@pytest.mark.parametrize(
    ("module", "what"),
    [
        ("pwa.guidance.triage", "pwa.database"),
        ("pwa.database", "pwa.accounts.models"),
        ("pwa.practice.clinics", "pwa.accounts.people"),
        ("pwa.accounts.people", "pwa.check_ins.intake"),
        ("pwa.check_ins.intake", "pwa.clinic.worklist"),
        ("pwa.shell.release", "pwa.accounts.models"),
        ("pwa.check_ins.routes", "pwa.operations.demo"),
        ("pwa.accounts.people", "pwa"),
    ],
)
def test_a_new_arrow_would_be_noticed(module: str, what: str) -> None:
    assert refused(module, what)


def test_only_the_contents_knows_every_rooms_routes() -> None:
    wrong = [
        found.place
        for found in all_imports("pwa")
        if is_ours(found.what) and found.what.endswith("routes") and room(found.by) != ""
        if room(found.by) != room(found.what)
    ]
    assert wrong == []


def test_guidance_knows_neither_the_web_nor_the_database() -> None:
    strangers = ("flask", "werkzeug", "sqlalchemy", "alembic", "flask_login", "flask_sqlalchemy")
    wrong = [
        found.place
        for found in all_imports("pwa/guidance")
        if found.what.split(".")[0] in strangers
    ]
    assert wrong == []


def test_only_routes_and_the_doors_know_of_requests() -> None:
    wrong = []
    for path in python_files("pwa"):
        if KNOWS_REQUESTS.fullmatch(path.stem):
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom) and node.module in ("flask", "werkzeug"):
                known = {alias.name for alias in node.names} & {"request", "session", "Response"}
                wrong += [f"{module_name(path)}:{node.lineno}: {name}" for name in known]
    assert wrong == []


def test_imports_stand_at_the_top() -> None:
    wrong = []
    for path in python_files("pwa", "tests", "script"):
        for function in ast.walk(tree(path)):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                continue
            wrong += [
                f"{module_name(path)}:{node.lineno}"
                for node in ast.walk(function)
                if isinstance(node, ast.Import | ast.ImportFrom)
            ]
    assert wrong == []


def test_nothing_is_swallowed_in_silence() -> None:
    wrong = [
        f"{module_name(path)}:{node.lineno}"
        for path in python_files("pwa", "tests", "script")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler) and is_nothing(node.body)
    ]
    assert wrong == []


def is_nothing(body: list[ast.stmt]) -> bool:
    """`pass` or `...` and not a word beside it."""
    return all(
        isinstance(line, ast.Pass)
        or (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))
        for line in body
    )


def test_no_test_sleeps() -> None:
    wrong = []
    for path in python_files("tests"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                if name.split(".")[-1] in ("sleep", "wait_for_timeout"):
                    wrong.append(f"{module_name(path)}:{node.lineno}: {name}")
    assert wrong == []


@pytest.mark.parametrize("path", python_files("pwa"), ids=module_name)
def test_a_module_says_what_lives_in_it(path: Path) -> None:
    said = ast.get_docstring(tree(path)) or ""
    assert len(said.split()) >= 3, "say what lives here and what does not"


def test_what_the_server_imports_is_in_its_requirements() -> None:
    pinned = {"psycopg", "tzdata"}  # asked for by an address, and by zoneinfo
    pinned |= set(distributions((ROOT / "requirements.txt").read_text(encoding="utf-8")))
    pinned |= {"click", "jinja2", "markupsafe"}  # Flask's own, and its interface
    used = {found.what.split(".")[0] for found in all_imports("pwa")}
    used -= {"pwa", "__future__", *sys.stdlib_module_names}
    named = {"argon2": "argon2_cffi"}
    assert {named.get(name, name) for name in used} - pinned == set()


def test_every_requirement_is_pinned() -> None:
    wrong = [
        f"{path.name}: {line}"
        for path in (*ROOT.glob("requirements*.txt"), ROOT / "constraints.txt")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line and not re.fullmatch(r"#.*|-[rc] [\w.-]+|[\w.\[\]-]+==[\w.]+", line)
    ]
    assert wrong == []


def distributions(requirements: str) -> Iterator[str]:
    """The names in a file of requirements, as Python would import most of them."""
    for name in re.findall(r"^([A-Za-z][\w.-]*)", requirements, flags=re.MULTILINE):
        yield name.lower().replace("-", "_")


def test_no_path_of_somebodys_machine_is_written_down() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in written_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if MACHINE_PATH.search(line)
    ]
    assert wrong == []


def written_files() -> Iterator[Path]:
    """What people wrote here, without what tools and servers leave behind, and without this."""
    for folder in WRITTEN_FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            is_written = "__pycache__" not in path.parts and path != Path(__file__)
            if is_written and path.is_file() and path.suffix in WRITTEN_BY_US:
                yield path
    yield from (path for path in sorted(ROOT.iterdir()) if path.suffix in WRITTEN_BY_US - {""})


@pytest.mark.parametrize(
    "text", ['"/home/ana/x"', "cd /root/project", "(/tmp/a.txt)", "'/Users/ana/project'"]
)
def test_a_path_of_a_machine_would_be_noticed(text: str) -> None:
    assert MACHINE_PATH.search(text)


@pytest.mark.parametrize(
    "text", ["https://example.org/home/ana", "static/js/sw/worker.js", "#!/usr/bin/env python3"]
)
def test_an_address_is_not_taken_for_a_path(text: str) -> None:
    assert not MACHINE_PATH.search(text)
