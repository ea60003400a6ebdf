"""Numbers in the forms that people and products write."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.changes import change, code_and_text, problem_of


class TestNumbers:
    @pytest.mark.parametrize(
        ("cell", "expected"),
        [
            ("1,234.50", "1234.50"),
            ("1.234", "1.234"),
            ("$1,234,567", "1234567"),
            ("12,34,567.8", "1234567.8"),
            ("($ 1,234.50)", "-1234.50"),
            ("1,234.50-", "-1234.50"),
            ("-$5", "-5"),
            ("\u20ac -5", "-5"),
            ("\u22125 \u20ac", "-5"),
            ("5.00- \u20ac", "-5.00"),
            ("+7", "7"),
            ("US$ 12", "12"),
            ("R$1 234.5", "1234.5"),
            ("1\u00a0234\u00a0567", "1234567"),
            ("1'234.50", "1234.50"),
            ("007", "7"),
            (".5", "0.5"),
            ("5.", "5"),
            ("-0.00", "0.00"),
            ("(0)", "0"),
            ("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
        ],
    )
    def test_it_becomes_plain_digits(self, cell: str, expected: str) -> None:
        assert change("number", cell) == expected

    @pytest.mark.parametrize(
        ("cell", "expected"),
        [("1.234,50", "1234.50"), ("1.234", "1234"), ("1,234", "1.234"), ("1 234,5 \u20ac", "1234.5"), (",5", "0.5")],
    )
    def test_the_decimal_mark_can_be_the_comma(self, cell: str, expected: str) -> None:
        assert change({"number": ","}, cell) == expected

    @pytest.mark.parametrize(
        "cell",
        ["1,23", "1,2345", "12.345.678", "1,234 567", "1e5", "12%", "4-5", "1 2", "--5", "(-5)", "-5-", "(5", "5)", "-",
         "$", ".", "()", "1$50", "$5$ $", "5 pcs", "NaN", "Infinity", "\u0661\u0662", "5\u00b2", "1,234,56"],
    )  # fmt: skip
    def test_what_is_no_number_for_certain_is_refused(self, cell: str) -> None:
        problem = problem_of("number", cell)
        assert problem.code == "bad_number"
        assert problem.reason == "this is not a number such as 1234.50 or 1,234.50"

    def test_the_reason_shows_the_mark_that_is_set(self) -> None:
        assert problem_of({"number": ","}, "1,234,5").reason == "this is not a number such as 1234,50 or 1.234,50"

    @given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=4))
    def test_its_value_and_its_decimals_are_kept(self, value: Decimal) -> None:
        value += 0  # a negative zero is a zero
        for written in (f"{value:,}", f"{value:f}", f"${value:,}", f"({-value:,})" if value < 0 else f"+{value}"):
            text = str(change("number", written))
            assert Decimal(text) == value
            assert text == f"{value:f}"

    @given(st.decimals(allow_nan=False, allow_infinity=False, min_value=0, max_value=10**12, places=2))
    def test_both_marks_read_the_same_numbers(self, value: Decimal) -> None:
        swapped = f"{value:,}".translate(str.maketrans(",.", ".,"))
        assert change({"number": ","}, swapped) == change("number", f"{value:,}")

    @given(st.text(st.sampled_from("0123456789.,-+() '$\u20ac"), max_size=12))
    def test_any_cell_is_a_plain_number_or_a_problem(self, cell: str) -> None:
        code, text = code_and_text("number", cell)
        assert code in ("", "bad_number")
        assert bool(re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", text)) == (not code and bool(cell.strip()))
        assert not text or re.sub("[^0-9]", "", cell).lstrip("0") == re.sub("[^0-9]", "", text).lstrip("0")

    def test_a_long_cell_is_judged_at_once(self) -> None:
        # Neither blanks nor groups may make the pattern try their ways again and again.
        for cell in ("(" + " " * 200_000 + "x", "1" + ",234" * 50_000 + "x", "1" * 200_000 + "x", "$" * 200_000):
            assert problem_of("number", cell).code == "bad_number"
