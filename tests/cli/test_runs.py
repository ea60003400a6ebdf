"""hmpipe runs list, show, report and purge as a script and a person run them."""

import json
import re
import shutil
import sqlite3
import stat
import subprocess
from pathlib import Path

import pytest

from tests.cli.commands import hmpipe, write_csv, write_settings
from tests.conftest import Serve
from tests.runs.test_folder import make_run

GOOD = [f"+1 415 555 01{number:02},P{number}" for number in range(5)]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def test_every_run_leaves_a_report_and_it_can_be_made_anew(tmp_path: Path, serve: Serve) -> None:
    server = serve()
    write_settings(tmp_path, server.url)
    done = hmpipe(tmp_path, "import", write_csv(tmp_path, [*GOOD, "4155550199 / 4155550198,X"]))
    assert done.code == 3
    (named,) = re.findall(r"^Report: (.*)$", done.out, re.MULTILINE)
    page = Path(named)
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    first = page.read_text()
    assert "5 created" in first
    assert not re.search(r"555\W?01\d\d", first)

    page.unlink()
    again = hmpipe(tmp_path, "runs", "report", "last", "--json")
    assert (again.code, again.json["report"], again.json["state"]) == (0, str(page), "finished")
    assert page.read_text() == first
    assert hmpipe(tmp_path, "runs", "report", "last", "-o", "mine.html").code == 0
    assert (tmp_path / "mine.html").read_text() == first
    before = (page.parent / "journal.sqlite").read_bytes()
    refused = hmpipe(tmp_path, "runs", "report", "last", "-o", page.parent / "journal.sqlite")
    assert refused.code == 2
    assert (page.parent / "journal.sqlite").read_bytes() == before

    shown = hmpipe(tmp_path, "runs", "show", "last", "--json").json
    assert shown["fields"] == {"First name": {"on new contacts": 5}}
    assert (shown["state"], shown["kind"], shown["report"]) == ("finished", "import", str(page))

    undone = hmpipe(tmp_path, "undo", "last", "--delete-created", "--yes", "--json").json
    assert undone["deleted"] == 5
    undo_page = (page.parent.parent / undone["run_id"] / "report.html").read_text()
    assert f"Undo of run {shown['run_id']}" in undo_page
    hmpipe(tmp_path, "runs", "report", shown["run_id"])
    assert f"by run {undone['run_id']} (finished)" in page.read_text()


def test_a_purge_asks_for_a_yes_and_says_what_it_costs(tmp_path: Path) -> None:
    write_settings(tmp_path, "http://127.0.0.1:9")
    runs = [f"2026010{day}T000000Z-aaaaaa" for day in (1, 2, 3)]
    for day, run in enumerate(runs, start=1):
        make_run(tmp_path / "runs", run, state="finished", started=f"2026-01-0{day}T00:00:00+00:00")
    assert hmpipe(tmp_path, "runs", "purge").code == 2, "which runs are old?"
    dry = hmpipe(tmp_path, "runs", "purge", "--keep", "1", "--dry-run")
    assert (dry.code, "could then no longer be undone" in dry.out) == (0, True)
    asked = hmpipe(tmp_path, "runs", "purge", "--keep", "1")
    assert (asked.code, "--yes" in asked.err) == (2, True)
    assert len([*(tmp_path / "runs").iterdir()]) == 3
    done = hmpipe(tmp_path, "runs", "purge", "--keep", "1", "--yes", "--json").json
    assert sorted(done["removed"]) == sorted(runs[:2])
    assert (done["kept"], done["dry_run"]) == (1, False)
    assert [path.name for path in (tmp_path / "runs").iterdir()] == runs[2:]
    nothing = hmpipe(tmp_path, "runs", "purge", "--older-than", "0", "--yes")
    assert (nothing.code, nothing.out) == (0, "No run is to be removed.\n1 run stays.\n")


def test_a_journal_of_another_version_is_said_to_be_one(tmp_path: Path) -> None:
    write_settings(tmp_path, "http://127.0.0.1:9")
    run = make_run(tmp_path / "runs", "20260101T000000Z-aaaaaa", state="finished", started="2026-01-01").name
    with sqlite3.connect(tmp_path / "runs" / run / "journal.sqlite") as old:
        old.execute("UPDATE meta SET value = '2' WHERE key = 'format'")
    old.close()
    listed = hmpipe(tmp_path, "runs", "list")
    assert "unreadable    journal format 2, of another version of hmpipe" in listed.out
    for arguments in (("runs", "report", run), ("undo", run)):
        refused = hmpipe(tmp_path, *arguments)
        assert refused.code == 1
        assert "was written by an earlier version of hmpipe (journal format 2)" in refused.err
    assert hmpipe(tmp_path, "runs", "purge", "--older-than", "0", "--yes").code == 0
    assert (tmp_path / "runs" / run).is_dir(), "what cannot be read is not removed"


@pytest.mark.service
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
@pytest.mark.timeout(60)
def test_a_browser_opens_it_and_asks_nothing_of_a_network(tmp_path: Path, serve: Serve) -> None:
    write_settings(tmp_path, serve().url)
    hmpipe(tmp_path, "import", write_csv(tmp_path, [*GOOD, "12,<img src=x onerror=alert(1)>"]))
    assert hmpipe(tmp_path, "runs", "report", "last", "-o", "page.html").code == 0
    log = tmp_path / "net.json"
    shown = subprocess.run(
        [
            str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'browser'}",
            "--disable-background-networking", f"--log-net-log={log}", "--net-log-capture-mode=Everything",
            "--dump-dom", f"file://{tmp_path / 'page.html'}",
        ],
        capture_output=True, check=True, timeout=50,
    ).stdout.decode()  # fmt: skip
    assert "5 created + 0 updated" in shown
    assert "Finished. 1 row needs to be looked at" in shown
    asked = {
        event["params"]["url"] for event in json.loads(log.read_text())["events"] if "url" in event.get("params", {})
    }
    assert not [url for url in asked if str(tmp_path) not in url and url.startswith("file:")]
    assert not [url for url in asked if "127.0.0.1" in url]
