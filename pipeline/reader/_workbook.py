"""Excel workbooks (.xlsx) as tables; openpyxl is an optional extra."""

import contextlib
import datetime as dt
import itertools
import zipfile
from collections.abc import Iterator, Sequence
from typing import IO, Any

from pipeline.errors import InputError
from pipeline.models import Chunk
from pipeline.reader._options import Dialect, ReadOptions
from pipeline.reader._shape import Record, find_header

_SAMPLE = 200


class WorkbookTable:
    """One sheet. Row numbers are the sheet's own."""

    comment_lines = 0

    def __init__(self, name: str, rows: Iterator[Record], options: ReadOptions) -> None:
        self.name = name
        self.dialect = Dialect("xlsx", ",", found_by="workbook")
        sample = list(itertools.islice(rows, _SAMPLE))
        filled = [record for record in sample if record.filled]
        if not filled:
            raise InputError(f"{name} has an empty sheet.", advice="Name another with import.sheet.")
        header = _header(name, filled, options)
        self.header_line = header.start if header else 0
        self.preamble_lines = sum(1 for record in filled if record.start < self.header_line)
        width = max(len(record.cells) for record in filled)
        self.headers = tuple(header.cells) if header else tuple(f"column {place}" for place in range(1, width + 1))
        self._waiting = [record for record in sample if record.start > self.header_line]
        self._rows = rows
        self._chunk_rows = options.chunk_rows

    def chunks(self) -> Iterator[Chunk]:
        """Yield the rows."""
        held: list[Record] = []
        for record in itertools.chain(self._waiting, self._rows):
            if record.filled:
                held.append(record)
            if len(held) >= self._chunk_rows:
                yield self._chunk(held)
                held = []
        if held:
            yield self._chunk(held)

    def _chunk(self, records: Sequence[Record]) -> Chunk:
        width = len(self.headers)
        lines = [record.start for record in records]
        # A sheet has no ragged rows: what is not there is empty.
        cells = [[*record.cells, *[""] * (width - len(record.cells))] for record in records]
        return Chunk(lines, lines, cells)


def _header(name: str, records: list[Record], options: ReadOptions) -> Record | None:
    if options.header == "none":
        return None
    if isinstance(options.header, int):
        found = [record for record in records if record.start == options.header]
        if not found:
            raise InputError(f"{name}: row {options.header} is blank or not there (import.header).")
        return found[0]
    return records[find_header(records, options.wanted) or 0]


@contextlib.contextmanager
def open_workbook(name: str, stream: IO[bytes], options: ReadOptions) -> Iterator[WorkbookTable]:
    """Open a sheet of a workbook as a table. Raises InputError."""
    try:
        from openpyxl import load_workbook  # noqa: PLC0415 - an optional extra
    except ImportError:
        raise InputError(
            f"{name} is an Excel workbook, and the package that reads those is not installed. Nothing was sent.",
            advice="Install it: pip install 'heymarket-pipeline[xlsx]'; or save the sheet as CSV (UTF-8).",
        ) from None
    try:
        book = load_workbook(stream, read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, TypeError) as error:
        raise InputError(
            f"{name} cannot be read as an Excel workbook: {error}.", advice="Save the sheet as CSV (UTF-8)."
        ) from error
    try:
        if options.sheet and options.sheet not in book.sheetnames:
            raise InputError(
                f"{name} has no sheet {options.sheet!r} (import.sheet); it has {', '.join(map(repr, book.sheetnames))}."
            )
        sheet = book[options.sheet or book.sheetnames[0]]
        yield WorkbookTable(name, _records(sheet), options)
    finally:
        book.close()


def _records(sheet: Any) -> Iterator[Record]:
    # Some programs write a wrong size into the sheet; without it every row is looked at.
    sheet.reset_dimensions()
    for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        cells = [_text(value) for value in values]
        while cells and not cells[-1]:
            cells.pop()
        yield Record(number, number, cells)


def _text(value: object) -> str:
    """A cell as a person would have typed it: whole numbers without a point, dates in ISO form."""
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        value = value.date()
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat()
        case _:
            return str(value)
