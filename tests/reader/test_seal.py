"""Seals: cells come back as they were, and what a person changed stays."""

import csv
import io
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.models._outcomes import BAD_KINDS, OutcomeKind
from pipeline.reader._seal import Seals, SealUnreadable, column_keys, make_seal, read_seal
from pipeline.reader.outputs import write_rejects
from tests.tables import settings_of, take, take_text

COLUMNS = {"Phone": "phone", "Name": "first", "Zip": {"custom": 1}, "Since": {"custom": 2}, "Out": "is_opted_out"}
HEADERS = list(COLUMNS)

CONVERTED = {
    "1.51255E+10": ["15125500000", "1.51255E+10"],
    "+1415555": ["1415555"],
    "04155": ["4155"],
    "15125512345678901": ["1.51255E+16", "15125512345678900"],
    "1-2": ["2-Jan", "02. Jan", "1/2/2026"],
    "=1+1": ["2"],
    "-x": ["#NAME?"],
    "true": ["TRUE", "WAHR"],
    "2020-03-04": ["3/4/2020", "04.03.2020", "4-Mar-20"],
    "12:30": ["12:30:00", "0.520833333"],
    "Jos\u00e9": ["Jos\u00c3\u00a9", "Jos?"],
    " Ann ": ["Ann"],
    "1,234.50": ["1234.5"],
    "do not call": ["do not call"],
    "perhaps": ["perhaps"],
    "": [""],
}
"""Cells, and what Excel and LibreOffice make of them in some language and width of columns."""


def read_rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        text = file.read()
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";" if "_row;_code" in text else ","))


def through_a_spreadsheet(path: Path, choose: random.Random) -> None:
    """Open and save a reject file as a spreadsheet does, and sort it."""
    header, *rows = read_rows(path)
    choose.shuffle(rows)
    for row in rows:
        row[:] = [choose.choice(CONVERTED.get(cell, [cell])) for cell in row]
    delimiter = choose.choice([",", ";"])
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows([header, *rows])
    path.write_text(text.getvalue(), encoding=choose.choice(["utf-8", "utf-8-sig"]), newline="")


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.lists(st.sampled_from(list(CONVERTED)), min_size=5, max_size=5), min_size=1, max_size=8),
    st.integers(0, 1000),
)
def test_law_rejects_are_judged_as_they_were_through_any_spreadsheet(rows: list[list[str]], seed: int) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([HEADERS, *rows])
    journal, _ = take_text(text.getvalue(), columns=COLUMNS, encoding="utf-8", delimiter=",")
    found = sorted((row.code, row.column, *row.cells[:5]) for row in journal.outcomes.rows(OutcomeKind.REJECTED))
    if not found:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = write_rejects(Path(folder) / "rejects.csv", journal, BAD_KINDS)
        for generation in range(2):
            through_a_spreadsheet(path, random.Random(seed + generation))  # noqa: S311 - a test repeats its choices
            journal, taken = take([path], settings_of(COLUMNS))
            again = sorted(
                (row.code, row.column, *row.cells[:5]) for row in journal.outcomes.rows(OutcomeKind.REJECTED)
            )
            assert again == found
            assert taken.census.tally.rows == len(found)
            path = write_rejects(path, journal, BAD_KINDS)


@given(
    st.lists(st.text(max_size=20) | st.sampled_from(list(CONVERTED)), min_size=1, max_size=6),
    st.lists(st.text(max_size=20), min_size=6, max_size=6),
)
def test_law_a_seal_gives_back_its_cells_and_nothing_else(cells: list[str], others: list[str]) -> None:
    headers = [*(f"H{index % 3}" for index in range(len(cells))), "_seal"]
    seal = make_seal(column_keys(headers), cells)
    assert seal == "" or (seal.isascii() and seal[0].isalpha() and not set(seal) & set('",;\t\r\n ='))
    row = [*cells, seal]
    assert Seals(headers).restore([row]) == {}
    assert row == [*cells, seal]
    changed = [*others[: len(cells)], seal]
    Seals(headers).restore([changed])
    assert all(cell in (original, other) for cell, original, other in zip(changed, cells, others, strict=False))


@given(st.lists(st.sampled_from(list(CONVERTED)), min_size=5, max_size=5), st.integers(1, 60))
def test_law_a_damaged_seal_is_known(cells: list[str], cut: int) -> None:
    seal = make_seal(column_keys(HEADERS), cells)
    if len(seal) > cut:
        with pytest.raises(SealUnreadable):
            read_seal(seal[:-cut])


@pytest.mark.parametrize("seal", ["x", "seal1-", "seal1-AAAA", "seal1-\u00e9", "12", "seal1-" + "A" * 50])
def test_a_row_with_a_damaged_seal_is_taken_as_it_stands_with_a_warning(seal: str) -> None:
    text = f"Phone,_row,_code,_column,_value,_reason,_seal\n+14155550132,2,x,,,x,{seal}\n12,2,x,,,x,{seal}\n"
    for outline in (True, False):
        _, taken = take_text(text, columns={"Phone": "phone"}, outline=outline, encoding="utf-8")
        assert taken.census.notes == {"seal_unreadable": 2}
        assert taken.census.tally.rejected == 1


def test_a_number_that_a_spreadsheet_spelt_out_is_not_somebody_elses_phone(tmp_path: Path) -> None:
    journal, _ = take_text("Phone,Name\n1.51255E+10,Ann\n1.51255E+10,Bo\n", columns={"Phone": "phone", "Name": "first"})
    path = write_rejects(tmp_path / "rejects.csv", journal, BAD_KINDS)
    header, first, second = read_rows(path)
    assert header[-1] == "_seal"
    first[0], second[0] = "15125500000", "+15125512345"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, first, second])
    journal, taken = take([path], settings_of({"Phone": "phone", "Name": "first"}))
    assert taken.census.codes == {"sci_notation_lossy": 1}
    assert [contact.phone for contact in journal.input.contacts()] == ["15125512345"]
    first[-1] = ""
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, first])
    journal, _ = take([path], settings_of({"Phone": "phone", "Name": "first"}))
    assert [contact.phone for contact in journal.input.contacts()] == ["15125500000"]


def test_a_reject_file_without_seals_is_read_as_before() -> None:
    text = "Phone,_row,_code,_column,_value,_reason\n+14155550132,2,x,,,x\n"
    journal, taken = take_text(text, columns={"Phone": "phone"}, unmapped="reject")
    assert taken.census.notes == {}
    assert [contact.phone for contact in journal.input.contacts()] == ["14155550132"]


def test_columns_may_be_moved_and_left_out() -> None:
    seal = make_seal(column_keys(["Phone", "Zip", "Zip"]), ["+1", "02134", "00501"])
    row = ["501", "2134", "x", seal]
    assert Seals(["Zip", "Zip", "New", "_seal"]).restore([row]) == {}
    row = ["2134", "501", "1", seal]
    assert Seals(["Zip", "Zip", "Phone", "_seal"]).restore([row]) == {0: ("cells_restored",)}
    assert row[:3] == ["02134", "00501", "+1"]
