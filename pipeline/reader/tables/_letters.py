"""How well a text reads as names of some languages: by its letters beyond ASCII, and by what stands beside them."""

import functools
import re
import tomllib
from collections.abc import Collection, Sequence
from pathlib import Path

from pipeline.values import Struct

_HIGH = re.compile("[^\\x00-\\x7f]")

_ALONE, _NEIGHBOUR = 0.5, 0.25
"""What a letter of a language counts that has no neighbour usual there, and what each usual neighbour adds."""

_RARE = 0.5
"""What a character of East Asia counts that is seldom in names."""

_MIXED = 0.93
"""What a letter counts that belongs to another language of the same encoding than most of the text."""

_MARK = 0.9
"""What a mark counts that stands where such marks do."""

_OPENING = "\u2018\u201c\u201e\u00ab\u00bf\u00a1\u00a3\u20ac\u00a9"
_CLOSING = "\u2019\u201d\u00bb\u2122\u00ae\u00aa\u00ba\u00b0\u2026"
_BETWEEN = "\u2013\u2014\u00b7\u00a0\u2022\u00d7\u00b1\u2116\u00b9\u00b2\u00b3"

_ELIDED = re.compile(r"(?:\b(?:o|d|l|n|m|c|t|j|s|qu|dell?|dall?|all|sant|un)$)", re.IGNORECASE)
_ENDING = re.compile(r"(?:s|t|d|m|ll|re|ve|em|n|un)\b", re.IGNORECASE)


class Language(Struct, frozen=True):
    """Of an alphabet: its letters beyond ASCII and the usual `pairs`. Of East Asia: the characters of names."""

    letters: frozenset[str]
    pairs: frozenset[str] = frozenset()

    @property
    def is_latin(self) -> bool:
        """Whether its letters stand beside those of ASCII."""
        return bool(self.pairs) and all(letter < "\u0250" for letter in self.letters)


@functools.cache
def languages() -> dict[str, Language]:
    """Return what is known of languages, by their English names."""
    table = tomllib.loads(Path(__file__).with_name("letters.toml").read_text(encoding="utf-8"))
    return {name: _language(text) for name, text in table.items()}


def _language(text: str) -> Language:
    if " " not in text:
        return Language(frozenset(text))
    pairs = frozenset(group[0] + after for group in text.split() for after in group[1:])
    return Language(frozenset(char for char in "".join(pairs) if not char.isascii()), pairs)


def read_well(text: str, names: Collection[str]) -> float:
    """Return how well a text reads in the best of some languages, from 0 to 1; mixtures of them count a little less."""
    known = [languages()[name] for name in names]
    rows = [[_judge(text, found.start(), language) for language in known] for found in _HIGH.finditer(text)]
    if not rows:
        return 1.0
    best = max(map(_mean, zip(*rows, strict=True)))
    return max(best, _MIXED * _mean([max(row) for row in rows]))


def _mean(scores: Sequence[float]) -> float:
    return sum(scores) / len(scores)


def _judge(text: str, place: int, language: Language) -> float:
    char, before, after = text[place], text[place - 1 : place], text[place + 1 : place + 2]
    if not language.pairs:
        return _judge_character(char, before, after, language)
    if not _is_letter(char):
        return _judge_mark(text, place)
    small = _small(char)
    if small not in language.letters or _is_odd_case(char, before, after):
        return 0.0
    if not language.is_latin and (_is_ascii_letter(before) or _is_ascii_letter(after)):
        return 0.0
    if not (_is_letter(before) or _is_letter(after)):
        return _ALONE
    left = (_small(before) if _is_letter(before) else "^") + small
    right = small + (_small(after) if _is_letter(after) else "$")
    return _ALONE + _NEIGHBOUR * ((left in language.pairs) + (right in language.pairs))


def _judge_character(char: str, before: str, after: str, language: Language) -> float:
    if _is_ascii_letter(before) or _is_ascii_letter(after):
        return 0.0
    if char in language.letters or "\u3041" <= char <= "\u30fe":
        return 1.0
    return _RARE if "\u3001" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7a3" else 0.0


def _judge_mark(text: str, place: int) -> float:
    char, before, after = text[place], text[place - 1 : place], text[place + 1 : place + 2]
    if before.isalpha() and after.isalpha():
        is_apostrophe = char == "\u2019" and (_ELIDED.search(text[:place]) or _ENDING.match(text, place + 1))
        return _MARK if is_apostrophe else 0.0
    if char in _OPENING:
        return 0.0 if before.isalnum() else _MARK
    if char in _CLOSING:
        return _MARK if before.isalnum() or before in ".!?)" else 0.0
    return _MARK if char in _BETWEEN and not (before.isalpha() or after.isalpha()) else 0.0


def _is_letter(char: str) -> bool:
    # The vowel signs of Thai are no letters for Python.
    return char.isalpha() or "\u0e31" <= char <= "\u0e4e"


def _is_ascii_letter(char: str) -> bool:
    return char.isascii() and char.isalpha()


def _small(char: str) -> str:
    return char if char == "\u0130" else char.lower()


def _is_odd_case(char: str, before: str, after: str) -> bool:
    """Whether a letter is a capital within a word of small ones, or a small one between capitals."""
    if char.isupper():
        return before.islower() or (before.isalpha() and after.islower())
    return char.islower() and char.upper() != char and before.isupper() and after.isupper()
