"""Rows as a file holds them, before they mean anything."""

import functools
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import overload

from pipeline.values import Struct, field

REJECT_COLUMNS = ("_row", "_code", "_column", "_value", "_reason")
"""What a reject file has behind the original columns, before the seal; ignored when it is read back.

Source: docs/contract.md, section Files.
"""


class RowFault(Struct, frozen=True):
    """Why the reader itself refuses a row. `column` is the index of the cell at fault, or None for the whole row."""

    code: str
    column: int | None
    value: str
    reason: str


class ColumnRecords(Sequence[Sequence[str]]):
    """Records of one width that are kept by column, each as one text with `between` behind every cell but the last.

    A column is taken apart when it is first asked for, so those that nobody asks for cost nothing.
    """

    def __init__(self, size: int, texts: Sequence[str], between: str) -> None:
        self._size = size
        self._texts = list(texts)
        self._between = between
        self._columns: dict[int, list[str]] = {}

    @property
    def width(self) -> int:
        """How many cells each record has."""
        return len(self._texts)

    def column(self, place: int) -> list[str]:
        """Return the cells of a column."""
        if place not in self._columns:
            self._columns[place] = self._texts[place].split(self._between)
        return self._columns[place]

    @functools.cached_property
    def _all(self) -> list[list[str]]:
        return [self.column(place) for place in range(self.width)]

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, index: int) -> Sequence[str]: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Sequence[str]]: ...

    def __getitem__(self, index: int | slice) -> Sequence[str] | Sequence[Sequence[str]]:
        if isinstance(index, slice):
            return [list(cells) for cells in zip(*(column[index] for column in self._all), strict=True)]
        return [column[index] for column in self._all]

    def __iter__(self) -> Iterator[Sequence[str]]:
        return map(list, zip(*self._all, strict=True))


def column_of(records: Sequence[Sequence[str]], place: int) -> Sequence[str]:
    """Return the cells of one column of records. Raises IndexError where a record is too short."""
    return records.column(place) if isinstance(records, ColumnRecords) else list(map(itemgetter(place), records))


def narrowest(records: Sequence[Sequence[str]], default: int) -> int:
    """Return the fewest cells that one of the records has; `default` where there are none."""
    return records.width if isinstance(records, ColumnRecords) else min(map(len, records), default=default)


def widths(records: Sequence[Sequence[str]]) -> set[int]:
    """Return the numbers of cells that the records have."""
    return {records.width} if isinstance(records, ColumnRecords) else set(map(len, records))


class Chunk(Struct, frozen=True):
    """Consecutive records of one table. `starts` and `ends` are the physical lines (from 1) where each begins and ends.

    `records` hold the cells verbatim; `faults` are the records that cannot be trusted, by their place in the chunk, and
    `notes` codes of what is to be said of some of the records.
    """

    starts: Sequence[int]
    ends: Sequence[int]
    records: Sequence[Sequence[str]]
    faults: Mapping[int, RowFault] = field(default_factory=dict)
    notes: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
