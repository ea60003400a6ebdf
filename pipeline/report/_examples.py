"""Rows of a run as a report may show them: some of each reason, phones masked wherever they stand."""

import re
from collections.abc import Iterable, Iterator

from pipeline.models import OutcomeKind, mask_phone
from pipeline.results import Example
from pipeline.runs.journal import Journal, SettledRow

_EXAMPLES_PER_CODE = 3

FEWEST_DIGITS = 7
"""Fewer digits are no phone that anybody could be called at."""

_MORE_THAN_A_DATE = 9
"""Digits; a date has up to eight, and one that could not be read is no help when it is masked."""

_BETWEEN = r"\s().,/+'\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u2010-\u2015\u2212\uff08\uff09\uff0b\uff0d-"
_NUMBER = re.compile(rf"\d(?:[{_BETWEEN}]*\d){{{FEWEST_DIGITS - 1},}}")
_IDENTITY = re.compile(r"\bids? $", re.IGNORECASE)


def sample_rows(journal: Journal, *kinds: OutcomeKind) -> Iterator[SettledRow]:
    """Yield up to three rows of each code. Raises StorageFailed."""
    for code in journal.outcomes.codes(*kinds):
        yield from journal.outcomes.rows(*kinds, code=code, limit=_EXAMPLES_PER_CODE)


def find_examples(journal: Journal, kinds: Iterable[OutcomeKind]) -> tuple[Example, ...]:
    """Return up to three rows of each code. Raises StorageFailed."""
    return tuple(map(mask_example, sample_rows(journal, *kinds)))


def mask_example(row: SettledRow) -> Example:
    """Return a row as an example may show it."""
    value = mask_numbers(row.value, fewest=_MORE_THAN_A_DATE if row.code == "bad_date" else FEWEST_DIGITS)
    return Example(row.line, row.code, row.column, value, mask_reason(row.reason))


def mask_reason(text: str) -> str:
    """Return a sentence of ours with its phones masked; dates and contact IDs stay."""
    return mask_numbers(text, fewest=_MORE_THAN_A_DATE, keep_ids=True)


def mask_numbers(text: str, *, fewest: int = FEWEST_DIGITS, keep_ids: bool = False) -> str:
    """Return a text with everything in it that could be a phone masked: `+1 (415) 555-0100` -> `+1415***0100`.

    Numbers of fewer than `fewest` digits stay, and with `keep_ids` so do numbers behind the word "id". That is for
    our own sentences: a cell of a file may call anything an ID.
    """

    def masked(found: re.Match[str]) -> str:
        digits = "".join(filter(str.isdigit, found[0]))
        if len(digits) < fewest or (keep_ids and _IDENTITY.search(text, 0, found.start())):
            return found[0]
        return mask_phone(digits)

    return _NUMBER.sub(masked, text)
