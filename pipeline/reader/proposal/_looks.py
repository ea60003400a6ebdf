"""What the cells of a column look like, whatever its name is."""

import re
from collections.abc import Sequence

from pipeline.models import mask_phone
from pipeline.phone import read_phones
from pipeline.values import Struct

SAMPLE = 200
"""Rows that are looked at."""

_FORMATTED = re.compile(r"^[+(]|[-. ()]")
_DECIMAL = re.compile(r"[-+]?\d+[.,]\d+")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T].*)?")
_ENOUGH_DIGITS = 7
_FEWEST = 5
"""Digits below which nothing in a column is a phone that is worth finding."""


class Looks(Struct, frozen=True):
    """Shares (0 to 1) of the filled cells of a column that look like something; `filled` counts them."""

    filled: int
    phones: float = 0.0
    phone_like: float = 0.0
    emails: float = 0.0
    web: float = 0.0
    words: float = 0.0


def look_at(cells: Sequence[str], region: str) -> Looks:
    """Look at the cells of one column (stripped; blanks are left out)."""
    filled = [cell for cell in cells if cell][:SAMPLE]
    if not filled:
        return Looks(0)
    count = len(filled)
    dates = [bool(_DATE.fullmatch(cell)) for cell in filled]
    # Most columns hold no numbers at all, and need not be read as phones.
    numbers = [
        cell for cell, date in zip(filled, dates, strict=True) if not date and sum(map(str.isdigit, cell)) >= _FEWEST
    ]
    phones = sum(map(bool, read_phones(numbers, region).digits)) if numbers else 0
    like = sum(is_phone_like(cell) and not date for cell, date in zip(filled, dates, strict=True))
    return Looks(
        count,
        phones / count,
        like / count,
        sum("@" in cell[1:-1] for cell in filled) / count,
        sum(cell.lower().startswith(("http://", "https://", "www.")) for cell in filled) / count,
        sum(any(map(str.isalpha, cell)) and "@" not in cell for cell in filled) / count,
    )


def is_phone_like(cell: str) -> bool:
    """Whether a cell is written as phones are: it may be none, or something else."""
    digits = sum(map(str.isdigit, cell))
    letters = sum(map(str.isalpha, cell))
    written = bool(_FORMATTED.search(cell)) and not _DECIMAL.fullmatch(cell)
    return _ENOUGH_DIGITS <= digits <= 17 and letters <= 3 and (written or (digits >= 10 and cell.isdecimal()))


def show(cell: str, *, phone: bool) -> str:
    """Return a cell as an example may show it: short, on one line, phones and addresses masked."""
    text = " ".join(cell.split())
    digits = "".join(filter(str.isdigit, text))
    if phone or (len(digits) >= _ENOUGH_DIGITS and not _DATE.fullmatch(text)):
        return mask_phone(digits) if digits else text[:20]
    if "@" in text:
        name, _, domain = text.partition("@")
        return f"{name[:1]}***@{domain[:24]}"
    return text if len(text) <= 24 else text[:21] + "..."
