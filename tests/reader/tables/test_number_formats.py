"""A number's format shows more than the number, or only adorns it; no digit of it ever changes."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reader.tables._number_formats import duration_text, number_text, says_more


@given(st.integers(min_value=0, max_value=10**12), st.integers(min_value=1, max_value=12))
def test_a_format_never_changes_the_digits_of_a_number(number: int, places: int) -> None:
    assert int(number_text(number, "0" * places)) == number
    shown = number_text(number, "(000) 000-0000")
    assert int("".join(filter(str.isdigit, shown))) == number


@given(st.floats(min_value=-1e6, max_value=1e6), st.sampled_from(["General", "0.00", '"$"#,##0.00', "#,##0_);(#,##0)"]))
def test_what_only_adorns_a_number_is_left_out(number: float, number_format: str) -> None:
    assert float(number_text(number, number_format)) == number
    assert not says_more(number_format)


@pytest.mark.parametrize("number_format", ["00000", "0%", "(000) 000-0000", "000\\-00\\-0000", '"+"0', "[Red]0.0%"])
def test_formats_that_say_more_are_known(number_format: str) -> None:
    assert says_more(number_format)


@given(st.integers(min_value=0, max_value=10**7))
def test_a_measured_time_keeps_its_hours(seconds: int) -> None:
    hours, minutes, *rest = map(int, duration_text(dt.timedelta(seconds=seconds)).split(":"))
    assert hours * 3600 + minutes * 60 + sum(rest) == seconds
