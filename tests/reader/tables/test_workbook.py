"""Excel workbooks are tables too: their cells read as a person would have typed them."""

import datetime as dt
import io
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipeline.reader.tables import Dialect, ReadOptions, Source, expand_sources, list_sheets
from tests.reader.tables.reading import read, refusal


def workbook(*sheets: Sequence[Any], titles: Sequence[str] = ("People", "Second")) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in zip(titles, sheets, strict=False):
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


PEOPLE = [["Name", "Phone"], ["Ann", 4155550132], [], ["Bob", 4155550133.0]]


def test_a_sheet_is_a_table_with_the_rows_of_the_sheet(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(workbook(PEOPLE))
    assert [source.name for source in expand_sources([str(path)])] == ["people.csv"]
    for table in (read(path), read(path.read_bytes())):
        assert (table.headers, table.header_line, table.preamble_lines) == (("Name", "Phone"), 1, 0)
        assert table.rows == [(2, ("Ann", "4155550132")), (4, ("Bob", "4155550133"))]
        assert table.spans == ((2, 2), (4, 4))
        assert table.dialect == Dialect("xlsx", ",", "\n", "", "workbook")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("", ""),
        ("  as typed ", "  as typed "),
        (True, "true"),
        (False, "false"),
        (41, "41"),
        (4155550132.0, "4155550132"),
        (447911123456789.0, "447911123456789"),
        (1e21, "1000000000000000000000"),
        (0.00000015, "0.00000015"),
        (-1.5, "-1.5"),
        (dt.datetime(2024, 1, 31), "2024-01-31"),  # noqa: DTZ001 - a sheet knows no zones
        (dt.datetime(2024, 1, 31, 9, 5), "2024-01-31 09:05:00"),  # noqa: DTZ001 - the same
        (dt.time(9, 5), "09:05:00"),
        ("=1+1", "#NO VALUE"),
        ("#N/A", "#N/A"),
    ],
)
def test_cells_are_printed_as_a_person_would_type_them(value: object, text: str) -> None:
    assert read(workbook([["a", "b"], ["x", value]])).records == (("x", text),)


def test_empty_columns_and_rows_at_the_end_are_left_out() -> None:
    table = read(workbook([["a", "b", None, None], ["1", None, None], ["1", "2", "3"], [None, " "], [None]]))
    assert (table.headers, table.records) == (("a", "b"), (("1", ""), ("1", "2", "3")))


def test_titles_above_the_header_are_not_rows() -> None:
    rows = [["Our contacts"], [], ["Name", "Phone", "Mail"], ["Ann", 1, "a@example.com"]]
    table = read(workbook(rows))
    assert (table.headers, table.header_line, table.preamble_lines) == (("Name", "Phone", "Mail"), 3, 1)
    assert read(workbook(rows), ReadOptions(header=1)).headers == ("Our contacts",)
    assert read(workbook(rows), ReadOptions(wanted=("Ann",))).header_line == 4
    assert "row 2," in refusal(workbook(rows), ReadOptions(header=2)).message


def test_without_a_header_the_columns_are_numbered() -> None:
    table = read(workbook([["Ann", "1"], ["Bob", "2", "x"]]), ReadOptions(header="none"))
    assert (table.headers, table.header_line) == (("column 1", "column 2", "column 3"), 0)
    assert table.records == (("Ann", "1", ""), ("Bob", "2", "x"))


def test_rows_come_in_chunks() -> None:
    data = workbook([["a"], *([number] for number in range(500))])
    assert read(data, ReadOptions(chunk_rows=200)).sizes == (200, 200, 100)


def test_a_sheet_is_chosen_by_its_name() -> None:
    data = workbook([["a"], ["1"]], [["b"], ["2"]])
    assert read(data).headers == ("a",)
    assert read(data, ReadOptions(sheet="Second")).headers == ("b",)
    error = refusal(data, ReadOptions(sheet="Third"))
    assert "no sheet 'Third'" in error.message
    assert "'People', 'Second'" in error.advice


def test_an_empty_sheet_is_refused() -> None:
    assert "its sheet has no rows" in refusal(workbook([])).message


def test_a_workbook_inside_an_archive_is_read(tmp_path: Path) -> None:
    path = tmp_path / "backup.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("people.xlsx", workbook(PEOPLE))
    [source] = expand_sources([str(path)])
    assert (source.name, len(read(source).records)) == ("backup.zip: people.xlsx", 2)


