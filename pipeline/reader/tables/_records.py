"""Records of a text, with the physical lines on which they stand."""

import csv
import io
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from pipeline.reader.tables._quoting import SPACED, prepare, quote_of, restore
from pipeline.values import Struct

RECORD_LIMIT = 10 * 1024 * 1024
"""Characters of one record, and so of one cell: above it a quote was left open, or this is no contact list."""

_STEP = 16
"""Records between two looks at how much was read. Wide records are looked at one by one."""

_WIDE = 64 * 1024
"""Characters of a wide record."""


class LongRecord(Exception):
    """A record does not end within RECORD_LIMIT."""


class TableRecord(Struct, frozen=True):
    """One record: the physical lines (from 1) on which it begins and ends, and its cells, verbatim."""

    start: int
    end: int
    cells: Sequence[str]

    @property
    def filled(self) -> int:
        """How many cells hold something."""
        return sum(1 for cell in self.cells if cell.strip())


class RecordReader:
    """The records of a text that comes in blocks.

    Lines end with LF, CR, CRLF or a mixture, inside quotes as well. A line that begins with `comment`, where a record
    would begin, is left out and counted in `comment_lines`. `quoting` is one of `_quoting`.
    """

    def __init__(self, blocks: Iterable[str], delimiter: str, comment: str = "", quoting: str = "") -> None:
        # The limit belongs to the process; nobody else in it reads other people's CSV.
        csv.field_size_limit(RECORD_LIMIT)
        self._rows: list[list[str]] = []
        self._ends: list[int] = []
        self._rows_before = self._ended_before = 0
        self._comment = comment
        self._comments_at: list[int] = []
        self._delivered = 0
        self._whole: int | None = None
        self._characters = 0
        lines = chain.from_iterable(self._lines(blocks))
        kept = self._uncommented(lines) if comment else lines
        self._quoting = quoting
        self._reader = csv.reader(
            prepare(kept, delimiter, quoting),
            delimiter=delimiter,
            quotechar=quote_of(quoting),
            skipinitialspace=quoting == SPACED,
        )

    @property
    def line(self) -> int:
        """The physical line on which the last whole record ends."""
        return self._physical(self._ends[-1] if self._ends else self._ended_before)

    @property
    def comment_lines(self) -> int:
        """How many comment lines were left out so far."""
        return len(self._comments_at)

    @property
    def is_cut(self) -> bool:
        """Whether the text ended within the last record that was read: a quote in it is still open."""
        return self._whole is not None and bool(self._rows) and self._count > self._whole

    @property
    def _count(self) -> int:
        return self._rows_before + len(self._rows)

    def read(self, rows: int, characters: int) -> tuple[list[list[str]], list[int], list[int]]:
        """Return the next records, blank ones included, and the physical lines on which they start and end.

        At most so many rows, and about so many characters. None are returned at the end. Raises LongRecord,
        csv.Error, and whatever the blocks raise.
        """
        self._rows_before += len(self._rows)
        self._ended_before = self._reader.line_num
        self._rows, self._ends = [], []
        self._fill(rows, characters)
        if self._quoting:
            self._rows = restore(self._rows)
        ends = self._ends
        starts = [self._ended_before + 1, *map((1).__add__, ends[:-1])] if ends else []
        if self._comments_at:
            return self._rows, [*map(self._physical, starts)], [*map(self._physical, ends)]
        return self._rows, starts, ends

    def records(self) -> Iterator[TableRecord]:
        """Yield the next records one by one, blank ones included. Raises like `read`."""
        while True:
            rows, starts, ends = self.read(1, RECORD_LIMIT)
            if not rows:
                return
            yield TableRecord(starts[0], ends[0], rows[0])

    def _physical(self, line: int) -> int:
        """The physical line of a line that the csv module counted: comments are none of those."""
        return line + bisect_right(self._comments_at, line)

    def _fill(self, limit: int, characters: int) -> None:
        rows, ends, reader = self._rows, self._ends, self._reader
        began = self._characters
        step = 1
        while len(rows) < limit and self._characters - began < characters:
            before = len(rows)
            for cells in islice(reader, min(step, limit - before)):
                rows.append(cells)
                ends.append(reader.line_num)
            if len(rows) == before:
                return
            step = _STEP if self._characters - began < _WIDE * len(rows) else 1

    def _lines(self, blocks: Iterable[str]) -> Iterator[Iterable[str]]:
        """The text in pieces of whole lines, which a StringIO hands on faster than anything else."""
        tail: list[str] = []
        unfinished, seen = 0, -1
        for block in blocks:
            progress = self._count + len(self._comments_at)
            unfinished, seen = len(block) if progress != seen else unfinished + len(block), progress
            if unfinished > RECORD_LIMIT + 2 * len(block):
                raise LongRecord
            self._characters += len(block)
            # A CR at the end may be the first half of a CRLF.
            end = max(block.rfind("\n"), block.rfind("\r", 0, -1)) + 1
            if end:
                yield io.StringIO("".join([*tail, block[:end]]), newline="")
                tail.clear()
            tail.append(block[end:])
        yield io.StringIO("".join(tail), newline="")
        # The csv module asks for a line only where a record is not whole, or where the next would begin.
        self._whole = self._count

    def _uncommented(self, lines: Iterable[str]) -> Iterator[str]:
        seen = -1
        for line in lines:
            # A record begins here if another has ended since the last line.
            if self._count != seen and line.startswith(self._comment):
                self._comments_at.append(self._delivered + 1)
                continue
            seen = self._count
            self._delivered += 1
            yield line
