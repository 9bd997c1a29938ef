"""Sending one reminder to a browser's push service (RFC 8030), encrypted for that browser.

What it says is in none of the bytes: the worker on the phone knows its one sentence. Errors are
told by name; an answer's text is never logged.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

import requests
from pywebpush import WebPushException, webpush

from pwa.config import Settings
from pwa.reminders.endpoints import Gate
from pwa.reminders.vapid import PushKey

Outcome = Literal["sent", "gone", "later", "refused"]
PAYLOAD = '{"v":1}'
TOPIC = "reminder"
"""A newer one takes the place of one that a phone has not fetched yet."""
WAIT_S = 10
GONE = (404, 410)
BUSY = (408, 425, 429)
log = logging.getLogger(__name__)


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
        try:
            with _StraightOn() as line:
                webpush(
                    subscription_info={
                        "endpoint": letter.endpoint,
                        "keys": {"p256dh": letter.p256dh, "auth": letter.auth},
                    },
                    data=PAYLOAD,
                    vapid_private_key=str(self.key.path()),
                    vapid_claims={"sub": self._contact},
                    headers={"Topic": TOPIC, "Urgency": "normal"},
                    ttl=letter.ttl_s,
                    timeout=WAIT_S,
                    requests_session=line,
                )
        except WebPushException as error:
            return _outcome_of(error.status_code)
        except requests.RequestException as error:
            log.warning("a push service was not reached: %s", type(error).__name__)
            return "later"
        return "sent"


class _StraightOn(requests.Session):
    """Follows nobody who says that it is elsewhere."""

    def post(self, url: Any, data: Any = None, json: Any = None, **more: Any) -> requests.Response:
        return super().post(url, data=data, json=json, **{**more, "allow_redirects": False})


def _outcome_of(status: int | None) -> Outcome:
    if status in GONE:
        return "gone"
    if status is None or status in BUSY or status >= 500:
        return "later"
    log.warning("a push service refused a reminder: status %s", status)
    return "refused"


def _contact(public_url: str) -> str:
    """Where a push service finds who sends (the claim `sub`): our own address, without its port."""
    host = urlsplit(public_url).hostname or ""
    return f"https://{host}" if "." in host else "https://localhost"
