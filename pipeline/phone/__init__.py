"""Telephone numbers: what a person or a spreadsheet wrote becomes E.164 digits, or a reject that says why.

`read_phone` says what a cell means; `read_phones` says the same of a column, from tables compiled out of
libphonenumber's metadata. The answers are libphonenumber's own, after the documented steps of `read_phone`.

A column takes three steps: it is spelled into a matrix of digits (`_spelling`); ordinarily written numbers are judged
by automata that are compiled when a calling code or region first occurs (`_automaton`, `_plans`, `_plain`); everything
else (extensions, wrapped cells, prefixes that libphonenumber strips by rules of their own) is taken apart and goes
through the tables again or to the library itself (`_reading`). The tables answer yes, no or undecided, and undecided
goes to the library, so no shortcut can be wrong.
"""

from pipeline.phone._column import PhoneColumn, read_phones
from pipeline.phone._countries import find_region, region_of
from pipeline.phone._index import Numbers, PhoneIndex
from pipeline.phone._reading import PhoneReading, read_phone

__all__ = [
    "Numbers",
    "PhoneColumn",
    "PhoneIndex",
    "PhoneReading",
    "find_region",
    "read_phone",
    "read_phones",
    "region_of",
]
