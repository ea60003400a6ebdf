"""The values of the house: immutable, with the words of the contract, and counts that must add up."""

from dataclasses import FrozenInstanceError, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.models._changes import ChangeKind, OnExisting, WriteAnswer
from pipeline.models._contacts import MAX_TAGS, STANDARD_FIELDS, Contact, Found, Record
from pipeline.models._outcomes import OutcomeKind, Tally, Traffic
from pipeline.models._pages import PageRequest


def test_the_words_are_those_of_the_contract() -> None:
    assert [kind.value for kind in OutcomeKind] == [
        "created", "updated", "unchanged", "skipped", "deleted", "rejected", "failed", "unknown",
    ]  # fmt: skip
    assert [kind.value for kind in OnExisting] == ["skip", "fill", "merge", "overwrite"]
    assert [kind.value for kind in ChangeKind] == ["create", "update", "delete"]
    assert MAX_TAGS == 5


def test_a_record_holds_every_standard_field() -> None:
    assert set(STANDARD_FIELDS) <= set(Record._fields)


def test_a_tally_counts_exactly_the_outcomes_and_the_rows() -> None:
    assert {field.name for field in fields(Tally)} == {"rows", *(kind.value for kind in OutcomeKind)}


def test_what_is_not_told_is_unknown_and_not_false() -> None:
    record = Record(5, "14155550101")
    assert (record.is_opted_out, record.tags, record.assignee_id, record.rev) == (None, None, None, None)
    assert Contact(2, "14155550101").tags is None
    assert WriteAnswer(None).rev is None
    assert PageRequest() == PageRequest(date=None, ascending=None, limit=None, page=None)
    assert Traffic() == Traffic(requests=0, rate_limited=0, retries=0)


def test_two_values_share_nothing_that_can_change() -> None:
    first, second = Found(), Found()
    first.records["14155550101"] = ()
    first.refused["14155550102"] = "no"
    assert second == Found({}, {}, {})
    with pytest.raises(FrozenInstanceError):
        Contact(2, "14155550101").phone = "1"  # type: ignore[misc]


def test_counts_that_miss_or_double_a_row_do_not_add_up() -> None:
    tally = Tally(rows=7, created=1, updated=1, unchanged=1, skipped=1, rejected=1, failed=1, unknown=1)
    assert (tally.settled, tally.adds_up) == (7, True)
    assert not Tally(rows=2, created=1).adds_up
    assert not Tally(rows=1, created=1, failed=1).adds_up
    assert Tally().adds_up


@given(st.fixed_dictionaries({kind.value: st.integers(0, 10**6) for kind in OutcomeKind}), st.integers(-3, 3))
def test_law_the_identity_holds_for_the_sum_and_for_nothing_else(counts: dict[str, int], off: int) -> None:
    assert Tally(rows=sum(counts.values()) + off, **counts).adds_up is (off == 0)
