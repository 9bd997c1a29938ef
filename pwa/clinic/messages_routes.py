"""The messages that a clinic has approved for answering patients, over HTTP."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from pwa.clinic.desk import draw, looking, sit_down
from pwa.database import writing
from pwa.doors import staff_only
from pwa.plain_text import one_line
from pwa.practice import clinics
from pwa.practice.words import LONGEST_MESSAGE, MOST_MESSAGES, Message
from pwa.problems import Conflict, Invalid, Problem

pages = Blueprint("messages", __name__, url_prefix="/settings/messages")
FREE_ROWS = 2
DONE = {"saved": "Saved.", "unchanged": "Nothing was different, so nothing was saved."}
Row = dict[str, str]


@pages.get("")
@staff_only
def show_messages() -> ResponseReturnValue:
    """The messages, to be changed."""
    return _draw()


@pages.post("")
@staff_only
def save_messages() -> ResponseReturnValue:
    """Save them, unless somebody else saved settings since this page was opened."""
    typed = _typed()
    try:
        with writing():
            desk = sit_down()
            messages, words = _read(typed), desk.snapshot.words
            if messages == words.messages:
                return redirect("/clinic/settings/messages?done=unchanged", 303)
            clinics.save_words(
                clinic_id=desk.clinic_id,
                words=words.model_copy(update={"messages": messages}),
                seen_version=_version(),
                at=desk.when.now,
                actor_id=desk.account_id,
                actor_name=desk.name,
            )
    except (Invalid, Conflict) as problem:
        return _draw(typed=typed, problem=problem), problem.status
    return redirect("/clinic/settings/messages?done=saved", 303)


def _typed() -> list[Row]:
    rows = [
        {"title": title.strip(), "text": text.replace("\r\n", "\n").strip()}
        for title, text in zip(
            request.form.getlist("title"), request.form.getlist("text"), strict=False
        )
    ]
    return [row for row in rows if any(row.values())]


def _read(typed: list[Row]) -> list[Message]:
    """Raises Invalid, naming the row."""
    if len(typed) > MOST_MESSAGES:
        raise Invalid(f"Keep at most {MOST_MESSAGES} messages.")
    for place, row in enumerate(typed):
        if not one_line(row["title"]) or len(row["title"]) > 60:
            raise Invalid("Write a short title, of at most 60 letters.", field=f"title_{place}")
        if not row["text"] or len(row["text"]) > LONGEST_MESSAGE:
            raise Invalid(
                f"Write what the patient reads, in at most {LONGEST_MESSAGE} letters.",
                field=f"text_{place}",
            )
    return [Message(title=one_line(row["title"]), text=row["text"]) for row in typed]


def _draw(*, typed: list[Row] | None = None, problem: Problem | None = None) -> str:
    with looking("settings_messages") as desk:
        saved = [one.model_dump() for one in desk.snapshot.words.messages]
    return draw(
        "messages.html",
        desk,
        page="settings",
        rows=saved if typed is None else typed,
        saved=saved if isinstance(problem, Conflict) else [],
        free_rows=FREE_ROWS,
        most=LONGEST_MESSAGE,
        version=desk.snapshot.version,
        problem=problem,
        done=DONE.get(request.args.get("done", "")),
    )


def _version() -> int:
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1
