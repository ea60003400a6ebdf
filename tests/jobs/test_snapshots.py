"""Snapshots in every form: encrypted, for spreadsheets, as Parquet; compared, listed and pruned by the real command."""

import csv
import gzip
import hashlib
import json
import os
import stat
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.snapshots import (
    Draft,
)
from tests.accounts import edit_manifest
from tests.cli.commands import hmpipe
from tests.conftest import Serve, Server
from tests.exports import write_settings

# Comparing


def test_two_snapshots_are_compared_field_by_field(tmp_path: Path, serve: Serve) -> None:
    running = serve()
    field = next(iter(running.sandbox.counters()["fields"]))
    running.sandbox.add_contact("14155550100", first="Ann", custom={field: "Gold"})
    running.sandbox.add_contact("14155550101", first="Bob")
    running.sandbox.add_contact("14155550102", first="Cid")
    write_settings(tmp_path, running.url)
    assert hmpipe(tmp_path, "export").code == 0
    rows = tmp_path / "rows.csv"
    rows.write_text("Phone,First,Plan\n14155550100,Anna,Silver\n14155550109,New,\n")
    mapping = '--set=import.columns={"Phone" = "phone", "First" = "first", "Plan" = { custom = "Plan" }}'
    assert hmpipe(tmp_path, "import", rows, mapping).code == 0
    gone = tmp_path / "gone.csv"
    gone.write_text("phone\n14155550102\n")
    assert hmpipe(tmp_path, "delete", gone, "--yes").code == 0
    assert hmpipe(tmp_path, "export").code == 0
    table, page = tmp_path / "changes.csv", tmp_path / "changes.html"
    done = hmpipe(tmp_path, "snapshots", "diff", "previous", "last", "--json", "--csv", table, "--html", page)
    assert done.code == 0
    told = done.json
    assert (told["added"], told["deleted"], told["changed"], told["touched"]) == (1, 1, 1, 0)
    assert told["fields"] == {"first": 1, "Plan": 1}
    with table.open(newline="") as file:
        lines = [tuple(row.values())[1:] for row in csv.DictReader(file)]
    assert set(lines) == {
        ("14155550100", "changed", "first", "Ann", "Anna"),
        ("14155550100", "changed", "Plan", "Gold", "Silver"),
        ("14155550102", "deleted", "", "", ""),
        ("14155550109", "added", "", "", ""),
    }
    assert stat.S_IMODE(table.stat().st_mode) == 0o600
    shown = hmpipe(tmp_path, "snapshots", "diff", "previous", "last").out
    assert "1415***0100" in shown
    for text in (shown, page.read_text()):
        assert "14155550100" not in text
        assert "Silver" not in text
    same = hmpipe(tmp_path, "snapshots", "diff", "last", "last", "--json")
    assert (same.code, same.json["changed"]) == (0, 0)


def test_a_chain_made_one_is_no_moment_of_its_own(tmp_path: Path, server: Server) -> None:
    write_settings(tmp_path, server.url)
    assert hmpipe(tmp_path, "export").code == 0
    server.sandbox.add_contact("16175550100", first="Late")
    assert hmpipe(tmp_path, "export", "--since", "last").code == 0
    before = hmpipe(tmp_path, "snapshots", "diff", "previous", "last", "--json").json
    assert hmpipe(tmp_path, "snapshots", "materialize", "last").code == 0
    after = hmpipe(tmp_path, "snapshots", "diff", "previous", "last", "--json").json
    assert (before["added"], after["added"], after["old"]) == (1, 1, before["old"])


def test_two_accounts_in_one_folder_are_not_mixed_without_a_word(tmp_path: Path, serve: Serve) -> None:
    for number in range(2):
        running = serve()
        running.sandbox.seed(3 + number)
        write_settings(tmp_path, running.url)
        assert hmpipe(tmp_path, "export").code == 0
    alone = hmpipe(tmp_path, "snapshots", "diff", "previous", "last")
    assert (alone.code, "There is no previous complete snapshot of the account" in alone.err) == (2, True)
    first, second = sorted((tmp_path / "snapshots").iterdir())
    page = tmp_path / "page.html"
    crossed = hmpipe(tmp_path, "snapshots", "diff", first, second, "--json", "--html", page)
    assert crossed.code == 0
    assert len(set(crossed.json["accounts"])) == 2
    assert "Note: These are two accounts" in crossed.err
    assert "These are two accounts" in page.read_text()


def test_a_file_that_is_called_last_stands_in_nobodys_way(tmp_path: Path, server: Server) -> None:
    write_settings(tmp_path, server.url)
    assert hmpipe(tmp_path, "export").code == 0
    (tmp_path / "last").write_text("")
    (tmp_path / "previous").mkdir()
    done = hmpipe(tmp_path, "snapshots", "verify", "last", "--json")
    assert (done.code, done.json["contacts"]) == (0, 23), done.err
    assert "no previous complete snapshot" in hmpipe(tmp_path, "snapshots", "verify", "previous").err


