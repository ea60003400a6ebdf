"""Cells that are quoted in another way read back as they were, and the way is said."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.reader.tables import ReadOptions
from pipeline.reader.tables._quoting import BACKSLASH, CURLY, REMARKS, SINGLE, SPACED
from tests.reader.tables.reading import read

HEADER = ("First", "Last", "Phone")


def backslashed(cell: str) -> str:
    return '"' + cell.replace("\\", "\\\\").replace('"', '\\"') + '"'


def bare(cell: str) -> str:
    return "".join(f"\\{char}" if char in ',"\\' else char for char in cell)


WAYS: dict[str, tuple[Callable[[str], str], str, str]] = {
    "backslash in quotes": (backslashed, ",", BACKSLASH),
    "backslash without quotes": (bare, ",", BACKSLASH),
    "blank before the quote": (lambda cell: '"' + cell.replace('"', '""') + '"', ", ", SPACED),
    "single quotes": (lambda cell: "'" + cell.replace("'", "''") + "'", ",", SINGLE),
    "single quotes without an escape": (lambda cell: f"'{cell}'", ",", SINGLE),
    "curly quotes": (lambda cell: f"\u201c{cell}\u201d", ",", CURLY),
}

WORDS = st.text(st.sampled_from("abcdeXYZ"), min_size=1, max_size=6)
INNER = {
    BACKSLASH: st.sampled_from([', "{}" ', ' "{}"', ", {}", " {}"]),
    SPACED: st.sampled_from([", {}", ' ""{}'.replace('""', '"'), " {}"]),
    SINGLE: st.sampled_from([", {}", " {}", "'{}", ' "{}" x']),
    CURLY: st.sampled_from([", {}", " {}", ' "{}" x', " \u2019{}"]),
}


@st.composite
def tables(draw: st.DrawFn, kind: str) -> list[tuple[str, str, str]]:
    cells = st.builds(lambda word, form, other: word + form.format(other), WORDS, INNER[kind], WORDS)
    rows = draw(st.lists(st.tuples(WORDS | cells, cells), min_size=2, max_size=12))
    return [(first, last, f"415555{number:04}") for number, (first, last) in enumerate(rows)]


@pytest.mark.parametrize("name", WAYS)
@settings(max_examples=40)
@given(data=st.data())
def test_what_was_written_in_another_way_is_read_as_it_was(name: str, data: st.DataObject) -> None:
    quote, delimiter, kind = WAYS[name]
    rows = data.draw(tables(kind))
    if kind == BACKSLASH:
        # Without an escape there is nothing to tell it by.
        rows.append(("Ann", 'a "b"', "4155550199"))
    text = "".join(delimiter.join(map(quote, row)) + "\r\n" for row in [HEADER, *rows])
    table = read(text.encode())
    assert (table.headers, list(table.records)) == (HEADER, rows)
    assert table.dialect.remarks == (f"{REMARKS[kind]} (import.quoting says otherwise)",)
    forced = read(text.encode(), ReadOptions(quoting=kind))
    assert (forced.records, forced.dialect.remarks) == (table.records, ())


@pytest.mark.parametrize(
    "text",
    [
        'First,Last,Phone\n"Ann ""Annie""",Lee,4155550132\n',
        'First,Last,Phone\n"C:\\dir\\","x",4155550132\n"D:\\","y",4155550133\n',
        "First,Last,Phone\nAnn,O'Brien,'+14155550132\nBob,'t Hooft,4155550133\n",
        'First,Last,Phone\n"He said, ""hi""",x,4155550132\n',
        "First,Last,Phone\nAnn,C:\\new,4155550132\nBob,a\\b,4155550133\n",
        "First,Last,Phone\nAnn,the \u201cbest\u201d one,4155550132\nBob,\u201cB\u201d obby,4155550133\n",
    ],
)
def test_the_usual_way_stays_the_usual_way(text: str) -> None:
    table = read(text.encode())
    assert table.dialect.remarks == ()
    assert not table.faults


def test_a_cell_of_mysql_for_nothing_is_blank() -> None:
    data = b'First,Last,Phone\nAnn,Lee\\, Jr,4155550132\nBob,\\N,4155550133\nCy,"Fo\\"x",4155550134\n'
    assert [cells[1] for cells in read(data).records] == ["Lee, Jr", "", 'Fo"x']


def test_an_escaped_quote_far_below_rejects_its_row() -> None:
    plain = b"First,Last,Phone\n" + b"Ann,Lee,4155550132\n" * 80_000
    table = read(plain + b'"Ann \\"Annie\\"",Lee,4155550133\n')
    [(place, fault)] = table.faults.items()
    assert (place, fault.code, fault.column) == (80_000, "stray_quote", 0)
