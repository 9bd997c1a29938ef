"""Lists of patients between the preview and the taking: files of the instance folder, for an hour.

Each belongs to the person who brought it, and nobody else is shown it. What is kept is the file
itself, to read it in another way, and what was read of it: exactly that is taken. Not in the
database, so that an abandoned list is in no backup.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from pwa.clinic.import_list import Column, Flaw, Row
from pwa.files import FOLDER_OWNER_ONLY, OWNER_ONLY, write_private
from pwa.problems import NotFound
from pwa.treatments.records import TreatmentForm

FOLDER = "lists"
LIFETIME = timedelta(hours=1)
ROWS, FLAWS = ("rows", "shared_rows"), ("flaws", "shared", "here", "late")
KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Kept:
    """A list that waits, or that is being taken in.

    Attributes:
        rows: those that are taken when somebody confirms.
        shared: rows whose identifier another person has; taken only where that was asked for.
        flaws: lines that cannot be taken.
        here: lines about patients who are here already.
        next_at: how many of the rows were gone through; None before somebody confirmed.
        taken_count: how many of these became patients.
        late: lines that turned out to be patients only when they were taken.
    """

    key: str
    clinic_id: str
    account_id: str
    made_at: datetime
    file_name: str
    file_hash: str
    encoding: str
    wanted_encoding: str
    day_order: str
    separator: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    shared_rows: tuple[Row, ...]
    shared: tuple[Flaw, ...]
    flaws: tuple[Flaw, ...]
    here: tuple[Flaw, ...]
    empty_count: int
    next_at: int | None = None
    takes_shared: bool = False
    taken_count: int = 0
    late: tuple[Flaw, ...] = ()

    @property
    def wanted_rows(self) -> tuple[Row, ...]:
        """The rows that are taken, in the order of the file."""
        if not self.takes_shared:
            return self.rows
        return tuple(sorted((*self.rows, *self.shared_rows), key=lambda row: row.line))

    @property
    def is_done(self) -> bool:
        """Whether every row was gone through."""
        return self.next_at is not None and self.next_at >= len(self.wanted_rows)


@dataclass(frozen=True)
class Progress:
    """How far a list has come."""

    next_at: int
    takes_shared: bool
    taken_count: int
    late: tuple[Flaw, ...]


class Shelf:
    """The lists of one instance folder."""

    def __init__(self, instance_path: Path) -> None:
        self.path = instance_path / FOLDER

    def put(self, kept: Kept, content: bytes) -> None:
        """Keep a list with its file."""
        self.path.mkdir(mode=FOLDER_OWNER_ONLY, exist_ok=True)
        descriptor = os.open(
            self._file(kept.key, "csv"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY
        )
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        self._write(kept.key, "json", json.dumps(_data_of(kept)), at=kept.made_at)
        self._age(kept.key, "csv", kept.made_at)

    def get(self, key: str, *, clinic_id: str, account_id: str, at: datetime) -> Kept:
        """A list of this person. Raises NotFound: somebody else's, or its hour is over."""
        self.sweep(at=at)
        if not KEY.fullmatch(key):
            raise NotFound
        try:
            kept = _kept_from(json.loads(self._file(key, "json").read_text("utf-8")))
        except FileNotFoundError:
            raise NotFound from None
        if (kept.clinic_id, kept.account_id) != (clinic_id, account_id):
            raise NotFound
        with suppress(FileNotFoundError):
            said = json.loads(self._file(key, "progress").read_text("utf-8"))
            late = tuple(Flaw(**one) for one in said.pop("late"))
            kept = replace(kept, **said, late=late)
        return kept

    def content(self, key: str) -> bytes:
        """The file as it was handed in. Raises NotFound."""
        try:
            return self._file(key, "csv").read_bytes()
        except FileNotFoundError:
            raise NotFound from None

    def note(self, kept: Kept, progress: Progress) -> None:
        """Keep how far it has come. From the first time on it cannot be read in another way."""
        self._write(kept.key, "progress", json.dumps(asdict(progress)), at=kept.made_at)
        self._file(kept.key, "csv").unlink(missing_ok=True)

    def drop(self, key: str) -> None:
        """Throw a list away."""
        for kind in ("json", "csv", "progress"):
            self._file(key, kind).unlink(missing_ok=True)

    def sweep(self, *, at: datetime) -> None:
        """Throw away what is older than an hour."""
        for path in self._files():
            with suppress(FileNotFoundError):
                if datetime.fromtimestamp(path.stat().st_mtime, UTC) < at - LIFETIME:
                    path.unlink()

    def _files(self) -> Iterator[Path]:
        return iter(self.path.iterdir() if self.path.exists() else ())

    def _file(self, key: str, kind: str) -> Path:
        return self.path / f"{key}.{kind}"

    def _write(self, key: str, kind: str, text: str, *, at: datetime) -> None:
        write_private(self._file(key, kind), text)
        self._age(key, kind, at)

    def _age(self, key: str, kind: str, at: datetime) -> None:
        """The files of a list are of one age, by the clock that everything else goes by."""
        os.utime(self._file(key, kind), (at.timestamp(), at.timestamp()))


def new_key() -> str:
    """A name that nobody guesses."""
    return secrets.token_hex(16)


def hash_of(content: bytes) -> str:
    """What a file is known again by, in the log."""
    return hashlib.sha256(content).hexdigest()


def _data_of(kept: Kept) -> dict[str, Any]:
    """Field by field: `asdict` copies every word of fifty thousand rows, and takes seconds."""
    rows = {name: [_row_out(row) for row in getattr(kept, name)] for name in ROWS}
    others = {name: [vars(one) for one in getattr(kept, name)] for name in (*FLAWS, "columns")}
    return {**vars(kept), **rows, **others, "made_at": kept.made_at.isoformat()}


def _row_out(row: Row) -> dict[str, Any]:
    if row.treatment is None:
        return vars(row)
    day = row.treatment.performed_on.isoformat()
    return {**vars(row), "treatment": {**vars(row.treatment), "performed_on": day}}


def _kept_from(said: dict[str, Any]) -> Kept:
    flaws = {name: tuple(Flaw(**one) for one in said[name]) for name in FLAWS}
    rows = {name: tuple(map(_row_in, said[name])) for name in ROWS}
    columns = tuple(Column(**one) for one in said["columns"])
    made_at = datetime.fromisoformat(said["made_at"])
    return Kept(**{**said, **flaws, **rows, "columns": columns, "made_at": made_at})


def _row_in(said: dict[str, Any]) -> Row:
    treatment = said["treatment"]
    if treatment is not None:
        day = date.fromisoformat(treatment["performed_on"])
        treatment = TreatmentForm(**{**treatment, "performed_on": day})
    return Row(**{**said, "treatment": treatment})
