"""A column read at once says of every cell what reading the cell alone says, and what libphonenumber says."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.phone import PhoneColumn, read_phone, read_phones
from pipeline.phone._columns import read_few
from pipeline.phone._tables import TableReader
from tests.phone.numbers import draw_cell

REGIONS = [
    "US",
    "CA",
    "GB",
    "DE",
    "FR",
    "BR",
    "AU",
    "IN",
    "IT",
    "RU",
    "CN",
    "MX",
    "AR",
    "JM",
    "GG",
    "HU",
    "SG",
    "NO",
    "",
]


def both_ways(cells: list[str], region: str) -> list[tuple[object, object]]:
    """The cells that the column reads otherwise than one alone would be."""
    column = read_phones(cells, region)
    differing: list[tuple[object, object]] = []
    for index, cell in enumerate(cells):
        alone = read_phone(cell, region)
        refusal = column.refusals.get(index)
        if alone.digits:
            seen, wanted = (column.digits[index], column.notes[index], refusal), (alone.digits, alone.notes, None)
            if seen != wanted:
                differing.append((cell, seen))
        elif column.digits[index] or refusal is None or (refusal.code, refusal.notes) != (alone.code, alone.notes):
            differing.append((cell, column.digits[index]))
    return differing


@pytest.mark.parametrize("region", REGIONS)
def test_a_column_reads_as_its_cells_do(region: str) -> None:
    rng = random.Random(f"column {region}")  # noqa: S311 - drawn data, nothing secret
    cells = [cell for cell in (draw_cell(rng, region) for _ in range(600)) if cell]
    assert both_ways(cells, region) == []


def content(column: PhoneColumn) -> tuple[object, ...]:
    return column.digits, column.notes, column.refusals, column.missing(), column.count_notes(())


@pytest.mark.parametrize("region", REGIONS)
def test_few_cells_are_read_one_by_one_with_the_same_result(region: str) -> None:
    rng = random.Random(f"few {region}")  # noqa: S311 - drawn data, nothing secret
    cells = [draw_cell(rng, region) for _ in range(300)] + ["", ""]
    few = read_few(cells, region, vanity_letters=False, first_of_two=False)
    assert content(few) == content(TableReader(region).read(cells))


@given(
    st.lists(st.text(st.sampled_from("0123456789+-(). /;xeE'\n\u00a0\uff15"), min_size=1, max_size=22), max_size=30),
    st.sampled_from(REGIONS),
)
def test_any_column_reads_as_its_cells_do(cells: list[str], region: str) -> None:
    stripped = [cell.strip() for cell in cells if cell.strip()]
    assert both_ways(stripped, region) == []


def test_blank_cells_are_no_refusals() -> None:
    column = read_phones(["", "(415) 555-0132", ""], "US")
    assert column.digits == ["", "14155550132", ""]
    assert column.notes == [(), ("region_assumed",), ()]
    assert column.refusals == {}
    assert read_phones([], "US").digits == []


def test_what_is_taken_off_is_noted_with_what_was_assumed() -> None:
    cells = ['="(415) 555-0132"', "415-555-0132 x12", "415-555-0132 / 415-555-0133", "12.10.1984"]
    column = read_phones(cells, "US", first_of_two=True)
    assert column.digits[:3] == ["14155550132"] * 3
    assert column.notes[:3] == [
        ("unwrapped", "region_assumed"),
        ("region_assumed", "extension_dropped"),
        ("first_of_two", "region_assumed"),
    ]
    assert column.refusals[3].code == "too_short"


@pytest.mark.parametrize(
    ("cell", "region", "doubtful"),
    [
        ("3/10/1984", "CA", True),
        ("310-1984", "CA", False),
        ("31.12.2024", "DE", True),
        ("12-10-1984", "DK", True),
        ("20-10-19-84", "DK", False),
        ("20 10 19 84", "DK", False),
    ],
)
def test_a_number_that_is_written_like_a_date_is_doubtful(cell: str, region: str, doubtful: bool) -> None:
    column = read_phones([cell], region)
    if column.digits[0]:
        assert ("date_like" in column.notes[0]) is doubtful
    else:
        assert not doubtful or column.refusals[0].code in ("invalid", "too_short")
    assert both_ways([cell], region) == []


def test_the_first_of_two_numbers_is_taken_only_when_asked() -> None:
    for cell in ("415-555-0132 / 415-555-0133", "+14155550132 +14155550133", "4155550132;4155550133"):
        assert read_phone(cell, "US").code == "two_numbers"
        assert read_phone(cell, "US", first_of_two=True).digits == "14155550132"
