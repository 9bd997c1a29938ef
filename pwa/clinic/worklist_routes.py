"""The worklist over HTTP: the page and its refreshing. What is done in it is `review_routes`."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from pwa.clinic import patients, undoing, worklist, worklist_filters
from pwa.clinic.desk import Desk, draw, library, looking, sit_down
from pwa.clinic.undoing import Undoable
from pwa.clinic.worklist import Reader, Worklist
from pwa.clinic.worklist_filters import Filters
from pwa.clinic.worklist_place import Place
from pwa.database import reading
from pwa.doors import clinicians_only, polled, staff_only
from pwa.practice import clinics

pages = Blueprint("worklist", __name__)


@pages.get("")
@staff_only
def show_worklist() -> ResponseReturnValue:
    """Who needs somebody. Administrators see no clinical data and land on the settings."""
    if current_user.role != "clinician":
        return redirect("/clinic/settings", 303)
    return _draw_worklist()


@pages.get("/worklist/rows")
@clinicians_only
@polled
def show_rows() -> ResponseReturnValue:
    """The rows alone, for the page's own refreshing: nothing when nothing has changed."""
    with reading():
        desk = sit_down()
        if request.args.get("stamp") == worklist.stamp(desk.clinic_id, at=desk.when.now):
            return Response(status=204)
        asked = _asked()
        shown = _read(desk, asked)
    return draw("_worklist_rows.html", desk, page="worklist", work=shown, asked=asked)


@dataclass(frozen=True)
class _Asked:
    """What an address asks for, and in words what of it nobody here knows."""

    filters: Filters
    after: Place | None
    unknown: tuple[str, ...]


def _asked() -> _Asked:
    asked = worklist_filters.read(request.args, joints=library().joints)
    text = request.args.get("after")
    after = None if text is None else Place.read(text)
    is_lost = text is not None and after is None
    lost = ("That place in the list is not known. This is its start.",) if is_lost else ()
    return _Asked(asked.filters, after, asked.unknown + lost)


def _draw_worklist() -> str:
    with looking("worklist") as desk:
        asked = _asked()
        shown = _read(desk, asked)
        undoable = _undoable(desk) if "read" in request.args else None
        has_patients = not shown.is_empty or patients.count(desk.clinic_id) > 0
    return draw(
        "worklist.html",
        desk,
        page="worklist",
        work=shown,
        asked=asked,
        undoable=undoable,
        has_patients=has_patients,
        rules_state=clinics.rules_state(desk.snapshot.signed, library()),
    )


def _read(desk: Desk, asked: _Asked) -> Worklist:
    return worklist.read_worklist(
        reader=Reader(desk.account_id, desk.name, desk.clinic_id),
        schedule=clinics.schedule_of(desk.snapshot.words),
        library=library(),
        at=desk.when.now,
        filters=asked.filters,
        after=asked.after,
    )


def _undoable(desk: Desk) -> Undoable | None:
    return undoing.undoable(
        clinic_id=desk.clinic_id,
        act_id=request.args.get("read", "")[:36],
        by_id=desk.account_id,
        at=desk.when.now,
    )
