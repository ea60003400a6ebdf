"""The rehearsal copy as a command: it serves, saves, loads, and says what it cannot do."""

import gzip
import hashlib
import json
import signal
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.accounts import edit_manifest
from tests.cli.commands import Running, hmpipe, write_csv, write_settings


@contextmanager
def served(folder: Path, *arguments: str | Path) -> Iterator[tuple[Running, str]]:
    """Run a sandbox on a free port and give it with its address; at the end it is told to end."""
    address = folder / "url"
    address.unlink(missing_ok=True)
    with Running(folder, "sandbox", "--port", "0", "--url-file", address, *arguments) as running:
        running.wait_until(lambda: address.is_file() and address.read_text().endswith("\n"))
        yield running, address.read_text().strip()
        running.send(signal.SIGINT)
        ended = running.end(30)
        assert ended.code == 0, ended.err


def state(url: str) -> dict[str, Any]:
    # The address is the sandbox's own, on loopback.
    with urllib.request.urlopen(f"{url}/_sandbox/state") as answer:  # noqa: S310
        found = json.load(answer)
    assert isinstance(found, dict)
    return found


def test_it_serves_until_it_is_told_to_end_and_begins_again_where_it_was(tmp_path: Path) -> None:
    saved = tmp_path / "saved.jsonl.gz"
    with served(tmp_path, "--field", "Plan", "--tag", "vip", "--contacts", "5", "--save", saved) as (running, url):
        write_settings(tmp_path, url)
        assert hmpipe(tmp_path, "import", write_csv(tmp_path, ["+1 415 555 0101,Ann"]), "--json").json["created"] == 1
        assert len(state(url)["contacts"]) == 6
        running.send(signal.SIGINT)
        out = running.end(30).out
    assert f"Sandbox at {url}" in out
    assert "HEYMARKET_SECRET_ID=sandbox-id" in out
    with served(tmp_path, "--load", saved) as (_, url):
        assert {contact["first"] for contact in state(url)["contacts"]} >= {"Ann"}


def test_it_loads_a_snapshot_for_a_rehearsal(tmp_path: Path) -> None:
    with served(tmp_path, "--contacts", "30") as (_, url):
        write_settings(tmp_path, url)
        snapshot = Path(hmpipe(tmp_path, "export", "--json").json["snapshot"])
        before = state(url)["contacts"]
    with served(tmp_path, "--load", snapshot / "contacts.jsonl.gz") as (_, url):
        assert [contact["phone"] for contact in state(url)["contacts"]] == [contact["phone"] for contact in before]


def test_a_snapshot_with_contacts_without_a_phone_is_a_copy_too_and_a_bad_one_is_named(tmp_path: Path) -> None:
    saved = tmp_path / "saved.jsonl"
    saved.write_text('{"id": 7, "first": "Ana"}\n{"id": 8, "phone": "14155550101", "tags": [301]}\n')
    with served(tmp_path, "--load", saved, "--tag", "vip") as (_, url):
        write_settings(tmp_path, url)
        snapshot = Path(hmpipe(tmp_path, "export", "--json").json["snapshot"])
    with served(tmp_path, "--load", snapshot) as (_, url):
        contacts = state(url)["contacts"]
    assert [(contact["id"], contact["phone"]) for contact in contacts] == [(7, ""), (8, "14155550101")]
    rewrite_contacts(snapshot, lambda text: text.replace('"tag_id":301', '"tag_id":"x"'))
    bad = hmpipe(tmp_path, "sandbox", "--port", "0", "--load", snapshot)
    assert (bad.code, str(snapshot) in bad.err, "/contacts.jsonl" in bad.err) == (2, True, False)
    assert "contact with id 8" in bad.err


def rewrite_contacts(snapshot: Path, change: Callable[[str], str]) -> None:
    """Change a snapshot's contacts as another service might have sent them."""
    path = snapshot / "contacts.jsonl.gz"
    path.write_bytes(gzip.compress(change(gzip.decompress(path.read_bytes()).decode()).encode()))
    files, content = json.loads((snapshot / "manifest.json").read_text())["files"], path.read_bytes()
    files[path.name] |= {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    edit_manifest(snapshot, files=files)


def test_traits_are_listed_and_wrong_ones_explained(tmp_path: Path) -> None:
    listed = hmpipe(tmp_path, "sandbox", "--list-traits")
    assert "create_existing = error  (error|upsert|duplicate)" in listed.out
    for arguments in (["--trait", "cursor=odd"], ["--trait", "nothing=1"], ["--fault", "explode"]):
        result = hmpipe(tmp_path, "sandbox", *arguments)
        assert result.code == 2
        assert result.err.startswith("Error: ")


def test_files_that_cannot_be_loaded_and_ports_that_are_taken(tmp_path: Path) -> None:
    assert "is not the folder of a snapshot" in hmpipe(tmp_path, "sandbox", "--load", "no.jsonl").err
    (tmp_path / "junk.jsonl").write_text("[1]\n")
    junk = hmpipe(tmp_path, "sandbox", "--load", "junk.jsonl")
    assert (junk.code, "junk.jsonl, line 1" in junk.err) == (2, True)
    with served(tmp_path) as (_, url):
        taken = hmpipe(tmp_path, "sandbox", "--port", url.rsplit(":", 1)[1])
    assert (taken.code, "--port" in taken.err) == (1, True)
