"""What a spreadsheet makes of a cell when it opens a text file and saves it again.

Only what a spreadsheet does by itself counts: a lost plus, never one that was added; `02134` to `2134`, never back.
"""

import datetime as dt
import decimal
import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal

_LONGEST_CELL = 32_767
_EXACT_DIGITS = (15, 16, 17)
"""Digits that a number keeps, in Excel and in LibreOffice."""

_SHOWN_DIGITS = range(2, 7)
"""Digits that Excel shows of a long number in a narrow column, and so writes into a text file."""

_LONG_NUMBER = Decimal(10) ** 9
_FRACTION_DIGITS = 9
"""Digits that are shown of a long fraction, at the least."""

_LONGEST_NUMBER = 64
_LARGEST = Decimal("1.797E308")
"""What LibreOffice makes of larger numbers."""

_ERRORS = frozenset(
    (
        *("#N/A", "#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "#ERROR!"),
        *("#NV", "#BEZUG!", "#WERT!", "#ZAHL!", "#NOM?", "#VALEUR!", "#NOMBRE!"),
    )
)
_ERROR = re.compile(r"Err:\d{3}")
_TRUE = frozenset(["true", "wahr", "vrai", "vero", "verdadero", "verdadeiro", "prawda", "waar", "sant"])
_FALSE = frozenset(["false", "falsch", "faux", "falso", "fałsz", "onwaar", "falskt"])
_FORMULA = tuple("=+-@")
_SUM = re.compile(r"[=+-]?\s*[+-]?\d{1,15}(?:\s*[+-]\s*\d{1,15})+")
_TERM = re.compile(r"([+-]?)\s*(\d+)")
_QUOTED = re.compile(r'="(.*)"', re.DOTALL)

_NUMBER = re.compile(r"([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,5}))?")
_FRACTION = re.compile(r"(-?)(\d{1,9}) (\d{1,4})/(\d{1,4})")
_CANONICAL = re.compile(r"-?(?:0|[1-9]\d*)?(?:\.\d+)?(?:[eE][+-]?\d{1,3})?")
"""A number as a spreadsheet writes it: no plus, and no zeros before it."""

_GROUPS = ((",", "."), (".", ","), (" ", ","), ("\u00a0", ","), ("\u202f", ","), ("'", "."), ("\u2019", "."))
"""What stands between thousands and before the fraction, in the languages of the world."""

_NO_CHARACTER = re.compile("[\ud800-\udfff\ufffe\uffff]")
_CURRENCY = "$\u20ac\u00a3\u00a5"
_CODE_PAGES = ("ascii", "cp1252", "latin-1", "mac_roman", "cp1250", "cp437", "cp850")


BOOLEANS = _TRUE | _FALSE
"""Words that are booleans to a spreadsheet in some language."""


def is_made_of(original: str, cell: str) -> bool:
    """Whether a cell is what a spreadsheet would make of the original, or the original itself."""
    before, now = _plain(original), _plain(cell)
    if before == now or (len(now) == _LONGEST_CELL and before.startswith(now)):
        return True
    quoted = _QUOTED.fullmatch(before)
    if quoted and is_made_of(quoted[1].replace('""', '"'), cell):
        return True
    return (
        _is_too_wide(before, now)
        or _is_same_word(before, now)
        or _is_same_number(before, now)
        or _is_same_moment(before, now)
        or _is_result(before, now)
        or _is_other_alphabet(original.strip(), cell.strip())
    )


def _plain(text: str) -> str:
    """A cell without what is lost on the way: blanks around it, the kind of its line ends, control characters."""
    if text.isascii() and text.isprintable():
        return text.strip()
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("_x000D_", "")
    kept = (char for char in lines if char in "\n\t" or unicodedata.category(char) != "Cc")
    return _NO_CHARACTER.sub("\ufffd", "".join(kept)).strip()


def _is_too_wide(before: str, now: str) -> bool:
    """Whether a cell is what Excel shows of a number or a date in a column that is too narrow."""
    return set(now) == {"#"} and any(map(str.isdigit, before))


def _is_same_word(before: str, now: str) -> bool:
    if before in _ERRORS and _is_error(now):
        return True
    one, other = before.casefold(), now.casefold()
    return any(one in words and other in words for words in (_TRUE, _FALSE))


def _is_error(text: str) -> bool:
    return text in _ERRORS or bool(_ERROR.fullmatch(text))


# --- numbers ---------------------------------------------------------------------------------------------------------


def _is_same_number(before: str, now: str) -> bool:
    if (
        max(len(before), len(now)) > _LONGEST_NUMBER
        or not any(map(str.isdigit, now))
        or not any(map(str.isdigit, before))
    ):
        return False
    originals = set(_numbers(before))
    shown = set(_shown_numbers(now, before)) if originals else set()
    return any(_is_rounded(value, text, number) for value in originals for text, number in shown)


def _numbers(text: str) -> Iterator[Decimal]:
    """Every number that a spreadsheet may read in a text, whatever its language."""
    inner = text
    sign = 1
    if inner.startswith("(") and inner.endswith(")"):
        inner, sign = inner[1:-1], -1
    percent = inner.endswith("%")
    inner = inner.removesuffix("%").strip(_CURRENCY + " \u00a0")
    if inner.endswith(("-", "+")) and inner[:1] not in "+-":
        inner, sign = inner[:-1].rstrip(), -1 if inner.endswith("-") else 1
    fraction = _FRACTION.fullmatch(inner)
    if fraction and int(fraction[4]):
        whole = int(fraction[2]) + Decimal(fraction[3]) / int(fraction[4])
        yield -whole if fraction[1] else whole
    for spelling in _spellings(inner):
        if (value := _decimal(spelling)) is not None:
            yield sign * value
            if percent:
                yield sign * value / 100


def _spellings(text: str) -> Iterator[str]:
    yield text
    yield text.replace(",", ".")
    for group, point in _GROUPS:
        if group in text and re.fullmatch(
            rf"[+-]?\d{{1,3}}(?:{re.escape(group)}\d{{3}})+(?:{re.escape(point)}\d*)?(?:[eE][+-]?\d{{1,3}})?", text
        ):
            yield text.replace(group, "").replace(point, ".")


def _shown_numbers(now: str, before: str) -> Iterator[tuple[str, Decimal]]:
    """The numbers that a cell may be which a spreadsheet wrote. It writes groups and signs only where they were."""
    for spelling in {now, now.replace(",", ".")}:
        if _CANONICAL.fullmatch(spelling) and (value := _decimal(spelling)) is not None:
            yield spelling, value
    if any(char in before for char in f"%({_CURRENCY},'. \u00a0\u202f") and now[:1] not in "+0":
        yield from ((now, value) for value in _numbers(now))


def _decimal(text: str) -> Decimal | None:
    found = _NUMBER.fullmatch(text)
    if not found or not (found[2] or found[3]):
        return None
    try:
        return Decimal(text)
    except decimal.InvalidOperation:
        return None


def _is_rounded(value: Decimal, text: str, number: Decimal) -> bool:
    """Whether a number is a value as a spreadsheet keeps or shows it."""
    if value == number or min(abs(value), abs(number)) > _LARGEST:
        return True
    if any(number in _at(value, digits) for digits in _EXACT_DIGITS):
        return True
    digits = len(number.normalize().as_tuple().digits)
    if "e" in text.casefold():
        return abs(value) >= _LONG_NUMBER and number in _at(value, digits)
    if number == number.to_integral_value():
        # It was shown so, saved, and opened again.
        return abs(value) >= _LONG_NUMBER and any(number in _at(value, shown) for shown in _SHOWN_DIGITS)
    return digits >= _FRACTION_DIGITS and number in _at(value, digits)


def _at(value: Decimal, digits: int) -> tuple[Decimal, ...]:
    """A value of so many digits, rounded and cut."""
    ways = (decimal.ROUND_HALF_EVEN, decimal.ROUND_HALF_UP, decimal.ROUND_DOWN)
    return tuple(decimal.Context(prec=digits, rounding=way).create_decimal(value) for way in ways)


def _is_result(before: str, now: str) -> bool:
    """Whether a cell is what came of a text that a spreadsheet took for a formula."""
    if not before.startswith(_FORMULA):
        return False
    if _is_error(now):
        return True
    if not _SUM.fullmatch(before):
        return False
    total = sum(int(f"{sign}{digits}") for sign, digits in _TERM.findall(before))
    return _is_same_number(str(total), now)


# --- dates and times -------------------------------------------------------------------------------------------------

_MONTHS = {
    word: number
    for number, words in enumerate(
        (
            *(
                "jan januar january janv janvier ene enero gen gennaio janeiro januari",
                "feb februar february f\u00e9vr",
            ),
            *("mar mrz m\u00e4r m\u00e4rz march mars marzo maart maa mrt", "apr april avr avril abr abril aprile"),
            *("may mai mayo mag maggio mei maio", "jun juni june juin junio giu giugno junho"),
            *("jul juli july juil juillet julio lug luglio julho", "aug august ao\u00fbt ago agosto augustus augusti"),
            *(
                "sep sept september septembre septiembre set settembre setembro",
                "oct okt oktober october octobre ott out",
            ),
            *("nov november novembre noviembre novembro", "dec dez dezember december d\u00e9c dic dicembre diciembre"),
        ),
        start=1,
    )
    for word in words.split()
}
_PARTS = re.compile(r"\d+|[^\W\d_]+")
_LINKS = re.compile(r"[\s./,-]*")
_TIME = re.compile(
    r"(?:^|[T ]+)(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,]\d+)?)?(?: ?([AaPp])\.?[Mm]\.?)?(?:Z|[+-]\d\d:\d\d)?$"
)
_CENTURY = 100

Day = tuple[int | None, int, int]
"""Year (None where the text has none), month, day."""

Clock = tuple[int, int, int]


def _is_same_moment(before: str, now: str) -> bool:
    if len(before) > _LONGEST_NUMBER or len(now) > _LONGEST_NUMBER or not any(map(str.isdigit, before)):
        return False
    (one, clock), (other, shown) = _split_time(before), _split_time(now)
    if clock and not one:
        return _is_same_time(clock, other, shown, now)
    if not one or (shown and clock and shown[:2] != clock[:2]) or (shown and not clock and any(shown)):
        return False
    if _is_serial(one, other):
        return True
    return any(
        _meet(first, second)
        for month_first, is_shown_so in _orders(one, other)
        for first in _days(one, month_first)
        for second in _days(other, is_shown_so)
    )


def _orders(before: str, now: str) -> Iterator[tuple[bool, bool]]:
    """Whether the month stands first in a text and in what is shown of it, for each pair of countries.

    Where a program writes points and the text had none, or the other way round, two countries had a part in it: with
    points the day stands first.
    """
    yield from ((True, True), (False, False))
    if ("." in before) != ("." in now):
        yield "." not in before, "." not in now


def _is_same_time(clock: Clock, day: str, shown: Clock | None, now: str) -> bool:
    if shown and (not day or day in ("1899-12-30", "1900-01-00", "1899-12-31")):
        return clock == shown
    fraction = _decimal(now.replace(",", "."))
    seconds = clock[0] * 3600 + clock[1] * 60 + clock[2]
    return fraction is not None and abs(fraction * 86_400 - seconds) < 1


def _split_time(text: str) -> tuple[str, Clock | None]:
    found = _TIME.search(text)
    if not found:
        return text, None
    hour = int(found[1])
    if found[4]:
        hour = hour % 12 + (12 if found[4] in "pP" else 0)
    return text[: found.start()].strip(), (hour, int(found[2]), int(found[3] or 0))


def _is_serial(before: str, now: str) -> bool:
    """Whether a cell is the number of the day that a text says."""
    if not re.fullmatch(r"[1-9]\d{0,6}", now):
        return False
    try:
        day = dt.date(1899, 12, 30) + dt.timedelta(days=int(now))
    except OverflowError:
        return False
    found = (day.year, day.month, day.day)
    return any(_meet(each, found) and each[0] for month_first in (True, False) for each in _days(before, month_first))


def _days(text: str, month_first: bool) -> Iterator[Day]:
    """Every day that a text may be to a spreadsheet which writes the month, or the day, first."""
    parts = _PARTS.findall(text)
    if len(parts) not in (2, 3) or not _LINKS.fullmatch(_PARTS.sub("", text)):
        return
    words = [index for index, part in enumerate(parts) if not part.isdigit()]
    numbers = [part for part in parts if part.isdigit()]
    if len(words) > 1 or any(len(number) > 4 for number in numbers):
        return
    if words:
        month = _MONTHS.get(parts[words[0]].casefold())
        yield from (_days_of_month(month, numbers) if month else ())
        return
    yield from _days_of_numbers(numbers, month_first)


def _days_of_month(month: int, numbers: list[str]) -> Iterator[Day]:
    if len(numbers) == 1:
        yield from _valid(None, month, int(numbers[0]))
        yield from _valid(int(numbers[0]), month, 1)
        return
    yield from _valid(int(numbers[1]), month, int(numbers[0]))
    yield from _valid(int(numbers[0]), month, int(numbers[1]))


def _days_of_numbers(numbers: list[str], month_first: bool) -> Iterator[Day]:
    first, second, *rest = map(int, numbers)
    if rest and len(numbers[0]) > 2:
        yield from _valid(first, second, rest[0])
    elif rest:
        yield from _valid(rest[0], *((first, second) if month_first else (second, first)))
    else:
        yield from _valid(None, *((first, second) if month_first else (second, first)))
        # A month of a year; of two digits, it could be either.
        yield from (_valid(second, first, 1) if len(numbers[1]) == 4 else ())
        yield from (_valid(first, second, 1) if len(numbers[0]) == 4 else ())


def _valid(year: int | None, month: int, day: int) -> Iterator[Day]:
    leap = year is None or year < _CENTURY
    try:
        dt.date(2000 if leap or year is None else year, month, day)
    except ValueError:
        return
    yield year, month, day


def _meet(one: Day, other: Day) -> bool:
    """Whether two days may be the same: a year may be missing, or have two digits."""
    before, now = one[0], other[0]
    if one[1:] != other[1:] or before is None or now is None:
        return one[1:] == other[1:]
    return before % _CENTURY == now % _CENTURY if min(before, now) < _CENTURY else before == now


# --- alphabets -------------------------------------------------------------------------------------------------------


def _is_other_alphabet(original: str, cell: str) -> bool:
    """Whether a cell is the original, opened or saved in an encoding that does not have its letters."""
    if original.isascii():
        return False
    text = _plain(original)
    now = _plain(cell)
    if unicodedata.normalize("NFC", text) == unicodedata.normalize("NFC", now):
        return True
    for name in _CODE_PAGES:
        for each in (text, original):
            if _plain(each.encode("utf-8", "replace").decode(name, "replace")) == now:
                return True
            if _plain(each.encode(name, "replace").decode(name)) == now and "?" in now:
                return True
    return False
