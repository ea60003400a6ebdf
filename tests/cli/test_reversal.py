"""hmpipe undo and delete as a script and a person run them: killed and continued, asked and answered."""

import os
import pty
import random
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from pipeline.runs._folder import list_runs, open_run
from pipeline.sandbox import Fault
from tests.accounts import by_phone, populate, writable
from tests.cli.commands import GOOD, ROOT, command, environment, hmpipe, kill_when, write_csv, write_settings
from tests.conftest import Serve, Server

NEW = [f"121255501{number:02}" for number in range(12)]


def kill_after(server: Server, folder: Path, writes: int, *arguments: str | Path) -> None:
    """Run a command until the account has seen so many more writes, then kill it."""
    killed = kill_when(server.has_written(len(server.sandbox.writes) + writes), folder, *arguments)
    assert killed.code == -signal.SIGKILL, "it was over before it could be killed"


def on_terminal(folder: Path, *arguments: str | Path) -> tuple[subprocess.Popen[bytes], int]:
    """Start a command on a terminal; return it and the terminal's other end."""
    terminal, end = pty.openpty()
    process = subprocess.Popen(
        command(*arguments),
        cwd=folder,
        env=environment(folder) | {"PYTHONPATH": str(ROOT)},
        stdin=end,
        stdout=end,
        stderr=end,
    )
    os.close(end)
    return process, terminal


def contents(server: Server) -> dict[str, dict[str, Any]]:
    return {phone: writable(contact) for phone, contact in by_phone(server.sandbox).items()}


@pytest.mark.service
@pytest.mark.timeout(120)
def test_an_undo_killed_again_and_again_ends_as_an_undisturbed_one(tmp_path: Path, serve: Serve) -> None:
    server = serve(update_blanks="all", create_existing="duplicate")
    for name in ("Gold", "Silver", "Lead"):
        server.sandbox.add_tag(name)
    known = populate(server.sandbox, random.Random(3), 40)  # noqa: S311
    before = contents(server)
    write_settings(tmp_path, server.url, columns='"Plan" = { custom = "Plan" }\n')
    rows = [f"+{phone},New{phone[-2:]},Other{phone[-2:]}" for phone in (*known, *NEW)]
    path = write_csv(tmp_path, rows, header="Phone,First,Plan")
    imported = hmpipe(tmp_path, "import", path, "--json", "--set", "import.write_path=single").json
    assert (imported["updated"], imported["created"]) == (40, 12)
    assert "deleted" not in imported, "the keys of an import are the contract's"

    server.sandbox.faults = [Fault.parse("slow:* /v1/contact/*:seconds=0.02")]
    undo = ("undo", "last", "--delete-created", "--yes", "--set", "import.write_path=single", "--json")
    kill_after(server, tmp_path, 7, *undo)
    server.sandbox.faults = [
        Fault.parse("slow:* /v1/contact/*:seconds=0.02"),
        Fault.parse("drop_after:DELETE /v1/contact/*:rate=0.3"),
    ]
    kill_after(server, tmp_path, 16, *undo)
    other = hmpipe(tmp_path, "undo", imported["run_id"], "--json")
    assert other.code == 4, "another undo of the same run does not go beside it"
    assert "unfinished" in other.json["error"]
    server.sandbox.faults = []
    done = hmpipe(tmp_path, *undo)
    assert done.code == 0, done.err
    assert "Continuing run" in done.err
    counts = done.json
    assert (counts["rows"], counts["updated"], counts["deleted"], counts["kept"]) == (52, 40, 12, 0)
    assert counts["undone"] == imported["run_id"]
    assert contents(server) == before

    shown = hmpipe(tmp_path, "runs", "show", imported["run_id"][:-1])
    assert f"Undone by run {counts['run_id']} (finished)." in shown.out
    with open_run(tmp_path / "runs", "last").journal as newest:
        assert newest.facts.undoes == imported["run_id"]
    runs = list_runs(tmp_path / "runs")
    assert {run.source for run in runs} == {"people.csv", f"undo of run {imported['run_id']}"}


