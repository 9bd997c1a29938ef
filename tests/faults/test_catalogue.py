"""Every numbered fault has a test or a reason, and the pages about it are what the tests say."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from script.describing.markers import Test as Shown
from script.describing.markers import find
from script.describing.pages import PAGES


def name_of(page: ModuleType) -> str:
    return page.__name__.rpartition(".")[2]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_nothing_is_missing(page: ModuleType) -> None:
    missing = page.problems()
    assert not missing, "\n" + "\n".join(missing)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_page_is_what_the_tests_say(page: ModuleType) -> None:
    assert page.PATH.exists(), "run script/describe-security"
    assert page.PATH.read_text(encoding="utf-8") == page.text(), "run script/describe-security"


def markers_in(tmp_path: Path, code: str) -> tuple[dict[int | str, list[Shown]], list[str]]:
    """What is read from a file of tests."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_it.py").write_text("import pytest\n" + code)
    found = find("fault", folder=tmp_path / "tests")
    return dict(found.tests), found.problems


CASE = "pytest.param(1, marks=pytest.mark.fault(7))"
ON_ONE_TEST = {
    "alone": "@pytest.mark.fault(7)\ndef test_it(): ...",
    "with others": "@pytest.mark.fault(3, 7)\ndef test_it(): ...",
    "by a name": "A = (3, 7)\n@pytest.mark.fault(*A)\ndef test_it(): ...",
    "in a class": "class TestAll:\n    @pytest.mark.fault(7)\n    def test_it(self): ...",
    "on a case": f"@pytest.mark.parametrize('a', [{CASE}])\ndef test_it(a): ...",
    "on a named case": f"A = [{CASE}]\n@pytest.mark.parametrize('a', A)\ndef test_it(a): ...",
}


@pytest.mark.parametrize("code", ON_ONE_TEST.values(), ids=ON_ONE_TEST.keys())
def test_a_marker_is_found_wherever_pytest_finds_it(tmp_path: Path, code: str) -> None:
    found, problems = markers_in(tmp_path, code)
    assert found[7] == [Shown("tests/test_it.py", "test_it")]
    assert problems == []


def test_a_marker_may_stand_for_a_whole_file(tmp_path: Path) -> None:
    found, problems = markers_in(tmp_path, "pytestmark = [pytest.mark.fault(7)]")
    assert found[7] == [Shown("tests/test_it.py", "the whole file")]
    assert problems == []


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        ("@pytest.mark.fault(7)\ndef helper(): ...", "is on no test"),
        ("A = [pytest.mark.fault(7)]", "is on no test"),
        ("@pytest.mark.fault\ndef test_it(): ...", "names nothing"),
        ("N = 7\n@pytest.mark.fault(N)\ndef test_it(): ...", "is not written out"),
    ],
)
def test_a_marker_that_cannot_be_read_is_a_problem(
    tmp_path: Path, code: str, complaint: str
) -> None:
    found, problems = markers_in(tmp_path, code)
    assert found == {}
    assert complaint in "".join(problems)
