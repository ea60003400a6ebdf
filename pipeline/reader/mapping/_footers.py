"""What reports put under a table: a copyright, who made them and when, how many records there are."""

import re
from collections.abc import Sequence

from pipeline.showing import quoted

_FOOTER = re.compile(
    r"copyright\b|\(c\)\s*\d{4}|\u00a9|confidential information|all rights reserved"
    r"|(?:report |list |file )?(?:generated|exported|created|printed|run)(?: by| on| at|:)"
    r"|(?:sub|grand )?totals?\s*[:(]|total (?:records?|rows?|contacts?|count)|record count\b"
    r"|(?:count|number) of (?:records?|rows?|contacts?)|end of (?:report|file|list)|page \d+ of \d+"
    r"|\d[\d,. ]* (?:records?|rows?|contacts?)(?: (?:found|selected|exported|total|in all))?\W*$",
    re.IGNORECASE,
)

_PHONE_DIGITS = 7


def footer_reason(cells: Sequence[str]) -> str:
    """Return why a row that has no phone is a footer, or ""."""
    filled = [text for cell in cells if (text := cell.strip())]
    if not 0 < len(filled) <= 2 or not _FOOTER.match(filled[0]):
        return ""
    return f"below the table: {quoted(filled[0][:60])}" if not any(map(_may_be_phone, filled[1:])) else ""


def is_beside_footer(cells: Sequence[str]) -> bool:
    """Whether a row can be a line of a footer that others tell: the name of a report or of a company, alone."""
    filled = [cell for cell in cells if cell.strip()]
    return len(filled) == 1 and not _may_be_phone(filled[0]) and "@" not in filled[0]


def _may_be_phone(cell: str) -> bool:
    return sum(map(str.isdigit, cell)) >= _PHONE_DIGITS
