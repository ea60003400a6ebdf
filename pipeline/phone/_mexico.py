"""Mexican numbers as they were dialled until 2019: a 1 for mobiles behind +52, and 01, 044 or 045 before a number."""

import re

CODE = 52
REGION = "MX"

NATIONAL_DIGITS = 10

_OLD_NATIONAL = re.compile(r"(?:01|02|044|045|1)(\d{10})")
_OLD_INTERNATIONAL = re.compile(r"(?:0052|01152|52)(?:1|01|044|045)(\d{10})")
_AS_IN_MEXICO = re.compile(r"1[-. ]+\(?\d{2}\)?[-. ]+\d{4}[-. ]+\d{4}")


def without_old_prefix(text: str, region: str | None) -> str:
    """Return the number with its country code and without the old prefix, or "" where there is none.

    libphonenumber knew these prefixes until the numbering plan dropped them; lists have them still.
    """
    digits = "".join(filter(str.isdecimal, text))
    if "+" in text:
        found = _OLD_INTERNATIONAL.fullmatch(digits) if digits.startswith(str(CODE)) else None
    elif region == REGION:
        found = _OLD_INTERNATIONAL.fullmatch(digits) or _OLD_NATIONAL.fullmatch(digits)
    else:
        found = None
    return f"+{CODE}{found[1]}" if found else ""


def is_written_as_in_mexico(text: str) -> bool:
    """Whether digits after a 1 are grouped as those of the large cities of Mexico, and nowhere in North America."""
    return bool(_AS_IN_MEXICO.fullmatch(text))
