"""Watch the columns that the settings do not read for a no that stands far down in the file."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.reader.consent._cells import may_say_no, says_no_anywhere
from pipeline.reader.consent._headers import may_speak
from pipeline.reader.consent._judge import judge
from pipeline.reader.consent._verdict import Verdict

MOST_DISTINCT = 5_000
"""Distinct cells of a column that are looked at. One with more is a text or a key, and no status."""


@dataclass(slots=True)
class ConsentWatch:
    """Looks at the distinct cells of columns, by their place, over a whole file."""

    headers: Mapping[int, str]
    _counts: dict[int, Counter[str]] = field(default_factory=dict)
    _telling: set[int] = field(default_factory=set)

    def look(self, rows: Sequence[Sequence[str]]) -> list[int]:
        """Look at further rows, and return the places of those in which a column says no in a new way."""
        news: set[int] = set()
        for place, header in self.headers.items():
            counts = self._counts.setdefault(place, Counter())
            if len(counts) > MOST_DISTINCT:
                continue
            cells = [row[place] if place < len(row) else "" for row in rows]
            fresh = set(cells) - counts.keys()
            counts.update(cells)
            if telling := {cell for cell in fresh if cell} if may_speak(header) else _noes(fresh):
                self._telling.add(place)
                news.update(cells.index(cell) for cell in telling)
        return sorted(news)

    def verdicts(self) -> dict[int, Verdict]:
        """Return what the cells that were seen say of each column that says anything."""
        return {place: judge(self.headers[place], self._counts[place]) for place in sorted(self._telling)}


def _noes(cells: set[str]) -> set[str]:
    return {cell for cell in cells if says_no_anywhere(cell)} if may_say_no(cells) else set()
