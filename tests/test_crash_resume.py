"""A run killed at any moment and run again ends in the same account as an undisturbed one, with no contact twice."""

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.sandbox import Sandbox
from tests.cli.commands import ROOT, command, environment, hmpipe, write_csv, write_settings
from tests.conftest import Server

Serve = Callable[..., Server]
PEOPLE = [f"+1 415 555 01{number:02},P{number}" for number in range(100)] + [
    f"+1 212 555 01{number:02},Q{number}" for number in range(50)
]

pytestmark = pytest.mark.kill


def start(folder: Path, *arguments: str | Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command(*arguments),
        cwd=folder,
        env=environment(folder) | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while not condition() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)


def kill(process: subprocess.Popen[bytes], number: int = signal.SIGKILL) -> tuple[int, str, str]:
    if process.poll() is None:
        os.kill(process.pid, number)
    out, err = process.communicate(timeout=40)
    return process.returncode, out.decode(), err.decode()


def names(sandbox: Sandbox) -> dict[str, str]:
    contacts = sandbox.contacts()
    assert len({contact["phone"] for contact in contacts}) == len(contacts), "a contact was doubled"
    return {contact["phone"]: contact["first"] for contact in contacts}


@pytest.mark.timeout(150)
@pytest.mark.parametrize(
    ("seed", "faults"),
    [(1, []), (2, ["drop_after:POST /v1/contact:rate=0.1", "error_after:PUT /v1/contact/*:rate=0.1"])],
)
def test_an_import_killed_again_and_again_neither_loses_nor_doubles(
    tmp_path: Path, serve: Serve, seed: int, faults: list[str]
) -> None:
    chance = random.Random(seed)  # noqa: S311 - only chooses the moment
    server = serve("slow:* /v1/contact*:seconds=0.02", *faults, create_existing="duplicate", update_blanks="all")
    for row in PEOPLE[::5]:
        phone = row.split(",")[0].replace(" ", "").lstrip("+")
        server.sandbox.add_contact(phone, first="Old", last="Kept")
    write_settings(tmp_path, server.url)
    rows = write_csv(tmp_path, PEOPLE)
    for _ in range(3):
        process = start(tmp_path, "import", rows, "--json")
        target = len(server.sandbox.writes) + chance.randint(1, 45)
        wait_for(lambda target=target: len(server.sandbox.writes) >= target, process)  # type: ignore[misc]
        kill(process)
    result = hmpipe(tmp_path, "import", rows, "--json")
    assert result.code == 0, result.err
    assert (result.json["rows"], result.json["created"], result.json["updated"]) == (150, 120, 30)
    assert names(server.sandbox) == {
        row.split(",")[0].replace(" ", "").lstrip("+"): row.split(",")[1] for row in PEOPLE
    }
    assert sum(contact["last"] == "Kept" for contact in server.sandbox.contacts()) == 30
    [run] = hmpipe(tmp_path, "runs", "list", "--json").json["runs"]
    assert run["state"] == "finished"
    assert "Continuing run" in result.err


def test_a_finished_run_is_never_continued(tmp_path: Path, serve: Serve) -> None:
    write_settings(tmp_path, serve().url)
    rows = write_csv(tmp_path, PEOPLE[:3])
    first, second = (hmpipe(tmp_path, "import", rows, "--json").json for _ in range(2))
    assert first["run_id"] != second["run_id"]
    assert (second["created"], second["unchanged"]) == (0, 3)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_settles_what_is_in_flight_and_says_how_to_go_on(
    tmp_path: Path, serve: Serve, number: int, code: int
) -> None:
    server = serve("slow:POST /v1/contact:seconds=0.05")
    write_settings(tmp_path, server.url)
    rows = write_csv(tmp_path, PEOPLE)
    process = start(tmp_path, "import", rows, "--json")
    wait_for(lambda: len(server.sandbox.writes) >= 10, process)
    ended, out, err = kill(process, number)
    summary = json.loads(out.splitlines()[-1])
    assert (ended, summary["exit_code"]) == (code, code), err
    assert summary["created"] == len(names(server.sandbox)) < 150
    assert summary["pending"] == 150 - summary["created"]
    assert "goes on where this one stopped" in err
    server.sandbox.faults = []
    again = hmpipe(tmp_path, "import", rows, "--json")
    assert (again.code, again.json["run_id"], again.json["created"]) == (0, summary["run_id"], 150)
    assert again.json["requests"] > summary["requests"]


def test_two_imports_of_one_account_do_not_meet(tmp_path: Path, serve: Serve) -> None:
    server = serve("slow:POST /v1/contact:seconds=0.2", "slow:POST /v1/batch/contacts:seconds=5")
    write_settings(tmp_path, server.url)
    rows = write_csv(tmp_path, PEOPLE)
    first = start(tmp_path, "import", rows, "--json")
    wait_for(lambda: len(server.sandbox.writes) >= 1, first)
    second = hmpipe(tmp_path, "import", rows, "--json")
    assert (second.code, second.json["exit_code"]) == (4, 4)
    assert "Another import works on this account" in second.err
    kill(first)
    server.sandbox.faults = []
    third = hmpipe(tmp_path, "import", rows, "--json")
    assert (third.code, third.json["created"]) == (0, 150), "a dead process holds no lock"


@pytest.mark.timeout(120)
def test_a_killed_export_goes_on_and_ends_in_the_same_snapshot(tmp_path: Path, serve: Serve) -> None:
    server = serve("slow:POST /v1/contacts:seconds=0.05", page_max=20)
    server.sandbox.seed(400, per_stamp=3)
    write_settings(tmp_path, server.url)
    asked = 0
    for _ in range(3):
        process = start(tmp_path, "export", "--json")
        wait_for(lambda asked=asked: len(server.sandbox.requests) >= asked + 10, process)  # type: ignore[misc]
        kill(process)
        asked = len(server.sandbox.requests)
        assert not [path for path in (tmp_path / "snapshots").iterdir() if not path.name.startswith(".")]
    server.sandbox.faults = []
    result = hmpipe(tmp_path, "export", "--json")
    assert (result.code, result.json["contacts"], result.json["complete"]) == (0, 400, True)
    assert "Continuing the unfinished export" in result.err
    snapshot = Path(result.json["snapshot"])
    assert [path.name for path in (tmp_path / "snapshots").iterdir()] == [snapshot.name]
    assert hmpipe(tmp_path, "snapshots", "verify", snapshot).code == 0
