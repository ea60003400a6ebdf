"""Characters that nobody typed: invisible ones, control characters, and what is left of texts that were spoilt."""

import re
from collections.abc import Iterable, Sequence

from pipeline.showing import quoted

CONTROL = re.compile("[\x80-\x9f]")
"""Control characters that nobody writes: what bytes become that are read in a wrong encoding."""

_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0"
)
_ANY_INVISIBLE = re.compile(f"[{_INVISIBLE}]")
_ONLY_INVISIBLE = re.compile(f"[\\s{_INVISIBLE}]+")

MOJIBAKE = re.compile(
    # UTF-8 read as cp1252 or latin-1: a first byte, then one of those that follow it.
    "[\u00c2\u00c3\u00c4\u00c5\u00ce\u00cf\u00d0\u00d1\u00d7\u00d8\u00d9]"
    "[\x80-\xbf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013\u2014\u2018-\u201e\u2020-\u2022\u2026\u2030"
    "\u2039\u203a\u20ac\u2122]|\u00e2(?:\u20ac|\x80)"
)
ENTITY = re.compile("&(?:#[0-9]{2,7}|#[xX][0-9a-fA-F]{2,6}|[A-Za-z][A-Za-z0-9]{1,30});")


_REMARKS = (
    (ENTITY, 'texts such as {} hold HTML; {{ to = ..., transform = "html_unescape" }} on their columns mends them'),
    (
        MOJIBAKE,
        'texts such as {} were spoilt before; {{ to = ..., transform = "fix_text" }} on their columns mends them',
    ),
)


def find_spoilt(rows: Iterable[Sequence[str]]) -> list[str]:
    """Return sentences about texts that were spoilt before they came here, with one of each kind."""
    cells = [cell for row in rows for cell in row if "&" in cell or not cell.isascii()]
    found = ((text, next((cell.strip() for cell in cells if spoilt.search(cell)), "")) for spoilt, text in _REMARKS)
    return [text.format(quoted(cell[:40])) for text, cell in found if cell]


def has_invisible(text: str) -> bool:
    """Whether a text holds a character that cannot be seen; blanks do not count."""
    return not text.isascii() and _ANY_INVISIBLE.search(text) is not None


def is_invisible(text: str) -> bool:
    """Whether a text holds nothing that can be seen."""
    return not text.isascii() and _ONLY_INVISIBLE.fullmatch(text) is not None
