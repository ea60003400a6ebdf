"""Excel workbooks (.xlsx) as tables; openpyxl is an optional extra."""

import contextlib
import datetime as dt
import html
import itertools
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from typing import IO, Any

from pipeline.errors import InputError
from pipeline.libraries import LibraryMissing, load_optional
from pipeline.models import Chunk
from pipeline.reader._rejects import clean_header, is_reject_header
from pipeline.reader._seal import Seals
from pipeline.reader.tables._compression import BLOCK, describe
from pipeline.reader.tables._faults import NO_VALUE, find_kept, find_undecodable, find_without_value
from pipeline.reader.tables._number_formats import duration_text, number_text, says_more
from pipeline.reader.tables._options import Dialect, ReadOptions
from pipeline.reader.tables._records import TableRecord
from pipeline.reader.tables._shape import find_header
from pipeline.reader.tables._table import CHUNK_CELLS, numbered_headers
from pipeline.showing import quoted

_SAMPLE = 200
"""Rows among which the header is looked for."""

_FORMULA = re.compile(rb"<f[ >/]")
_STYLES = "xl/styles.xml"
_FORMATS = re.compile(r'formatCode="([^"]*)"')
_PERCENT = re.compile(r'numFmtId="(?:9|10)"')
"""The formats that are known by a number and say more than the number does."""

_MOST_STYLES = 16 * 1024 * 1024

_ESCAPE = re.compile("(?:_x[0-9A-Fa-f]{4}_)+")
"""How a workbook writes characters that its XML cannot hold, and an underscore that would begin such a one."""

_AS_CSV = "Open it in Excel and save the sheet as CSV (UTF-8), or as a new workbook."


