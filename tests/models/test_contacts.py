"""The values of the house: immutable, with the words of the contract, and counts that must add up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.models._changes import ChangeKind, OnExisting, WriteAnswer
from pipeline.models._contacts import (
    MAX_TAGS,
    STANDARD_FIELDS,
    Contact,
    Found,
    Record,
    Status,
    fold_channel,
    further_channels,
)
from pipeline.models._outcomes import OutcomeKind, Tally, Traffic
from pipeline.models._pages import PageRequest
from pipeline.values import field_names


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
    assert set(field_names(Tally)) == {"rows", *(kind.value for kind in OutcomeKind)}


def test_what_is_not_told_is_unknown_and_not_false() -> None:
    record = Record(5, "14155550101")
    assert (record.is_opted_out, record.tags, record.assignee_id, record.rev) == (None, None, None, None)
    assert (record.channels, record.is_blocked, further_channels(record)) == (None, None, None)
    assert Status() == (None, None, None, None)
    assert Contact(2, "14155550101").tags is None
    assert WriteAnswer(None).rev is None
    assert PageRequest() == PageRequest(date=None, ascending=None, limit=None, page=None)
    assert Traffic() == Traffic(requests=0, rate_limited=0, retries=0)


PHONES = ("14155550101", "+1 (415) 555-0101", "14155550102")
MAILS = ("ann@example.com", " Ann@Example.COM", "bob@example.com")


def test_a_channel_is_compared_by_what_it_reaches() -> None:
    assert len({fold_channel("phone", phone) for phone in PHONES[:2]}) == 1
    assert len({fold_channel("email", mail) for mail in MAILS[:2]}) == 1
    assert fold_channel("line", "Ann") != fold_channel("line", "ann"), "nobody says that such names have no case"
    assert fold_channel("phone", "1") != fold_channel("line", "1")


@given(
    st.lists(
        st.tuples(st.just("phone"), st.sampled_from(PHONES)) | st.tuples(st.just("email"), st.sampled_from(MAILS))
    ),
    st.sampled_from(("", *PHONES)),
    st.sampled_from(("", *MAILS)),
)
def test_law_further_channels_are_the_shown_ones_without_the_primary_ones_and_once(
    channels: list[tuple[str, str]], phone: str, email: str
) -> None:
    further = further_channels(Record(5, phone, email=email, channels=tuple(channels)))
    assert further is not None
    folded = [fold_channel(*each) for each in further]
    primary = {fold_channel("phone", phone), fold_channel("email", email)}
    assert set(folded) == {fold_channel(*each) for each in channels} - primary
    assert len(set(folded)) == len(folded)
    assert list(further) == [each for each in dict.fromkeys(channels) if each in further], "as shown, and in that order"


def test_two_values_share_nothing_that_can_change() -> None:
    first, second = Found(), Found()
    first.records["14155550101"] = ()
    first.refused["14155550102"] = "no"
    assert second == Found({}, {}, {})
    with pytest.raises(AttributeError):
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
