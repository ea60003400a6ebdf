"""Bytes become numbered rows, verbatim, or one clear refusal."""

import csv
import io
import os
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.models import Row
from pipeline.reader import Dialect, open_source

DATA = Path(__file__).parents[2] / "shared" / "data"


def read(data: bytes, *, chunk_rows: int = 10_000) -> tuple[tuple[str, ...], Dialect, list[Row]]:
    with open_source(None, chunk_rows=chunk_rows, stdin=io.BytesIO(data)) as table:
        return table.headers, table.dialect, [row for chunk in table.chunks() for row in chunk]


def rows_of(data: bytes) -> list[tuple[int, tuple[str, ...]]]:
    return [(row.line, row.cells) for row in read(data)[2]]


def refusal(data: bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        read(data)
    assert caught.value.exit_code == 2
    assert caught.value.advice
    assert str(caught.value).isascii()
    return caught.value


def test_a_file_gives_its_name_headers_and_rows(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(b"Name,Phone\nAnn,14155550100\nBob,14155550101\n")
    with open_source(path) as table:
        assert (table.name, table.headers) == ("people.csv", ("Name", "Phone"))
        assert list(table.chunks()) == [[Row(2, ("Ann", "14155550100")), Row(3, ("Bob", "14155550101"))]]


def test_standard_input_is_named_and_left_open() -> None:
    stdin = io.BytesIO(b"a\n1\n")
    with open_source(None, stdin=stdin) as table:
        assert table.name == "standard input"
        assert [len(chunk) for chunk in table.chunks()] == [1]
    assert not stdin.closed


def test_the_process_own_standard_input_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"a,b\n1,2\n")))
    with open_source(None) as table:
        assert list(table.chunks()) == [[Row(2, ("1", "2"))]]


@pytest.mark.parametrize(
    ("data", "dialect", "headers"),
    [
        (b"a,b\n", Dialect("utf-8", ","), ("a", "b")),
        (b"\xef\xbb\xbfa,b\n", Dialect("utf-8-sig", ","), ("a", "b")),
        (b'\xef\xbb\xbf"a",b\n', Dialect("utf-8-sig", ","), ("a", "b")),
        (b"a;b\n1,2;3\n", Dialect("utf-8", ";"), ("a", "b")),
        (b"a\tb\n", Dialect("utf-8", "\t"), ("a", "b")),
        (b"a|b\n", Dialect("utf-8", "|"), ("a", "b")),
        (b"a`b\n", Dialect("utf-8", "`"), ("a", "b")),
        (b"a^b\n", Dialect("utf-8", "^"), ("a", "b")),
        (b"a|b;c|d\n", Dialect("utf-8", "|"), ("a", "b;c", "d")),
        (b"a;b,c\n", Dialect("utf-8", ","), ("a;b", "c")),
        (b'"last, first";phone\n', Dialect("utf-8", ";"), ("last, first", "phone")),
        (b'"two\nlines, here";phone\n', Dialect("utf-8", ";"), ("two\nlines, here", "phone")),
        (b"phone\n", Dialect("utf-8", ","), ("phone",)),
        (b"\r\n  \r\na;b\r\n", Dialect("utf-8", ";"), ("a", "b")),
        ("T\u00e9l,\u2028\n".encode(), Dialect("utf-8", ","), ("T\u00e9l", "\u2028")),
    ],
)
def test_the_header_tells_encoding_and_delimiter(data: bytes, dialect: Dialect, headers: tuple[str, ...]) -> None:

    assert read(data)[:2] == (headers, dialect)


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
        (b'a,b\n"p\nq","x', [(2, ("p\nq", "x"))]),
        (b"a,b\n1,\xff\xe9\n2,\xc3\xa9\n", [(2, ("1", "\udcff\udce9")), (3, ("2", "\u00e9"))]),
    ],
)
def test_rows_are_verbatim_and_numbered_by_physical_line(data: bytes, rows: list[tuple[int, tuple[str, ...]]]) -> None:
    assert rows_of(data) == rows


def test_chunks_have_at_most_the_rows_asked_for() -> None:
    data = b"a\n" + b"1\n" * 7
    with open_source(None, chunk_rows=3, stdin=io.BytesIO(data)) as table:
        assert [len(chunk) for chunk in table.chunks()] == [3, 3, 1]
        assert list(table.chunks()) == []
    with pytest.raises(ValueError, match="at least 1"), open_source(None, chunk_rows=0, stdin=io.BytesIO(data)):
        pass


def test_a_chunk_of_wide_rows_is_handed_on_early() -> None:
    row = b"x" * (9 << 20) + b"\n"
    with open_source(None, stdin=io.BytesIO(b"a\n" + row * 7)) as table:
        assert [len(chunk) for chunk in table.chunks()] == [5, 2]


