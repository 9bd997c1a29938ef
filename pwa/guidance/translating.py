"""Lays the words of another language over the English content.

Here: which leaves of a file people read, and the strict laying of one language's leaves over
them. Rules, ids, numbers and addresses stand once, in English, and are never translated. Not
here: what the files mean (`library`, `questions`, `triage`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pwa.guidance.errors import ContentError

ENGLISH = "en"
LANGUAGE_FILE = "language.toml"
GAP = re.compile(r"\{([^{}]*)\}")
LANGUAGE_CODE = re.compile(r"[a-z]{2,3}(-[a-z]+)?")

_EVERYTHING = "*"
# By the first part of a file's name: the keys whose texts patients read. What is for clinicians
# (a rule's `words` and `clinician`, the worked cases) stays English, like their pages.
_READ_IN: Mapping[str, frozenset[str]] = {
    "aftercare": frozenset({"title", "text", "draft_days"}),
    "form": frozenset({"title", "help", "label", "none_label", "detail_label"}),
    "joints": frozenset(
        {
            "name",
            "name_title",
            "name_left",
            "name_right",
            "title",
            "text",
            "draft_days",
            "label",
            "compared_with",
            "found",
            "certainty",
            "questions",
        }
    ),
    "phrases": frozenset({_EVERYTHING}),
    "prolotherapy": frozenset({"title", "text"}),
    "rules": frozenset({"title", "act", "why"}),
    # Only of entries without an address: the titles of studies stay as they were printed.
    "sources": frozenset({"title"}),
    "warning_signs": frozenset({"text"}),
}
# Tables in which every text is read, whatever its key.
_MAPS = frozenset({"labels", "help_by_site", "option_labels", "option_labels_by_site"})
_NAMES_OF_A_ROW = ("id", "key", "code")


@dataclass(frozen=True, slots=True)
class Shelf:
    """The content files of one language: the English ones, and what is laid over them.

    Attributes:
        english: the folder with everything.
        over: the folder with another language's leaves; None for English.
    """

    english: Path
    over: Path | None = None

    @property
    def language(self) -> str:
        """The code of the language. The English folder may have any name (`CONTENT_PATH`)."""
        return self.over.name if self.over else ENGLISH

    def parse(self, name: str) -> dict[str, Any]:
        """A content file in this language.

        Raises:
            ContentError: a file or a leaf that is missing, unknown, or has other gaps.
        """
        data = _parse(self.english, name)
        if self.over is None or kind_of(name) not in _READ_IN:
            return data
        laying = _Laying(file=f"{self.over.name}/{name}", names=_READ_IN[kind_of(name)])
        said = _parse(self.over, name, shown_as=laying.file)
        if kind_of(name) == "sources":
            laid = laying.lay_sources(data, said)
        else:
            laid = laying.lay(data, said)
        if laying.faults:
            raise laying.faults[0]
        return dict(laid)

    def read_language(self) -> dict[str, Any]:
        """What the language says of itself: its own name and its direction."""
        return _parse(self.over or self.english, LANGUAGE_FILE)

    def refuse_strange_files(self) -> None:
        """Raises ContentError for a file that lies over none."""
        for fault in self._strange_files():
            raise fault

    def faults(self) -> Iterator[ContentError]:
        """Everything that keeps this language from being offered, for whoever writes it."""
        yield from self._strange_files()
        for path in sorted(self.english.rglob("*.toml")):
            name = path.relative_to(self.english).as_posix()
            yield from self._faults_of(name)

    def _faults_of(self, name: str) -> Iterator[ContentError]:
        if self.over is None or kind_of(name) not in _READ_IN:
            return
        laying = _Laying(file=f"{self.over.name}/{name}", names=_READ_IN[kind_of(name)])
        try:
            said = _parse(self.over, name, shown_as=laying.file)
        except ContentError as fault:
            yield fault
            return
        data = _parse(self.english, name)
        if kind_of(name) == "sources":
            laying.lay_sources(data, said)
        else:
            laying.lay(data, said)
        yield from laying.faults

    def _strange_files(self) -> Iterator[ContentError]:
        if self.over is None:
            return
        for path in sorted(self.over.rglob("*.toml")):
            name = path.relative_to(self.over).as_posix()
            is_known = kind_of(name) in _READ_IN and (self.english / name).is_file()
            if name != LANGUAGE_FILE and not is_known:
                yield ContentError(f"{self.over.name}/{name}", "file", "lies over no file")


def kind_of(name: str) -> str:
    """ "joints" of joints/knee.toml, "form" of form_2.toml, "warning_signs" of its own."""
    first = name.split("/", maxsplit=1)[0].removesuffix(".toml")
    return re.sub(r"_[0-9]+$", "", first)


def words_of(name: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Only what people read of a content file, with the names of its rows: what a translator is
    given. Empty where the file is not translated."""
    kind = kind_of(name)
    if kind not in _READ_IN:
        return {}
    laying = _Laying(file=name, names=_READ_IN[kind])
    if kind == "sources":
        data = {key: row for key, row in data.items() if "address" not in row}
    return laying.only_words(data)


def other_languages(english: Path) -> tuple[str, ...]:
    """The folders beside the English one that say that they hold a language."""
    beside = sorted(path.parent.name for path in english.parent.glob(f"*/{LANGUAGE_FILE}"))
    return tuple(name for name in beside if name != english.name and LANGUAGE_CODE.fullmatch(name))


