"""What I did today, over HTTP: for every member of staff, of themselves, at this clinic."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from pwa.clinic import own_day
from pwa.clinic.desk import draw, looking
from pwa.doors import staff_only
from pwa.problems import NotFound

pages = Blueprint("today", __name__, url_prefix="/account/today")


@pages.get("")
@staff_only
def show_today() -> ResponseReturnValue:
    """Today, or another day that was: in numbers, then act by act."""
    with looking("own_day") as desk:
        shown = own_day.read_day(
            clinic_id=desk.clinic_id,
            account_id=desk.account_id,
            day=_day(desk.when.today),
            when=desk.when,
            before=_before(),
        )
    return draw("own_day.html", desk, page="account", shown=shown, counts=shown.counts)


def _day(today: date) -> date:
    text = request.args.get("day")
    if text is None:
        return today
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotFound from None


def _before() -> int | None:
    text = request.args.get("before")
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise NotFound
    return int(text)
