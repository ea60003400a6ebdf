"""How far batches are trusted: decisions and lessons, without any I/O."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.models._changes import Change, ChangeKind, FieldChange
from pipeline.models._contacts import Record
from pipeline.state._traits import ServerTraits
from pipeline.uploader._batches import FIRST_WRITES, LARGEST_BATCH, WORTH_LEARNING, BulkTrust, Seen, in_halves

CREATE, UPDATE = ChangeKind.CREATE, ChangeKind.UPDATE


def creates(count: int, **body: object) -> list[Change]:
    return [Change(seq, CREATE, f"1415555{seq:04}", {"phone": f"1415555{seq:04}", **body}) for seq in range(count)]


def updates(count: int, **body: object) -> list[Change]:
    return [
        Change(
            seq,
            UPDATE,
            f"1415555{seq:04}",
            {"phone": f"1415555{seq:04}", "first": "New", **body},
            contact_id=seq + 1,
            before=Record(seq + 1, f"1415555{seq:04}", "Old", rev=1),
            fields=(FieldChange("first", "Old", "New"),),
        )
        for seq in range(count)
    ]


def teach(trust: BulkTrust, changes: Sequence[Change]) -> None:
    """Let every trial of these changes succeed."""
    trust.singles_seen(CREATE, all_done=True, shown_at_once=True)
    for _ in range(5):
        portion = trust.next_portion(changes)
        if portion.by_batch:
            trust.batch_seen(changes[0].kind, [Seen(change) for change in portion.changes])


class TestSteps:
    def test_creates_begin_with_singles_then_ten_then_all(self) -> None:
        trust, waiting = BulkTrust(ServerTraits()), creates(150)
        first = trust.next_portion(waiting)
        assert (len(first.changes), first.by_batch, first.is_trial) == (FIRST_WRITES, False, True)
        trust.singles_seen(CREATE, all_done=True, shown_at_once=True)
        second = trust.next_portion(waiting)
        assert (len(second.changes), second.by_batch, second.is_trial) == (10, True, True)
        trust.batch_seen(CREATE, [Seen(change) for change in second.changes])
        third = trust.next_portion(waiting)
        assert (len(third.changes), third.by_batch, third.is_trial) == (LARGEST_BATCH, True, False)

    def test_updates_are_tried_with_one_then_ten_then_all(self) -> None:
        trust, waiting = BulkTrust(ServerTraits()), updates(150)
        sizes = []
        for _ in range(3):
            portion = trust.next_portion(waiting)
            assert portion.by_batch
            sizes.append(len(portion.changes))
            trust.batch_seen(UPDATE, [Seen(change) for change in portion.changes])
        assert sizes == [1, 10, LARGEST_BATCH]
        assert trust.traits.batch_update == "works"

    def test_a_few_changes_are_not_worth_learning(self) -> None:
        trust = BulkTrust(ServerTraits())
        trust.singles_seen(UPDATE, all_done=True, shown_at_once=True)
        portion = trust.next_portion(updates(WORTH_LEARNING - 1))
        assert (portion.by_batch, portion.is_trial, len(portion.changes)) == (False, False, WORTH_LEARNING - 1)

    def test_what_is_remembered_costs_no_trial(self) -> None:
        traits = ServerTraits(batch_create="works", batch_update="works", shows_writes="works")
        for waiting in (creates(50), updates(50)):
            portion = BulkTrust(traits).next_portion(waiting)
            assert (portion.by_batch, portion.is_trial, len(portion.changes)) == (True, False, 50)

    @pytest.mark.parametrize(("path", "by_batch"), [("single", False), ("batch", True)])
    def test_the_setting_decides_where_it_is_not_auto(self, path: str, by_batch: bool) -> None:
        assert BulkTrust(ServerTraits(), path).next_portion(updates(2)).by_batch is by_batch  # type: ignore[arg-type]

    def test_creates_go_by_batch_only_where_a_search_shows_them_at_once(self) -> None:
        trust = BulkTrust(ServerTraits())
        trust.singles_seen(CREATE, all_done=True, shown_at_once=False)
        assert not trust.next_portion(creates(100)).by_batch

    def test_who_is_to_go_alone_goes_alone(self) -> None:
        trust = BulkTrust(ServerTraits(batch_update="works", single_update="works"))
        waiting = updates(30)
        first = trust.next_portion(waiting, frozenset({3}))
        assert first.by_batch
        assert 3 not in {change.seq for change in first.changes}
        assert not trust.next_portion([waiting[3]], frozenset({3})).by_batch

    def test_an_update_that_changes_the_phone_never_goes_by_batch(self) -> None:
        trust = BulkTrust(ServerTraits(batch_update="works", single_update="works"))
        moved = [
            Change(seq, UPDATE, "14155559999", {"phone": "14155559999"}, before=Record(1, "14155550000"))
            for seq in range(30)
        ]
        assert not trust.next_portion(moved).by_batch


class TestLessons:
    def test_parts_that_a_batch_drops_go_singly_from_then_on(self) -> None:
        trust = BulkTrust(ServerTraits(shows_writes="works"))
        custom = creates(40, custom={"101": "Gold"})
        wrong = (FieldChange("custom.101", "", "Gold"),)
        trust.batch_seen(CREATE, [Seen(change, wrong=wrong) for change in custom[:10]])
        assert trust.traits.batch_drops == ("custom",)
        assert not trust.next_portion(custom).by_batch
        assert trust.next_portion(creates(40)).by_batch, "without custom values a batch still serves"

    @pytest.mark.parametrize(
        ("seen", "reason"),
        [
            ({"is_missing": True}, "nothing was there"),
            ({"is_untouched": True}, "were as before"),
            ({"is_doubled": True}, "second contact"),
            ({"wrong": (FieldChange("last", "", "Kept"),)}, "told to keep"),
        ],
    )
    def test_a_batch_that_does_not_do_what_it_should_is_not_used_again(
        self, seen: dict[str, object], reason: str
    ) -> None:
        trust = BulkTrust(ServerTraits(batch_update="works", single_update="works"))
        trust.batch_seen(UPDATE, [Seen(change, **seen) for change in updates(10)])  # type: ignore[arg-type]
        assert trust.traits.batch_update == "fails"
        assert reason in trust.traits.batch_reason
        assert not trust.next_portion(updates(50)).by_batch

    def test_entries_that_fail_alone_do_not_condemn_the_call(self) -> None:
        trust = BulkTrust(ServerTraits(shows_writes="works"))
        made = creates(10)
        trust.batch_seen(CREATE, [Seen(made[0], is_missing=True), *(Seen(change) for change in made[1:])])
        assert trust.traits.batch_create == "works"

    def test_most_entries_missing_is_no_proof_of_anything(self) -> None:
        trust = BulkTrust(ServerTraits(shows_writes="works"))
        made = creates(10)
        trust.batch_seen(CREATE, [*(Seen(change, is_missing=True) for change in made[1:]), Seen(made[0])])
        assert trust.traits.batch_create == "unknown"

    def test_sizes_that_were_refused_are_halved_and_remembered(self) -> None:
        trust = BulkTrust(ServerTraits(batch_update="works"))
        for expected in (100, 50, 25):
            portion = trust.next_portion(updates(200))
            assert len(portion.changes) == expected
            trust.refused(len(portion.changes))
        trust.refused(80)
        assert trust.traits.batch_refused == 25

    def test_a_refused_call_is_not_sent_again(self) -> None:
        trust = BulkTrust(ServerTraits(batch_update="works", single_update="works"))
        trust.call_refused(UPDATE, 404)
        assert not trust.next_portion(updates(50)).by_batch
        assert "404" in trust.traits.describe()["why not by batch"]


@given(
    st.lists(st.sampled_from([CREATE, UPDATE]), min_size=1, max_size=60),
    st.sampled_from(["unknown", "works", "fails"]),
    st.sampled_from(["unknown", "works", "fails"]),
    st.sampled_from(["auto", "single", "batch"]),
    st.integers(0, 60),
)
def test_law_every_portion_is_of_one_kind_and_takes_something(
    kinds: list[ChangeKind], batch: str, single: str, path: str, refused: int
) -> None:
    traits = ServerTraits(batch_update=batch, single_create=single, batch_refused=refused, shows_writes="works")  # type: ignore[arg-type]
    trust = BulkTrust(traits, path)  # type: ignore[arg-type]
    waiting = [Change(seq, kind, f"1415555{seq:04}", {}) for seq, kind in enumerate(kinds)]
    while waiting:
        portion = trust.next_portion(waiting)
        assert portion.changes
        assert len({change.kind for change in portion.changes}) == 1
        assert {change.seq for change in portion.changes} <= {change.seq for change in waiting}
        assert len(portion.changes) <= LARGEST_BATCH
        waiting = [change for change in waiting if change not in portion.changes]


@given(st.lists(st.integers(), min_size=1))
def test_law_halves_make_the_whole(items: list[int]) -> None:
    left, right = in_halves(items)
    assert [*left, *right] == items
    assert len(left) - len(right) in (0, 1)
