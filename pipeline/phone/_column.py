"""What a column of phone cells says."""

import functools
from array import array
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import compress, count
from operator import not_

from pipeline.phone._reading import PhoneReading

NOTES: tuple[tuple[str, ...], ...] = ((), ("region_assumed",), ("international_digits",))
"""The usual notes; a column keeps places in this list."""


class PhoneColumn:
    """What a column of cells says, as arrays; texts are made only when they are asked for.

    `numbers` are E.164 digits as numbers, 0 where there is none; `refusals` say why, except for blank cells. Notes are
    kept as `codes` (places in NOTES), or in `special` by place.
    """

    def __init__(self, numbers: "array[int]", codes: bytearray) -> None:
        self.numbers = numbers
        self.refusals: dict[int, PhoneReading] = {}
        self.codes = codes
        self.special: dict[int, tuple[str, ...]] = {}

    @classmethod
    def blank(cls, size: int) -> "PhoneColumn":
        """Return a column of so many blank cells."""
        return cls(array("Q", bytes(8 * size)), bytearray(size))

    @functools.cached_property
    def digits(self) -> list[str]:
        """The E.164 digits of every cell, "" where there are none."""
        return [str(number) if number else "" for number in self.numbers]

    def notes_of(self, index: int) -> tuple[str, ...]:
        """Return the notes of a cell, as in PhoneReading; () where it has no number."""
        notes = self.special.get(index)
        return NOTES[self.codes[index]] if notes is None else notes

    @property
    def notes(self) -> list[tuple[str, ...]]:
        """The notes of every cell."""
        return [self.notes_of(index) for index in range(len(self.numbers))]

    def missing(self) -> list[int]:
        """Return the places without a number."""
        return list(compress(count(), map(not_, self.numbers)))

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
        for code, notes in enumerate(NOTES):
            if notes == (note,):
                self.codes = self.codes.replace(bytes((code,)), b"\0")
        self.special = {index: tuple(one for one in notes if one != note) for index, notes in self.special.items()}

    def put(self, rows: Sequence[int], part: "PhoneColumn", note: str = "") -> None:
        """Put the cells of another column into these rows, with a further note for those that have a number."""
        for row, number, code in zip(rows, part.numbers, part.codes, strict=True):
            self.numbers[row] = number
            self.codes[row] = code
        self.special.update({rows[place]: notes for place, notes in part.special.items()})
        if note:
            for row in compress(rows, part.numbers):
                self.add_note(row, note)

    def add_note(self, index: int, note: str) -> None:
        """Add a note to a cell that has a number."""
        if self.numbers[index]:
            self.special[index] = (*self.notes_of(index), note)

    def noted(self, names: Collection[str]) -> dict[int, str]:
        """Return the places that have one of these notes, with the first of them."""
        found: dict[int, str] = {}
        for code, notes in enumerate(NOTES):
            named = next((note for note in notes if note in names), "")
            if named and code in self.codes:
                found |= dict.fromkeys(compress(count(), map(code.__eq__, self.codes)), named)
        for index, notes in self.special.items():
            named = next((note for note in notes if note in names), "")
            found.pop(index, None)
            if named:
                found[index] = named
        return found

    def count_notes(self, left_out: Collection[int]) -> Counter[str]:
        """Count the notes of all cells but those that are left out."""
        codes = self.codes[:]
        for index in (*left_out, *self.special):
            codes[index] = 0
        found: Counter[str] = Counter()
        for code, notes in enumerate(NOTES):
            found.update(dict.fromkeys(notes, codes.count(code)))
        found.update(note for index, notes in self.special.items() if index not in left_out for note in notes)
        return +found
