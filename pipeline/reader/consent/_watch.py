"""Watch the columns that the settings do not read for a no that stands far down in the file."""

from collections import Counter
from collections.abc import Mapping, Sequence

from pipeline.models import column_of
from pipeline.reader.consent._cells import may_say_no, says_no_anywhere
from pipeline.reader.consent._headers import may_speak
from pipeline.reader.consent._judge import ask_about_noes, judge
from pipeline.reader.consent._verdict import Verdict
from pipeline.values import Struct, field

MOST_DISTINCT = 5_000
"""Distinct cells of a column that are looked at. One with more is a text or a key, and no status."""


class ConsentWatch(Struct):
    """Looks at the distinct cells of columns, by their place, over a whole file."""

    headers: Mapping[int, str]
    _seen: dict[int, set[str]] = field(default_factory=dict)
    _counts: dict[int, Counter[str]] = field(default_factory=dict)

    def look(self, rows: Sequence[Sequence[str]]) -> list[int]:
        """Look at further rows, and return the places of those in which a column says no in a new way."""
        news: set[int] = set()
        for place, header in self.headers.items():
            seen = self._seen.setdefault(place, set())
            if len(seen) <= MOST_DISTINCT:
                cells = _column(rows, place)
                fresh = set(cells) - seen
                seen |= fresh
                news.update(self._listen(place, header, cells, fresh))
        return sorted(news)

    def _listen(self, place: int, header: str, cells: Sequence[str], fresh: set[str]) -> list[int]:
        speaks = may_speak(header)
        telling = {cell for cell in fresh if cell} if speaks else _noes(fresh)
        if speaks:
            self._counts.setdefault(place, Counter()).update(cells)
        elif telling or place in self._counts:
            # What says no is counted from the first of it on; that is all that is said of such a column.
            counts = self._counts.setdefault(place, Counter())
            wanted = telling | counts.keys()
            counts.update(cell for cell in cells if cell in wanted)
        return [cells.index(cell) for cell in telling]

    def verdicts(self) -> dict[int, Verdict]:
        """Return what the cells that were seen say of each column that says anything."""
        return {
            place: judge(header, counts) if may_speak(header) else ask_about_noes(self._seen[place], counts)
            for place, header in self.headers.items()
            if (counts := self._counts.get(place))
        }


def _column(rows: Sequence[Sequence[str]], place: int) -> Sequence[str]:
    try:
        return column_of(rows, place)
    except IndexError:
        return [row[place] if place < len(row) else "" for row in rows]


def _noes(cells: set[str]) -> set[str]:
    return {cell for cell in cells if says_no_anywhere(cell)} if may_say_no(cells) else set()
