"""Settings, staff, the sign-off, the audit log, and one's own account."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from pwa.accounts.models import Account
from pwa.check_ins.models import Expectation
from pwa.database import db
from pwa.practice import clinics
from pwa.practice.models import SignOff
from pwa.practice.words import Words
from tests.clinic.asking import audited, values_of, words_of
from tests.conftest import PASSWORD, Cast, Clock

NEW_PASSWORD = "nine purple otters dance slowly"


def settings_of(cast: Cast) -> Words:
    db.session.rollback()
    return clinics.snapshot(cast.mo.clinic_id).words


def form_of(cast: Cast, **changed: Any) -> dict[str, Any]:
    """The form as it is on the screen, with what somebody changes."""
    words = settings_of(cast)
    data: dict[str, Any] = {
        "name": words.name,
        "time_zone": words.time_zone,
        "phone": words.phone.number,
        "out_of_hours": words.out_of_hours.number,
        "emergency": words.emergency.number,
        "ice_policy": words.ice_policy,
        "heat_policy": words.heat_policy,
        "no_swim_hours": "24",
        "keep_days": "30",
        "pain_relief": "",
        "joints": list(words.joints),
        "check_in_days": ", ".join(map(str, words.check_in_days)),
        "version": str(clinics.words_version(cast.mo.clinic_id)),
    }
    for day in range(5):
        data[f"hours_{day}_a_opens"], data[f"hours_{day}_a_closes"] = "09:00", "17:30"
    return data | changed


def test_saved_settings_reach_the_phones_and_the_public_pages(cast: Cast, app: Flask) -> None:
    before = app.extensions["shell"].release().id
    answer = cast.mo.post(
        "/clinic/settings",
        data=form_of(
            cast,
            ice_policy="avoid",
            nsaid_avoid_after_days="28",
            pain_relief="Ask us first.",
            joints=["knee", "neck"],
            hours_0_b_opens="18:30",
            hours_0_b_closes="20:00",
        ),
    )
    assert answer.headers["Location"] == "/clinic/settings?done=saved"
    told = cast.ana.get("/api/v1/changes?after=0&clinic=0").get_json()["clinic"]
    assert (told["ice_policy"], told["nsaid_avoid_after_days"]) == ("avoid", 28)
    assert told["joints"] == ["knee", "neck"]
    assert {"weekday": 0, "opens": "18:30", "closes": "20:00"} in told["hours"]
    assert app.extensions["shell"].release().id != before
    assert [one.actor_name for one in audited("clinic.settings")] == ["Mo"]


def test_saving_what_is_saved_already_makes_no_version(cast: Cast) -> None:
    before = clinics.words_version(cast.mo.clinic_id)
    answer = cast.mo.post("/clinic/settings", data=form_of(cast))
    assert answer.headers["Location"] == "/clinic/settings?done=unchanged"
    assert clinics.words_version(cast.mo.clinic_id) == before


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "at least 1 character"),
        ("name", "x" * 121, "at most 120 characters"),
        ("time_zone", "Mars/Base", "Choose a time zone"),
        ("phone", "call us", "Use digits"),
        ("emergency", "<b>999</b>", "Use digits"),
        ("ice_policy", "always", "should be"),
        ("nsaid_avoid_before_days", "15", "less than or equal to 14"),
        ("nsaid_avoid_after_days", "-1", "whole number"),
        ("nsaid_avoid_after_days", "7.5", "whole number"),
        ("no_swim_hours", "", "whole number"),
        ("keep_days", "", "whole number"),
        ("keep_days", "91", "less than or equal to 90"),
        ("retention_months", "11", "greater than or equal to 12"),
        ("retention_months", "601", "less than or equal to 600"),
        ("pain_relief", "x" * 501, "at most 500 characters"),
        ("pain_relief", "x" * 100_000, "at most 500 characters"),
        ("hours_0_a_closes", "08:00", "Monday: closing must be later than opening."),
        ("hours_0_a_closes", "", "Monday: write both times"),
        ("hours_0_a_closes", "25:00", "Monday: write both times"),
        ("hours_6_b_opens", "09:00", "Sunday: write both times"),
        ("holiday_0_day", "25 December", "Write a day such as 2026-12-25"),
        ("holiday_0_day", "2026-02-30", "Write a day such as 2026-12-25"),
        ("holiday_0_name", "Christmas", "Write the day of each holiday."),
        ("holiday_0_name", "x" * 61, "Write the day of each holiday."),
        ("activity_knee_sport", "85", "Write a day from 0 to 84."),
        ("activity_knee_sport", "soon", "Write a whole number."),
        ("check_in_days", "", "Write days such as 0, 1, 3, 7."),
        ("check_in_days", "1, two", "Write days such as 0, 1, 3, 7."),
        ("check_in_days", "1, -2", "Write days such as 0, 1, 3, 7."),
        ("reminder_at", "6 pm", "Write a time such as 18:00."),
        ("check_in_days", "366", "none after day 365"),
        ("check_in_days", " ".join(map(str, range(31))), "at most 30 days"),
    ],
)
def test_a_setting_that_cannot_be_is_named_and_all_is_kept(
    cast: Cast, field: str, value: str, words: str
) -> None:
    before = settings_of(cast)
    data = form_of(cast, out_of_hours="020 7946 0777") | {field: value}
    answer = cast.mo.post("/clinic/settings", data=data)
    assert answer.status_code == 422
    assert words in words_of(answer)
    assert values_of(answer, "out_of_hours") == ["020 7946 0777"]
    assert settings_of(cast) == before


def test_how_long_things_are_kept_is_the_clinics_to_say(cast: Cast) -> None:
    data = form_of(cast, keep_days="0", retention_months="120")
    assert cast.mo.post("/clinic/settings", data=data).status_code == 303
    assert (settings_of(cast).keep_days, settings_of(cast).retention_months) == (0, 120)
    page = cast.mo.get("/clinic/settings")
    assert values_of(page, "keep_days") == ["0"]
    assert values_of(page, "retention_months") == ["120"]
    assert cast.ana.get("/api/v1/session").get_json()["limits"]["keep_days"] == 0
    data = form_of(cast, retention_months="")
    assert cast.mo.post("/clinic/settings", data=data).status_code == 303
    assert settings_of(cast).retention_months is None


def test_holidays_activity_days_and_check_in_days_reach_the_phones(cast: Cast) -> None:
    assert (
        cast.mo.post(
            "/clinic/settings",
            data=form_of(
                cast,
                holiday_0_day="2026-12-25",
                holiday_0_name=" Christmas  Day ",
                holiday_2_day="2026-12-24",
                activity_knee_sport="10",
                activity_knee_work="0",
                check_in_days="7 1;3, 1",
                reminder_at="17:15",
            ),
        ).status_code
        == 303
    )
    told = cast.ana.get("/api/v1/changes?after=0&clinic=0").get_json()["clinic"]
    assert told["holidays"] == [
        {"day": "2026-12-24", "name": ""},
        {"day": "2026-12-25", "name": "Christmas Day"},
    ]
    assert told["activity_days"] == {"knee": {"sport": 10, "work": 0}}
    assert told["check_in_days"] == [1, 3, 7]
    assert told["reminder_at"] == "17:15"
    assert "messages" not in told
    page = cast.mo.get("/clinic/settings")
    assert values_of(page, "holiday_1_day") == ["2026-12-25"]
    assert values_of(page, "activity_knee_sport") == ["10"]
    assert values_of(page, "check_in_days") == ["1, 3, 7"]
    assert values_of(page, "activity_shoulder_work") == []
    aftercare = words_of(cast.ana.get("/aftercare/knee"))
    assert "Ask your clinic before you run" in aftercare  # two clinics: nobody's own words


def test_a_day_that_stands_twice_is_no_holiday(cast: Cast) -> None:
    data = form_of(cast, holiday_0_day="2026-12-25", holiday_5_day="2026-12-25")
    answer = cast.mo.post("/clinic/settings", data=data)
    assert answer.status_code == 422
    assert "A day stands there twice." in words_of(answer)
    assert values_of(answer, "holiday_1_day") == ["2026-12-25"]


def test_other_days_of_the_check_ins_change_who_is_overdue(cast: Cast) -> None:
    cast.ana.get("/api/v1/changes")
    assert expected_on(cast) == date(2026, 11, 26)
    cast.mo.post("/clinic/settings", data=form_of(cast, check_in_days="5"))
    assert expected_on(cast) == date(2026, 11, 28)


def expected_on(cast: Cast) -> date | None:
    db.session.rollback()
    return db.session.scalar(
        select(Expectation.expected_on).where(Expectation.patient_id == cast.ana.account_id)
    )


def test_phones_are_told_when_each_word_was_changed_last(cast: Cast, clock: Clock) -> None:
    def changed_at() -> dict[str, str]:
        answer = cast.ana.get("/api/v1/changes?after=0&clinic=0").get_json()
        return answer["clinic"]["changed_at"]

    assert set(changed_at()) == {"signed"}
    cast.mo.post("/clinic/settings", data=form_of(cast, ice_policy="avoid"))
    first = clock().isoformat()
    clock.move(minutes=3)
    relief = {"pain_relief": "Ask us first."}
    cast.mo.post("/clinic/settings", data=form_of(cast, **relief))
    cast.mo.post("/clinic/settings", data=form_of(cast, keep_days="9", **relief))
    told = changed_at()
    assert set(told) == {"signed", "ice_policy", "pain_relief"}
    assert (told["ice_policy"], told["pain_relief"]) == (first, clock().isoformat())


def message_form(cast: Cast, *rows: tuple[str, str], **changed: Any) -> dict[str, Any]:
    return {
        "title": [title for title, _ in rows],
        "text": [text for _, text in rows],
        "version": str(clinics.words_version(cast.mo.clinic_id)),
        **changed,
    }


def test_approved_messages_are_kept_and_stay_when_other_settings_change(cast: Cast) -> None:
    path = "/clinic/settings/messages"
    rows = (("Normal", "What you write is\r\nexpected."), ("", ""), ("<b>Call</b>", "Call us."))
    answer = cast.dr_cole.post(path, data=message_form(cast, *rows))
    assert answer.headers["Location"] == f"{path}?done=saved"
    assert [(one.title, one.text) for one in settings_of(cast).messages] == [
        ("Normal", "What you write is\nexpected."),
        ("<b>Call</b>", "Call us."),
    ]
    page = cast.mo.get(path)
    assert "&lt;b&gt;Call&lt;/b&gt;" in page.text and "<b>Call</b>" not in page.text
    cast.mo.post("/clinic/settings", data=form_of(cast, pain_relief="Ask."))
    assert len(settings_of(cast).messages) == 2
    again = message_form(cast, *(row for row in rows if row[0]))
    assert cast.mo.post(path, data=again).headers["Location"].endswith("unchanged")
    assert clinics.snapshot(cast.dr_dunn.clinic_id).words.messages == []


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("", "Text"), "Write a short title"),
        (("x" * 61, "Text"), "Write a short title"),
        (("Title", ""), "Write what the patient reads"),
        (("Title", "x" * 100_000), "Write what the patient reads"),
    ],
)
def test_a_message_that_cannot_be_is_named_and_all_is_kept(
    cast: Cast, row: tuple[str, str], words: str
) -> None:
    form = message_form(cast, ("First", "One."), row)
    answer = cast.mo.post("/clinic/settings/messages", data=form)
    assert answer.status_code == 422
    assert words in words_of(answer)
    assert row[1] in answer.text and "One." in answer.text
    assert settings_of(cast).messages == []


def test_of_two_who_save_messages_the_second_is_shown_both(cast: Cast) -> None:
    mine = message_form(cast, ("Mine", "My words."))
    cast.mo.post("/clinic/settings/messages", data=message_form(cast, ("Theirs", "Their words.")))
    answer = cast.dr_cole.post("/clinic/settings/messages", data=mine)
    assert answer.status_code == 409
    said = words_of(answer)
    assert "Theirs : Their words." in said or "Theirs: Their words." in said
    assert "My words." in answer.text
    assert [one.title for one in settings_of(cast).messages] == ["Theirs"]


def test_of_two_who_save_the_second_is_told_and_nothing_is_overwritten(cast: Cast) -> None:
    mine = form_of(cast, pain_relief="Mine")
    cast.mo.post("/clinic/settings", data=form_of(cast, phone="020 7946 0555"))
    answer = cast.dr_cole.post("/clinic/settings", data=mine)
    assert answer.status_code == 409
    said = words_of(answer)
    assert "Somebody saved these settings while you were here." in said
    assert "Phone 020 7946 0102 020 7946 0555" in said
    assert "Pain relief Mine nothing" in said
    assert settings_of(cast).phone.number == "020 7946 0555"
    assert settings_of(cast).pain_relief == ""
    mine["version"] = values_of(answer, "version")[-1]
    assert cast.dr_cole.post("/clinic/settings", data=mine).status_code == 303
    assert settings_of(cast).pain_relief == "Mine"


def test_every_kind_of_setting_is_shown_beside_what_another_saved(cast: Cast) -> None:
    mine = form_of(cast, activity_knee_sport="12", check_in_days="1, 3", holiday_0_day="2026-12-26")
    theirs = form_of(cast, activity_knee_sport="10", holiday_0_day="2026-12-25")
    cast.mo.post("/clinic/settings", data=theirs | {"holiday_0_name": "<i>Noel</i>"})
    answer = cast.dr_cole.post("/clinic/settings", data=mine)
    assert answer.status_code == 409
    said = words_of(answer)
    assert "Sport, knee: allowed from day 12 10" in said
    assert "Days of the check-ins 1, 3 0, 1, 2, 3, 5, 7, 10, 14, 28, 42, 84" in said
    assert "Holidays 2026-12-26 2026-12-25 &lt;i&gt;Noel&lt;/i&gt;" in said or (
        "Holidays 2026-12-26 2026-12-25 <i>Noel</i>" in said
    )
    assert "<i>" not in answer.text
    assert settings_of(cast).activity_days == {"knee": {"sport": 10}}


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 40, "0"])
def test_a_version_that_nobody_saw_saves_nothing(cast: Cast, version: str) -> None:
    data = form_of(cast, pain_relief="Mine", version=version)
    assert cast.mo.post("/clinic/settings", data=data).status_code == 409
    assert settings_of(cast).pain_relief == ""


def test_a_changed_number_has_to_be_called_again(cast: Cast) -> None:
    cast.mo.post("/clinic/settings", data=form_of(cast, phone="020 7946 0555"))
    page = cast.mo.get("/clinic/settings")
    assert "1 not tested" in words_of(page)
    assert 'href="tel:02079460555"' in page.text
    data = {"number": "phone", "version": values_of(page, "version")[0]}
    assert cast.mo.post("/clinic/settings/tested", data=data).status_code == 303
    assert settings_of(cast).phone.is_tested
    assert cast.mo.post("/clinic/settings/tested", data=data).status_code == 409
    data = {"number": "name", "version": values_of(cast.mo.get("/clinic/settings"), "version")[-1]}
    assert cast.mo.post("/clinic/settings/tested", data=data).status_code == 422


def sign(cast: Cast, **changed: str):  # type: ignore[no-untyped-def]
    page = cast.dr_cole.get("/clinic/settings/sign-off")
    data = {name: values_of(page, name)[0] for name in ("version", "form_version", "rules_version")}
    return cast.dr_cole.post(
        "/clinic/settings/sign-off", data={**data, "typed_name": "Dr C. Cole", **changed}
    )


def test_the_table_shows_every_rule_in_words_with_its_sources(cast: Cast, app: Flask) -> None:
    page = cast.dr_cole.get("/clinic/settings/sign-off")
    said = words_of(page)
    rules = app.extensions["library"].rules[1].rules
    for rule in rules:
        assert f"<code>{rule.code}</code>" in page.text
        assert " ".join(rule.words.split()) in said
    assert said.count("Our choice") == sum(rule.is_our_choice for rule in rules)
    assert "Short of breath, wheezing or coughing blood" in said
    assert not re.search(r"\{[a-z_]+\}", page.text)


def test_a_signature_is_kept_and_phones_run_what_was_signed(cast: Cast) -> None:
    assert sign(cast).status_code == 303
    said = words_of(cast.dr_cole.get("/clinic/settings/sign-off"))
    assert "Signed by Dr C. Cole, 12:00." in said
    told = cast.ana.get("/api/v1/changes?after=0&clinic=0").get_json()["clinic"]["signed"]
    assert told["by"] == "Dr C. Cole"
    db.session.rollback()
    count = select(func.count()).where(SignOff.clinic_id == cast.mo.clinic_id)
    assert db.session.scalar(count) == 2
    assert [one.actor_name for one in audited("clinic.signed")][-1] == "Dr Cole"


def test_signing_is_refused_while_a_number_is_not_tested_and_says_which(cast: Cast) -> None:
    cast.mo.post("/clinic/settings", data=form_of(cast, out_of_hours=""))
    before = db.session.scalar(select(func.count()).select_from(SignOff))
    answer = sign(cast)
    assert answer.status_code == 422
    assert "Call the clinic's numbers first" in words_of(answer)
    assert "Not tested: out-of-hours line." in words_of(answer)
    assert values_of(answer, "typed_name") == ["Dr C. Cole"]
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(SignOff)) == before


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"typed_name": " "}, 422),
        ({"typed_name": "x" * 201}, 422),
        ({"rules_version": "2"}, 409),
        ({"form_version": ""}, 409),
        ({"version": "1"}, 409),
    ],
)
def test_only_what_was_on_the_screen_is_signed_by_a_name(
    cast: Cast, changed: dict[str, str], status: int
) -> None:
    assert sign(cast, **changed).status_code == status


def test_only_a_clinician_signs(cast: Cast) -> None:
    assert cast.mo.get("/clinic/settings/sign-off").status_code == 404
    assert cast.mo.post("/clinic/settings/sign-off").status_code == 404


def test_a_colleague_is_added_with_a_code_and_joins(cast: Cast) -> None:
    answer = cast.mo.post(
        "/clinic/settings/staff", data={"display_name": "Dr Novak", "role": "clinician"}
    )
    [code] = re.findall(r"data-code>([0-9A-Z-]{14})<", answer.text)
    joined = cast.mo.client.application.test_client().post(
        "/api/v1/join",
        json={"code": code, "username": "novak", "password": NEW_PASSWORD},
        headers={"Origin": "http://localhost:8000"},
    )
    assert joined.get_json()["role"] == "clinician"
    assert "Dr Novak" in words_of(cast.dr_cole.get("/clinic/settings"))


@pytest.mark.parametrize("data", [{}, {"display_name": "X", "role": "patient"}])
def test_a_colleague_without_name_or_role_is_not_added(cast: Cast, data: dict[str, str]) -> None:
    assert cast.mo.post("/clinic/settings/staff", data=data).status_code == 422


def test_a_colleagues_card_does_not_speak_of_aftercare(cast: Cast) -> None:
    data = {"display_name": "Dr Novak", "role": "clinician"}
    said = words_of(cast.mo.post("/clinic/settings/staff", data=data))
    assert "Your account at the clinic" in said
    assert "Your aftercare app" not in said
    assert "The clinic never sees the password." in said


def test_a_clinic_that_is_not_ready_is_told_what_comes_next(cast: Cast) -> None:
    assert "How a clinic gets going" not in words_of(cast.mo.get("/clinic/settings"))
    cast.mo.post("/clinic/settings", data=form_of(cast, out_of_hours=""))
    page = cast.mo.get("/clinic/settings")
    assert "How a clinic gets going" in words_of(page)
    assert '<li class="is-now"><span><a href="#numbers">' in page.text
    assert 'href="/clinic/settings/sign-off"' not in page.text


def test_nobody_is_asked_to_call_the_emergency_line(cast: Cast) -> None:
    cast.mo.post("/clinic/settings", data=form_of(cast, emergency="112", phone="020 7946 0111"))
    page = cast.mo.get("/clinic/settings")
    assert 'href="tel:02079460111"' in page.text
    assert 'href="tel:112"' not in page.text
    assert "It is the right number" in words_of(page)


def test_only_an_administrator_changes_staff(cast: Cast) -> None:
    base = f"/clinic/settings/staff/{cast.mo.account_id}"
    for path in ("/clinic/settings/staff", f"{base}/invite", f"{base}/active"):
        assert cast.dr_cole.post(path).status_code == 404
    elsewhere = f"/clinic/settings/staff/{cast.dr_dunn.account_id}"
    patient = f"/clinic/settings/staff/{cast.ana.account_id}"
    for path in (elsewhere, patient):
        assert cast.mo.post(f"{path}/active", data={"is_active": "0"}).status_code == 404
        assert cast.mo.post(f"{path}/invite").status_code == 404


@pytest.mark.fault(81)
def test_a_closed_colleague_is_out_at_once(cast: Cast) -> None:
    assert cast.dr_cole.get("/clinic").status_code == 200
    path = f"/clinic/settings/staff/{cast.dr_cole.account_id}/active"
    cast.mo.post(path, data={"is_active": "0"})
    assert cast.dr_cole.get("/clinic").headers["Location"].startswith("/sign-in")


def test_nobody_closes_their_own_account_nor_the_last_administrators(cast: Cast) -> None:
    path = f"/clinic/settings/staff/{cast.mo.account_id}/active"
    answer = cast.mo.post(path, data={"is_active": "0"})
    assert answer.status_code == 422
    assert "cannot close your own account" in words_of(answer)
    db.session.rollback()
    assert db.session.get_one(Account, cast.mo.account_id).is_active


def test_the_audit_log_tells_in_words_and_pages(cast: Cast) -> None:
    cast.dr_cole.get(f"/clinic/patients/{cast.ana.account_id}")
    said = words_of(cast.mo.get("/clinic/settings/audit"))
    assert "Dr Cole opened a patient's page Ana R." in said
    assert cast.dr_cole.get("/clinic/settings/audit").status_code == 404
    newest = audited("audit.seen")[-1].entry_id
    older = words_of(cast.mo.get(f"/clinic/settings/audit?before={newest}"))
    assert "opened the audit log" not in older
    for bad in ("x", "-1", "9" * 30):
        assert cast.mo.get(f"/clinic/settings/audit?before={bad}").status_code == 404


def test_another_clinics_acts_are_not_in_the_log(cast: Cast) -> None:
    cast.dr_dunn.get("/clinic")
    assert "Dr Dunn" not in words_of(cast.mo.get("/clinic/settings/audit"))


@pytest.mark.fault(66)
def test_a_changed_password_ends_every_other_session(cast: Cast, app: Flask) -> None:
    cast.dr_cole.get("/clinic")
    other = app.test_client()
    origin = {"Origin": "http://localhost:8000"}
    body = {"username": "dr_cole", "password": PASSWORD}
    assert other.post("/api/v1/sign-in", json=body, headers=origin).status_code == 200
    data = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    answer = cast.dr_cole.post("/clinic/account/password", data=data)
    assert answer.headers["Location"] == "/clinic/account?done=password"
    assert cast.dr_cole.get("/clinic").status_code == 200
    assert other.get("/clinic").status_code == 302
    assert cast.dr_cole.sign_in(NEW_PASSWORD).status_code == 200
    assert len(audited("account.password_changed")) == 1


@pytest.mark.parametrize(
    ("current", "new", "words"),
    [
        ("wrong", NEW_PASSWORD, "That is not your password now."),
        (PASSWORD, "short", "Use at least 15 letters."),
        (PASSWORD, "passwordpassword", "easy to guess"),
        ("", "", "That is not your password now."),
    ],
)
def test_a_password_that_will_not_do_is_refused_and_never_shown_again(
    cast: Cast, current: str, new: str, words: str
) -> None:
    data = {"current_password": current, "new_password": new}
    answer = cast.dr_cole.post("/clinic/account/password", data=data)
    assert answer.status_code == 422
    assert words in words_of(answer)
    assert values_of(answer, "new_password") == [""]
    assert cast.dr_cole.sign_in().status_code == 200


def test_signing_out_ends_the_session_on_the_server(cast: Cast) -> None:
    assert cast.dr_cole.get("/clinic").status_code == 200
    answer = cast.dr_cole.post("/clinic/account/sign-out")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert cast.dr_cole.get("/clinic").status_code == 302
    assert len(audited("session.ended")) == 1
