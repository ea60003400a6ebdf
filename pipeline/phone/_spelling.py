"""A column of cells as a matrix of digits, for the cells that hold nothing but an ordinarily written number."""

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from pipeline.libraries import numpy as np
from pipeline.values import Struct

if TYPE_CHECKING:
    from numpy.typing import NDArray

Array: TypeAlias = "NDArray[Any]"

NO_DIGIT = 10
"""What stands in the matrix behind the last digit."""

MOST_DIGITS = 15
"""Of E.164. Cells with more are left to libphonenumber, which has longer numbers in a few plans."""

_NEWLINE, _PLUS, _SPACE, _MARK, _OPEN, _ODD = 11, 12, 13, 14, 15, 16

_DIGITS_BEFORE_BRACKET = 6
"""From so many digits on, what stands in brackets is hardly an area code."""

_DIGITS_IN_BRACKET = 4
"""So few digits behind a bracket are hardly the rest of a number."""


@functools.cache
def _kinds_of_bytes() -> Array:
    kinds = np.full(256, _ODD, dtype=np.uint8)
    kinds[ord("0") : ord("9") + 1] = np.arange(10)
    kinds[ord("\n")] = _NEWLINE
    kinds[ord("+")] = _PLUS
    kinds[ord(" ")] = _SPACE
    kinds[[ord(mark) for mark in ").-"]] = _MARK
    kinds[ord("(")] = _OPEN
    return kinds


class Spelling(Struct, frozen=True):
    """How the cells of a column are written.

    `digits[k]` holds the k-th digit of every cell (NO_DIGIT behind its last one), `count` how many there are, `value`
    the number they make. `plus`: one plus stands before the first digit. `bare`: digits and nothing else. `spaced`:
    digits and perhaps blanks. `odd`: the cell holds something that needs a closer look; the rest says nothing about it
    then.
    """

    digits: Array
    count: Array
    value: Array
    plus: Array
    bare: Array
    spaced: Array
    odd: Array


def spell(cells: Sequence[str]) -> Spelling:
    """Spell stripped cells. Only ASCII digits, blanks, `().-` and one leading plus are not odd."""
    kinds, ends = _kinds(cells)
    size = len(cells)
    starts = np.concatenate((np.zeros(1, dtype=np.int64), ends[:-1] + 1))
    is_digit = kinds < NO_DIGIT
    before = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(is_digit)))
    count = before[ends] - before[starts]
    odd = (count < 1) | (count > MOST_DIGITS) | _ends_like_a_float(kinds, starts, ends)
    odd |= _rows_with(kinds == _ODD, ends, size) > 0
    # What ends with a mark, or has brackets late, may go on behind the number: `01 2345678 (12)`.
    odd |= kinds[ends - 1] >= NO_DIGIT
    marks = np.flatnonzero((kinds == _MARK) | (kinds == _OPEN))
    marked = np.searchsorted(ends, marks)
    opens = kinds[marks] == _OPEN
    rows = marked[opens]
    in_front = before[marks[opens]] - before[starts[rows]]
    odd[rows[(in_front >= _DIGITS_BEFORE_BRACKET) | (count[rows] - in_front <= _DIGITS_IN_BRACKET)]] = True
    plus = _leading_plus(kinds, starts, ends, before, odd)
    digits = _matrix(kinds[is_digit], np.where(odd, 0, count), np.repeat(~odd, count))
    bare = (count == ends - starts) & ~odd
    spaced = ~odd & ~plus & (np.bincount(marked, minlength=size) == 0)
    return Spelling(digits, count, _values(digits), plus, bare, spaced, odd)


def _kinds(cells: Sequence[str]) -> tuple[Array, Array]:
    text = "\n".join(cells)
    if not text.isascii() or text.count("\n") >= len(cells):
        # A cell of a single odd character stands for what cannot stand in one ASCII line.
        text = "\n".join([cell if cell.isascii() and "\n" not in cell else "?" for cell in cells])
    kinds = _kinds_of_bytes()[np.frombuffer((text + "\n").encode("ascii"), dtype=np.uint8)]
    return kinds, np.flatnonzero(kinds == _NEWLINE)


def _rows_with(marked: Array, ends: Array, size: int) -> Array:
    """How many marked characters each row has."""
    found: Array = np.bincount(np.searchsorted(ends, np.flatnonzero(marked)), minlength=size)
    return found


def _leading_plus(kinds: Array, starts: Array, ends: Array, before: Array, odd: Array) -> Array:
    """The rows with one plus before their digits; rows with another use of it become odd."""
    places = np.flatnonzero(kinds == _PLUS)
    rows = np.searchsorted(ends, places)
    number = np.bincount(rows, minlength=len(ends))
    odd |= number > 1
    odd[rows[before[places] > before[starts[rows]]]] = True
    one: Array = number == 1
    return one


def _ends_like_a_float(kinds: Array, starts: Array, ends: Array) -> Array:
    """The rows that end with `.0` or `.00`: a spreadsheet may have printed a number."""
    last, second, third = (kinds[np.maximum(ends - back, starts)] for back in (1, 2, 3))
    ends_so: Array = (last == 0) & ((second == _MARK) | ((second == 0) & (third == _MARK)))
    return ends_so


def _matrix(flat: Array, count: Array, wanted: Array) -> Array:
    size = len(count)
    matrix = np.full((MOST_DIGITS + 1, size), NO_DIGIT, dtype=np.uint8)
    rows = np.repeat(np.arange(size), count)
    first = np.cumsum(count) - count
    matrix[np.arange(len(rows)) - first[rows], rows] = flat[wanted]
    return matrix


def _values(digits: Array) -> Array:
    value = np.zeros(digits.shape[1], dtype=np.uint64)
    for row in digits:
        np.copyto(value, value * 10 + row, where=row < NO_DIGIT)
    return value
