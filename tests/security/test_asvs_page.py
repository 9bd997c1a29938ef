"""The page about ASVS cannot claim what is not there. That it is whole: `test_catalogue.py`."""

from __future__ import annotations

from collections import Counter

import pytest

from script.describing import asvs


def test_the_standard_has_the_requirements_that_it_says_it_has() -> None:
    assert Counter(asvs.levels().values()) == {1: 70, 2: 183, 3: 92}


def test_every_requirement_of_levels_1_and_2_is_there_once() -> None:
    _, requirements = asvs.read()
    numbers = [one.number for one in requirements]
    assert sorted(numbers) == sorted(n for n, level in asvs.levels().items() if level <= 2)


@pytest.mark.parametrize(
    "test",
    [
        "tests/security/test_asvs_page.py::test_of_this_name_there_is_none",
        "tests/security/test_of_this_file_there_is_none.py::test_it",
        "tests/security/test_asvs_page.py",
    ],
)
def test_a_test_that_does_not_exist_would_be_noticed(test: str) -> None:
    assert not asvs.exists(test)


def test_what_is_shown_is_shown_by_tests_and_what_is_not_met_is_said_at_the_top() -> None:
    page = asvs.text()
    top = page.partition("## 1. ")[0]
    _, requirements = asvs.read()
    assert all(one.tests for one in requirements if one.state == "shown")
    for one in requirements:
        if one.state in ("exception", "not met"):
            assert f"**{one.number}**" in top
    assert "**14.3.3**" in top
