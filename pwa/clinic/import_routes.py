"""Taking in a list of patients over HTTP: the file, the preview, the taking, the cards."""

from __future__ import annotations

import contextlib
import csv
import io
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, current_app, redirect, request
from flask.typing import ResponseReturnValue

from pwa.clinic import import_list, import_taking
from pwa.clinic.card_routes import MOST_CARDS, draw_cards
from pwa.clinic.desk import Desk, draw, library, looking, sit_down
from pwa.clinic.import_list import Row, Wanted
from pwa.clinic.import_shelf import Kept, Progress, Shelf, hash_of, new_key
from pwa.config import Settings
from pwa.database import reading
from pwa.doors import clinicians_only, takes_bytes
from pwa.plain_text import one_line
from pwa.problems import Conflict, Invalid, NotFound

pages = Blueprint("import_list", __name__, url_prefix="/patients/import")
ENVELOPE_BYTES = 16 * 1024
BATCHES_AT_ONCE = 20
SECONDS_AT_ONCE = 5.0
"""So much a request, whichever is first. Then the page says how far it is and goes on."""
LINES_A_PAGE = 200
LINES_AT_FIRST = 20
SAMPLES = 5
SHOWN = ("flaws", "shared", "here", "late")
EXAMPLE = {
    "Name": ("Ana R.", "Ben T."),
    "Second identifier": ("R-1042", "R-1043"),
    "Phone": ("07700 900461", ""),
    "Joint": ("Knee", ""),
    "Side": ("right", ""),
    "Date of treatment": ("2026-11-23", ""),
    "Session number": ("1", ""),
    "What was injected": ("Dextrose 15 %", ""),
    "By whom": ("Dr Cole", ""),
}


@pages.get("")
@clinicians_only
def show_form() -> ResponseReturnValue:
    """The form that asks for the list."""
    with looking("import_form") as desk:
        pass
    return _draw_form(desk)


@pages.get("/example.csv")
@clinicians_only
def give_example() -> ResponseReturnValue:
    """A list to start from: the headings and two made-up people."""
    text = io.StringIO()
    csv.writer(text).writerows([list(EXAMPLE), *zip(*EXAMPLE.values(), strict=True)])
    return Response(
        "\ufeff" + text.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": 'attachment; filename="patients.csv"'},
    )


@pages.post("")
@clinicians_only
@takes_bytes(import_list.MOST_BYTES + ENVELOPE_BYTES)
def read_file() -> ResponseReturnValue:
    """Read the file and keep what was read, to be looked at. Nothing is taken yet."""
    content, file_name = _upload()
    with reading():
        desk = sit_down()
    try:
        kept = _read(
            desk,
            content,
            key=new_key(),
            file_name=file_name,
            encoding=request.form.get("encoding", ""),
            day_order=request.form.get("day_order", ""),
        )
    except Invalid as problem:
        return _draw_form(desk, problem=problem), problem.status
    _shelf().put(kept, content)
    return redirect(_address(kept.key), 303)


@pages.get("/<list_id>")
@clinicians_only
def show_list(list_id: str) -> ResponseReturnValue:
    """What was read, how far the taking is, or what came of it."""
    with looking("import_list") as desk:
        kept = _open(desk, list_id)
    if kept.next_at is None:
        return _draw_preview(desk, kept)
    return _draw_taken(desk, kept)


@pages.post("/<list_id>/again")
@clinicians_only
def read_again(list_id: str) -> ResponseReturnValue:
    """Read the same file with other letters, or another order of day and month."""
    with reading():
        desk = sit_down()
        kept = _open(desk, list_id)
    if kept.next_at is not None:
        raise Conflict("This list is being taken in already.")
    content = _shelf().content(list_id)
    try:
        again = _read(
            desk,
            content,
            key=kept.key,
            file_name=kept.file_name,
            encoding=request.form.get("encoding", ""),
            day_order=request.form.get("day_order", ""),
        )
    except Invalid as problem:
        return _draw_preview(desk, kept, problem=problem), problem.status
    _shelf().put(replace(again, made_at=kept.made_at), content)
    return redirect(_address(kept.key), 303)


@pages.post("/<list_id>/take")
@clinicians_only
def take(list_id: str) -> ResponseReturnValue:
    """Take in exactly what the preview showed, or go on where it stopped."""
    with reading():
        desk = sit_down()
        kept = _open(desk, list_id)
    if kept.next_at is None:
        takes_shared = request.form.get("shared") == "1"
        kept = replace(kept, takes_shared=takes_shared, next_at=0)
        import_taking.note_start(
            actor=desk.actor,
            file_hash=kept.file_hash,
            row_count=len(kept.wanted_rows),
            at=desk.when.now,
        )
    _take_some(desk, kept)
    return redirect(_address(kept.key), 303)


@pages.post("/<list_id>/drop")
@clinicians_only
def drop(list_id: str) -> ResponseReturnValue:
    """Throw the list away. Whoever was taken in stays."""
    with reading():
        desk = sit_down()
        kept = _open(desk, list_id)
    _shelf().drop(kept.key)
    return redirect("/clinic/patients", 303)


@pages.post("/<list_id>/cards")
@clinicians_only
def make_cards(list_id: str) -> ResponseReturnValue:
    """The cards of up to a hundred who were taken in, in the order of the list."""
    with reading():
        desk = sit_down()
        kept = _open(desk, list_id)
    start = _whole(request.form.get("from", "0"))
    rows = kept.wanted_rows[start : start + MOST_CARDS]
    ids = [import_taking.id_of(kept.key, row.line) for row in rows]
    return draw_cards(ids, back=_address(kept.key))


