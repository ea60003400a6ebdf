"""A page that a person can be sent: one HTML file, without scripts and without anything to fetch.

The page knows nothing of contacts: it shows facts, counts and tables, whatever command they come from. Phone numbers
and other personal data are shown as they are given; whoever fills the page masks them.
"""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

MAX_CELL_LENGTH = 240
"""Characters of a text that are shown; a cell of a broken file can hold half of it."""

_HIDDEN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What would not be seen, would turn the text around it, or cannot be written to a file."""


class Tone(StrEnum):
    """What a count means to the reader. It is never said by the colour alone."""

    GOOD = "good"
    BAD = "bad"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are of something, for example of accepted rows."""

    label: str
    count: int
    tone: Tone = Tone.NEUTRAL


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts that add up: each of the `unit` (for example "rows") is in exactly one of the `parts`."""

    unit: str
    parts: tuple[Count, ...]

    @property
    def total(self) -> int:
        """The sum of the parts."""
        return sum(part.count for part in self.parts)

    def share(self, part: Count) -> str:
        """Return a part's share in per cent. Only nothing is 0%, and only all is 100%."""
        if part.count in (0, self.total):
            return "100%" if part.count else "0%"
        return f"{min(max(part.count * 100 / self.total, 0.1), 99.9):.1f}%"


@dataclass(frozen=True, slots=True)
class Table:
    """A table. Whole numbers are shown with commas between thousands; columns of them stand to the right.

    `note` explains the table. Raises ValueError when a row has more or fewer cells than there are columns.
    """

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int, ...], ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        uneven = next((row for row in self.rows if len(row) != len(self.columns)), None)
        if uneven is not None:
            raise ValueError(f"the table {self.heading!r} has {len(self.columns)} columns and a row of {len(uneven)}")

    def is_number(self, index: int) -> bool:
        """Return whether a column holds whole numbers only."""
        return bool(self.rows) and all(isinstance(row[index], int) for row in self.rows)


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says, from the top to the bottom.

    `verdict` is the one sentence that the reader needs, `facts` are labels with their values, `footer` is small print.
    """

    title: str
    subtitle: str = ""
    verdict: str = ""
    tone: Tone = Tone.NEUTRAL
    counts: Counts | None = None
    facts: tuple[tuple[str, str | int], ...] = ()
    tables: tuple[Table, ...] = ()
    footer: str = ""


def render_page(page: Page) -> str:
    """Return a page as an HTML document, to be written as UTF-8."""
    return _template()(page=page)


@functools.cache
def _template() -> Callable[..., str]:
    # Importing it takes a while, which a command that makes no page need not wait for.
    import jinja2  # noqa: PLC0415

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_show,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render


def _show(value: str | int) -> str:
    """Return what stands on the page for a value. Escaping for HTML comes after it, and for all values."""
    if isinstance(value, int):
        return f"{value:,}"
    surplus = len(value) - MAX_CELL_LENGTH
    text = f"{value[:MAX_CELL_LENGTH]}... ({surplus:,} characters more)" if surplus > 0 else value
    return _HIDDEN.sub(lambda found: ascii(found[0])[1:-1], text)
