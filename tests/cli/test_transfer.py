"""`hmpipe check`, `plan` and `import --plan` as scripts use them."""

import stat
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.cli.commands import GOOD, Result, hmpipe, kill_when, write_csv, write_settings
from tests.conftest import Serve


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


ROWS = ["+1 415 555 0101,Ann", "(415) 555-0102,Bob", "12,<b>Bad</b>", "+1 415 555 0101,Ann again", "4155550103.0,Cy"]


class Words(HTMLParser):
    """The text of a page and the elements it has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href"}]

    def handle_data(self, data: str) -> None:
        self.text.append(data.strip())


def test_the_page_says_what_the_summary_says_and_loads_nothing(tmp_path: Path) -> None:
    write_settings(tmp_path, "https://never.example")
    result = hmpipe(tmp_path, "check", write_csv(tmp_path, ROWS), "--html", "page.html", "--json")
    assert result.code == 3
    path = tmp_path / "page.html"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    page = Words(path.read_text(encoding="utf-8"))
    assert not page.addresses
    assert "b" not in page.tags, "a cell is text, never markup"
    assert {"Check of people.csv", "too_short", "duplicate_in_file", "12"} <= set(page.text)
    assert any(text.startswith("1 row has to be mended") for text in page.text)


def test_a_page_about_clean_rows_says_so(tmp_path: Path) -> None:
    write_settings(tmp_path, "https://never.example")
    assert hmpipe(tmp_path, "check", write_csv(tmp_path, ROWS[:1]), "--html", "page.html").code == 0
    assert "Every row that is to be imported can be imported." in (tmp_path / "page.html").read_text()
    assert hmpipe(tmp_path, "check", write_csv(tmp_path, []), "--html", "page.html").code == 0
    assert "has a header and no rows" in (tmp_path / "page.html").read_text()


def test_a_page_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    write_settings(tmp_path, "https://never.example")
    result = hmpipe(tmp_path, "check", write_csv(tmp_path, ROWS), "--html", "no/such/folder/page.html")
    assert result.code == 1
    assert "page.html cannot be written: No such file or directory" in " ".join(result.err.split())


def test_online_asks_for_fields_and_writes_nothing(tmp_path: Path, serve: Serve) -> None:
    server = serve()
    write_settings(tmp_path, server.url, columns='"Plan" = { custom = "Plan" }\n')
    rows = write_csv(tmp_path, ["+1 415 555 0101,Ann,Gold"], header="Phone,First,Plan")
    result = hmpipe(tmp_path, "check", rows, "--online", "--json")
    assert (result.code, result.json["accepted"]) == (0, 1)
    assert [request.path for request in server.sandbox.requests] == ["/v1/contact-fields"]
    assert not server.sandbox.writes


def test_online_names_a_field_that_the_account_has_not(tmp_path: Path, serve: Serve) -> None:
    server = serve()
    write_settings(tmp_path, server.url, columns='"Shoe" = { custom = "Plam" }\n')
    rows = write_csv(tmp_path, ["+1 415 555 0101,Ann,44"], header="Phone,First,Shoe")
    assert hmpipe(tmp_path, "check", rows).code == 0, "offline nobody can know"
    result = hmpipe(tmp_path, "check", rows, "--online")
    assert result.code == 2
    assert "Plam" in result.err
    assert "Plan" in result.err


@pytest.mark.parametrize("command", ["check", "plan"])
def test_missing_fields_are_shown_and_never_made_before_an_import(tmp_path: Path, serve: Serve, command: str) -> None:
    server = serve()
    write_settings(tmp_path, server.url, **{"import": 'unmapped = "create"'})
    rows = write_csv(tmp_path, ["+1 415 555 0101,Ann,44"], header="Phone,First,Shoe size")
    arguments = ["--online"] if command == "check" else []
    result = hmpipe(tmp_path, command, rows, *arguments, "--json")
    assert result.code == 0
    assert not server.sandbox.writes
    if command == "plan":
        assert result.json["fields_to_create"] == ["Shoe size"]
    done = hmpipe(tmp_path, "import", rows, "--json")
    assert (done.code, done.json["created"]) == (0, 1)
    assert len([request for request in server.sandbox.requests if request.path == "/v1/contacts/fields"]) == 1


def test_the_input_is_never_overwritten(tmp_path: Path) -> None:
    write_settings(tmp_path, "https://never.example")
    rows = write_csv(tmp_path, ROWS)
    before = rows.read_bytes()
    for option in ("--rejects", "--output", "--html"):
        result = hmpipe(tmp_path, "check", rows, option, rows)
        assert result.code == 2
        assert "would be overwritten" in " ".join(result.err.split())
    assert rows.read_bytes() == before


def test_no_output_overwrites_what_is_read_the_settings_or_another_output(tmp_path: Path) -> None:
    settings = write_settings(tmp_path, "https://never.example")
    rows = write_csv(tmp_path, ROWS)
    before = settings.read_bytes(), rows.read_bytes()
    for arguments in (
        ("check", rows, "--rejects", "hmpipe.toml"),
        ("check", rows, "--html", "people.csv"),
        ("check", rows, "-o", "same", "--rejects", "./same"),
        ("init", rows, "-o", "people.csv", "--force"),
    ):
        result = hmpipe(tmp_path, *arguments)
        assert result.code == 2
        assert "Nothing was done" in result.err
    assert before == (settings.read_bytes(), rows.read_bytes())
    assert not (tmp_path / "same").exists()
