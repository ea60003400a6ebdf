"""An opened table: headers, and rows in chunks with the physical lines on which they stand."""

import csv
import io
import operator
from collections.abc import Iterator, Sequence
from itertools import compress
from typing import Protocol

from pipeline.errors import InputError
from pipeline.models import Chunk, RowFault
from pipeline.reader._rejects import clean_header, is_reject_header
from pipeline.reader._seal import Seals
from pipeline.reader.tables._bytes import BrokenStream
from pipeline.reader.tables._faults import (
    SwallowedLines,
    find_escaped_quotes,
    find_kept,
    find_undecodable,
    find_without_value,
)
from pipeline.reader.tables._kept import Decoded
from pipeline.reader.tables._options import Dialect, ReadOptions
from pipeline.reader.tables._records import LongRecord, RecordReader, TableRecord
from pipeline.reader.tables._shape import Shape, refuse_values_as_header

CHUNK_CELLS = 1_500_000
"""Cells of a chunk, whatever its rows: it bounds the memory of wide tables."""

_CHUNK_TEXT = 16 * 1024 * 1024
"""Characters of a chunk, whatever its rows."""


class Table(Protocol):
    """A table that can be read once, whatever kind of file it is in.

    `header_line` is the physical line on which the header begins, 0 where there is none; then the headers are
    "column 1", "column 2" and so on. `preamble_lines` are the lines above the header that are not blank. `left_out`
    names what else is in the archive or workbook and is not read.
    """

    name: str
    headers: tuple[str, ...]
    header_line: int
    preamble_lines: int
    dialect: Dialect
    left_out: tuple[str, ...]

    @property
    def comment_lines(self) -> int:
        """How many comment lines were left out so far."""
        ...

    def chunks(self) -> Iterator[Chunk]:
        """Yield the rows from where reading stands; each is given once.

        Blank lines are no rows. Raises InputError where the table cannot be followed any further.
        """
        ...


def numbered_headers(width: int) -> tuple[str, ...]:
    """Return what the columns of a table without a header are called."""
    return tuple(f"column {number}" for number in range(1, width + 1))


