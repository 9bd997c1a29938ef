"""The command `triage`: one verdict or one error a line, whatever the line is."""

import json

import pytest
from click.testing import CliRunner

from pwa.guidance.cli import triage_command
from tests.guidance.content import cases

WORKED = cases("triage_1.json")


def run(*lines, arguments=()):
    text = b"".join((line if isinstance(line, bytes) else line.encode()) + b"\n" for line in lines)
    result = CliRunner().invoke(triage_command, arguments, input=text)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def line(**facts):
    return json.dumps({**WORKED["defaults"], **facts})


def test_every_worked_case_comes_out_as_written():
    found = run(*[line(**case["facts"]) for case in WORKED["cases"]])
    assert [(v["level"], v["reasons"]) for v in found] == [
        (case["level"], case["reasons"]) for case in WORKED["cases"]
    ]
    assert all(list(v) == ["level", "reasons", "also", "missing"] for v in found)


def test_absent_answers_equal_null():
    absent = json.loads(line())
    del absent["breathless"]
    assert run(json.dumps(absent)) == run(line(breathless=None))


def test_the_bounds_of_the_form_and_the_site_do_not_apply():
    found = run(line(temp_c=45.0), line(site="elbow", calf=True), line(temp_f=120))
    assert [verdict["missing"] for verdict in found] == [["temperature"], [], ["temperature"]]
    assert found[1]["reasons"] == ["S11_CALF"]


def test_fahrenheit_is_taken_where_celsius_is_not_given():
    found = run(line(temp_f=104), line(temp_f=104, temp_c=None))
    assert [verdict["level"] for verdict in found] == ["emergency", "emergency"]


BAD = {
    "no JSON": ("what?", None),
    "an empty line": ("", None),
    "a list": ("[]", None),
    "a number": ("7", None),
    "an object cut short": ('{"site": "knee"', None),
    "not a number": ('{"temp_c": NaN}', None),
    "infinity by size": ('{"temp_c": 1e999}', "temp_c"),
    "not UTF-8": (b'{"site": "\xff"}', None),
    "too deep": ("[" * 100_000, None),
    "a number of ten thousand digits": ('{"pain_now": ' + "1" * 10_000 + "}", None),
    "a name twice": ('{"pain_now": 1, "pain_now": 9}', "pain_now"),
    "an unknown name": ('{"pain": 3}', "pain"),
    "an unknown name of odd letters": ('{"\\ud800": 3}', "\ud800"),
    "pain as text": ('{"pain_now": "7"}', "pain_now"),
    "pain as yes": ('{"pain_now": true}', "pain_now"),
    "pain with a fraction": ('{"pain_now": 7.5}', "pain_now"),
    "pain as a fraction that is whole": ('{"pain_now": 7.0}', "pain_now"),
    "a yes as one": ('{"breathless": 1}', "breathless"),
    "a yes as text": ('{"breathless": "yes"}', "breathless"),
    "an unknown value": ('{"swelling": "huge"}', "swelling"),
    "an unknown site": ('{"site": "thumb"}', "site"),
    "two decimals": ('{"temp_c": 37.85}', "temp_c"),
    "both scales": ('{"temp_f": 104, "temp_c": 36.6}', "temp_f"),
    "Fahrenheit as text": ('{"temp_f": "99"}', "temp_f"),
    "a day as text": ('{"days_since": "3"}', "days_since"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_line_says_so_and_the_run_goes_on(what):
    bad, field = BAD[what]
    first, error, last = run(line(), bad, line())
    assert first == last
    assert first["level"] == "expected"
    assert set(error) == {"error", "field"}
    assert error["error"]
    assert error["field"] == field


def test_the_newest_rules_are_used_unless_another_version_is_named():
    assert run(line(), arguments=["--rules-version", "1"]) == run(line())


def test_a_version_that_was_never_released_is_refused():
    result = CliRunner().invoke(triage_command, ["--rules-version", "99"], input=line())
    assert result.exit_code == 2
    assert "no version 99" in result.output
