"""What was damaged, lost or cut is found, and what is whole is said to be."""

import gzip
import hashlib
import json
from pathlib import Path

import pytest

from pipeline.errors import InputError
from pipeline.snapshots import (
    Draft,
    DraftFacts,
    ExportFacts,
    composed,
    open_snapshot,
    verify_snapshot,
)
from tests.accounts import edit_manifest
from tests.snapshots.drafts import published

PARTIAL = ExportFacts(complete=False, reason="a tie", walk={"ended": "stalled"}, count_check={})


def forge(folder: Path, name: str, contents: bytes, rows: int) -> None:
    """Replace a file and make its manifest entry agree, so that only its contents can betray it."""
    (folder / name).write_bytes(contents)
    files = json.loads((folder / "manifest.json").read_text())["files"]
    files[name] = {"sha256": hashlib.sha256(contents).hexdigest(), "bytes": len(contents), "rows": rows}
    edit_manifest(folder, files=files)


@pytest.mark.parametrize("line", [b'{"id":5.5}', b'{"id":"0"}', b'{"id":true}', b'{"id":-1}'])
def test_what_cannot_be_used_does_not_verify(draft: Draft, line: bytes) -> None:
    folder = published(draft)
    forge(folder, "contacts.jsonl.gz", gzip.compress(line + b"\n"), 1)
    edit_manifest(folder, contacts=1)
    assert "line 1 holds no contact" in verify_snapshot(folder).problems[0]
    with pytest.raises(InputError, match="a contact in it cannot be read"):
        list(composed(open_snapshot(folder)))


def test_a_whole_snapshot_is_0_and_a_partial_one_3(draft: Draft, snapshots: Path) -> None:
    whole = verify_snapshot(published(draft))
    assert (whole.exit_code, whole.problems, whole.contacts) == (0, (), 3)
    partial = verify_snapshot(
        published(Draft.create(snapshots, DraftFacts("main", "api.test")), PARTIAL) / "manifest.json"
    )
    assert (partial.exit_code, partial.problems, partial.reason) == (3, (), "a tie")


@pytest.mark.parametrize("name", ["contacts.jsonl.gz", "contacts.csv", "fields.json"])
def test_one_flipped_bit_or_a_lost_file_is_damage(draft: Draft, name: str) -> None:
    folder = published(draft)
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    assert "SHA-256" in verify_snapshot(folder).problems[0]
    (folder / name).write_bytes(data[:-1])
    assert "bytes" in verify_snapshot(folder).problems[0]
    (folder / name).unlink()
    found = verify_snapshot(folder)
    assert (found.exit_code, found.problems) == (1, (f"{name} is missing.",))


@pytest.mark.parametrize(
    ("lines", "rows", "problem"),
    [
        (b'{"id":1}\n{"id":1}\n', 2, "contact 1 twice"),
        (b'{"id":2}\n{"id":1}\n', 2, "the order is broken"),
        (b'{"id":1}\n', 2, "has 1 rows"),
        (b'{"id":1}\n[]\n', 2, "line 2 holds no contact"),
        (b'{"id":1}\n{"id"', 2, "cannot be read"),
    ],
)
def test_contents_that_contradict_themselves_are_damage(draft: Draft, lines: bytes, rows: int, problem: str) -> None:
    folder = published(draft)
    forge(folder, "contacts.jsonl.gz", gzip.compress(lines), rows)
    edit_manifest(folder, contacts=rows)
    found = verify_snapshot(folder)
    assert found.exit_code == 1
    assert problem in found.problems[0]


def test_a_cut_gzip_and_a_broken_table_are_damage(draft: Draft) -> None:
    folder = published(draft)
    forge(folder, "contacts.jsonl.gz", (folder / "contacts.jsonl.gz").read_bytes()[:-12], 3)
    forge(folder, "contacts.csv", b"id\r\n1\r\n\r\n", 2)
    assert len(verify_snapshot(folder).problems) == 2


def test_an_unknown_file_of_a_later_version_is_checked_by_its_sum_only(draft: Draft) -> None:
    folder = published(draft)
    forge(folder, "team.json", b"{}", 1)
    assert verify_snapshot(folder).exit_code == 0


def test_what_is_no_snapshot_is_bad_input(draft: Draft, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "absent", tmp_path / "file", tmp_path):
        with pytest.raises(InputError):
            verify_snapshot(path)
    with pytest.raises(InputError, match="not finished"):
        verify_snapshot(draft.folder)