class TextTable:
    """A table in a text. It stands at the first row; what is above that was read when it was made."""

    def __init__(self, name: str, text: Decoded, shape: Shape, dialect: Dialect, options: ReadOptions) -> None:
        self.name = name
        self.dialect = dialect
        self.header_line = 0
        self.preamble_lines = 0
        self.left_out: tuple[str, ...] = ()
        self._text = text
        self._records = RecordReader(text, dialect.delimiter, shape.comment, shape.quoting)
        self.headers = clean_header(self._read_headers(shape))
        refuse_values_as_header(name, self.headers, options)
        self._chunk_rows = max(1, min(options.chunk_rows, CHUNK_CELLS // max(len(self.headers), 1)))
        self._is_ours = is_reject_header(self.headers)
        self._is_unsure = not shape.quoting and options.quoting == "auto" and not self._is_ours
        self._is_doubled = options.quoting == "doubled"
        self._seals = Seals(self.headers)
        self._swallowed = SwallowedLines(dialect.delimiter, self.headers, self._seals)

    @property
    def comment_lines(self) -> int:
        """See Table."""
        return self._records.comment_lines

    def chunks(self) -> Iterator[Chunk]:
        """See Table. Bytes that do not decode arrive as KEEP_BYTES leaves them, and their row with a fault."""
        while True:
            rows, starts, ends = self._read(self._chunk_rows)
            if not rows:
                return
            chunk = self._chunk(rows, starts, ends)
            if chunk.records:
                yield chunk

    def _read_headers(self, shape: Shape) -> tuple[str, ...]:
        if shape.has_note:
            self._pass(self._next_filled())
        if shape.header == 0:
            if not shape.width:
                raise InputError(f"{self.name} is empty: it has no rows.", advice="Give a CSV file with rows.")
            return numbered_headers(shape.width)
        record = self._next_filled()
        while record and shape.header and record.start < shape.header:
            self._pass(record)
            record = self._next_filled()
        if record is None or (shape.header and record.start != shape.header):
            raise self._without_header(shape.header)
        self.header_line = record.start
        return tuple(record.cells)

    def _next_filled(self) -> TableRecord | None:
        while True:
            rows, starts, ends = self._read(1)
            if not rows:
                return None
            record = TableRecord(starts[0], ends[0], rows[0])
            if record.filled:
                return record

    def _pass(self, record: TableRecord | None) -> None:
        """Count a record above the header."""
        if record:
            self.preamble_lines += record.end - record.start + 1

    def _without_header(self, line: int | None) -> InputError:
        if line is None:
            return InputError(
                f"{self.name} is empty: it has no header line.", advice="Give a CSV file with a header line."
            )
        return InputError(
            f"{self.name}: no record that could be a header begins on line {line}, where import.header says that it"
            " does.",
            advice='Count lines from 1, blank ones included; or leave it to the program: header = "auto".',
        )

    def _read(self, limit: int) -> tuple[list[list[str]], list[int], list[int]]:
        """Read some records. Raises InputError."""
        try:
            rows, starts, ends = self._records.read(limit, _CHUNK_TEXT)
        except LongRecord:
            raise self._stopped("is longer than 10 MiB") from None
        except csv.Error as error:
            is_long = "field larger" in str(error)
            raise self._stopped("is longer than 10 MiB" if is_long else f"cannot be read as CSV ({error})") from error
        except BrokenStream as error:
            raise InputError(
                f"{self.name} could not be read after line {self._records.line}: {error}.", advice=error.advice
            ) from error
        if self._records.is_cut:
            self._refuse_open_quote(rows[-1][-1], ends[-1])
        return rows, starts, ends

    def _stopped(self, why: str) -> InputError:
        return InputError(
            f"{self.name}, line {self._records.line + 1}: the record that begins here {why}.",
            advice='Look for a quote (") that is opened in that record and never closed, or shorten the cell.',
        )

    def _refuse_open_quote(self, cell: str, end: int) -> None:
        """Raise InputError if the open quote swallowed lines; one that is opened on the last line harms nobody else."""
        opened = end + 1 - len(io.StringIO(cell, newline="").readlines())
        if opened < end:
            raise InputError(
                f"{self.name}, line {opened}: a quote is opened here and never closed, so that all lines from it to"
                f" the end (line {end}) would be one cell.",
                advice='Close the quote, or write "" for a quote inside a cell.',
            )

    def _chunk(self, rows: list[list[str]], starts: list[int], ends: list[int]) -> Chunk:
        if min(map(len, rows)) <= 1:
            is_alone = len(self.headers) <= 1
            kept = [place for place, cells in enumerate(rows) if cells and (is_alone or not _is_blank(cells))]
            rows = [rows[place] for place in kept]
            starts, ends = [starts[place] for place in kept], [ends[place] for place in kept]
        notes = self._seals.restore(rows)
        return Chunk(starts, ends, rows, self._faults(rows, starts, ends, is_restored=bool(notes)), notes)

    def _faults(
        self, rows: Sequence[list[str]], starts: Sequence[int], ends: Sequence[int], *, is_restored: bool
    ) -> dict[int, RowFault]:
        faults: dict[int, RowFault] = {}
        is_cut = self._records.is_cut
        if rows and (is_cut or ends[-1] - starts[0] >= len(rows)):
            suspects = list(compress(range(len(rows)), map(operator.gt, ends, starts)))
            if is_cut and ends[-1] == starts[-1]:
                suspects.append(len(rows) - 1)
            for place in suspects:
                if fault := self._swallowed.find(rows[place], starts[place], ends[place]):
                    faults[place] = fault
        if self._is_ours:
            faults |= find_kept(rows, self.headers, doubled=self._is_doubled) | find_without_value(rows)
        if self._is_unsure and self._text.has_escaped_quote:
            faults |= find_escaped_quotes(rows)
        if self._text.has_kept or is_restored:
            faults |= find_undecodable(rows, self.dialect.encoding)
        return faults


def _is_blank(cells: Sequence[str]) -> bool:
    """Whether a line held nothing but blanks (the csv module calls that one cell)."""
    return len(cells) == 1 and not cells[0].strip()
