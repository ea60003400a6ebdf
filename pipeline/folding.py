"""Names as they are compared: headers, field titles and tags that differ only in how they are written are the same."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

_POSITION = re.compile(r"column\s*([0-9]{1,5})", re.IGNORECASE)


def fold(name: str) -> str:
    """Return a name without regard to case, accents, spaces and punctuation: `E-mail ` and `email` are one.

    A name of nothing but punctuation keeps it, so that it does not fold to the empty name.
    """
    letters = unicodedata.normalize("NFKD", name).casefold()
    return "".join(char for char in letters if char.isalnum()) or "".join(name.split())


def find_name(wanted: str, names: Sequence[str]) -> list[int]:
    """Return the places of the names that `wanted` means: the same text if there is one, else those that fold alike.

    So `Phone #1` finds `Phone 1`, but where the table has both `Phone 1` and `Phone #1` each finds itself.
    """
    for same in (str.strip, _spaced, fold):
        found = _places(same(wanted), map(same, names))
        if found:
            return found
    return []


def position_of(name: str) -> int | None:
    """Return the index that a name like `column 5` means, for headers that are empty, doubled or not there at all."""
    found = _POSITION.fullmatch(name.strip())
    return int(found[1]) - 1 if found and int(found[1]) > 0 else None


def _spaced(name: str) -> str:
    return " ".join(name.split()).casefold()


def _places(wanted: str, names: Iterable[str]) -> list[int]:
    return [index for index, name in enumerate(names) if name == wanted]
