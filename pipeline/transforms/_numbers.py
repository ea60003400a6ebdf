"""Numbers as people and spreadsheets write them. No number is ever held as a float: 0.1 stays 0.1."""

import re

from pipeline.transforms._step import TransformProblem

MARKS = (".", ",")
"""The decimal marks; the other one of the two then stands between thousands."""

_CURRENCY = "[A-Z]{0,2}[$\xa2-\xa5\u058f\u060b\u09f2\u09f3\u0e3f\u17db\u20a0-\u20c0\uff04\uffe1\uffe5\uffe6]"
_SIGN = "[-+\u2212]?"


def _pattern(mark: str, thousands: str) -> re.Pattern[str]:
    """Return what a number is: its digits in sound groups, a sign on one side, a currency sign on either."""
    by_three = rf"[0-9]{{1,3}}(?P<gap>[{thousands} '\u2019])[0-9]{{3}}(?:(?P=gap)[0-9]{{3}})*"
    # India groups by two above the last three digits: 12,34,567.
    by_two = rf"[0-9]{{1,2}}(?:{thousands}[0-9]{{2}})+{thousands}[0-9]{{3}}"
    digits = rf"(?P<whole>{by_three}|{by_two}|[0-9]*)(?:{mark}(?P<decimals>[0-9]*))?"
    return re.compile(
        rf"(?P<open>\()? ?(?P<sign1>{_SIGN}) ?(?P<money1>{_CURRENCY})? ?(?P<sign2>{_SIGN}) ?"
        rf"{digits} ?(?P<money2>{_CURRENCY})? ?(?P<sign3>{_SIGN}) ?(?P<money3>{_CURRENCY})? ?(?(open)\))"
    )


_NUMBERS = {".": _pattern(r"\.", ","), ",": _pattern(",", r"\.")}


def read_number(text: str, mark: str) -> str:
    """Return a number as plain digits with a point: `($1,234.50)` gives `-1234.50`. Decimals stay as they were written.

    `mark` is the decimal mark. Currency signs, blanks and the marks between thousands go; parentheses and a trailing
    minus mean a negative number. What is no number for certain (`12%`, `1e5`, `1,23`, `4-5`) raises TransformProblem
    with the code bad_number.
    """
    found = _NUMBERS[mark].fullmatch(" ".join(text.split()))
    if found is None or not (found["whole"] or found["decimals"]):
        raise _problem(mark)
    signs = "".join(filter(None, found.group("open", "sign1", "sign2", "sign3")))
    moneys = list(filter(None, found.group("money1", "money2", "money3")))
    if len(signs) > 1 or len(moneys) > 1:
        raise _problem(mark)
    whole = re.sub("[^0-9]", "", found["whole"]).lstrip("0") or "0"
    plain = f"{whole}.{found['decimals']}" if found["decimals"] else whole
    # There is no negative zero.
    return f"-{plain}" if signs not in ("", "+") and plain.strip("0.") else plain


def _problem(mark: str) -> TransformProblem:
    example = "1234.50 or 1,234.50" if mark == "." else "1234,50 or 1.234,50"
    return TransformProblem("bad_number", f"this is not a number such as {example}")
