"""Numbers of a sheet as its number format shows them, where that says more than the number: 02134, 15%, phones.

What a format only adorns (thousands, currencies, units, fewer decimals) is left out: the number itself is what the
cell holds.
"""

import datetime as dt
import decimal
import functools
import re
from collections.abc import Sequence

from pipeline.values import Struct

_TOKEN = re.compile(r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|[_*].|\[(?P<bracket>[^\]]*)\]|(?P<plain>.)', re.DOTALL)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9.]+)")
_PLACEHOLDERS = "0#?"
_MARKS = frozenset("()+-./ 0123456789")
"""What stands between the digits of phones, zip codes and other numbers that are names."""


class _Section(Struct, frozen=True):
    """One of the parts that semicolons divide a format into.

    `parts` are its digits and signs in order: a placeholder, or a sign behind a quotation mark.
    """

    parts: tuple[str, ...]
    condition: tuple[str, decimal.Decimal] | None
    decimals: int
    is_percent: bool
    is_label: bool

    def fits(self, number: decimal.Decimal) -> bool:
        """Whether its condition, if it has one, is true of a number."""
        if self.condition is None:
            return True
        sign, limit = self.condition
        below, same = number < limit, number == limit
        return {
            "<": below, "<=": below or same, "=": same, "<>": not same, ">=": not below, ">": not (below or same),
        }[sign]  # fmt: skip


def says_more(number_format: str) -> bool:
    """Whether a format may show a number otherwise than as plain digits."""
    return any(section.is_percent or section.is_label for section in _sections(number_format))


def number_text(value: float, number_format: str) -> str:
    """Return a number as its format shows it, where that carries meaning; else in plain digits, without exponent."""
    number = decimal.Decimal(repr(value))
    plain = format(number, "f")
    plain = plain.removesuffix(".0") if "." in plain else plain
    section = _choose(_sections(number_format), number)
    if section is None or not number.is_finite():
        return plain
    if section.is_percent:
        return _percent(number, section.decimals)
    if section.is_label and number >= 0 and number == number.to_integral_value():
        return _label(format(number.to_integral_value(), "f"), section.parts)
    return plain


def duration_text(value: dt.timedelta) -> str:
    """Return a time that was measured ([h]:mm) as hours and minutes, with seconds where there are any."""
    seconds = round(value.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{sign}{hours}:{minutes:02}" + (f":{seconds:02}" if seconds else "")


@functools.lru_cache(maxsize=256)
def _sections(number_format: str) -> tuple[_Section, ...]:
    sections: list[list[str]] = [[]]
    conditions: list[tuple[str, decimal.Decimal] | None] = [None]
    for found in _TOKEN.finditer(number_format):
        if found["plain"] == ";":
            sections.append([])
            conditions.append(None)
        elif found["plain"]:
            sections[-1].append(found["plain"])
        elif found["bracket"] and (condition := _CONDITION.fullmatch(found["bracket"].strip())):
            conditions[-1] = (condition[1], decimal.Decimal(condition[2]))
        elif found["bracket"]:
            sections[-1] += [f'"{sign}' for sign in _currency(found["bracket"])]
        else:
            sections[-1] += [f'"{sign}' for sign in found["quoted"] or found["escaped"] or ""]
    return tuple(map(_section, sections, conditions))


def _currency(bracket: str) -> str:
    return bracket[1:].split("-", maxsplit=1)[0] if bracket.startswith("$") else ""


def _section(parts: Sequence[str], condition: tuple[str, decimal.Decimal] | None) -> _Section:
    whole, point, behind = "".join(part[-1:] if len(part) == 1 else "x" for part in parts).partition(".")
    digits = [part for part in parts if part in _PLACEHOLDERS]
    signs = [part[-1] for part in parts if part not in _PLACEHOLDERS]
    zeros = whole.count("0")
    # A point between placeholders is one of decimals, unless several divide the digits of a number into groups.
    is_decimal = bool(point) and "." not in behind and bool(set(behind) & set(_PLACEHOLDERS))
    is_label = (
        bool(digits)
        and not is_decimal
        and set(signs) <= _MARKS
        and (zeros > 1 or bool({sign for sign in signs if sign != " "}))
        # A sign in front of all digits alone, but for a plus or a nought, is a minus or a bracket of accountants.
        and (len(digits) > 1 or "+" in signs or "0" in signs)
        and ("0" in (*digits, *signs) or "+" in signs or len(digits) > 3)
    )
    decimals = sum(sign in _PLACEHOLDERS for sign in behind) if is_decimal else 0
    return _Section(tuple(parts), condition, decimals, "%" in parts, is_label)


def _choose(sections: Sequence[_Section], number: decimal.Decimal) -> _Section | None:
    """The section that shows a number: by the conditions, or else the first for what is not negative."""
    if any(section.condition for section in sections):
        return next((section for section in sections if section.fits(number)), None)
    is_negative = number < 0 and len(sections) > 1
    return sections[1] if is_negative else sections[0] if sections else None


def _percent(number: decimal.Decimal, decimals: int) -> str:
    """All the digits there are, and no fewer decimals than the format has. A float's own noise is no digit."""
    # Fifteen digits are what a spreadsheet keeps.
    exact = decimal.Context(prec=15).multiply(number, decimal.Decimal(100)).normalize()
    exponent = exact.as_tuple().exponent
    has = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return f"{exact:.{max(has, decimals)}f}%"


def _label(digits: str, parts: Sequence[str]) -> str:
    """Fill digits into a format from its end. A number with more digits than it has places is no such number."""
    places = sum(part in _PLACEHOLDERS for part in parts)
    if len(digits) > places > 1:
        return digits
    shown: list[str] = []
    left = "" if digits == "0" else digits
    for part in reversed(parts):
        if part not in _PLACEHOLDERS:
            shown.append(part[-1])
            continue
        places -= 1
        taken, left = (left, "") if not places else (left[-1:], left[:-1])
        shown.append(taken or ("0" if part == "0" else ""))
    return "".join(reversed(shown)).strip()
