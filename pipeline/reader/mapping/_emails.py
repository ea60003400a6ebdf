"""E-mail addresses: is this one written as an address is written? Nothing is looked up on a network."""

import functools
import re
from collections.abc import Sequence
from typing import Final

from pipeline.libraries import email_validator

MAX_LENGTH: Final = 254
"""The characters that an address can have. Source: RFC 3696, erratum 1690."""

# Up to this length no limit of a part can be passed either: what is not the part itself (a@ and .b around a label,
# @b.c behind the local part) takes four characters at least, and a label has at most 63, a local part at most 64.
_USUAL_LENGTH = 67

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++"
_LABEL = "[A-Za-z0-9]++(?:-[A-Za-z0-9]++)*+"
# Names under which there is no mail (RFC 6761 and its registry). The library has the last word on them.
_SPECIAL = r"(?i:arpa|invalid|local|localhost|onion|test)\b"
_USUAL = rf"{_ATOM}(?:\.{_ATOM})*+@(?:{_LABEL}\.)++(?!{_SPECIAL})[A-Za-z]{{2,}}+"
"""Nearly all addresses. Whatever has this shape and the usual length, the library accepts; a test holds that."""

_USUAL_LINES = re.compile(rf"(?:{_USUAL}\n)*+")


def bad_emails(cells: Sequence[str]) -> dict[int, str]:
    """Return what is wrong with the addresses of a column, by their place; the correct ones are not mentioned.

    The examples' domains of RFC 2606 (example.com, a.example) are correct; names that no mail can reach
    (localhost, a.test, a.invalid) are not.
    """
    reasons = {place: _ask_library(cells[place]) for place in _unusual_places(cells)}
    return {place: reason for place, reason in reasons.items() if reason is not None}


def _unusual_places(cells: Sequence[str]) -> list[int]:
    """Return the places of the cells that are not of the usual shape.

    The column is searched as one text, an address a line: that is faster than a search for each cell.
    """
    text = "\n".join([*cells, ""])
    if max(map(len, cells), default=0) > _USUAL_LENGTH or text.count("\n") > len(cells):
        lines = ["" if len(cell) > _USUAL_LENGTH or "\n" in cell else cell for cell in cells]
        text = "\n".join([*lines, ""])
    places: list[int] = []
    start = place = 0
    while start < len(text):
        found = _USUAL_LINES.match(text, start)
        end = found.end() if found else start
        place += text.count("\n", start, end)
        start = end
        if start < len(text):
            places.append(place)
            place += 1
            start = text.index("\n", start) + 1
    return places


@functools.lru_cache(maxsize=4096)
def _ask_library(text: str) -> str | None:
    if len(text) > MAX_LENGTH:
        # The library says the same, but takes long to say it of a very long text.
        return f"this is not an e-mail address: it has {len(text)} characters, an address at most {MAX_LENGTH}"
    try:
        email_validator.validate_email(text, check_deliverability=False)
    except ValueError as error:
        # EmailNotValidError is a ValueError, and so is what odd characters raise below it.
        said = str(error).rstrip(".")
        return f"this is not an e-mail address: {said[:1].lower()}{said[1:]}"
    return None
