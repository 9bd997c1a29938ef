"""Passwords: which are accepted, how they are kept, and a good one on request.

Length and a list of common ones, no composition rules (NIST SP 800-63B, OWASP ASVS 5.0 6.2).
"""

from __future__ import annotations

import contextlib
import secrets
import threading
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import xkcdpass
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from pwa.languages import to_translate
from pwa.problems import Busy, Invalid

SHORTEST, LONGEST = 15, 128
SUGGESTED_WORDS = 5
_hasher = PasswordHasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)
_nobody = _hasher.hash(secrets.token_hex(16))
AT_ONCE, PATIENCE_S = 4, 5.0
_places = threading.BoundedSemaphore(AT_ONCE)
"""Hashing is made to cost. Few at once, so that a crowd at the door leaves the others served."""


def check_password(password: str, *, username: str) -> None:
    """Refuse a password that is too short, too long, or one of the first to be tried.

    Raises:
        Invalid: with words that a person can act on.
    """
    if len(password) < SHORTEST:
        raise Invalid(
            to_translate("Use at least %(count)s letters. A few words work well."),
            field="password",
            values={"count": SHORTEST},
        )
    if len(password) > LONGEST:
        raise Invalid(
            to_translate("Use at most %(count)s letters."),
            field="password",
            values={"count": LONGEST},
        )
    if _is_common(password, username=username):
        raise Invalid(
            to_translate("That one is easy to guess. Try a few words instead."), field="password"
        )


def hash_password(password: str) -> str:
    """The argon2id hash to keep. Unicode forms that look the same count as the same."""
    with _a_place():
        return _hasher.hash(_normal(password))


def is_right(password_hash: str | None, password: str) -> bool:
    """Whether the password fits. Takes the same time when there is no such account."""
    try:
        with _a_place():
            _hasher.verify(password_hash or _nobody, _normal(password)[: LONGEST * 4])
    except (VerifyMismatchError, InvalidHashError):
        return False
    return password_hash is not None


@contextlib.contextmanager
def _a_place() -> Iterator[None]:
    if not _places.acquire(timeout=PATIENCE_S):
        raise Busy(retry_after_s=2)
    try:
        yield
    finally:
        _places.release()


def suggest() -> str:
    """Five words by chance: about 64 bits, and easy to type on a phone."""
    return " ".join(secrets.choice(_word_list()) for _ in range(SUGGESTED_WORDS))


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def _is_common(password: str, *, username: str) -> bool:
    """Common whole, or a common word, name or run of keys again and again."""
    bare = "".join(password.casefold().split())
    if bare in FREQUENCY_LISTS["passwords"] or len(set(bare)) < 5:
        return True
    for size in range(1, len(bare) // 2 + 1):
        piece = bare[:size]
        if (piece * (len(bare) // size + 1))[: len(bare)] == bare:
            return True
    letters = _letters(bare)
    own = {_letters(username.casefold()), "prolotherapy", "aftercare", "proloaftercare"}
    if bare == username.casefold() or (letters and letters in own):
        return True
    if letters in FREQUENCY_LISTS["passwords"]:
        return True
    runs = "01234567890123456789 abcdefghijklmnopqrstuvwxyz qwertyuiopasdfghjklzxcvbnm"
    return bare in runs or bare in runs[::-1]


def _letters(text: str) -> str:
    return "".join(character for character in text if character.isalpha())


@lru_cache(maxsize=1)
def _word_list() -> tuple[str, ...]:
    path = Path(xkcdpass.__file__).parent / "static" / "eff-long"
    words = (line.split()[-1] for line in path.read_text("utf-8").splitlines() if line.strip())
    return tuple(word for word in words if word.isascii() and word.isalpha())
