"""The list of snapshots says age, size and worth, whatever lies among them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.snapshots import (
    Draft,
    list_snapshots,
    open_store,
)
from tests.snapshots.drafts import published


def test_the_list_says_age_size_and_worth_and_survives_a_damaged_manifest(draft: Draft, snapshots: Path) -> None:
    folder = published(draft)
    damaged = snapshots / "20200101T000000Z-full"
    damaged.mkdir()
    (snapshots / "notes").mkdir()
    soon = datetime.now(UTC) + timedelta(hours=1)
    first, second = list_snapshots(open_store(snapshots), now=soon)
    assert (first.name, first.contacts, first.complete, first.account) == (folder.name, 3, True, "main")
    assert first.age is not None
    assert timedelta(minutes=59) < first.age < timedelta(minutes=61)
    assert first.bytes > 0
    assert (second.name, second.problem) == (damaged.name, "manifest.json is missing.")
    assert list_snapshots(open_store(snapshots / "absent")) == []
