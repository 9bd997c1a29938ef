"""Files that are there whole or not at all, on disk before anybody is told, and their owner's only.

Not here: what is in them.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

OWNER_ONLY = 0o600
FOLDER_OWNER_ONLY = 0o700


def write_private(path: Path, text: str) -> None:
    """Write a text. Whoever opens the path finds the old file or the new one, never a part."""
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    fsync_folder(path.parent)


def make_private(path: Path) -> None:
    """An empty file that only its owner may read. Raises FileExistsError."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY))


def fsync_file(path: Path) -> None:
    """What was written to this file is on disk."""
    _fsync(path, os.O_RDWR)


def fsync_folder(path: Path) -> None:
    """The names in this folder are on disk."""
    _fsync(path, os.O_RDONLY)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fsync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
