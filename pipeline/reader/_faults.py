"""Records that can be read and cannot be trusted: bytes that do not decode, quotes that swallow lines."""

import io
import re
from collections.abc import Sequence

from pipeline.models import RowFault
from pipeline.reader._kept import KEPT

_LONGEST_CELL = 100
"""Lines of one cell above which nobody wrote it by hand."""

_ROWS_SWALLOWED = 2
"""Lines inside one cell that look like records, from which on a stray quote is suspected."""

_SHOWN = 200


def find_undecodable(rows: Sequence[Sequence[str]], encoding: str) -> dict[int, RowFault]:
    """Return the faults of the records that hold bytes which are not of the encoding, by their place."""
    other = "cp1252" if encoding.startswith("utf") else "utf-8"
    name = encoding.removesuffix("-sig")
    reason = (
        f"it holds bytes that are not {name}: mend them in the file, or, if the whole file is in another encoding,"
        f" name that (for example --set import.encoding={other})"
    )
    faults = {}
    for place, cells in enumerate(rows):
        if KEPT.search("".join(cells)):
            index = next(index for index, cell in enumerate(cells) if KEPT.search(cell))
            faults[place] = RowFault("undecodable", index, _shortened(cells[index]), reason)
    return faults


class SwallowedLines:
    """What a stray quote leaves behind: a cell that holds lines which look like records of the table."""

    def __init__(self, delimiter: str, width: int) -> None:
        self._width = width
        # In prose a blank follows the comma; in a record the next cell does.
        self._delimiter = re.compile(re.escape(delimiter) + "(?![ \r\n])")
        self._between_quotes = f'"{delimiter}"'

    def find(self, cells: Sequence[str], start: int, end: int) -> RowFault | None:
        """Return the fault of a record that reaches over several physical lines, if it has one."""
        for index, cell in enumerate(cells):
            lines = io.StringIO(cell, newline=None).readlines()
            if len(lines) > _LONGEST_CELL or sum(map(self._is_like_a_record, lines)) >= _ROWS_SWALLOWED:
                reason = (
                    f"one cell reaches over lines {start} to {end}: a stray quote may have swallowed rows; close the"
                    ' quote or write "" for it, and if the cell is right, take the line breaks out of it'
                )
                return RowFault("suspicious_multiline", index, _shortened(cell), reason)
        return None

    def _is_like_a_record(self, line: str) -> bool:
        is_as_wide = self._width > 2 and len(self._delimiter.findall(line)) >= self._width - 1
        return is_as_wide or self._between_quotes in line


def _shortened(cell: str) -> str:
    return cell if len(cell) <= _SHOWN else cell[: _SHOWN - 3] + "..."
