"""Small pieces that stand on a page of the clinic a hundred times over.

Python draws them in a tenth of the time that a macro takes. Files of macros under
`templates/clinic` that import no `icon` get this one; `LEVEL_ICONS` go with `level_words`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import cast

from flask import current_app
from flask.sansio.app import App
from markupsafe import Markup, escape

from pwa.clinic.answers import Change
from pwa.clinic.chart import Entry
from pwa.clinic.level_words import LEVEL_NAMES
from pwa.clinic.times import Moment
from pwa.clinic.told import CheckInView
from pwa.guidance.library import Library

SPRITE = "img/icons.svg"
NOT_DIALLED = re.compile(r"[^+0-9]")
KEPT = 512
LEVEL_ICONS = {
    "emergency": "emergency",
    "same_day": "warning",
    "clinic_hours": "clock",
    "expected": "check-circle",
    None: "note",
}
NO_NUMBER = Markup('<span class="soft">no phone number</span>')
LEVEL_CELLS = {
    "emergency": "Emergency",
    "same_day": "Today",
    "clinic_hours": "Clinic hours",
    "expected": "Nothing matched",
    None: "Diary",
}
"""How a narrow column of a table says a level."""


def install(app: App) -> None:
    """Make them usable in the templates of the clinic."""
    app.jinja_env.globals.update(
        icon=draw_icon,
        tel=dialled,
        level_chip=draw_level,
        phone_link=draw_number,
        joint_words=name_joint,
        day_of=name_day,
        answers_of=draw_answers,
        chart_lines=draw_chart_lines,
    )


def draw_icon(name: str, more: str = "") -> Markup:
    """A drawing of the sprite, as `icon` of `macros.html` draws it. `more` is a further class."""
    return _drawn(_sprite(), name, more)


def draw_level(level: str | None) -> Markup:
    """A level with its drawing; none is a diary's, also by that name."""
    return _drawn_level(_sprite(), None if level == "diary" else level)


def draw_number(number: str) -> Markup:
    """A number to tap."""
    if not number:
        return NO_NUMBER
    icon, words = draw_icon("phone"), escape(number)
    link = f'<a class="nowrap tap" href="{escape(dialled(number))}">{icon}{words}</a>'
    return Markup(link)  # noqa: S704 - each part is escaped, one by one


def name_joint(library: Library, site: str, side: str | None) -> str:
    """ "Right knee", "Neck"."""
    joint = library.joints[site]
    return f"{side.capitalize()} {joint.name}" if side else joint.name_title


def name_day(day: int | None) -> str:
    """ "day 3"."""
    return "day not known" if day is None else f"day {day}"


def draw_answers(view: CheckInView, *, is_short: bool = False) -> Markup:
    """What was answered. Where it `is_short`, what was fine is only counted."""
    raised, clear, unknown = view.answers
    drawn = ["".join(_changed(view.changed))]
    drawn += ['<dl class="answers">', *(_raised(*one) for one in raised), "</dl>"]
    if view.note:
        drawn.append(f'<blockquote class="note"><p class="note__text">{escape(view.note)}</p>')
        drawn.append("</blockquote>")
    if unknown or clear:
        drawn.append('<div class="mores">')
        if unknown:
            lines = "".join(_unknown(label) for label in unknown)
            drawn.append(_more(f"Not answered or not sure: {len(unknown)}", lines))
        if clear and is_short:
            drawn.append(f'<p class="soft">Answered with nothing wrong: {len(clear)}</p>')
        elif clear:
            lines = "".join(_clear(*one) for one in clear)
            drawn.append(_more(f"Answered with nothing wrong: {len(clear)}", lines))
        drawn.append("</div>")
    return Markup("\n".join(drawn))  # noqa: S704 - each part is escaped, one by one


def _changed(changes: Sequence[Change]) -> Iterator[str]:
    if changes:
        yield '<p class="strong">What the correction changed</p>\n<ul class="plain-list">'
        for one in changes:
            label, before, after = escape(one.label), escape(one.before), escape(one.after)
            yield f"<li>{label} <s>{before}</s> → {after}</li>"
        yield "</ul>"


def _more(words: str, lines: str) -> str:
    summary = f'<details class="more"><summary>{words}</summary>'
    return f'{summary}\n<ul class="plain-list">{lines}</ul></details>'


def draw_chart_lines(
    lines: Iterable[Entry], *, patient_id: str, when: Moment, page_size: int
) -> Markup:
    """A chart as lines of a table; what was flagged leads to the check-in on its page."""
    drawn = (_chart_line(one, patient_id, when, page_size) for one in lines)
    return Markup("\n".join(drawn))  # noqa: S704 - each cell is escaped, one by one


def _chart_line(line: Entry, patient_id: str, when: Moment, page_size: int) -> str:
    """A format of `Markup` would take four times as long as a cell at a time."""
    day, *cells = line.cells
    level = LEVEL_CELLS[line.level]
    if line.is_flagged:
        start = line.place - line.place % page_size
        asked = f"?from={start}" if start else ""
        address = f"/clinic/patients/{escape(patient_id)}{asked}#check-in-{escape(line.thread_id)}"
        level = f'<a href="{address}">{level}</a>'
    told = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    name = escape(when.day(day) if day else "not known")
    return f'<tr><th scope="row">{name}</th>{told}<td>{level}</td></tr>'


def _sprite() -> str:
    asset = cast("Callable[[str], str]", current_app.jinja_env.globals["asset"])
    return asset(SPRITE)


@lru_cache(KEPT)
def _unknown(label: str) -> str:
    return f"<li>{escape(label)}</li>"


@lru_cache(KEPT)
def _clear(label: str, value: str) -> str:
    return f'<li>{escape(label)} <span class="soft">{escape(value)}</span></li>'


@lru_cache(KEPT)
def _raised(label: str, value: str) -> str:
    return f"<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>"


@lru_cache(KEPT)
def _drawn_level(sprite: str, level: str | None) -> Markup:
    chip = Markup('<span class="chip chip--{}">{}<span>{}</span></span>')
    icon = _drawn(sprite, LEVEL_ICONS[level], "")
    return chip.format(level or "diary", icon, LEVEL_NAMES[level])


@lru_cache(KEPT)
def _drawn(sprite: str, name: str, more: str) -> Markup:
    words = Markup('<svg class="icon{}" aria-hidden="true" focusable="false">{}</svg>')
    use = Markup('<use href="{}#{}"></use>').format(sprite, name)
    return words.format(f" {more}" if more else "", use)


def dialled(number: object) -> str:
    """The address that calls this number."""
    return "tel:" + NOT_DIALLED.sub("", str(number))
