"""What is found of a column that may say who must not be texted."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

from pipeline.values import Struct

OPTED_OUT = "is_opted_out"
"""The target of every column on consent."""


class Kind(StrEnum):
    """What is to be done with a column."""

    MAPPED = "mapped"
    """It is understood: `target` says how."""

    QUESTION = "question"
    """A person has to say what it means; `suggestions` are the answers that are likely."""

    OTHER_CHANNEL = "other_channel"
    """It speaks of e-mail, fax, calls or post; nothing is taken from it."""

    LEFT = "left"
    """It tells of a consent that another column says."""

    HARMLESS = "harmless"
    """It says nothing about consent."""


class Suggestion(Struct, frozen=True):
    """An answer to a question: a target as TOML writes it, and what it means for people."""

    target: object
    meaning: str


class Verdict(Struct, frozen=True):
    """What a column says about consent, as far as its header and its cells tell.

    `out_cells` are the cells, in small letters, of those who are opted out under `target`. `by_header` is whether the
    header itself speaks of consent. `dates_of_yes` marks the dates of an opt-in, `about` a column that tells of an
    opt-out (its reason, its source): both say nothing where another column says it. `permission` is whether it says who
    agreed, and not only who said no.
    """

    kind: Kind
    reason: str = ""
    target: object = None
    sure: bool = True
    suggestions: tuple[Suggestion, ...] = ()
    out_cells: frozenset[str] = frozenset()
    by_header: bool = True
    dates_of_yes: bool = False
    about: bool = False
    permission: bool = False


HARMLESS = Verdict(Kind.HARMLESS)
IGNORE = Suggestion("ignore", "nothing is taken from the column")

_UNCLEAR = "neither yes nor no"
_EMPTY_WORDS = r"(?i)^[(<\[]?(none|null|nil|nan|n/a|na|no value|empty|blank|not set|unset|-+|\?|[0/:. -]+|0000-00-00.*|0001-01-01.*|1900-01-0[01].*)[)>\]]?$"


def mapped(cells: Mapping[str, str]) -> object:
    """Return the target of a column whose cells are written out: `Opted Out` -> yes."""
    return {"to": OPTED_OUT, "map": dict(cells)}


def filled_means(word: str, *, blank: str = "", nothing: bool = False, but: str = "") -> object:
    """Return the target of a column in which any cell means `word`, and a blank one `blank`.

    `nothing` says that words for nothing were seen in it, `but` is a regular expression of cells that count as blank.
    """
    steps: list[object] = [{"regex": _EMPTY_WORDS, "replace": ""}] if nothing else []
    steps += [{"regex": but, "replace": ""}] if but else []
    steps.append({"regex": "(?s)^.+$", "replace": word})
    steps += [{"default": blank}] if blank else []
    return {"to": OPTED_OUT, "transform": steps}


_NUMERIC_DATE = r"(?=.*\d)[\d\s.,:/+TtZz-]{6,35}"
_SPOKEN_DATE = (
    r"(?i:(?=.*\d)(?:[\d\s.,:/+-]|[ap]\.?m\b|utc|gmt|t|z|st|nd|rd|th|de|jan|feb|mar|mrt|apr|may|mai|maj|mei|jun|jul|aug|ago|sep|set"
    r"|oct|okt|nov|dec|dez|dic|ene|abr|fev|avr|juin|juil|gen|mag|giu|lug|ott|kwi|uary|ruary|ch|il|ust|tember|ober|ember"
    r"|mon|tue|wed|thu|fri|sat|sun|day|s|nes|ur)+)"
)
"""Cells of nothing but the signs of a date, and the parts of names of months and days."""


def dates_mean(word: str, dates: Iterable[str], *, blank: str) -> object:
    """Return the target of a column of dates in which a date means `word`, and a blank cell `blank`.

    A cell that comes later and is no date is none of both: it rejects its row. None where no pattern fits the dates.
    """
    dates = list(dates)
    pattern = next((each for each in (_NUMERIC_DATE, _SPOKEN_DATE) if all(map(re.compile(each).fullmatch, dates))), "")
    if not pattern:
        return None
    steps: list[object] = [{"regex": _EMPTY_WORDS, "replace": ""}]
    steps.append({"regex": f"(?s)^(?!{pattern}$).+$", "replace": _UNCLEAR})
    steps.append({"regex": f"(?s)^(?!{_UNCLEAR}$).+$", "replace": word})
    return {"to": OPTED_OUT, "transform": [*steps, {"default": blank}] if blank else steps}


def cells_that_say(pattern: str) -> object:
    """Return the target of a column in which only cells that hold a pattern say opted out."""
    return {"to": OPTED_OUT, "transform": [{"regex": pattern}, {"regex": "(?s)^.+$", "replace": "yes"}]}
