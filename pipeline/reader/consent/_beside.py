"""Hear words of an opt-out where a number is expected: people write them into the phone itself."""

import functools
import re
from collections.abc import Iterable

from pipeline.reader.consent._cells import says_no_anywhere
from pipeline.reader.consent._tokens import plain, words_of

_NUMBER = re.compile(r"[+(]*\d(?:.*\d)?", re.DOTALL)
_BREAKS = re.compile(r"(?:[^\w'’.\s-]|(?<!\w)-|-(?!\w))+")
"""What divides remarks; a dash inside of a word does not."""

_ALONE = frozenset(("stop", "stopall", "unsubscribe"))
"""The words by which a person opts out of texts. Elsewhere they may be a name or a verb, and here they are no number."""

_DENIALS = frozenset(
    (
        *("not", "never", "no", "non", "longer", "nicht", "nie", "kein", "keine", "pas", "plus", "nunca", "nao", "geen"),
        *("niet", "inte", "aldrig"),
    )
)
    while words and words[-1] in _POLITE:
        words.pop()
    words = words[-_MOST_WORDS:]
    if plain(part).replace(".", "").strip() in ("dnc", "dnt"):
        return True
    ends = (start for start in range(len(words)) if says_no_anywhere(" ".join(words[start:])))
    start = next(ends, None)
    return start is not None and not _DENIALS.intersection(words[:start])
