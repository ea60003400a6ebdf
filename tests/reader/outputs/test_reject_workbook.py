"""Rejects as a workbook: all cells are text, and come back as they were."""

from pathlib import Path

import openpyxl

from pipeline.models._outcomes import BAD_KINDS
from pipeline.reader.outputs import write_reject_workbook
from tests.tables import settings_of, take, take_text

COLUMNS = {"Phone": "phone", "Name": "first"}


def test_its_cells_are_text_and_are_judged_as_they_were(tmp_path: Path) -> None:
    text = "Phone,Name\n1.51255E+10,=1+1\n012,1-2\n12,a\x1bb\n"
    journal, _ = take_text(text, columns=COLUMNS, encoding="utf-8")
    path = write_reject_workbook(tmp_path / "rejects.xlsx", journal, BAD_KINDS)
    assert path is not None
    assert path.stat().st_mode & 0o777 == 0o600
    rows = list(openpyxl.load_workbook(path)["rejects"].iter_rows())
    assert [cell.value for cell in rows[0]][-2:] == ["_reason", "_seal"]
    assert {cell.data_type for row in rows for cell in row if cell.value} == {"s"}
    assert {cell.number_format for row in rows for cell in row} == {"@"}
    again, taken = take([path], settings_of(COLUMNS))
    assert taken.census.tally.rejected == 3
    assert [row.cells[:2] for row in again.outcomes.rows(*BAD_KINDS)] == [
        ("1.51255E+10", "=1+1"),
        ("012", "1-2"),
        ("12", "a\x1bb"),
    ]


def test_a_cell_that_excel_would_cut_leaves_it_out(tmp_path: Path) -> None:
    journal, _ = take_text(f"Phone,Name\n12,{'x' * 32_768}\n", columns=COLUMNS)
    assert write_reject_workbook(tmp_path / "rejects.xlsx", journal, BAD_KINDS) is None
    assert list(tmp_path.iterdir()) == []
