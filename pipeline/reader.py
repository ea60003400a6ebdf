"""The input as a table: a stream of bytes becomes headers and numbered rows, whatever its size."""

import csv
import io
import re
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import InputError
from pipeline.models import Row

_RECORD_LIMIT = 10 * 1024 * 1024
"""Characters of one record, and so of one cell: above it a quote was left open, or this is no contact list."""

_CHUNK_LIMIT = 4 * _RECORD_LIMIT
"""Characters after which a chunk is handed on, however few rows it has: it bounds the memory of wide tables."""

_HEAD_BYTES = 64 * 1024
_HEADER_LINES = 50
"""Physical lines that a header record may have when the delimiter is looked for."""

_BOM = b"\xef\xbb\xbf"
_OTHER_DELIMITERS = ";\t|`^"
"""What may stand where the header has no comma: Excel in much of Europe, databases, bulk exports of CRM systems."""

_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_STANDARD_INPUT = "standard input"
_AS_CSV = "Save it as CSV (UTF-8, comma separated) and give that file."

_MAGIC = (
    (b"\x1f\x8b", "a gzip file", "Unpack it first: gunzip, or zcat FILE piped into the command."),
    (b"BZh", "a bzip2 file", "Unpack it first (bunzip2)."),
    (b"\xfd7zXZ\x00", "an xz file", "Unpack it first (unxz)."),
    (b"\x28\xb5\x2f\xfd", "a zstd file", "Unpack it first (unzstd)."),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "Unpack it first."),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)", _AS_CSV),
    (b"%PDF-", "a PDF document", "Export the list as CSV from where the PDF was made."),
    (b"SQLite format 3\x00", "an SQLite database", "Export the table as CSV."),
    (b"\x89PNG", "a picture", "Give the CSV file."),
    (b"\xff\xd8\xff", "a picture", "Give the CSV file."),
    (b"\xff\xfe", "UTF-16 text", "Save it as UTF-8, for example: iconv -f UTF-16 -t UTF-8 FILE."),
    (b"\xfe\xff", "UTF-16 text", "Save it as UTF-8, for example: iconv -f UTF-16 -t UTF-8 FILE."),
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the input is written. `encoding` is utf-8 or utf-8-sig (with a byte order mark)."""

    encoding: str
    delimiter: str


class TableReader:
    """An opened table. `name` is the file's name or "standard input"; `headers` are verbatim."""

    def __init__(self, name: str, lines: "_Lines", encoding: str, chunk_rows: int) -> None:
        self.name = name
        self.dialect = Dialect(encoding, _delimiter_of(lines.peek_header()))
        self._chunk_rows = chunk_rows
        self._lines = lines
        self._records = _records(lines, self.dialect.delimiter)
        header = next((record for record in self._records if not _is_blank(record.cells)), None)
        if header is None:
            raise InputError(f"{name} is empty: it has no header line.", advice="Give a CSV file with a header line.")
        self.headers = header.cells

    def chunks(self) -> Iterator[list[Row]]:
        """The rows from where reading stands, at most `chunk_rows` at a time; each row is given once.

        Bytes that are not UTF-8 arrive as lone surrogates (`surrogateescape`) in their cell, for the mapping to
        reject that row alone. Raises InputError where the table cannot be followed any further.
        """
        chunk: list[Row] = []
        characters = 0
        for row in self._records:
            if _is_blank(row.cells) and len(self.headers) > 1:
                continue
            chunk.append(row)
            characters += self._lines.size
            if len(chunk) >= self._chunk_rows or characters >= _CHUNK_LIMIT:
                yield chunk
                chunk, characters = [], 0
        if chunk:
            yield chunk


@contextmanager
def open_source(path: Path | None, *, chunk_rows: int = 10_000, stdin: BinaryIO | None = None) -> Iterator[TableReader]:
    """Open a CSV file, or standard input where `path` is None, as a table.

    UTF-8 with or without a byte order mark. The delimiter is the comma; where the header has none outside quotes, it
    is the most frequent of semicolon, tab, bar, backquote and caret. Lines end with LF, CR, CRLF or a mixture; a row
    carries the physical line on which it begins; blank lines are not rows. Raises InputError (exit 2) for anything
    that is no such table. Standard input is read once and not closed.
    """
    if chunk_rows < 1:
        raise ValueError("chunk_rows must be at least 1")
    if path is None:
        with _open_table(_STANDARD_INPUT, stdin or sys.stdin.buffer, chunk_rows) as table:
            yield table
        return
    with _open_file(path) as stream, _open_table(_shown(path), stream, chunk_rows) as table:
        yield table


def _shown(path: Path) -> str:
    # A file name may hold bytes that are no text; they must not keep anybody from naming it.
    return path.name.encode("utf-8", "backslashreplace").decode()


