"""The cells of a column, each distinct one looked at once."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from pipeline.models import column_of

Key = TypeVar("Key")
Value = TypeVar("Value")


def stripped(rows: Sequence[Sequence[str]], index: int) -> list[str]:
    """Return the cells of a column without the blanks around them."""
    return list(map(str.strip, column_of(rows, index)))


def each_distinct(cells: Sequence[Key], convert: Callable[[Key], Value]) -> list[Value]:
    """Convert a column, each distinct cell once."""
    values = {cell: convert(cell) for cell in dict.fromkeys(cells)}
    return list(map(values.__getitem__, cells))


def replaced(cells: list[Key], by: Mapping[Key, Value]) -> list[Key] | list[Key | Value]:
    """Return a column with some of its cells replaced; most columns have none of them."""
    if by.keys().isdisjoint(cells):
        return cells
    return [by.get(cell, cell) for cell in cells]
