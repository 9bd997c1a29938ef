"""Reminders by web push: who asks for them, what leaves this server, and when it stops."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from pwa.accounts.models import Account, Session
from pwa.database import db, writing
from pwa.operations import reminding
from pwa.reminders import phones, rounds
from pwa.reminders.endpoints import Gate
from pwa.reminders.models import PushSubscription, ReminderSetting
from pwa.reminders.rounds import Round
from tests.clinic.asking import audited
from tests.conftest import Cast, Clock, Person, add_treatment, send
from tests.making import event
from tests.reminders.push_service import PushService, Subscriber, decoded


def turn_on(who: Person, service: PushService, **changed: str) -> Subscriber:
    browser = service.subscriber()
    answer = who.post("/api/v1/push", json=browser.subscription(**changed))
    assert answer.status_code == 201, answer.text
    return browser


def do_round(app: Flask, clock: Clock) -> Round:
    db.session.rollback()
    return rounds.do_round(app.extensions["post_office"], at=clock())


def subscriptions() -> list[PushSubscription]:
    db.session.rollback()
    return list(db.session.scalars(select(PushSubscription)))


def test_a_reminder_arrives_encrypted_says_nothing_and_comes_once(
    started: Cast, service: PushService, app: Flask, clock: Clock
) -> None:
    browser = turn_on(started.ana, service)
    assert do_round(app, clock) == Round()
    clock.move(hours=6)
    assert do_round(app, clock) == Round(looked_at=1, sent=1)
    (one,) = service.arrived
    assert browser.endpoint.endswith(one.path)
    assert json.loads(browser.opened(one.body)) == {"v": 1}
    told = str(one.headers)
    assert (one.headers["ttl"], one.headers["urgency"]) == (str(3 * 3600), "normal")
    assert (one.headers["topic"], one.headers["content-encoding"]) == ("reminder", "aes128gcm")
    for secret in (started.ana.account_id, "knee", "Ana", "check", started.ana.clinic_id):
        assert secret not in told
    assert do_round(app, clock) == Round()
    clock.move(hours=3)
    assert do_round(app, clock) == Round()
    assert subscriptions()[0].due_at is None


def test_a_reminder_is_signed_with_the_key_that_browsers_are_told(
    started: Cast, service: PushService, app: Flask, clock: Clock
) -> None:
    turn_on(started.ana, service)
    clock.move(hours=6)
    do_round(app, clock)
    kind, _, rest = service.arrived[0].headers["authorization"].partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    key = started.ana.get("/api/v1/push").get_json()["key"]
    assert (kind, parts["k"]) == ("vapid", key)
    claims = json.loads(decoded(parts["t"].split(".")[1]))
    assert claims["aud"] == f"http://127.0.0.1:{service.port}"
    assert claims["sub"] == "https://localhost"
    path = app.extensions["post_office"].key.path()
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(decoded(key)) == 65


def test_a_check_in_that_arrived_is_not_asked_for(
    started: Cast, service: PushService, app: Flask, clock: Clock
) -> None:
    turn_on(started.ana, service)
    send(started.ana, event(started.ana))
    clock.move(hours=6)
    assert do_round(app, clock) == Round(looked_at=1)
    clock.move(days=2)  # day 5 of the schedule
    assert do_round(app, clock) == Round(looked_at=1, sent=1)


def test_nothing_comes_in_the_quiet_hours_and_nothing_stays_for_them(
    started: Cast, service: PushService, app: Flask, clock: Clock
) -> None:
    turn_on(started.ana, service)
    hours = {"quiet_from": "17:30", "quiet_until": "19:00", "time_zone": "Europe/London"}
    answer = started.ana.post("/api/v1/push/quiet", json=hours)
    assert answer.get_json()["quiet_from"] == "17:30"
    clock.move(hours=6)
    assert do_round(app, clock) == Round()
    clock.move(hours=1)
    assert do_round(app, clock) == Round(looked_at=1, sent=1)
    assert service.arrived[0].headers["ttl"] == str(6 * 3600)
    clock.move(hours=22, minutes=40)  # the server was away until the middle of the quiet hours
    assert do_round(app, clock).sent == 0
    for wrong in ("7pm", "24:00", "9:00", "<b>"):
        refused = started.ana.post("/api/v1/push/quiet", json={**hours, "quiet_from": wrong})
        assert (refused.status_code, refused.get_json()["field"]) == (422, "quiet_from")


def test_the_hours_are_those_of_the_phone(
    started: Cast, service: PushService, app: Flask, clock: Clock
) -> None:
    turn_on(started.ana, service, time_zone="Asia/Tokyo")  # 21:00 there: quiet until 08:00
    turn_on(started.ben, service, time_zone="Mars/Olympus_Mons")  # the clinic's own
    clock.move(hours=6)
    assert do_round(app, clock).sent == 1
    clock.move(hours=15)  # 18:00 in Tokyo
    assert do_round(app, clock).sent == 1


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(
    started: Cast, service: PushService, app: Flask, clock: Clock, status: int
) -> None:
    turn_on(started.ana, service)
    service.will_answer(status)
    clock.move(hours=6)
    assert do_round(app, clock) == Round(looked_at=1, gone=1)
    assert subscriptions() == []
    assert started.ana.get("/api/v1/push").get_json()["phones"] == []
    clock.move(days=1)
    assert do_round(app, clock) == Round(looked_at=1)
    assert db.session.scalars(select(ReminderSetting.next_at)).all() == [None]


def test_a_busy_push_service_is_tried_again_three_times_and_no_more(
    started: Cast, service: PushService, app: Flask, clock: Clock
) -> None:
    turn_on(started.ana, service)
    service.will_answer(503, 429, 500, 500)
    clock.move(hours=6)
    for minutes in (0, 5, 30):
        clock.move(minutes=minutes)
        assert do_round(app, clock).failed == 1
        assert do_round(app, clock) == Round()
    clock.move(hours=2)
    assert do_round(app, clock) == Round()
    assert (len(service.arrived), len(subscriptions())) == (3, 1)


def test_a_reminder_is_let_go_when_it_would_come_into_the_quiet_hours(
    started: Cast, service: PushService, app: Flask, clock: Clock
) -> None:
    turn_on(started.ana, service)
    service.will_answer(503)
    clock.move(hours=6)
    assert do_round(app, clock).failed == 1
    clock.move(hours=3)  # 21:00; the try of 18:05 was missed
    assert do_round(app, clock) == Round()
    assert subscriptions()[0].due_at is None
    assert len(service.arrived) == 1


def test_nobody_is_led_elsewhere_by_a_push_service(
    started: Cast, service: PushService, app: Flask, clock: Clock
) -> None:
    turn_on(started.ana, service)
    service.will_answer(307, Location=f"http://127.0.0.1:{service.port}/inside")
    clock.move(hours=6)
    assert do_round(app, clock).failed == 1
    assert [one.path.startswith("/wpush/") for one in service.arrived] == [True]
    assert subscriptions()[0].due_at is None


def test_a_push_service_that_is_not_there_is_tried_again(
    started: Cast, service: PushService, app: Flask, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    turn_on(started.ana, service)
    deaf = PushService()
    deaf.close()
    with writing():
        row = db.session.scalars(select(PushSubscription)).one()
        row.endpoint = f"http://127.0.0.1:{deaf.port}/wpush/x"
    gate = app.extensions["post_office"].gate
    object.__setattr__(gate, "loopback_port", deaf.port)
    clock.move(hours=6)
    assert do_round(app, clock).failed == 1
    assert "ConnectionError" in caplog.text
    assert "wpush" not in caplog.text
    assert subscriptions()[0].due_at == clock() + timedelta(minutes=5)


def test_an_address_that_we_may_not_ask_any_more_is_forgotten(
    started: Cast, service: PushService, app: Flask, clock: Clock
) -> None:
    turn_on(started.ana, service)
    with writing():
        db.session.scalars(select(PushSubscription)).one().endpoint = "http://10.0.0.1/x"
    clock.move(hours=6)
    assert do_round(app, clock).gone == 1


def test_who_signed_out_closed_or_erased_hears_nothing(
    started: Cast, service: PushService, app: Flask, clock: Clock
) -> None:
    turn_on(started.ana, service)
    turn_on(started.ben, service)
    assert started.ana.post("/api/v1/sign-out").status_code == 204
    with writing():
        db.session.get_one(Account, started.ben.account_id).is_active = False
    clock.move(hours=6)
    assert do_round(app, clock) == Round(looked_at=2)
    assert service.arrived == []


def test_a_session_that_only_ran_out_is_still_reminded(
    started: Cast, service: PushService, app: Flask, clock: Clock
) -> None:
    """Forty-two days on the phone asks for the password, and that is when a reminder helps."""
    turn_on(started.ana, service)
    clock.move(days=39)
    clock.move(hours=6)
    assert do_round(app, clock).sent == 1


def test_a_browser_is_one_persons_and_goes_with_the_newest_session(
    started: Cast, service: PushService
) -> None:
    ana, ben = started.ana, started.ben
    browser = turn_on(ana, service)
    here = {"endpoint": browser.endpoint, "time_zone": "Europe/London"}
    assert ben.post("/api/v1/push/here", json=here).get_json() == {"is_known": False}
    assert ben.post("/api/v1/push/remove", json={"endpoint": browser.endpoint}).status_code == 200
    before = subscriptions()[0].session_id
    assert ana.sign_in().status_code == 200
    assert ana.post("/api/v1/push/here", json=here).get_json() == {"is_known": True}
    assert [row.session_id != before for row in subscriptions()] == [True]
    assert ben.post("/api/v1/push", json=browser.subscription()).status_code == 201
    assert [row.patient_id for row in subscriptions()] == [ben.account_id]
    assert ana.get("/api/v1/push").get_json()["phones"] == []
    done = ben.post("/api/v1/push/remove", json={"endpoint": browser.endpoint})
    assert done.get_json()["phones"] == []
    assert subscriptions() == []
    assert [one.actor_name for one in audited("reminders.on")] == ["Patient"] * 2
    assert len(audited("reminders.off")) == 1


def test_of_many_browsers_the_oldest_go(started: Cast, service: PushService, clock: Clock) -> None:
    kept = []
    for _ in range(phones.MOST_PHONES + 1):
        clock.move(seconds=1)
        kept.append(turn_on(started.ana, service).endpoint)
    assert {row.endpoint for row in subscriptions()} == set(kept[1:])


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://evilfcm.googleapis.com.example/x",
        "https://notfcm.googleapis.com/x",
        "https://user@fcm.googleapis.com/x",
        "https://fcm.googleapis.com@127.0.0.1/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/x",
        "https://10.0.0.7/x",
        "https://fcm.googleapis.com\\@127.0.0.1/x",
        "https://fcm.googleapis.com/x y",
        "https://fcm.googleapis.com/x\r\nHost: y",
        "https://fcm.googleapis.com/x#y",
        "https://fcm.googleapis.com",
        "https://fcm.googleapis.com:99999/x",
        "ftp://fcm.googleapis.com/x",
        "file:///etc/passwd",
        "https://fcm.googleapis.com/" + "x" * 1000,
        "https://fcm.googleapis.cöm/x",
        "",
    ],
)
def test_an_address_that_is_no_push_service_is_not_taken(endpoint: str) -> None:
    assert not Gate().lets_through(endpoint)
    assert not Gate(loopback_port=80).lets_through(endpoint)


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/abc:APA91b-_x",
        "https://updates.push.services.mozilla.com/wpush/v2/gAAAA",
        "https://web.push.apple.com/QGx-_y",
        "https://wns2-par02p.notify.windows.com/w/?token=BQYAAA%2bx%3d",
    ],
)
def test_the_browsers_own_push_services_are_taken(endpoint: str) -> None:
    assert Gate().lets_through(endpoint)


WRONG = (
    ("endpoint", "https://169.254.169.254/latest/meta-data"),
    ("endpoint", ""),
    ("p256dh", ""),
    ("p256dh", "A" * 87),
    ("p256dh", "B" * 87),
    ("auth", "x"),
    ("auth", "é" * 22),
)


def test_what_no_browser_says_of_itself_is_refused_by_its_field(
    started: Cast, service: PushService
) -> None:
    for field, wrong in WRONG:
        told = service.subscriber().subscription(**{field: wrong})
        answer = started.ana.post("/api/v1/push", json=told)
        assert (answer.status_code, answer.get_json()["field"]) == (422, field), wrong
    assert subscriptions() == []


def test_a_new_treatment_is_reminded_of_without_anybody_asking_again(
    started: Cast, service: PushService, app: Flask, clock: Clock
) -> None:
    turn_on(started.ana, service)
    clock.move(days=400)
    assert do_round(app, clock) == Round(looked_at=1)
    with writing():
        add_treatment(
            started.dr_cole,
            started.ana.account_id,
            site="hip",
            side="left",
            performed_on=clock().date(),
            at=clock(),
        )
    clock.move(hours=6)
    assert do_round(app, clock) == Round(looked_at=1, sent=1)


def test_the_serving_process_does_rounds_and_none_ends_it(
    started: Cast,
    service: PushService,
    app: Flask,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    turn_on(started.ana, service)
    clock.move(hours=6)
    reminding.one_round(app)
    assert len(service.arrived) == 1
    done = app.test_cli_runner().invoke(args=["remind"])
    assert done.output == "0 sent, 0 browsers gone, 0 to try again.\n"
    monkeypatch.setitem(app.extensions, "post_office", None)
    clock.move(days=2)
    reminding.one_round(app)
    assert "cut short" in caplog.text


def test_the_loop_stops_when_it_is_told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[int] = []
    stop = reminding.begin(app, every_s=3600)

    def one_round(_: Flask) -> None:
        done.append(1)
        again.set()

    monkeypatch.setattr(reminding, "one_round", one_round)
    again = reminding.begin(app, every_s=0.001)
    assert again.wait(10)
    stop.set()
    assert done


def test_the_sessions_of_other_clinics_are_nobodys_business_here(
    started: Cast, service: PushService
) -> None:
    for person in (started.dr_cole, started.dr_dunn, started.mo):
        assert person.get("/api/v1/push").status_code == 404
        told = service.subscriber().subscription()
        assert person.post("/api/v1/push", json=told).status_code == 404
        for path in ("push/here", "push/remove", "push/quiet", "calendar", "calendar/stop"):
            assert person.post(f"/api/v1/{path}", json={}).status_code == 404
    assert subscriptions() == []
    assert db.session.scalars(select(Session.session_id)).all()
