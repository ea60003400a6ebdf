"""Patterns of numbering plans become tables that accept the same digit strings."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.phone._automaton import PhoneVerdict, Question, StateTable, UnknownSyntax
from tests.phone.tables import judge

PATTERNS = [
    "[2-9]\\d{9}|3\\d{6}",
    "0(?:0|1[1-3])?",
    "(?:2(?:0[1-35-9]|1[02-9])|5\\d)[2-9]\\d{2,4}",
    "([457]\\d{2})|1",
    "1?",
    "\\d{3}(?:[13]{2}|7)?5",
]


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
