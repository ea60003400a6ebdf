"""The cells of a column, each distinct one looked at once."""

import operator
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from pipeline.libraries import pd

Key = TypeVar("Key")
Value = TypeVar("Value")


def stripped(rows: Sequence[Sequence[str]], index: int) -> list[str]:
    """Return the cells of a column without the blanks around them."""
    return list(map(str.strip, map(operator.itemgetter(index), rows)))


def each_distinct(cells: Sequence[Key], convert: Callable[[Key], Value]) -> list[Value]:
    """Convert a column, each distinct cell once."""
    column: pd.Series[Any] = pd.Series(list[Any](cells), dtype=object)
    codes, distinct = pd.factorize(column)
    values = [convert(cell) for cell in distinct]
    return [values[code] for code in codes.tolist()]
