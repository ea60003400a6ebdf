"""The input as tables: any file that holds rows becomes headers and numbered rows, whatever its size."""

import contextlib
import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from pipeline.errors import InputError
from pipeline.reader._bytes import BLOCK, LINE_LIMIT, Guarded, LongLine, Replay
from pipeline.reader._encoding import KEEP_BYTES, encoding_by_mark, guess_encoding, high_lines
from pipeline.reader._foreign import refuse_foreign
from pipeline.reader._options import Dialect, ReadOptions
from pipeline.reader._shape import Record, find_delimiter, find_header, sample_records
from pipeline.reader._sources import Source, expand_sources, open_bytes
from pipeline.reader._table import Table, TextTable
from pipeline.reader._workbook import open_workbook

__all__ = ["KEEP_BYTES", "Dialect", "ReadOptions", "Source", "Table", "expand_sources", "open_table"]

_HEAD = 1024 * 1024


@contextlib.contextmanager
def open_table(source: Source, options: ReadOptions | None = None, *, stdin: BinaryIO | None = None) -> Iterator[Table]:
    """Open a source as a table.

    What is not forced is found out: compression and encoding from the bytes, delimiter and header from the first
    lines. A row carries the physical lines it stands on; blank lines are not rows. Raises InputError (exit 2) for
    anything that is no such table. Standard input is read once and not closed.
    """
    csv.field_size_limit(LINE_LIMIT)
    options = options or ReadOptions()
    forced = options.forced_encoding()
    with open_bytes(source, stdin) as (stream, compression):
        if compression == "workbook":
            with open_workbook(source.name, stream, options) as table:
                yield table
            return
        guarded = Guarded(source.name, stream)
        head = _read_head(source.name, guarded)
        refuse_foreign(source.name, head, forced)
        encoding, found_by = (forced, "setting") if forced else _find_encoding(source, head)
        raw = io.BufferedReader(Replay(head, io.BufferedReader(guarded, BLOCK)), BLOCK)
        # newline="" splits at LF, CR and CRLF alone and keeps them, so that the count of physical lines stays exact.
        with io.TextIOWrapper(raw, encoding=encoding, errors=KEEP_BYTES, newline="") as text:
            dialect = Dialect(encoding, "", _line_end(head), compression, found_by)
            yield _begin(text, head, dialect, options, guarded)


def _read_head(name: str, stream: Guarded) -> bytes:
    head = b""
    try:
        while len(head) < _HEAD and (piece := stream.read(_HEAD - len(head))):
            head += piece
    except LongLine:
        raise InputError(f"{name}: a line of its first mebibytes has no end.", advice="Give a CSV file.") from None
    return head


def _find_encoding(source: Source, head: bytes) -> tuple[str, str]:
    marked = encoding_by_mark(head)
    if marked:
        return marked, "byte order mark" if not marked.endswith(("-le", "-be")) else "its zero bytes"
    if len(head) < _HEAD:
        return guess_encoding(high_lines([head]))
    return guess_encoding(_high_lines_of_all(source, head))


def _high_lines_of_all(source: Source, head: bytes) -> bytes:
    """The lines with high bytes of the whole file, where it can be read a second time; else those of its head."""
    if source.path is None or not source.path.is_file():
        return high_lines([head])
    try:
        with open_bytes(source) as (again, _):
            return high_lines(iter(lambda: again.read(_HEAD), b""))
    except (InputError, OSError, EOFError):
        # The reading itself will meet the same fault and say where.
        return high_lines([head])


def _line_end(head: bytes) -> str:
    pairs = head.count(b"\r\n") + head.count(b"\r\x00\n")
    ends = {"\r\n": pairs, "\n": head.count(b"\n") - pairs, "\r": head.count(b"\r") - pairs}
    best = max(ends, key=lambda end: ends[end])
    return best if ends[best] > 0 else "\n"


def _begin(text: io.TextIOWrapper, head: bytes, dialect: Dialect, options: ReadOptions, meter: Guarded) -> TextTable:
    """Find delimiter and header in the head, and put the text behind the header."""
    name = meter.name
    shown = _decode_head(head, dialect.encoding)
    delimiter = find_delimiter(shown) if options.delimiter == "auto" else options.delimiter
    records = [record for record in sample_records(shown, delimiter) if not _is_comment(record, options.comment)]
    if not records:
        raise InputError(f"{name} is empty: it has no header line.", advice="Give a CSV file with a header line.")
    place = _header_place(name, records, options)
    header = records[place] if place is not None else None
    first = header.end + 1 if header else _first_row_line(records)
    try:
        for _ in range(first - 1):
            text.readline()
    except LongLine:
        raise InputError(f"{name}: a line before its rows has no end.", advice="Give a CSV file.") from None
    width = max(len(record.cells) for record in records)
    table = TextTable(
        name,
        text,
        header.cells if header else [f"column {number}" for number in range(1, width + 1)],
        Dialect(dialect.encoding, delimiter, dialect.line_end, dialect.compression, dialect.found_by),
        lines_before=first - 1,
        options=options,
        meter=meter,
    )
    table.header_line = header.start if header else 0
    table.preamble_lines = sum(record.end - record.start + 1 for record in records[: place or 0])
    return table


def _first_row_line(records: list[Record]) -> int:
    first = records[0]
    return first.end + 1 if len(first.cells) <= 2 and _is_separator_note(first) else 1


def _is_separator_note(record: Record) -> bool:
    text = record.cells[0].strip().lower()
    return text.startswith("sep=") and len(text) <= 5


def _is_comment(record: Record, comment: str) -> bool:
    return bool(comment) and record.cells[0].startswith(comment)


def _header_place(name: str, records: list[Record], options: ReadOptions) -> int | None:
    """The place of the header among the records, or None where there is none."""
    if options.header == "none":
        return None
    if isinstance(options.header, int):
        for place, record in enumerate(records):
            if record.start == options.header:
                return place
        raise InputError(
            f"{name}: no record begins at line {options.header}, where import.header says that the header is.",
            advice=f"The first ones begin at lines {', '.join(str(record.start) for record in records[:5])}.",
        )
    if _is_separator_note(records[0]) and len(records) > 1:
        return 1 + (find_header(records[1:], options.wanted) or 0)
    return find_header(records, options.wanted)


def _decode_head(head: bytes, encoding: str) -> str:
    """The head as text, without a last line that may be cut."""
    text = head.decode(encoding, KEEP_BYTES)
    if len(head) < _HEAD:
        return text
    return text[: max(text.rfind("\n"), text.rfind("\r")) + 1] or text
