"""A whole release in one answer: what a phone keeps, to be fetched at once.

Here: what stands in it. Not here: which files those are (`release.py`), and how they come to lie on
the phone (`static/js/sw/worker.js`). Pages and modules repeat each other, so together they travel
in half the bytes that they take one by one. A line that stands in many of them stands here once:
gzip, all that some browsers know, does not look further back than one page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from pwa.shell.assets import CONTENT_TYPES, File, as_file

WHOLE = "whole.json"
PAGE = CONTENT_TYPES[".html"]
AHEAD = re.compile(r'<link rel="(?:modulepreload|preload)" [^>]*>\n')


def pack(release_id: str, kept: Mapping[str, File]) -> File:
    """Everything that is text, by address; the worker fetches the rest one by one.

    A page that lies on the phone is seen as `as_kept` has it.
    """
    places: dict[str, int] = {}
    files = {
        address: {"type": file.content_type, "lines": _lines(file, places)}
        for address, file in kept.items()
        if file.is_text
    }
    said = {"release": release_id, "lines": list(places), "files": files}
    return as_file(WHOLE, json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode())


def as_kept(page: str) -> str:
    """A page as it lies on the phone.

    It asks for nothing ahead: there is no way to be shortened, and it is on screen sooner without.
    And it says that it is a copy (`data-is-copy`): most who open one are signed in, so Today shows
    nothing meant for strangers before it knows who is there.
    """
    return AHEAD.sub("", page).replace("<html ", "<html data-is-copy ", 1)


def unpack(whole: Mapping[str, Any]) -> dict[str, str]:
    """The text of each file by address, as the worker puts it together."""
    lines = whole["lines"]
    return {
        address: "\n".join(lines[place] for place in file["lines"])
        for address, file in whole["files"].items()
    }


def _lines(file: File, places: dict[str, int]) -> list[int]:
    """Where its lines stand; those that are new get a place."""
    text = file.body.decode()
    if file.content_type == PAGE:
        text = as_kept(text)
    return [places.setdefault(line, len(places)) for line in text.split("\n")]
