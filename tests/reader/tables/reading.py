"""Reading bytes as a table, for tests."""

import io
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.errors import InputError
from pipeline.models._rows import RowFault
from pipeline.reader.tables import Dialect, ReadOptions, Source, open_table

STDIN = Source("-")


@dataclass(frozen=True)
class Read:
    """A table that was read to its end."""

    name: str
    headers: tuple[str, ...]
    header_line: int
    preamble_lines: int
    comment_lines: int
    dialect: Dialect
    sizes: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    records: tuple[tuple[str, ...], ...]
    faults: dict[int, RowFault]
    left_out: tuple[str, ...]

    @property
    def rows(self) -> list[tuple[int, tuple[str, ...]]]:
        """The line on which each row begins, and its cells."""
        return [(start, cells) for (start, _), cells in zip(self.spans, self.records, strict=True)]


def read(source: Source | Path | bytes, options: ReadOptions | None = None) -> Read:
    """Read a source, a file, or bytes from standard input."""
    stdin = io.BytesIO(source) if isinstance(source, bytes) else None
    source = STDIN if isinstance(source, bytes) else Source(str(source)) if isinstance(source, Path) else source
    with open_table(source, options, stdin=stdin) as table:
        chunks = list(table.chunks())
        faults: dict[int, RowFault] = {}
        before = 0
        for chunk in chunks:
            faults |= {before + place: fault for place, fault in chunk.faults.items()}
            before += len(chunk.records)
        return Read(
            name=table.name,
            headers=table.headers,
            header_line=table.header_line,
            preamble_lines=table.preamble_lines,
            comment_lines=table.comment_lines,
            dialect=table.dialect,
            sizes=tuple(len(chunk.records) for chunk in chunks),
            spans=tuple(span for chunk in chunks for span in zip(chunk.starts, chunk.ends, strict=True)),
            records=tuple(tuple(cells) for chunk in chunks for cells in chunk.records),
            faults=faults,
            left_out=table.left_out,
        )


def refusal(source: Source | Path | bytes, options: ReadOptions | None = None) -> InputError:
    """Return the error of what is no table, after a look at its form."""
    with pytest.raises(InputError) as caught:
        read(source, options)
    assert caught.value.exit_code == 2
    assert caught.value.advice
    assert str(caught.value).isascii()
    return caught.value
