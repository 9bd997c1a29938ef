"""The list of what was erased, kept beside the database and outside every backup of it.

One line a patient: ids and times, no name. A line is on disk before the database forgets anything,
so that neither a crash nor a restore of an older backup brings somebody back.
"""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pwa.config import ConfigError
from pwa.files import OWNER_ONLY, fsync_folder

FILE_NAME = "erasures.jsonl"


@dataclass(frozen=True)
class Tombstone:
    """Whose record was erased, and by whose hand.

    Attributes:
        event_ids: the check-ins that were known then; none of them is ever taken in again.
        cause: asked, or retention.
    """

    clinic_id: str
    account_id: str
    event_ids: tuple[str, ...]
    at: datetime
    actor_id: str | None
    actor_name: str
    cause: str

    def for_line(self) -> str:
        """The line of the file that says this."""
        said = {**asdict(self), "at": self.at.isoformat(), "v": 1}
        return json.dumps(said, ensure_ascii=True, sort_keys=True)


class Tombstones:
    """The file `erasures.jsonl` of one instance folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME

    def add(self, stone: Tombstone) -> None:
        """Write one down. It is on disk when this returns."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, OWNER_ONLY)
        with os.fdopen(descriptor, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.truncate(_whole_length(file.read()))
            file.seek(0, os.SEEK_END)
            file.write(stone.for_line().encode("ascii") + b"\n")
            file.flush()
            os.fsync(file.fileno())
        fsync_folder(self.path.parent)

    def read(self) -> list[Tombstone]:
        """All of them, oldest first.

        Raises:
            ConfigError: a line that cannot be read. What it said must not be guessed away.
        """
        if not self.path.exists():
            return []
        data = self.path.read_bytes()
        lines = data[: _whole_length(data)].splitlines()
        return [self._read_line(line, number) for number, line in enumerate(lines, start=1)]

    def _read_line(self, line: bytes, number: int) -> Tombstone:
        try:
            said: dict[str, Any] = json.loads(line)
            return Tombstone(
                clinic_id=said["clinic_id"],
                account_id=said["account_id"],
                event_ids=tuple(said["event_ids"]),
                at=datetime.fromisoformat(said["at"]),
                actor_id=said["actor_id"],
                actor_name=said["actor_name"],
                cause=said["cause"],
            )
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigError(
                f"INSTANCE_PATH: line {number} of {FILE_NAME} cannot be read. It names somebody "
                "whose record was erased; put the file back from where you keep it."
            ) from error


def _whole_length(data: bytes) -> int:
    """How much of the file is whole lines. A cut one was never acted upon: its writer died before
    the database heard of it."""
    return data.rfind(b"\n") + 1
