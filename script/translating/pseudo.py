"""A language that nobody speaks: English with accents, 40 % longer, and once from right to left.

What stands in it without an accent was never made to be translated; what breaks in it will break
in some real language. For layout tests and for looking:

    .venv/bin/python -m script.translating.pseudo FOLDER
    CONTENT_PATH=FOLDER/en script/server --demo
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from pwa.guidance.library import CONTENT
from pwa.guidance.translating import LANGUAGE_FILE, words_of
from pwa.languages import CATALOGS, catalog_path

PSEUDO = "qps"
PSEUDO_RTL = "qps-arab"
"""As if it were written in Arabic letters; a tag that browsers take for a language."""
LONGER = 0.4
GAP = re.compile(r"(\{[^{}]*\}|%\(\w+\)s|%%)")
ACCENTED = str.maketrans(
    "ABCDEGHIJKLNORSTUWYZabcdeghijklnorstuwyz", "ÅßÇÐÉĜĤÎĴĶĻÑÖŔŠŢÛŴÝŽåƀçðéĝĥîĵķļñöŕšţûŵýž"
)
FILLING = ("ļö", "ŕéé", "šîţ", "åöû", "ðîîĉ")
ALL_IDS = frozenset({"id", "key", "code"})


def make_pseudo(folder: Path, *, content: Path = CONTENT) -> Path:
    """Both made-up languages beside a copy of the English, and their catalogs.

    Returns:
        The English folder, for CONTENT_PATH.
    """
    english = Path(shutil.copytree(content, folder / "en"))
    translations = folder / "translations"
    translations.mkdir()
    shutil.copyfile(CATALOGS / "messages.pot", translations / "messages.pot")
    for code, direction in ((PSEUDO, "ltr"), (PSEUDO_RTL, "rtl")):
        _write_language(english, folder / code, code, direction)
        _write_catalog(translations, code)
    return english


def accented(text: str) -> str:
    """The text as nobody writes it: every letter changed, longer at its start, its gaps kept."""
    parts = GAP.split(text)
    letters = sum(len(part) for part in parts[::2] if any(map(str.isalpha, part)))
    changed = "".join(part if at % 2 else part.translate(ACCENTED) for at, part in enumerate(parts))
    return _filling(letters) + changed


def _filling(letters: int) -> str:
    words: list[str] = []
    while letters and len(" ".join(words)) < letters * LONGER - 1:
        words.append(FILLING[len(words) % len(FILLING)])
    return f"{' '.join(words)} " if words else ""


def _write_language(english: Path, folder: Path, code: str, direction: str) -> None:
    for path in sorted(english.rglob("*.toml")):
        name = path.relative_to(english).as_posix()
        words = words_of(name, tomllib.loads(path.read_text("utf-8")))
        if words:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(_toml(_changed(words, accented)), "utf-8")
    said = {"name": accented(code), "direction": direction, "is_reviewed": False}
    (folder / LANGUAGE_FILE).write_text(_toml(said), "utf-8")


def _write_catalog(translations: Path, code: str) -> None:
    with (translations / "messages.pot").open("rb") as file:
        template = read_po(file)
    catalog = Catalog(charset="utf-8")
    for message in template:
        if isinstance(message.id, str) and message.id:
            catalog.add(message.id, accented(message.id))
        elif message.id:
            catalog.add(message.id, tuple(map(accented, message.id)))
    path = catalog_path(translations, code)
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_po(file, catalog)


def _changed(value: Any, change: Callable[[str], str], *, name: str = "") -> Any:
    if isinstance(value, str):
        return value if name in ALL_IDS else change(value)
    if isinstance(value, list):
        return [_changed(one, change) for one in value]
    if isinstance(value, dict):
        return {key: _changed(one, change, name=key) for key, one in value.items()}
    return value


def _toml(table: dict[str, Any]) -> str:
    return "".join(f"{name} = {_inline(value)}\n" for name, value in table.items())


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_inline(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def main() -> int:
    print(f"CONTENT_PATH={make_pseudo(Path(sys.argv[1]))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
