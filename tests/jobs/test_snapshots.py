"""Snapshots are compared, joined and pruned by the real command."""

import csv
import stat
from pathlib import Path

from tests.cli.commands import hmpipe
from tests.conftest import Serve, Server
from tests.exports import write_settings


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
