"""The clinic's own words over HTTP: showing, saving, and noting that a number was called."""

from __future__ import annotations

import uuid
from typing import Any
from zoneinfo import available_timezones

from flask import Blueprint, current_app, redirect, request
from flask.typing import ResponseReturnValue

from pwa.accounts import people
from pwa.check_ins import expected
from pwa.clinic import settings_form
from pwa.clinic.desk import draw, library, opened, sit_down
from pwa.database import writing
from pwa.doors import staff_only
from pwa.guidance.questions import SITES
from pwa.languages import ENGLISH
from pwa.practice import clinics
from pwa.practice.words import NUMBERS, Words
from pwa.problems import Conflict, Invalid, Problem

pages = Blueprint("settings", __name__, url_prefix="/settings")
TIME_ZONES = tuple(sorted(zone for zone in available_timezones() if "/" in zone))
DONE = {
    "saved": "Saved. Phones learn of it at their next contact.",
    "tested": "Noted: the number was called and it works.",
    "unchanged": "Nothing was different, so nothing was saved.",
    "staff_known": "This colleague was added already. Nobody was added twice.",
    "second_factor": "Saved.",
    "second_factor_reset": "Reset. Your colleague is signed out and adds a new one next time.",
}


@pages.get("")
@staff_only
def show_settings() -> ResponseReturnValue:
    """The settings, and the staff."""
    return draw_settings()


@pages.post("")
@staff_only
def save_settings() -> ResponseReturnValue:
    """Save them, unless somebody else saved since this page was opened."""
    typed = settings_form.typed(request.form)
    try:
        with writing():
            desk = sit_down()
            words = settings_form.read(typed, kept=desk.snapshot.words)
            seen_version = _version()
            if words == _without_tests(desk.snapshot.words):
                return redirect("/clinic/settings?done=unchanged", 303)
            clinics.save_words(
                clinic_id=desk.clinic_id,
                words=words,
                seen_version=seen_version,
                at=desk.when.now,
                actor_id=desk.account_id,
                actor_name=desk.name,
            )
    except (Invalid, Conflict) as problem:
        return draw_settings(typed=typed, problem=problem), problem.status
    if _expects_otherwise(desk.snapshot.words, words):
        with writing():
            expected.refresh_clinic(clinic_id=desk.clinic_id, at=desk.when.now)
    _tell_the_shell()
    return redirect("/clinic/settings?done=saved", 303)


@pages.post("/tested")
@staff_only
def mark_tested() -> ResponseReturnValue:
    """Somebody called this number, and it was right."""
    try:
        with writing():
            desk = sit_down()
            clinics.mark_tested(
                clinic_id=desk.clinic_id,
                name=request.form.get("number", ""),
                seen_version=_version(),
                at=desk.when.now,
                actor_id=desk.account_id,
                actor_name=desk.name,
            )
    except (Invalid, Conflict) as problem:
        return draw_settings(problem=problem), problem.status
    _tell_the_shell()
    return redirect("/clinic/settings?done=tested#numbers", 303)


def draw_settings(
    *, typed: dict[str, Any] | None = None, problem: Problem | None = None, **shown: Any
) -> str:
    """Draw the settings; with what was typed where it could not be saved."""
    with writing():
        desk = sit_down()
        staff = [
            {
                "account_id": one.account_id,
                "display_name": one.display_name,
                "role": one.role,
                "is_active": one.is_active,
                "has_joined": one.has_joined,
            }
            for one in people.staff_of(desk.clinic_id)
        ]
        opened(desk, "settings")
    saved = settings_form.shown(desk.snapshot.words)
    is_conflict = isinstance(problem, Conflict) and typed is not None
    return draw(
        "settings.html",
        desk,
        page="settings",
        words=desk.snapshot.words,
        version=desk.snapshot.version,
        typed=typed or saved,
        problem=problem,
        differences=settings_form.differences(typed or saved, saved) if is_conflict else [],
        staff=staff,
        done=DONE.get(request.args.get("done", "")),
        numbers=NUMBERS,
        sites=SITES,
        names=library().joints,
        form_id=str(uuid.uuid4()),
        translations=_translations(saved["languages_off"]),
        form=settings_form,
        activities=settings_form.activity_drafts(library().joints),
        rules_state=clinics.rules_state(desk.snapshot.signed, library()),
        time_zones=TIME_ZONES,
        **shown,
    )


def _translations(left_out: list[str]) -> list[dict[str, Any]]:
    """The languages besides English that this server has, and any that the clinic left out."""
    libraries = current_app.extensions["libraries"]
    codes = [one for one in libraries if one != ENGLISH]
    codes += [one for one in left_out if one not in codes]
    return [
        {
            "code": one,
            "name": libraries[one].language_name if one in libraries else one,
            "is_reviewed": one in libraries and libraries[one].is_reviewed,
        }
        for one in codes
    ]


def _version() -> int:
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1


def _expects_otherwise(before: Words, after: Words) -> bool:
    """Whether who is overdue has to be counted anew."""
    return (before.check_in_days, before.time_zone) != (after.check_in_days, after.time_zone)


def _without_tests(words: Any) -> Any:
    """The words as the form can say them: it does not carry which numbers were called."""
    bare = {name: getattr(words, name).model_copy(update={"is_tested": False}) for name in NUMBERS}
    return words.model_copy(update=bare)


def _tell_the_shell() -> None:
    current_app.extensions["shell"].refresh_if_changed()
