"""Snapshots in every form: encrypted, for spreadsheets, as Parquet; compared, listed and pruned by the real command."""

import csv
import gzip
import hashlib
import io
import json
import os
import resource
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import SettingsError
from pipeline.sandbox import Sandbox
from pipeline.snapshots import (
    Candidate,
    Draft,
    DraftFacts,
    Encryptor,
    RetentionRules,
    SnapshotFormat,
    decide,
    open_snapshot,
    refuse_plain_copy,
)
from tests.accounts import edit_manifest
from tests.cli.commands import ROOT, command, environment, hmpipe, kill_when
from tests.conftest import Server

Serve = Callable[..., Server]


def write_settings(folder: Path, url: str, *export: str) -> None:
    lines = [f'[account]\nbase_url = "{url}"', "[limits]\nrequests_per_minute = 0", "[export]", *export]
    (folder / "hmpipe.toml").write_text("\n".join(lines) + "\n")


@pytest.fixture
def server(serve: Serve) -> Server:
    running = serve(opt_out_readable=True)
    fill(running.sandbox)
    return running


def fill(sandbox: Sandbox) -> None:
    sandbox.add_contact("14155550100", first="=1+1", last="-x", email="+a@example.com", is_opted_out=True)
    sandbox.add_contact("442071838750", first="Ann", last="00123")
    sandbox.add_contact("4915112345678901"[:15], first="123456789012345678")
    sandbox.seed(20)


# Encryption


def test_an_encrypted_snapshot_needs_only_the_public_key_to_write_and_the_secret_one_to_read(
    tmp_path: Path, server: Server
) -> None:
    identity = pyrage.x25519.Identity.generate()
    write_settings(tmp_path, server.url, 'encryption = "age"')
    refused = hmpipe(tmp_path, "export", "--json")
    assert (refused.code, "HMPIPE_AGE_RECIPIENT is not set" in refused.err) == (2, True)
    assert server.sandbox.requests == [], "found before anything was asked"
    done = hmpipe(tmp_path, "export", "--json", HMPIPE_AGE_RECIPIENT=str(identity.to_public()))
    assert (done.code, done.json["contacts"]) == (0, 23), done.err
    place = Path(done.json["snapshot"])
    assert {path.name for path in place.iterdir()} == {
        "contacts.jsonl.gz.age", "contacts.csv.age", "fields.json.age", "tags.json.age", "team.json.age",
        "manifest.json",
    }  # fmt: skip
    assert not list(tmp_path.rglob("*.sqlite")), "the plain draft is gone"
    for path in place.iterdir():
        assert b"14155550100" not in path.read_bytes()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    blind = hmpipe(tmp_path, "snapshots", "verify", place, "--json")
    assert (blind.code, blind.json["looked_inside"]) == (0, False)
    key = tmp_path / "key.txt"
    key.write_text(f"# created: today\n{identity}\n")
    for told in (str(identity), str(key)):
        seen = hmpipe(tmp_path, "snapshots", "verify", place, "--json", HMPIPE_AGE_IDENTITY=told)
        assert (seen.code, seen.json["looked_inside"], seen.json["contacts"]) == (0, True, 23)
        assert str(identity) not in seen.out + seen.err
    another: dict[str, Any] = {"HMPIPE_AGE_IDENTITY": str(pyrage.x25519.Identity.generate())}
    stranger = hmpipe(tmp_path, "snapshots", "verify", place, **another)
    assert (stranger.code, "is encrypted for another key" in stranger.err, stranger.out) == (2, True, "")
    listed = hmpipe(tmp_path, "snapshots", "list", "--json").json["snapshots"]
    assert listed[0]["verified"].startswith("whole "), "what a wrong key cannot read is not remembered as damaged"
    no_key = hmpipe(tmp_path, "restore", place, "--plan")
    assert (no_key.code, "HMPIPE_AGE_IDENTITY is not set" in no_key.err) == (2, True)
    assert ("A new pair cannot open it" in no_key.err, "age-keygen" in no_key.err) == (True, False)
    both: dict[str, Any] = {"HMPIPE_AGE_IDENTITY": str(identity)}
    assert hmpipe(tmp_path, "restore", place, "--plan", "--json", **both).json["unchanged"] == 23
    asked = len(server.sandbox.requests)
    plain = hmpipe(tmp_path, "export", "--since", "last", "--set", "export.encryption=none", **both)
    assert (plain.code, "would lie there in plain" in plain.err, len(server.sandbox.requests)) == (2, True, asked)
    delta = hmpipe(tmp_path, "export", "--since", "last", "--json", **both)
    assert (delta.code, delta.json["total"]) == (0, 23), delta.err
    assert hmpipe(tmp_path, "snapshots", "verify", "last", **both).code == 0
    damaged = place / "contacts.jsonl.gz.age"
    content = bytearray(damaged.read_bytes())
    content[-5] ^= 1
    damaged.write_bytes(bytes(content))
    assert hmpipe(tmp_path, "snapshots", "verify", place).code == 1, "without a key, too"


