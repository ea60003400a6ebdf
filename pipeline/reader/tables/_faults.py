"""Records that can be read and cannot be trusted: bytes that do not decode, quotes that swallow lines."""

import io
import re
from collections.abc import Callable, Sequence

from pipeline.models import RowFault
from pipeline.reader._rejects import is_reject_header, source_width
from pipeline.reader._seal import Seals
from pipeline.reader.tables._kept import KEPT

_LONGEST_CELL = 100
"""Lines of one cell above which nobody wrote it by hand."""

_PHRASES = 3
"""Columns up to which a line of prose may have as many delimiters as a record whose last cell is blank."""

NO_VALUE = "#NO VALUE"
"""What stands for the value of a formula of a workbook that was saved without it."""

NO_OBJECT = "bad_object"
_SWALLOWED = "suspicious_multiline"
_GLUED = "stray_quote"
_GLUED_REASON = (
    'a backslash stands beside a quote, so that it is not clear where the cell ends: write "" for a quote inside a'
    ' cell, or say how the whole file is quoted (import.quoting = "doubled" or "backslash")'
)

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


def find_without_value(rows: Sequence[Sequence[str]]) -> dict[int, RowFault]:
    """Return the faults of the rows with a formula that was never calculated, by their place."""
    reason = "the cell holds a formula that was saved without its value; open the workbook in Excel and save it again"
    return {
        place: RowFault("formula_without_value", cells.index(NO_VALUE), "", reason)
        for place, cells in enumerate(rows)
        if NO_VALUE in cells
    }


def find_escaped_quotes(rows: Sequence[Sequence[str]]) -> dict[int, RowFault]:
    """Return the faults of the rows in which a backslash may have stood before a quote, by their place.

    The file is not written so elsewhere, so the quote ended the cell and what was behind it was glued to it, with the
    quote that was to end it: every other quote in the cell has its backslash. In a cell whose quotes were doubled, as
    they should be, they have none.
    """
    found: dict[int, RowFault] = {}
    for place, cells in enumerate(rows):
        odd = [index for index, cell in enumerate(cells) if _is_glued(cell)]
        if odd:
            found[place] = RowFault(_GLUED, odd[0], _shortened(cells[odd[0]]), _GLUED_REASON)
    return found


def _is_glued(cell: str) -> bool:
    return "\\" in cell and cell.endswith('"') and not cell.endswith('\\"') and cell.count('"') == cell.count('\\"') + 1


def find_kept(rows: Sequence[Sequence[str]], headers: Sequence[str], *, doubled: bool = False) -> dict[int, RowFault]:
    """Return the faults of the rows of a reject file that their cells alone do not show any more, by their place.

    How a file was written is gone when its rows stand in a reject file, and all the more when that was saved by a
    spreadsheet. So such a fault is kept as `_code` says it, until the cell that `_column` names is mended. `doubled`
    says that backslashes beside quotes are known to mean nothing.
    """
    if not is_reject_header(headers):
        return {}
    code, column = (headers.index(name) for name in ("_code", "_column"))
    own = source_width(headers)
    found: dict[int, RowFault] = {}
    for place, cells in enumerate(rows):
        kept = _KEPT_FAULTS.get(cells[code]) if len(cells) > column else None
        if kept is None or (doubled and cells[code] == _GLUED):
            continue
        is_still, reason = kept
        named = [index for index in range(own) if headers[index] == cells[column]] or range(own)
        index = next((index for index in named if is_still(cells[index])), None)
        if index is not None:
            found[place] = RowFault(cells[code], index, _shortened(cells[index]), reason)
    return found | _empty_objects(rows, own, code)


def _empty_objects(rows: Sequence[Sequence[str]], own: int, code: int) -> dict[int, RowFault]:
    """The rows of a reject file that were no object and have no cells still."""
    reason = "what stood there is no object that can be read, and the row has no cells: write them, or mend the source"
    return {
        place: RowFault(NO_OBJECT, None, "", reason)
        for place, cells in enumerate(rows)
        if cells[code : code + 1] == [NO_OBJECT] and not any(map(str.strip, cells[:own]))
    }


def _has_lines(cell: str) -> bool:
    return "\n" in cell or "\r" in cell


_SWALLOWED_REASON = (
    "a stray quote may have swallowed rows in this cell; write them as rows of their own, and if the cell is right,"
    " take the line breaks out of it"
)
_KEPT_FAULTS: dict[str, tuple[Callable[[str], bool], str]] = {
    _SWALLOWED: (_has_lines, _SWALLOWED_REASON),
    _GLUED: (_is_glued, _GLUED_REASON),
}
"""Codes of faults of how a file is written: when a cell still has one, and what is said of it."""


class SwallowedLines:
    """What a stray quote leaves behind: a cell that holds whole lines of the table, or parts of two.

    Such a cell begins in one row and ends in another. So its first line lacks the delimiters of the cells before it,
    its last line those of the cells behind it, and what lies between is whole rows.
    """

    def __init__(self, delimiter: str, headers: Sequence[str], seals: Seals) -> None:
        self._width = source_width(headers)
        self._seals = seals
        # In prose a blank follows the comma; in a record the next cell does, unless all cells begin with a blank.
        is_spaced = self._width > 1 and all(header.startswith(" ") for header in headers[1 : self._width])
        self._delimiter = re.compile(re.escape(delimiter) + ("" if is_spaced else "(?![ \r\n])"))
        self._between_quotes = f'"{delimiter}"'
        self._ending = delimiter

    def find(self, cells: Sequence[str], start: int, end: int) -> RowFault | None:
        """Return the fault of a record that reaches over several physical lines, if it has one."""
        # What is beyond the header makes the row ragged, which keeps it rejected as well.
        own = cells[: self._width]
        spanning = [index for index, cell in enumerate(own) if _has_lines(cell)]
        suspects = [index for index in spanning if self._is_suspect(cells[index], index)]
        # A cell of a reject file that is as it was has been judged already: see find_kept.
        suspects = [index for index in suspects if not self._seals.confirms(cells, index)]
        if not suspects:
            return None
        reason = (
            f"one cell reaches over lines {start} to {end}: a stray quote may have swallowed rows; close the"
            ' quote or write "" for it, and if the cell is right, take the line breaks out of it'
        )
        return RowFault(_SWALLOWED, suspects[0], _shortened(cells[suspects[0]]), reason)

    def _is_suspect(self, cell: str, index: int) -> bool:
        lines = io.StringIO(cell, newline=None).readlines()
        first, *between, last = lines if len(lines) > 1 else [*lines, ""]
        # An odd quote at the very end stood behind the closing one.
        if len(lines) > _LONGEST_CELL or (last.endswith('"') and last.count('"') % 2):
            return True
        whole = [line for line in between if line.strip()]
        if whole:
            return 2 * sum(map(self._is_like_a_record, whole)) >= len(whole)
        # Where it ends in another column, the row is ragged, and rejected for that.
        return self._has(first, self._width - 1 - index) and self._has(last, index)

    def _is_like_a_record(self, line: str) -> bool:
        return self._has(line, self._width - 1) or self._between_quotes in line

    def _has(self, line: str, count: int) -> bool:
        """Whether a line has so many delimiters; one at its end may stand before a blank cell, or end a phrase."""
        found = len(self._delimiter.findall(line))
        is_open = line.rstrip("\r\n").endswith(self._ending) and self._width > _PHRASES
        return found == count or (is_open and found + 1 == count)


def _shortened(cell: str) -> str:
    return cell if len(cell) <= _SHOWN else cell[: _SHOWN - 3] + "..."
