"""Collects the sentences of the screens and brings the catalogs of all languages up to date.

`python -m script.translating.extract` writes `pwa/translations/messages.pot` and adds to each
`messages.po` what is new, with an empty translation, and takes out what nobody says any more.
Sentences that patients and the public never see (the pages of clinicians) are not collected.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from pwa.config import PROJECT_ROOT
from pwa.languages import CATALOGS

TEMPLATES = ("templates/public", "templates/patient", "templates/accounts")
SINGLE_TEMPLATES = ("templates/base.html", "templates/macros.html", "templates/problem.html")
MARKS = {"_": None, "gettext": None, "ngettext": (1, 2), "to_translate": None}
NO_TIME = datetime(2026, 1, 1, tzinfo=UTC)
"""A catalog says nothing about when it was written, so that it differs only in its sentences."""


def main() -> None:
    catalog = extracted()
    CATALOGS.mkdir(exist_ok=True)
    _write(CATALOGS / "messages.pot", catalog)
    for path in sorted(CATALOGS.glob("*/LC_MESSAGES")):
        _update(path / "messages.po", catalog, path.parent.name)


def extracted() -> Catalog:
    """Every sentence that `_()`, `ngettext()` or `to_translate()` marks, with where it stands."""
    catalog = _empty()
    for place, message in sorted(_marked()):
        catalog.add(message, locations=[(place, 0)])
    return catalog


def _empty(locale: Locale | None = None) -> Catalog:
    return Catalog(
        locale=locale,
        project="Prolo Aftercare",
        version="1",
        charset="utf-8",
        header_comment="# Sentences of the screens: script/translating/extract.py collects them.",
        msgid_bugs_address="none",
        last_translator="none",
        language_team="none",
        creation_date=NO_TIME,
        revision_date=NO_TIME,
        fuzzy=False,
    )


def _marked() -> Iterator[tuple[str, str | tuple[str, ...]]]:
    for folder, kind in ((PROJECT_ROOT / "pwa", "python"), (PROJECT_ROOT / "templates", "jinja2")):
        ending = "**.py" if kind == "python" else "**.html"
        for name, _, message, _, _ in extract_from_dir(
            folder, [(ending, kind)], {}, keywords=MARKS, comment_tags=()
        ):
            place = f"{folder.name}/{name}"
            if kind == "python" or place in SINGLE_TEMPLATES or place.startswith(TEMPLATES):
                yield place, message


def _update(path: Path, template: Catalog, language: str) -> None:
    catalog = _empty(Locale.parse(language))
    said = _said(path)
    for message in template:
        if message.id:
            translation = said.get(_key(message.id), "")
            catalog.add(message.id, translation, locations=message.locations)
    _write(path, catalog)


def _said(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        return {_key(message.id): message.string for message in read_po(file) if message.id}


def _key(sentence: str | tuple[str, ...] | list[str]) -> str:
    return sentence if isinstance(sentence, str) else sentence[0]


def _write(path: Path, catalog: Catalog) -> None:
    with path.open("wb") as file:
        write_po(
            file, catalog, width=100, omit_header=False, sort_output=True, include_lineno=False
        )


if __name__ == "__main__":
    main()