def _open_file(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise InputError(f"{path} does not exist.", advice="Check the path and the current folder.") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder, not a file.", advice="Name one CSV file in it.") from None
    except PermissionError:
        kind = "is a folder, not a file" if path.is_dir() else "may not be read by this user (permission denied)"
        raise InputError(f"{path} {kind}.", advice="Name a CSV file that you may read.") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be opened: {error}.", advice="Check the path.") from error


@contextmanager
def _open_table(name: str, stream: BinaryIO, chunk_rows: int) -> Iterator[TableReader]:
    try:
        head = stream.read(_HEAD_BYTES)
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error}.", advice="Check the file and its disk.") from error
    _refuse_foreign(name, head)
    encoding = "utf-8-sig" if head.startswith(_BOM) else "utf-8"
    raw = io.BufferedReader(_Replay(head, stream), _HEAD_BYTES)
    # newline="" splits at LF, CR and CRLF alone and keeps them, so that the count of physical lines stays exact.
    with io.TextIOWrapper(raw, encoding=encoding, errors="surrogateescape", newline="") as text:
        yield TableReader(name, _Lines(name, text), encoding, chunk_rows)


def _refuse_foreign(name: str, head: bytes) -> None:
    """Raise InputError for what is certainly no UTF-8 table, in the words of what it looks like."""
    if not head:
        raise InputError(f"{name} is empty (0 bytes).", advice="Give a CSV file with a header line.")
    if head.startswith(b"PK\x03\x04"):
        what = "an Excel workbook (.xlsx)" if b"xl/" in head or b"[Content_Types]" in head else "a zip archive"
        raise InputError(f"{name} is {what}, not CSV text.", advice=_AS_CSV)
    for magic, what, advice in _MAGIC:
        if head.startswith(magic):
            raise InputError(f"{name} is {what}, not UTF-8 CSV text.", advice=advice)
    # A single NUL may sit in a cell of an honest table; a tenth of all bytes never does.
    if head.count(0) * 10 > len(head):
        raise InputError(
            f"{name} is full of NUL bytes: it is a binary file, or UTF-16 text without its mark.", advice=_AS_CSV
        )


class _Replay(io.RawIOBase):
    """The bytes already read for a look, then the rest of the stream; closing it leaves the stream open."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head = head
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        # BufferedReader always hands a memoryview; the type in typeshed is any writable buffer.
        piece = self._head[: len(buffer)] or self._stream.read(len(buffer))
        self._head = self._head[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)


class _Lines:
    """Physical lines for the csv module, counted. `size` sums their characters since it was last set to 0."""

    def __init__(self, name: str, text: io.TextIOWrapper) -> None:
        self.name = name
        self.number = 0
        self.size = 0
        self.record = 1
        self.ended = False
        self._text = text
        self._waiting: deque[str] = deque()

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else self._read()
        if not line:
            self.ended = True
            raise StopIteration
        self.number += 1
        self.size += len(line)
        if self.size > _RECORD_LIMIT:
            raise InputError(
                f"{self.name}, line {self.record}: the record that begins here is longer than 10 MiB.",
                advice='Look for a quote (") that is opened in that record and never closed, or shorten the cell.',
            )
        return line

    def begin_record(self) -> None:
        """The next line begins a record."""
        self.record = self.number + 1
        self.size = 0

    def peek_header(self) -> str:
        """The text of the first record, blank lines left out, without taking it away."""
        text = ""
        while len(self._waiting) < _HEADER_LINES:
            line = self._read()
            if not line:
                break
            self._waiting.append(line)
            text += line
            if text.strip() and text.count('"') % 2 == 0:
                break
        return text

    def _read(self) -> str:
        try:
            return self._text.readline(_RECORD_LIMIT + 1)
        except OSError as error:
            raise InputError(
                f"{self.name} could not be read after line {self.number}: {error}.", advice="Check the file's disk."
            ) from error


def _delimiter_of(header: str) -> str:
    bare = _QUOTED.sub("", header)
    if "," in bare or not any(mark in bare for mark in _OTHER_DELIMITERS):
        return ","
    return max(_OTHER_DELIMITERS, key=bare.count)


def _records(lines: _Lines, delimiter: str) -> Iterator[Row]:
    """The records that are not empty lines, each with the line it begins on."""
    csv.field_size_limit(max(csv.field_size_limit(), _RECORD_LIMIT))
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        lines.begin_record()
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise InputError(
                f"{lines.name}, line {lines.record}: this record cannot be read as CSV ({error}).",
                advice="Correct that line.",
            ) from error
        if cells is None:
            return
        # Only a record that wants more lines than there are meets the end of the file: its quote is open.
        if lines.ended and lines.size:
            _refuse_open_quote(lines, cells[-1])
        if cells:
            yield Row(lines.record, tuple(cells))


def _refuse_open_quote(lines: _Lines, cell: str) -> None:
    """Raise InputError if the open quote swallowed lines; one that is opened on the last line harms nobody else."""
    opened = lines.number - len(_LINE_BREAK.findall(cell)) + cell.endswith(("\r", "\n"))
    if opened < lines.number:
        raise InputError(
            f"{lines.name}, line {opened}: a quote is opened here and never closed, so that all lines from it to the "
            f"end (line {lines.number}) would be one cell.",
            advice='Close the quote, or write "" for a quote inside a cell.',
        )


def _is_blank(cells: tuple[str, ...]) -> bool:
    """Whether a line held nothing but blanks (the csv module calls that one cell)."""
    return len(cells) == 1 and cells[0].isspace()