class Endless(io.RawIOBase):
    """A stream without end that counts what was taken from it."""

    def __init__(self) -> None:
        self.taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = (b"14155550100\n" * (len(buffer) // 12 + 1))[: len(buffer)]
        buffer[:] = data
        self.taken += len(data)
        return len(data)


def test_a_stream_without_end_is_read_only_as_far_as_needed() -> None:
    endless = Endless()
    with open_source(None, chunk_rows=100, stdin=io.BufferedReader(endless)) as table:
        assert len(next(table.chunks())) == 100
    assert endless.taken < 1_000_000


class Broken(io.RawIOBase):
    """A stream whose disk fails after some bytes."""

    def __init__(self, data: bytes) -> None:
        self.pieces: Iterator[bytes] = iter([data[:70_000], data[70_000:]])

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        piece = next(self.pieces, b"")
        if not piece:
            raise OSError(5, "Input/output error")
        buffer[: len(piece)] = piece
        return len(piece)


@pytest.mark.parametrize(("size", "words"), [(0, "cannot be read"), (40_000, "after line 40")])
def test_a_failing_disk_is_told_with_the_line(size: int, words: str) -> None:
    data = b"a\n" + b"x" * 997 + b"\n"
    stream = Broken((data * 41)[:size] if size == 0 else b"a\n" + (b"x" * 1999 + b"\n") * 39)
    with pytest.raises(InputError, match=words), open_source(None, stdin=stream) as table:  # type: ignore[arg-type]
        list(table.chunks())


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty (0 bytes)"),
        (b"\n\r\n", "no header line"),
        (b"  \n \n", "no header line"),
        (b"\xef\xbb\xbf", "no header line"),
        ("a,b\n1,2".encode("utf-16"), "UTF-16"),
        (b"\xfe\xff" + "a,b".encode("utf-16-be"), "UTF-16"),
        ("a,b\n1,2".encode("utf-16-le"), "NUL bytes"),
        (b"\x1f\x8b\x08\x00rest", "gzip"),
        (b"PK\x03\x04....xl/workbook.xml", "Excel workbook (.xlsx)"),
        (b"PK\x03\x04....people.csv", "zip archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "(.xls)"),
        (b"%PDF-1.7", "PDF"),
        (b"SQLite format 3\x00", "SQLite"),
        (b"\x7fELF" + bytes(100), "binary"),
        (b"a\nx\n" + b"y" * (11 << 20), "line 3"),
        (b'a\n"x\n' + (b"y" * 99 + b"\n") * (11 << 14), "line 2"),
    ],
)
def test_what_is_no_table_is_refused_in_its_own_words(data: bytes, words: str) -> None:
    assert words in refusal(data).message


def test_a_real_workbook_is_known(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("[Content_Types].xml", "<Types/>")
    with pytest.raises(InputError, match="Excel workbook"), open_source(path):
        pass


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


def test_a_missing_file_a_folder_and_an_impossible_name(tmp_path: Path) -> None:
    for path, words in [
        (tmp_path / "none.csv", "does not exist"),
        (tmp_path, "is a folder"),
        (tmp_path / "x\0y", "cannot be opened"),
    ]:
        with pytest.raises(InputError, match=words) as caught, open_source(path):
            pass
        assert caught.value.advice


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="an administrator may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "secret.csv"
    path.write_bytes(b"a\n")
    path.chmod(0)
    with pytest.raises(InputError, match="permission denied"), open_source(path):
        pass


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8) | st.text(
    st.sampled_from('a,;|\t"\r\n \x0b\x0c\x1c\x85\u2028'), max_size=6
)


def written(table: Sequence[Sequence[str]], ending: str) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=ending, quoting=csv.QUOTE_ALL).writerows(table)
    return text.getvalue().encode()


@given(
    st.integers(1, 4).flatmap(lambda width: st.lists(st.tuples(*[CELLS] * width), max_size=8)),
    st.sampled_from(["\n", "\r", "\r\n"]),
    st.integers(1, 3),
    st.booleans(),
)
def test_any_written_table_comes_back_verbatim_with_its_lines(
    table: list[tuple[str, ...]], ending: str, chunk_rows: int, mark: bool
) -> None:
    width = len(table[0]) if table else 2
    headers = tuple(f"h{number}" for number in range(width))
    data = written([headers, *table], ending)
    line, expected = 2, []
    for cells in table:
        expected.append(Row(line, cells))
        line += len(re.findall("\r\n|\r|\n", written([cells], ending).decode()))
    got_headers, _, rows = read(b"\xef\xbb\xbf" * mark + data, chunk_rows=chunk_rows)
    assert (got_headers, rows) == (headers, expected)


@given(
    st.binary(max_size=200)
    | st.lists(st.sampled_from([b"a", b",", b'"', b"\r", b"\n", b"\xff", b"\x00", b";"]), max_size=40).map(b"".join)
)
def test_any_bytes_give_rows_or_an_input_error(data: bytes) -> None:
    try:
        _, _, rows = read(data)
    except InputError:
        return
    lines = len(re.findall(rb"\r\n|\r|\n", data)) + 1
    assert [row.line for row in rows] == sorted({row.line for row in rows})
    assert all(1 < row.line <= lines for row in rows)


def shared_tables() -> list[tuple[str, int]]:
    """The comma-separated UTF-8 files of the shared index with a header, and their stated row counts."""
    index = DATA / "INDEX.md"
    if not index.exists():
        return []
    tables = []
    for line in index.read_text(encoding="utf-8").splitlines():
        columns = [column.strip() for column in re.split(r"(?<!\\)\|", line)]
        if len(columns) < 10 or not columns[1].startswith("`"):
            continue
        if columns[6].startswith(("ascii", "utf-8")) and columns[7] == "`,`" and columns[10] == "yes":
            tables.append((columns[1].strip("`"), int(columns[8])))
    return tables


def test_shared_files_have_their_stated_rows() -> None:
    tables = [(name, rows) for name, rows in shared_tables() if (DATA / name).exists()]
    if not tables:
        if os.environ.get("CI"):
            pytest.fail(f"CI needs {DATA}")
        pytest.skip("the shared data are not beside this checkout")
    for name, rows in tables:
        with open_source(DATA / name) as table:
            assert (name, sum(map(len, table.chunks()))) == (name, rows)
    assert len(tables) >= 10
