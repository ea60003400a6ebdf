"""What a reject file has beyond the columns of its source, and when a row is ragged.

The rule is one and the same where a row is rejected and where its reject file is written: else a reject could be
accepted, or be beyond mending, when that file is read again.
"""

import re
from collections.abc import Sequence

from pipeline.models import REJECT_COLUMNS
from pipeline.reader._seal import SEAL_COLUMN

EXTRA_COLUMN = "_extra"
"""Says what a ragged row has too much or too little; the row is rejected until that is emptied."""

FILE_COLUMN = "_file"
"""Names the file of a row, when there are several."""

OUR_COLUMNS = (EXTRA_COLUMN, FILE_COLUMN, *REJECT_COLUMNS, SEAL_COLUMN)


def source_width(headers: Sequence[str]) -> int:
    """Return how many of the first columns are the source's own: all but ours, which stand at the end."""
    width = len(headers)
    while width and headers[width - 1] in OUR_COLUMNS:
        width -= 1
    return width


def is_reject_header(headers: Sequence[str]) -> bool:
    """Whether a header is that of a reject file, of today or of before there were seals."""
    names = _without_blanks(headers)
    last = len(names) - (SEAL_COLUMN in names[-1:])
    return tuple(names[max(0, last - len(REJECT_COLUMNS)) : last]) == REJECT_COLUMNS


def clean_header(headers: Sequence[str]) -> tuple[str, ...]:
    """Return a header; that of a reject file without the blank columns that a spreadsheet may write behind it."""
    return tuple(_without_blanks(headers) if is_reject_header(headers) else headers)


def _without_blanks(headers: Sequence[str]) -> Sequence[str]:
    end = len(headers)
    while end and not headers[end - 1].strip():
        end -= 1
    return headers[:end]


def surplus_cells(cells: Sequence[str], width: int) -> Sequence[str]:
    """Return what a row has beyond the header; blanks at its end, which many programs write, do not count."""
    surplus = cells[width:]
    return surplus if any(map(str.strip, surplus)) else ()


def missing_cells(cells: Sequence[str], width: int) -> int:
    """Return how many cells a row lacks."""
    return max(0, width - len(cells))


def missing_text(count: int) -> str:
    """Return how EXTRA_COLUMN says that a row lacks some cells."""
    return f"({count} {'cell' if count == 1 else 'cells'} missing)"


def read_missing(text: str) -> int:
    """Return how many cells a row lacked, as EXTRA_COLUMN says; 0 where it says something else."""
    found = _MISSING.fullmatch(text.strip())
    return int(found[1]) if found else 0


_MISSING = re.compile(r"\(([1-9][0-9]{0,5}) cells? missing\)")


def ragged_reason(cells: Sequence[str], width: int) -> str:
    """Return why a row is rejected that has too few or too many cells, or ""."""
    if not (missing_cells(cells, width) or surplus_cells(cells, width)):
        return ""
    return f"the row has {len(cells)} cells, the header {width}: a delimiter or quote is missing or too much"
