"""Taking in a list of patients: what is read, what is refused by name, and that nothing is taken
or left out in silence."""

from __future__ import annotations

import re
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from pwa.accounts.models import Account, LogEntry, Patient
from pwa.audit.verify import walk_all
from pwa.clinic import import_list, import_routes, import_taking
from pwa.clinic.import_list import Flaw, Sheet, Wanted
from pwa.clinic.import_shelf import Shelf
from pwa.database import db, reading
from pwa.guidance.library import load_library
from pwa.problems import Invalid
from pwa.treatments import records
from tests.clinic.asking import NEW_PATIENT, audited, bring, words_of
from tests.conftest import Cast, Clock

HEAD = (
    "Name;Second identifier;Phone;Joint;Side;Date of treatment;Session number;"
    "What was injected;By whom"
)
GOOD = (
    "Zoë Müller;R-1;07700 900461;Right knee;;2026-11-23;1;Dextrose 15 %;Dr Cole",
    "Ivo P.;R-2;;low back;;23.11.2026;2;;Dr Cole",
    "Tom;1984;;;;;;;",
)
SEVENTH = {**NEW_PATIENT, "display_name": "Person 7", "second_identifier": "N-7"}
TODAY = date(2026, 11, 26)
JOINTS = ("knee", "shoulder", "low_back_si")


def read(text: str | bytes, **changed: str) -> Sheet:
    names = {one: (joint.name, joint.name_title) for one, joint in load_library().joints.items()}
    sites = import_list.sites_of(names)
    content = text if isinstance(text, bytes) else text.encode()
    return import_list.read_list(content, Wanted(TODAY, JOINTS, sites, **changed))


def lines(*rows: str, head: str = HEAD) -> str:
    return "\r\n".join((head, *rows)) + "\r\n"


def preview(cast: Cast, text: str | bytes) -> tuple[str, TestResponse]:
    answer = bring(cast, text)
    assert answer.status_code == 303, words_of(answer)
    return answer.headers["Location"], cast.dr_cole.get(answer.headers["Location"])


def patient_count() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Patient)) or 0


def test_a_list_is_shown_first_and_then_taken_as_it_was_shown(cast: Cast) -> None:
    before = patient_count()
    address, page = preview(cast, lines(*GOOD, ";R-4;;;;;;;", "Ana R.;r ana;;;;;;;"))
    said = words_of(page)
    assert "3 patients can be added" in said and "1 line cannot be taken" in said
    assert "Names with special letters: Zoë Müller" in said and "UTF-8" in said
    assert "5 Name nothing Write a name or initials." in said
    assert "6 Name and identifier Ana R. · r ana Is a patient here already." in said
    assert patient_count() == before
    assert cast.dr_cole.post(f"{address}/take").headers["Location"] == address
    done = words_of(cast.dr_cole.get(address))
    assert "3 patients are added." in done
    assert "Left out: 1 that could not be taken, 1 who was here already" in done
    assert patient_count() == before + 3
    _check_what_was_taken(cast)
    cast.dr_cole.post(f"{address}/take")
    assert patient_count() == before + 3
    assert len(audited("patient.imported")) == 3 and len(audited("patients.imported")) == 1


def _check_what_was_taken(cast: Cast) -> None:
    db.session.rollback()
    zoe = db.session.scalars(select(Account).where(Account.display_name == "Zoë Müller")).one()
    [treatment] = records.of_patient(clinic_id=zoe.clinic_id, patient_id=zoe.account_id)
    assert (treatment.site, treatment.side, treatment.number) == ("knee", "right", 1)
    assert (treatment.performed_on, treatment.injected) == (date(2026, 11, 23), "Dextrose 15 %")
    patient = db.session.get_one(Patient, (zoe.clinic_id, zoe.account_id))
    assert (patient.sort_name, patient.log_seq) == ("zoe muller", 1)
    line = db.session.get_one(LogEntry, (zoe.clinic_id, zoe.account_id, 1))
    assert (line.type, line.subject_id) == ("treatment", treatment.treatment_id)
    found = words_of(cast.dr_cole.post("/clinic/patients", data={"q": "mull 0461"}))
    assert "Zoë Müller" in found


