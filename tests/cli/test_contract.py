"""What other people's scripts rely on: commands, exit codes, one JSON object, folders."""

import json
import stat
from pathlib import Path

from tests.cli.commands import GOOD, Result, hmpipe, write_csv, write_settings
from tests.conftest import Serve

IMPORT_KEYS = [
    "run_id", "rows", "created", "updated", "unchanged", "skipped", "rejected", "failed", "unknown",
    "opted_out_of_rejected_row", "requests", "rate_limited", "seconds", "exit_code", "rejects",
    "fields_left_out", "warnings", "channels_added", "came_back", "came_back_list",
]  # fmt: skip


OUTCOMES = IMPORT_KEYS[2:9]


def counts(result: Result) -> dict[str, int]:
    return {name: result.json[name] for name in OUTCOMES if result.json[name]}


def test_check_plan_import_and_again(tmp_path: Path, serve: Serve) -> None:
    server = serve()
    write_settings(tmp_path, server.url)
    rows = write_csv(tmp_path, GOOD)
    check = hmpipe(tmp_path, "check", rows, "--json")
    assert (check.code, check.json["accepted"]) == (0, 2)
    assert not server.sandbox.requests, "check never touches the network"
    plan = hmpipe(tmp_path, "plan", rows, "--json")
    assert (plan.code, plan.json["create"]) == (0, 2)
    assert not server.sandbox.writes, "plan writes nothing"
    first = hmpipe(tmp_path, "import", rows, "--json")
    assert (first.code, counts(first)) == (0, {"created": 2})
    second = hmpipe(tmp_path, "import", rows, "--json")
    assert (second.code, counts(second)) == (0, {"unchanged": 2})
    assert len(server.sandbox.writes) == 2
    assert hmpipe(tmp_path, "plan", rows, "--json").json["unchanged"] == 2


def test_the_json_of_an_import_and_its_run_folder(tmp_path: Path, serve: Serve) -> None:
    write_settings(tmp_path, serve().url)
    result = hmpipe(tmp_path, "import", write_csv(tmp_path, [*GOOD, "12,Bad"]), "--json")
    assert result.code == 3
    assert list(result.json) == IMPORT_KEYS
    assert len(result.out.splitlines()) == 1, "everything else goes to stderr"
    assert result.json["rows"] == sum(result.json[name] for name in OUTCOMES)
    folder = tmp_path / "runs" / result.json["run_id"]
    assert result.json["rejects"] == str(folder / "rejects.csv")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name for path in folder.iterdir()} >= {"journal.sqlite", "summary.json", "rejects.csv"}
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in folder.iterdir())
    assert json.loads((folder / "summary.json").read_text()) == result.json
    assert (folder / "rejects.csv").read_text().partition("seal1-")[0] == (
        "Phone,First,_row,_code,_column,_value,_reason,_seal\n"
        "12,Bad,4,too_short,Phone,12,the number has too few digits,"
    )


def test_a_mended_reject_file_completes_the_set(tmp_path: Path, serve: Serve) -> None:
    server = serve()
    write_settings(tmp_path, server.url)
    first = hmpipe(tmp_path, "import", write_csv(tmp_path, [*GOOD, "12,Bad"]), "--json")
    rejects = Path(first.json["rejects"])
    mended = tmp_path / "mended.csv"
    mended.write_text(rejects.read_text().replace("\n12,", "\n+1 415 555 0103,"))
    second = hmpipe(tmp_path, "import", mended, "--json")
    assert (second.code, counts(second)) == (0, {"created": 1})
    assert len(server.sandbox.contacts()) == 3


def test_check_writes_what_it_is_asked_for(tmp_path: Path) -> None:
    write_settings(tmp_path, "https://never.example")
    rows = write_csv(tmp_path, [*GOOD, "12,Bad"])
    result = hmpipe(tmp_path, "check", rows, "--json", "--output", "out.jsonl", "--rejects", "bad.csv")
    assert result.code == 3
    assert list(result.json) == [
        "rows", "accepted", "rejected", "skipped", "opted_out", "fields_left_out", "codes", "columns", "encoding",
        "delimiter", "notes", "files", "exit_code",
    ]  # fmt: skip
    assert result.json["codes"] == {"too_short": 1}
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert lines[0] == {"_row": 2, "phone": "14155550101", "first": "Ann"}
    assert (tmp_path / "bad.csv").read_text().count("\n") == 2
    assert result.err.splitlines()[-2:] == [
        "Rows to mend and import: bad.csv",
        "Contacts as they would be sent: out.jsonl",
    ]