def _upload() -> tuple[bytes, str]:
    """The file and what it is called. Werkzeug keeps a large one on disk until it is closed."""
    upload = request.files.get("file")
    if upload is None:
        return b"", ""
    with contextlib.closing(upload):
        return upload.read(import_list.MOST_BYTES + 1), one_line(upload.filename or "")[:120]


def _read(
    desk: Desk, content: bytes, *, key: str, file_name: str, encoding: str, day_order: str
) -> Kept:
    """Read the file and look who of it is here already. Raises Invalid."""
    names = {site: (joint.name, joint.name_title) for site, joint in library().joints.items()}
    is_known_encoding = encoding in import_list.ENCODINGS
    wanted = Wanted(
        today=desk.when.today,
        joints=desk.snapshot.words.joints,
        sites=import_list.sites_of(names),
        encoding=encoding if is_known_encoding else import_list.AUTO,
        day_order=day_order if day_order in import_list.DAY_ORDERS else "",
    )
    sheet = import_list.read_list(content, wanted)
    with reading():
        found = import_taking.sort_rows(sheet.rows, clinic_id=desk.clinic_id)
    flaws = sorted((*sheet.flaws, *found.twice), key=lambda flaw: flaw.line)
    return Kept(
        key=key,
        clinic_id=desk.clinic_id,
        account_id=desk.account_id,
        made_at=desk.when.now,
        file_name=file_name,
        file_hash=hash_of(content),
        encoding=sheet.encoding,
        wanted_encoding=wanted.encoding,
        day_order=wanted.day_order,
        separator=sheet.separator,
        columns=sheet.columns,
        rows=found.new,
        shared_rows=found.shared_rows,
        shared=found.shared,
        flaws=tuple(flaws),
        here=found.here,
        empty_count=sheet.empty_count,
    )


def _take_some(desk: Desk, kept: Kept) -> None:
    rows, done = kept.wanted_rows, kept.next_at or 0
    progress = Progress(done, kept.takes_shared, kept.taken_count, kept.late)
    _shelf().note(kept, progress)
    end = time.monotonic() + SECONDS_AT_ONCE
    for start in range(done, len(rows), import_taking.AT_ONCE)[:BATCHES_AT_ONCE]:
        some = rows[start : start + import_taking.AT_ONCE]
        count, left = import_taking.take(some, actor=desk.actor, key=kept.key, at=desk.when.now)
        progress = replace(
            progress,
            next_at=start + len(some),
            taken_count=progress.taken_count + count,
            late=(*progress.late, *left),
        )
        _shelf().note(kept, progress)
        if time.monotonic() > end:
            return


def _open(desk: Desk, list_id: str) -> Kept:
    return _shelf().get(
        list_id, clinic_id=desk.clinic_id, account_id=desk.account_id, at=desk.when.now
    )


def _shelf() -> Shelf:
    settings: Settings = current_app.extensions["settings"]
    return Shelf(settings.instance_path)


def _address(key: str) -> str:
    return f"/clinic/patients/import/{key}"


def _draw_form(desk: Desk, problem: Invalid | None = None) -> str:
    return draw(
        "import.html",
        desk,
        page="patients",
        problem=problem,
        labels=import_list.LABELS,
        needed=import_list.NEEDED,
        headings=import_list.HEADINGS,
        most_rows=import_list.MOST_ROWS,
        **_choices(),
    )


def _draw_preview(desk: Desk, kept: Kept, problem: Invalid | None = None) -> str:
    return draw(
        "import_preview.html",
        desk,
        page="patients",
        kept=kept,
        problem=problem,
        samples=kept.wanted_rows[:SAMPLES] or kept.shared_rows[:SAMPLES],
        letters=_odd_letters((*kept.rows, *kept.shared_rows)),
        labels=import_list.LABELS,
        separators=import_list.SEPARATORS,
        names=library().joints,
        **_choices(),
        **_lists(kept),
    )


def _draw_taken(desk: Desk, kept: Kept) -> str:
    return draw(
        "import_taken.html",
        desk,
        page="patients",
        kept=kept,
        total=len(kept.wanted_rows),
        most_cards=MOST_CARDS,
        **_lists(kept),
    )


def _choices() -> dict[str, Any]:
    return {"encodings": import_list.ENCODINGS, "day_orders": import_list.DAY_ORDERS}


def _lists(kept: Kept) -> dict[str, Any]:
    """The lists of lines that are not simply taken: the start of each, or a page of one."""
    only = request.args.get("show", "")
    if only not in SHOWN:
        return {"only": "", "start": 0, "step": LINES_AT_FIRST}
    start = _whole(request.args.get("from", "0"))
    if start and start >= len(getattr(kept, only)):
        raise NotFound
    return {"only": only, "start": start, "step": LINES_A_PAGE}


def _odd_letters(rows: Sequence[Row], most: int = 12) -> list[str]:
    """Words that look wrong first where the letters were read wrongly."""
    found: dict[str, None] = {}
    for row in rows:
        for text in (row.display_name, row.second_identifier):
            if not text.isascii():
                found.setdefault(text)
        if len(found) >= most:
            break
    return list(found)[:most]


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise NotFound
    return int(text)
