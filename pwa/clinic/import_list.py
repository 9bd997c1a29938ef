"""Reading a list of patients (CSV): its letters, its columns, its lines. No database here.

Nothing of a list is taken or left out in silence: every line becomes a row or a flaw with its
number, and columns that nobody asked for are named. Not here: who is a patient already, and
adding them (`import_taking.py`).
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from pwa.accounts import people
from pwa.accounts.terms import words_of
from pwa.problems import Invalid
from pwa.treatments import records
from pwa.treatments.records import TreatmentForm

MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 50_000
MOST_COLUMNS = 200
LONGEST_SHOWN = 60
AUTO = "auto"
ENCODINGS = {
    "utf-8-sig": "UTF-8",
    "cp1252": "Windows-1252 (Latin-1, Western Europe)",
    "cp1250": "Windows-1250 (Central Europe)",
    "mac_roman": "Mac Roman",
    "utf-16": "UTF-16",
}
DAY_ORDERS = {"dmy": "day first: 23/11/2026", "mdy": "month first: 11/23/2026"}
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
NEEDED = ("display_name", "second_identifier")
TREATMENT = ("site", "side", "performed_on", "number", "injected", "clinician_name")
LABELS = {
    "display_name": "Name",
    "first_name": "First name",
    "second_identifier": "Second identifier",
    "phone_number": "Phone",
    "site": "Joint",
    "side": "Side",
    "performed_on": "Date of treatment",
    "number": "Session number",
    "injected": "What was injected",
    "clinician_name": "By whom",
}
"""What can be in a list, by the name of the field, as people call it."""
HEADINGS = {
    "display_name": "name|patient|patient name|full name|display name|name or initials|last name"
    "|surname|family name",
    "first_name": "first name|given name|forename",
    "second_identifier": "second identifier|identifier|id|number|no|patient number|patient id"
    "|patient no|record number|chart number|mrn|nhs number|year of birth|birth year|yob|born"
    "|date of birth|dob",
    "phone_number": "phone|phone number|telephone|telephone number|tel|mobile|mobile number|cell",
    "site": "joint|site|body part|region",
    "side": "side|left or right|left right|laterality",
    "performed_on": "date of treatment|treatment date|date|day|treated on|injected on"
    "|day of the injections|date of injection|injection date|performed on",
    "number": "session number|session|session no|treatment number|number of session"
    "|which session of the course",
    "injected": "what was injected|injected|injectate|solution|injection",
    "clinician_name": "by whom|by|treated by|injected by|clinician|clinician name|doctor"
    "|practitioner|who gave the injections",
}
"""What the columns may be called, folded, the first one first."""
FIELD_OF = {
    heading: field for field, headings in HEADINGS.items() for heading in headings.split("|")
}
SITES = {
    "low back": "low_back_si",
    "lower back": "low_back_si",
    "back": "low_back_si",
    "lumbar spine": "low_back_si",
    "si joint": "low_back_si",
    "sacroiliac joint": "low_back_si",
    "wrist": "wrist_hand",
    "hand": "wrist_hand",
    "tmj": "tmj",
}
SIDES = {"right": "right", "r": "right", "left": "left", "l": "left"}
NO_SIDE = ("", "none", "n a", "na", "middle", "midline")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
FORMULA = ("=", "+", "-", "@")
SPOILT = re.compile(r"#(N/A|REF!|NAME\?|VALUE!|NULL!|NUM!|DIV/0!)|[0-9]([.,][0-9]+)?E\+[0-9]+")
"""What a spreadsheet writes where it lost the value."""
NOT_A_LIST = {
    b"PK\x03\x04": "This is a workbook, not a list. Save it as CSV first, then choose that file.",
    b"\xd0\xcf\x11\xe0": "This is a workbook, not a list. Save it as CSV first.",
    b"%PDF": "This is a PDF, not a list. Save the list as CSV first.",
}
Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Row:
    """A line that can be taken. `line` is its number in the file, the first one being 1."""

    line: int
    display_name: str
    second_identifier: str
    phone_number: str
    treatment: TreatmentForm | None


@dataclass(frozen=True)
class Flaw:
    """Why a line cannot be taken: the column, what stands there, and what is wrong with it."""

    line: int
    field: str
    value: str
    reason: str


@dataclass(frozen=True)
class Column:
    """A column as its heading says it. `field` is empty where it is not taken."""

    heading: str
    field: str


@dataclass(frozen=True)
class Sheet:
    """What was read of a file."""

    encoding: str
    separator: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    flaws: tuple[Flaw, ...]
    empty_count: int


@dataclass(frozen=True)
class Wanted:
    """What a list is read with.

    Attributes:
        encoding: one of ENCODINGS, or AUTO to find out.
        day_order: one of DAY_ORDERS, or empty: days with slashes are not guessed.
        today: the clinic's day.
        joints: those that the clinic has switched on.
        sites: what each joint is called, folded, with its id.
    """

    today: date
    joints: Sequence[str]
    sites: Mapping[str, str]
    encoding: str = AUTO
    day_order: str = ""


def sites_of(names: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """What joints may be called in a list, from their ids and the names they have elsewhere."""
    found = {" ".join(words_of(name)): site for site in names for name in (site, *names[site])}
    return {**SITES, **found}


def read_list(content: bytes, wanted: Wanted) -> Sheet:
    """Read a file. Raises Invalid where it is no list at all."""
    encoding, text = decode(content, wanted.encoding)
    separator, heads = _find_separator(text)
    columns = _columns(heads)
    reader = _Reader(columns, wanted)
    for record in _records(text, separator, skip=_first_line(text)):
        reader.take(record)
        if reader.count > MOST_ROWS:
            raise Invalid(
                f"A list may have {MOST_ROWS:,} lines. Cut this one in two.", field="file"
            )
    if not reader.count:
        raise Invalid(
            "There is nobody in this list: nothing stands under its headings.", field="file"
        )
    return Sheet(
        encoding=encoding,
        separator=separator,
        columns=tuple(columns),
        rows=tuple(reader.rows),
        flaws=tuple(reader.flaws),
        empty_count=reader.empty_count,
    )


def decode(content: bytes, encoding: str = AUTO) -> tuple[str, str]:
    """The encoding that was taken, and the text. Raises Invalid."""
    if not content:
        raise Invalid("Choose the file first. An empty one holds no list.", field="file")
    if len(content) > MOST_BYTES:
        raise Invalid("This file is larger than 10 MB. Cut the list in two.", field="file")
    for start, words in NOT_A_LIST.items():
        if content.startswith(start):
            raise Invalid(words, field="file")
    tried = [encoding] if encoding in ENCODINGS else _likely(content)
    for one in tried:
        try:
            text = content.decode(one)
        except UnicodeError:
            continue
        if "\x00" not in text:
            return one, text.removeprefix("\ufeff")
    raise Invalid(
        "The letters of this file cannot be read. Save it as “CSV UTF-8” and choose it again.",
        field="file",
    )


def _likely(content: bytes) -> list[str]:
    """UTF-16 says so at its start, or has a zero in every other byte. UTF-8 is hardly ever met by
    chance, and what is left is what older programs write in Western Europe."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ["utf-16"]
    start = content[:2000]
    if start[1::2].count(0) > len(start) // 4:
        return ["utf-16-le"]
    if start[0::2].count(0) > len(start) // 4:
        return ["utf-16-be"]
    return ["utf-8-sig", "cp1252"]


