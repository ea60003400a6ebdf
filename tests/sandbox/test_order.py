"""Sorted keys against a plain sorted list, and how little they touch."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sandbox._order import CHUNK, SortedKeys


@given(st.lists(st.integers(0, 40)), st.integers(-2, 42), st.integers(-3, 45), st.integers(-3, 45))
def test_keys_come_and_go_as_in_a_plain_sorted_list(toggles: list[int], probe: int, start: int, stop: int) -> None:
    keys, plain = SortedKeys(), set[int]()
    for key in toggles:
        (keys.remove if key in plain else keys.add)(key)
        plain ^= {key}
    expected = sorted(plain)
    assert len(keys) == len(expected)
    assert keys.between(0, len(keys)) == expected
    assert keys.rank(probe) == sum(key < probe for key in expected)
    assert keys.between(start, stop) == expected[max(start, 0) : max(stop, 0)]


def test_chunks_split_and_vanish_and_stay_sorted() -> None:
    numbers = [number * 7919 % (6 * CHUNK) for number in range(6 * CHUNK)]
    keys = SortedKeys(range(-3 * CHUNK, 0))
    for number in numbers:
        keys.add(number)
    for number in range(-3 * CHUNK, 2 * CHUNK):
        keys.remove(number)
    assert keys.between(0, len(keys)) == list(range(2 * CHUNK, 6 * CHUNK))
    assert keys.rank(5 * CHUNK) == 3 * CHUNK
    assert keys.between(CHUNK - 1, 2 * CHUNK + 1) == list(range(3 * CHUNK - 1, 4 * CHUNK + 1))


@pytest.mark.parametrize("missing", [5, 99])
def test_removing_what_is_not_there_is_an_error(missing: int) -> None:
    keys = SortedKeys([1, 9])
    with pytest.raises(KeyError):
        keys.remove(missing)
    assert len(keys) == 2
