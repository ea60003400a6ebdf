"""The reject file as an Excel workbook whose cells are all text, so that Excel converts nothing when it opens it."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pipeline.errors import StorageFailed
from pipeline.libraries import LibraryMissing, load_optional
from pipeline.models import OutcomeKind
from pipeline.reader.outputs._outputs import reject_rows
from pipeline.runs.journal import Journal
from pipeline.storage import private_file

MOST_ROWS = 50_000
"""Rows above which there is the text file alone: a person does not mend so many by hand."""

_LONGEST_CELL = 32_767
"""Characters of a cell in Excel; it would be cut."""

_CONTROLS = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f]")
_NO_CHARACTERS = re.compile("[\ud800-\udfff\ufffe\uffff]")
"""What XML cannot hold: left out, or shown as the sign for what is no character; the seal of the row has them."""


def write_reject_workbook(path: Path, journal: Journal, kinds: Iterable[OutcomeKind]) -> Path | None:
    """Write the rejects as a workbook, and return its path. Raises StorageFailed.

    None where it is left out, and an earlier one removed: without the extra `xlsx`, or where a workbook could not hold
    them.
    """
    try:
        library = load_optional("openpyxl")
        cells = load_optional("openpyxl.cell")
    except LibraryMissing:
        return None
    try:
        book = library.Workbook(write_only=True)
        sheet = book.create_sheet("rejects")
        for number, row in enumerate(reject_rows(journal, tuple(kinds))):
            texts = [_NO_CHARACTERS.sub("\ufffd", _CONTROLS.sub("", str(cell))) for cell in row]
            if number > MOST_ROWS or any(len(text) > _LONGEST_CELL for text in texts):
                sheet.close()
                path.unlink(missing_ok=True)
                return None
            sheet.append(_text_cells(cells, sheet, texts))
        with private_file(path) as beside:
            book.save(beside)
    except OSError as error:
        raise StorageFailed(f"The reject file {path} cannot be written: {error.strerror}.") from error
    return path


def _text_cells(library: Any, sheet: Any, texts: Sequence[str]) -> list[Any]:
    found = []
    for text in texts:
        cell = library.WriteOnlyCell(sheet, text)
        # Else what begins with "=" would be a formula.
        cell.data_type = "s"
        cell.number_format = "@"
        found.append(cell)
    return found
