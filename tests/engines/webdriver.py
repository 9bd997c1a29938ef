"""As much of the W3C's WebDriver as these tests say: JSON over HTTP. No test lives here."""

from __future__ import annotations

import http.client
import json
from typing import Any

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""How WebDriver names an element, on the way in and out."""
PATIENCE_S = 60
CALL = """const done = arguments[arguments.length - 1];
Promise.resolve().then(() => (%s)(...[...arguments].slice(0, -1))).then(
  (value) => done({ value: value ?? null }), (error) => done({ error: String(error) }));"""


class WebDriverError(Exception):
    """What the driver or the page refused, by the driver's own name for it."""


class WebDriver:
    """One session of a driver that listens on this port."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._session = ""

    def begin(self, capabilities: dict[str, Any]) -> None:
        """Start the browser."""
        wanted = {"capabilities": {"alwaysMatch": capabilities}}
        self._session = self._send("POST", "/session", wanted)["sessionId"]

    def post(self, command: str, **body: Any) -> Any:
        """A command of the session that brings something."""
        return self._send("POST", f"/session/{self._session}/{command}", body)

    def call(self, function: str, *args: Any) -> Any:
        """Call a function of JavaScript in the page and wait for its promise.

        Raises:
            WebDriverError: it threw, or the page went away under it.
        """
        told = self.post("execute/async", script=CALL % function, args=list(args))
        if "error" in told:
            raise WebDriverError(told["error"])
        return told["value"]

    def _send(self, method: str, path: str, body: Any) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_S)
        try:
            head = {"Content-Type": "application/json"}
            connection.request(method, path, json.dumps(body), head)
            answer = connection.getresponse()
            value = json.loads(answer.read())["value"]
        finally:
            connection.close()
        if answer.status != 200:
            raise WebDriverError(f"{value['error']}: {value['message']}")
        return value
