"""A column of phone cells: the ordinary ones from compiled tables, the rest one by one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.phone._plain import NO, YES, Answer, PlainReader, plain_reader
from pipeline.phone._reading import (
    PhoneReading,
    accepted,
    is_date_like,
    judge,
    prepare,
    refuse_length,
)
from pipeline.phone._spelling import spell

_NOTES: tuple[tuple[str, ...], ...] = ((), ("region_assumed",), ("international_digits",))
_MOST_DATE_DIGITS = 8


@dataclass(frozen=True, slots=True)
class PhoneColumn:
    """What a column of cells says. `digits` is "" where there is no number; `refusals` says why, except for blanks.

    `notes` are those of `PhoneReading`.
    """

    digits: list[str]
    notes: list[tuple[str, ...]]
    refusals: dict[int, PhoneReading]


def read_phones(
    cells: Sequence[str], region: str, *, vanity_letters: bool = False, first_of_two: bool = False
) -> PhoneColumn:
    """Read stripped cells under one default region; each gets exactly what `read_phone` gives it. Never raises.

    An empty cell has no digits and no refusal.
    """
    if not cells:
        return PhoneColumn([], [], {})
    return _Reader(region, vanity_letters=vanity_letters, first_of_two=first_of_two).read(cells)


class _Reader:
    """One column being read."""

    def __init__(self, region: str, *, vanity_letters: bool, first_of_two: bool) -> None:
        self._plain: PlainReader = plain_reader()
        self._region = region
        self._vanity_letters = vanity_letters
        self._first_of_two = first_of_two

    def read(self, cells: Sequence[str]) -> PhoneColumn:
        answer, odd = self._look_up(cells)
        digits = list(map(str, answer.value.tolist()))
        codes = answer.assumed + 2 * answer.international
        notes = [_NOTES[code] for code in codes.tolist()]
        column = PhoneColumn(digits, notes, {})
        rest = [index for index in np.flatnonzero(answer.verdict != YES).tolist() if cells[index]]
        for index in np.flatnonzero(answer.verdict != YES).tolist():
            digits[index] = ""
            notes[index] = ()
        self._read_rest(cells, rest, odd, answer, column)
        self._doubt_dates(cells, answer, column)
        return column

    def _look_up(self, cells: Sequence[str]) -> tuple[Answer, list[bool]]:
        spelling = spell(cells)
        return self._plain.read(spelling, self._region), spelling.odd.tolist()

    def _read_rest(
        self, cells: Sequence[str], rest: Iterable[int], odd: Sequence[bool], answer: Answer, column: PhoneColumn
    ) -> None:
        """Settle what the tables did not accept: they may have refused it, or not have looked at it."""
        closer: dict[str, list[int]] = {}
        for index in rest:
            refusal = None if odd[index] else self._refusal(answer, index)
            if refusal:
                column.refusals[index] = refusal
            else:
                closer.setdefault(cells[index], []).append(index)
        for cell, reading in zip(closer, self._read_closely(list(closer)), strict=True):
            for index in closer[cell]:
                column.digits[index] = reading.digits or ""
                column.notes[index] = reading.notes if reading.digits else ()
                if not reading.digits:
                    column.refusals[index] = reading

    def _read_closely(self, cells: Sequence[str]) -> list[PhoneReading]:
        """Read distinct cells: what remains when their wrapping is off may be in the tables after all."""
        if not cells:
            return []
        prepared = [
            prepare(cell, vanity_letters=self._vanity_letters, first_of_two=self._first_of_two) for cell in cells
        ]
        # A base that is as odd as before cannot be looked up; it gets an empty place.
        bases = [found.base if found.base != cell else "" for cell, found in zip(cells, prepared, strict=True)]
        answer, odd = self._look_up(bases)
        value = answer.value.tolist()
        codes = (answer.assumed + 2 * answer.international).tolist()
        readings = []
        for index, found in enumerate(prepared):
            verdict = NO if odd[index] else int(answer.verdict[index])
            refusal = None if odd[index] else self._refusal(answer, index)
            if found.refusal:
                readings.append(found.refusal)
            elif verdict == YES:
                readings.append(accepted(str(value[index]), found, (*found.notes, *_NOTES[codes[index]])))
            elif refusal:
                readings.append(replace(refusal, notes=found.notes))
            else:
                readings.append(judge(found, self._region))
        return readings

    def _refusal(self, answer: Answer, index: int) -> PhoneReading | None:
        """The refusal of a number that the tables say does not exist, or None where they do not know why."""
        code = int(answer.calling_code[index])
        if answer.verdict[index] != NO or not code:
            return None
        possible, local = self._plain.plans.lengths(code)
        return refuse_length(int(answer.national_digits[index]), possible, local)

    def _doubt_dates(self, cells: Sequence[str], answer: Answer, column: PhoneColumn) -> None:
        few = (answer.verdict == YES) & (answer.written <= _MOST_DATE_DIGITS)
        for index in np.flatnonzero(few).tolist():
            if is_date_like(cells[index]):
                column.notes[index] = (*column.notes[index], "date_like")
