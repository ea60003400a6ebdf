"""A run killed at any moment and run again ends in the same account as an undisturbed one, with no contact twice."""

import random
import signal
from pathlib import Path

import pytest

from pipeline.sandbox import Sandbox
from tests.cli.commands import Running, hmpipe, kill_when, write_csv, write_settings
from tests.conftest import Serve

PEOPLE = [f"+1 415 555 01{number:02},P{number}" for number in range(100)] + [
    f"+1 212 555 01{number:02},Q{number}" for number in range(50)
]


def names(sandbox: Sandbox) -> dict[str, str]:
    contacts = sandbox.contacts()
    assert len({contact["phone"] for contact in contacts}) == len(contacts), "a contact was doubled"
    return {contact["phone"]: contact["first"] for contact in contacts}


@pytest.mark.service
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
        target = len(server.sandbox.writes) + chance.randint(1, 45)
        kill_when(server.has_written(target), tmp_path, "import", rows, "--json")
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
    stopped = kill_when(server.has_written(10), tmp_path, "import", rows, "--json", number=number)
    summary = stopped.json
    assert (stopped.code, summary["exit_code"]) == (code, code), stopped.err
    assert summary["created"] == len(names(server.sandbox)) < 150
    assert summary["pending"] == 150 - summary["created"]
    assert "goes on where this one stopped" in stopped.err
    server.sandbox.faults = []
    again = hmpipe(tmp_path, "import", rows, "--json")
    assert (again.code, again.json["run_id"], again.json["created"]) == (0, summary["run_id"], 150)
    assert again.json["requests"] > summary["requests"]


def test_two_imports_of_one_account_do_not_meet(tmp_path: Path, serve: Serve) -> None:
    server = serve("slow:POST /v1/contact:seconds=0.2", "slow:POST /v1/batch/contacts:seconds=5")
    write_settings(tmp_path, server.url)
    rows = write_csv(tmp_path, PEOPLE)
    with Running(tmp_path, "import", rows, "--json") as first:
        first.wait_until(server.has_written(1))
        second = hmpipe(tmp_path, "import", rows, "--json")
    assert (second.code, second.json["exit_code"]) == (4, 4)
    assert "Another import works on this account" in second.err
    server.sandbox.faults = []
    third = hmpipe(tmp_path, "import", rows, "--json")
    assert (third.code, third.json["created"]) == (0, 150), "a dead process holds no lock"


@pytest.mark.service
@pytest.mark.timeout(120)
def test_a_killed_export_goes_on_and_ends_in_the_same_snapshot(tmp_path: Path, serve: Serve) -> None:
    server = serve("slow:POST /v1/contacts:seconds=0.05", page_max=20)
    server.sandbox.seed(400, per_stamp=3)
    write_settings(tmp_path, server.url)
    asked = 0
    for _ in range(3):
        kill_when(server.has_answered(asked + 10), tmp_path, "export", "--json")
        asked = len(server.sandbox.requests)
        assert not [path for path in (tmp_path / "snapshots").iterdir() if not path.name.startswith(".")]
    server.sandbox.faults = []
    result = hmpipe(tmp_path, "export", "--json")
    assert (result.code, result.json["contacts"], result.json["complete"]) == (0, 400, True)
    assert "Continuing the unfinished export" in result.err
    snapshot = Path(result.json["snapshot"])
    assert [path.name for path in (tmp_path / "snapshots").iterdir()] == [snapshot.name]
    assert hmpipe(tmp_path, "snapshots", "verify", snapshot).code == 0
