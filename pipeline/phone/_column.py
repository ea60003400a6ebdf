"""A column of phone cells: the ordinary ones from compiled tables, the rest one by one.

`read_phone` says what a cell means; `read_phones` says the same of a column, from tables compiled out of
libphonenumber's metadata. The answers are libphonenumber's own, after the documented steps of `read_phone`.

A column takes three steps: it is spelled into a matrix of digits (`_spelling`); ordinarily written numbers are judged
by automata that are compiled when a calling code or region first occurs (`_automaton`, `_plans`, `_plain`); everything
else (extensions, wrapped cells, prefixes that libphonenumber strips by rules of their own) is taken apart and goes
through the tables again or to the library itself (`_reading`). The tables answer yes, no or undecided, and undecided
goes to the library, so no shortcut can be wrong.
"""

import functools
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

import numpy as np

from pipeline.phone._plain import NO, YES, PlainReader, PlainReadings, plain_reader
from pipeline.phone._reading import (
    PhoneReading,
    accepted,
    is_date_like,
    judge,
    prepare,
    read_phone,
    refuse_length,
)
from pipeline.phone._spelling import Array, spell

_NOTES: tuple[tuple[str, ...], ...] = ((), ("region_assumed",), ("international_digits",))
_MOST_DATE_DIGITS = 8


class PhoneColumn:
    """What a column of cells says, as arrays; texts are made only when they are asked for.

    `numbers` are E.164 digits as numbers, 0 where there is none; `refusals` say why, except for blank cells. Notes are
    kept as `codes` (places in a list of the usual ones), or in `special` by place.
    """

    def __init__(self, numbers: Array, codes: Array) -> None:
        self.numbers = numbers
        self.refusals: dict[int, PhoneReading] = {}
        self.codes = codes
        self.special: dict[int, tuple[str, ...]] = {}

    @classmethod
    def blank(cls, size: int) -> "PhoneColumn":
        """Return a column of so many blank cells."""
        return cls(np.zeros(size, dtype=np.uint64), np.zeros(size, dtype=np.uint8))

    @functools.cached_property
    def digits(self) -> list[str]:
        """The E.164 digits of every cell, "" where there are none."""
        return [str(number) if number else "" for number in self.numbers.tolist()]

    def notes_of(self, index: int) -> tuple[str, ...]:
        """Return the notes of a cell, as in PhoneReading; () where it has no number."""
        notes = self.special.get(index)
        return _NOTES[int(self.codes[index])] if notes is None else notes

    @property
    def notes(self) -> list[tuple[str, ...]]:
        """The notes of every cell."""
        return [self.notes_of(index) for index in range(len(self.numbers))]

    def missing(self) -> list[int]:
        """Return the places without a number."""
        found: list[int] = np.flatnonzero(self.numbers == 0).tolist()
        return found

    def settle(self, index: int, reading: PhoneReading) -> None:
        """Put the reading of one cell in its place."""
        if reading.digits:
            self.numbers[index] = int(reading.digits)
            self.special[index] = reading.notes
        else:
            self.refusals[index] = reading

    def refuse(self, index: int, reading: PhoneReading) -> None:
        """Take the number of a cell away, for a reason."""
        self.numbers[index] = 0
        self.codes[index] = 0
        self.special.pop(index, None)
        self.refusals[index] = reading

    def digits_at(self, index: int) -> str:
        """Return the E.164 digits of one cell, or ""."""
        return str(self.numbers[index]) if self.numbers[index] else ""

    def drop_note(self, note: str) -> None:
        """Take a note off every cell."""
        for code, notes in enumerate(_NOTES):
            if notes == (note,):
                self.codes[self.codes == code] = 0
        self.special = {index: tuple(one for one in notes if one != note) for index, notes in self.special.items()}

    def put(self, rows: Sequence[int], part: "PhoneColumn", note: str = "") -> None:
        """Put the cells of another column into these rows, with a further note for those that have a number."""
        self.numbers[rows] = part.numbers
        self.codes[rows] = part.codes
        self.special.update({rows[place]: notes for place, notes in part.special.items()})
        if note:
            for place in np.flatnonzero(part.numbers).tolist():
                self.add_note(rows[place], note)

    def add_note(self, index: int, note: str) -> None:
        """Add a note to a cell that has a number."""
        if self.numbers[index]:
            self.special[index] = (*self.notes_of(index), note)

    def noted(self, names: Collection[str]) -> dict[int, str]:
        """Return the places that have one of these notes, with the first of them."""
        found: dict[int, str] = {}
        for code, notes in enumerate(_NOTES):
            named = next((note for note in notes if note in names), "")
            if named:
                found |= dict.fromkeys(np.flatnonzero(self.codes == code).tolist(), named)
        for index, notes in self.special.items():
            named = next((note for note in notes if note in names), "")
            found.pop(index, None)
            if named:
                found[index] = named
        return found

    def count_notes(self, left_out: Collection[int]) -> Counter[str]:
        """Count the notes of all cells but those that are left out."""
        codes = self.codes.copy()
        codes[[*left_out, *self.special]] = 0
        count: Counter[str] = Counter()
        for code, number in enumerate(np.bincount(codes, minlength=len(_NOTES)).tolist()):
            count.update(dict.fromkeys(_NOTES[code], number))
        count.update(note for index, notes in self.special.items() if index not in left_out for note in notes)
        return +count


def read_phones(
    cells: Sequence[str], region: str, *, vanity_letters: bool = False, first_of_two: bool = False
) -> PhoneColumn:
    """Read stripped cells under one default region; each gets exactly what `read_phone` gives it. Never raises.

    An empty cell has no digits and no refusal.
    """
    if not cells:
        return PhoneColumn.blank(0)
    return Reader(region, vanity_letters=vanity_letters, first_of_two=first_of_two).read(cells)


class Reader:
    """One column being read."""

    def __init__(self, region: str, *, vanity_letters: bool = False, first_of_two: bool = False) -> None:
        self._plain: PlainReader = plain_reader()
        self._region = region
        self._vanity_letters = vanity_letters
        self._first_of_two = first_of_two

    def read(self, cells: Sequence[str]) -> PhoneColumn:
        """Read the cells in the way that takes less time."""
        return self.read_column(cells) if self._plain.is_worth_it(len(cells)) else self.read_few(cells)

    def read_few(self, cells: Sequence[str]) -> PhoneColumn:
        """Read each distinct cell by itself."""
        column = PhoneColumn.blank(len(cells))
        known: dict[str, PhoneReading] = {}
        for index, cell in enumerate(cells):
            if cell and cell not in known:
                known[cell] = read_phone(
                    cell, self._region, vanity_letters=self._vanity_letters, first_of_two=self._first_of_two
                )
            if cell:
                column.settle(index, known[cell])
        return column

    def read_column(self, cells: Sequence[str]) -> PhoneColumn:
        """Read the cells through the tables."""
        answer, odd = self._look_up(cells)
        valid = answer.verdict == YES
        codes = (answer.assumed + 2 * answer.international).astype(np.uint8)
        column = PhoneColumn(np.where(valid, answer.value, 0), np.where(valid, codes, 0))
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
                readings.append(accepted(str(value[index]), found, (*found.notes, *_NOTES[codes[index]])))
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
