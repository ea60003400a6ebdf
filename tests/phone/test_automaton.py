"""Patterns of numbering plans become tables that accept the same digit strings."""

import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.phone._automaton import WIDTH, PhoneVerdict, Question, StateTable, UnknownSyntax
from pipeline.phone._plans import NumberingPlans

PATTERNS = [
    "[2-9]\\d{9}|3\\d{6}",
    "0(?:0|1[1-3])?",
    "(?:2(?:0[1-35-9]|1[02-9])|5\\d)[2-9]\\d{2,4}",
    "([457]\\d{2})|1",
    "1?",
    "\\d{3}(?:[13]{2}|7)?5",
]


def judge(table: StateTable, state: int, digits: str) -> PhoneVerdict:
    """Return what the automaton that begins at `state` says of a string of at most 17 digits."""
    for digit in digits:
        state = table.next[state * WIDTH + int(digit)]
    return table.verdict[state]


@pytest.mark.parametrize("pattern", PATTERNS)
@given(digits=st.text(st.sampled_from("0123579"), max_size=11))
def test_a_table_accepts_what_its_pattern_accepts(pattern: str, digits: str) -> None:
    whole, table = Question(), StateTable()
    language = whole.language(pattern)
    start = table.add(whole, lambda positions, _: PhoneVerdict(language.holds(positions)))
    if digits:
        assert (judge(table, start, digits) is PhoneVerdict.YES) == bool(re.fullmatch(pattern, digits))


@pytest.mark.parametrize("pattern", PATTERNS)
@given(digits=st.text(st.sampled_from("0123579"), min_size=1, max_size=11))
def test_a_prefix_is_seen_from_where_it_ends(pattern: str, digits: str) -> None:
    question, table = Question(), StateTable()
    language = question.language(pattern, prefix=True)
    start = table.add(
        question, lambda positions, _: PhoneVerdict.UNDECIDED if language.holds(positions) else PhoneVerdict.NO
    )
    begins = any(re.fullmatch(pattern, digits[:end]) for end in range(1, len(digits) + 1))
    assert (judge(table, start, digits) is PhoneVerdict.UNDECIDED) == begins


@pytest.mark.parametrize(
    "pattern", ["a", "1*", "1+", "[^1]", "(?!1)2", "1{2,}", "1{", "(1", "1)", "[1", "\\w", "^1", "1$"]
)
def test_syntax_that_is_not_known_is_not_guessed(pattern: str) -> None:
    with pytest.raises(UnknownSyntax):
        Question().language(pattern)


def test_every_calling_code_and_region_of_the_metadata_can_be_compiled() -> None:
    plans = NumberingPlans()
    assert all(plans.international(code) > 1 for code in plans.calling_codes())
    assert all(plans.national(region) for region in phonenumbers.SUPPORTED_REGIONS)
    assert plans.international(999) == 0
    assert plans.national("ZZ") is None


def test_example_numbers_are_valid_in_the_tables() -> None:
    plans = NumberingPlans()
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        number = phonenumbers.example_number(region)
        assert number is not None
        assert number.country_code is not None
        digits = phonenumbers.national_significant_number(number)
        verdict = judge(plans.table, plans.international(number.country_code), digits)
        assert verdict in (PhoneVerdict.YES, PhoneVerdict.UNDECIDED), region
