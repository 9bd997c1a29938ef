"""The API of one's own reminders, and the calendar. For patients, but for the secret address."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from pwa import clock, languages
from pwa.accounts.sessions import Principal
from pwa.api_description import BOOLEAN, INSTANT, TEXT, described, listed, nullable, shape, texts
from pwa.config import Settings
from pwa.database import reading, writing
from pwa.doors import open_to_all, patients_only
from pwa.guidance.library import Library
from pwa.problems import Invalid, NotFound
from pwa.reminders import calendars, phones
from pwa.reminders.post_office import PostOffice
from pwa.strict_json import read_texts

blueprint = Blueprint("reminders", __name__, url_prefix="/api/v1")
pages = Blueprint("calendars", __name__, url_prefix="/calendar")
SMALL_BODY = 4 * 1024
FILE_NAME = "reminders.ics"
WISHES = shape(
    key=TEXT,
    at=TEXT,
    quiet_from=TEXT,
    quiet_until=TEXT,
    phones=listed(TEXT),
    calendar_since=nullable(INSTANT),
)
BROWSER = ("endpoint", "p256dh", "auth", "time_zone")
QUIET = ("quiet_from", "quiet_until", "time_zone")


@blueprint.get("/push")
@patients_only
@described("What this person wants of reminders, and the key for a browser", reply=WISHES)
def show_wishes() -> ResponseReturnValue:
    """The state of reminders. `phones` has the SHA-256 of each browser's endpoint."""
    return _wishes()


@blueprint.post("/push")
@patients_only
@described(
    "Remind this browser", body=texts(*BROWSER), reply=WISHES, status=201, refusals=(Invalid,)
)
def keep_phone() -> ResponseReturnValue:
    """What `pushManager.subscribe` gave, with the phone's time zone."""
    told = _texts(*BROWSER)
    time_zone = told.pop("time_zone")
    browser = phones.read_browser(**told, gate=_office().gate)
    with writing():
        phones.keep(_me(), browser, time_zone=time_zone, at=clock.now())
    return _wishes(), 201


@blueprint.post("/push/here")
@patients_only
@described(
    "Whether this browser is reminded for this person",
    body=texts("endpoint", "time_zone"),
    reply=shape(is_known=BOOLEAN),
)
def say_here() -> ResponseReturnValue:
    """Asked when the app starts: a browser that is not known lets go of its subscription."""
    told = _texts("endpoint", "time_zone")
    with writing():
        is_known = phones.is_here(_me(), **told)
    return jsonify(is_known=is_known)


@blueprint.post("/push/remove")
@patients_only
@described("Remind this browser no more", body=texts("endpoint"), reply=WISHES)
def forget_phone() -> ResponseReturnValue:
    """One browser less."""
    told = _texts("endpoint")
    with writing():
        phones.forget(_me(), **told, at=clock.now())
    return _wishes()


@blueprint.post("/push/quiet")
@patients_only
@described("Choose the quiet hours", body=texts(*QUIET), reply=WISHES, refusals=(Invalid,))
def set_quiet() -> ResponseReturnValue:
    """Between these times, on the phone's own clock, no reminder comes."""
    told = _texts(*QUIET)
    with writing():
        phones.set_quiet(_me(), **told, at=clock.now())
    return _wishes()


@blueprint.post("/calendar")
@patients_only
@described(
    "Make a secret address for a calendar; an older one ends",
    reply=shape(address=TEXT, calendar_since=INSTANT),
    status=201,
)
def open_calendar() -> ResponseReturnValue:
    """The address is told only now. Its entries stay in the language of this moment."""
    settings: Settings = current_app.extensions["settings"]
    at = clock.now()
    who = _me()
    with writing():
        token = calendars.open_link(who, language=languages.spoken(), at=at)
    address = f"{settings.public_url}{pages.url_prefix}/{token}.ics"
    return jsonify(address=address, calendar_since=at.isoformat()), 201


@blueprint.post("/calendar/stop")
@patients_only
@described("Let the secret address lead nowhere", reply=WISHES)
def close_calendar() -> ResponseReturnValue:
    """Whoever follows it finds nothing any more."""
    who = _me()
    with writing():
        calendars.close_link(who, at=clock.now())
    return _wishes()


@pages.get("/mine.ics")
@patients_only
def show_own_calendar() -> ResponseReturnValue:
    """The days of whoever is signed in, as a file to keep."""
    who = _me()
    with reading():
        body = calendars.draw(
            clinic_id=who.clinic_id,
            patient_id=who.account_id,
            title=_title(languages.spoken()),
            at=clock.now(),
        )
    return _file(body)


@pages.get("/<token>.ics")
@open_to_all
def show_calendar(token: str) -> ResponseReturnValue:
    """The days of whoever made this address."""
    with reading():
        reader = calendars.reader_of(token)
        body = calendars.draw(
            clinic_id=reader.clinic_id,
            patient_id=reader.patient_id,
            title=_title(reader.language),
            at=clock.now(),
        )
    return _file(body)


def _file(body: bytes) -> Response:
    """Not an attachment: then an iPhone would save it, and not offer it to the calendar."""
    response = Response(body, mimetype="text/calendar")
    response.headers["Content-Disposition"] = f'inline; filename="{FILE_NAME}"'
    return response


def _title(language: str) -> str:
    """What an entry says; in English where the language is no longer offered."""
    libraries: Mapping[str, Library] = current_app.extensions["libraries"]
    library = libraries.get(language) or libraries[languages.ENGLISH]
    return library.phrases["calendar_event"]


def _wishes() -> Response:
    who = _me()
    with reading():
        found = phones.read(who)
        since = calendars.link_since(who)
    return jsonify(
        key=_office().key.public(),
        at=found.at,
        quiet_from=found.quiet_from,
        quiet_until=found.quiet_until,
        phones=list(found.phones),
        calendar_since=None if since is None else since.isoformat(),
    )


def _me() -> Principal:
    """Whoever is signed in. Somebody whose record was erased has nothing to be reminded of."""
    if current_user.is_erased:
        raise NotFound
    principal: Principal = current_user._get_current_object()  # noqa: SLF001
    return principal


def _office() -> PostOffice:
    office: PostOffice = current_app.extensions["post_office"]
    return office


def _texts(*names: str) -> dict[str, str]:
    return read_texts(request, *names, max_bytes=SMALL_BODY)
