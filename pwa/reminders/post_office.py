"""Sending one reminder to a browser's push service (RFC 8030), encrypted for that browser.

What it says is in none of the bytes: the worker on the phone knows its one sentence. Errors are
told by name; an answer's text is never logged. The sending itself is in `line.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Literal, cast
from urllib.parse import urlsplit

from pwa.config import Settings
from pwa.reminders.endpoints import Gate
from pwa.reminders.vapid import PushKey

Outcome = Literal["sent", "gone", "later", "refused"]


@dataclass(frozen=True)
class Letter:
    """To whom, and for how many seconds it is worth keeping."""

    clinic_id: str
    endpoint_hash: str
    endpoint: str
    p256dh: str
    auth: str
    ttl_s: int


class PostOffice:
    """Sends for one installation. Safe to use from several threads."""

    def __init__(self, settings: Settings, *, gate: Gate | None = None) -> None:
        self.gate = gate or Gate()
        self.key = PushKey(settings.instance_path)
        self._contact = _contact(settings.public_url)

    def send(self, letter: Letter) -> Outcome:
        """Hand one over.

        Returns:
            gone: this browser is not there any more · later: worth another try · refused: the
            push service does not take it from us.
        """
        if not self.gate.lets_through(letter.endpoint):
            return "gone"
        line = import_module("pwa.reminders.line")
        key_file = str(self.key.path())
        return cast(Outcome, line.hand_over(letter, key_file=key_file, contact=self._contact))


def _contact(public_url: str) -> str:
    """Where a push service finds who sends (the claim `sub`): our own address, without its port."""
    host = urlsplit(public_url).hostname or ""
    return f"https://{host}" if "." in host else "https://localhost"