def test_what_is_encrypted_is_written_in_plain_only_where_that_is_said(tmp_path: Path, server: Server) -> None:
    identity = pyrage.x25519.Identity.generate()
    key: dict[str, Any] = {"HMPIPE_AGE_IDENTITY": str(identity)}
    write_settings(tmp_path, server.url, 'encryption = "age"')
    assert hmpipe(tmp_path, "export", **key).code == 0
    assert hmpipe(tmp_path, "export", "--since", "last", **key).code == 0
    write_settings(tmp_path, server.url)
    for more in ((), ("-o", tmp_path / "archive")):
        refused = hmpipe(tmp_path, "snapshots", "materialize", "last", *more, "--json", **key)
        assert (refused.code, "would lie there in plain. Nothing was written." in refused.err) == (2, True)
        assert "say --plain" in refused.err
    assert not [path for path in tmp_path.rglob("contacts.*") if path.suffix != ".age"]
    sealed = hmpipe(tmp_path, "snapshots", "materialize", "last", "--set", "export.encryption=age", "--json", **key)
    assert Path(sealed.json["snapshot"], "contacts.jsonl.gz.age").exists(), sealed.err
    plain = hmpipe(tmp_path, "snapshots", "materialize", "previous", "--plain", "--json", **key)
    assert (plain.code, "a full snapshot already" in plain.err) == (2, True)
    delta = next((tmp_path / "snapshots").glob("*-delta"))
    plain = hmpipe(tmp_path, "snapshots", "materialize", delta, "--plain", "--json", **key)
    assert Path(plain.json["snapshot"], "contacts.jsonl.gz").exists(), plain.err


def test_a_delta_on_an_encrypted_base_has_a_check_of_its_own(tmp_path: Path, server: Server) -> None:
    write_settings(tmp_path, server.url, 'encryption = "age"')
    identity = pyrage.x25519.Identity.generate()
    base = open_snapshot(hmpipe(tmp_path, "export", "--json", HMPIPE_AGE_IDENTITY=str(identity)).json["snapshot"])
    with pytest.raises(SettingsError, match=r"is encrypted.*--set export.encryption=age\)\. Or make a full export\."):
        refuse_plain_copy(base, SnapshotFormat(), "Or make a full export.")
    refuse_plain_copy(base, SnapshotFormat(encryptor=Encryptor([identity.to_public()])))


def test_a_key_that_is_none_is_said_before_anything_is_asked(tmp_path: Path, server: Server) -> None:
    write_settings(tmp_path, server.url, 'encryption = "age"')
    wrong = hmpipe(tmp_path, "export", HMPIPE_AGE_RECIPIENT="age1nonsense")
    assert (wrong.code, "holds no public key of age" in wrong.err) == (2, True)
    missing = hmpipe(tmp_path, "export", HMPIPE_AGE_IDENTITY=str(tmp_path / "nowhere.txt"))
    assert (missing.code, "names neither a key nor a file" in missing.err) == (2, True)


# Forms


