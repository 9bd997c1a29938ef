"""To which addresses this server sends anything: the push services of browsers, and no other.

A browser tells us where its push service wants to be asked. Somebody who signs in may say what they
like, so an address that leads anywhere else, above all into our own network, is not taken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from pwa.reminders.models import LONGEST_ENDPOINT

SERVICES = (
    "fcm.googleapis.com",
    "jmt17.google.com",
    "push.services.mozilla.com",
    "push.apple.com",
    "notify.windows.com",
)
"""Chrome and its kin (the second on its early versions), Firefox, Safari, Edge. Names below these
count too. Each belongs to the maker of the browser, so nobody else can point it elsewhere."""
WRITTEN = re.compile(r"https?://[A-Za-z0-9.:\-]+/[!-\[\]-~]*")
"""Visible ASCII without a backslash, and no name or password before the host."""


@dataclass(frozen=True)
class Gate:
    """Lets addresses of push services through.

    Attributes:
        loopback_port: for tests, a push service of their own on this machine. Never in a release.
    """

    loopback_port: int | None = None

    def lets_through(self, endpoint: str) -> bool:
        """Whether we may send to this address."""
        if len(endpoint) > LONGEST_ENDPOINT or not WRITTEN.fullmatch(endpoint):
            return False
        try:
            parts = urlsplit(endpoint)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return False
        if self.loopback_port is not None and (host, port) == ("127.0.0.1", self.loopback_port):
            return True
        is_known = any(host == name or host.endswith(f".{name}") for name in SERVICES)
        return parts.scheme == "https" and port in (None, 443) and is_known and not parts.fragment
