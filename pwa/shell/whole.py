"""A whole release in one answer: what a phone keeps, to be fetched at once.

Here: what stands in it. Not here: which files those are (`release.py`), and how they come to lie on
the phone (`static/js/sw/worker.js`). Pages and modules repeat each other, so together they travel
in half the bytes that they take one by one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from pwa.shell.assets import File, as_file

WHOLE = "whole.json"
AHEAD = re.compile(r'<link rel="(?:modulepreload|preload)" [^>]*>\n')


def pack(release_id: str, kept: Mapping[str, File]) -> File:
    """Everything that is text, by address; the worker fetches the rest one by one.

    A page that lies on the phone asks for nothing ahead: there is no way to be shortened, and it
    is on screen sooner without them.
    """
    files = {
        address: {"type": file.content_type, "text": AHEAD.sub("", file.body.decode())}
        for address, file in kept.items()
        if file.is_text
    }
    said = {"release": release_id, "files": files}
    return as_file(WHOLE, json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode())