def _first_line(text: str) -> int:
    """Excel may say in a line of its own which separator follows."""
    return 1 if re.match(r"sep=.\r?\n", text, re.IGNORECASE) else 0


def _find_separator(text: str) -> tuple[str, list[str]]:
    """The separator with which the headings make most sense, and the headings."""
    best: tuple[int, str, list[str]] = (-1, ",", [])
    for separator in SEPARATORS:
        record = next(_records(text, separator, skip=_first_line(text)), None)
        heads = [] if record is None else record.cells
        known = sum(_folded(head) in FIELD_OF for head in heads)
        if known > best[0]:
            best = (known, separator, heads)
    return best[1], best[2]


def _folded(text: str) -> str:
    return " ".join(words_of(text))


def _columns(heads: Sequence[str]) -> list[Column]:
    """What each column is. Raises Invalid: one that is needed is missing, or is there twice."""
    if len(heads) > MOST_COLUMNS:
        raise Invalid(
            f"This list has {len(heads)} columns. Keep those that are needed.", field="file"
        )
    columns = [Column(_shown(head), FIELD_OF.get(_folded(head), "")) for head in heads]
    fields = [column.field for column in columns]
    for field in NEEDED:
        if field not in fields:
            raise Invalid(
                f"The first line has to name the columns, and none is called “{LABELS[field]}”. "
                f"It reads: {_shown(' | '.join(head for head in heads if head)) or 'nothing'}",
                field="file",
            )
    for field, label in LABELS.items():
        if fields.count(field) > 1:
            twice = " and ".join(f"“{one.heading}”" for one in columns if one.field == field)
            raise Invalid(
                f"{twice} both say “{label}”. Take one of the columns out, or rename it.",
                field="file",
            )
    return columns


