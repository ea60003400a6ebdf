"""A reject row that comes back unmended is judged as it was, whatever program the reject file went through."""

import csv
import io
import random
import tempfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.models._outcomes import BAD_KINDS, OutcomeKind
from pipeline.reader.outputs import write_reject_workbook, write_rejects
from pipeline.runs.journal import Journal
from tests.reader.outputs.programs import through_a_program
from tests.tables import settings_of, take

COLUMNS = {
    "Phone": "phone",
    "Name": "first",
    "E-mail": "email",
    "Zip": {"custom": 1},
    "Since": {"to": {"custom": 2}, "transform": {"date": "%m/%d/%Y | %Y-%m-%d -> %Y-%m-%d"}},
    "Out": "is_opted_out",
    "Spent": {"to": {"custom": 3}, "transform": "number"},
    "Notes": {"custom": 4},
    "Page": "avatar",
    "Country": "ignore",
}
HEADERS = list(COLUMNS)

CELLS = {
    "Phone": (
        *("+14155550132", "4155550133", "12", "1.51255E+10", "+4155", "0", "", "4155550132 / 4155550144", "00441"),
        *("1-800-FLOWERS", "15125512345678901", "TRUE", "3/10/1984", "=1+1", "ask Bob", "4155550132 x", "41\n0132"),
    ),
    "Name": (
        *("Ann", "Ann; Bo", "A, B", "two\nlines", "two\r\nlines", "a;b\nc;d", "1-2", 'Ann "A" Lee', "J\u00f6rg"),
        *("007", 'A \\"B\\"', "x\x85y", "", " Ann "),
    ),
    "E-mail": ("", "ann@example.com", "ann@", "=ann", "12", "ann,bo@example.com"),
    "Zip": ("02134", "", "2134", "1e5", "12345-6789", "-", "#N/A", "#REF!"),
    "Since": ("", "1/2/2020", "2020-03-04", "13/13/2020", "43895", "soon", "2020-03-04 10:11"),
    "Out": ("", "yes", "FALSE", "0", "1", "perhaps", "1.0"),
    "Spent": ("", "12", "1,234.50", "$5", "many", "1e3"),
    "Notes": ("", "a\nb\nc", "a,b,c,d,e,f,g,h,i\nb", 'say "no"\n', "\n", "x" * 5001, "\ttab", "a\rb"),
    "Page": ("", "https://example.com/a", "no page", "12"),
    "Country": ("", "US", "Nowhere", "DE", "55", "0055"),
}
"""What stands in the columns, right and wrong."""

ODD_LINES = [
    "+14155550132,Ann",
    "+14155550132,Ann,,,,,,,,,surplus",
    '+14155550132,Ann,,,,,,,,,12,"a,b"',
    '+14155550132,"Ann \\"A\\" Lee",,,,,,,,',
    '+14155550132,"swallows,,,,,,,,US\n+14155550133,Bo,,,,,,,,US\n+14155550134,Cy",,,,,,,,US',
    '12,"swallows,,,,,,,,US\n+14155550133,Bo;,,,,,,,,US\n+14155550134,Cy",,,,,,,,US',
    '"#12",Ann,,,,,,,,',
    '+14155550132,"Ann" x "\nBo",,,,,,,,',
    '12,"Ann\nBo",,,,,,"one,\ntwo",,',
]
"""Lines of a file that are no rows as the csv module would write them."""

WAYS = [
    {},
    {"header": 1, "delimiter": ",", "encoding": "utf-8"},
    {"quoting": "doubled", "short_rows": "pad"},
    {"country_column": "Country", "default_region": ""},
    {"country_column": "Country", "duplicates": "reject"},
    {"sheet": "Contacts", "default_region": "DE", "vanity_letters": True},
    {"encoding": "cp1252", "comment": "#", "reject_doubtful": ["date_like", "extension_dropped", "shared_phone"]},
    {"unmapped": "reject", "shared_phone_rows": 2, "reject_doubtful": ["shared_phone"]},
]
"""Settings of [import]."""