def test_what_a_spreadsheet_would_run_or_shorten_is_guarded_and_still_read_by_us(
    tmp_path: Path, server: Server
) -> None:
    write_settings(tmp_path, server.url, 'csv_profile = "excel"')
    place = Path(hmpipe(tmp_path, "export", "--json").json["snapshot"])
    content = (place / "contacts.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert (rows[0]["first"], rows[0]["last"], rows[0]["email"]) == ("'=1+1", "'-x", "'+a@example.com")
    assert (rows[1]["phone"], rows[1]["last"]) == ('="442071838750"', '="00123"')
    assert rows[2]["first"] == '="123456789012345678"'
    assert json.loads((place / "manifest.json").read_text())["csv_profile"] == "excel"
    assert hmpipe(tmp_path, "snapshots", "verify", place).code == 0
    own = tmp_path / "own.toml"
    assert hmpipe(tmp_path, "init", place / "contacts.csv", "-o", own).code == 0
    read = hmpipe(tmp_path, "check", place / "contacts.csv", "-c", own, "-o", tmp_path / "n.jsonl", "--json")
    phones = [json.loads(line)["phone"] for line in (tmp_path / "n.jsonl").read_text().splitlines()]
    assert phones[:2] == ["14155550100", "442071838750"]
    assert read.json["rejected"] <= 1, "the number that does not exist"


def test_parquet_holds_every_contact_with_its_types(tmp_path: Path, server: Server) -> None:
    write_settings(tmp_path, server.url, 'formats = ["jsonl", "parquet"]')
    place = Path(hmpipe(tmp_path, "export", "--json").json["snapshot"])
    table = pq.read_table(place / "contacts.parquet")
    assert table.num_rows == 23
    first = table.slice(0, 1).to_pylist()[0]
    assert (first["phone"], first["is_opted_out"], json.loads(first["raw"])["id"]) == ("14155550100", True, first["id"])
    assert str(table.schema.field("id").type) == "int64"
    assert not (place / "contacts.csv").exists()
    assert hmpipe(tmp_path, "snapshots", "verify", place).code == 0
    pq.write_table(table.slice(0, 22), place / "contacts.parquet")
    assert hmpipe(tmp_path, "snapshots", "verify", place).code == 1


def test_the_newer_list_gives_the_same_snapshot_and_tags_and_team_lie_beside(tmp_path: Path, server: Server) -> None:
    server.sandbox.add_tag("vip")
    write_settings(tmp_path, server.url)
    one = Path(hmpipe(tmp_path, "export", "--json").json["snapshot"])
    write_settings(tmp_path, server.url, 'surface = "v2"')
    two = Path(hmpipe(tmp_path, "export", "--json").json["snapshot"])
    assert (one / "contacts.jsonl.gz").read_bytes() == (two / "contacts.jsonl.gz").read_bytes()
    assert json.loads((two / "manifest.json").read_text())["surface"] == "v2"
    assert {request.path for request in server.sandbox.requests} >= {"/v1/contacts", "/v2/contacts/list"}
    assert [tag["tag"] for tag in json.loads((two / "tags.json").read_text())] == ["vip"]
    assert json.loads((two / "team.json").read_text())["members"]


def test_consent_that_the_list_does_not_show_is_asked_for_and_a_kill_loses_none_of_it(
    tmp_path: Path, serve: Serve
) -> None:
    running = serve("slow:POST /v1/contact/status:seconds=0.02")
    running.sandbox.seed(60, opted_out_every=7)
    write_settings(tmp_path, running.url, 'consent = "status"')

    def asked() -> list[Any]:
        return [each for each in running.sandbox.requests if each.path == "/v1/contact/status"]

    stopped = kill_when(lambda: len(asked()) >= 20, tmp_path, "export", number=signal.SIGINT)
    assert stopped.code == 130
    done = hmpipe(tmp_path, "export", "--json")
    assert done.code == 0
    assert "asking for each contact's status" in done.err
    assert len(asked()) < 60 + 20, "what is known is not asked again, but for what was under way"
    place = Path(done.json["snapshot"])
    with (place / "contacts.csv").open(newline="") as file:
        shown = {int(row["id"]): row["is_opted_out"] == "true" for row in csv.DictReader(file)}
    assert shown == {each["id"]: each["is_opted_out"] for each in running.sandbox.contacts()}
    manifest = json.loads((place / "manifest.json").read_text())
    assert (manifest["consent"], manifest["files"]["consent.jsonl.gz"]["rows"]) == ("status", 60)
    assert hmpipe(tmp_path, "snapshots", "verify", place).code == 0


def test_an_export_says_how_it_is_known_who_is_opted_out(tmp_path: Path, server: Server, serve: Serve) -> None:
    write_settings(tmp_path, server.url)
    nothing = hmpipe(tmp_path, "snapshots", "list", "--set", "paths.snapshots=nowhere")
    assert f"No snapshots in {tmp_path / 'nowhere'} (there is no such folder)." in nothing.out
    shown = hmpipe(tmp_path, "export", "--json")
    assert (shown.json["consent"], "Who is opted out" in shown.err) == ("list", False)
    silent = serve(opt_out_readable=False)
    silent.sandbox.seed(3)
    write_settings(tmp_path, silent.url)
    hidden = hmpipe(tmp_path, "export", "--json")
    assert (hidden.json["consent"], "Who is opted out is not in it" in hidden.err) == ("unknown", True)
    asked = hmpipe(tmp_path, "export", "--json", "--set", "export.consent=status")
    assert (asked.json["consent"], "Who is opted out" in asked.err) == ("status", False)


# Killed, and a full disk


@pytest.mark.service
@pytest.mark.timeout(240)
def test_an_export_killed_at_fifty_moments_ends_in_the_same_snapshot(tmp_path: Path, serve: Serve) -> None:
    running = serve(page_max=10)
    running.sandbox.seed(900, per_stamp=3)
    (tmp_path / "whole").mkdir()
    write_settings(tmp_path / "whole", running.url)
    whole = Path(hmpipe(tmp_path / "whole", "export", "--json").json["snapshot"])
    expected = {name: (whole / name).read_bytes() for name in ("contacts.jsonl.gz", "contacts.csv", "fields.json")}
    write_settings(tmp_path, running.url)
    known = environment(tmp_path) | {"PYTHONPATH": str(ROOT)}
    # One process that forks a child for each export, so that a kill costs no start of Python.
    parent = subprocess.run(
        [sys.executable, "-c", _KILLER],
        cwd=tmp_path,
        env=known,
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert parent.returncode == 0, parent.stderr
    kills, ends = map(int, parent.stdout.split())
    assert kills >= 50
    places = [path for path in (tmp_path / "snapshots").iterdir() if not path.name.startswith(".")]
    # Some were killed when their snapshot had its name already.
    assert len(places) >= ends
    for left in (tmp_path / "snapshots").glob(".unfinished-*"):
        sizes = [path.stat().st_size for path in left.iterdir() if path.name == "draft.sqlite"]
        assert max(sizes, default=0) <= 4096, "what was killed as it was begun holds nothing"
    for place in places:
        assert {name: (place / name).read_bytes() for name in expected} == expected
    assert hmpipe(tmp_path, "snapshots", "verify", places[0]).code == 0


_KILLER = """
import multiprocessing, os, random, signal, sys, time
import pipeline.cli._export
from pipeline.cli import main

chance, kills, ends, longest, whole = random.Random(5), 0, 0, 0.6, False
while kills < 50 or not whole:
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        sys.stdout = open(os.devnull, "w")
        sys.stderr = sys.stdout
        main(["export", "--json", "--quiet"])
    deadline = began + chance.random() * longest
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            assert os.waitstatus_to_exitcode(status) == 0, status
            longest = max(0.1, time.monotonic() - began)
            ends += 1
            whole = True
            break
        if time.monotonic() >= deadline and kills < 50:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            kills += 1
            whole = False
            break
        time.sleep(0.002)
print(kills, ends)
"""


def test_a_full_disk_stops_the_export_and_leaves_what_was_there(tmp_path: Path, server: Server) -> None:
    write_settings(tmp_path, server.url)
    before = Path(hmpipe(tmp_path, "export", "--json").json["snapshot"])
    server.sandbox.seed(2_000)

    def small_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    # Not measured: what the measuring writes would meet the limit as well, and say so.
    known = {name: value for name, value in environment(tmp_path).items() if not name.startswith("COV")}
    stopped = subprocess.run(
        command("export", "--json"),
        cwd=tmp_path,
        env=known | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=small_files,
    )
    assert stopped.returncode == 1, stopped.stderr
    assert "Earlier snapshots are untouched" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert hmpipe(tmp_path, "snapshots", "verify", before).code == 0
    done = hmpipe(tmp_path, "export", "--json")
    assert (done.code, done.json["contacts"]) == (0, 2_023)


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


# Retention

NIGHT = datetime(2026, 3, 31, 3, tzinfo=UTC)


def nights(count: int, **more: Any) -> list[Candidate]:
    return [
        Candidate(f"{NIGHT - timedelta(days=day):%Y%m%d}-full", NIGHT - timedelta(days=day), True, "a", "", 100, **more)
        for day in range(count)
    ]


def test_of_each_period_the_newest_is_kept() -> None:
    found = decide(nights(100), RetentionRules(last=2, daily=5, weekly=3, monthly=3), 0.2)
    assert set(found.keep) == {
        "20260331-full", "20260330-full", "20260329-full", "20260328-full", "20260327-full",
        "20260322-full", "20260228-full", "20260131-full",
    }  # fmt: skip
    assert len(found.remove) == 92


def test_a_snapshot_that_shrank_pushes_out_nobody() -> None:
    candidates = nights(6)
    candidates[0] = Candidate(candidates[0].name, candidates[0].created, True, "a", "", 10)
    found = decide(candidates, RetentionRules(last=1), 0.2)
    assert found.keep[candidates[0].name] == ["shrank", "newest"]
    assert found.keep[candidates[1].name] == ["last"]
    assert "holds 10 contacts where the one before it holds 100" in found.warnings[0]
    assert candidates[1].name in decide(candidates, RetentionRules(last=1), 1).remove


@settings(max_examples=300)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 400),
            st.booleans(),
            st.sampled_from("ab"),
            st.integers(0, 5),
            st.integers(0, 100),
            st.booleans(),
        ),
        max_size=25,
    ),
    st.integers(0, 4),
    st.integers(0, 4),
    st.sampled_from([0.0, 0.2, 1.0]),
)
def test_no_rules_ever_remove_what_is_needed(
    drawn: list[tuple[int, bool, str, int, int, bool]], last: int, daily: int, max_shrink: float
) -> None:
    candidates: list[Candidate] = []
    for number, (hours, complete, owner, back, total, readable) in enumerate(drawn):
        name = f"{number:03}"
        if not readable:
            candidates.append(Candidate(name))
            continue
        earlier = [each for each in candidates if each.created and each.complete and each.owner == owner]
        base = earlier[-back].name if back and len(earlier) >= back else ""
        candidates.append(Candidate(name, NIGHT + timedelta(hours=hours + 500 * number), complete, owner, base, total))
    found = decide(candidates, RetentionRules(last=last, daily=daily), max_shrink)
    assert set(found.keep) | set(found.remove) == {each.name for each in candidates}
    assert not set(found.keep) & set(found.remove)
    by_name = {each.name: each for each in candidates}
    for name in found.keep:
        assert not by_name[name].base or by_name[name].base in found.keep, "a base is never removed"
    for name in found.remove:
        assert by_name[name].created is not None, "what cannot be read is left alone"
    for owner in "ab":
        ours = [each for each in candidates if each.created and each.complete and each.owner == owner]
        if ours:
            assert max(ours, key=lambda each: each.created or NIGHT).name in found.keep
        counted = [each for each in ours if "last" in found.keep.get(each.name, [])]
        assert len(counted) <= last


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
