"""Which encoding a text is in that has only few bytes beyond ASCII: the one in which they give names.

Statistics say nothing of so few. So each candidate is read, and its letters are judged. Where two of them give names,
the likelier one is taken and what it was taken for is said.
"""

import re

from pipeline.reader.tables._alphabets import PREFERRED
from pipeline.reader.tables._letters import read_well
from pipeline.values import Struct

_WESTERN = (
    *("French", "German", "Spanish", "Portuguese", "Italian", "Swedish", "Danish", "Icelandic", "Finnish", "Dutch"),
)
_NORTH_AND_WEST = tuple(name for name in _WESTERN if name != "Icelandic")
_CENTRAL = ("Polish", "Czech", "Slovak", "Hungarian", "Romanian", "Croatian", "Slovenian", "German")

_CANDIDATES = (
    (PREFERRED, _WESTERN, 0.12),
    ("cp1250", _CENTRAL, 0.03),
    ("cp1254", ("Turkish", *_NORTH_AND_WEST), 0.03),
    ("cp1257", ("Lithuanian", "Latvian", "Estonian", "German"), 0.02),
    ("mac-roman", _WESTERN, 0.03),
    ("cp850", _NORTH_AND_WEST, 0.02),
    ("cp437", _NORTH_AND_WEST, 0.01),
    ("cp852", _CENTRAL, -0.02),
    ("iso8859-2", _CENTRAL, -0.06),
    ("cp1251", ("Russian", "Ukrainian", "Bulgarian"), 0.04),
    ("koi8-r", ("Russian",), -0.03),
    ("cp866", ("Russian",), -0.03),
    ("cp1253", ("Greek",), 0.03),
    ("cp1255", ("Hebrew",), 0.03),
    ("cp1256", ("Arabic",), 0.03),
    ("cp874", ("Thai",), 0.02),
    ("cp932", ("Japanese",), 0.03),
    ("gb18030", ("Chinese",), 0.03),
    ("big5", ("Taiwanese",), 0.02),
    ("cp949", ("Korean",), 0.02),
    ("euc_jp", ("Japanese",), -0.05),
)
"""Encodings, the languages that are written in them, and how much likelier than others they are to be met."""

_SURE = 0.15
"""How much better than all that read differently an encoding must be to be taken without a word."""

_POOR = 0.5
"""What reads worse is never taken without a word."""

_SHOWN = 3

_WORD = re.compile('[^\\s,;|\t"]*[^\\x00-\\x7f][^\\s,;|\t"]*')


class Reading(Struct, frozen=True):
    """What a sample becomes in one encoding."""

    encoding: str
    words: tuple[str, ...]
    score: float
    weight: float

    @property
    def rank(self) -> float:
        """Its score, and how likely its encoding is to be met."""
        return self.score + self.weight


def judge_few(sample: bytes) -> tuple[str, str]:
    """Return the encoding in which the lines of a sample give names, and a remark where others do so as well."""
    readings = sorted((found for row in _CANDIDATES if (found := _read(sample, *row))), key=lambda found: -found.rank)
    best = readings[0]
    others: list[Reading] = []
    for reading in readings[1:]:
        is_close = reading.rank > best.rank - _SURE or (best.score < _POOR and len(others) < _SHOWN - 1)
        if is_close and all(reading.words != seen.words for seen in (best, *others)):
            others.append(reading)
    if not others and best.score >= _POOR:
        return best.encoding, ""
    return best.encoding, _remark(best, others[:_SHOWN])


def _read(sample: bytes, encoding: str, names: tuple[str, ...], weight: float) -> Reading | None:
    is_single = encoding not in ("cp932", "gb18030", "big5", "cp949", "euc_jp")
    try:
        text = sample.decode(encoding, "replace" if is_single else "strict")
    except UnicodeDecodeError:
        return None
    words = tuple(dict.fromkeys(_WORD.findall(text)))
    return Reading(encoding, words, read_well(text, names), weight)


def _remark(best: Reading, others: list[Reading]) -> str:
    places = [place for place, word in enumerate(best.words) if any(_at(other, place) != word for other in others)]
    shown = places[:_SHOWN] or list(range(min(_SHOWN, len(best.words))))
    read = ", ".join(_word(best, place) for place in shown)
    also = " or ".join(f"{', '.join(_word(other, place) for place in shown)} ({other.encoding})" for other in others)
    could = f"it could also be {also}" if also else "no encoding that is known here makes names of them"
    example = others[0].encoding if others else "cp1252"
    return (
        f"its encoding is a guess from few letters: {read} ({best.encoding}); {could}. Where that is right, say"
        f' import.encoding = "{example}"'
    )


def _at(reading: Reading, place: int) -> str:
    return reading.words[place] if place < len(reading.words) else ""


def _word(reading: Reading, place: int) -> str:
    shown = "".join(char if char.isprintable() else "?" for char in _at(reading, place))
    return f'"{shown}"'
