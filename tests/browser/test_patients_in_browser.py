"""Finding patients while typing, and taking in a list, in a real browser on a small screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from pwa.clinic import import_routes, import_taking
from tests.browser.auditing import faults_of
from tests.browser.driving import NARROW
from tests.browser.patient_world import Clinic
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser
WIDER = "document.documentElement.scrollWidth > window.innerWidth"


def test_a_list_is_taken_in_by_itself_and_its_people_are_found_by_keyboard(
    tmp_path: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The taking is cut into four requests, which the page makes one after the other."""
    monkeypatch.setattr(import_taking, "AT_ONCE", 5)
    monkeypatch.setattr(import_routes, "BATCHES_AT_ONCE", 1)
    clinic = Clinic(tmp_path / "instance")
    people = "".join(f"Seán O’Brien {number};R-1{number:02}\n" for number in range(20))
    file = tmp_path / "list.csv"
    file.write_bytes(f"Name;Identifier\n;R-9\n{people}".encode("cp1252"))
    context = browser.new_context(viewport=NARROW, base_url=clinic.origin)
    who = {"username": "dr_cole", "password": PASSWORD}
    context.request.post("/api/v1/sign-in", data=who, headers={"Origin": clinic.origin})
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)

    page.goto("/clinic/patients/import")
    page.get_by_label("The list, saved as CSV").set_input_files(file)
    page.get_by_role("button", name="Read the list").click()
    expect(page.get_by_text("20 patients can be added")).to_be_visible()
    assert (faults_of(page), page.evaluate(WIDER)) == ([], False)
    page.get_by_role("button", name="Add 20 patients").click()
    expect(page.get_by_text("20 patients are added.")).to_be_visible()
    page.get_by_role("button", name="Make the cards").click()
    expect(page.locator("[data-code]")).to_have_count(20)
    assert page.evaluate(WIDER) is False

    page.goto("/clinic/patients")
    field = page.get_by_label("Name, identifier or phone number")
    field.press_sequentially("obr 11")
    expect(page.get_by_role("status").filter(has_text="10 found")).to_be_visible()
    field.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Seán O’Brien 11")).to_be_focused()
    assert (faults_of(page), page.evaluate(WIDER)) == ([], False)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Seán O’Brien 11")
    context.close()
    clinic.stop()
    assert problems == []
