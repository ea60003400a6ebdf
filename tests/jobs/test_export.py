"""Exports by the real command: in every form, killed at any moment, on a full disk."""

import csv
import io
import json
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.cli.commands import ROOT, command, environment, hmpipe, kill_when
from tests.conftest import Serve, Server
from tests.exports import write_settings


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


@pytest.mark.parametrize("archived", ["asked", "apart", "never"])
def test_a_full_backup_that_was_stopped_asks_for_the_rest(tmp_path: Path, serve: Serve, archived: str) -> None:
    running = serve("slow:POST /v1/contact/status:seconds=0.02", uuid_readable=True, archived_listed=archived)
    running.sandbox.seed(40, opted_out_every=7)
    running.sandbox.add_contact(
        "14155550199", archived=True, channels=[{"channel_type": "email", "channel_id": "a@b.c"}]
    )
    write_settings(tmp_path, running.url, 'detail = "full"')

    def asked() -> list[Any]:
        return [each for each in running.sandbox.requests if each.path == "/v1/contact/status"]

    stopped = kill_when(lambda: len(asked()) >= 20, tmp_path, "export", number=signal.SIGINT)
    assert stopped.code == 130
    done = hmpipe(tmp_path, "export", "--json")
    assert (done.code, done.json["channels"], done.json["status"]) == (0, "asked", "asked"), done.err
    assert done.json["requests"] == len(running.sandbox.requests)
    assert len(asked()) < 41 + 20, "what is known is not asked again, but for what was under way"
    place = Path(done.json["snapshot"])
    assert json.loads((place / "manifest.json").read_text())["archived"] == (
        "unknown" if archived == "never" else "asked"
    )
    assert hmpipe(tmp_path, "snapshots", "verify", place).code == 0
    listed = hmpipe(tmp_path, "export", "--json", "--set", "export.detail=list")
    assert (listed.json["detail"], listed.json["consent"]) == ("list", "unknown")


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
