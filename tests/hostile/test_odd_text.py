"""Text that is no text, or that looks like another: through every text field of every form."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote_plus, urlencode

import pytest

from pwa.accounts.models import Account
from pwa.database import db
from pwa.plain_text import TURNS_OF_DIRECTION, one_line
from tests.conftest import Cast, Person, send
from tests.hostile.crawling import Form, every_form
from tests.making import answers, event

ON_SQLITE = pytest.mark.parametrize("server_app", ["sqlite"], indirect=True)
ENDS = ("sign-out", "/active", "/erase")
NO_TEXT = (b"%C0%AF", b"%FF%FE", b"%ED%A0%80", b"a%00b", b"%F5%80%80%80")
"""An overlong slash, a UTF-16 mark, half a character, a NUL, beyond Unicode."""
MANY_MARKS, FAR_TOO_MANY = "a" + "\u0301" * 2500, "a" + "\u0301" * 10**6
"""More combining marks than any field takes, and more than any body may hold."""
TURNED = "\u202eevil\u202c\u2066x\u2069\u200f"


def forms(who: Person) -> list[Form]:
    return [form for form in every_form(who) if not any(word in form.action for word in ENDS)]


@ON_SQLITE
@pytest.mark.fault(89)
@pytest.mark.parametrize("name", ["dr_cole", "mo"])
def test_what_is_no_text_is_refused_in_every_field_of_every_form(started: Cast, name: str) -> None:
    who: Person = getattr(started, name)
    tried = 0
    for form in forms(who):
        for field in sorted(form.texts):
            rest = urlencode({**form.filled(), field: []}, doseq=True).encode()
            for number, raw in enumerate(NO_TEXT):
                if form.has_file or (number + tried) % 3:
                    continue
                tried += 1
                body = rest + b"&" + quote_plus(field).encode() + b"=" + raw
                answer = who.post(
                    form.action, data=body, content_type="application/x-www-form-urlencoded"
                )
                assert answer.status_code == 400, (form.action, field, raw)
        for field in sorted(form.texts)[:1]:
            wide = f"{field}=word".encode("utf-16")
            answer = who.post(
                form.action, data=wide, content_type="application/x-www-form-urlencoded"
            )
            assert answer.status_code in (400, 403, 404, 409, 415, 422, 200, 303), form.action
            assert "w\x00o" not in answer.text
    assert tried >= 5


@ON_SQLITE
@pytest.mark.fault(89)
@pytest.mark.parametrize("name", ["dr_cole", "mo"])
def test_a_mountain_of_marks_is_too_long_everywhere_and_fails_nowhere(
    started: Cast, name: str
) -> None:
    who: Person = getattr(started, name)
    for form in forms(who):
        texts = sorted(form.texts)
        answer = who.post(form.action, data={**form.filled(), **dict.fromkeys(texts, MANY_MARKS)})
        assert answer.status_code < 500, form
        if texts and not form.has_file:
            too_much = {**form.filled(), texts[0]: FAR_TOO_MANY}
            assert who.post(form.action, data=too_much).status_code == 413, form
    longest = max(len(one.display_name) for one in db.session.query(Account).all())
    assert longest <= 120


@ON_SQLITE
@pytest.mark.fault(89)
def test_a_name_reads_as_it_is_kept(started: Cast) -> None:
    """A turn of direction could show one name and keep another."""
    who = started.dr_cole
    address = f"/clinic/patients/{started.ana.account_id}"
    details = {
        "display_name": f"Ana {TURNED} R.",
        "second_identifier": f"R{TURNED}-1",
        "phone_number": "\u202a07700 900461\u202c",
    }
    assert who.post(f"{address}/details", data=details).status_code == 303
    page = who.get(address).text
    assert "Ana evilx R." in page
    assert "07700 900461" in page
    assert not TURNS_OF_DIRECTION & set(page)


@ON_SQLITE
@pytest.mark.fault(89)
def test_a_note_is_kept_letter_by_letter(started: Cast) -> None:
    """It is what the patient wrote; each note has a block of its own, which ends what it turns."""
    note = f"{TURNED} and \u0301\u0301 \U0001f468\u200d\U0001f469\u200d\U0001f467 \ufeff."
    made = event(started.ana, answers=answers(note=note))
    assert send(started.ana, made)[0]["status"] == "stored"
    kept = started.ana.get("/api/v1/changes").get_json()["changes"]
    assert [
        one["data"]["event"]["answers"].get("note") for one in kept if one["type"] == "check_in"
    ][-1] == note
    page = started.dr_cole.get(f"/clinic/patients/{started.ana.account_id}")
    assert page.status_code == 200
    page.get_data().decode("utf-8", errors="strict")


def test_a_line_has_no_letter_that_cannot_be_seen() -> None:
    every = "".join(map(chr, range(0x2100)))
    kept = one_line(every)
    assert not {letter for letter in kept if unicodedata.category(letter) == "Cc"}
    assert not TURNS_OF_DIRECTION & set(kept)
    assert one_line("  Zoë \t van\n der  Berg ") == "Zoë van der Berg"
    assert one_line("שָׁלוֹם") == "שָׁלוֹם"
