"""Records that can be read and cannot be trusted are named with their lines."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.models._rows import RowFault
from pipeline.reader.tables import ReadOptions
from tests.reader.tables.reading import read
from tests.shared_data import shared_file

SWALLOWED = b'id,name,phone\n1,Zoe,415\n2,"Ann,415\n3,Bob,416\n4,Cy,417\n5,"Dee",418\n6,Eve,419\n'


def test_rows_that_a_stray_quote_swallowed_are_named_by_their_lines() -> None:
    table = read(SWALLOWED)
    assert [start for start, _ in table.spans] == [2, 3, 7]
    [(place, fault)] = table.faults.items()
    assert (place, fault.code, fault.column) == (1, "suspicious_multiline", 1)
    assert fault.value == 'Ann,415\n3,Bob,416\n4,Cy,417\n5,Dee"'
    assert "lines 3 to 6" in fault.reason


def test_a_long_cell_is_suspicious_and_shown_shortened() -> None:
    data = b'a,b\n1,"' + b"word\n" * 200 + b'"\n2,x\n'
    [fault] = read(data).faults.values()
    assert (fault.code, len(fault.value)) == ("suspicious_multiline", 200)
    assert "lines 2 to 202" in fault.reason
    assert not read(b'a,b\n1,"' + b"word\n" * 99 + b'"\n2,x\n').faults


@pytest.mark.parametrize(
    "cell",
    [
        "12 Main Street\nFloor 2\nSpringfield, IL, 62704",
        "Dear Ann,\nthank you, as ever, for calling.\nYours, truly, and so on,\nBob",
        "one,\ntwo,\nthree,\nfour,",
        "- a\n- b\n\n\n- c",
        'he said "", then ""\nand left\nat last',
    ],
)
def test_notes_and_addresses_are_left_alone(cell: str) -> None:
    quoted = '"' + cell.replace('"', '""') + '"'
    for headers in ("name,note", "name,note,phone"):
        table = read(f"{headers}\nAnn,{quoted}{',1' * (headers.count(',') - 1)}\n".encode())
        assert table.records[0][1] == cell
        assert not table.faults


def test_quotes_between_delimiters_inside_a_cell_are_rows_too() -> None:
    table = read(b'a,b\n1,"x\n""2"",""y""\n""3"",""z""\n"\n')
    assert [fault.code for fault in table.faults.values()] == ["suspicious_multiline"]


def test_the_real_exports_with_line_breaks_in_cells_are_not_suspected() -> None:
    names = ["a_northwind_client_fr.csv", "a_google_old_roundcube.csv", "a_outlook_full_horde.csv"]
    for path in map(shared_file, [*names, "a_outlook_quotes_horde_bug6370.csv", "a_windows_address_book_horde.csv"]):
        table = read(path)
        assert any(end > start for start, end in table.spans), path.name
        assert not table.faults, path.name


def test_faults_are_found_in_the_chunk_they_are_in() -> None:
    table = read(
        b"a,b\n" + b"1,2\n" * 20_000 + b"x," + b"\xc3\xa9" * 9 + b"\n\xff,y\n" + b"1,2\n" * 20_000 + b"z,\xff\xfe\n"
    )
    assert {place: (fault.column, fault.value) for place, fault in table.faults.items()} == {
        20_001: (0, "\udcff"),
        40_002: (1, "\udcff\udcfe"),
    }
    assert isinstance(table.faults[20_001], RowFault)


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        # A quote that is opened in one row and closed in another one, in tables of one, two and three columns.
        (b'name,phone\n"Ann,4155550101\nBob,4155550102\n"Cat",4155550103\n', "lines 2 to 4"),
        (b'phone\n"4155550101\n4155550102"\n4155550103\n', "lines 2 to 3"),
        (b'phone,name\n4155550101,"Ann\n4155550102,"Bob"\n4155550103,Cy\n', "lines 2 to 3"),
        (b'a,b,c\n1,"x,y\n2,z",w\n3,p,q\n', "lines 2 to 3"),
        (b'a;b;c\n1;2;"x\n3;4;"y\n5;6;z\n', "lines 2 to 3"),
    ],
)
def test_a_quote_that_is_closed_in_a_later_row_is_suspected_in_narrow_tables_too(data: bytes, lines: str) -> None:
    table = read(data)
    assert table.faults[0].code == "suspicious_multiline"
    assert lines in table.faults[0].reason


@pytest.mark.parametrize(
    "data",
    [
        b'phone,note\n4155550101,"likes tea\nand coffee"\n',
        b'phone,note\n4155550101,"likes tea, milk\nand coffee, black"\n',
        b'phone,name,address\n4155550101,Ann,"12 Main St\nSpringfield, IL 62704"\n',
        b'name,address,phone\nAnn,"12 Main St\n\nSpringfield",4155550101\n',
        b'phone,note\n4155550101,"she said ""hi""\nand left"\n',
    ],
)
def test_line_breaks_that_people_type_are_left_alone(data: bytes) -> None:
    assert not read(data).faults


QUOTED = st.text(alphabet="\\ab\" C,;'\u201c\u201d", max_size=8)


@given(st.lists(QUOTED, min_size=2, max_size=4))
@example(["'", "''"])
@example(["\u201c", "\u201c\u201d"])
def test_law_any_cells_are_read_as_they_were_written_and_doubt_is_said(notes: list[str]) -> None:
    rows = [[f"+1415555{number:04}", "x", note] for number, note in enumerate(notes, 1000)]
    text = io.StringIO()
    csv.writer(text).writerows([["Phone", "First", "Note"], *rows])
    table = read(text.getvalue().encode(), ReadOptions(delimiter=",", quoting="doubled"))
    assert [list(cells) for cells in table.records] == rows
    assert not table.faults
    table = read(text.getvalue().encode(), ReadOptions(delimiter=","))
    if table.dialect.remarks:
        # It is taken for a file that is quoted in another way, and says so.
        return
    assert [list(cells) for cells in table.records] == rows
    # Only a lone quote at the end of a cell with a backslash cannot be told from a torn one.
    unclear = {
        place
        for place, note in enumerate(notes)
        if "\\" in note and note.endswith('"') and note.count('"') == note.count('\\"') + 1
    }
    assert table.faults.keys() <= unclear


CELL = st.sampled_from(["", "", "x", "Ann", "SF"])


@given(st.integers(4, 8).flatmap(lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=3)))
def test_law_no_row_is_swallowed_without_a_word_whatever_cells_of_it_are_blank(rows: list[list[str]]) -> None:
    width = len(rows[0])
    lines = [",".join([f"+1415555{number:04}", *cells]) for number, cells in enumerate(rows, 1000)]
    # A quote is opened in the second column of the first row, and closed in that of the last one.
    lines[0] = lines[0].replace(",", ',"', 1)
    phone, cell, rest = lines[-1].split(",", 2)
    lines[-1] = f'{phone},{cell}",{rest}'
    header = ",".join(f"h{number}" for number in range(width + 1))
    table = read("\n".join([header, *lines, ""]).encode(), ReadOptions(delimiter=",", quoting="doubled", header=1))
    assert [fault.code for fault in table.faults.values()] == ["suspicious_multiline"]
