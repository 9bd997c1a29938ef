"""The installation's master keys and what is derived from them.

Each key is a file of the instance folder, named by its `kid`, and never in the database. What was
sealed under an older key can still be opened, so a key that was used must not go missing: the
server refuses to start without it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import secrets
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import select

from pwa.accounts.models import MasterKey
from pwa.config import ConfigError
from pwa.database import db

KEY_BYTES = 32
FOLDER = "master_keys"
CURRENT = "current"
LOCK = "lock"


class KeyMissing(Exception):
    """There is no such key in the instance folder."""


class KeyRing:
    """The key files of one instance folder: `<kid>` each, and `current` that names one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def current(self) -> str:
        """The `kid` under which new things are sealed. Makes the first key where there is none."""
        if not (self.folder / CURRENT).exists():
            with self._alone():
                if not (self.folder / CURRENT).exists():
                    self._make()
        return (self.folder / CURRENT).read_text("ascii").strip()

    def rotate(self) -> str:
        """Make a new key and seal under it from now on; older ones stay. Returns its `kid`."""
        with self._alone():
            return self._make()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Of several processes and threads, one at a time: two first keys would be one too many."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        with (self.folder / LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _make(self) -> str:
        kid = str(uuid.uuid4())
        _write_private(self.folder / kid, secrets.token_hex(KEY_BYTES))
        _write_private(self.folder / CURRENT, kid)
        return kid

    def read(self, kid: str) -> bytes:
        """The 32 bytes of a key. Raises KeyMissing."""
        if kid not in self.kids():
            raise KeyMissing(kid)
        return bytes.fromhex((self.folder / kid).read_text("ascii").strip())

    def kids(self) -> frozenset[str]:
        """Every key that is here."""
        if not self.folder.exists():
            return frozenset()
        names = (path.name for path in self.folder.iterdir() if not path.name.endswith(".new"))
        return frozenset(names) - {CURRENT, LOCK}

    def derive(self, kid: str, *, salt: str, info: str) -> bytes:
        """32 bytes by HKDF-SHA256 from a master key. Raises KeyMissing."""
        hkdf = HKDF(algorithm=SHA256(), length=32, salt=salt.encode(), info=info.encode())
        return hkdf.derive(self.read(kid))


def note_use(ring: KeyRing, kid: str, *, at: datetime) -> None:
    """Remember that something is sealed under this key. Call inside a write transaction."""
    if db.session.get(MasterKey, kid) is None:
        fingerprint = hashlib.sha256(ring.read(kid)).hexdigest()
        db.session.add(MasterKey(kid=kid, fingerprint=fingerprint, first_used_at=at))
        db.session.flush()


def check_all_here(ring: KeyRing) -> None:
    """Refuse to go on where a key that was used is missing or is another one.

    Raises:
        ConfigError: naming the keys.
    """
    used = db.session.scalars(select(MasterKey))
    lost = [row.kid for row in used if not _is_that_key(ring, row)]
    if lost:
        raise ConfigError(
            f"INSTANCE_PATH lacks keys that phones still need, in {FOLDER}/: "
            f"{', '.join(sorted(lost))}. Put them back from where you keep them."
        )


def _is_that_key(ring: KeyRing, row: MasterKey) -> bool:
    try:
        return hashlib.sha256(ring.read(row.kid)).hexdigest() == row.fingerprint
    except (KeyMissing, ValueError):  # not here, or not a key
        return False


def _write_private(path: Path, text: str) -> None:
    """Whole or not at all, on disk before anybody reads it, and its owner's only."""
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
