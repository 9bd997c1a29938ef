"""Going through the clinic's pages as a spider does: every page that is linked, every form on it.

So a new page or form is attacked without anybody thinking of it. No test lives here.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from tests.conftest import Person

ENTRANCES = ("/clinic", "/clinic/settings", "/clinic/account")
OF_A_RECORD = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
TYPED = {"text", "search", "tel", "password", "number", "date", "time", "email"}
FILLED = {
    "display_name": "Nora P.",
    "second_identifier": "1971",
    "phone_number": "07700 900111",
    "staff_display_name": "Dr New",
    "injected": "Dextrose 15 %",
    "note": "Called, all is well.",
    "outcome": "spoke_with_patient",
    "typed_name": "Dr Cole",
    "q": "ana",
}
"""What a person would type, where a page has nothing in the field yet."""


@dataclass
class Form:
    """A form as a browser would send it if nobody changed anything."""

    page: str
    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    texts: set[str] = field(default_factory=set)
    has_file: bool = False

    @property
    def kind(self) -> str:
        """Its address without the ids of records, and the names of its fields."""
        return OF_A_RECORD.sub("*", self.action) + " " + ",".join(sorted(self.fields))

    def filled(self) -> dict[str, list[str]]:
        """Its fields with something in them, where we know what a person would type."""
        return {
            name: [FILLED.get(name, "")] if values in ([], [""]) else values
            for name, values in self.fields.items()
        }


class _Page(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select = self._textarea = ""
        self._typed = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(urljoin(self.address, given["href"]))
        if tag == "form" and given.get("method", "get").lower() == "post":
            self._form = Form(self.address, urljoin(self.address, given.get("action", "")))
            self.forms.append(self._form)
        if self._form is None or not (name := given.get("name") or self._select):
            return
        values = self._form.fields.setdefault(name, []) if tag != "option" else []
        kind = given.get("type", "text").lower()
        if tag == "input" and kind == "file":
            self._form.has_file = True
        elif tag == "input" and kind in ("checkbox", "radio"):
            if "checked" in given or (kind == "radio" and not values):
                values[:] = [given.get("value", "on")]
        elif tag in ("input", "button"):
            values.append(given.get("value", ""))
            if tag == "input" and kind in TYPED:
                self._form.texts.add(name)
        elif tag == "select":
            self._select = name
        elif tag == "option" and (not self._form.fields[self._select] or "selected" in given):
            self._form.fields[self._select] = [given.get("value", "")]
        elif tag == "textarea":
            self._textarea, self._typed = name, ""
            self._form.texts.add(name)

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self._typed += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea" and self._textarea:
            if self._form is not None:
                self._form.fields[self._textarea] = [self._typed]
            self._textarea = ""


def pages(who: Person, *, most: int = 120) -> Iterator[tuple[str, str]]:
    """Every page that this person reaches from the entrance by links: (address, HTML).

    Of pages that differ only by the record or the query, the first few are enough.
    """
    waiting, seen = deque(ENTRANCES), set(ENTRANCES)
    kinds: dict[str, int] = {}
    while waiting and most:
        address = waiting.popleft()
        answer = who.get(address)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        most -= 1
        html = answer.get_data(as_text=True)
        yield address, html
        for link in links_of(address, html):
            kind = OF_A_RECORD.sub("*", urlsplit(link).path)
            if link in seen or kinds.get(kind, 0) >= 3:
                continue
            kinds[kind] = kinds.get(kind, 0) + 1
            seen.add(link)
            waiting.append(link)


def links_of(address: str, html: str) -> list[str]:
    """The addresses of the clinic that a page leads to."""
    page = _Page(address)
    page.feed(html)
    paths = [link.partition("#")[0] for link in page.links]
    return [path for path in paths if path.startswith("/clinic")]


def forms_of(address: str, html: str) -> list[Form]:
    """The forms of a page that change or search something."""
    page = _Page(address)
    page.feed(html)
    return page.forms


def every_form(who: Person) -> list[Form]:
    """One of each kind of form that this person meets."""
    found: dict[str, Form] = {}
    for address, html in pages(who):
        for form in forms_of(address, html):
            found.setdefault(form.kind, form)
    return list(found.values())
