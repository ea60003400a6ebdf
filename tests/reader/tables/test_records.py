"""Records keep their cells verbatim and know the lines on which they stand."""

import pytest

from pipeline.reader.tables import ReadOptions
from tests.reader.tables.reading import read, refusal


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        (b"a,b\n1,2", [(2, ("1", "2"))]),
        (b"a,b\r1,2\r3,4\r", [(2, ("1", "2")), (3, ("3", "4"))]),
        (b"a,b\r\n1,2\n3,4\r5,6\r\n", [(2, ("1", "2")), (3, ("3", "4")), (4, ("5", "6"))]),
        (b'a,b\r\n"x\r\ny",2\r\n3,4\r\n', [(2, ("x\r\ny", "2")), (4, ("3", "4"))]),
        (b'a,b\n"x\ry\nz",2\n3,4\n', [(2, ("x\ry\nz", "2")), (5, ("3", "4"))]),
        (b"\n\na,b\n\n1,2\n  \t \n3,4\n", [(5, ("1", "2")), (7, ("3", "4"))]),
        (b"a\n1\n\n2\n", [(2, ("1",)), (4, ("2",))]),
        (b'a\n""\n" "\n', [(2, ("",)), (3, (" ",))]),
        (b"a,b\n,\n1\n1,2,3\n", [(2, ("", "")), (3, ("1",)), (4, ("1", "2", "3"))]),
        (
            b"a,b\nx\x0by\x0c,\x1c\x1d\x1e\xc2\x85\xe2\x80\xa8\n3,4",
            [(2, ("x\x0by\x0c", "\x1c\x1d\x1e\x85\u2028")), (3, ("3", "4"))],
        ),
        (b"a,b\n37'36\"N,5'5\"\n3,4", [(2, ("37'36\"N", "5'5\"")), (3, ("3", "4"))]),
        (b"a,b,c\n1,\x00,3\n4,5,6\n", [(2, ("1", "\x00", "3")), (3, ("4", "5", "6"))]),
        (b'a,b\n1,"x', [(2, ("1", "x"))]),
        (b'a,b\n1,"x\n', [(2, ("1", "x\n"))]),
        (b'a,b\n"p\nq","x', [(2, ("p\nq", "x"))]),
    ],
)
def test_rows_are_verbatim_and_numbered_by_physical_line(data: bytes, rows: list[tuple[int, tuple[str, ...]]]) -> None:
    assert read(data).rows == rows


def test_a_row_names_the_lines_on_which_it_begins_and_ends() -> None:
    assert read(b'a,b\r\n"x\r\n\r\ny",2\r\n\r\n3,4\r\n').spans == ((2, 4), (6, 6))


@pytest.mark.parametrize("padding", range(-3, 4))
def test_a_line_end_on_the_border_of_two_blocks_is_one(padding: int) -> None:
    filler = "x" * (256 * 1024 - len("a,b\r\n,\r") + padding)
    table = read(f"a,b\r\n{filler},\r\n3,4\r\n".encode())
    assert table.rows == [(2, (filler, "")), (3, ("3", "4"))]


def test_comment_lines_are_left_out_and_counted_where_a_record_would_begin() -> None:
    data = b'# made today\nName,Phone\n# 5" screens\nAnn,1\n"B\n# no comment",2\n#\n\n# end\nCy,3\n# "\n'
    table = read(data, ReadOptions(comment="#", chunk_rows=1))
    assert table.headers == ("Name", "Phone")
    assert table.rows == [(4, ("Ann", "1")), (5, ("B\n# no comment", "2")), (10, ("Cy", "3"))]
    assert table.spans == ((4, 4), (5, 6), (10, 10))
    assert (table.header_line, table.preamble_lines, table.comment_lines) == (2, 0, 5)
    assert read(data).rows[0] == (2, ("Name", "Phone"))


def test_a_cell_of_nearly_ten_mebibytes_is_read() -> None:
    cell = "x" * (10 << 20)
    assert read(f"a,b\n1,{cell}\n2,3\n".encode()).records == (("1", cell), ("2", "3"))


@pytest.mark.parametrize(
    ("data", "opened", "end"),
    [
        (b'a,b\n1,2\n3,"x\n5,6\n7,8\n', 3, 5),
        (b'a,b\n1,2\n3,"x\n5,6\n7,8', 3, 5),
        (b'a,b\r"p\rq","x\ry\rz', 3, 5),
        (b'a,"b\n1,2\n', 1, 2),
    ],
)
def test_a_quote_left_open_is_refused_where_it_opens(data: bytes, opened: int, end: int) -> None:
    message = refusal(data).message
    assert f"line {opened}:" in message
    assert f"(line {end})" in message
