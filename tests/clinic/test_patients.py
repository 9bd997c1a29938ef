"""Patients: the list, adding, the page, treatments and their correction, invites, closing."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import segno
from flask import Flask
from sqlalchemy import func, select

from pwa.accounts.models import Account, Patient
from pwa.check_ins.models import Verdict
from pwa.clinic.invite_card import draw_qr
from pwa.database import db
from pwa.treatments import records
from pwa.treatments.models import TreatmentVersion
from tests.clinic.asking import (
    KNEE,
    NEW_PATIENT,
    audited,
    read,
    send_emergency,
    values_of,
    words_of,
)
from tests.conftest import ORIGIN, Cast, Clock, Person, send
from tests.making import amend, answers, event

NASTY = '<script>alert("x")</script>'


def page_of(cast: Cast, who: Person | None = None):  # type: ignore[no-untyped-def]
    return cast.dr_cole.get(f"/clinic/patients/{(who or cast.ana).account_id}")


def patient_count() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Patient)) or 0


def test_a_new_patient_gets_a_treatment_and_a_card_with_the_code(cast: Cast) -> None:
    answer = cast.dr_cole.post("/clinic/patients/new", data=NEW_PATIENT)
    assert answer.status_code == 200
    [code] = re.findall(r"data-code>([0-9A-Z-]{14})<", answer.text)
    said = words_of(answer)
    assert "Riverside Joint Clinic" in said and "localhost:8000/join" in said
    assert 'aria-label="QR code' in answer.text and "data:" not in answer.text
    looked = cast.dr_cole.post("/api/v1/join/look", json={"code": code}).get_json()
    assert (looked["kind"], looked["display_name"]) == ("patient", "Cleo D.")
    db.session.rollback()
    [treatment] = records.of_patient(
        clinic_id=cast.dr_cole.clinic_id, patient_id=NEW_PATIENT["form_id"]
    )
    assert (treatment.site, treatment.side, treatment.number) == ("knee", "right", 1)
    assert code not in cast.dr_cole.get(f"/clinic/patients/{NEW_PATIENT['form_id']}").text


def test_a_form_sent_twice_adds_one_patient(cast: Cast) -> None:
    before = patient_count()
    cast.dr_cole.post("/clinic/patients/new", data=NEW_PATIENT)
    again = cast.dr_cole.post("/clinic/patients/new", data=NEW_PATIENT)
    assert again.status_code == 303
    assert "added already" in words_of(cast.dr_cole.get(again.headers["Location"]))
    assert patient_count() == before + 1


def test_somebody_who_is_here_already_is_added_only_as_another_person(cast: Cast) -> None:
    before = patient_count()
    twin = {**NEW_PATIENT, "display_name": "ANA r", "second_identifier": "r ana"}
    answer = cast.dr_cole.post("/clinic/patients/new", data=twin)
    assert (answer.status_code, patient_count()) == (409, before)
    assert "is here already: Ana R. · R-ana" in words_of(answer)
    assert values_of(answer, "display_name") == ["ANA r"]
    assert values_of(answer, "injected") == [NEW_PATIENT["injected"]]
    assert cast.dr_dunn.post("/clinic/patients/new", data=twin).status_code == 200
    again = {**twin, "form_id": NEW_PATIENT["form_id"][:-1] + "2", "is_another": "1"}
    assert cast.dr_cole.post("/clinic/patients/new", data=again).status_code == 200
    assert patient_count() == before + 2


def test_a_form_cannot_take_over_somebody_elses_id(cast: Cast) -> None:
    before = patient_count()
    stolen = {**NEW_PATIENT, "form_id": cast.ana.account_id}
    answer = cast.dr_dunn.post("/clinic/patients/new", data=stolen)
    assert cast.dr_dunn.get(answer.headers["Location"]).status_code == 404
    assert patient_count() == before
    for bad in ("", "x", cast.ana.account_id.upper()):
        data = {**NEW_PATIENT, "form_id": bad}
        assert cast.dr_cole.post("/clinic/patients/new", data=data).status_code == 404


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("display_name", "", "Write a name or initials."),
        ("display_name", "x" * 121, "That name is too long."),
        ("second_identifier", " ", "year of birth"),
        ("phone_number", "call me", "digits, spaces"),
        ("site", "", "Choose a joint"),
        ("site", "nose", "Choose a joint that"),
        ("site", "neck", "switched on"),
        ("side", "", "Choose left or right."),
        ("performed_on", "", "Choose the day."),
        ("performed_on", "2026-11-27", "That day is still to come."),
        ("performed_on", "1970-01-01", "more than two years ago"),
        ("performed_on", "2026-02-30", "Write a day"),
        ("number", "0", "from 1 to 50"),
        ("number", "1.5", "from 1 to 50"),
        ("number", "9" * 4000, "from 1 to 50"),
        ("injected", "x" * 301, "at most 300"),
        ("clinician_name", "", "who gave"),
        ("next_on", "9999-12-31", "coming two years"),
        ("next_on", "2036-01-01", "more than two years ahead"),
        ("next_time", "09:00", "day of the appointment"),
    ],
)
def test_what_cannot_be_is_refused_by_field_and_all_is_kept(
    cast: Cast, field: str, value: str, words: str
) -> None:
    before = patient_count()
    answer = cast.dr_cole.post("/clinic/patients/new", data={**NEW_PATIENT, field: value})
    assert answer.status_code == 422
    assert words in words_of(answer)
    shown = "next_on" if field == "next_time" else field
    assert f'id="{shown}-error"' in answer.text
    if field not in ("site", "side"):
        assert values_of(answer, field) == [value]
    if field != "display_name":
        assert values_of(answer, "display_name") == ["Cleo D."]
    assert patient_count() == before


def test_an_empty_form_is_answered_in_words(cast: Cast) -> None:
    form_id = NEW_PATIENT["form_id"]
    answer = cast.dr_cole.post("/clinic/patients/new", data={"form_id": form_id})
    assert answer.status_code == 422
    assert "Write a name or initials." in words_of(answer)


@pytest.mark.fault(98)
def test_html_in_names_and_notes_is_shown_as_text(started: Cast) -> None:
    cast = started
    path = f"/clinic/patients/{cast.ana.account_id}/details"
    data = {"display_name": NASTY, "second_identifier": NASTY, "phone_number": ""}
    assert cast.dr_cole.post(path, data=data).status_code == 303
    send(cast.ana, event(cast.ana, answers=answers(note=NASTY, breathless=True)))
    for page in ("/clinic", "/clinic/patients", f"/clinic/patients/{cast.ana.account_id}"):
        text = cast.dr_cole.get(page).text
        assert NASTY not in text
        assert "&lt;script&gt;" in text


def test_searching_finds_by_name_and_identifier_with_nothing_in_the_address(cast: Cast) -> None:
    for words, found in (("ana", 1), ("R-BEN", 1), ("r-", 2), ("%", 0), ("_", 0), ("", 2)):
        answer = cast.dr_cole.post("/clinic/patients", data={"q": words})
        assert answer.status_code == 200
        assert len(re.findall('class="work__name tap"', answer.text)) == found, words
    assert "Ana R." not in words_of(cast.dr_dunn.post("/clinic/patients", data={"q": "ana"}))


def test_the_list_goes_on_behind_a_patient_named_by_id_only(cast: Cast) -> None:
    said = words_of(cast.dr_cole.get(f"/clinic/patients?after={cast.ana.account_id}"))
    assert "Ben T." in said and "Ana R." not in said
    elsewhere = cast.dr_dunn.get(f"/clinic/patients?after={cast.ana.account_id}")
    assert elsewhere.status_code == 404


def test_the_page_tells_who_what_was_done_and_what_was_sent(started: Cast, clock: Clock) -> None:
    cast = started
    worst = send_emergency(cast)
    clock.move(minutes=5)
    send(cast.ana, amend(cast.ana, worst, answers=answers(breathless=False, pain_now=6)))
    said = words_of(page_of(cast))
    for words in (
        "Ana R.",
        "R-ana",
        "Pain before: 5",
        "Risks: none of those asked",
        "Correction 1 (this one counts)",
        "As first sent",
        "Short of breath, wheezing or coughing blood Yes → No",
        "Server: Emergency, when it arrived (12:00, rules 1)",
    ):
        assert words in said, words
    assert [one.subject_id for one in audited("patient.seen")] == [cast.ana.account_id]


def test_the_chart_has_a_table_for_those_who_cannot_see_it(started: Cast) -> None:
    cast = started
    send(
        cast.ana,
        event(cast.ana, local_date="2026-11-24", answers=answers(pain_now=7)),
        event(cast.ana, answers=answers(pain_now=2)),
    )
    page = page_of(cast)
    assert "by day. 2 check-ins; pain at most 7, latest 2 on day 3; none flagged." in page.text
    assert "Tue 24 Nov 1 7" in words_of(page) and "Thu 26 Nov 3 2" in words_of(page)
    assert "style=" not in page.text


def test_a_reading_on_the_page_is_shown_with_its_outcome_and_note(started: Cast) -> None:
    cast = started
    worst = send_emergency(cast)
    answer = read(
        cast.dr_cole, cast.ana, worst, outcome="sent_to_emergency_care", note="999", back="patient"
    )
    assert answer.headers["Location"].startswith(f"/clinic/patients/{cast.ana.account_id}?read=")
    said = words_of(cast.dr_cole.get(answer.headers["Location"]))
    assert "Read by Dr Cole, 12:00 · Sent to emergency care 999" in said
    assert "Undo" in said


def test_a_refused_reading_on_the_page_keeps_what_was_typed(started: Cast) -> None:
    cast = started
    worst = send_emergency(cast)
    answer = read(cast.dr_cole, cast.ana, worst, note="Rang twice", back="patient")
    assert answer.status_code == 422
    assert "Rang twice" in answer.text and "Choose what came of it" in words_of(answer)


def test_a_second_treatment_reaches_the_patients_phone(started: Cast) -> None:
    cast = started
    path = f"/clinic/patients/{cast.ana.account_id}/treatments/new"
    data = {**KNEE, "site": "hip", "side": "left", "next_on": "2026-12-20", "next_time": "10:30"}
    assert cast.dr_cole.post(path, data=data).status_code == 303
    told = cast.ana.get("/api/v1/changes?after=0").get_json()["changes"]
    newest = [one["data"] for one in told if one["type"] == "treatment"][-1]
    assert (newest["site"], newest["side"]) == ("hip", "left")
    assert newest["next_appointment_at"].startswith("2026-12-20T10:30")


def correct(cast: Cast, **changed: str):  # type: ignore[no-untyped-def]
    path = f"/clinic/patients/{cast.ana.account_id}/treatments/{cast.ana.treatment_id}"
    version = values_of(cast.dr_cole.get(path), "version")[0]
    return cast.dr_cole.post(path, data={**KNEE, "version": version, **changed})


def test_a_corrected_date_raises_a_verdict_and_puts_it_on_the_worklist(started: Cast) -> None:
    cast = started
    hot = event(
        cast.ana,
        answers=answers(swelling="moderate", warmth=True, pain_now=3),
        verdict={"level": "clinic_hours", "reasons": ["C4_LOCAL_SIGNS"]},
    )
    later = {**KNEE, "performed_on": "2026-11-25"}
    correct(cast, performed_on=later["performed_on"])
    send(cast.ana, hot)
    read(cast.dr_cole, cast.ana, hot, outcome="spoke_with_patient")
    assert "data-patient" not in cast.dr_cole.get("/clinic").text
    answer = correct(cast, performed_on="2026-11-23")
    assert answer.headers["Location"].endswith("?done=corrected_raised")
    db.session.rollback()
    causes = db.session.scalars(select(Verdict.cause).order_by(Verdict.number)).all()
    assert causes == ["received", "treatment_corrected"]
    assert 'data-level="same_day"' in cast.dr_cole.get("/clinic").text
    said = words_of(page_of(cast))
    assert "Server: Today, after the treatment was corrected" in said
    assert "Corrected: 2" in said and "As first written" in said
    versions = db.session.scalars(select(func.count()).select_from(TreatmentVersion)).one()
    assert versions == 4  # three of ana's and one of ben's


def test_a_correction_that_changes_nothing_writes_nothing(started: Cast) -> None:
    answer = correct(started)
    assert answer.headers["Location"].endswith("?done=unchanged")
    assert audited("treatment.corrected") == []


def test_of_two_who_correct_the_second_is_told_and_keeps_what_was_typed(started: Cast) -> None:
    cast = started
    path = f"/clinic/patients/{cast.ana.account_id}/treatments/{cast.ana.treatment_id}"
    version = values_of(cast.dr_cole.get(path), "version")[0]
    correct(cast, side="left")
    answer = cast.dr_cole.post(path, data={**KNEE, "injected": "Dextrose 25 %", "version": version})
    assert answer.status_code == 409
    assert "Somebody corrected this treatment" in words_of(answer)
    assert values_of(answer, "injected") == ["Dextrose 25 %"]


def test_a_correction_is_judged_in_its_own_transaction_or_not_at_all(
    started: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = started
    send(cast.ana, event(cast.ana))
    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setitem(app.extensions, "library", None)
    path = f"/clinic/patients/{cast.ana.account_id}/treatments/{cast.ana.treatment_id}"
    data = {**KNEE, "performed_on": "2026-11-20", "version": "1"}
    assert cast.dr_cole.post(path, data=data).status_code == 500
    db.session.rollback()
    [treatment] = records.of_patient(clinic_id=cast.ana.clinic_id, patient_id=cast.ana.account_id)
    assert (treatment.version, treatment.performed_on.day) == (1, 23)
    assert audited("treatment.corrected") == []


def test_a_joint_that_was_switched_off_can_still_be_corrected(started: Cast) -> None:
    cast = started
    form = cast.dr_cole.get("/clinic/settings")
    data = {name: values_of(form, name)[0] for name in ("name", "phone", "out_of_hours")}
    data |= {"emergency": "999", "time_zone": "Europe/London", "no_swim_hours": "24"}
    data["keep_days"] = "30"
    data |= {"ice_policy": "ask", "heat_policy": "ask", "version": values_of(form, "version")[-1]}
    saved = cast.dr_cole.post("/clinic/settings", data={**data, "joints": ["hip"]})
    assert saved.status_code == 303
    assert correct(cast, injected="Dextrose 20 %").status_code == 303


def test_details_are_corrected_and_a_bad_one_is_kept_on_the_form(cast: Cast) -> None:
    path = f"/clinic/patients/{cast.ana.account_id}/details"
    data = {"display_name": "Ana Ro.", "second_identifier": "1990", "phone_number": "nine"}
    answer = cast.dr_cole.post(path, data=data)
    assert answer.status_code == 422
    assert values_of(answer, "phone_number") == ["nine"]
    cast.dr_cole.post(path, data={**data, "phone_number": "+44 7700 900"})
    assert "Ana Ro. 1990 +44 7700 900" in words_of(page_of(cast))
    assert db.session.get_one(Account, cast.ana.account_id).display_name == "Ana Ro."


def test_many_check_ins_come_in_pages(started: Cast) -> None:
    cast = started
    for _ in range(2):
        send(cast.ana, *[event(cast.ana) for _ in range(17)])
    page = page_of(cast)
    assert len(re.findall('<li class="thread', page.text)) == 7
    older = cast.dr_cole.get(f"/clinic/patients/{cast.ana.account_id}?from=30")
    assert len(re.findall('<li class="thread', older.text)) == 4
    for bad in ("-1", "x", "999999", "9" * 20):
        assert (
            cast.dr_cole.get(f"/clinic/patients/{cast.ana.account_id}?from={bad}").status_code
            == 404
        )


def test_a_qr_code_is_one_path_inside_its_box() -> None:
    code = draw_qr(f"{ORIGIN}/join#ABCD-EFGH-JKMN")
    assert re.fullmatch(r"(M4 \d+\.5((m\d+ 0)?h\d+)+)+", code.path)
    assert code.size == 29 + 8
    dark = set()
    for y, row in re.findall(r"M4 (\d+)\.5([^M]+)", code.path):
        x = 4
        for kind, width in re.findall(r"([mh])(\d+)", row):
            if kind == "h":
                dark |= {(x + step, int(y)) for step in range(int(width))}
            x += int(width)
        assert x < code.size
    drawn = segno.make_qr(f"{ORIGIN}/join#ABCD-EFGH-JKMN", error="m").matrix_iter(border=4)
    assert dark == {(x, y) for y, row in enumerate(drawn) for x, one in enumerate(row) if one}


def test_a_day_is_counted_in_the_clinics_zone(cast: Cast, clock: Clock) -> None:
    clock.now += timedelta(hours=11, minutes=30)  # 23:30 in London, still the 26th
    tomorrow = {**NEW_PATIENT, "performed_on": "2026-11-27"}
    assert cast.dr_cole.post("/clinic/patients/new", data=tomorrow).status_code == 422
    clock.move(hours=1)
    cast.dr_cole.sign_in()
    assert cast.dr_cole.post("/clinic/patients/new", data=tomorrow).status_code == 200
