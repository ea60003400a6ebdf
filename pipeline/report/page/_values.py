"""What a page is made of: counts, facts, tables and charts, whatever command they come from.

Phone numbers and other personal data are shown as they are given; whoever fills the page masks them.
"""

from enum import StrEnum

from pipeline.showing import quoted
from pipeline.values import Struct

CellValue = str | int | float
"""What stands in a table. Whole numbers are shown with commas between thousands, others with two places."""


class Tone(StrEnum):
    """What a count means to the reader. It is never said by the colour alone."""

    GOOD = "good"
    BAD = "bad"
    NEUTRAL = "neutral"


class Count(Struct, frozen=True):
    """How many there are of something, for example of accepted rows."""

    label: str
    count: int
    tone: Tone = Tone.NEUTRAL


class Breakdown(Struct, frozen=True):
    """Counts that add up: each of the `unit` (for example "rows") is in exactly one of the `parts`.

    `note` says something about the sum.
    """

    unit: str
    parts: tuple[Count, ...]
    note: str = ""

    @property
    def total(self) -> int:
        """The sum of the parts."""
        return sum(part.count for part in self.parts)

    def share(self, part: Count) -> str:
        """Return a part's share in per cent. Only nothing is 0%, and only all is 100%."""
        if part.count in (0, self.total):
            return "100%" if part.count else "0%"
        return f"{min(max(part.count * 100 / self.total, 0.1), 99.9):.1f}%"


class HtmlTable(Struct, frozen=True):
    """A table. Columns of numbers (and of nothing, where there is none) stand to the right.

    `note` explains the table. Raises ValueError when a row has more or fewer cells than there are columns.
    """

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[CellValue, ...], ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        uneven = next((row for row in self.rows if len(row) != len(self.columns)), None)
        if uneven is not None:
            raise ValueError(
                f"the table {quoted(self.heading)} has {len(self.columns)} columns and a row of {len(uneven)}"
            )

    def is_number(self, index: int) -> bool:
        """Return whether a column holds numbers only."""
        cells = [row[index] for row in self.rows if row[index] != ""]
        return bool(cells) and all(isinstance(cell, int | float) for cell in cells)


class Series(Struct, frozen=True):
    """One line of a chart: a value for each of its points, or None where there is none (the line is broken there)."""

    label: str
    values: tuple[float | None, ...]
    tone: Tone = Tone.NEUTRAL


class Chart(Struct, frozen=True):
    """Numbers over time (or another order), drawn where a plotting library is installed and a table elsewhere.

    `points` are the words below the axis, `along` says what they are, `note` explains the chart. Values are not
    negative. Raises ValueError when a series has more or fewer values than there are points.
    """

    heading: str
    along: str
    points: tuple[str, ...]
    series: tuple[Series, ...]
    note: str = ""

    def __post_init__(self) -> None:
        uneven = next((series for series in self.series if len(series.values) != len(self.points)), None)
        if uneven is not None:
            raise ValueError(
                f"the chart {quoted(self.heading)} has {len(self.points)} points and a series of {len(uneven.values)}"
            )

    def as_table(self) -> HtmlTable:
        """Return the same numbers as a table; a point without any is left out."""
        rows = []
        for place, point in enumerate(self.points):
            values = [series.values[place] for series in self.series]
            if any(value is not None for value in values):
                rows.append((point, *("" if value is None else float(value) for value in values)))
        columns = (self.along, *(series.label for series in self.series))
        return HtmlTable(self.heading, columns, tuple(rows), self.note)


class HtmlPage(Struct, frozen=True):
    """What a page says, from the top to the bottom.

    `verdict` is the one sentence that the reader needs, `facts` are labels with their values, `footer` is small print.
    """

    title: str
    subtitle: str = ""
    verdict: str = ""
    tone: Tone = Tone.NEUTRAL
    counts: Breakdown | None = None
    facts: tuple[tuple[str, str | int], ...] = ()
    sections: tuple[HtmlTable | Chart, ...] = ()
    footer: str = ""
