"""The card that a patient takes home: code, address and QR code. The code is on no other page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import segno

from pwa.accounts import invites


@dataclass(frozen=True)
class QrCode:
    """A QR code as the path of a drawing `size` units wide, its quiet border included."""

    size: int
    path: str


@dataclass(frozen=True)
class InviteCard:
    """A fresh invite."""

    code: str
    display_name: str
    address: str
    link: str
    expires_at: datetime
    qr: QrCode


def make_card(*, code: str, display_name: str, public_url: str, at: datetime) -> InviteCard:
    """The card for a code that has just been issued."""
    grouped = invites.grouped(code)
    link = f"{public_url}/join#{grouped}"
    return InviteCard(
        code=grouped,
        display_name=display_name,
        address=f"{public_url.partition('://')[2]}/join",
        link=link,
        expires_at=at + invites.LIFETIME,
        qr=draw_qr(link),
    )


def draw_qr(text: str) -> QrCode:
    """One path of horizontal strokes; no image, so that it needs no other address."""
    rows = [list(row) for row in segno.make_qr(text, error="m").matrix_iter(border=4)]
    parts = []
    for y, row in enumerate(rows):
        start: int | None = None
        for x, is_dark in enumerate([*row, 0]):
            if is_dark and start is None:
                start = x
            elif not is_dark and start is not None:
                parts.append(f"M{start} {y}h{x - start}v1h-{x - start}z")
                start = None
    return QrCode(size=len(rows), path="".join(parts))
