"""The days of the check-ins in a calendar: what it says, to whom, and how that ends."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar, Component
from sqlalchemy import select

from pwa.accounts.models import Account
from pwa.database import db, writing
from pwa.reminders.models import CalendarLink
from tests.clinic.asking import audited
from tests.conftest import NOON, ORIGIN, Cast, Clock, Person, send
from tests.making import event

FILE = "/calendar/mine.ics"


def link_of(who: Person) -> str:
    answer = who.post("/api/v1/calendar")
    assert answer.status_code == 201
    address = answer.get_json()["address"]
    assert address.startswith(f"{ORIGIN}/calendar/")
    return str(address.removeprefix(ORIGIN))


def entries(client: FlaskClient | Person, path: str) -> list[Component]:
    answer = client.get(path)
    assert answer.status_code == 200, path
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    return list(Calendar.from_ical(answer.get_data()).walk("VEVENT"))


def days_of(found: list[Component]) -> list[date]:
    return [one["DTSTART"].dt.date() for one in found]


def test_a_calendar_has_the_days_to_come_and_rings_at_the_clinics_hour(started: Cast) -> None:
    found = entries(started.ana, FILE)
    injected = date(2026, 11, 23)
    assert days_of(found) == [injected + timedelta(days=n) for n in (3, 5, 7, 10, 14, 28, 42, 84)]
    for one in found:
        begins = one["DTSTART"].dt
        assert (begins.hour, begins.minute, begins.tzinfo) == (18, 0, None)
        assert one["SUMMARY"] == "Reminder: check in"
        assert (one["CLASS"], one["TRANSP"]) == ("PRIVATE", "TRANSPARENT")
        (bell,) = one.walk("VALARM")
        assert (bell["ACTION"], bell["TRIGGER"].dt) == ("DISPLAY", timedelta(0))
    send(started.ana, event(started.ana))
    assert days_of(entries(started.ana, FILE))[0] == injected + timedelta(days=5)


def test_a_calendar_tells_nothing_of_whose_it_is_or_of_what(started: Cast) -> None:
    text = started.ana.get(FILE).get_data(as_text=True)
    for word in ("Ana", "knee", "Riverside", "clinic", "Cole", started.ana.account_id, "http", "@"):
        assert word.lower() not in text.lower(), word


def test_a_calendar_is_written_as_the_standard_asks(started: Cast) -> None:
    body = started.ana.get(FILE).get_data()
    lines = body.split(b"\r\n")
    assert lines[0] == b"BEGIN:VCALENDAR" and lines[-2:] == [b"END:VCALENDAR", b""]
    assert all(len(line) <= 75 for line in lines) and b"\n" not in body.replace(b"\r\n", b"")
    for line in (
        b"VERSION:2.0",
        b"METHOD:PUBLISH",
        b"REFRESH-INTERVAL;VALUE=DURATION:PT12H",
        b"X-PUBLISHED-TTL:PT12H",
    ):
        assert line in lines
    one = entries(started.ana, FILE)[0]
    assert one["DTSTAMP"].dt == NOON
    assert {"UID", "DTSTAMP", "DTSTART", "DURATION"} <= one.keys()
    assert "DTSTART:20261126T180000" in body.decode().split("\r\n")


def test_a_link_opens_the_same_days_without_a_sign_in_and_keeps_their_names(
    started: Cast, anybody: FlaskClient
) -> None:
    path = link_of(started.ana)
    mine, theirs = entries(started.ana, FILE), entries(anybody, path)
    assert [one["UID"] for one in mine] == [one["UID"] for one in theirs]
    assert len({one["UID"] for one in mine}) == len(mine)
    token = path.rpartition("/")[2].removesuffix(".ics")
    assert len(token) == 43
    row = db.session.scalars(select(CalendarLink)).one()
    assert token not in str(vars(row))
    assert not anybody.get(path).headers.get("Set-Cookie")
    assert started.ana.get("/api/v1/push").get_json()["calendar_since"] == NOON.isoformat()
    assert token not in started.ana.get("/api/v1/push").text


def test_a_link_ends_when_it_is_stopped_replaced_or_the_account_is_closed(
    started: Cast, anybody: FlaskClient, clock: Clock
) -> None:
    first, other = link_of(started.ana), link_of(started.ben)
    second = link_of(started.ana)
    assert anybody.get(first).status_code == 404
    assert anybody.get(second).status_code == 200
    stopped = started.ana.post("/api/v1/calendar/stop")
    assert stopped.get_json()["calendar_since"] is None
    assert anybody.get(second).status_code == 404
    assert anybody.get(other).status_code == 200
    with writing():
        db.session.get_one(Account, started.ben.account_id).is_active = False
    assert anybody.get(other).status_code == 404
    assert anybody.get("/calendar/knee.ics").status_code == 404
    assert anybody.get("/calendar/.ics").status_code == 404
    assert len(audited("calendar.opened")) == 3
    assert len(audited("calendar.closed")) == 1
    clock.move(days=1)


def test_a_calendar_is_one_patients_own(started: Cast, anybody: FlaskClient) -> None:
    assert days_of(entries(started.ben, FILE)) != days_of(entries(started.ana, FILE))
    assert anybody.get(FILE).status_code == 302
    for person in (started.dr_cole, started.dr_dunn, started.mo):
        assert person.get(FILE).status_code == 404


def test_today_is_today_on_the_phones_clock(started: Cast, clock: Clock, app: Flask) -> None:
    assert app
    hours = {"quiet_from": "21:00", "quiet_until": "08:00", "time_zone": "Pacific/Auckland"}
    assert started.ana.post("/api/v1/push/quiet", json=hours).status_code == 200
    clock.now = datetime.fromisoformat("2026-11-26T12:00:00+00:00")  # the 27th in Auckland
    assert days_of(entries(started.ana, FILE))[0] == date(2026, 11, 28)