@st.composite
def sources(draw: st.DrawFn) -> bytes:
    """A file as a user may have it, with lines that are no rows and bytes that do not decode."""
    line = st.tuples(*(st.sampled_from(CELLS[header]) for header in HEADERS)).map(_line) | st.sampled_from(ODD_LINES)
    lines = draw(st.lists(line, min_size=1, max_size=8))
    raw = "\n".join([",".join(HEADERS), *lines, ""]).encode()
    return raw + b"12,Caf\xe9,,,,,,,,\n" if draw(st.booleans()) else raw


def _line(cells: tuple[str, ...]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue().removesuffix("\r\n")


def judged(journal: Journal) -> list[tuple[str, ...]]:
    """What became of the rows that are rejected, with their own cells.

    What is ragged in a row is said by a column of its own when it comes back.
    """
    rows = journal.outcomes.rows(OutcomeKind.REJECTED)
    return sorted(
        (row.code, row.column.replace("_extra", ""), *[*row.cells, *[""] * len(HEADERS)][: len(HEADERS)])
        for row in rows
    )


@settings(deadline=None, max_examples=30)
@given(sources(), st.sampled_from(WAYS), st.integers(0, 10_000))
def test_law_a_reject_is_judged_as_it_was_through_any_program(raw: bytes, way: dict[str, object], seed: int) -> None:
    imports = settings_of(COLUMNS, **way)
    choose = random.Random(seed)  # noqa: S311 - a test repeats its choices
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "list.csv").write_bytes(raw)
        journal, _ = take([folder / "list.csv"], imports)
        found = judged(journal)
        for _ in range(2 if found else 0):
            path = write_rejects(folder / "rejects.csv", journal, BAD_KINDS)
            book = write_reject_workbook(folder / "rejects.xlsx", journal, BAD_KINDS)
            encoding = journal.facts.sources[0].encoding.replace("xlsx", "utf-8-sig")
            came = through_a_program(choose.choice([path, book or path]), encoding, choose)
            journal, _ = take([came], imports)
            assert judged(journal) == found


@pytest.mark.parametrize("seed", range(4))
def test_what_was_no_object_is_none_until_it_has_cells(tmp_path: Path, seed: int) -> None:
    (tmp_path / "list.jsonl").write_text('{"Phone": "12", "Name": "Ann"}\n{"Phone": "+14155550132"}\n{"Phone":\n')
    imports = settings_of({"Phone": "phone"})
    journal, taken = take([tmp_path / "list.jsonl"], imports)
    assert taken.census.codes == {"too_short": 1, "bad_object": 1}
    path = write_rejects(tmp_path / "rejects.csv", journal, BAD_KINDS)
    choose = random.Random(seed)  # noqa: S311 - a test repeats its choices
    _, taken = take([through_a_program(path, "utf-8", choose)], imports)
    assert taken.census.codes == {"too_short": 1, "bad_object": 1}
    path.write_text(path.read_text().replace("\n,,3,", "\n+14155550133,,3,"))
    journal, taken = take([path], imports)
    assert taken.census.codes == {"too_short": 1}
    assert [contact.phone for contact in journal.input.contacts()] == ["14155550133"]


def test_a_cell_without_its_line_breaks_is_mended(tmp_path: Path) -> None:
    text = 'Phone,Name,Notes\n+14155550132,"Ann,x\n+14155550133,Bo,y\n+14155550134,Cy",z\n'
    (tmp_path / "list.csv").write_text(text)
    imports = settings_of({"Phone": "phone", "Name": "first"})
    journal, taken = take([tmp_path / "list.csv"], imports)
    assert taken.census.codes == {"suspicious_multiline": 1}
    book = write_reject_workbook(tmp_path / "rejects.xlsx", journal, BAD_KINDS)
    assert book is not None
    sheet = openpyxl.load_workbook(book)
    sheet.worksheets[0]["B2"] = "Ann"
    sheet.save(book)
    journal, taken = take([book], imports)
    assert taken.census.codes == {}
    assert [contact.fields for contact in journal.input.contacts()] == [{"first": "Ann"}]
