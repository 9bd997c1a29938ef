"""The card that a patient takes home: code, address and QR code. The code is on no other page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pwa.accounts import invites
from pwa.qr_codes import QrCode, draw_qr


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
