"""The files that a job leaves: rejects to mend and import again, normalised contacts, pages."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import jsontext
from pipeline.errors import InputError, StorageFailed
from pipeline.journal import Journal, SettledRow
from pipeline.mapping import EXTRA_COLUMN, FILE_COLUMN, REJECT_COLUMNS
from pipeline.models import Json, OutcomeKind
from pipeline.reader import KEEP_BYTES, Source

_OURS = (*REJECT_COLUMNS, EXTRA_COLUMN, FILE_COLUMN)


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the reject file is written: like its source, or like the first of several.

    `places` says for every file where its cells go, column by column (-1: left out).
    """

    headers: Sequence[str]
    places: Sequence[Sequence[int]]
    delimiter: str
    encoding: str
    line_end: str
    names: Sequence[str]

    @property
    def several(self) -> bool:
        """Whether the rows come from several files."""
        return len(self.names) > 1


def write_rejects(path: Path, journal: Journal, kinds: Iterable[OutcomeKind]) -> Path:
    """Write the reject file in the source's own dialect and encoding, and return its path.

    It can be imported with the same settings: its header is known by the columns that say why, and those are ignored
    then. A column `_extra`, there only when a row is ragged, holds the cells beyond the header, or says how many are
    missing: a row that is imported again with it is rejected again, so nothing is lost or shifted by overlooking it.
    Rows of several files stand under the union of their headers, with a column `_file`. Raises StorageFailed.
    """
    kinds = tuple(kinds)
    layout = _layout(json.loads(journal.meta("sources")))
    extra = any(_raggedness(row, layout) for row in journal.settled_rows(*kinds))
    try:
        path.touch(mode=0o600)
        with path.open("w", encoding=layout.encoding, errors=KEEP_BYTES, newline="") as file:
            writer = csv.writer(file, delimiter=layout.delimiter, lineterminator=layout.line_end)
            ours = [*([EXTRA_COLUMN] if extra else []), *([FILE_COLUMN] if layout.several else [])]
            writer.writerow([*layout.headers, *ours, *REJECT_COLUMNS])
            for row in journal.settled_rows(*kinds):
                writer.writerow(_reject_row(row, layout, extra=extra))
    except OSError as error:
        raise StorageFailed(f"The reject file {path} cannot be written: {error.strerror}.") from error
    return path


def _reject_row(row: SettledRow, layout: _Layout, *, extra: bool) -> list[object]:
    cells: list[object] = [""] * len(layout.headers)
    for place, cell in zip(layout.places[row.source], row.cells, strict=False):
        if place >= 0:
            cells[place] = cell
    surplus = [_raggedness(row, layout)] if extra else []
    file = [layout.names[row.source]] if layout.several else []
    return [*cells, *surplus, *file, row.line, row.code, row.column, row.value, row.reason]


def _raggedness(row: SettledRow, layout: _Layout) -> str:
    """What keeps a ragged row rejected until somebody has looked at it: its surplus cells, or how many are missing."""
    width = len(layout.places[row.source])
    missing = width - len(row.cells)
    if missing > 0:
        return f"({missing} {'cell' if missing == 1 else 'cells'} missing)"
    return layout.delimiter.join(row.cells[width:])


def _layout(sources: Sequence[Mapping[str, Any]]) -> _Layout:
    first = sources[0]
    headers: list[str] = []
    places: list[list[int]] = []
    known: dict[tuple[str, int], int] = {}
    for source in sources:
        places.append([])
        for index, header in enumerate(source["headers"]):
            # A second column of the same name is another column; one of ours is made anew, not twice.
            key = (header, source["headers"][:index].count(header))
            if header in _OURS:
                places[-1].append(-1)
                continue
            if key not in known:
                known[key] = len(headers)
                headers.append(header)
            places[-1].append(known[key])
    encodings = {source["encoding"] for source in sources}
    encoding = first["encoding"] if len(encodings) == 1 else "utf-8"
    return _Layout(
        headers,
        places,
        first["delimiter"],
        # A workbook's rejects are a text file that Excel opens as what it is.
        "utf-8-sig" if encoding == "xlsx" else encoding,
        first["line_end"],
        [source["name"] for source in sources],
    )


def write_contacts(path: Path, contacts: Iterable[Mapping[str, Json]]) -> None:
    """Write normalised contacts as JSON lines into a private file. Raises StorageFailed."""
    try:
        path.touch(mode=0o600)
        with path.open("wb") as file:
            for contact in contacts:
                file.write(jsontext.encode(contact) + b"\n")
    except OSError as error:
        raise StorageFailed(f"{path} cannot be written: {error.strerror}.") from error


def write_page(path: Path, page: str) -> None:
    """Write an HTML page into a private file. Raises StorageFailed."""
    try:
        path.touch(mode=0o600)
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise StorageFailed(f"{path} cannot be written: {error.strerror}.") from error


def refuse_overwriting(sources: Iterable[Source], written: Iterable[Path | None]) -> None:
    """Raise InputError if a file that is to be written is one of those that are read."""
    for source in sources:
        for path in written:
            if source.path and path and path.exists() and source.path.exists() and path.samefile(source.path):
                raise InputError(f"{path} is the file to be checked; it would be overwritten. Nothing was done.")