@pytest.mark.timeout(60)
def test_a_deletion_asks_for_a_yes_and_goes_on_after_a_kill(tmp_path: Path, serve: Serve) -> None:
    server = serve()
    phones = populate(server.sandbox, random.Random(4), 30)  # noqa: S311
    write_settings(tmp_path, server.url)
    path = write_csv(tmp_path, [str(each["id"]) for each in server.sandbox.contacts()[:25]], header="id")
    asked = hmpipe(tmp_path, "delete", path)
    assert asked.code == 2
    assert "--yes" in asked.err
    assert len(server.sandbox.contacts()) == 30
    assert not (tmp_path / "runs").exists()

    server.sandbox.faults = [Fault.parse("slow:DELETE /v1/contact/*:seconds=0.05")]
    kill_after(server, tmp_path, 6, "delete", path, "--yes")
    server.sandbox.faults = []
    done = hmpipe(tmp_path, "delete", path, "--yes", "--json")
    assert "Continuing run" in done.err
    assert (done.code, done.json["rows"], done.json["deleted"]) == (0, 25, 25)
    assert set(by_phone(server.sandbox)) == set(phones[25:])
    assert sum(method == "DELETE" and status == 200 for method, _, status in server.sandbox.requests) <= 25 + 8


@pytest.mark.parametrize(("answer", "code", "left"), [("n\n", 2, 2), ("y\n", 0, 1)])
def test_on_a_terminal_a_deletion_shows_what_goes_and_asks(
    tmp_path: Path, serve: Serve, answer: str, code: int, left: int
) -> None:
    server = serve()
    server.sandbox.add_contact("14155550100", first="Ada")
    server.sandbox.add_contact("14155550101", first="Bea")
    write_settings(tmp_path, server.url)
    path = write_csv(tmp_path, ["+1 415 555 0100"], header="phone")
    process, terminal = on_terminal(tmp_path, "delete", path, "--quiet")
    seen = b""
    while b"Go on?" not in seen:
        seen += os.read(terminal, 4096)
    assert len(server.sandbox.contacts()) == 2, "nothing is sent before the answer"
    os.write(terminal, answer.encode())
    assert process.wait(30) == code
    os.close(terminal)
    assert b"delete 1415***0100" in seen
    assert b"Ada" in seen
    assert b"14155550100" not in seen
    assert len(server.sandbox.contacts()) == left


def test_a_list_that_can_be_read_only_once_needs_a_yes(tmp_path: Path) -> None:
    write_settings(tmp_path, "http://127.0.0.1:9")
    process, terminal = on_terminal(tmp_path, "delete", "-")
    assert process.wait(30) == 2
    assert b"can be read only once" in os.read(terminal, 4096)
    os.close(terminal)


def test_a_restore_of_some_says_what_it_could_not_do_and_what_its_list_is_for(tmp_path: Path, serve: Serve) -> None:
    server = serve(opt_out_readable=True)
    server.sandbox.add_contact("14155550100", first="Ann", last="Lee")
    ann = by_phone(server.sandbox)["14155550100"]["id"]
    write_settings(tmp_path, server.url)
    assert hmpipe(tmp_path, "export").code == 0
    gone = write_csv(tmp_path, [str(ann), "999"], "gone.csv", "id")
    assert hmpipe(tmp_path, "delete", gone, "--yes").code == 0
    server.sandbox.add_contact("14155550100", first="Dora")
    refused = hmpipe(tmp_path, "restore", "last", "--only", gone, "--yes")
    assert refused.code == 3
    assert "other names; if it is the same person, say --match-phone [phone_reused]" in refused.out
    assert "the snapshot holds no contact with id 999 (line 3 of the list) [not_in_snapshot]" in refused.out
    assert "a list for --only, not a file to import): " in refused.out
    assert "import again" not in refused.out
    done = hmpipe(tmp_path, "restore", "last", "--only", gone, "--yes", "--match-phone", "--json")
    assert (done.code, done.json["updated"], done.json["rejected"], done.json["rows"]) == (3, 1, 1, 2)
    assert [contact["first"] for contact in server.sandbox.contacts()] == ["Ann"]


def test_an_undo_that_would_delete_needs_a_yes_where_nobody_can_be_asked(tmp_path: Path, serve: Serve) -> None:
    server = serve()
    write_settings(tmp_path, server.url)
    rows = write_csv(tmp_path, GOOD)
    first = hmpipe(tmp_path, "import", rows, "--json")
    assert "can start automations" in first.err
    before = len(server.sandbox.writes)
    refused = hmpipe(tmp_path, "undo", "last", "--delete-created")
    assert (refused.code, "would delete 2 contacts" in refused.err) == (2, True)
    assert len(server.sandbox.writes) == before
    assert "can start automations" in hmpipe(tmp_path, "plan", write_csv(tmp_path, ["+1 415 555 0109,Eve"])).out
    # Nothing is to be deleted where nobody asked for it, or where nothing was made.
    assert hmpipe(tmp_path, "undo", "last").code == 0
    assert hmpipe(tmp_path, "undo", "last", "--delete-created", "--yes", "--json").json["deleted"] == 2
    assert hmpipe(tmp_path, "undo", "last", "--delete-created").code == 0
