"""Whatever is written into the log can be read by a person: every act has words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from pwa.clinic.audit_words import WORDS

ROOT = Path(__file__).resolve().parents[2]
ACTION = re.compile(r"[a-z_]+\.[a-z_]+")
WRITERS = ("record", "_record")
LOOKERS = ("looking", "opened")


def calls() -> Iterator[tuple[str, ast.Call]]:
    for path in sorted((ROOT / "pwa").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield ast.unparse(node.func).split(".")[-1], node


def texts(node: ast.expr) -> Iterator[str]:
    """Every text that this expression can be, as a pattern."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield re.escape(node.value)
    elif isinstance(node, ast.JoinedStr):
        yield "".join(
            re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[a-z_]+"
            for part in node.values
        )
    elif isinstance(node, ast.IfExp):
        yield from texts(node.body)
        yield from texts(node.orelse)


def written_actions() -> set[str]:
    found = set()
    for name, call in calls():
        given = [*call.args, *(one.value for one in call.keywords)]
        said = [pattern for node in given for pattern in texts(node)]
        if name in WRITERS:
            found |= {
                one
                for one in said
                if ACTION.fullmatch(one.replace("\\", "").replace("[a-z_]+", "x"))
            }
        elif name in LOOKERS:
            pages = [node for node in call.args if isinstance(node, ast.Constant | ast.IfExp)]
            found |= {rf"{one}\.seen" for node in pages for one in texts(node)}
    return found


def an_example_of(pattern: str) -> str:
    return pattern.replace("\\", "").replace("[a-z_]+", "x")


def test_every_act_that_the_code_writes_has_words() -> None:
    actions = written_actions()
    assert len(actions) > 25
    wordless = [one for one in actions if not any(re.fullmatch(one, known) for known in WORDS)]
    assert wordless == []


def test_words_are_for_people() -> None:
    for action, words in WORDS.items():
        assert re.fullmatch(r"[a-z][\w ,:'-]+", words), action
