"""Bytes become numbered rows, verbatim, or one clear refusal."""

import io
import os
import threading
from pathlib import Path

import pytest

from pipeline.errors import InputError
from pipeline.reader.tables import Dialect, ReadOptions, Source, open_table
from tests.reader.tables.reading import STDIN, read, refusal
from tests.rights import as_anybody


def test_a_file_gives_its_name_headers_and_rows(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(b"Name,Phone\nAnn,14155550100\nBob,14155550101\n")
    table = read(path)
    assert (table.name, table.headers, table.header_line) == ("people.csv", ("Name", "Phone"), 1)
    assert table.rows == [(2, ("Ann", "14155550100")), (3, ("Bob", "14155550101"))]
    assert table.dialect == Dialect("utf-8", ",", "\n", "", "valid UTF-8")


def test_standard_input_is_named_and_left_open() -> None:
    stdin = io.BytesIO(b"a\n1\n")
    with open_table(STDIN, stdin=stdin) as table:
        assert table.name == "standard input"
        assert [len(chunk.records) for chunk in table.chunks()] == [1]
    assert not stdin.closed


def test_the_process_own_standard_input_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"a,b\n1,2\n")))
    with open_table(STDIN) as table:
        assert [chunk.records for chunk in table.chunks()] == [[["1", "2"]]]


def test_chunks_have_at_most_the_rows_asked_for_and_each_row_is_given_once() -> None:
    with open_table(STDIN, ReadOptions(chunk_rows=3), stdin=io.BytesIO(b"a\n" + b"1\n" * 7)) as table:
        assert [len(chunk.records) for chunk in table.chunks()] == [3, 3, 1]
        assert list(table.chunks()) == []


def test_a_chunk_of_long_rows_is_handed_on_early() -> None:
    row = b"x" * (9 << 20) + b"\n"
    assert read(b"a\n" + row * 5).sizes == (2, 2, 1)


def test_a_chunk_of_wide_rows_is_handed_on_early() -> None:
    width = 10_000
    row = b",".join([b"1"] * width) + b"\n"
    table = read(b",".join(b"h%d" % number for number in range(width)) + b"\n" + row * 400)
    assert (len(table.headers), sum(table.sizes), max(table.sizes)) == (width, 400, 150)


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
    with open_table(STDIN, ReadOptions(chunk_rows=100), stdin=io.BufferedReader(endless)) as table:
        assert len(next(table.chunks()).records) == 100
    assert endless.taken < 2_000_000


class Broken(io.RawIOBase):
    """A stream whose disk fails after some bytes, and which then looks as if it had ended."""

    def __init__(self, data: bytes) -> None:
        self.data = io.BytesIO(data)
        self.failed = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        size = self.data.readinto(buffer)
        if not size and not self.failed:
            self.failed = True
            raise OSError(5, "Input/output error")
        return size


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "standard input cannot be read: Input/output error"),
        (b"a\n" + b"x\n" * 39 + b"yy", "could not be read after line 40: Input/output error"),
        (b"a\n" + (b"x" * 999 + b"\n") * 2399, "could not be read after line 2400: Input/output error"),
    ],
)
def test_a_failing_disk_is_told_with_the_line(data: bytes, words: str) -> None:
    with (
        pytest.raises(InputError, match=words),
        open_table(STDIN, stdin=io.BufferedReader(Broken(data))) as table,
    ):
        list(table.chunks())


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty (0 bytes)"),
        (b"\n\r\n", "no header line"),
        (b"  \n \n", "no header line"),
        (b"\xef\xbb\xbf", "no header line"),
        (b"\xff\xfe", "no header line"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(9), "7z archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "(.xls)"),
        (b"%PDF-1.7", "PDF"),
        (b"SQLite format 3\x00", "SQLite"),
        (b"people.csv".ljust(257, b"\0") + b"ustar\x00", "tar archive"),
        (b"PK\x05\x06" + bytes(18), "empty zip archive"),
        (b"\x7fELF" + bytes(100), "NUL bytes"),
        (b"\xef\xbb\xbf\x7fELF" + bytes(100), "NUL bytes"),
        (bytes(range(1, 256)), "control characters"),
        (b"a\nx\n" + b"y" * (11 << 20), "line 3: the record that begins here is longer than 10 MiB"),
        (b"a,b\nx,y\n" + b"y" * (20 << 20) + b"\n", "line 3: the record that begins here is longer than 10 MiB"),
        (b'a\n"x\n' + (b"y" * 99 + b"\n") * (11 << 14), "line 2: the record that begins here is longer than 10 MiB"),
        (b'a,b\n1,"' + b'x\n","' * (3 << 20), "line 2: the record that begins here is longer than 10 MiB"),
    ],
)
def test_what_is_no_table_is_refused_in_its_own_words(data: bytes, words: str) -> None:
    assert words in refusal(data).message


def test_a_missing_file_a_folder_and_impossible_names(tmp_path: Path) -> None:
    for path, words in [
        (tmp_path / "none.csv", "does not exist"),
        (tmp_path, "is a folder"),
        (tmp_path / "x\0y", "cannot be opened"),
        (tmp_path / "\udcff.csv", "does not exist"),
    ]:
        assert words in refusal(path).message


def test_a_file_whose_name_is_no_text_is_read_and_named(tmp_path: Path) -> None:
    path = Path(os.fsdecode(bytes(tmp_path) + b"/\xff.csv"))
    try:
        path.write_bytes(b"a\n1\n")
    except OSError:
        pytest.skip("this file system wants names that are text")
    assert read(path).name == "<U+DCFF>.csv"


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "secret.csv"
    path.write_bytes(b"a\n")
    path.chmod(0)
    with as_anybody():
        assert "permission denied" in refusal(path).message


@pytest.mark.parametrize(
    ("forced", "words"),
    [
        ({"encoding": "base64"}, "There is no text encoding 'base64'"),
        ({"encoding": "klingon"}, "There is no text encoding 'klingon'"),
        ({"encoding": "idna"}, "There is no text encoding 'idna'"),
        ({"encoding": "\0"}, "There is no text encoding '<NUL>'"),
        ({"delimiter": ";;"}, "A delimiter is one character"),
        ({"delimiter": '"'}, "A delimiter is one character"),
        ({"header": "first"}, "A header is auto, none or the number of its line"),
        ({"header": 0}, "A header is auto, none or the number of its line"),
        ({"comment": "#\n"}, "A comment mark holds no line break"),
    ],
)
def test_options_that_nothing_can_be_read_with_are_refused(forced: dict[str, str | int], words: str) -> None:
    with pytest.raises(InputError) as caught:
        read(b"a\n1\n", ReadOptions(**forced))  # type: ignore[arg-type]  # the wrong ones are the point
    assert words in caught.value.message
    with pytest.raises(ValueError, match="at least 1"):
        ReadOptions(chunk_rows=0)


def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    source = Source(str(path))
    assert source.path is None
    writer = threading.Thread(target=path.write_bytes, args=[b"a\n1\n"])
    writer.start()
    assert read(source).rows == [(2, ("1",))]
    writer.join()
