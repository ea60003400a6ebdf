"""Words of a text: the blanks between them, their capitals, the first and the last one."""

import re

_APOSTROPHES = "'\u2019\u02bc"
# A combining mark belongs to its letter: without it, a decomposed e-acute would end a word.
_LETTERS = "(?:[^\\W_\u02bc]|[\u0300-\u036f])+"
_WORD = re.compile(f"{_LETTERS}(?:[{_APOSTROPHES}]{_LETTERS})*")
_APOSTROPHE = re.compile(f"([{_APOSTROPHES}])")

_ELIDED = frozenset(("dall", "dell", "sant"))
"""What stands before an apostrophe in a name, besides single letters: O'Neil, D'Angelo, Dell'Acqua."""

_ENGLISH_ENDINGS = frozenset(("all", "d", "em", "ll", "m", "re", "s", "t", "ve"))
"""What stands behind an apostrophe in a common word, and stays small: I'll, it's, y'all."""


def collapse(text: str) -> str:
    """Return a text with each run of white space, no-break spaces too, as one space, and none around it."""
    return " ".join(text.split())


def title(text: str) -> str:
    """Return a text with capitals as names have them: `MARY-JANE O'NEIL` gives `Mary-Jane O'Neil`.

    Words wholly in small letters get a capital. Capitals in a text of mixed case were typed on purpose and stay
    (McDonald, Smith III); where there is nothing but capitals, no inner one can be known: MCDONALD gives Mcdonald.
    """
    kept = _WORD.sub(lambda found: _capitalize(found[0]) if found[0].islower() else found[0], text)
    return _WORD.sub(lambda found: _capitalize(found[0]), kept) if kept.isupper() else kept


def first_word(text: str) -> str:
    """Return the first word."""
    return text.split(maxsplit=1)[0] if text.split() else ""


def last_word(text: str) -> str:
    """Return the last word, or nothing where there is only one: a single name is no family name."""
    words = text.split()
    return words[-1] if len(words) > 1 else ""


def _capitalize(word: str) -> str:
    parts = _APOSTROPHE.split(word)
    for place in range(0, len(parts), 2):
        begins = place == 0 or _begins_name(parts[place - 2], parts[place])
        parts[place] = _capital(parts[place]) if begins else parts[place].lower()
    return "".join(parts)


def _begins_name(before: str, behind: str) -> bool:
    elided = (len(before) == 1 and before.isalpha()) or before.lower() in _ELIDED
    return elided and behind.lower() not in _ENGLISH_ENDINGS


def _capital(letters: str) -> str:
    first = letters[0].title()
    # A few letters have no capital of one character (the German sharp s); they stay as they are.
    kept = first if len(first) == 1 else letters[0]
    return kept + letters.lower()[len(letters[0].lower()) :]
