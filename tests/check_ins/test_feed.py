"""What a phone hears: everything once, in order, and nobody else's."""

from __future__ import annotations

import uuid

import pytest

from pwa.check_ins import reviews
from pwa.database import writing
from pwa.practice import clinics
from tests.conftest import Cast, Clock, Person, send
from tests.making import event


def pull(person: Person, **query: object) -> dict:
    response = person.get("/api/v1/changes", query_string=query)
    assert response.status_code == 200, response.get_data(as_text=True)
    return response.get_json()


def test_a_phone_hears_each_change_once_and_in_order(started: Cast) -> None:
    sent = [event(started.ana) for _ in range(7)]
    send(started.ana, *sent)
    heard: list[dict] = []
    after, more, epoch = 0, True, None
    while more:
        page = pull(started.ana, after=after, limit=3, **({"epoch": epoch} if epoch else {}))
        heard += page["changes"]
        after, more, epoch = page["next"], page["more"], page["epoch"]
    assert [change["seq"] for change in heard] == list(range(1, len(heard) + 1))
    ids = [change["data"]["event"]["event_id"] for change in heard if change["type"] == "check_in"]
    assert ids[-7:] == [one["event_id"] for one in sent]
    assert pull(started.ana, after=after, epoch=epoch)["changes"] == []


def test_a_check_in_comes_back_as_it_was_sent(started: Cast) -> None:
    made = event(started.ana)
    send(started.ana, made)
    change = pull(started.ana)["changes"][-1]
    assert change["type"] == "check_in"
    assert change["data"]["event"] == made
    assert change["data"]["verdict"]["level"] == "expected"


def test_a_treatment_comes_with_its_start(started: Cast) -> None:
    treatments = [c["data"] for c in pull(started.ana)["changes"] if c["type"] == "treatment"]
    assert treatments[-1]["site"] == "knee"
    assert treatments[-1]["performed_on"] == "2026-11-23"
    assert treatments[-1]["start"]["pain_baseline"] == 5


@pytest.mark.fault(87)
def test_another_patients_changes_are_none_of_bens_business(started: Cast) -> None:
    made = event(started.ana)
    send(started.ana, made)
    assert made["event_id"] not in started.ben.get("/api/v1/changes").get_data(as_text=True)


def test_a_wrong_epoch_starts_again(started: Cast) -> None:
    response = started.ana.get(
        "/api/v1/changes", query_string={"after": 1, "epoch": str(uuid.uuid4())}
    )
    assert response.status_code == 409
    assert response.get_json()["kind"] == "epoch-changed"


def test_the_clinics_words_come_when_they_are_newer(started: Cast) -> None:
    page = pull(started.ana)
    assert page["clinic"]["name"] == "Riverside Joint Clinic"
    assert page["clinic"]["signed"]["rules_version"] == 1
    assert "clinic" not in pull(started.ana, clinic=page["clinic"]["version"])


def test_saving_a_setting_touches_no_patients_log(started: Cast, clock: Clock) -> None:
    before = pull(started.ana)
    current = clinics.snapshot(started.ana.clinic_id)
    with writing():
        clinics.save_words(
            clinic_id=started.ana.clinic_id,
            words=current.words.model_copy(update={"ice_policy": "avoid"}),
            seen_version=current.version,
            at=clock(),
            actor_id=started.mo.account_id,
            actor_name="Mo",
        )
    after = pull(started.ana, clinic=before["clinic"]["version"])
    assert after["next"] == before["next"]
    assert after["clinic"]["ice_policy"] == "avoid"


def test_a_reading_is_told_when_it_can_no_longer_be_undone(started: Cast, clock: Clock) -> None:
    made = event(started.ana)
    send(started.ana, made)
    with writing():
        reviews.mark_read(
            actor=started.dr_cole.actor,
            role="clinician",
            patient_id=started.ana.account_id,
            event_ids=[made["event_id"]],
            outcome=None,
            note="",
            at=clock(),
        )
    assert "review" not in [change["type"] for change in pull(started.ana)["changes"]]
    clock.move(seconds=11)
    told = pull(started.ana)["changes"][-1]
    assert told["type"] == "review"
    assert told["data"]["event_id"] == made["event_id"]
    assert (told["data"]["by"], told["data"]["role"]) == ("Dr Cole", "clinician")


def test_an_address_typed_by_hand_is_refused_by_field(started: Cast) -> None:
    for name in ("after", "limit", "clinic"):
        response = started.ana.get("/api/v1/changes", query_string={name: "-1"})
        assert (response.status_code, response.get_json()["field"]) == (400, name)
