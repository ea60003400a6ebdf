"""A column of phone cells through tables that are compiled out of libphonenumber's metadata.

The answers are libphonenumber's own, after the documented steps of `read_phone`. A column takes three steps: it is
spelled into a matrix of digits (`_spelling`); ordinarily written numbers are judged by automata that are compiled when
a calling code or region first occurs (`_automaton`, `_plans`, `_plain`); everything else (extensions, wrapped cells,
prefixes that libphonenumber strips by rules of their own) is taken apart and goes through the tables again or to the
library itself (`_reading`). The tables answer yes, no or undecided, and undecided goes to the library, so no shortcut
can be wrong.
"""

from array import array
from collections.abc import Iterable, Sequence

from pipeline.libraries import numpy as np
from pipeline.phone._column import NOTES, PhoneColumn
from pipeline.phone._plain import NO, YES, PlainReader, PlainReadings, plain_reader
from pipeline.phone._reading import PhoneReading, accepted, is_date_like, judge, prepare, refuse_length
from pipeline.phone._spelling import spell
from pipeline.values import replace

_MOST_DATE_DIGITS = 8


def compile_plan(region: str) -> None:
    """Compile the plan of a region."""
    plans = plain_reader().plans
    if region and (plan := plans.national(region)):
        plans.international(plan.calling_code)


class TableReader:
    """One column being read."""

    def __init__(self, region: str, *, vanity_letters: bool = False, first_of_two: bool = False) -> None:
        self._plain: PlainReader = plain_reader()
        self._region = region
        self._vanity_letters = vanity_letters
        self._first_of_two = first_of_two

    def read(self, cells: Sequence[str]) -> PhoneColumn:
        """Read the cells through the tables."""
        answer, odd = self._look_up(cells)
        valid = answer.verdict == YES
        codes = (answer.assumed + 2 * answer.international).astype(np.uint8)
        numbers = array("Q", np.where(valid, answer.value, 0).astype(np.uint64).tobytes())
        column = PhoneColumn(numbers, bytearray(np.where(valid, codes, 0).astype(np.uint8).tobytes()))
        rest = [index for index in np.flatnonzero(~valid).tolist() if cells[index]]
        self._read_rest(cells, rest, odd, answer, column)
        self._doubt_dates(cells, answer, column)
        return column

    def _look_up(self, cells: Sequence[str]) -> tuple[PlainReadings, list[bool]]:
        spelling = spell(cells)
        return self._plain.read(spelling, self._region), spelling.odd.tolist()

    def _read_rest(
        self, cells: Sequence[str], rest: Iterable[int], odd: Sequence[bool], answer: PlainReadings, column: PhoneColumn
    ) -> None:
        """Settle what the tables did not accept: they may have refused it, or not have looked at it."""
        closer: dict[str, list[int]] = {}
        for index in rest:
            # Behind 00 the advice is another one.
            looks_closer = odd[index] or _begins_with_00(answer, index)
            refusal = None if looks_closer else self._refusal(answer, index)
            if refusal:
                column.refusals[index] = refusal
            else:
                closer.setdefault(cells[index], []).append(index)
        for cell, reading in zip(closer, self._read_closely(list(closer)), strict=True):
            for index in closer[cell]:
                column.settle(index, reading)

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
            looks_closer = odd[index] or _begins_with_00(answer, index)
            refusal = None if looks_closer else self._refusal(answer, index)
            if found.refusal:
                readings.append(found.refusal)
            elif verdict == YES:
                readings.append(accepted(str(value[index]), found, (*found.notes, *NOTES[codes[index]])))
            elif refusal:
                readings.append(replace(refusal, notes=found.notes))
            else:
                readings.append(judge(found, self._region))
        return readings

    def _refusal(self, answer: PlainReadings, index: int) -> PhoneReading | None:
        """The refusal of a number that the tables say does not exist, or None where they do not know why."""
        code = int(answer.calling_code[index])
        if answer.verdict[index] != NO or not code:
            return None
        possible, local = self._plain.plans.lengths(code)
        return refuse_length(int(answer.national_digits[index]), possible, local)

    def _doubt_dates(self, cells: Sequence[str], answer: PlainReadings, column: PhoneColumn) -> None:
        few = (answer.verdict == YES) & (answer.written <= _MOST_DATE_DIGITS)
        for index in np.flatnonzero(few).tolist():
            if is_date_like(cells[index]):
                column.add_note(index, "date_like")


def _begins_with_00(answer: PlainReadings, index: int) -> bool:
    """Whether the digits of a cell that is no number begin so."""
    return bool(int(answer.value[index]) < 10 ** max(0, int(answer.written[index]) - 2))
