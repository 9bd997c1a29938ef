"""The line between phones and server, and everything that happens to a request on its way."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.stateful.clinic import Answer, Clinic, Held

FOREIGN = {
    "portal": (200, "<h1>Welcome to the café</h1>", {}),
    "foreign 401": (401, "<h1>Who are you?</h1>", {}),
    "foreign 403": (403, "<h1>Not from this network</h1>", {}),
    "foreign 413": (413, "<h1>Too much</h1>", {}),
    "foreign 429": (429, "<h1>Slow down</h1>", {"Retry-After": "60"}),
    "foreign 502": (502, "<h1>Bad gateway</h1>", {}),
}
"""Answers of somebody in between. The server never hears of the request."""
INSIDE = {
    "crash before item 1": {"crash_before_item": 1},
    "crash before item 2": {"crash_before_item": 2},
    "crash at commit": {"crash_at_commit": True},
    "crash after commit": {"crash_after_commit": True},
    "full at commit": {"full_at_commit": True},
}
"""What goes wrong in the middle of the server's work."""
FATES = (
    "ok",
    "dropped",
    "reply lost",
    "twice",
    "copy stays",
    "slow",
    "reply late",
    "cut",
    "shuffled",
    *INSIDE,
    *FOREIGN,
)
"""ok · dropped: it never arrives · reply lost: done, but nobody hears · twice: delivered two times
at once · copy stays: answered, and delivered once more some day · slow: given up by the phone, and
delivered some day · reply late: done, and the answer is on its way · cut: the answer ends in the
middle · shuffled: the results come in another order"""


@dataclass(frozen=True)
class Asked:
    """A request as it left a browser."""

    tab: str
    profile: str
    method: str
    path: str
    body: str | None
    cookie: str | None

    @property
    def what(self) -> str:
        """The last word of the address: sync, changes, session …"""
        return self.path.partition("?")[0].rsplit("/", 1)[-1]

    @property
    def json(self) -> Any:
        """The body as the server reads it."""
        return json.loads(self.body) if self.body else None


@dataclass(frozen=True)
class Exchange:
    """What the server was asked and said, and the database before and after."""

    asked: Asked
    answer: Answer
    account: str | None
    is_ended: bool
    before: Held
    after: Held
    is_forged: bool = False


@dataclass
class Fate:
    """What happens to the `nth` request for `where` of the coming act."""

    name: str = "ok"
    where: str = "sync"
    nth: int = 0

    def is_for(self, asked: Asked) -> bool:
        """Whether this request is the one; counts."""
        if self.name == "ok" or asked.what != self.where:
            return False
        self.nth -= 1
        return self.nth == -1


@dataclass
class Line:
    """Carries requests to the clinic, keeps each profile's cookie, and does what fate wants."""

    clinic: Clinic
    note: Callable[[Exchange], None]
    known: Callable[[], Held]
    fate: Fate = field(default_factory=Fate)
    cookies: dict[str, str | None] = field(default_factory=dict)
    copies: list[Asked] = field(default_factory=list)
    late: dict[str, tuple[Asked, Answer]] = field(default_factory=dict)
    struck: int = 0

    def carry(self, given: dict[str, Any]) -> dict[str, Any]:
        """One request of a phone."""
        asked = Asked(**given, cookie=self.cookies.get(given["profile"]))
        if not asked.path.startswith("/api/"):
            return _for_phone(Answer(404))
        fate = self.fate.name if self.fate.is_for(asked) else "ok"
        if fate == "reply late" and asked.what not in ("sync", "changes"):
            fate = "reply lost"  # only a run of the sender waits in the background
        self.struck += fate != "ok"
        if fate in FOREIGN:
            status, text, headers = FOREIGN[fate]
            return _for_phone(
                Answer(status, [("Content-Type", "text/html"), *headers.items()], text)
            )
        if fate in ("copy stays", "slow"):
            self.copies.append(asked)
        if fate in ("dropped", "slow"):
            return _for_phone(Answer(0))
        return self._come_back(asked, self._reach(asked, fate), fate)

    def _reach(self, asked: Asked, fate: str) -> Answer:
        """The server hears it, once or twice, and goes through whatever is in store for it."""
        for name, value in INSIDE.get(fate, {}).items():
            setattr(self.clinic.faults, name, value)
        answer = self.deliver(asked)
        self.clinic.faults.clear()
        return self.deliver(asked) if fate == "twice" else answer

    def _come_back(self, asked: Asked, answer: Answer, fate: str) -> dict[str, Any]:
        """The way back."""
        if fate == "reply lost":
            return _for_phone(Answer(0))
        if fate == "reply late":
            self.late[asked.tab] = (asked, answer)
            return {"is_held": True}
        if fate == "cut":
            answer = Answer(answer.status, answer.headers, answer.text[: len(answer.text) // 2])
        if fate == "shuffled":
            answer = _shuffled(answer)
        return self.hand_over(asked, answer)

    def hand_over(self, asked: Asked, answer: Answer) -> dict[str, Any]:
        """The answer reaches the browser, cookie and all."""
        if answer.cookie is not None:
            self.cookies[asked.profile] = answer.cookie or None
        return _for_phone(answer)

    def deliver(self, asked: Asked, *, is_forged: bool = False) -> Answer:
        """The server hears this request and answers; whoever listens to the answer."""
        before = self.known()
        ticket = self.clinic.tickets.get(asked.cookie or "")
        is_ended = self.clinic.is_ended(asked.cookie)
        answer = self.clinic.answer(asked.method, asked.path, asked.body, asked.cookie)
        after = before if asked.method == "GET" else self.clinic.held()
        account = ticket.account if ticket else None
        if asked.what == "sign-in":
            account = asked.json["username"]
        self.note(Exchange(asked, answer, account, is_ended, before, after, is_forged))
        return answer


def _shuffled(answer: Answer) -> Answer:
    body = answer.body
    if answer.status != 200 or "results" not in body:
        return answer
    body["results"] = body["results"][1:] + body["results"][:1]
    return Answer(answer.status, answer.headers, json.dumps(body))


def _for_phone(answer: Answer) -> dict[str, Any]:
    headers = {name: value for name, value in answer.headers if name.lower() in PASSED_ON}
    return {"status": answer.status, "headers": headers, "text": answer.text}


PASSED_ON = ("content-type", "retry-after", "x-sync-protocol")
