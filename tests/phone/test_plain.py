"""Plainly written numbers have libphonenumber's own answer."""

import random
import re

import phonenumbers
import pytest

from pipeline.phone import read_phones
from tests.phone.numbers import draw_cell


@pytest.mark.parametrize("region", ["US", "GB", "DE"])
def test_plainly_written_numbers_have_libphonenumbers_own_answer(region: str) -> None:
    """The oracle itself, where none of the documented steps before it applies: with a plus, or with punctuation."""
    rng = random.Random(f"oracle {region}")  # noqa: S311 - drawn data, nothing secret
    # Brackets behind a number are no part of it to us (tests/phone/test_ending.py).
    drawn = (draw_cell(rng, region) for _ in range(2_000))
    cells = [cell for cell in drawn if set(cell) <= set("0123456789+ ()-") and not re.search(r"\d.*\(", cell[1:])]
    column = read_phones(cells, region)
    judged = 0
    for cell, digits, notes in zip(cells, column.digits, column.notes, strict=True):
        if "international_digits" in notes or (cell.isdigit() and len(cell) > 10) or cell.find("+", 1) > 0:
            continue
        judged += 1
        try:
            number = phonenumbers.parse(cell, region)
        except phonenumbers.NumberParseException:
            assert digits == "", cell
            continue
        valid = phonenumbers.is_valid_number(number)
        expected = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)[1:] if valid else ""
        assert digits == expected, cell
    assert judged > 300
