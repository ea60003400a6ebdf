"""The draft of a snapshot keeps what was read, and is found again by its own account only."""

from pathlib import Path

import pytest

from pipeline.errors import StorageFailed
from pipeline.models._contacts import CustomField, Record
from pipeline.snapshots import (
    Draft,
    DraftFacts,
    find_unfinished,
)
from pipeline.snapshots._draft import HIDDEN
from pipeline.snapshots._draftfile import WORK_FILE
from pipeline.values import replace
from pipeline.wire import read_records
from tests.snapshots.drafts import PAGE


def test_the_highest_rev_wins_then_the_later_updated_then_the_last_reading(draft: Draft) -> None:
    def save(rev: int | None, updated: str, mark: str) -> None:
        draft.save([Record(id=1, phone="1", rev=rev, updated=updated, raw=f'{{"id":1,"m":"{mark}"}}'.encode())])

    save(2, "2026-01-01T00:00:00Z", "a")
    save(1, "2026-01-02T00:00:00Z", "older rev")
    assert b'"a"' in next(draft.raw_contacts())
    save(2, "2026-01-01T00:00:00.000000001Z", "later")
    save(2, "2026-01-01T00:00:00Z", "earlier")
    assert b"later" in next(draft.raw_contacts())
    save(2, "2026-01-01T00:00:00.000000001Z", "again")
    save(None, "no time", "no rev")
    assert b"again" in next(draft.raw_contacts())
    assert draft.contacts == 1


def test_an_unfinished_draft_is_found_with_everything_that_was_saved(draft: Draft, snapshots: Path) -> None:
    draft.save(read_records(PAGE), replace(draft.facts, walk={"pages": 3}))
    draft.close()
    found = find_unfinished(snapshots, "main", "api.test")
    assert found is not None
    assert (found.name, found.ids(), found.facts.walk) == (draft.name, {10, 20, 30}, {"pages": 3})
    assert (found.custom_ids, found.facts.shows_opt_out, found.facts.fields) == (
        ["7", "99"],
        True,
        (CustomField(7, "Plan"),),
    )
    found.close()


@pytest.mark.usefixtures("impatient")
def test_only_a_draft_of_the_same_account_and_host_is_continued(draft: Draft, snapshots: Path) -> None:
    assert find_unfinished(snapshots, "main", "api.test") is None, "one process at a time has it"
    draft.close()
    (snapshots / f"{HIDDEN}20990101T000000Z-full").mkdir()
    damaged = snapshots / f"{HIDDEN}20990102T000000Z-full"
    damaged.mkdir()
    (damaged / WORK_FILE).write_bytes(b"not a database, for certain")
    assert find_unfinished(snapshots, "other", "api.test") is None
    assert find_unfinished(snapshots, "main", "other.test") is None
    found = find_unfinished(snapshots, "main", "api.test")
    assert found is not None
    found.close()
    assert find_unfinished(snapshots / "absent", "main", "api.test") is None


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageFailed, match="file"):
        Draft.create(tmp_path / "file", DraftFacts("main", "api.test"))
    with pytest.raises(StorageFailed, match=WORK_FILE):
        Draft.open(tmp_path)