@dataclass(frozen=True)
class _Record:
    """One record of the file; `broken` says why it could not be cut into cells."""

    line: int
    last_line: int
    cells: list[str]
    broken: str = ""


def _records(text: str, separator: str, *, skip: int) -> Iterator[_Record]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells, broken = next(reader), ""
        except StopIteration:
            return
        except csv.Error as error:
            cells, broken = [], _broken(str(error), line, reader.line_num)
        if line > skip:
            yield _Record(line, reader.line_num, cells, broken)


def _broken(error: str, line: int, last_line: int) -> str:
    if "unexpected end" in error:
        upto = f", so that lines {line} to {last_line} cannot be read" if last_line > line else ""
        return f"A quotation mark is opened here and never closed{upto}."
    if "field larger" in error:
        return "A cell of this line is far too long."
    return "A quotation mark stands in the middle of a cell."


class _Reader:
    """Turns records into rows and flaws."""

    def __init__(self, columns: Sequence[Column], wanted: Wanted) -> None:
        self.columns = columns
        self.wanted = wanted
        self.rows: list[Row] = []
        self.flaws: list[Flaw] = []
        self.count = self.empty_count = 0
        self._is_heading = True

    def take(self, record: _Record) -> None:
        if self._is_heading:
            self._is_heading = False
            return
        if not record.broken and not any(cell.strip() for cell in record.cells):
            self.empty_count += 1
            return
        self.count += 1
        flaws = list(self._of_the_whole(record))
        if not flaws:
            line = _Line(record.line, self._cells(record), self.wanted)
            row = line.read()
            flaws = line.flaws
            if not flaws and row is not None:
                self.rows.append(row)
        self.flaws += flaws

    def _cells(self, record: _Record) -> dict[str, str]:
        cells = {
            column.field: cell
            for column, cell in zip(self.columns, record.cells, strict=False)
            if column.field
        }
        first = cells.pop("first_name", "")
        return {**cells, "display_name": f"{first} {cells['display_name']}".strip()}

    def _of_the_whole(self, record: _Record) -> Iterator[Flaw]:
        """What is wrong with a line before anybody looks at its cells."""
        if record.broken:
            yield Flaw(record.line, "", "", record.broken)
            return
        cells = record.cells
        while len(cells) > len(self.columns) and not cells[-1].strip():
            cells = cells[:-1]
        if len(cells) != len(self.columns):
            reason = f"Here are {len(cells)} cells, and there are {len(self.columns)} headings."
            yield Flaw(record.line, "", _shown(" | ".join(cells)), reason)
            return
        for column, cell in zip(self.columns, cells, strict=True):
            if column.field and ("\n" in cell or "\r" in cell):
                reason = "There is a line break in this cell."
                yield Flaw(record.line, LABELS[column.field], _shown(cell), reason)


