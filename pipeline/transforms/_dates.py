"""Dates from one way of writing to another."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from pipeline.showing import quoted
from pipeline.transforms._step import TransformProblem

# What each directive says, or needs to be written. The rest of strftime's differs by system or by language.
_FACTS = {
    "%Y": "year", "%y": "year", "%m": "month", "%b": "month", "%B": "month", "%d": "day", "%j": "month day",
    "%H": "hour", "%I": "hour", "%p": "hour", "%M": "minute", "%S": "second", "%f": "microsecond", "%z": "zone",
    "%a": "", "%A": "", "%%": "",
}  # fmt: skip
_TO_NEEDS = _FACTS | dict.fromkeys(("%a", "%A", "%j"), "year month day")
_DIRECTIVE = re.compile("%.?", re.DOTALL)
# A moment whose parts all differ, so that nothing is read back by chance.
_SAMPLE = datetime(2024, 12, 31, 16, 45, 59, tzinfo=UTC)

_FORM = '"FROM -> TO", such as "%m/%d/%Y -> %Y-%m-%d"'


def read_patterns(text: str) -> tuple[tuple[str, ...], str]:
    """Return the FROM patterns and the TO pattern of "FROM -> TO"; " | " stands between several FROM.

    Raises ValueError when a pattern cannot be used, or when TO asks for what a FROM does not say.
    """
    before, arrow, behind = (part.strip() for part in text.partition("->"))
    if not (before and arrow and behind) or "->" in behind:
        raise ValueError(f"expected {_FORM}")
    sources = tuple(source.strip() for source in before.split(" | "))
    needed = set().union(*(_TO_NEEDS[directive].split() for directive in _directives(behind)))
    if not needed:
        raise ValueError(f"{quoted(behind)} writes nothing of the date; expected {_FORM}")
    for source in sources:
        _check_source(source, needed)
    _check_moves(sources, behind)
    return sources, behind


def change_date(text: str, sources: Sequence[str], target: str) -> str:
    """Return a date as `target` writes it, read by the first of `sources` that fits.

    Raises TransformProblem with the code bad_date when none fits: a date is never guessed.
    """
    for source in sources:
        try:
            return _write(datetime.strptime(text.strip(), source), target)  # noqa: DTZ007 - a date as written
        except ValueError:
            continue
    forms = " or ".join(f"{source} (such as {_write(_SAMPLE, source)})" for source in sources)
    raise TransformProblem("bad_date", f"this is not a date of the form {forms}")


def _directives(pattern: str) -> list[str]:
    found = _DIRECTIVE.findall(pattern)
    for directive in found:
        if directive not in _FACTS:
            raise ValueError(f"{quoted(directive)} in {quoted(pattern)} cannot be used; known are {' '.join(_FACTS)}")
    return found


def _check_source(source: str, needed: set[str]) -> None:
    found = _directives(source)
    said = set().union(*(_FACTS[directive].split() for directive in found))
    missing = sorted(needed - said)
    if missing:
        raise ValueError(f"{quoted(source)} does not say the {' and the '.join(missing)} that is to be written")
    # Without its year the 29th of February would be refused, without %p every afternoon would become morning.
    if "day" in said and not {"year", "month"} <= said:
        raise ValueError(
            f"{quoted(source)} reads a day without its month and year; a transform of the kind regex can do that"
        )
    if ("%I" in found) != ("%p" in found):
        raise ValueError(f"{quoted(source)}: %I (hours up to 12) and %p (AM or PM) go together; hours up to 24 are %H")


def _check_moves(sources: Sequence[str], target: str) -> None:
    """Try the patterns on a date. Raises ValueError for what only strptime knows, such as a directive used twice."""
    for source in sources:
        try:
            _write(datetime.strptime(_write(_SAMPLE, source), source), target)  # noqa: DTZ007 - a date as written
        except (ValueError, re.error) as error:
            raise ValueError(f"{quoted(source)} cannot be read back: a directive may stand twice in it") from error


def _write(moment: datetime, pattern: str) -> str:
    # Systems disagree about years before 1000: some write 999, some 0999.
    year = f"{moment.year:04}"
    return moment.strftime(_DIRECTIVE.sub(lambda found: year if found[0] == "%Y" else found[0], pattern))
