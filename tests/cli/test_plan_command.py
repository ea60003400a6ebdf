"""`hmpipe plan` and `hmpipe import --plan` as scripts use them."""

from collections.abc import Callable
from pathlib import Path

from tests.cli.commands import Result, hmpipe, kill_when, write_csv, write_settings
from tests.conftest import Server

Serve = Callable[..., Server]
GOOD = ["+1 415 555 0101,Ann", "+1 415 555 0102,Bob"]


def test_a_plan_is_saved_shown_and_applied(tmp_path: Path, serve: Serve) -> None:
    server = serve()
    write_settings(tmp_path, server.url)
    rows = write_csv(tmp_path, GOOD)
    planned = hmpipe(tmp_path, "plan", rows, "-o", "plan.json.gz", "--html", "plan.html", "--json")
    assert (planned.code, planned.json["create"], planned.json["plan"]) == (0, 2, "plan.json.gz")
    assert planned.json["field_changes"] == {"first": {"filled": 2, "changed": 0, "erased": 0}}
    assert "hmpipe import --plan plan.json.gz" in planned.err
    assert "14155550101" not in planned.err + (tmp_path / "plan.html").read_text()
    assert server.sandbox.writes == []
    applied = hmpipe(tmp_path, "import", "--plan", "plan.json.gz", "--json")
    assert (applied.code, applied.json["created"]) == (0, 2)
    again = hmpipe(tmp_path, "import", "--plan", "plan.json.gz", "--json")
    assert (again.code, "stale" in again.err) == (4, True)
    assert len(server.sandbox.contacts()) == 2


def test_what_does_not_go_together_is_a_wrong_call(tmp_path: Path) -> None:
    write_settings(tmp_path, "https://never.example")
    (tmp_path / "plan.gz").write_bytes(b"nothing")
    for arguments in (["import"], ["import", "a.csv", "--plan", "plan.gz"], ["import", "--plan", "plan.gz"]):
        assert hmpipe(tmp_path, *arguments).code == 2
    rows = write_csv(tmp_path, GOOD)
    overwriting = hmpipe(tmp_path, "plan", rows, "-o", rows)
    assert overwriting.code == 2
    assert rows.read_text().count("\n") == 3


def test_a_plan_against_a_snapshot_needs_neither_network_nor_credentials(tmp_path: Path, serve: Serve) -> None:
    server = serve()
    server.sandbox.add_contact("14155550101", first="Old")
    write_settings(tmp_path, server.url)
    snapshot = hmpipe(tmp_path, "export", "--json").json["snapshot"]
    write_settings(tmp_path, "https://never.example")
    rows = write_csv(tmp_path, GOOD)

    def offline(*arguments: str) -> Result:
        call = ("plan", rows, "--against", snapshot, *arguments)
        return hmpipe(tmp_path, *call, HEYMARKET_SECRET_ID="", HEYMARKET_SECRET_KEY="")

    planned = offline("--json")
    assert (planned.code, planned.json["create"], planned.json["update"]) == (0, 1, 1)
    unnamed = offline("-o", "plan.gz")
    assert (unnamed.code, "HEYMARKET_SECRET_ID" in unnamed.err) == (2, True)


def test_a_killed_one_goes_on_and_sends_nothing_twice(tmp_path: Path, serve: Serve) -> None:
    server = serve("slow:POST /v1/contact:seconds=0.05")
    write_settings(tmp_path, server.url, limits="requests_per_minute = 0\nconcurrency = 2\nlost_answer_seconds = 0.5")
    rows = write_csv(tmp_path, [f"+1 415 555 {1000 + number},P{number}" for number in range(60)])
    assert hmpipe(tmp_path, "plan", rows, "-o", "plan.gz").code == 0
    arguments = ("import", "--plan", "plan.gz", "--set", "import.write_path=single")
    kill_when(server.has_written(15), tmp_path, *arguments)
    assert 15 <= len(server.sandbox.writes) < 60
    done = hmpipe(tmp_path, *arguments, "--json")
    assert (done.code, done.json["created"], done.json["rows"]) == (0, 60, 60), done.err
    assert "Continuing run" in done.err
    phones = [contact["phone"] for contact in server.sandbox.contacts()]
    assert len(phones) == len(set(phones)) == 60
