"""Which single-byte encoding of the Latin script a text is in, told by the letters of its languages.

Statistical detectors confuse the neighbours of cp1252: read in the wrong one of them, a name is still made of letters
("Dvorak" with its accents becomes Danish). But then no one language has all of those letters.
"""

import re
import unicodedata

PREFERRED = "cp1252"

_WESTERN = {
    "French": "\u00e0\u00e2\u00e6\u00e7\u00e8\u00e9\u00ea\u00eb\u00ee\u00ef\u00f4\u0153\u00f9\u00fb\u00fc\u00ff",
    "German": "\u00e4\u00f6\u00fc\u00df\u00e9",
    "Spanish": "\u00e1\u00e9\u00ed\u00f1\u00f3\u00fa\u00fc",
    "Portuguese": "\u00e0\u00e1\u00e2\u00e3\u00e7\u00e9\u00ea\u00ed\u00f3\u00f4\u00f5\u00fa\u00fc",
    "Italian": "\u00e0\u00e8\u00e9\u00ec\u00ed\u00ee\u00f2\u00f3\u00f9\u00fa",
    "Catalan": "\u00e0\u00e7\u00e8\u00e9\u00ed\u00ef\u00f2\u00f3\u00fa\u00fc",
    "Swedish": "\u00e5\u00e4\u00f6\u00e9",
    "Danish": "\u00e6\u00f8\u00e5\u00e9\u00f3\u00f6",
    "Icelandic": "\u00e1\u00e9\u00ed\u00f3\u00fa\u00fd\u00fe\u00e6\u00f6\u00f0",
    "Dutch": "\u00e1\u00e9\u00eb\u00ed\u00ef\u00f3\u00f6\u00fa\u00fc\u00e8\u00ea",
}
_CENTRAL = {
    "Polish": "\u0105\u0107\u0119\u0142\u0144\u00f3\u015b\u017a\u017c",
    "Czech": "\u00e1\u010d\u010f\u00e9\u011b\u00ed\u0148\u00f3\u0159\u0161\u0165\u00fa\u016f\u00fd\u017e",
    "Slovak": "\u00e1\u00e4\u010d\u010f\u00e9\u00ed\u013a\u013e\u0148\u00f3\u00f4\u0155\u0161\u0165\u00fa\u00fd\u017e",
    "Hungarian": "\u00e1\u00e9\u00ed\u00f3\u00f6\u0151\u00fa\u00fc\u0171",
    "Romanian": "\u0103\u00e2\u00ee\u015f\u0163",
    "Croatian": "\u010d\u0107\u0111\u0161\u017e",
}
_TURKISH = {"Turkish": "\u00e7\u011f\u0131\u00f6\u015f\u00fc\u00e2\u00ee\u00fb"}
_BALTIC = {
    "Lithuanian": "\u0105\u010d\u0119\u0117\u012f\u0161\u0173\u016b\u017e",
    "Latvian": "\u0101\u010d\u0113\u0123\u012b\u0137\u013c\u0146\u0161\u016b\u017e",
    "Estonian": "\u00e4\u00f6\u00fc\u00f5\u0161\u017e",
}

_LANGUAGES = {
    PREFERRED: _WESTERN,
    "cp1250": _CENTRAL,
    "cp1254": _TURKISH,
    "cp1257": _BALTIC,
    "iso8859-2": _CENTRAL,
    "mac-roman": _WESTERN,
    "cp850": _WESTERN,
    "cp852": _CENTRAL,
}

_MIXED = 0.85
"""What a letter counts that belongs to the region of an encoding, but not to the language of the text."""

_MARGIN = 0.05
"""How much better than cp1252 another encoding must be."""

_CLEAR = 0.95
"""From here on a text is certainly of a language."""

_HIGH = re.compile("[^\\x00-\\x7f]")


def is_western(sample: bytes) -> bool:
    """Whether a sample is clearly of one Western language, read as cp1252."""
    return max(_fit(sample, PREFERRED, letters) for letters in _WESTERN.values()) >= _CLEAR


def find_latin(sample: bytes) -> str:
    """Return the encoding in which a sample in Latin script makes most sense; cp1252 in doubt."""
    scores = {encoding: _score(sample, encoding) for encoding in _LANGUAGES}
    best = max(scores, key=lambda encoding: scores[encoding])
    return best if scores[best] > scores[PREFERRED] + _MARGIN else PREFERRED


def _score(sample: bytes, encoding: str) -> float:
    languages = _LANGUAGES[encoding]
    everywhere = "".join(languages.values())
    return max(
        _MIXED * _fit(sample, encoding, everywhere),
        *(_fit(sample, encoding, letters) for letters in languages.values()),
    )


def _fit(sample: bytes, encoding: str, letters: str) -> float:
    """The share of the letters beyond ASCII that are of an alphabet; marks between letters count as wrong ones."""
    text = sample.decode(encoding, "replace")
    right = wrong = 0
    for found in _HIGH.finditer(text):
        verdict = _judge(text, found.start(), letters)
        right += verdict is True
        wrong += verdict is False
    return right / (right + wrong) if right + wrong else 0.0


def _judge(text: str, place: int, letters: str) -> bool | None:
    """Whether a character belongs where it stands; None for a mark that may stand anywhere."""
    char, before, after = text[place], text[place - 1 : place], text[place + 1 : place + 2]
    if char.isalpha():
        is_odd_case = char.isupper() and before.islower()
        return char.lower() in letters and not is_odd_case
    if unicodedata.category(char) in ("Cc", "Cn", "Co") or char == "\ufffd":
        return False
    is_apostrophe = char in "\u2019\u00b7"
    return False if before.isalpha() and after.isalpha() and not is_apostrophe else None