class _Line:
    """The cells of one line, and what is wrong with each."""

    def __init__(self, line: int, cells: Mapping[str, str], wanted: Wanted) -> None:
        self.line = line
        self.cells = {field: cell.strip() for field, cell in cells.items()}
        self.wanted = wanted
        self.flaws: list[Flaw] = []

    def read(self) -> Row | None:
        """The row. It counts only where there are no flaws."""
        name = self._kept("display_name", _name)
        second = self._kept("second_identifier", _identifier)
        phone = self._kept("phone_number", people.clean_phone_number)
        treatment = None
        if any(self.cells.get(field) for field in TREATMENT):
            treatment = self._treatment()
        if name is None or second is None or phone is None:
            return None
        return Row(self.line, name, second, phone, treatment)

    def _treatment(self) -> TreatmentForm | None:
        """A treatment is there whole or not at all."""
        site = self._kept("site", self._site)
        side = self._kept("side", self._side)
        day = self._kept("performed_on", self._day)
        number = self._kept("number", _number)
        if site is None or side is None or day is None or number is None:
            return None
        form = TreatmentForm(
            site=site,
            side=side or None,
            performed_on=day,
            number=number,
            injected=" ".join(self.cells.get("injected", "").split()),
            clinician_name=" ".join(self.cells.get("clinician_name", "").split()),
            next_appointment_at=None,
        )
        try:
            records.check(form, today=self.wanted.today, joints=self.wanted.joints)
        except Invalid as problem:
            self._note(problem.field or "", problem.detail)
            return None
        return form

    def _site(self, text: str) -> str:
        """The joint; the side may stand before it ("Right knee")."""
        if not text:
            raise Invalid("The treatment is not whole: the joint is missing.")
        words = words_of(text)
        name = " ".join(word for word in words if word not in SIDES)
        site = self.wanted.sites.get(" ".join(words)) or self.wanted.sites.get(name)
        if site is None:
            raise Invalid("No joint of this name is known.")
        return site

    def _side(self, text: str) -> str:
        """The side, by its own column or by that of the joint; empty where there is none."""
        said = _folded(text)
        sides = {SIDES[word] for word in words_of(self.cells.get("site", "")) if word in SIDES}
        sides |= {SIDES[said]} if said in SIDES else set()
        if (said not in SIDES and said not in NO_SIDE) or len(sides) > 1:
            raise Invalid("Write right or left, one side a line.")
        return sides.pop() if sides else ""

    def _day(self, text: str) -> date:
        if not text:
            raise Invalid("The treatment is not whole: its day is missing.")
        return read_day(text, order=self.wanted.day_order)

    def _kept(self, field: str, read: Callable[[str], Kept]) -> Kept | None:
        try:
            return read(self.cells.get(field, ""))
        except Invalid as problem:
            self._note(field, problem.detail)
            return None

    def _note(self, field: str, reason: str) -> None:
        value = _shown(self.cells.get(field, ""))
        self.flaws.append(Flaw(self.line, LABELS.get(field, ""), value, reason))


def read_day(text: str, *, order: str = "") -> date:
    """A day as lists write it. Two numbers that could both be the month are not guessed.

    Raises:
        Invalid: no day, or one that can be read in two ways.
    """
    numbers = [int(one) for one in re.findall(r"[0-9]+", text)][:4]
    if re.fullmatch(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([T ]00:00(:00)?(\.0+)?)?", text):
        return _date(numbers[0], numbers[1], numbers[2])
    if re.fullmatch(r"[0-9]{1,2}\.[ ]?[0-9]{1,2}\.[ ]?[0-9]{4}", text):
        return _date(numbers[2], numbers[1], numbers[0])
    if re.fullmatch(r"[0-9]{1,2}[/-][0-9]{1,2}[/-][0-9]{4}", text):
        return _slashed(numbers, order)
    named = re.fullmatch(r"([0-9]{1,2})[ -]([A-Za-z]{3,9})\.?[ -]([0-9]{4})", text)
    if named and named[2].lower()[:3] in MONTHS:
        return _date(numbers[1], MONTHS.index(named[2].lower()[:3]) + 1, numbers[0])
    raise Invalid("Write a day such as 2026-11-23.")


def _slashed(numbers: Sequence[int], order: str) -> date:
    first, second, year = numbers[:3]
    if order == "dmy":
        return _date(year, second, first)
    if order == "mdy":
        return _date(year, first, second)
    if first > 12:
        return _date(year, second, first)
    if second > 12:
        return _date(year, first, second)
    if first == second:
        return _date(year, first, second)
    raise Invalid("This can be two days. Say above whether the day or the month comes first.")


def _date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Invalid("There is no such day.") from None


def _name(text: str) -> str:
    if text.startswith(FORMULA):
        raise Invalid("This starts like a formula, not like a name.")
    if SPOILT.fullmatch(text):
        raise Invalid("The spreadsheet has lost what stood here.")
    return people.clean_name(text)


def _identifier(text: str) -> str:
    if text.startswith(("=", "@")):
        raise Invalid("This starts like a formula, not like an identifier.")
    if SPOILT.fullmatch(text):
        raise Invalid("The spreadsheet has lost what stood here.")
    return people.clean_identifier(text)


def _number(text: str) -> int:
    if not text:
        raise Invalid("The treatment is not whole: write the session's number, 1 for the first.")
    if not re.fullmatch(r"[0-9]{1,2}", text) or not 1 <= int(text) <= 50:
        raise Invalid("Write a number from 1 to 50.")
    return int(text)


def _shown(text: str) -> str:
    """A cell for the eye: one line, not longer than it helps."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_SHOWN else f"{line[:LONGEST_SHOWN]}…"
