"""A snapshot appears whole and private, or not at all; what a kill leaves is published by the next run."""

import os
import stat
from pathlib import Path

import pytest

from pipeline.errors import StorageFailed
from pipeline.snapshots import (
    Draft,
    DraftFacts,
    find_unfinished,
    publish,
    verify_snapshot,
)
from pipeline.snapshots._draft import CONTENTS
from pipeline.values import replace
from pipeline.wire import read_records
from tests.snapshots.drafts import PAGE, WHOLE, published


def test_equal_contacts_give_equal_bytes(draft: Draft, snapshots: Path) -> None:
    other = Draft.create(snapshots, DraftFacts("main", "api.test"))
    first, second = published(draft), published(other)
    assert second.name == f"{first.name}-2" or second.name != first.name
    assert (first / "contacts.jsonl.gz").read_bytes() == (second / "contacts.jsonl.gz").read_bytes()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no permission bits")
def test_everything_is_private_whatever_the_umask(snapshots: Path) -> None:
    before = os.umask(0)
    try:
        folder = published(Draft.create(snapshots, DraftFacts("main", "api.test")))
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_kill_while_publishing_leaves_a_draft_that_can_be_published_again(draft: Draft, snapshots: Path) -> None:
    draft.save(read_records(PAGE))
    draft.contents.mkdir()
    (draft.contents / "contacts.jsonl.gz").write_bytes(b"half a fi")
    draft.note(replace(draft.facts, target=draft.name))
    draft.close()
    found = find_unfinished(snapshots, "main", "api.test")
    assert found is not None
    assert verify_snapshot(publish(found, WHOLE)).exit_code == 0
    assert [path.name for path in snapshots.iterdir()] == [draft.name]


def test_a_kill_just_after_publishing_leaves_nothing_to_continue(draft: Draft, snapshots: Path) -> None:
    draft.note(replace(draft.facts, target=draft.name))
    (snapshots / draft.name).mkdir()
    draft.close()
    assert find_unfinished(snapshots, "main", "api.test") is None
    assert not draft.folder.exists()


def test_a_kill_just_before_the_rename_is_continued(draft: Draft, snapshots: Path) -> None:
    draft.note(replace(draft.facts, target=draft.name))
    draft.close()
    found = find_unfinished(snapshots, "main", "api.test")
    assert found is not None
    found.close()


def test_a_disk_that_refuses_keeps_the_draft_and_earlier_snapshots(draft: Draft, snapshots: Path) -> None:
    earlier = published(Draft.create(snapshots, DraftFacts("main", "api.test")))
    draft.save(read_records(PAGE))
    (draft.folder / CONTENTS).write_text("a file where the folder has to be")
    with pytest.raises(StorageFailed, match="Earlier snapshots are untouched"):
        publish(draft, WHOLE)
    assert draft.contacts == 3
    assert verify_snapshot(earlier).exit_code == 0
