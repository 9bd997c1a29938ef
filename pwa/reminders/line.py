"""The line to the push services: pywebpush over requests.

Here: handing one letter over, and what the answer means. It is loaded with the first letter
(`post_office.py`): these two take most of a second, and most processes send none.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import requests
from pywebpush import WebPushException, webpush

if TYPE_CHECKING:
    from pwa.reminders.post_office import Letter, Outcome

PAYLOAD = '{"v":1}'
TOPIC = "reminder"
"""A newer one takes the place of one that a phone has not fetched yet."""
WAIT_S = 10
GONE = (404, 410)
BUSY = (408, 425, 429)
log = logging.getLogger(__name__)


def hand_over(letter: Letter, *, key_file: str, contact: str) -> Outcome:
    """What became of it, as `PostOffice.send` says."""
    try:
        with _StraightOn() as line:
            webpush(
                subscription_info={
                    "endpoint": letter.endpoint,
                    "keys": {"p256dh": letter.p256dh, "auth": letter.auth},
                },
                data=PAYLOAD,
                vapid_private_key=key_file,
                vapid_claims={"sub": contact},
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
