"""Names as they are compared: headers, field titles and tags that differ only in how they are written are the same."""

import re
import unicodedata
from collections.abc import Callable, Sequence

_POSITION = re.compile(r"column\s*([0-9]{1,5})", re.IGNORECASE)


def fold(name: str) -> str:
    """Return a name without regard to case, accents, spaces and punctuation: `E-mail ` and `email` are one.

    A name of nothing but punctuation keeps it, so that it does not fold to the empty name.
    """
    letters = unicodedata.normalize("NFKD", name).casefold()
    return "".join(char for char in letters if char.isalnum()) or "".join(name.split())


class NameIndex:
    """Finds the names that a name means among many: the same text if there is one, else those that fold alike.

    So `Phone #1` finds `Phone 1`, but where there are both `Phone 1` and `Phone #1` each finds itself.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._places: list[dict[str, list[int]]] = []
        for same in _ALIKE:
            known: dict[str, list[int]] = {}
            for place, name in enumerate(names):
                known.setdefault(same(name), []).append(place)
            self._places.append(known)

    def find(self, wanted: str) -> list[int]:
        """Return the places of the names that `wanted` means; several where it is not clear which."""
        found = (known.get(same(wanted)) for same, known in zip(_ALIKE, self._places, strict=True))
        return next(filter(None, found), [])


def find_name(wanted: str, names: Sequence[str]) -> list[int]:
    """Return the places of the names that `wanted` means, as a NameIndex finds them."""
    return NameIndex(names).find(wanted)


def position_of(name: str) -> int | None:
    """Return the index that a name like `column 5` means, for headers that are empty, doubled or not there at all."""
    found = _POSITION.fullmatch(name.strip())
    return int(found[1]) - 1 if found and int(found[1]) > 0 else None


def _spaced(name: str) -> str:
    return " ".join(name.split()).casefold()


_ALIKE: tuple[Callable[[str], str], ...] = (str.strip, _spaced, fold)
"""Ways of being the same name, the strictest first."""
