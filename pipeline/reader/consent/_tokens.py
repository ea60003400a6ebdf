"""The words of a header or a cell: without case and accents, and apart where they were written together."""

import functools
import re
import unicodedata
from collections.abc import Set as AbstractSet

_PLAIN = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "æ": "ae", "đ": "d", "ı": "i", "œ": "oe", "’": "'"})
"""Letters that no decomposition brings to their plain ones."""

_CUSTOM_ENDING = re.compile(r"__p?c$", re.IGNORECASE)
"""How Salesforce ends the names of fields that an account made itself."""

_ONE_WORD = re.compile(r"whats[ _-]?app", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+|\d+")
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_DOTTED = re.compile(r"(?<![^\W_])(?:[^\W\d_]\.){2,}(?:[^\W\d_](?![^\W_]))?")
"""Letters with a point behind each: D.N.C. is DNC."""

_SAME = {"msg": "message", "msgs": "messages", "txts": "texts", "mktg": "marketing", "mkt": "marketing"}
"""Words that are written short."""

_SHORTEST_GLUED = 5
_LONGEST_ENDING = 7
"""Letters that may follow a stem: `unsubscrib` in `unsubscribers`."""


def plain(text: str) -> str:
    """Return a text in small letters without accents, wide letters, invisible signs, and points between letters."""
    text = _unaccented(text.casefold()).casefold()
    return _DOTTED.sub(lambda found: found[0].replace(".", ""), text) if "." in text else text


def _unaccented(text: str) -> str:
    if text.isascii():
        return text
    letters = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    return "".join(char for char in letters if unicodedata.category(char) not in ("Mn", "Me", "Cf"))


def words_of(text: str) -> str:
    """Return the words of a text, plain, with one blank between them."""
    return " ".join(_WORD.findall(plain(text)))


def split_header(header: str, known: AbstractSet[str], stems: AbstractSet[str]) -> str:
    """Return the words of a header: those of `HasOptedOut`, `has_opted_out__c` and `hasoptedout` are the same.

    A word that is glued of others is cut where all of its pieces are known: words, or at its end a stem.
    """
    apart = _HUMPS.sub(" ", _unaccented(_CUSTOM_ENDING.sub("", _ONE_WORD.sub("whatsapp", header.strip()))))
    pieces = (piece for word in words_of(apart).split() for piece in _unglued(word, known, stems))
    return " ".join(_SAME.get(piece, piece) for piece in pieces)


def _unglued(word: str, known: AbstractSet[str], stems: AbstractSet[str]) -> tuple[str, ...]:
    if len(word) < _SHORTEST_GLUED or word in known or _begins_with_stem(word, stems):
        return (word,)

    @functools.cache
    def cut(start: int) -> tuple[str, ...] | None:
        if start == len(word):
            return ()
        # The longest piece first: "opted" is one, not "opt" and "ed".
        for end in range(len(word), start, -1):
            piece = word[start:end]
            if piece in known and (rest := cut(end)) is not None:
                return (piece, *rest)
            if end == len(word) and _begins_with_stem(piece, stems):
                return (piece,)
        return None

    return cut(0) or (word,)


def _begins_with_stem(piece: str, stems: AbstractSet[str]) -> bool:
    return any(piece[: len(piece) - more] in stems for more in range(min(_LONGEST_ENDING, len(piece) - 1) + 1))