@dataclass(slots=True)
class _Laying:
    """Lays one file over another and remembers every fault, since a translator wants them all."""

    file: str
    names: frozenset[str]
    faults: list[ContentError] = field(default_factory=list)

    def lay(self, given: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
        return self._table(given, said, "", is_read=_EVERYTHING in self.names)

    def lay_sources(self, given: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
        ours = {name: row for name, row in given.items() if "address" not in row}
        return {**given, **self._table(ours, said, "", is_read=False)}

    def only_words(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return self._words(given, is_read=_EVERYTHING in self.names)

    def _words(self, given: Any, *, is_read: bool) -> Any:
        if isinstance(given, list):
            rows = [one for one in given if self._holds_words(one, is_read=is_read)]
            is_named = self._name_of(given) is not None
            return [
                self._words(one, is_read=is_read and not isinstance(one, dict))
                for one in (rows if is_named else given)
            ]
        if not isinstance(given, dict):
            return given
        return {
            name: self._words(value, is_read=self._reads(name, is_read))
            for name, value in given.items()
            if (name in _NAMES_OF_A_ROW and isinstance(value, str))
            or self._holds_words(value, is_read=self._reads(name, is_read))
        }

    def _fault(self, key: str, reason: str) -> None:
        self.faults.append(ContentError(self.file, key, reason))

    def _table(
        self, given: Mapping[str, Any], said: object, key: str, *, is_read: bool
    ) -> dict[str, Any]:
        if not isinstance(said, dict):
            self._fault(key or "file", "must be a table")
            return dict(given)
        for name in said:
            inner = f"{key}.{name}" if key else name
            if name not in given:
                self._fault(inner, "stands nowhere in English")
            elif name in _NAMES_OF_A_ROW and said[name] == given[name]:
                continue
            elif not self._holds_words(given[name], is_read=self._reads(name, is_read)):
                self._fault(inner, "is not translated: it stands once, in English")
        return {
            name: self._value(
                value,
                said.get(name),
                f"{key}.{name}" if key else name,
                is_read=self._reads(name, is_read),
            )
            for name, value in given.items()
        }

    def _reads(self, name: str, is_read: bool) -> bool:
        return is_read or name in self.names or name in _MAPS

    def _holds_words(self, given: object, *, is_read: bool) -> bool:
        if isinstance(given, str):
            return is_read
        if isinstance(given, list):
            return any(
                self._holds_words(one, is_read=is_read and not isinstance(one, dict))
                for one in given
            )
        if isinstance(given, dict):
            return any(
                self._holds_words(value, is_read=self._reads(name, is_read))
                for name, value in given.items()
            )
        return False

    def _value(self, given: Any, said: Any, key: str, *, is_read: bool) -> Any:
        if not self._holds_words(given, is_read=is_read):
            return given
        if said is None:
            self._fault(key, "is missing")
            return given
        if isinstance(given, dict):
            # Below a key such as `title` a table has keys of its own; below `labels` all is read.
            return self._table(given, said, key, is_read=is_read)
        if isinstance(given, list):
            return self._list(given, said, key, is_read=is_read)
        return self._text(given, said, key)

    def _list(self, given: list[Any], said: Any, key: str, *, is_read: bool) -> list[Any]:
        if not isinstance(said, list):
            self._fault(key, "must be a list")
            return given
        by_name = self._name_of(given)
        if by_name is not None:
            return self._rows(given, said, key, by_name)
        if len(said) != len(given):
            self._fault(key, f"has {len(said)} instead of {len(given)}")
            return given
        return [
            self._value(one, other, f"{key}[{at}]", is_read=is_read and not isinstance(one, dict))
            for at, (one, other) in enumerate(zip(given, said, strict=True))
        ]

    def _name_of(self, given: list[Any]) -> str | None:
        for name in _NAMES_OF_A_ROW:
            if all(isinstance(row, dict) and name in row for row in given):
                return name
        return None

    def _rows(self, given: list[Any], said: list[Any], key: str, by: str) -> list[Any]:
        rows: dict[object, object] = {}
        for at, row in enumerate(said):
            name = row.get(by) if isinstance(row, dict) else None
            if not isinstance(name, str) or name in rows:
                self._fault(f"{key}[{at}].{by}", "is missing or stands there twice")
                continue
            rows[name] = row
        names = [row[by] for row in given]
        for name in rows:
            if name not in names:
                self._fault(f"{key}.{name}", "stands nowhere in English")
        laid = []
        for row in given:
            if self._holds_words(row, is_read=False) and row[by] not in rows:
                self._fault(f"{key}.{row[by]}", "is missing")
            found = rows.get(row[by])
            where = f"{key}.{row[by]}"
            laid.append(row if found is None else self._table(row, found, where, is_read=False))
        return laid

    def _text(self, given: str, said: object, key: str) -> str:
        if not isinstance(said, str) or not said.strip() or said != said.strip():
            self._fault(key, "must be a text without spaces around it")
            return given
        wanted, found = set(GAP.findall(given)), set(GAP.findall(said))
        if wanted != found:
            missing = ", ".join(sorted(f"{{{name}}}" for name in wanted ^ found))
            self._fault(key, f"has other gaps than the English: {missing}")
        return said


def _parse(root: Path, name: str, *, shown_as: str | None = None) -> dict[str, Any]:
    shown = shown_as or name
    try:
        return tomllib.loads((root / name).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ContentError(shown, "file", "is missing") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ContentError(shown, "file", f"is not valid TOML: {error}") from error
