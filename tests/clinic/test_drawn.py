"""What Python draws on the clinic's pages is what the macros of the other pages draw."""

from __future__ import annotations

import pytest
from flask import Flask, render_template_string

from pwa.clinic import drawn
from pwa.clinic.told import read_patient_course, view_of
from pwa.database import reading
from tests.conftest import Cast, send
from tests.making import answers, event

ASKED = '{% from "macros.html" import icon, tel %}'


def test_an_icon_and_a_number_are_drawn_as_the_macros_draw_them(app: Flask) -> None:
    with app.test_request_context("/clinic"):
        for name, more in (("phone", ""), ("chevron-right", "icon--turns")):
            macro = render_template_string(ASKED + "{{ icon(name, more) }}", name=name, more=more)
            assert drawn.draw_icon(name, more) == macro
        for number in ("+44 (0)20 7946-0991", "", "12<3"):
            assert drawn.dialled(number) == render_template_string(
                ASKED + "{{ tel(number) }}", number=number
            )


def test_what_somebody_typed_stays_text_in_what_python_draws(app: Flask) -> None:
    with app.test_request_context("/clinic"):
        assert "<b>" not in drawn.draw_number("<b>112</b>")
        assert "&lt;b&gt;" in drawn.draw_number("<b>112</b>")
        assert drawn.draw_level("diary") == drawn.draw_level(None)


def test_what_a_patient_wrote_stays_text_among_the_answers(app: Flask, started: Cast) -> None:
    hostile = "<b data-hostile>\"'"
    first = event(started.ana, answers=answers(note="Fine"))
    corrected = {"kind": "amend", "supersedes": first["event_id"]}
    later = event(started.ana, **corrected, answers=answers(note=hostile))
    send(started.ana, first, later)
    with app.test_request_context("/clinic"), reading():
        course = read_patient_course(
            clinic_id=started.ana.clinic_id, patient_id=started.ana.account_id
        )
        row = course.rows[later["event_id"]]
        said = drawn.draw_answers(view_of(course, row, library=app.extensions["library"]))
    assert "<b " not in said
    assert said.count("&lt;b data-hostile&gt;") == 2
    assert "Fine</s>" in said


def test_a_new_release_gives_every_drawing_its_new_address(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.test_request_context("/clinic"):
        drawn.draw_icon("phone")
    monkeypatch.setitem(app.jinja_env.globals, "asset", lambda path: f"/assets/other/{path}")
    with app.test_request_context("/clinic"):
        assert 'href="/assets/other/img/icons.svg#phone"' in drawn.draw_icon("phone")
        assert "/assets/other/" in drawn.draw_level("emergency")
