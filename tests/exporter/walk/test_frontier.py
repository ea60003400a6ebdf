"""Stamps are compared in time, and a page joins only by a contact that is shown unchanged."""

import pytest

from pipeline.exporter.walk._frontier import Frontier, last_stamp
from pipeline.models._contacts import Record
from pipeline.models._stamps import compare, order_of


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5Z"),
        ("2026-01-01T00:00:00", "2026-01-01T00:00:01Z"),
        ("2026-01-01T02:00:00+02:00", "2026-01-01T00:00:01Z"),
        ("aaa", "bbb"),
        ("not a time", "2026-01-01T00:00:00Z"),
    ],
)
def test_stamps_compare_in_time_however_they_are_written(earlier: str, later: str) -> None:
    assert (compare(earlier, later), compare(later, earlier), compare(later, later)) == (-1, 1, 0)


def test_the_order_of_a_page_is_known_or_called_unsorted() -> None:
    assert [order_of(text) for text in ("", "aa", "aab", "bba", "aba")] == [0, 0, 1, -1, None]


def test_a_page_joins_by_an_unchanged_contact_only() -> None:
    frontier = Frontier()
    frontier.move(None, [Record(id=1, phone="1", rev=1, updated="2026-01-01T00:00:00Z")])
    assert frontier.joins([Record(id=1, phone="1", rev=1, updated="2026-01-01T00:00:00Z")])
    assert not frontier.joins([Record(id=1, phone="1", rev=2, updated="2026-01-01T00:00:00Z")])
    assert not frontier.joins([Record(id=2, phone="1", rev=1, updated="2026-01-01T00:00:00Z")])


def test_the_last_stamp_is_that_of_the_last_contact_that_has_one() -> None:
    assert last_stamp([Record(id=1, phone="1", updated="x"), Record(id=2, phone="1")]) == "x"
    assert last_stamp([]) == ""
