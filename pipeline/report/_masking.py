"""Phones in texts of a file, as a report may show them."""

import re

from pipeline.models import mask_phone
from pipeline.results import Example
from pipeline.runs.journal import SettledRow

FEWEST_DIGITS = 7
"""Fewer digits are no phone that anybody could be called at."""

_BETWEEN = r"\s().,/+'\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u2010-\u2015\u2212\uff08\uff09\uff0b\uff0d-"
_NUMBER = re.compile(rf"\d(?:[{_BETWEEN}]*\d){{{FEWEST_DIGITS - 1},}}")
_IDENTITY = re.compile(r"\bids? $", re.IGNORECASE)


def mask_numbers(text: str, *, fewest: int = FEWEST_DIGITS, keep_ids: bool = False) -> str:
    """Return a text with everything in it that could be a phone masked: `+1 (415) 555-0100` -> `+1415***0100`.

    Numbers of fewer than `fewest` digits stay, and with `keep_ids` so do IDs that are said to be such: in sentences of
    ours, not in cells, which may call anything an ID.
    """

    def masked(found: re.Match[str]) -> str:
        digits = "".join(filter(str.isdigit, found[0]))
        if len(digits) < fewest or (keep_ids and _IDENTITY.search(text, 0, found.start())):
            return found[0]
        return mask_phone(digits)

    return _NUMBER.sub(masked, text)


def mask_example(row: SettledRow) -> Example:
    """Return a row as an example may show it."""
    # A date has up to eight digits, and one that could not be read is no help when it is masked.
    value = mask_numbers(row.value, fewest=9 if row.code == "bad_date" else FEWEST_DIGITS)
    return Example(row.line, row.code, row.column, value, mask_numbers(row.reason, fewest=9, keep_ids=True))