def test_what_an_export_that_was_killed_left_is_named_in_the_list(tmp_path: Path, server: Server) -> None:
    write_settings(tmp_path, server.url)
    name = ".unfinished-20260101T000000Z-full"
    for folder in (tmp_path / "snapshots", tmp_path / "state" / "hmpipe" / "drafts" / "0123"):
        with closing(Draft.create(folder, "main", "api.test", started=datetime(2026, 1, 1, tzinfo=UTC))):
            pass
        for path in (folder / name, *(folder / name).iterdir()):
            os.utime(path, (time.time() - 7_200,) * 2)
    listed = hmpipe(tmp_path, "snapshots", "list", "--json")
    found = listed.json["leftovers"]
    assert [(each["kind"], Path(each["path"]).name, each["idle_seconds"] // 3_600) for each in found] == [
        ("draft", name, 2),
        ("draft", name, 2),
    ]
    assert {Path(each["path"]).parent.name for each in found} == {"snapshots", "0123"}
    assert "2 h 0 min ago. It holds contacts in plain" in listed.err


@pytest.mark.parametrize("option", ["--csv", "--html"])
def test_a_comparison_is_written_privately_and_whole_or_not_at_all(tmp_path: Path, server: Server, option: str) -> None:
    write_settings(tmp_path, server.url)
    old = Path(hmpipe(tmp_path, "export", "--json").json["snapshot"])
    server.sandbox.add_contact("14155550177", first="New")
    new = Path(hmpipe(tmp_path, "export", "--json").json["snapshot"])
    target = tmp_path / "changes"
    target.write_text("from before")
    target.chmod(0o644)
    kept = (new / "contacts.jsonl.gz").read_bytes()
    into = hmpipe(tmp_path, "snapshots", "diff", old, new, option, new / "contacts.jsonl.gz")
    assert (into.code, "lies in the folder of a snapshot" in into.err) == (2, True)
    assert (new / "contacts.jsonl.gz").read_bytes() == kept
    assert hmpipe(tmp_path, "snapshots", "diff", old, new, option, target).code == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    whole = target.read_bytes()
    assert whole != b"from before"
    damage(new)
    assert hmpipe(tmp_path, "snapshots", "diff", old, new, option, target).code == 2
    assert target.read_bytes() == whole
    assert not list(tmp_path.glob(".changes*"))


def damage(folder: Path) -> None:
    """Make the last contact of a snapshot unreadable, which shows when all others were read."""
    lines = gzip.decompress((folder / "contacts.jsonl.gz").read_bytes()).splitlines()
    content = gzip.compress(b"\n".join([*lines[:-1], b"no contact", b""]))
    (folder / "contacts.jsonl.gz").write_bytes(content)
    files = json.loads((folder / "manifest.json").read_text())["files"]
    entry = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content), "rows": len(lines)}
    edit_manifest(folder, files=files | {"contacts.jsonl.gz": entry})


def test_pruning_removes_what_it_says_and_tidies_after_a_kill(tmp_path: Path, server: Server) -> None:
    write_settings(tmp_path, server.url)
    places = [Path(hmpipe(tmp_path, "export", "--json").json["snapshot"]) for _ in range(3)]
    delta = Path(hmpipe(tmp_path, "export", "--since", "last", "--json").json["snapshot"])
    none = hmpipe(tmp_path, "snapshots", "prune", "--yes")
    assert (none.code, "No rule says what to keep" in none.err) == (2, True)
    dry = hmpipe(tmp_path, "snapshots", "prune", "--keep-last", "1", "--dry-run", "--json")
    assert (dry.json["removed"], len(dry.json["remove"])) == (0, 2)
    assert all(place.exists() for place in places)
    asked = hmpipe(tmp_path, "snapshots", "prune", "--keep-last", "1")
    assert (asked.code, "Say --yes" in asked.err) == (2, True)
    left = tmp_path / "snapshots" / ".removed-20200101T000000Z-full"
    left.mkdir()
    done = hmpipe(tmp_path, "snapshots", "prune", "--keep-last", "1", "--yes", "--json")
    assert (done.code, done.json["removed"]) == (0, 2)
    assert {path.name for path in (tmp_path / "snapshots").iterdir()} == {places[2].name, delta.name}
    assert hmpipe(tmp_path, "snapshots", "verify", delta).code == 0
    listed = hmpipe(tmp_path, "snapshots", "list", "--json").json["snapshots"]
    assert [each["kind"] for each in listed] == ["delta", "full"]
    assert listed[0]["verified"].startswith("whole ")
