"""What spreadsheet programs do to a reject file that is opened and saved: its bytes change, its meaning does not.

Written from what Excel, LibreOffice and Google Sheets were seen to do, not from the code that takes it back.
"""

import csv
import datetime as dt
import io
import random
import re
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

Grid = list[list[Any]]

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?")
_ISO_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_CONTROLS = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f]")
_NO_CHARACTERS = re.compile("[\ud800-\udfff]")
_INSIDE_A_NUMBER = 15


def through_a_program(path: Path, encoding: str, choose: random.Random) -> Path:
    """Open a reject file and save it, sorted otherwise, as a text or as a workbook; return where it is then."""
    grid = _opened_book(path) if path.suffix == ".xlsx" else _opened_text(path, encoding, choose)
    header, *rows = grid
    choose.shuffle(rows)
    if choose.random() < 0.5:
        return _saved_book(path.with_name("saved.xlsx"), [header, *rows], choose)
    return _saved_text(path.with_name("saved.csv"), [header, *rows], choose)


def _opened_text(path: Path, encoding: str, choose: random.Random) -> Grid:
    text = path.read_bytes().decode(encoding, "replace")
    if encoding == "utf-8" and "\ufffd" not in text and choose.random() < 0.2:
        # Excel takes a text without a mark for one of the country's own code page.
        text = path.read_bytes().decode("cp1252", "replace")
    head = text.split("_row", 1)[0]
    delimiter = next(mark for mark in "\t;,|" if head.rstrip('"').endswith(mark))
    text = _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    as_text = choose.random() < 0.3
    return [
        [cell if as_text else _typed(cell) for cell in row]
        for row in csv.reader(io.StringIO(text), delimiter=delimiter)
        if row
    ]


def _opened_book(path: Path) -> Grid:
    grid: Grid = [list(row) for row in openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)]
    return [["" if cell is None else cell for cell in row] for row in grid]


def _typed(cell: str) -> Any:
    """A cell of a text file as a program takes it that is set to English."""
    text = cell.strip()
    if cell.casefold() in ("true", "false"):
        return cell.casefold() == "true"
    if _NUMBER.fullmatch(text):
        return float(text)
    try:
        if found := _ISO_DAY.fullmatch(text):
            return dt.datetime(*map(int, found.groups()))  # type: ignore[arg-type]  # noqa: DTZ001 - a sheet knows no zones
        if found := _DAY.fullmatch(text):
            month, day, year = map(int, found.groups())
            return dt.datetime(year, month, day)  # noqa: DTZ001 - the same
    except ValueError:
        return cell
    return cell


def _shown(value: Any, choose: random.Random) -> str:
    """A cell as a program writes it into a text file."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, dt.datetime):
        return choose.choice([f"{value:%Y-%m-%d}", f"{value.month}/{value.day}/{value.year}", f"{value:%d.%m.%Y}"])
    if isinstance(value, float | int):
        digits = f"{value:.{_INSIDE_A_NUMBER}g}" if abs(value) < 1e15 else f"{value:.14E}"
        return choose.choice([digits, f"{value:.5E}"]) if abs(value) >= 1e11 else digits
    return str(value)


def _saved_text(path: Path, grid: Grid, choose: random.Random) -> Path:
    delimiter = choose.choice(",;\t")
    inner = choose.choice(["\n", "\r\n"])
    more = choose.choice([0, 0, 1, 3])
    rows = [[_NO_CHARACTERS.sub("\ufffd", _shown(cell, choose)) for cell in row] for row in grid]
    rows = [[*(cell.replace("\n", inner) for cell in row), *[""] * more] for row in rows]
    text = io.StringIO(newline="")
    end = choose.choice(["\n", "\r\n"])
    plain = csv.writer(text, delimiter=delimiter, lineterminator=end)
    quoted = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    choose.choice([plain, quoted]).writerows(rows)
    note = f"sep={delimiter}\r\n" if choose.random() < 0.1 else ""
    encoding = choose.choice(["utf-8", "utf-8-sig", "utf-8-sig", "utf-16"])
    path.write_bytes((note + text.getvalue()).encode(encoding))
    return path


def _saved_book(path: Path, grid: Grid, choose: random.Random) -> Path:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = choose.choice(["rejects", "Sheet1", "Tabelle1"])
    as_escapes = choose.random() < 0.3
    as_rich_text = choose.random() < 0.3
    for number, row in enumerate(grid, start=1):
        for place, cell in enumerate(row, start=1):
            if cell in ("", None):
                continue
            _put(sheet.cell(number, place), cell, as_escapes=as_escapes, as_rich_text=as_rich_text and number > 1)
    if choose.random() < 0.3:
        # A format that reaches over more columns and rows than there are cells.
        sheet.cell(len(grid) + 3, len(grid[0]) + 3).number_format = "@"
    if choose.random() < 0.3:
        book.create_sheet("Notes", choose.choice([0, 1])).sheet_state = "hidden"
    book.save(path)
    return path


def _put(into: Any, cell: Any, *, as_escapes: bool, as_rich_text: bool) -> None:
    if not isinstance(cell, str):
        into.value = cell
        return
    text = _NO_CHARACTERS.sub("\ufffd", _CONTROLS.sub("", cell))
    text = text.replace("\n", "_x000D_\n") if as_escapes else text
    if as_rich_text and len(text) > 1 and text[0] != "=":
        into.value = CellRichText(text[:1], TextBlock(InlineFont(b=True), text[1:]))
        return
    into.value = text
    # Else what begins with "=" would be a formula.
    into.data_type = "s"
