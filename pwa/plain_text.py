"""What counts as one line of writing: a name, a number, what was injected.

Nobody can see a control character or a turn of direction, and both can make a line say something
else than what is kept. So they are no part of it. Notes are kept letter by letter, and every page
shows them in a block of their own, which ends what they turn.
"""

from __future__ import annotations

import unicodedata

TURNS_OF_DIRECTION = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


def one_line(text: str) -> str:
    """The text with single spaces, without what cannot be seen."""
    spaced = " ".join(text.split())
    return "".join(
        letter
        for letter in spaced
        if unicodedata.category(letter) != "Cc" and letter not in TURNS_OF_DIRECTION
    ).strip()
