"""A manifest that cannot be true, or of which one bit was flipped, is not believed."""

import json
from pathlib import Path

import pytest

from pipeline.report import verification_text
from pipeline.snapshots import (
    Draft,
    DraftFacts,
    verify_snapshot,
)
from pipeline.snapshots._manifest import ManifestUnreadable, parse_manifest, with_checksum
from tests.accounts import edit_manifest
from tests.snapshots.drafts import published


def test_a_manifest_that_cannot_be_true_is_damage(draft: Draft) -> None:
    folder = published(draft)
    text = (folder / "manifest.json").read_text()
    edit_manifest(folder, contacts=4, walk={"ended": "stalled"})
    assert len(verify_snapshot(folder).problems) == 2
    edit_manifest(folder, files={"../escape": {"sha256": "", "bytes": 0, "rows": 0}})
    assert any("no plain file name" in problem for problem in verify_snapshot(folder).problems)
    for damaged in ("{", "[]", text.replace('"format": 2', '"format": 9'), text.replace('"kind"', '"kid"')):
        (folder / "manifest.json").write_text(damaged)
        assert verify_snapshot(folder).exit_code == 1
    edit_text = json.loads(text)
    for entry in ("no object", {"sha256": "x", "bytes": True, "rows": 0}):
        (folder / "manifest.json").write_text(with_checksum(edit_text | {"files": {"contacts.csv": entry}}))
        assert verify_snapshot(folder).exit_code == 1
    (folder / "manifest.json").unlink()
    assert verify_snapshot(folder).problems == ("manifest.json is missing.",)
    (folder / "manifest.json").mkdir()
    assert "cannot be read" in verify_snapshot(folder).problems[0]


def test_no_flipped_bit_of_a_manifest_is_overlooked(snapshots: Path) -> None:
    draft = Draft.create(snapshots, DraftFacts("Zo\u00eb's", "api.test"))
    folder = published(draft)
    content = (folder / "manifest.json").read_bytes()
    assert parse_manifest(content).account == "Zo\u00eb's"
    for place in range(len(content) * 8):
        flipped = bytearray(content)
        flipped[place // 8] ^= 1 << place % 8
        with pytest.raises(ManifestUnreadable):
            parse_manifest(bytes(flipped))
    (folder / "manifest.json").write_bytes(content.replace(b'"ended": "proved"', b'"ended": "Proved"'))
    found = verify_snapshot(folder)
    assert (found.exit_code, "its own checksum does not agree" in found.problems[0]) == (1, True)
    (folder / "manifest.json").write_bytes(content)
    assert verify_snapshot(folder).exit_code == 0


def test_a_manifest_of_an_earlier_version_is_read_and_said_to_be_without_a_checksum(draft: Draft) -> None:
    folder = published(draft)
    value = json.loads((folder / "manifest.json").read_text())
    del value["own_sha256"]
    (folder / "manifest.json").write_text(json.dumps(value | {"format": 1}))
    found = verify_snapshot(folder)
    assert (found.exit_code, found.without_checksum) == (0, (folder.name,))
    assert "carries no checksum of its own" in verification_text(found)
