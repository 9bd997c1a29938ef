"""A browser in a few words, such as "Firefox on Windows", for its owner to know it by.

Coarse on purpose: no version, no model, and never the text that the browser sent.
"""

from __future__ import annotations

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""The first mark that is found wins: most browsers also name those that they descend from."""
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "Chromebook"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)
LONGEST_READ = 500


def label_of(user_agent: str) -> str:
    """The browser and the system that a User-Agent header names, as far as we know them."""
    text = user_agent[:LONGEST_READ]
    browser = _first(BROWSERS, text) or "A browser"
    system = _first(SYSTEMS, text)
    return f"{browser} on {system}" if system else browser


def _first(marks: tuple[tuple[str, str], ...], text: str) -> str | None:
    return next((name for mark, name in marks if mark in text), None)
