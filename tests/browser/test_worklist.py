"""The worklist in a real browser: keys, what waits behind the bar, a colleague, and the alarm."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.auditing import faults_of
from tests.browser.test_clinic import (  # noqa: F401 - fixtures, found here by name
    EMERGENCY,
    Desk,
    clinic,
    desk,
)
from tests.making import answers

HEARD = """() => {
  window.tones = 0;
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...at) { window.tones += 1; start.apply(this, at); };
}"""


def test_a_clinician_goes_through_the_list_by_keys_alone(desk: Desk) -> None:
    page = desk.page
    first, second, third = (desk.clinic.patient() for _ in range(3))
    desk.check_in(first, answers=answers(breathless=True), verdict=EMERGENCY)
    desk.check_in(second)
    desk.check_in(third)
    page.goto("/clinic")
    page.keyboard.press("j")
    expect(desk.row(first).locator("[data-go]")).to_be_focused()
    page.keyboard.press("k")
    expect(desk.row(first).locator("[data-go]")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(desk.row(second).locator("[data-go]")).to_be_focused()
    page.keyboard.press("o")
    expect(desk.row(second).locator("[data-review-start]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(desk.row(second).locator("[data-go]")).to_be_focused()
    page.keyboard.press("r")
    expect(desk.row(second).get_by_role("button", name="Mark as read", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(desk.row(second)).to_have_count(0)
    expect(desk.row(third).locator("[data-go]")).to_be_focused()
    page.keyboard.press("u")
    expect(desk.row(second)).to_be_visible()

    page.keyboard.press("j")
    page.keyboard.press("?")
    switch = page.get_by_label("Use single keys")
    page.keyboard.press("j")
    expect(switch).to_be_checked()
    switch.uncheck()
    page.keyboard.press("Escape")
    expect(desk.row(first).locator("[data-go]")).to_be_focused()
    page.reload()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement === document.body")


def test_a_letter_typed_in_a_field_is_no_key(desk: Desk) -> None:
    patient = desk.clinic.patient()
    desk.check_in(patient)
    desk.page.goto("/clinic")
    row = desk.row(patient)
    row.locator("[data-open]").click()
    note = row.get_by_label("Note for colleagues")
    note.press_sequentially("jokur?/ks")
    expect(note).to_have_value("jokur?/ks")
    expect(note).to_be_focused()
    desk.page.keyboard.press("Escape")
    expect(note).to_have_value("jokur?/ks")


def test_an_emergency_is_announced_beyond_the_view_with_sound_and_title(desk: Desk) -> None:
    page = desk.page
    page.goto("/clinic?level=expected")
    page.evaluate(HEARD)
    page.get_by_role("button", name="Alerts and keys").click()
    page.get_by_label("Play a sound").check()
    page.get_by_label("Put a number in the title").check()
    assert faults_of(page, "dialog") == []
    page.get_by_role("button", name="Done").click()
    page.wait_for_function("window.tones === 3")
    worse = desk.clinic.patient()
    desk.check_in(worse, answers=answers(chest_pain=True), verdict=EMERGENCY)
    expect(page.locator("[data-alarm]")).to_contain_text(f"New emergency: {worse.name}, knee.")
    expect(page).to_have_title("(1) New emergency · Worklist · Riverside Joint Clinic")
    page.wait_for_function("window.tones === 6")
    expect(page.locator("[data-rows]")).to_contain_text("not in this view")
    page.locator("[data-new-emergency]").get_by_role("button", name="Show").click()
    page.wait_for_url("**/clinic?level=emergency")
    expect(desk.row(worse)).to_be_visible()


def test_what_was_opened_stays_when_it_is_read_elsewhere(desk: Desk) -> None:
    page = desk.page
    patient = desk.clinic.patient()
    made = desk.check_in(patient)
    page.goto("/clinic")
    row = desk.row(patient)
    row.locator("[data-open]").click()
    row.get_by_label("Note for colleagues").fill("Half a sen")
    desk.clinic.read(patient, [made["event_id"]])
    page.locator("[data-news]").get_by_text("1 read by others").wait_for()
    page.mouse.move(0, 0)
    page.locator("[data-news]").get_by_role("button", name="Show").click()
    expect(row).to_contain_text("This is no longer in the list")
    expect(row.get_by_label("Note for colleagues")).to_have_value("Half a sen")
