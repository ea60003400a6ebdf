"""What is remembered about an account: read back as written, private, and never in the way."""

import json
import stat
from pathlib import Path

import pytest

from pipeline.state._traits import ServerTraits, TraitStore

KNOWN = ServerTraits(batch_create="works", batch_size=100, batch_drops=("custom", "tags"), shows_writes="works")


def test_what_was_learned_is_remembered_in_a_private_file(tmp_path: Path) -> None:
    path = tmp_path / "accounts" / "a.traits.json"
    TraitStore(path).save(KNOWN)
    assert TraitStore(path).load() == KNOWN
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [each.name for each in path.parent.iterdir()] == ["a.traits.json"]


def test_nothing_is_written_when_nothing_was_learned(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    TraitStore(path).save(KNOWN)
    path.chmod(0o400)
    before = path.stat().st_mtime_ns
    store = TraitStore(path)
    store.save(store.load())
    assert path.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", "\0\0\0", '{"format": 99}', json.dumps({"format": 1, "batch_size": "many", "batch_drops": 3})],
)
def test_a_spoiled_file_counts_as_not_there(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    assert TraitStore(path).load() == ServerTraits()


def test_without_a_place_or_with_a_full_disk_nothing_is_remembered_and_nothing_breaks(tmp_path: Path) -> None:
    TraitStore(None).save(KNOWN)
    assert TraitStore(None).load() == ServerTraits()
    (tmp_path / "file").write_text("")
    store = TraitStore(tmp_path / "file" / "a.json")
    store.save(KNOWN)
    assert store.load() == ServerTraits()


def test_what_is_forgotten_is_gone(tmp_path: Path) -> None:
    store = TraitStore(tmp_path / "a.json")
    assert not store.forget()
    store.save(KNOWN)
    assert store.forget()
    assert TraitStore(tmp_path / "a.json").load() == ServerTraits()


def test_only_what_is_known_is_described() -> None:
    assert ServerTraits().describe() == {}
    assert KNOWN.describe() == {
        "search shows fresh writes": "yes",
        "batch creates": "proved",
        "largest batch proved": "100 contacts",
        "a batch does not carry": "custom, tags",
    }
