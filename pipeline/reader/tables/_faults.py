"""Records that can be read and cannot be trusted: bytes that do not decode, quotes that swallow lines."""

import io
import re
from collections.abc import Sequence

from pipeline.models import RowFault
from pipeline.reader._rejects import is_reject_header, source_width
from pipeline.reader.tables._kept import KEPT

_LONGEST_CELL = 100
"""Lines of one cell above which nobody wrote it by hand."""

NO_VALUE = "#NO VALUE"
"""What stands for the value of a formula of a workbook that was saved without it."""

_CODE = "suspicious_multiline"

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
    reason = (
        'a backslash stands beside a quote, so that it is not clear where the cell ends: write "" for a quote inside a'
        ' cell, or say how the whole file is quoted (import.quoting = "doubled" or "backslash")'
    )
    found: dict[int, RowFault] = {}
    for place, cells in enumerate(rows):
        odd = [
            index
            for index, cell in enumerate(cells)
            if "\\" in cell
            and cell.endswith('"')
            and not cell.endswith('\\"')
            and cell.count('"') == cell.count('\\"') + 1
        ]
        if odd:
            found[place] = RowFault("stray_quote", odd[0], _shortened(cells[odd[0]]), reason)
    return found


class SwallowedLines:
    """What a stray quote leaves behind: a cell that holds whole lines of the table, or parts of two.

    Such a cell begins in one row and ends in another. So its first line lacks the delimiters of the cells before it,
    its last line those of the cells behind it, and what lies between is whole rows.
    """

    def __init__(self, delimiter: str, headers: Sequence[str]) -> None:
        self._width = source_width(headers)
        self._code = headers.index("_code") if is_reject_header(headers) else None
        # In prose a blank follows the comma; in a record the next cell does, unless all cells begin with a blank.
        is_spaced = self._width > 1 and all(header.startswith(" ") for header in headers[1 : self._width])
        self._delimiter = re.compile(re.escape(delimiter) + ("" if is_spaced else "(?![ \r\n])"))
        self._between_quotes = f'"{delimiter}"'

    def find(self, cells: Sequence[str], start: int, end: int) -> RowFault | None:
        """Return the fault of a record that reaches over several physical lines, if it has one."""
        # What is beyond the header makes the row ragged, which keeps it rejected as well.
        own = cells[: self._width]
        spanning = [index for index, cell in enumerate(own) if "\n" in cell or "\r" in cell]
        suspects = [index for index in spanning if self._is_suspect(cells[index], index)]
        if not suspects and self._code is not None and cells[self._code : self._code + 1] == [_CODE]:
            # In a reject file it stays one until it is mended, whatever its row looks like there.
            suspects = spanning
        if not suspects:
            return None
        reason = (
            f"one cell reaches over lines {start} to {end}: a stray quote may have swallowed rows; close the"
            ' quote or write "" for it, and if the cell is right, take the line breaks out of it'
        )
        return RowFault(_CODE, suspects[0], _shortened(cells[suspects[0]]), reason)

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
        return self._count(first) == self._width - 1 - index and self._count(last) == index

    def _is_like_a_record(self, line: str) -> bool:
        return self._count(line) == self._width - 1 or self._between_quotes in line

    def _count(self, line: str) -> int:
        return len(self._delimiter.findall(line))


def _shortened(cell: str) -> str:
    return cell if len(cell) <= _SHOWN else cell[: _SHOWN - 3] + "..."
