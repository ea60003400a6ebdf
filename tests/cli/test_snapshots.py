"""`hmpipe snapshots` compares, names and writes what a person asks for."""

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
    DraftFacts,
)
from tests.accounts import edit_manifest
from tests.cli.commands import hmpipe
from tests.conftest import Serve, Server
from tests.exports import write_settings


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
        with closing(Draft.create(folder, DraftFacts("main", "api.test"), started=datetime(2026, 1, 1, tzinfo=UTC))):
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
