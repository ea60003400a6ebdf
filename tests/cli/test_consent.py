"""Who may be texted: asked before anything is sent, and never lost between init and the account."""

import csv
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.reader.consent import Kind, judge
from tests.cli.commands import hmpipe
from tests.conftest import Server
from tests.reader.consent import kinds
from tests.reader.consent.said import said

Serve = Callable[..., Server]
PEOPLE = ["+14155550101,yes", "+14155550102,", "+14155550103,yes"]


def write(folder: Path, header: str, rows: list[str], name: str = "people.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def point_to(folder: Path, url: str) -> Path:
    """Let the settings that init wrote speak of the sandbox."""
    path = folder / "hmpipe.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("https://api.heymarket.com", url), encoding="utf-8")
    return path


def answer(path: Path, number: int = 0) -> None:
    """Take the # away from one answer of each question."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for header in tomllib.loads(path.read_text(encoding="utf-8"))["import"]["consent_question"]:
        offered = [place for place, line in enumerate(lines) if line.startswith(f'# "{header}" = ')]
        lines[offered[number]] = lines[offered[number]].removeprefix("# ")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def textable(server: Server) -> set[str]:
    contacts = server.sandbox.contacts()
    return {str(each["phone"]).removeprefix("+") for each in contacts if not each["is_opted_out"]}


def test_nothing_is_sent_before_the_question_is_answered(tmp_path: Path, serve: Serve) -> None:
    server = serve()
    people = write(tmp_path, "Phone,SMS Opt In", PEOPLE)
    made = hmpipe(tmp_path, "init", people, "--json")
    assert made.json["consent_question"] == ["SMS Opt In"]
    assert made.err.splitlines()[1].startswith("LOOK AT THIS FIRST: 'SMS Opt In'")
    settings = point_to(tmp_path, server.url)
    refused = hmpipe(tmp_path, "import", people)
    assert (refused.code, server.sandbox.requests) == (2, [])
    assert "SMS Opt In" in refused.err
    assert "Nothing was sent" in refused.err
    looked = hmpipe(tmp_path, "check", people)
    assert looked.code == 0
    assert looked.out.startswith("CONSENT: 'SMS Opt In' - a question")
    assert '"SMS Opt In" = { to = "is_opted_out"' in looked.out
    planned = hmpipe(tmp_path, "plan", people, "--json")
    assert (planned.code, planned.json["consent"][0]["state"]) == (0, "question")
    assert hmpipe(tmp_path, "plan", people, "-o", "plan.json.gz").code == 2
    assert not server.sandbox.writes
    answer(settings)
    assert hmpipe(tmp_path, "import", people).code == 0
    assert textable(server) == {"14155550101", "14155550103"}


def test_a_new_column_on_consent_stops_a_nightly_import(tmp_path: Path, serve: Serve) -> None:
    server = serve()
    first = write(tmp_path, "Phone,First Name", ["+14155550101,Ann"])
    assert hmpipe(tmp_path, "init", first).code == 0
    assert "consent_question = []" in point_to(tmp_path, server.url).read_text(encoding="utf-8")
    assert hmpipe(tmp_path, "import", first).code == 0
    writes = len(server.sandbox.writes)
    second = write(tmp_path, "Phone,First Name,SMS Opt Out", ["+14155550101,Ann,yes"], "second.csv")
    for command in ("import", "plan"):
        refused = hmpipe(tmp_path, command, second, "--json")
        assert (refused.code, refused.json["error_code"]) == (4, "new_consent_column")
        assert "'SMS Opt Out'" in refused.json["error"]
        assert '= "is_opted_out"' in refused.json["error"]
    assert len(server.sandbox.writes) == writes
    looked = hmpipe(tmp_path, "check", second)
    assert looked.code == 0
    assert looked.out.startswith("CONSENT: 'SMS Opt Out' - a new column")
    assert [run.name for run in (tmp_path / "runs").iterdir() if run.name.startswith("2")] != []


def test_settings_without_the_key_import_as_before_and_say_it(tmp_path: Path, serve: Serve) -> None:
    server = serve()
    (tmp_path / "hmpipe.toml").write_text(
        f'[account]\nbase_url = "{server.url}"\n[import.columns]\n"Phone" = "phone"\n', encoding="utf-8"
    )
    people = write(tmp_path, "Phone,SMS Opt Out,Email Opt Out", ["+14155550101,yes,no"])
    done = hmpipe(tmp_path, "import", people, "--json")
    assert done.code == 0
    assert [(each["column"], each["state"]) for each in done.json["consent"]] == [
        ("SMS Opt Out", "unread"),
        ("Email Opt Out", "other_channel"),
    ]
    assert "CONSENT: 'SMS Opt Out' - nothing is read from it" in done.err
    assert "not taken: 'Email Opt Out'" in done.err
    looked = hmpipe(tmp_path, "check", people, "--json")
    assert looked.json["notes"]["consent_column"] == 1


@pytest.mark.parametrize("part", range(8))
def test_many_columns_from_init_to_the_account(tmp_path: Path, serve: Serve, part: int) -> None:
    server = serve()
    columns, known = list[tuple[str, list[tuple[str, bool]]]](), set[str]()
    every = [*said(), *(column for kind in kinds.KINDS for column in kinds.columns(kind))]
    for header, people in every[part::8]:
        verdict = judge(header, {cell: 1 for cell, _ in people})
        folded = "".join(filter(str.isalnum, header.casefold()))
        if verdict.kind is Kind.MAPPED and folded not in known:
            columns.append((header, people))
            known.add(folded)
    rest = [next(cell for cell, may in people if may) for _, people in columns]
    rows, wanted = list[list[str]](), set[str]()
    for place, (_, people) in enumerate(columns):
        for cell, may in people:
            phone = f"1415555{1000 + len(rows)}"
            rows.append([f"+{phone}", *rest[:place], cell, *rest[place + 1 :]])
            wanted |= {phone} if may else set()
    with (tmp_path / "people.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["Phone", *(header for header, _ in columns)], *rows])
    assert hmpipe(tmp_path, "init", "people.csv").code == 0
    answer(point_to(tmp_path, server.url))
    done = hmpipe(tmp_path, "import", "people.csv", "--json")
    assert done.code == 0, done.err
    assert done.json["created"] == len(rows)
    assert textable(server) == wanted


def test_who_says_no_in_a_phone_cell_is_not_textable_whatever_becomes_of_the_row(tmp_path: Path, serve: Serve) -> None:
    server = serve()
    server.sandbox.add_contact("14157360105", first="There")
    rows = [
        "(415) 736-0101,,a@x.com",
        "DNC,(415) 736-0102,b@x.com",
        "(415) 736-0103,(415) 736-0199 - NO TEXTS,c@x.com",
        "(415) 736-0104 do not text,,d@x.com",
        "opted out,(415) 736-0105,no mail",
        "STOP,,f@x.com",
        "(415) 736-0107 home,ask Bob,g@x.com",
    ]
    people = write(tmp_path, "Mobile,Work Phone,Email", rows)
    made = hmpipe(tmp_path, "init", people, "--region", "US", "--json")
    targets = {column["column"]: column["target"] for column in made.json["columns"]}
    assert (targets["Mobile"], targets["Work Phone"], made.json["consent_question"]) == ("phone", "phone", [])
    point_to(tmp_path, server.url)
    result = hmpipe(tmp_path, "import", people, "--json", "--set", "import.on_bad_field=reject")
    assert (result.json["created"], result.json["rejected"], result.json["opted_out_of_rejected_row"]) == (5, 2, 1)
    assert textable(server) == {"14157360101", "14157360107"}