class WorkbookTable:
    """One sheet. Lines are the sheet's own rows. A workbook has no comment lines."""

    comment_lines = 0

    def __init__(
        self, name: str, rows: Iterator[TableRecord], options: ReadOptions, *, left_out: tuple[str, ...] = ()
    ) -> None:
        self.name = name
        self.left_out = left_out
        self.dialect = Dialect("xlsx", ",", found_by="workbook")
        filled = (record for record in rows if record.filled)
        sample = list(itertools.islice(filled, _SAMPLE))
        if not sample:
            raise InputError(f"{name} is empty: its sheet has no rows.", advice="Name another one with import.sheet.")
        header = _header_line(name, sample, options)
        self.header_line = header
        self.preamble_lines = sum(1 for record in sample if record.start < header)
        named = next((record.cells for record in sample if record.start == header), None)
        width = max(len(record.cells) for record in sample)
        self.headers = numbered_headers(width) if named is None else clean_header(named)
        self._is_doubled = options.quoting == "doubled"
        self._seals = Seals(self.headers)
        self._rows = itertools.chain((record for record in sample if record.start > header), filled)
        self._chunk_rows = max(1, min(options.chunk_rows, CHUNK_CELLS // max(width, 1)))

    def chunks(self) -> Iterator[Chunk]:
        """See Table. A sheet has no ragged rows: what is not there is empty."""
        while records := list(itertools.islice(self._rows, self._chunk_rows)):
            lines = [record.start for record in records]
            width = len(self.headers)
            rows = [[*record.cells, *[""] * (width - len(record.cells))] for record in records]
            notes = self._seals.restore(rows)
            faults = find_kept(rows, self.headers, doubled=self._is_doubled)
            faults |= find_undecodable(rows, self.dialect.encoding) | find_without_value(rows)
            yield Chunk(lines, lines, rows, faults, notes)


def _header_line(name: str, sample: Sequence[TableRecord], options: ReadOptions) -> int:
    if is_reject_header(sample[0].cells):
        # Whatever the settings say of the file that it came from.
        return sample[0].start
    if options.header == "none":
        return 0
    if not isinstance(options.header, int):
        return sample[find_header(sample, options.wanted)].start
    if all(record.start != options.header for record in sample):
        raise InputError(
            f"{name}: row {options.header}, where import.header says that the header is, is blank or far below"
            f" (the first {_SAMPLE} rows that are not blank were looked at).",
            advice='Count rows as the sheet does; or leave it to the program: header = "auto".',
        )
    return options.header


@contextlib.contextmanager
def open_workbook(name: str, stream: IO[bytes], options: ReadOptions) -> Iterator[WorkbookTable]:
    """Open a sheet of a workbook as a table. Raises InputError."""
    try:
        load_workbook = load_optional("openpyxl").load_workbook
    except LibraryMissing as missing:
        raise InputError(
            f"{name} is an Excel workbook, and the package that reads those is not installed.",
            advice=f"{missing}; or save the sheet as CSV (UTF-8).",
        ) from None
    with contextlib.ExitStack() as stack:
        # It warns of drop-down lists and styles that it leaves out; they are no data.
        stack.enter_context(warnings.catch_warnings())
        warnings.filterwarnings("ignore", module="openpyxl")
        with _translated(name):
            has_formulas, has_formats = _has_formulas(stream), _has_formats(stream)
            book = load_workbook(stream, read_only=True, data_only=True)
            stack.callback(book.close)
            sheet = _find_sheet(name, book, options.sheet)
            formulas = None
            if has_formulas:
                # Values and formulas cannot be read together; a formula without a value shows in the second alone.
                second = load_workbook(stream, read_only=True)
                stack.callback(second.close)
                formulas = second[sheet.title]
        others = tuple(_sheet_text(other) for other in book.worksheets if other is not sheet)
        rows = _records(name, sheet, formulas, has_formats=has_formats)
        yield WorkbookTable(f"{name}: {sheet.title}" if others else name, rows, options, left_out=others)


@contextlib.contextmanager
def _translated(name: str) -> Iterator[None]:
    try:
        yield
    except (InputError, MemoryError):
        raise
    except Exception as error:
        # A damaged workbook may raise anything: zip, XML and look-ups all have a part in it.
        raise InputError(f"{name} cannot be read as an Excel workbook: {describe(error)}.", advice=_AS_CSV) from error


def _find_sheet(name: str, book: Any, wanted: str) -> Any:
    # A workbook may hold charts beside its sheets.
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    visible = next(filter(_is_visible, sheets.values()), None)
    if wanted not in sheets and visible is not None and _holds_rejects(visible):
        # Whatever the settings say of the workbook that it came from.
        return visible
    if wanted and wanted not in sheets:
        raise InputError(
            f"{name} has no sheet {quoted(wanted)} (import.sheet).",
            advice=f"It has {', '.join(map(quoted, sheets)) or 'none'}.",
        )
    if not sheets:
        raise InputError(f"{name} has no sheet with rows.", advice=_AS_CSV)
    if wanted:
        return sheets[wanted]
    # What is hidden holds lists, old data and calculations, and is not what a person sees.
    return visible or next(iter(sheets.values()))


def _holds_rejects(sheet: Any) -> bool:
    return any(is_reject_header(list(map(_text, row))) for row in sheet.iter_rows(max_row=1, values_only=True))


def _is_visible(sheet: Any) -> bool:
    return bool(sheet.sheet_state == "visible")


def _sheet_text(sheet: Any) -> str:
    return f"{'' if _is_visible(sheet) else 'hidden '}sheet {quoted(sheet.title)}"


def visible_sheets(name: str, stream: IO[bytes]) -> tuple[str, ...]:
    """Return the titles of the sheets of a workbook that a person sees. Raises InputError."""
    with warnings.catch_warnings(), _translated(name):
        warnings.filterwarnings("ignore", module="openpyxl")
        with contextlib.closing(load_optional("openpyxl").load_workbook(stream, read_only=True)) as book:
            return tuple(sheet.title for sheet in book.worksheets if _is_visible(sheet))


def _has_formulas(stream: IO[bytes]) -> bool:
    """Whether any sheet holds a formula, told from its XML without parsing it."""
    with zipfile.ZipFile(stream) as archive:
        for member in archive.namelist():
            if member.startswith("xl/worksheets/") and member.endswith(".xml"):
                with archive.open(member) as sheet:
                    tail = b""
                    while block := sheet.read(BLOCK):
                        if _FORMULA.search(tail + block):
                            return True
                        tail = block[-3:]
    return False


def _has_formats(stream: IO[bytes]) -> bool:
    """Whether the workbook has a number format that says more than the number."""
    with zipfile.ZipFile(stream) as archive:
        if _STYLES not in archive.namelist():
            return False
        with archive.open(_STYLES) as styles:
            text = styles.read(_MOST_STYLES).decode("utf-8", "replace")
    return bool(_PERCENT.search(text)) or any(says_more(html.unescape(code)) for code in _FORMATS.findall(text))


def _records(name: str, sheet: Any, formulas: Any = None, *, has_formats: bool = False) -> Iterator[TableRecord]:
    # Some programs write a wrong size into the sheet; without it every row is looked at.
    sheet.reset_dimensions()
    # Cells with their formats take longer than values alone.
    rows = enumerate(map(_shown, sheet.iter_rows()) if has_formats else sheet.iter_rows(values_only=True), start=1)
    if formulas is not None:
        formulas.reset_dimensions()
    written = iter(formulas.iter_rows(values_only=True) if formulas is not None else ())
    while True:
        with _translated(name):
            number, values = next(rows, (0, ()))
            said = next(written, ())
        if not number:
            return
        cells = [
            NO_VALUE if value is None and isinstance(formula, str) and formula.startswith("=") else _text(value)
            for value, formula in itertools.zip_longest(values, said[: len(values)])
        ]
        while cells and not cells[-1]:
            cells.pop()
        yield TableRecord(number, number, cells)


def _shown(cells: Sequence[Any]) -> list[object]:
    """The values of a row; numbers whose format says more as texts."""
    return [
        number_text(cell.value, cell.number_format)
        if cell.data_type == "n" and isinstance(cell.value, int | float)
        else cell.value
        for cell in cells
    ]


def _text(value: object) -> str:
    """A cell as a person would have typed it: numbers without exponent, dates in ISO form."""
    if isinstance(value, dt.date | dt.time | dt.timedelta):
        return _moment_text(value)
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return number_text(value, "")
        case str() if "_x" in value:
            return _ESCAPE.sub(lambda found: _unescaped(found[0]), value)
        case _:
            return str(value)


def _moment_text(value: dt.date | dt.time | dt.timedelta) -> str:
    if isinstance(value, dt.timedelta):
        return duration_text(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ", "seconds")
    return value.isoformat()


def _unescaped(text: str) -> str:
    """What some escapes in a row stand for; half of a character that needs two stays as it is written."""
    units = b"".join(int(each[2:6], 16).to_bytes(2, "little") for each in re.findall("_x...._", text))
    try:
        return units.decode("utf-16-le")
    except UnicodeDecodeError:
        return text
