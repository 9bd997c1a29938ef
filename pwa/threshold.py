"""What a request must bring before anybody looks at it, whoever sends it and wherever it goes.

Here: a host of ours, a body whose length is told, and a body that is not compressed. Not here:
who may come in (`doors.py`) and what a body says (`strict_json.py`).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, request

from pwa.config import Settings
from pwa.problems import LengthRequired, WrongMediaType

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
"""What a health check on the machine itself may say. No name on the network resolves to these
for somebody else, so they are of no use to an attacker."""


def install(app: Flask, settings: Settings) -> None:
    """Stand before the doors."""
    app.config["TRUSTED_HOSTS"] = [host_of(settings.public_url), *LOOPBACK]

    @app.before_request
    def look_at_the_envelope() -> None:
        if "Transfer-Encoding" in request.headers:
            raise LengthRequired
        if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
            raise WrongMediaType("Send the body uncompressed.")

    @app.after_request
    def say_no_more_than_needed(response: Response) -> Response:
        response.headers["Server"] = "aftercare"
        return response


def host_of(url: str) -> str:
    """The host of an origin as a Host header says it, without the port."""
    name = urlsplit(url).hostname or ""
    return f"[{name}]" if ":" in name else name
