"""Every regular expression of ours, in Python and in JavaScript, against long near-misses made of
its own pieces. What counts is growth: four times the text may cost about four times the steps,
never sixteen, in one run on one machine."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.node import NODE

ROOT = Path(__file__).resolve().parents[2]
SHORT, LONG = 2_000, 8_000
MOST_GROWTH = 9.0
"""Linear is 4, quadratic 16; the rest is for a machine that does other things too."""
TOO_SHORT_TO_COUNT_S = 0.003
TRIES = 3
USES = {"compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}
WHOLE = {"match", "fullmatch"}
JS_PATTERN = re.compile(
    r"(?:[=(,:;!&|?+{}\[]|\breturn)\s*"
    r"(/(?![*/ ])(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[dgimsuy]*)"
)


def python_patterns() -> dict[str, tuple[str, bool]]:
    """Every pattern literal under pwa/ by its place, and whether text is searched with it.

    A compiled one is searched with where its file says `NAME.search(` and the like.
    """
    found = {}
    for path in sorted((ROOT / "pwa").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            given = how = None
            if isinstance(node, ast.Call) and node.args:
                called = ast.unparse(node.func)
                if called.startswith("re.") and called[3:] in USES:
                    given, how = node.args[0], called[3:]
            elif isinstance(node, ast.keyword) and node.arg == "pattern":
                given, how = node.value, "match"
            if isinstance(given, ast.Constant) and isinstance(given.value, str):
                searches = rf"\.(?:{'|'.join(sorted(USES - WHOLE - {'compile'}))})\("
                is_searched = bool(re.search(rf"\b[A-Z_]+{searches}", text))
                is_searched = is_searched if how == "compile" else how not in WHOLE
                found[f"{path.relative_to(ROOT)}:{given.lineno}"] = (given.value, is_searched)
    return found


def javascript_patterns() -> dict[str, str]:
    """Every regular expression literal of the phone, by the place where it stands."""
    found = {}
    for path in sorted((ROOT / "static" / "js").rglob("*.js")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            code = line.partition(" // ")[0]
            for match in JS_PATTERN.finditer(code):
                found[f"{path.relative_to(ROOT)}:{number}:{match.start()}"] = match[1]
    return found


def near_misses(pattern: str) -> list[tuple[str, str, str]]:
    """(beginning, what is repeated, a last letter that does not fit), from the pattern's pieces."""
    plain = re.sub(r"\\[dwsDWSbB]|\[[^\]]*\]|[\\^$()|?*+{}.\[\]]", " ", pattern)
    pieces = {word for word in plain.split() if len(word) <= 8}
    pieces |= {"0", "a", "A", " ", "\t", "-", "/", ".", "+", "_", "a0", "a-", "0 ", "a/", "\n", "="}
    starts = {"", "a", "0000-00-00T00:00:00", "/"}
    return [(start, piece, "\x01") for start in sorted(starts) for piece in sorted(pieces)]


def use_of(text: str, *, is_searched: bool) -> Callable[[str], object]:
    pattern = re.compile(text)
    return pattern.search if is_searched else pattern.fullmatch


def is_steep(use: Callable[[str], object], start: str, piece: str, end: str) -> bool:
    """Whether the time grows far faster than the text, in each of several tries."""
    for _ in range(TRIES):
        long_s = took(use, start + piece * (LONG // len(piece)) + end)
        if long_s < TOO_SHORT_TO_COUNT_S:
            return False
        short_s = took(use, start + piece * (SHORT // len(piece)) + end)
        if long_s / max(short_s, 1e-6) < MOST_GROWTH:
            return False
    return True


def took(use: Callable[[str], object], text: str) -> float:
    before = time.thread_time()
    use(text)
    return time.thread_time() - before


@pytest.mark.fault(107)
def test_no_pattern_of_the_server_takes_long_over_a_near_miss() -> None:
    patterns = python_patterns()
    assert len(patterns) >= 10
    steep = [
        (place, piece)
        for place, (text, is_searched) in patterns.items()
        for start, piece, end in near_misses(text)
        if is_steep(use_of(text, is_searched=is_searched), start, piece, end)
    ]
    assert steep == []


PROBE = """
import { readFileSync } from "node:fs";
const { cases, short, long, growth, floor, tries } = JSON.parse(readFileSync(0, "utf8"));
const took = (pattern, text) => {
  const before = process.cpuUsage();
  pattern.lastIndex = 0;
  pattern.test(text);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
};
const isSteep = (pattern, [start, piece, end]) => {
  for (let index = 0; index < tries; index += 1) {
    const longS = took(pattern, start + piece.repeat(long / piece.length) + end);
    if (longS < floor) return false;
    const shortS = took(pattern, start + piece.repeat(short / piece.length) + end);
    if (longS / Math.max(shortS, 1e-6) < growth) return false;
  }
  return true;
};
const steep = [];
for (const { place, source, flags, misses } of cases) {
  const pattern = new RegExp(source, flags);
  for (const miss of misses) if (isSteep(pattern, miss)) steep.push([place, miss[1]]);
}
console.log(JSON.stringify(steep));
"""


def steep_in_javascript(patterns: dict[str, str], tmp_path: Path) -> list[list[str]]:
    probe = tmp_path / "probe.mjs"
    probe.write_text(PROBE)
    cases = []
    for place, literal in patterns.items():
        source, _, flags = literal[1:].rpartition("/")
        cases.append(
            {"place": place, "source": source, "flags": flags, "misses": near_misses(source)}
        )
    question = {
        "cases": cases,
        "short": SHORT,
        "long": LONG,
        "growth": MOST_GROWTH,
        "floor": TOO_SHORT_TO_COUNT_S,
        "tries": TRIES,
    }
    done = subprocess.run(
        [NODE, "--no-warnings", probe],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.fault(107)
def test_no_pattern_of_the_phone_takes_long_over_a_near_miss(tmp_path: Path) -> None:
    patterns = javascript_patterns()
    assert len(patterns) >= 5
    assert steep_in_javascript(patterns, tmp_path) == []


def test_a_bad_pattern_is_found_in_both_languages(tmp_path: Path) -> None:
    bad = r"(?:a+-?)*/b$"
    quadratic = r"a*-b"
    text = [miss for miss in near_misses(quadratic) if miss[1] == "a" and miss[0] == ""]
    assert is_steep(use_of(quadratic, is_searched=True), *text[0])
    assert "a-" in {piece for _, piece, _ in near_misses(bad)}
    assert steep_in_javascript({"here": "/a*-b/"}, tmp_path)


def test_the_patterns_that_we_know_of_are_met() -> None:
    assert any("check_ins/wire.py" in place for place in python_patterns())
    assert any("people.py" in place for place in python_patterns())
    assert any(place.startswith("static/js/triage/") for place in javascript_patterns())
