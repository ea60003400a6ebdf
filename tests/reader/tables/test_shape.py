"""The delimiter and the header are told from many lines."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.reader.tables import ReadOptions
from pipeline.reader.tables._shape import find_shape
from tests.reader.tables.reading import read, refusal


@pytest.mark.parametrize(
    ("data", "delimiter", "headers"),
    [
        (b"a,b\n", ",", ("a", "b")),
        (b'\xef\xbb\xbf"a",b\n', ",", ("a", "b")),
        (b"a;b\n1,2;3\n", ";", ("a", "b")),
        (b"a\tb\n", "\t", ("a", "b")),
        (b"a|b\n", "|", ("a", "b")),
        (b"a`b\n", "`", ("a", "b")),
        (b"a^b\n", "^", ("a", "b")),
        (b"a|b;c|d\n", "|", ("a", "b;c", "d")),
        (b"a;b,c\n", ",", ("a;b", "c")),
        (b'"last, first";phone\n', ";", ("last, first", "phone")),
        (b'"two\nlines, here";phone\n', ";", ("two\nlines, here", "phone")),
        (b"phone\n", ",", ("phone",)),
        (b"\r\n  \r\na;b\r\n", ";", ("a", "b")),
        ("T\u00e9l,\u2028\n".encode(), ",", ("T\u00e9l", "\u2028")),
        (b"Name,Phone,Tags\n" + b"Ann,1,a;b;c;d;e;f;g;h\n" * 9, ",", ("Name", "Phone", "Tags")),
        (b"Name;Amount;Note\n" + b"Ann;1,50;a, b, c, d, e\n" * 9, ";", ("Name", "Amount", "Note")),
        (b"Name|Phone\n" + b"Lopez, Ann|1\n" * 9, "|", ("Name", "Phone")),
        (b"Name;Phone;\n" + b"Ann;1\nBob;2\n" * 9, ";", ("Name", "Phone", "")),
        (b"Full name\n" + b"Lopez, Ann\n" * 9, ",", ("Full name",)),
        (b"sep=;\r\na,b;c\r\n1,2;3\r\n", ";", ("a,b", "c")),
        (b'"sep=|"\na|b\n1|2\n', "|", ("a", "b")),
        (b"\xef\xbb\xbfSEP=\t\na\tb,c\n1\t2\n", "\t", ("a", "b,c")),
    ],
)
def test_the_delimiter_is_found(data: bytes, delimiter: str, headers: tuple[str, ...]) -> None:
    table = read(data)
    assert (table.dialect.delimiter, table.headers) == (delimiter, headers)


def test_a_forced_delimiter_is_taken() -> None:
    table = read(b"sep=;\na;b,c\n1;2,3\n", ReadOptions(delimiter=","))
    assert (table.headers, table.records, table.preamble_lines) == (("a;b", "c"), (("1;2", "3"),), 1)


NAMES = st.text(st.sampled_from("abcdefgh "), min_size=1, max_size=8).map(str.strip).filter(bool)


@given(
    st.sampled_from(",;\t|`^"),
    st.lists(NAMES, min_size=2, max_size=9, unique=True),
    st.integers(2, 20),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_a_table_of_plain_cells_is_cut_where_it_was_joined(
    delimiter: str, headers: list[str], rows: int, end: str
) -> None:
    lines = [headers, *([f"{name} {row}" for name in headers] for row in range(rows))]
    table = read(end.join(map(delimiter.join, lines)).encode())
    assert table.headers == tuple(headers)
    assert table.records == tuple(map(tuple, lines[1:]))
    assert (table.dialect.delimiter, table.dialect.line_end) == (delimiter, end)


@pytest.mark.parametrize(
    ("above", "lines"),
    [
        ("", 0),
        ("\n\n", 0),
        ("Contacts\n", 1),
        ("Contacts,,,\n", 1),
        ("Contacts\nof 2024-01-31\n\n", 2),
        ("version:v1.0,,,\n", 1),
        ("Region:,West\nOwner:,Ann\n", 2),
        ('"Contacts,\nall of them"\n', 2),
        ("sep=,\n", 1),
        ("sep=,\nContacts\n", 2),
    ],
)
@pytest.mark.parametrize("wanted", [(), ("mobile phone", "E-mail")])
def test_what_stands_above_the_header_is_no_row_and_is_counted(above: str, lines: int, wanted: tuple[str, ...]) -> None:
    body = "First Name,Last Name,Mobile Phone,Email\n" + "Ann,Lopez,415-555-0132,ann@example.com\n" * 3
    table = read((above + body).encode(), ReadOptions(wanted=wanted))
    assert table.headers == ("First Name", "Last Name", "Mobile Phone", "Email")
    assert (table.header_line, table.preamble_lines) == (above.count("\n") + 1, lines)
    assert len(table.records) == 3


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Phone\n4155550132,,\n4155550133,,\n", "rows that are wider than their header"),
        ("Name,Phone\nAnn,1,x,y\nBob,2,x,y\n", "rows with more cells than their header"),
        ("Name,,,,,\nAnn,4155550132,ann@example.com,94105,2024-01-31,12\n" * 1, "a header with one name"),
        ("4155550132,Ann\n4155550133,Bob\n", "no header at all"),
        ("Name,Phone,Note,More\nAnn,1\nBob,2\nCy,3\n", "rows that lost their last cells"),
        (",Phone\nAnn,4155550132\n", "a header that is half empty"),
    ],
)
def test_without_a_good_reason_the_first_record_is_the_header(text: str, why: str) -> None:
    table = read(text.encode())
    assert (table.header_line, table.preamble_lines) == (1, 0), why


def test_the_record_with_the_most_wanted_names_is_the_header() -> None:
    data = b"Phone,list,of,2024\na,b,c,d\nPHONE,E-Mail,first name,x\n1,2,3,4\nphone,email,First Name,x\n"
    table = read(data, ReadOptions(wanted=("Phone", "First Name", "email")))
    assert (table.header_line, table.preamble_lines, len(table.records)) == (3, 2, 2)
    assert read(data, ReadOptions(wanted=("Nothing", "of it"))).header_line == 1


def test_no_header_gives_numbered_columns_and_every_record_is_a_row() -> None:
    table = read(b"\nAnn,1\nBob,2,x\nCy,3\n", ReadOptions(header="none"))
    assert (table.headers, table.header_line) == (("column 1", "column 2"), 0)
    assert table.rows == [(2, ("Ann", "1")), (3, ("Bob", "2", "x")), (4, ("Cy", "3"))]
    noted = read(b"sep=;\nAnn;1\n", ReadOptions(header="none"))
    assert (noted.rows, noted.preamble_lines) == ([(2, ("Ann", "1"))], 1)
    assert "no rows" in refusal(b"\n \n", ReadOptions(header="none")).message


def test_a_header_can_be_named_by_its_line() -> None:
    data = b"\nAnn,1\n\n# x\nName,Phone\nBob,2\n"
    table = read(data, ReadOptions(header=5, comment="#"))
    assert (table.headers, table.rows, table.preamble_lines) == (("Name", "Phone"), [(6, ("Bob", "2"))], 1)
    far = b"x,y\n" * 400_000 + b"Name,Phone\nBob,2\n"
    assert read(far, ReadOptions(header=400_001)).rows == [(400_002, ("Bob", "2"))]


@pytest.mark.parametrize("line", [1, 3, 9])
def test_a_line_on_which_no_record_begins_is_no_header(line: int) -> None:
    assert f"line {line}," in refusal(b'\n"Na\nme",Phone\nBob,2\n', ReadOptions(header=line)).message


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_commonest_line_end_is_told(end: str) -> None:
    text = end.join(itertools.repeat("a,b", 9)) + "\n\r\n\r"
    for encoding in ("utf-8", "utf-16"):
        assert read(text.encode(encoding)).dialect.line_end == end


def test_a_second_table_below_does_not_take_the_rows_of_the_first_for_a_preamble() -> None:
    data = b"phone,name\n4155550132,Ann\n4155550133,Bob\nphone,name,email\n4155550134,Cy,c@example.com\n"
    table = read(data, ReadOptions(wanted=("phone", "name", "email")))
    assert (table.header_line, table.preamble_lines, len(table.records)) == (1, 0, 4)


def test_a_first_contact_is_not_taken_for_a_header_where_columns_are_named_by_their_place() -> None:
    data = b"4155550132,Ann\n4155550133,Bob\n"
    wanted = ("column 1", "column 2")
    assert "it is a row" in refusal(data, ReadOptions(wanted=wanted)).message
    assert len(read(data, ReadOptions(wanted=wanted, header="none")).records) == 2
    assert read(data, ReadOptions(wanted=wanted, header=1)).headers == ("4155550132", "Ann")
    assert read(b"Phone,Name\n" + data, ReadOptions(wanted=wanted)).headers == ("Phone", "Name")


def test_a_truth_is_no_line_number() -> None:
    with pytest.raises(InputError, match=r"import\.header"):
        ReadOptions(header=True)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Person,,Contact,,Other\nFirst Name,Last Name,Mobile Phone,Email,Plan\nAnn,Lee,4155550132,a@x.com,Gold\n", 2),
        ("Persona,,Contacto\nNombre,Apellidos,Móvil\nAnn,Lee,4155550132\n", 2),
        ("A,,,\nB,,C,\nVorname,Name,Handy,Mail\nAnn,Lee,4155550132,a@x.com\n", 3),
        ("Name,,Phone,Email\nAnn,Lee,unknown,none\nBob,Ray,4155550133,b@x.com\n", 1),
        ("Name,,Phone\nAnn,Lee,4155550132\nBob,Ray,4155550133\n", 1),
        ("Name,Phone\nAnn,4155550132\n", 1),
    ],
)
def test_a_row_of_groups_above_the_names_is_no_header(text: str, line: int) -> None:
    assert find_shape(text, ReadOptions()).header == line