def test_cards_for_the_list_are_one_page_and_each_code_works(cast: Cast) -> None:
    address, _ = preview(cast, lines(*GOOD))
    cast.dr_cole.post(f"{address}/take")
    page = cast.dr_cole.post(f"{address}/cards", data={"from": "0"})
    codes = re.findall(r"data-code>([0-9A-Z-]{14})<", page.text)
    assert len(codes) == 3 and "3 cards" in words_of(page)
    looked = cast.dr_cole.post("/api/v1/join/look", json={"code": codes[0]}).get_json()
    assert looked["display_name"] == "Zoë Müller"
    for bad in ("-1", "x", "9" * 9):
        assert cast.dr_cole.post(f"{address}/cards", data={"from": bad}).status_code == 404


def test_a_list_belongs_to_who_brought_it_and_to_the_hour(
    cast: Cast, app: Flask, clock: Clock
) -> None:
    address, _ = preview(cast, lines(*GOOD))
    shelf = Shelf(app.extensions["settings"].instance_path)
    files = sorted(shelf.path.iterdir())
    assert {path.suffix for path in files} >= {".csv", ".json"}
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    for path in ("", "/take", "/again", "/drop", "/cards"):
        for person in (cast.dr_dunn, cast.mo, cast.ana):
            ask = person.post if path else person.get
            assert ask(address + path).status_code == 404, path
    for bad in ("0" * 32, "../x", "x"):
        assert cast.dr_cole.get(f"/clinic/patients/import/{bad}").status_code == 404
    clock.move(minutes=61)
    cast.dr_cole.sign_in()
    assert cast.dr_cole.get(address).status_code == 404
    assert not [path for path in shelf.path.iterdir() if path.stem in address]


def test_a_list_thrown_away_is_gone(cast: Cast, app: Flask) -> None:
    before = patient_count()
    address, _ = preview(cast, lines(*GOOD))
    assert cast.dr_cole.post(f"{address}/drop").status_code == 303
    assert cast.dr_cole.get(address).status_code == 404
    shelf = Shelf(app.extensions["settings"].instance_path)
    assert not [path for path in shelf.path.iterdir() if path.stem in address]
    assert patient_count() == before


def test_a_list_that_stops_in_the_middle_goes_on_and_adds_nobody_twice(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_taking, "AT_ONCE", 2)
    monkeypatch.setattr(import_routes, "BATCHES_AT_ONCE", 2)
    before = patient_count()
    address, _ = preview(cast, lines(*(f"Person {n};N-{n};;;;;;;" for n in range(9))))
    cast.dr_cole.post(f"{address}/take")
    going = cast.dr_cole.get(address)
    assert "4 of 9 done." in words_of(going) and "data-go-on" in going.text
    assert patient_count() == before + 4
    assert cast.dr_cole.post(f"{address}/again").status_code == 409
    key = address.rpartition("/")[2]
    shelf = Shelf(cast.dr_cole.client.application.extensions["settings"].instance_path)
    shelf._file(key, "progress").write_text(  # the fourth was added, and noting it failed
        '{"next_at": 2, "takes_shared": false, "taken_count": 2, "late": []}'
    )
    assert cast.dr_cole.post("/clinic/patients/new", data=SEVENTH).status_code == 200
    for _ in range(3):
        cast.dr_cole.post(f"{address}/take")
    said = words_of(cast.dr_cole.get(address))
    assert "8 patients are added." in said and "9 Name and identifier Person 7 · N-7" in said
    assert patient_count() == before + 9


def test_who_shares_an_identifier_is_added_only_when_asked_for(cast: Cast) -> None:
    text = lines("Ann;1984;;;;;;;", "Bob;1984;;;;;;;", "Cy;R-ben;;;;;;;", "ann;1984;;;;;;;")
    address, page = preview(cast, text)
    said = words_of(page)
    assert "1 patient can be added" in said and "2 share an identifier" in said
    assert "Bob · 1984 Line 2 has this identifier too." in said
    assert "Cy · R-ben Ben T. has this identifier too." in said
    assert "Line 2 is about the same person." in said
    before = patient_count()
    cast.dr_cole.post(f"{address}/take", data={"shared": "1"})
    assert patient_count() == before + 3
    address, page = preview(cast, text)
    assert "4 are here already" in words_of(page)
    assert ">Add 0" not in page.text


