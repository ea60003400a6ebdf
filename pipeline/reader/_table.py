"""An opened table: headers, and rows in chunks with the physical lines they stand on."""

import csv
import io
import itertools
from array import array
from collections.abc import Iterator, Sequence
from typing import Protocol

from pipeline.errors import InputError
from pipeline.models import Chunk, RowFault
from pipeline.reader._bytes import Guarded, LongLine
from pipeline.reader._encoding import kept_bytes
from pipeline.reader._faults import find_undecodable, swallowed_lines
from pipeline.reader._options import Dialect, ReadOptions

_CELLS = 1_500_000
"""Cells of a chunk, whatever its rows: it bounds the memory of wide tables."""

_STEP = 1_000
"""Records between two looks at how large a chunk has become."""

_TEXT = 16 * 1024 * 1024
"""Bytes that are read for a chunk."""


class Table(Protocol):
    """A table that can be read once, whatever kind of file it is in."""

    name: str
    headers: tuple[str, ...]
    header_line: int
    preamble_lines: int
    dialect: Dialect

    @property
    def comment_lines(self) -> int:
        """How many comment lines were left out so far."""
        ...

    def chunks(self) -> Iterator[Chunk]:
        """Yield the rows. Raises InputError where the table cannot be followed any further."""
        ...


class TextTable:
    """A table in a text. `text` stands at the first line after the header; `lines_before` were read already."""

    def __init__(
        self,
        name: str,
        text: io.TextIOWrapper,
        headers: Sequence[str],
        dialect: Dialect,
        *,
        lines_before: int,
        options: ReadOptions,
        meter: Guarded,
    ) -> None:
        self.name = name
        self.headers = tuple(headers)
        self.dialect = dialect
        self.header_line = 0
        self.preamble_lines = 0
        self._before = lines_before
        self._chunk_rows = max(1, min(options.chunk_rows, _CELLS // max(len(headers), 1)))
        self._lines = _Uncommented(text, options.comment) if options.comment else text
        self._end = _End(self)
        self.rows: list[list[str]] = []
        self._reader = csv.reader(itertools.chain(self._lines, self._end), delimiter=dialect.delimiter)
        self._meter = meter
        self._kept_before = meter.kept_before

    @property
    def comment_lines(self) -> int:
        """See Table."""
        return self._lines.left_out if isinstance(self._lines, _Uncommented) else 0

    def chunks(self) -> Iterator[Chunk]:
        """See Table. Bytes that do not decode arrive as lone surrogates, and their row with a fault."""
        last_end = 0
        while True:
            self.rows = []
            ends: list[int] = []
            self._fill(ends)
            if not ends:
                return
            if self._end.rows_before is not None and len(self.rows) > self._end.rows_before:
                self._refuse_open_quote(ends)
            chunk = self._chunk(last_end, ends)
            last_end = ends[-1]
            if chunk.records:
                yield chunk

    def _fill(self, ends: list[int]) -> None:
        rows, reader = self.rows, self._reader
        began = self._meter.total
        try:
            while len(rows) < self._chunk_rows and self._meter.total - began < _TEXT:
                before = len(rows)
                for cells in itertools.islice(reader, min(_STEP, self._chunk_rows - before)):
                    rows.append(cells)
                    ends.append(reader.line_num)
                if len(rows) == before:
                    return
        except csv.Error as error:
            raise self._too_long(ends, str(error)) from error
        except LongLine:
            raise self._too_long(ends, "the line has no end") from None

    def _too_long(self, ends: Sequence[int], why: str) -> InputError:
        line = self._physical((ends[-1] if ends else self._reader.line_num) + 1)
        return InputError(
            f"{self.name}, line {line}: the record that begins here is longer than 10 MiB or cannot be read as CSV"
            f" ({why}). Nothing was sent.",
            advice='Look for a quote (") that is opened in that record and never closed, or shorten the cell.',
        )

    def _physical(self, line: int) -> int:
        """The physical line of the file for a line that the csv module counted."""
        if isinstance(self._lines, _Uncommented):
            return self._before + self._lines.physical(line)
        return self._before + line

    def _chunk(self, last_end: int, ends: list[int]) -> Chunk:
        starts = [last_end + 1, *(end + 1 for end in ends[:-1])]
        rows = self.rows
        alone = len(self.headers) <= 1
        if min(map(len, rows)) <= 1:
            kept = [place for place, cells in enumerate(rows) if cells and (alone or not _is_blank(cells))]
            rows = [rows[place] for place in kept]
            starts, ends = [starts[place] for place in kept], [ends[place] for place in kept]
        faults = self._faults(rows, starts, ends)
        if isinstance(self._lines, _Uncommented):
            starts, ends = list(map(self._physical, starts)), list(map(self._physical, ends))
        elif self._before:
            before = self._before
            starts, ends = [line + before for line in starts], [line + before for line in ends]
        return Chunk(starts, ends, rows, faults)

    def _faults(self, rows: Sequence[list[str]], starts: Sequence[int], ends: Sequence[int]) -> dict[int, RowFault]:
        faults: dict[int, RowFault] = {}
        if ends and ends[-1] - starts[0] >= len(rows):
            for place, cells in enumerate(rows):
                if ends[place] - starts[place] >= 2:
                    lines = (self._physical(starts[place]), self._physical(ends[place]))
                    fault = swallowed_lines(cells, lines, self.dialect.delimiter, len(self.headers))
                    if fault:
                        faults[place] = fault
        if kept_bytes() > self._kept_before:
            faults |= find_undecodable(rows, self.dialect.encoding)
        return faults

    def _refuse_open_quote(self, ends: Sequence[int]) -> None:
        """Raise InputError if the open quote swallowed lines; one opened on the last line harms nobody else."""
        cell = self.rows[-1][-1]
        breaks = len(io.StringIO(cell, newline="").readlines())
        opened = ends[-1] - breaks + 1
        if opened < ends[-1]:
            raise InputError(
                f"{self.name}, line {self._physical(opened)}: a quote is opened here and never closed, so that all"
                f" lines from it to the end (line {self._physical(ends[-1])}) would be one cell. Nothing was sent.",
                advice='Close the quote, or write "" for a quote inside a cell.',
            )


class _End:
    """Asked for a line when the text has no more: it notes how many records were whole by then."""

    def __init__(self, table: TextTable) -> None:
        self._table = table
        self.rows_before: int | None = None

    def __iter__(self) -> "_End":
        return self

    def __next__(self) -> str:
        self.rows_before = len(self._table.rows)
        raise StopIteration


class _Uncommented:
    """The lines of a text without those that begin with the comment mark outside quotes."""

    def __init__(self, text: io.TextIOWrapper, comment: str) -> None:
        self._text = text
        self._comment = comment
        self._numbers = array("Q")
        self._line = 0
        self._quoted = False
        self.left_out = 0

    def __iter__(self) -> "_Uncommented":
        return self

    def __next__(self) -> str:
        for line in self._text:
            self._line += 1
            if not self._quoted and line.startswith(self._comment):
                self.left_out += 1
                continue
            self._quoted ^= line.count('"') % 2 == 1
            self._numbers.append(self._line)
            return line
        raise StopIteration

    def physical(self, line: int) -> int:
        """Return the place of a delivered line in the text."""
        return self._numbers[line - 1] if line <= len(self._numbers) else self._line + 1


def _is_blank(cells: Sequence[str]) -> bool:
    """Whether a line held nothing but blanks (the csv module calls that one cell)."""
    return len(cells) == 1 and not cells[0].strip()
