"""Which single-byte encoding of the Latin script a text is in, told by the letters of its languages.

Statistical detectors confuse the neighbours of cp1252: read in the wrong one of them, a name is still made of letters
("Dvorak" with its accents becomes Danish). But then no one language has all of those letters.
"""

import re
import unicodedata

PREFERRED = "cp1252"

_WESTERN = {
    "French": "àâæçèéêëîïôœùûüÿ",
    "German": "äöüßé",
    "Spanish": "áéíñóúü",
    "Portuguese": "àáâãçéêíóôõúü",
    "Italian": "àèéìíîòóùú",
    "Catalan": "àçèéíïòóúü",
    "Swedish": "åäöé",
    "Danish": "æøåéóö",
    "Icelandic": "áéíóúýþæöð",
    "Dutch": "áéëíïóöúüèê",
}
_CENTRAL = {
    "Polish": "ąćęłńóśźż",
    "Czech": "áčďéěíňóřšťúůýž",
    "Slovak": "áäčďéíĺľňóôŕšťúýž",
    "Hungarian": "áéíóöőúüű",
    "Romanian": "ăâîşţ",
    "Croatian": "čćđšž",
}
_TURKISH = {"Turkish": "çğıöşüâîû"}
_BALTIC = {
    "Lithuanian": "ąčęėįšųūž",
    "Latvian": "āčēģīķļņšūž",
    "Estonian": "äöüõšž",
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
