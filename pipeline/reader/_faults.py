"""Rows that can be read and cannot be trusted: bytes that do not decode, quotes that swallow lines."""

import io
from collections.abc import Sequence

from pipeline.models import RowFault
from pipeline.reader._encoding import KEPT

_LONGEST_CELL = 100
"""Lines of one cell above which nobody wrote it by hand."""

_ROWS_SWALLOWED = 2
"""Lines inside one cell that look like rows of the table, from which on a stray quote is suspected."""

_SHOWN = 200


def find_undecodable(rows: Sequence[Sequence[str]], encoding: str) -> dict[int, RowFault]:
    """Return the rows that hold bytes which are not of the encoding."""
    other = "cp1252" if encoding.startswith("utf") else "utf-8"
    reason = f"it holds bytes that are not {encoding}; if the whole file is {other}: --set import.encoding={other}"
    return {
        place: RowFault("undecodable", index, cell[:_SHOWN], reason)
        for place, cells in enumerate(rows)
        if KEPT.search("".join(cells))
        for index, cell in enumerate(cells)
        if KEPT.search(cell)
    }


def swallowed_lines(cells: Sequence[str], lines: tuple[int, int], delimiter: str, width: int) -> RowFault | None:
    """Return a fault if a cell holds lines that look like rows of their own: a stray quote swallowed them.

    `lines` are the physical lines from and to which the row reaches.
    """
    for index, cell in enumerate(cells):
        inner = io.StringIO(cell, newline=None).readlines()
        alike = sum(_looks_like_a_row(line, delimiter, width) for line in inner)
        if alike >= _ROWS_SWALLOWED or len(inner) > _LONGEST_CELL:
            shown = cell if len(cell) <= _SHOWN else cell[: _SHOWN - 3] + "..."
            reason = (
                f"one cell reaches over lines {lines[0]} to {lines[1]}: a stray quote may have swallowed rows;"
                " mend the quote, or split the cell"
            )
            return RowFault("suspicious_multiline", index, shown, reason)
    return None


def _looks_like_a_row(line: str, delimiter: str, width: int) -> bool:
    return (width > 2 and line.count(delimiter) >= width - 1) or f'"{delimiter}"' in line
