"""A release with other rules: read, tried on the clinic's own check-ins, and then signed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from pwa import create_app
from pwa.check_ins.models import Verdict
from pwa.config import ConfigError
from pwa.database import db, writing
from pwa.guidance.errors import ContentError
from pwa.guidance.library import Library, load_library
from pwa.operations.prepare import prepare_database
from pwa.practice import clinics
from tests.clinic.asking import audited, values_of, words_of
from tests.conftest import NOON, Cast, send
from tests.making import answers, event, shoulder_answers
from tests.new_release import make_content

PAGE = "/clinic/settings/sign-off"
NEW_RULES = "New warning rules wait to be read."
VERY_HOT = {"level": "emergency", "reasons": ["E9_TEMP_VERY_HIGH"]}


@pytest.fixture(scope="module")
def second_library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return load_library(make_content(tmp_path_factory.mktemp("content")))


@pytest.fixture
def new_release(cast: Cast, app: Flask, second_library: Library) -> Iterator[None]:
    """The server after an update that brought form 2 and rules 2; the cast signed the first."""
    assert cast
    shell = app.extensions["shell"]
    before, known = app.extensions["library"], shell.libraries
    app.extensions["library"], shell.libraries = second_library, {"en": second_library}
    yield
    app.extensions["library"], shell.libraries = before, known


def sign(cast: Cast):  # type: ignore[no-untyped-def]
    page = cast.dr_cole.get(PAGE)
    data = {name: values_of(page, name)[0] for name in ("version", "form_version", "rules_version")}
    return cast.dr_cole.post(PAGE, data={**data, "typed_name": "Dr C. Cole"})


def running(cast: Cast) -> tuple[int, int]:
    signed = cast.ana.get("/api/v1/changes?after=0&clinic=0").get_json()["clinic"]["signed"]
    session = cast.ana.get("/api/v1/session").get_json()
    assert (session["form_version"], session["rules_version"]) == (
        signed["form_version"],
        signed["rules_version"],
    )
    return signed["form_version"], signed["rules_version"]


@pytest.mark.usefixtures("new_release")
def test_a_clinic_runs_what_it_signed_until_it_signs_the_new_one(cast: Cast) -> None:
    said = words_of(cast.dr_cole.get(PAGE))
    assert "There is a newer version than the one that Dr Cole signed" in said
    assert NEW_RULES in words_of(cast.dr_cole.get("/clinic"))
    assert running(cast) == (1, 1)
    assert sign(cast).status_code == 303
    assert NEW_RULES not in words_of(cast.dr_cole.get("/clinic"))
    assert running(cast) == (2, 2)
    db.session.rollback()
    signed = [(one.rules_version, one.typed_name) for one in clinics.sign_offs(cast.mo.clinic_id)]
    assert signed == [(2, "Dr C. Cole"), (1, "Dr Cole")]
    elsewhere = clinics.snapshot(cast.dr_dunn.clinic_id).signed
    assert elsewhere is not None and elsewhere.rules_version == 1


@pytest.mark.usefixtures("new_release")
def test_what_is_different_is_told_before_it_is_signed(cast: Cast) -> None:
    said = words_of(cast.dr_cole.get(PAGE))
    assert "Rule C1_PAIN_HIGH is changed: its words, when it holds. It held for: pain 8" in said
    assert "It holds for: pain 6 or more to day 2" in said
    assert "Rule E9_TEMP_VERY_HIGH is changed: when it holds." in said
    assert "is new" not in said and "is gone" not in said
    sign(cast)
    assert "What is different" not in words_of(cast.dr_cole.get(PAGE))


@pytest.mark.usefixtures("new_release")
def test_what_was_signed_can_be_read_for_ever(cast: Cast) -> None:
    sign(cast)
    old = words_of(cast.dr_cole.get(f"{PAGE}/signed?form=1&rules=1"))
    assert "Signed by Dr Cole, 12:00." in old
    assert "pain 8 or more to day 2" in old
    assert "do not run this version now" in old
    new = words_of(cast.dr_cole.get(f"{PAGE}/signed?form=2&rules=2"))
    assert "pain 6 or more to day 2" in new
    assert "phones run this version" in new


@pytest.mark.parametrize(
    "asked", ["", "?form=1", "?form=3&rules=3", "?form=x&rules=1", "?form=1&rules=-1"]
)
def test_a_version_that_never_was_is_not_there(cast: Cast, asked: str) -> None:
    assert cast.dr_cole.get(f"{PAGE}/signed{asked}").status_code == 404


def send_three(cast: Cast) -> None:
    """One that the new rules raise, one that they lower, one that stays."""
    ana, ben = cast.ana, cast.ben
    send(ana, event(ana))
    send(ben, event(ben, answers=shoulder_answers(pain_now=6)))
    send(ben, event(ben, answers=shoulder_answers(temp_c=40.0), verdict=VERY_HOT))


@pytest.mark.usefixtures("new_release")
def test_the_newest_rules_are_tried_on_the_clinics_own_check_ins(started: Cast) -> None:
    send_three(started)
    before = [one.action for one in audited("rules_replay.seen")]
    page = started.dr_cole.get(f"{PAGE}/replay")
    said = words_of(page)
    assert "3 check-ins since 12:00: 1 would be more urgent, 1 less urgent." in said
    assert f'href="/clinic/patients/{started.ben.account_id}"' in page.text
    assert f'href="/clinic/patients/{started.ana.account_id}"' not in page.text
    assert "rules 1: N1_EXPECTED_FLARE" in said or "rules 1: N2_ON_TRACK" in said
    assert "More urgent C1_PAIN_HIGH" in said
    assert "rules 1: E9_TEMP_VERY_HIGH" in said
    assert len(audited("rules_replay.seen")) == len(before) + 1


@pytest.mark.usefixtures("new_release")
def test_worked_cases_stand_beside_each_other_by_both_tables(cast: Cast) -> None:
    said = words_of(cast.dr_cole.get(f"{PAGE}/replay"))
    assert "There are no judged check-ins at your clinic yet." in said
    assert "Knee, day 1: pain 6, it was 4 Nothing matched Clinic hours Different" in said
    assert said.count("Different") == 1


def test_the_signed_rules_say_again_what_they_said(started: Cast) -> None:
    send_three(started)
    said = words_of(started.dr_cole.get(f"{PAGE}/replay"))
    assert "3 check-ins since 12:00: every one has the same level by rules 1." in said


@pytest.mark.usefixtures("new_release")
def test_a_level_that_a_person_raised_is_not_held_against_the_rules(started: Cast) -> None:
    sent = event(started.ana, answers=answers())
    send(started.ana, sent)
    with writing():
        db.session.add(
            Verdict(
                clinic_id=started.ana.clinic_id,
                event_id=sent["event_id"],
                number=2,
                patient_id=started.ana.account_id,
                level="emergency",
                reasons=[],
                also=[],
                missing=[],
                facts={},
                rules_version=1,
                cause="clinician",
                made_at=NOON,
                made_by="Dr Cole",
            )
        )
    said = words_of(started.dr_cole.get(f"{PAGE}/replay"))
    assert "every one has the same level by rules 2" in said


def test_only_clinicians_try_and_read_rules_and_only_their_own_clinics(started: Cast) -> None:
    send_three(started)
    for path in (f"{PAGE}/replay", f"{PAGE}/signed?form=1&rules=1"):
        assert started.mo.get(path).status_code == 404
        assert started.ana.get(path).status_code in (302, 404)
    assert "no judged check-ins" in words_of(started.dr_dunn.get(f"{PAGE}/replay"))


@pytest.mark.usefixtures("new_release")
def test_hostile_names_stay_text_in_the_replay(started: Cast) -> None:
    send_three(started)
    details = {"display_name": "<b>Ben</b>", "second_identifier": "R-1", "phone_number": ""}
    started.dr_cole.post(f"/clinic/patients/{started.ben.account_id}/details", data=details)
    page = started.dr_cole.get(f"{PAGE}/replay")
    assert "&lt;b&gt;Ben&lt;/b&gt;" in page.text and "<b>Ben</b>" not in page.text


def test_a_server_reads_another_content_folder(tmp_path: Path) -> None:
    content = make_content(tmp_path)
    environ = {"INSTANCE_PATH": str(tmp_path / "instance"), "CONTENT_PATH": str(content)}
    assert set(create_app(environ).extensions["library"].rules) == {1, 2}
    with pytest.raises(ConfigError, match="CONTENT_PATH must be a folder"):
        create_app({**environ, "CONTENT_PATH": str(tmp_path / "nowhere")})
    (content / "cases_2.toml").write_text(
        (content / "cases_2.toml").read_text("utf-8").replace('"clinic_hours"', '"expected"'),
        "utf-8",
    )
    with pytest.raises(ContentError, match=r"cases_2\.toml"):
        create_app(environ)


def test_a_server_without_the_rules_that_a_clinic_signed_does_not_start(
    cast: Cast, app: Flask, request: pytest.FixtureRequest
) -> None:
    first = app.extensions["library"]
    request.getfixturevalue("new_release")
    sign(cast)
    app.extensions["library"] = first
    with pytest.raises(ConfigError, match="form 2 and rules 2, which a clinic signed"):
        prepare_database()
