"""QR codes as drawings inside a page: no image, so that they need no other address.

Here: the drawing. Not here: what stands in one. An invite's code and an authenticator's secret
belong to one page each; the address of a public page may stand anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import segno

QUIET_BORDER = 4


@dataclass(frozen=True)
class QrCode:
    """A QR code as one path of strokes, in a square `size` units wide, its quiet border included.

    The strokes are one unit wide: draw them with `stroke`, without `fill`.
    """

    size: int
    path: str


def draw_qr(text: str) -> QrCode:
    """Draw this text; up to 15 % of the drawing may be hidden by a thumb or a crease."""
    rows = [tuple(row) for row in segno.make_qr(text, error="m").matrix_iter(border=0)]
    path = "".join(_strokes(row, QUIET_BORDER + y) for y, row in enumerate(rows))
    return QrCode(size=len(rows) + 2 * QUIET_BORDER, path=path)


def _strokes(row: tuple[int, ...], y: int) -> str:
    """One row: dark stretches are drawn, light ones jumped over."""
    stretches = [(is_dark, len(tuple(same))) for is_dark, same in groupby(row)]
    if stretches and not stretches[-1][0]:
        stretches.pop()
    drawn = "".join(f"h{length}" if is_dark else f"m{length} 0" for is_dark, length in stretches)
    return f"M{QUIET_BORDER} {y}.5{drawn}"