def test_every_flaw_is_shown_page_by_page(cast: Cast) -> None:
    address, page = preview(cast, lines("Good;1;;;;;;;", *(f";{n};;;;;;;" for n in range(430))))
    assert "430 lines cannot be taken" in words_of(page) and "All of them" in words_of(page)
    shown = []
    for start in (0, 200, 400):
        part = cast.dr_cole.get(f"{address}?show=flaws&from={start}")
        shown += re.findall(r'scope="row" class="numbers">(\d+)<', part.text)
    assert shown == [str(line) for line in range(3, 433)]
    for bad in ("600", "x", "-1"):
        assert cast.dr_cole.get(f"{address}?show=flaws&from={bad}").status_code == 404
    assert cast.dr_cole.get(f"{address}?show=nothing").status_code == 200


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (lines(*GOOD).encode(), "utf-8-sig"),
        (lines(*GOOD).encode("utf-8-sig"), "utf-8-sig"),
        (lines(*GOOD).encode("utf-16"), "utf-16"),
        (lines(*GOOD).encode("utf-16-le"), "utf-16-le"),
        (lines(*GOOD).encode("utf-16-be"), "utf-16-be"),
        (lines(*GOOD).encode("latin-1"), "cp1252"),
        (lines(*GOOD).replace(";", ",").encode(), "utf-8-sig"),
        (lines(*GOOD).replace(";", "\t").encode("utf-16"), "utf-16"),
        (lines(*GOOD).replace("\r\n", "\n").encode("cp1252"), "cp1252"),
        (lines(*GOOD).replace("\r\n", "\r").encode(), "utf-8-sig"),
        (b"sep=;\r\n" + lines(*GOOD).encode(), "utf-8-sig"),
    ],
)
def test_a_list_is_read_whatever_wrote_it(content: bytes, encoding: str) -> None:
    sheet = read(content)
    assert (sheet.encoding, sheet.flaws) == (encoding, ())
    assert [row.display_name for row in sheet.rows] == ["Zoë Müller", "Ivo P.", "Tom"]
    assert sheet.rows[1].treatment is not None and sheet.rows[1].treatment.side is None
    first = 3 if content.startswith(b"sep") else 2
    assert [row.line for row in sheet.rows] == [first, first + 1, first + 2]


