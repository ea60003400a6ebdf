"""A column of phone cells: few of them one by one, more through tables.

`read_phone` says what a cell means; `read_phones` says the same of a column. The tables alone need numpy, whose start
costs more than reading a short list.
"""

from collections.abc import Sequence

from pipeline.phone._column import PhoneColumn
from pipeline.phone._reading import PhoneReading, read_phone
from pipeline.phone._tables import TableReader, compile_plan

_FEW_CELLS = 400
"""The library reads so many cells in the time that it takes to compile the tables. They count for the whole process, so
that a column which comes in many small parts is read by the tables all the same."""


def read_phones(
    cells: Sequence[str], region: str, *, vanity_letters: bool = False, first_of_two: bool = False
) -> PhoneColumn:
    """Read stripped cells under one default region; each gets exactly what `read_phone` gives it. Never raises.

    An empty cell has no digits and no refusal.
    """
    if not cells:
        return PhoneColumn.blank(0)
    if not _asked.are_many(len(cells)):
        return read_few(cells, region, vanity_letters=vanity_letters, first_of_two=first_of_two)
    return TableReader(region, vanity_letters=vanity_letters, first_of_two=first_of_two).read(cells)


def warm_up(region: str) -> None:
    """Make ready what many cells of a region need, while there is nothing else to do."""
    compile_plan(region)


def read_few(cells: Sequence[str], region: str, *, vanity_letters: bool, first_of_two: bool) -> PhoneColumn:
    """Read each distinct cell by itself."""
    column = PhoneColumn.blank(len(cells))
    known: dict[str, PhoneReading] = {}
    for index, cell in enumerate(cells):
        if cell and cell not in known:
            known[cell] = read_phone(cell, region, vanity_letters=vanity_letters, first_of_two=first_of_two)
        if cell:
            column.settle(index, known[cell])
    return column


class _Asked:
    """How many cells this process was asked about."""

    def __init__(self) -> None:
        self._cells = 0

    def are_many(self, further: int) -> bool:
        """Whether so many further cells pay for the tables; from then on the answer is yes."""
        self._cells += further
        return self._cells > _FEW_CELLS


_asked = _Asked()