def test_a_file_from_standard_input(tmp_path: Path, serve: Serve) -> None:
    write_settings(tmp_path, serve().url)
    result = hmpipe(tmp_path, "import", "-", "--json", stdin=b"Phone,First\n+14155550101,Ann\n")
    assert (result.code, counts(result)) == (0, {"created": 1})


def test_export_list_and_verify(tmp_path: Path, serve: Serve) -> None:
    server = serve()
    server.sandbox.seed(250)
    write_settings(tmp_path, server.url)
    result = hmpipe(tmp_path, "export", "--json")
    assert result.code == 0
    assert set(result.json) >= {
        "snapshot", "contacts", "complete", "pages", "requests", "duplicates_dropped", "seconds", "exit_code",
    }  # fmt: skip
    assert (result.json["contacts"], result.json["complete"]) == (250, True)
    snapshot = Path(result.json["snapshot"])
    assert snapshot.parent == tmp_path / "snapshots"
    assert {path.name for path in snapshot.iterdir()} == {
        "contacts.jsonl.gz", "contacts.csv", "fields.json", "tags.json", "team.json", "manifest.json",
    }  # fmt: skip
    [listed] = hmpipe(tmp_path, "snapshots", "list", "--json").json["snapshots"]
    assert (listed["snapshot"], listed["contacts"], listed["complete"]) == (str(snapshot), 250, True)
    assert hmpipe(tmp_path, "snapshots", "verify", snapshot).code == 0
    with (snapshot / "contacts.csv").open("ab") as file:
        file.write(b"x")
    damaged = hmpipe(tmp_path, "snapshots", "verify", snapshot, "--json")
    assert (damaged.code, damaged.json["complete"]) == (1, False)
    assert "contacts.csv" in damaged.json["problems"][0]


def test_an_export_that_cannot_be_proved_is_partial(tmp_path: Path, serve: Serve) -> None:
    server = serve(cursor="exclusive", honours_page=False, honours_limit=False, count="missing", stamp="one")
    server.sandbox.seed(100, per_stamp=0)
    write_settings(tmp_path, server.url)
    result = hmpipe(tmp_path, "export", "--json")
    assert (result.code, result.json["complete"]) == (3, False)
    assert hmpipe(tmp_path, "snapshots", "verify", result.json["snapshot"]).code == 3


def test_doctor_shows_what_imports_learned_until_it_is_forgotten(tmp_path: Path, serve: Serve) -> None:
    write_settings(tmp_path, serve().url)
    rows = write_csv(tmp_path, [f"+1 415 555 01{number:02},P{number}" for number in range(60)])
    assert hmpipe(tmp_path, "import", rows, "--json").code == 0
    learned = {each["name"]: each["text"] for each in hmpipe(tmp_path, "doctor", "--json").json["findings"]}
    assert learned["batch creates"] == "proved"
    forgotten = hmpipe(tmp_path, "doctor", "--forget-traits", "--json").json["findings"]
    assert "batch creates" not in {each["name"] for each in forgotten}


def test_the_looking_commands(tmp_path: Path, serve: Serve) -> None:
    server = serve()
    server.sandbox.seed(3)
    write_settings(tmp_path, server.url)
    assert hmpipe(tmp_path, "fields", "list", "--json").json["fields"][0]["title"] == "Plan"
    assert "Plan" in hmpipe(tmp_path, "fields", "list").out
    doctor = hmpipe(tmp_path, "doctor", "--json")
    assert (doctor.code, doctor.json["findings"][0]["state"]) == (0, "ok")
    assert hmpipe(tmp_path, "runs", "list").out == "No runs yet.\n"
    run = hmpipe(tmp_path, "import", write_csv(tmp_path, [*GOOD, "1,X"]), "--json").json
    assert hmpipe(tmp_path, "runs", "list", "--json").json["runs"][0]["run_id"] == run["run_id"]
    shown = hmpipe(tmp_path, "runs", "show", run["run_id"][:15], "--json")
    assert (shown.code, run | shown.json) == (0, shown.json), "what the import said, and more"
    assert hmpipe(tmp_path, "runs", "show", "nothing").code == 2


def test_version_and_help() -> None:
    folder = Path(__file__).parent
    assert hmpipe(folder, "--version").out.startswith("hmpipe ")
    assert hmpipe(folder, "import", "--help").out.isascii()