def test_letters_that_were_read_wrongly_can_be_read_again(cast: Cast) -> None:
    address, page = preview(cast, lines("Łukasz Zając;7;;;;;;;").encode("cp1250"))
    assert "Łukasz" not in words_of(page) and "Windows-1252" in words_of(page)
    assert cast.dr_cole.post(f"{address}/again", data={"encoding": "cp1250"}).status_code == 303
    assert "Łukasz Zając" in words_of(cast.dr_cole.get(address))
    wrong = cast.dr_cole.post(f"{address}/again", data={"encoding": "utf-16"})
    assert wrong.status_code == 422
    cast.dr_cole.post(f"{address}/take")
    assert "Łukasz Zając" in words_of(cast.dr_cole.get("/clinic/patients"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Choose the file first."),
        (b"\xef\xbb\xbf", "none is called “Name”"),
        (b"PK\x03\x04xxxx", "This is a workbook"),
        (b"%PDF-1.7", "This is a PDF"),
        (b"\x00\x01\x02\x03" * 900, "cannot be read"),
        (b"Name;Phone\r\nAna;1\r\n", "none is called “Second identifier”"),
        (b"<html><script>alert(1)</script>", "It reads: <html><script>alert(1)</script>"),
        (b"Name;Patient;ID\r\na;b;c\r\n", "“Name” and “Patient” both say “Name”."),
        (b"Name;ID\r\n\r\n;\r\n", "There is nobody in this list"),
        (b"Name;ID\r\n" + b"a;1\r\n" * 50_001, "50,000 lines"),
        (b"x" * (10 * 1024 * 1024 + 1), "larger than 10 MB"),
        (b"Name;ID" + b";x" * 398, "400 columns"),
    ],
    ids=range(12),
)
def test_what_is_no_list_is_refused_in_words(content: bytes, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(content)
    assert words in refused.value.detail and refused.value.field == "file"


def flaws(row: str, **changed: str) -> list[tuple[str, str]]:
    return [(one.field, one.reason) for one in read(lines(*GOOD, row), **changed).flaws]


@pytest.mark.parametrize(
    ("row", "field", "words"),
    [
        (";1;;;;;;;", "Name", "Write a name"),
        ("Ana;;;;;;;;", "Second identifier", "own number"),
        ("x" * 121 + ";1;;;;;;;", "Name", "too long"),
        ("=cmd|' /C calc'!A0;1;;;;;;;", "Name", "like a formula"),
        ("+1;1;;;;;;;", "Name", "like a formula"),
        ("-Ana;1;;;;;;;", "Name", "like a formula"),
        ("@SUM(A1);1;;;;;;;", "Name", "like a formula"),
        ("Ana;=A1;;;;;;;", "Second identifier", "like a formula"),
        ("#REF!;1;;;;;;;", "Name", "has lost"),
        ("Ana;1.2E+12;;;;;;;", "Second identifier", "has lost"),
        ("Ana;1;call me;;;;;;", "Phone", "Use digits"),
        ("Ana;1;;nose;right;2026-11-23;1;;Dr", "Joint", "No joint of this name"),
        ("Ana;1;;hip;right;2026-11-23;1;;Dr", "Joint", "switched on"),
        ("Ana;1;;knee;;2026-11-23;1;;Dr", "Side", "Choose left or right."),
        ("Ana;1;;knee;both;2026-11-23;1;;Dr", "Side", "one side a line"),
        ("Ana;1;;right knee;left;2026-11-23;1;;Dr", "Side", "one side a line"),
        ("Ana;1;;low back;left;2026-11-23;1;;Dr", "Side", "no left or right"),
        ("Ana;1;;knee;right;;1;;Dr", "Date of treatment", "its day is missing"),
        ("Ana;1;;knee;right;2026-11-27;1;;Dr", "Date of treatment", "still to come"),
        ("Ana;1;;knee;right;1999-11-27;1;;Dr", "Date of treatment", "two years ago"),
        ("Ana;1;;knee;right;2026-02-30;1;;Dr", "Date of treatment", "no such day"),
        ("Ana;1;;knee;right;46349;1;;Dr", "Date of treatment", "Write a day"),
        ("Ana;1;;knee;right;03/04/2026;1;;Dr", "Date of treatment", "two days"),
        ("Ana;1;;knee;right;2026-11-23;;;Dr", "Session number", "1 for the first"),
        ("Ana;1;;knee;right;2026-11-23;51;;Dr", "Session number", "1 to 50"),
        ("Ana;1;;knee;right;2026-11-23;1;;", "By whom", "who gave"),
        ("Ana;1;;;;;;;Dr Cole", "Joint", "not whole"),
        ("Ana;1;;knee;right;2026-11-23;1;" + "x" * 301 + ";Dr", "What was injected", "300"),
        ("Ana;1", "", "Here are 2 cells, and there are 9 headings."),
        ("Ana;1;;;;;;;;x", "", "Here are 10 cells"),
        ('"Ana;1;;;;;;;', "", "never closed"),
        ('"Ana"s;1;;;;;;;', "", "middle of a cell"),
        ('"An\na";1;;;;;;;', "Name", "line break"),
        ("Ana" * 60_000 + ";1;;;;;;;", "", "far too long"),
    ],
    ids=range(34),
)
def test_a_bad_line_is_named_with_its_column_and_why(row: str, field: str, words: str) -> None:
    sheet = read(lines(*GOOD, row))
    assert sheet.rows[:3] == read(lines(*GOOD)).rows and len(sheet.rows) == 3
    assert {one.line for one in sheet.flaws} == {5}
    assert any(one.field == field and words in one.reason for one in sheet.flaws), sheet.flaws


def test_all_that_is_wrong_with_a_line_is_said_at_once() -> None:
    named = [field for field, _ in flaws(";;nine;nose;;never;x;;")]
    assert named == [
        "Name",
        "Second identifier",
        "Phone",
        "Joint",
        "Date of treatment",
        "Session number",
    ]


def test_a_quotation_mark_that_is_never_closed_says_how_much_it_swallows() -> None:
    text = lines(GOOD[0], '"Ana;1;;;;;;;', "Bob;2;;;;;;;", "Cy;3;;;;;;;")
    [flaw] = read(text).flaws
    assert flaw == Flaw(
        3,
        "",
        "",
        "A quotation mark is opened here and never closed, so that lines 3 to 5 cannot be read.",
    )


def test_days_are_read_as_they_are_written_and_never_guessed() -> None:
    for text, order in (
        ("2026-11-23", ""),
        ("2026-11-23 00:00:00", ""),
        ("23.11.2026", ""),
        ("23/11/2026", ""),
        ("11/23/2026", ""),
        ("23 Nov 2026", ""),
        ("23-November-2026", ""),
        ("23/11/2026", "dmy"),
        ("11/23/2026", "mdy"),
    ):
        assert import_list.read_day(text, order=order) == date(2026, 11, 23), text
    assert import_list.read_day("03/04/2026", order="dmy") == date(2026, 4, 3)
    assert import_list.read_day("03/04/2026", order="mdy") == date(2026, 3, 4)
    for text in ("03/04/2026", "23/11/26", "11/23/2026 9:00", "yesterday", "23.11.", "", "1" * 99):
        with pytest.raises(Invalid):
            import_list.read_day(text)
    with pytest.raises(Invalid):
        import_list.read_day("11/23/2026", order="dmy")


def test_columns_are_found_by_their_names_and_others_are_named() -> None:
    head = "Colour,Last name,First name,MRN,Mobile"
    sheet = read(lines("red,Reid,Ana,7,07700 900461", "", ",,,,", head=head))
    [row] = sheet.rows
    assert (row.display_name, row.second_identifier) == ("Ana Reid", "7")
    assert [one.heading for one in sheet.columns if not one.field] == ["Colour"]
    assert sheet.empty_count == 2


def test_hostile_cells_are_kept_as_text_and_shown_as_text(cast: Cast) -> None:
    nasty = "<script>alert(1)</script>"
    row = f"{nasty};+cmd|' /C calc'!A0;;knee;right;2026-11-23;1;=1+1;@Dr"
    address, page = preview(cast, lines(row, f"={nasty};1;;;;;;;"))
    assert nasty not in page.text and page.text.count("&lt;script&gt;") >= 2
    cast.dr_cole.post(f"{address}/take")
    found = cast.dr_cole.get("/clinic/patients").text
    assert nasty not in found and "+cmd|&#39; /C calc&#39;!A0" in found


def test_the_form_says_what_is_wrong_and_offers_an_example_that_works(cast: Cast) -> None:
    refused = bring(cast, b"Name\r\nAna\r\n")
    assert refused.status_code == 422
    assert "none is called “Second identifier”" in words_of(refused)
    assert cast.dr_cole.post("/clinic/patients/import").status_code == 422
    example = cast.dr_cole.get("/clinic/patients/import/example.csv")
    assert example.mimetype == "text/csv"
    sheet = read(example.data)
    assert (len(sheet.rows), sheet.flaws) == (2, ())
    assert "What the first line must say" in words_of(cast.dr_cole.get("/clinic/patients/import"))


def fifty_thousand() -> bytes:
    """As many as a list may have, in Latin-1."""
    rows = (
        f"Zoë Müller {n};N-{n};07700 9{n:05};knee;left;2026-11-23;1;Dextrose;Dr Cole"
        for n in range(50_000)
    )
    return lines(*rows).encode("latin-1")


def test_fifty_thousand_lines_in_latin_1_are_read() -> None:
    sheet = read(fifty_thousand())
    assert (len(sheet.rows), sheet.flaws, sheet.encoding) == (50_000, (), "cp1252")
    assert sheet.rows[-1].display_name == "Zoë Müller 49999"


@pytest.mark.long
def test_fifty_thousand_patients_are_taken_in_short_requests(cast: Cast) -> None:
    address, page = preview(cast, fifty_thousand())
    assert "50,000 patients can be added" in words_of(page) and len(page.data) < 100_000
    before = patient_count()
    cast.dr_cole.post(f"{address}/take")
    while "data-go-on" in cast.dr_cole.get(address).text:
        cast.dr_cole.post(f"{address}/take")
    assert "50,000 patients are added." in words_of(cast.dr_cole.get(address))
    assert patient_count() == before + 50_000
    with reading():
        assert all(finding.is_whole for finding in walk_all(kept={}))
