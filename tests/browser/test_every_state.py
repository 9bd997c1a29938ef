"""All pages for patients and the public in all states, in both languages and colours: what an
auditor of accessibility finds, and what a screen reader comes to in which order."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.auditing import faults_of
from tests.browser.chromium import PHONE
from tests.browser.every_state import every_state
from tests.browser.patient_world import Clinic

pytestmark = pytest.mark.browser
READ_OUT = tomllib.loads(Path(__file__).with_name("read_out.toml").read_text("utf-8"))
A_NAME = re.compile(r"""(?<=[a-z]) (?:"[^"\n]*"|/[^/\n]*/)""")
WHAT_IT_SAYS = re.compile(r"""(?<=[a-z\]]): \S.*$""", re.MULTILINE)


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    clinic = Clinic(tmp_path_factory.mktemp("clinic"))
    yield clinic
    clinic.stop()


@pytest.fixture
def phone(browser: Browser, clinic: Clinic) -> Iterator[BrowserContext]:
    context = browser.new_context(**PHONE, base_url=clinic.origin, reduced_motion="reduce")
    context.set_default_timeout(10_000)
    yield context
    context.close()


def roles_alone(snapshot: str) -> str:
    """The same order in any language: without the names and what is said."""
    unquoted = snapshot.replace("'", "")
    return WHAT_IT_SAYS.sub("", A_NAME.sub("", unquoted))


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.lengthy
@pytest.mark.whole
def test_every_state_of_every_page_passes_the_audit_and_is_read_out_in_order(
    phone: BrowserContext, clinic: Clinic, language: str
) -> None:
    phone.add_cookies([{"name": "language", "value": language, "url": clinic.origin}])
    page = phone.new_page()
    found = {}
    for state in every_state(page, clinic):
        assert page.locator("html").get_attribute("lang") == language, state
        order = READ_OUT[state] if language == "en" else roles_alone(READ_OUT[state])
        expect(page.locator("body"), state).to_match_aria_snapshot(order)
        found[state] = faults_of(page, in_dark=language == "en")  # colours know no language
    assert {state: faults for state, faults in found.items() if faults} == {}
    assert found.keys() == READ_OUT.keys()
