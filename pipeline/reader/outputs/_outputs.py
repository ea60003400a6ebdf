"""The files that a job writes: rejects to mend and import again, and normalised contacts."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import IO

from pipeline.errors import StorageFailed
from pipeline.models import REJECT_COLUMNS, OutcomeKind
from pipeline.reader._rejects import EXTRA_COLUMN, FILE_COLUMN, OUR_COLUMNS, missing_cells, missing_text, surplus_cells
from pipeline.reader._seal import SEAL_COLUMN, column_keys, make_seal
from pipeline.reader.tables import KEEP_BYTES
from pipeline.runs.journal import Journal, SettledRow, SourceFacts
from pipeline.storage import private_file
from pipeline.values import Struct

_NOT_APPLIED = "; it says opted out, and that was NOT applied: look at the contact by hand"
_OPT_OUTS = {
    "": "",
    "updated": "; it says opted out, and the contact was opted out",
    "unchanged": "; it says opted out, and the contact is opted out already",
    "carried": "; it says opted out, and the contact was opted out with another row of its phone",
    "absent": "; it says opted out, and there is no such contact yet: that is remembered for when it is imported",
    "skipped": "; it says opted out, and that goes for each of the contacts with its phone",
    "rejected": _NOT_APPLIED,
    "failed": _NOT_APPLIED,
    "unknown": _NOT_APPLIED,
}
"""What is said of a row's opt-out behind its reason, by what became of it."""


class _Layout(Struct, frozen=True):
    """How the reject file is written: like its source, or like the first of several.

    `places` says for every file where its cells go, column by column (-1: left out), `extras` which of its columns
    says already what is ragged in a row (-1: none), `keys` what a seal calls the columns.
    """

    headers: Sequence[str]
    places: Sequence[Sequence[int]]
    extras: Sequence[int]
    delimiter: str
    encoding: str
    line_end: str
    names: Sequence[str]
    keys: Sequence[str]

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
    layout = _layout(journal.facts.sources)
    try:
        with (
            private_file(path) as beside,
            beside.open("w", encoding=layout.encoding, errors=KEEP_BYTES, newline="") as file,
        ):
            write = _writer(file, layout)
            for cells in _rows(journal, kinds, layout):
                write(cells)
    except OSError as error:
        raise StorageFailed(f"The reject file {path} cannot be written: {error.strerror}.") from error
    return path


def reject_rows(journal: Journal, kinds: Sequence[OutcomeKind]) -> Iterator[Sequence[object]]:
    """Yield the header and the rows of a reject file."""
    return _rows(journal, kinds, _layout(journal.facts.sources))


def _rows(journal: Journal, kinds: Sequence[OutcomeKind], layout: _Layout) -> Iterator[Sequence[object]]:
    extra = any(_raggedness(row, layout) for row in journal.outcomes.rows(*kinds))
    ours = [*([EXTRA_COLUMN] if extra else []), *([FILE_COLUMN] if layout.several else [])]
    yield [*layout.headers, *ours, *REJECT_COLUMNS, SEAL_COLUMN]
    for row in journal.outcomes.rows(*kinds):
        yield _reject_row(row, layout, extra=extra)


def _writer(file: IO[str], layout: _Layout) -> Callable[[Sequence[object]], object]:
    """Return what writes a row; all its cells are quoted where it could be read as a comment or as two rows."""
    plain = csv.writer(file, delimiter=layout.delimiter, lineterminator=layout.line_end)
    quoted = csv.writer(file, quoting=csv.QUOTE_ALL, delimiter=layout.delimiter, lineterminator=layout.line_end)

    def write(cells: Sequence[object]) -> object:
        # A lone CR ends a line for readers, but the csv module quotes it only where lines end so. A first cell that
        # begins with a mark may look like a comment.
        first = str(cells[0])[:1]
        is_plain = first.isalnum() or first in ("", "+", "(", '"')
        has_lone_cr = any(isinstance(cell, str) and "\r" in cell for cell in cells)
        return plain.writerow(cells) if is_plain and not has_lone_cr else quoted.writerow(cells)

    return write


def _reject_row(row: SettledRow, layout: _Layout, *, extra: bool) -> list[object]:
    cells: list[object] = [""] * len(layout.headers)
    for place, cell in zip(layout.places[row.source], row.cells, strict=False):
        if place >= 0:
            cells[place] = cell
    surplus = [_raggedness(row, layout)] if extra else []
    file = [layout.names[row.source]] if layout.several else []
    reason = row.reason + _OPT_OUTS[row.opt_out]
    seal = make_seal(layout.keys, list(map(str, cells)))
    return [*cells, *surplus, *file, row.line, row.code, row.column, row.value, reason, seal]


def _raggedness(row: SettledRow, layout: _Layout) -> str:
    """What keeps a ragged row rejected until somebody has looked at it: its surplus cells, or how many are missing.

    What an earlier reject file said of it is carried on.
    """
    width = len(layout.places[row.source])
    missing = missing_cells(row.cells, width)
    if missing:
        return missing_text(missing)
    told = layout.extras[row.source]
    known = [row.cells[told]] if told >= 0 and row.cells[told].strip() else []
    return layout.delimiter.join([*known, *surplus_cells(row.cells, width)])


def _layout(sources: Sequence[SourceFacts]) -> _Layout:
    first = sources[0]
    headers: list[str] = []
    places: list[list[int]] = []
    known: dict[tuple[str, int], int] = {}
    for source in sources:
        places.append([])
        for index, header in enumerate(source.headers):
            # A second column of the same name is another column; one of ours is made anew, not twice.
            key = (header, source.headers[:index].count(header))
            if header in OUR_COLUMNS:
                places[-1].append(-1)
                continue
            if key not in known:
                known[key] = len(headers)
                headers.append(header)
            places[-1].append(known[key])
    encodings = {source.encoding for source in sources}
    encoding = first.encoding if len(encodings) == 1 else "utf-8"
    return _Layout(
        headers,
        places,
        [_place(EXTRA_COLUMN, source.headers) for source in sources],
        first.delimiter,
        # A workbook's rejects are a text file that Excel opens as what it is.
        "utf-8-sig" if encoding == "xlsx" else encoding,
        first.line_end,
        [source.name for source in sources],
        column_keys(headers),
    )


def _place(header: str, headers: Sequence[str]) -> int:
    return headers.index(header) if header in headers else -1


def write_left_out(path: Path, journal: Journal) -> None:
    """Write the cells that were left out of their contacts, where there are any, for a person. Raises StorageFailed."""
    cells = journal.left_out.read()
    first = next(cells, None)
    if first is None:
        return
    try:
        # With its mark a spreadsheet opens it as what it is.
        with private_file(path) as beside, beside.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("row", "line", "column", "value", "code", "reason"))
            writer.writerows(
                (seq, cell.line, cell.column, cell.value, cell.code, cell.reason) for seq, cell in chain([first], cells)
            )
    except OSError as error:
        raise StorageFailed(f"{path} cannot be written: {error.strerror}.") from error


def write_contacts(path: Path, blocks: Iterable[bytes]) -> None:
    """Write normalised contacts, whole JSON lines, into a private file. Raises StorageFailed."""
    try:
        with private_file(path) as beside, beside.open("wb") as file:
            file.writelines(blocks)
    except OSError as error:
        raise StorageFailed(f"{path} cannot be written: {error.strerror}.") from error
