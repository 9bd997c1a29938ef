"""Codes of an authenticator app (TOTP, RFC 6238): the secret, how it is sealed, which code fits.

Here: six digits, thirty seconds, one step either way. Not here: accounts, and which code was
taken before (`second_factor.py`).
"""

from __future__ import annotations

import base64
import secrets
from datetime import datetime, timedelta

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pyotp.exceptions import OTPVerificationError

from pwa.accounts.keys import KeyMissing, KeyRing

DIGITS, STEP_S, WINDOW = 6, 30, 1
ISSUER = "Prolo Aftercare"
NONCE_BYTES = 12
OFFER_LIFETIME = timedelta(minutes=15)
"""How long a secret that was shown waits for its first code."""
KEPT, OFFERED = "totp", "totp|offer"


class CannotOpen(Exception):
    """What was sealed is not ours, not this account's, too old, or its key is missing."""


def new_secret() -> str:
    """160 random bits in the letters that authenticator apps take."""
    return pyotp.random_base32(length=32)


def grouped(secret: str) -> str:
    """The secret as people type it: groups of four."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def address(secret: str, *, username: str) -> str:
    """The `otpauth:` address that a QR code carries."""
    totp = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S)
    return str(totp.provisioning_uri(name=username, issuer_name=ISSUER))


def step_of(secret: str, code: str, *, at: datetime) -> int | None:
    """The time step that this code belongs to, if it is one of the three that may be now."""
    totp = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S)
    try:
        return int(totp.verify_and_get_timecode(code, for_time=at, valid_window=WINDOW))
    except OTPVerificationError:
        return None


def seal(ring: KeyRing, secret: str, *, account_id: str) -> str:
    """The secret as the database keeps it: the key's id, then nonce and ciphertext."""
    return _seal(ring, secret, account_id=account_id, info=KEPT)


def unseal(ring: KeyRing, sealed: str, *, account_id: str) -> str:
    """The secret again. Raises CannotOpen."""
    return _unseal(ring, sealed, account_id=account_id, info=KEPT)


def seal_offer(ring: KeyRing, secret: str, *, account_id: str, at: datetime) -> str:
    """A secret that is shown and not taken yet, for the form to carry. Nothing is stored for it."""
    until = int((at + OFFER_LIFETIME).timestamp())
    return _seal(ring, f"{until}|{secret}", account_id=account_id, info=OFFERED)


def unseal_offer(ring: KeyRing, sealed: str, *, account_id: str, at: datetime) -> str:
    """The secret that the form carried. Raises CannotOpen, also when it was shown too long ago."""
    until, _, secret = _unseal(ring, sealed, account_id=account_id, info=OFFERED).partition("|")
    if at.timestamp() >= int(until):
        raise CannotOpen
    return secret


def key_of(sealed: str) -> str:
    """The id of the key under which this was sealed."""
    return sealed.partition(".")[0]


def _seal(ring: KeyRing, text: str, *, account_id: str, info: str) -> str:
    kid = ring.current()
    nonce = secrets.token_bytes(NONCE_BYTES)
    key = ring.derive(kid, salt=account_id, info=info)
    box = nonce + AESGCM(key).encrypt(nonce, text.encode(), kid.encode())
    return f"{kid}.{base64.urlsafe_b64encode(box).decode()}"


def _unseal(ring: KeyRing, sealed: str, *, account_id: str, info: str) -> str:
    kid, _, text = sealed.partition(".")
    try:
        box = base64.b64decode(text, altchars=b"-_", validate=True)
        key = ring.derive(kid, salt=account_id, info=info)
        opened = AESGCM(key).decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], kid.encode())
    except (KeyMissing, InvalidTag, ValueError):
        raise CannotOpen from None
    return opened.decode()
