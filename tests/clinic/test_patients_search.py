"""Finding patients: beginnings of words, accents, numbers in any grouping, lists, pages."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from pwa.accounts import terms
from pwa.accounts.models import PatientTerm
from pwa.accounts.people import add_patient
from pwa.clinic import patients
from pwa.database import db, writing
from tests.clinic.asking import audited, words_of
from tests.conftest import NOON, Cast

PEOPLE = (
    ("Zoë O'Brien-Ångström", "R-17/b", "+44 7700 900461"),
    ("Łukasz Kowalski", "1984", "07700 900 123"),
    ("anna Straße", "1984", ""),
    ("Ana Ribeiro", "MRN 00417", "(not given)"),
    ("Мария Иванова", "Q1", "+441632960001"),
)


@pytest.fixture
def people(cast: Cast) -> Cast:
    """The cast with more patients at the clinic."""
    with writing():
        for name, second, phone in PEOPLE:
            add_patient(
                actor=cast.dr_cole.actor,
                display_name=name,
                second_identifier=second,
                phone_number=phone if phone[:1] != "(" else "",
                at=NOON,
            )
    return cast


def found(cast: Cast, text: str, **changed: str) -> list[str]:
    answer = cast.dr_cole.post("/clinic/patients/found", data={"q": text, **changed})
    assert answer.status_code == 200
    return re.findall(r'work__name tap" href="[^"]+">([^<]+)<', answer.text)


ASKED = (
    ("zoe", ["Zoë"]),
    ("ZOË", ["Zoë"]),
    ("obr", ["Zoë"]),
    ("o'br", ["Zoë"]),
    ("o’brien angs", ["Zoë"]),
    ("angstrom zo", ["Zoë"]),
    ("r17", ["Zoë"]),
    ("r-17", ["Zoë"]),
    ("07700900461", ["Ana R.", "Ben T.", "Zoë"]),
    ("+44 7700 900 461", ["Zoë"]),
    ("0461", ["Ana R.", "Ben T.", "Zoë"]),
    ("7700 900123", ["Łukasz"]),
    ("07700 900", ["Ana R.", "Ben T.", "Zoë", "Łukasz"]),
    ("01632 960001", ["Мария"]),
    ("1984", ["anna", "Łukasz"]),
    ("1984 ann", ["anna"]),
    ("strasse", ["anna"]),
    ("мар", ["Мария"]),
    ("kowa luk", ["Łukasz"]),
    ("kowa łuk", ["Łukasz"]),
    ("an", ["Ana R.", "Ana Ribeiro", "anna", "Zoë"]),
    ("na", []),
    ("417", []),
    ("00417", ["Ana Ribeiro"]),
    ("%", []),
    ("_", []),
    ("'; DROP TABLE patients; --", []),
    ("ana " * 200, ["Ana R.", "Ana Ribeiro"]),
    ("x" * 5000, []),
)
"""What is typed, and how the names begin of those who are found."""


def test_every_word_typed_begins_a_word_of_theirs(people: Cast) -> None:
    for text, names in ASKED:
        got = found(people, text)
        assert len(got) == len(names), (text, got)
        for name in names:
            assert any(one.startswith(name) for one in got), (text, got)


def test_a_list_goes_on_where_the_page_before_ended(people: Cast) -> None:
    names, after = [], None
    while True:
        page = patients.search(clinic_id=people.dr_cole.clinic_id, at=NOON, after_id=after, limit=2)
        names += [one.display_name for one in page.found]
        after = page.next_id
        if after is None:
            break
    assert [name.split()[0] for name in names] == [
        "Ana",
        "Ana",
        "anna",
        "Ben",
        "Łukasz",
        "Zoë",
        "Мария",
    ]
    assert names[0] == "Ana R."
    db.session.rollback()


def test_who_has_no_card_yet_is_a_list_and_gets_cards_on_one_page(people: Cast) -> None:
    cole = people.dr_cole
    page = cole.get("/clinic/patients?show=no_card")
    ids = re.findall(r'name="patient_id" value="([^"]+)"', page.text)
    assert len(ids) == len(PEOPLE)
    cards = cole.post("/clinic/patients/cards", data={"patient_id": [*ids, ids[0]]})
    codes = re.findall(r"data-code>([0-9A-Z-]{14})<", cards.text)
    assert len(codes) == len(set(codes)) == len(PEOPLE)
    assert "O&#39;Brien" in cards.text and "1984" in cards.text
    assert (
        people.ana.client.post(
            "/api/v1/join/look",
            json={"code": codes[0]},
            headers={"Origin": "http://localhost:8000"},
        ).get_json()["kind"]
        == "patient"
    )
    assert "has a card that works" in words_of(cole.get("/clinic/patients?show=no_card"))
    assert "Make cards for these 5" in words_of(cole.get("/clinic/patients?show=not_joined"))
    assert len(audited("invite.join")) == len(PEOPLE)
    listing = patients.search(
        clinic_id=cole.clinic_id, at=NOON + timedelta(days=15), shown="no_card"
    )
    assert len(listing.found) == len(PEOPLE)
    db.session.rollback()


def test_cards_are_made_for_nobody_who_joined_and_for_nobody_elsewhere(cast: Cast) -> None:
    answer = cast.dr_cole.post(
        "/clinic/patients/cards", data={"patient_id": [cast.ana.account_id, "nobody"]}
    )
    assert "Left out: Ana R. (has joined already)" in words_of(answer)
    elsewhere = cast.dr_dunn.post(
        "/clinic/patients/cards", data={"patient_id": cast.ana.account_id}
    )
    assert "Ana" not in words_of(elsewhere) and "There is nobody" in words_of(elsewhere)
    assert audited("invite.join") == []
    for person in (cast.ana, cast.mo):
        assert person.post("/clinic/patients/cards").status_code == 404
        assert person.post("/clinic/patients/found", data={"q": "ben"}).status_code == 404


def test_an_address_typed_by_hand_is_answered_kindly(cast: Cast) -> None:
    for show in ("everybody", "ARCHIVED", "../x", "<b>", "0" * 3000):
        answer = cast.dr_cole.get("/clinic/patients", query_string={"show": show})
        assert answer.status_code == 200
        assert "There is no list of that name." in words_of(answer)
        assert "Ana R." in words_of(answer)
    assert cast.dr_cole.get("/clinic/patients?after=nobody").status_code == 404


def test_what_is_found_is_looked_at_and_that_is_in_the_log(cast: Cast) -> None:
    assert found(cast, "ana") == ["Ana R."]
    [entry] = audited("patients.seen")
    assert (entry.actor_name, entry.subject_id, entry.detail) == ("Dr Cole", None, {})
    assert "Ana" not in words_of(
        cast.dr_dunn.post("/clinic/patients/found", data={"q": "ana", "show": "archived"})
    )


def test_who_gets_another_name_is_found_by_that_alone(cast: Cast) -> None:
    path = f"/clinic/patients/{cast.ana.account_id}/details"
    data = {"display_name": "Quinn", "second_identifier": "R-9", "phone_number": ""}
    assert cast.dr_cole.post(path, data=data).status_code == 303
    assert found(cast, "quinn") == found(cast, "r9") == ["Quinn"]
    assert found(cast, "ana") == []
    db.session.rollback()
    mine = select(PatientTerm.term).where(PatientTerm.patient_id == cast.ana.account_id)
    assert set(db.session.scalars(mine)) == {"quinn", "r", "9", "r9"}


def test_words_are_folded_as_people_type_them() -> None:
    assert terms.words_of("  Ångström-ﬁne  №7 ") == ["angstrom", "fine", "no7"]
    assert terms.sort_name_of("d'Arcy  ÉMILE") == "d arcy emile"
    assert terms.terms_of(display_name="-", second_identifier="*", phone_number="") == set()
