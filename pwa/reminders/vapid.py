"""The key by which push services know this installation (VAPID, RFC 8292).

A file of the instance folder, its owner's only. Browsers are told the public half, and a reminder
is good only with the private one. Where the file is lost a new key is made: phones notice, and ask
for reminders anew.
"""

from __future__ import annotations

import base64
import fcntl
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from pwa.files import write_private

FILE_NAME = "push_key.pem"


class PushKey:
    """The key of one instance folder, made when it is needed first."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME

    def path(self) -> Path:
        """Where the private key lies. Of several that make it at once, one does."""
        if not self._path.exists():
            with self._path.with_suffix(".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if not self._path.exists():
                    write_private(self._path, _new_key())
        return self._path

    def public(self) -> str:
        """The public key as a browser wants it: the point, in base64url without padding."""
        path = self.path()
        return _public_half(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _public_half(path: Path, _changed_ns: int) -> str:
    """Read once for as long as the file is the same: phones ask for it at each start."""
    key = load_pem_private_key(path.read_bytes(), password=None)
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).decode("ascii").rstrip("=")


def _new_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode("ascii")
