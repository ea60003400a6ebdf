"""Rows as a file holds them, before they mean anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

REJECT_COLUMNS = ("_row", "_code", "_column", "_value", "_reason")
"""What a reject file has behind the original columns, before the seal; ignored when it is read back.

Source: docs/contract.md, section Files.
"""


@dataclass(frozen=True, slots=True)
class RowFault:
    """Why the reader itself refuses a row. `column` is the index of the cell at fault, or None for the whole row."""

    code: str
    column: int | None
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive records of one table. `starts` and `ends` are the physical lines (from 1) where each begins and ends.

    `records` hold the cells verbatim; `faults` are the records that cannot be trusted, by their place in the chunk, and
    `notes` codes of what is to be said of some of the records.
    """

    starts: Sequence[int]
    ends: Sequence[int]
    records: Sequence[Sequence[str]]
    faults: Mapping[int, RowFault] = field(default_factory=dict)
    notes: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
