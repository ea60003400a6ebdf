"""The cells of a column, each distinct one looked at once."""

import operator
from collections.abc import Callable, Sequence
from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


def stripped(rows: Sequence[Sequence[str]], index: int) -> list[str]:
    """Return the cells of a column without the blanks around them."""
    return list(map(str.strip, map(operator.itemgetter(index), rows)))


def each_distinct(cells: Sequence[Key], convert: Callable[[Key], Value]) -> list[Value]:
    """Convert a column, each distinct cell once."""
    values = {cell: convert(cell) for cell in dict.fromkeys(cells)}
    return list(map(values.__getitem__, cells))
