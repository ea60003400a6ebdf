"""How a text is cut into a table: its delimiter and where its header stands, judged from many lines."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from pipeline.folding import fold

DELIMITERS = (",", ";", "\t", "|", "`", "^")
"""The comma, Excel in much of Europe, databases, and the backquote and caret of bulk CRM exports."""

_RECORDS = 200
_HEADER_RECORDS = 50
"""Records that are not blank, among which a header is looked for."""

_FILLED = 0.6
"""Share of a header's cells that hold a name; titles and version lines above a table hold one or two."""

_HEADER_FITS = 1.2
"""How much more a delimiter counts that cuts the first record as it cuts the others."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record of the sample: the physical lines (from 1) where it begins and ends, and its cells."""

    start: int
    end: int
    cells: Sequence[str]

    @property
    def filled(self) -> int:
        """How many cells hold something."""
        return sum(1 for cell in self.cells if cell.strip())


def sample_records(text: str, delimiter: str, count: int = _RECORDS) -> list[Record]:
    """Return the first records of a text that are not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    records = []
    end = 0
    try:
        for cells in islice(reader, count * 2):
            start, end = end + 1, reader.line_num
            record = Record(start, end, cells)
            if record.filled:
                records.append(record)
    except csv.Error:
        # What cannot be read is said where the table itself is read.
        pass
    return records[:count]


def find_delimiter(text: str) -> str:
    """Return the delimiter that cuts a text into the most even and widest records; the comma if none does."""
    first = text.lstrip("\ufeff").split("\n", 1)[0].strip()
    if first.lower().startswith("sep=") and len(first) == 5:
        return first[4]
    scores = {delimiter: _score(sample_records(text, delimiter)) for delimiter in DELIMITERS}
    best = max(scores, key=lambda delimiter: scores[delimiter])
    return best if scores[best] > 0 else ","


def _score(records: Sequence[Record]) -> float:
    width, share = modal_width(records)
    if width < 2:
        return 0.0
    fits = _HEADER_FITS if records[0].filled and len(records[0].cells) in (width, width - 1) else 1.0
    return float(share * (width - 1) ** 0.5) * fits


def modal_width(records: Sequence[Record]) -> tuple[int, float]:
    """Return the commonest number of cells, and the share of the records that have it."""
    widths = Counter(len(record.cells) for record in records)
    if not widths:
        return 0, 0.0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    return width, count / len(records)


def find_header(records: Sequence[Record], wanted: Sequence[str]) -> int | None:
    """Return the place of the header among the sample's records, or None where there are none.

    It is the record with the most wanted names, if any has one; else the first that looks like the head of this
    table: as wide as the records below it, and with names in most of its cells.
    """
    head = records[:_HEADER_RECORDS]
    if not head:
        return None
    names = {fold(name) for name in wanted}
    matches = [len(names & {fold(cell) for cell in record.cells}) for record in head]
    if max(matches):
        return matches.index(max(matches))
    width, _ = modal_width(records)
    for place, record in enumerate(head):
        if (
            record.filled >= max(_FILLED * min(width, len(record.cells)), min(2, width))
            and len(record.cells) >= width - 1
        ):
            return place
    return 0


def is_preface(text: str) -> bool:
    """Whether a record of one cell is Excel's note about the delimiter."""
    return text.strip().lower().startswith("sep=") and len(text.strip()) <= 5
