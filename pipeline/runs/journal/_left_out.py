"""The cells that were left out of contacts that are imported without them."""

import sqlite3
from collections.abc import Iterator, Sequence

from pipeline.models import LeftOut
from pipeline.runs.journal._file import JournalFile
from pipeline.showing import encodable
from pipeline.values import Struct, replace

_TABLE = """
CREATE TABLE IF NOT EXISTS left_out (
    seq INTEGER NOT NULL,
    line INTEGER NOT NULL,
    code TEXT NOT NULL,
    column_name TEXT NOT NULL,
    value TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT
"""
"""Made with its first cell: most journals have none, and those of before know no such table."""


class LeftOutCells(Struct, frozen=True):
    """Takes such cells in as the input is staged, and gives them back."""

    _file: JournalFile

    def add(self, cells: Sequence[tuple[int, LeftOut]]) -> None:
        """Add cells, each with the number of its row."""
        if cells:
            with self._file.transaction() as db:
                insert_cells(db, cells)

    def read(self) -> Iterator[tuple[int, LeftOut]]:
        """Yield the cells with the numbers of their rows, in the order of the input."""
        with self._file.reading() as db:
            if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'left_out'").fetchone():
                for seq, *cell in db.execute("SELECT * FROM left_out ORDER BY seq, rowid"):
                    yield seq, LeftOut(*cell)


def insert_cells(db: sqlite3.Connection, cells: Sequence[tuple[int, LeftOut]]) -> None:
    """Add cells, each with the number of its row, within a transaction."""
    db.execute(_TABLE)
    rows = [replace(cell, value=encodable(cell.value, "utf-8")).as_row() for _, cell in cells]
    db.executemany(
        "INSERT INTO left_out VALUES (?, ?, ?, ?, ?, ?)",
        [(seq, *row) for (seq, _), row in zip(cells, rows, strict=True)],
    )
