"""Telephone numbers: what a person or a spreadsheet wrote becomes E.164 digits, or a reject that says why."""

from pipeline.phone._column import PhoneColumn
from pipeline.phone._columns import read_phones, warm_up
from pipeline.phone._countries import Country, find_countries, find_region, names_calling_codes, region_of
from pipeline.phone._index import PhoneIndex
from pipeline.phone._reading import PhoneReading, is_a_digit_too_long, read_phone

__all__ = [
    "Country",
    "PhoneColumn",
    "PhoneIndex",
    "PhoneReading",
    "find_countries",
    "find_region",
    "is_a_digit_too_long",
    "names_calling_codes",
    "read_phone",
    "read_phones",
    "region_of",
    "warm_up",
]