def test_a_damaged_workbook_is_refused() -> None:
    data = workbook(PEOPLE)
    parts = zipfile.ZipFile(io.BytesIO(data))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in parts.namelist():
            content = parts.read(name)
            archive.writestr(name, content[: len(content) // 2] if name.endswith("sheet1.xml") else content)
    for damaged in (stream.getvalue(), data[: len(data) // 2], data.replace(b"workbook.xml", b"workb00k.xml")):
        assert "Excel workbook" in refusal(damaged).message


def test_without_the_extra_it_is_said_how_to_get_it(tmp_path: Path) -> None:
    path = tmp_path / "people.xlsx"
    path.write_bytes(workbook(PEOPLE))
    program = (
        "import sys; sys.modules['openpyxl'] = None\n"
        "from pipeline.reader.tables import Source, open_table\n"
        "from pipeline.errors import InputError\n"
        "try:\n    open_table(Source(sys.argv[1])).__enter__()\n"
        "except InputError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
    assert "pip install 'heymarket-pipeline[xlsx]'" in done.stdout


def test_other_sheets_are_named_and_a_formula_without_its_value_is_a_fault() -> None:
    stream = workbook([["phone", "name"], ["4155550132", "Ann"], ["4155550133", '=A2&"x"']], [["old"]])
    table = read(stream)
    assert (table.name, table.left_out) == ("standard input: People", ("sheet 'Second'",))
    assert {place: fault.code for place, fault in table.faults.items()} == {1: "formula_without_value"}


def formatted(*cells: tuple[object, str]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append([f"column {place}" for place, _ in enumerate(cells)])
    sheet.append([value for value, _ in cells])
    for cell, (_, number_format) in zip(sheet[2], cells, strict=True):
        cell.number_format = number_format
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (2134, "00000", "02134"),
        (123, "0000000", "0000123"),
        (21341234, "00000\\-0000", "02134-1234"),
        (4155550132, "(000) 000-0000", "(415) 555-0132"),
        (4155550132, "[<=9999999]###\\-####;\\(###\\)\\ ###\\-####", "(415) 555-0132"),
        (5550132, "[<=9999999]###\\-####;\\(###\\)\\ ###\\-####", "555-0132"),
        (447911123456, "(000) 000-0000", "447911123456"),
        (491701234567, '"+"0', "+491701234567"),
        (2079460018, '"0"#', "02079460018"),
        (0.15, "0%", "15%"),
        (0.155, "0%", "15.5%"),
        (0.29, "0.00%", "29.00%"),
        (1234.5, '"$"#,##0.00', "1234.5"),
        (1234, "# ##0", "1234"),
        (-5, "#,##0_);(#,##0)", "-5"),
        (12, '0 "kg"', "12"),
        (1234567, "0.00E+00", "1234567"),
        (dt.timedelta(hours=30), "[h]:mm", "30:00"),
        (dt.timedelta(minutes=90, seconds=5), "[h]:mm:ss", "1:30:05"),
        (dt.datetime(2023, 4, 1), "mm/dd/yyyy", "2023-04-01"),  # noqa: DTZ001 - a sheet knows no zones
    ],
)
def test_numbers_are_shown_as_their_format_does_where_that_says_more(
    value: object, number_format: str, text: str
) -> None:
    assert read(formatted((value, number_format))).records == ((text,),)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("Ann_x000D_", "Ann\r"),
        ("Line 1_x000D_\nLine 2", "Line 1\r\nLine 2"),
        ("_x005F_x000D_", "_x000D_"),
        ("_xD83D__xDE00_", "\U0001f600"),
        ("_xD83D_", "_xD83D_"),
        ("max_x_size", "max_x_size"),
    ],
)
def test_escapes_of_a_workbook_are_the_characters_that_they_stand_for(written: str, text: str) -> None:
    assert read(workbook([["a", "b"], ["x", written]])).records == (("x", text),)


def with_states(data: bytes, *states: Any) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(data))
    for sheet, state in zip(book.worksheets, states, strict=True):
        sheet.sheet_state = state
    stream = io.BytesIO()
    book.active = len(states) - 1
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_the_first_sheet_that_a_person_sees_is_read_and_hidden_ones_are_said(tmp_path: Path, state: str) -> None:
    data = with_states(workbook([["old"], ["1"]], [["new"], ["2"]]), state, "visible")
    table = read(data)
    assert (table.headers, table.left_out) == (("new",), ("hidden sheet 'People'",))
    assert read(data, ReadOptions(sheet="People")).headers == ("old",)
    path = tmp_path / "people.xlsx"
    path.write_bytes(data)
    assert list_sheets(Source(str(path))) == ("Second",)


def test_a_row_of_groups_is_no_header() -> None:
    rows = [
        ["Person", None, "Contact", None, "Other"],
        ["First Name", "Last Name", "Mobile Phone", "Email", "Plan"],
        ["Ann", "Lee", "4155550132", "a@example.com", "Gold"],
    ]
    table = read(workbook(rows))
    assert (table.header_line, table.preamble_lines, len(table.records)) == (2, 1, 1)
