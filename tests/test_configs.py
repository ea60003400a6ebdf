"""The commented settings files are true: they load, they fit the schema, and they show every setting."""

import csv
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import jsonschema
import pytest

from pipeline.models import Contact, OutcomeKind
from pipeline.settings import PLAIN_TARGETS, Settings, load_settings
from tests.accounts import by_phone
from tests.cli.commands import Result, hmpipe
from tests.conftest import Serve, Server
from tests.tables import take

ROOT = Path(__file__).parent.parent
CONFIGS = sorted((ROOT / "configs").glob("*.toml"))
SCHEMA = json.loads((ROOT / "docs" / "settings.schema.json").read_text(encoding="utf-8"))

COMMENTED = re.compile(r"^(\w+) = [^#]*# (.*)$")


def comments(path: Path) -> list[tuple[str, str]]:
    return [(found[1], found[2]) for line in path.read_text().splitlines() if (found := COMMENTED.match(line))]


def properties() -> dict[str, dict[str, Any]]:
    return {key: shape for section in SCHEMA["$defs"].values() for key, shape in section.get("properties", {}).items()}


def default_of(key: str) -> str:
    value = properties()[key]["default"]
    return str(value).lower() if isinstance(value, bool) else str(value)


def choices_of(key: str) -> set[str]:
    shape = properties()[key]
    shape = SCHEMA["$defs"][shape["$ref"].rsplit("/", 1)[1]] if "$ref" in shape else shape
    return set(shape["enum"])


def test_they_are_all_here() -> None:
    assert [path.name for path in CONFIGS] == [
        "crm_migration.toml", "full_backup.toml", "hand_kept_list.toml", "nightly_import.toml", "sandbox.toml",
    ]  # fmt: skip


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
class TestEach:
    def test_it_loads_and_fits_the_schema(self, path: Path) -> None:
        load_settings(path, environ={})
        jsonschema.validate(tomllib.loads(path.read_text()), SCHEMA)

    def test_editors_find_the_schema(self, path: Path) -> None:
        line = path.read_text().splitlines()[0]
        assert line == "#:schema ../docs/settings.schema.json"
        assert (path.parent / line.split()[1]).is_file()

    def test_the_commands_in_its_head_name_it(self, path: Path) -> None:
        commands = [line for line in path.read_text().splitlines() if line.startswith("#") and "hmpipe " in line]
        assert commands
        assert all(path.name in line for line in commands if "-c " in line)

    def test_the_defaults_that_its_comments_name_are_true(self, path: Path) -> None:
        claims = [(key, found[1]) for key, text in comments(path) if (found := re.search(r"\bdefault (\w+)$", text))]
        assert [(key, claim) for key, claim in claims if claim != default_of(key)] == []

    def test_the_choices_that_its_comments_name_are_all_there_are(self, path: Path) -> None:
        for key, text in comments(path):
            if found := re.search(r"\w+( \| \w+)+", text):
                assert set(found[0].split(" | ")) == choices_of(key), key

    def test_each_setting_outside_the_column_mapping_has_a_comment(self, path: Path) -> None:
        mapped = re.split(r"^\[import\.columns\].*$|^(?=\[paths\])", path.read_text(), flags=re.MULTILINE)
        settings = [line for part in mapped for line in part.splitlines() if re.match(r"[a-z_]+ = ", line)]
        assert settings
        assert [line for line in settings if "# " not in line] == []


def test_every_setting_is_shown_in_one_of_them() -> None:
    shown = {
        f"{section}.{key}"
        for path in CONFIGS
        for section, content in tomllib.loads(path.read_text()).items()
        for key in content
    }
    known = {
        f"{entry.alias or name}.{key}"
        for name, entry in Settings.model_fields.items()
        for key in entry.annotation.model_fields  # type: ignore[union-attr] # every section is a model
    }
    assert shown == known


def test_every_kind_of_column_target_is_shown_in_one_of_them() -> None:
    columns = [load_settings(path, environ={}).imports.columns.values() for path in CONFIGS]
    assert {target.kind for values in columns for targets in values for target in targets} == {
        *PLAIN_TARGETS,
        "custom",
        "channel",
    }


def test_relative_paths_are_relative_to_the_file() -> None:
    sandbox = next(path for path in CONFIGS if path.stem == "sandbox")
    settings = load_settings(sandbox, environ={})
    assert settings.paths.runs.resolve() == sandbox.parent.parent / "runs"


def test_no_secret_stands_in_any_of_them() -> None:
    for path in CONFIGS:
        assert not re.search(r"^\s*(secret|api_?key|token)", path.read_text(), re.IGNORECASE | re.MULTILINE)


def write_rows(file: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    """Write a table that has every column which any of the rows names."""
    headers = list(dict.fromkeys(name for row in rows for name in row))
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, headers, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return file


class Checked:
    """What a check makes of rows under one of the settings files: line 2 is the first row."""

    def __init__(self, folder: Path, config: str, *rows: Mapping[str, str], **settings: Any) -> None:
        overrides = {f"import.{name}": value for name, value in settings.items()}
        imports = load_settings(ROOT / "configs" / f"{config}.toml", overrides, environ={}).imports
        journal, taken = take([write_rows(folder / "rows.csv", rows)], imports)
        with journal:
            self.contacts: dict[int, Contact] = {contact.line: contact for contact in journal.input.contacts()}
            left = journal.outcomes.rows(OutcomeKind.REJECTED, OutcomeKind.SKIPPED)
            self.codes = {row.line: row.code for row in left}
        self.notes = taken.census.notes


def run_with(config: str, folder: Path, server: Server, *arguments: str | Path) -> Result:
    """Run a command with one of the settings files against a rehearsal account."""
    own = {"ACCOUNT__BASE_URL": server.url, "LIMITS__REQUESTS_PER_MINUTE": "0", "PATHS__RUNS": str(folder / "runs")}
    environment = {f"HMPIPE_{name}": value for name, value in own.items()}
    file = ROOT / "configs" / f"{config}.toml"
    return hmpipe(folder, *arguments, "-c", file, "--json", stdin=b"", **environment)


class TestWhatTheMigrationSays:
    ROW: ClassVar[dict[str, str]] = {
        "MobilePhone": "", "Phone": "", "OtherPhone": "", "FirstName": "", "LastName": "", "Name": "", "Email": "",
        "PhotoUrl": "", "OwnerId": "", "HasOptedOutOfSms": "", "AccountName": "", "IsDeleted": "", "MailingCountry": "",
    }  # fmt: skip

    def check(self, folder: Path, *rows: Mapping[str, str]) -> Checked:
        return Checked(folder, "crm_migration", *({**self.ROW, **row} for row in rows))

    def test_the_first_valid_phone_wins_and_a_further_phone_column_may_be_absent(self, tmp_path: Path) -> None:
        found = self.check(tmp_path, {"MobilePhone": "12", "Phone": "415 555 0101"}, {"MobilePhone": "415 555 0102"})
        assert [contact.phone for contact in found.contacts.values()] == ["14155550101", "14155550102"]

    @pytest.mark.parametrize("country", ["GB", "United Kingdom", "Royaume-Uni"])
    def test_the_country_column_takes_a_code_or_a_name(self, tmp_path: Path, country: str) -> None:
        found = self.check(tmp_path, {"MobilePhone": "020 7946 0018", "MailingCountry": country})
        assert found.contacts[2].phone == "442079460018"

    def test_rows_with_one_phone_become_one_contact_with_the_later_values(self, tmp_path: Path) -> None:
        row = {"MobilePhone": "415 555 0101", "FirstName": "Ann", "LastName": "Old"}
        found = self.check(tmp_path, row, row | {"FirstName": "", "LastName": "New"})
        [contact] = found.contacts.values()
        assert (contact.fields["first"], contact.fields["last"]) == ("Ann", "New")

    def test_deleted_rows_are_left_out_and_letters_are_rejected(self, tmp_path: Path) -> None:
        found = self.check(tmp_path, {"MobilePhone": "415 555 0101", "IsDeleted": "TRUE"}, {"Phone": "1-800-FLOWERS"})
        assert found.codes == {2: "skip_where", 3: "vanity_letters"}

    def test_a_row_that_is_left_out_and_says_opted_out_opts_its_contact_out(self, tmp_path: Path, serve: Serve) -> None:
        server = serve(fields=("Company",))
        server.sandbox.add_contact("14155550101", first="Known")
        row = {**self.ROW, "MobilePhone": "415 555 0101", "HasOptedOutOfSms": "Yes", "IsDeleted": "true"}
        ended = run_with("crm_migration", tmp_path, server, "import", write_rows(tmp_path / "contacts.csv", [row]))
        assert (ended.json["skipped"], ended.json["opted_out_of_rejected_row"]) == (1, 1)
        assert by_phone(server.sandbox)["14155550101"]["is_opted_out"] is True

    def test_auto_uses_batches_once_they_work_fills_only_what_is_empty_and_adds_second_numbers(
        self, tmp_path: Path, serve: Serve
    ) -> None:
        server = serve(fields=("Company",))
        server.sandbox.add_contact("14155550100", first="Known")
        rows: list[dict[str, str]] = [
            {**self.ROW, "MobilePhone": f"415 555 01{number:02}", "FirstName": f"P{number}", "LastName": "New"}
            for number in range(45)
        ]
        rows[1] |= {"OtherPhone": "415 555 0199", "AccountName": "Acme", "OwnerId": "7001", "HasOptedOutOfSms": "Yes"}
        file = write_rows(tmp_path / "contacts.csv", rows)
        ended = run_with("crm_migration", tmp_path, server, "import", file)
        assert (ended.code, ended.json["created"], ended.json["updated"]) == (0, 44, 1)
        held = by_phone(server.sandbox)
        assert (held["14155550100"]["first"], held["14155550100"]["last"]) == ("Known", "New")
        second = held["14155550101"]
        assert [each["channel_id"] for each in second["channels"]] == ["14155550199"]
        assert ([*second["custom"].values()], second["assignee_id"], second["is_opted_out"]) == (["Acme"], 7001, True)
        paths = [request.path for request in server.sandbox.requests]
        assert "/v1/batch/contacts" in paths
        run = tmp_path / "runs" / ended.json["run_id"]
        assert {file.name for file in run.iterdir()} >= {"journal.sqlite", "summary.json", "report.html"}


class TestWhatTheNightlyImportSays:
    ROW: ClassVar[dict[str, str]] = {
        "PHONE": "415 555 0101", "First Name": "Ann", "Last Name": "", "Email": "", "Unsubscribed": "", "Status": "",
        "Plan": "", "Tags": "",
    }  # fmt: skip

    def test_a_file_without_rows_is_refused(self, tmp_path: Path, serve: Serve) -> None:
        server = serve()
        file = tmp_path / "export.csv"
        file.write_text(",".join(self.ROW) + "\n", encoding="utf-8")
        ended = run_with("nightly_import", tmp_path, server, "import", file)
        assert ended.code == 2
        assert "too_few_rows" in ended.err
        assert not server.sandbox.writes

    def test_capitals_in_headers_do_not_matter_and_null_words_are_blank(self, tmp_path: Path) -> None:
        found = Checked(tmp_path, "nightly_import", self.ROW | {"Email": "-", "Last Name": "N/A"})
        assert found.contacts[2].fields == {"first": "Ann"}

    def test_deleted_rows_are_skipped_and_the_last_of_two_rows_wins(self, tmp_path: Path) -> None:
        rows = [self.ROW, self.ROW | {"First Name": "Bea"}, self.ROW | {"Status": "deleted"}]
        found = Checked(tmp_path, "nightly_import", *rows)
        assert found.codes == {2: "duplicate_in_file", 4: "skip_where"}
        assert found.contacts[3].fields["first"] == "Bea"

    def test_tags_are_added_blanks_keep_and_a_no_opts_nobody_in(self, tmp_path: Path, serve: Serve) -> None:
        server = serve()
        [vip, known] = [server.sandbox.add_tag(name) for name in ("VIP", "Known")]
        server.sandbox.add_contact("14155550101", first="Old", last="Kept", tags=[known], is_opted_out=True)
        row = self.ROW | {"Unsubscribed": "no", "Tags": "vip", "Plan": "Gold"}
        ended = run_with("nightly_import", tmp_path, server, "import", write_rows(tmp_path / "export.csv", [row]))
        assert (ended.code, ended.json["updated"]) == (0, 1)
        contact = by_phone(server.sandbox)["14155550101"]
        assert (contact["first"], contact["last"], sorted(contact["tags"])) == ("Ann", "Kept", [vip, known])
        assert contact["is_opted_out"]
        assert [*contact["custom"].values()] == ["Gold"]

    def test_a_file_with_too_many_rejects_is_refused_as_a_whole(self, tmp_path: Path, serve: Serve) -> None:
        server = serve()
        file = write_rows(tmp_path / "export.csv", [self.ROW, self.ROW | {"PHONE": "12"}])
        ended = run_with("nightly_import", tmp_path, server, "import", file)
        assert (ended.code, ended.json["pending"]) == (4, 1)
        assert not server.sandbox.writes


class TestWhatTheHandKeptListSays:
    ROW: ClassVar[dict[str, str]] = {
        "Cell": "", "Contact ID": "", "Full Name": "", "Account Manager": "", "SMS Status": "", "Customer Since": "",
        "Notes": "", "Balance": "", "Groups": "", "Newsletter": "", "Lists": "", "Shoe size": "", "Contact UUID": "",
    }  # fmt: skip

    def check(self, folder: Path, *rows: Mapping[str, str]) -> Checked:
        return Checked(folder, "hand_kept_list", *({**self.ROW, **row} for row in rows))

    def test_cells_become_what_the_comments_say(self, tmp_path: Path) -> None:
        row = {
            "Cell": "Mobile: 415 555 0132", "Full Name": "  ada   lovelace ", "SMS Status": "Unsubscribed",
            "Customer Since": "3/9/2021", "Balance": "1,234.50", "Shoe size": "39", "Notes": "none",
        }  # fmt: skip
        [contact] = self.check(tmp_path, row).contacts.values()
        assert contact.phone == "14155550132"
        assert contact.fields == {"first": "Ada", "last": "Lovelace", "is_opted_out": True}
        assert contact.custom == {"Since": "2021-03-09", "Balance": "1234.50"}

    def test_the_seventh_column_is_a_phone_column_too(self, tmp_path: Path) -> None:
        found = self.check(tmp_path, {"Cell": "12", "Notes": "415 555 0133"})
        assert found.contacts[2].phone == "14155550133"

    def test_of_two_numbers_the_first_counts_and_doubtful_phones_are_rejects(self, tmp_path: Path) -> None:
        found = self.check(
            tmp_path,
            {"Cell": "415 555 0132 / 415 555 0133"},
            *({"Cell": "415 555 0140", "Full Name": f"P{number}"} for number in range(10)),
        )
        assert found.contacts[2].phone == "14155550132"
        assert found.codes == dict.fromkeys(range(3, 13), "shared_phone")

    def test_an_account_gets_the_lists_the_owner_the_tags_and_a_field_of_each_unmapped_column(
        self, tmp_path: Path, serve: Serve
    ) -> None:
        server = serve(fields=("Since", "Balance"))
        tags = [server.sandbox.add_tag(name) for name in "abcdef"]
        known = server.sandbox.add_contact("14155550131", first="Ann")
        row = {
            **self.ROW, "Cell": "415 555 0132", "Account Manager": "ben example", "Groups": "a|b|c|d|e|f",
            "Lists": str(server.sandbox.add_list("News")), "Colour": "blue",
        }  # fmt: skip
        other = {**self.ROW, "Cell": "415 555 0131", "Contact ID": str(known["id"] + 1)}
        file = write_rows(tmp_path / "list.csv", [row, other])
        assert run_with("hand_kept_list", tmp_path, server, "import", file).code == 2, "lists need --allow-lists"
        ended = run_with("hand_kept_list", tmp_path, server, "import", file, "--allow-lists")
        assert (ended.code, ended.json["created"], ended.json["rejected"]) == (3, 1, 1)
        contact = by_phone(server.sandbox)["14155550132"]
        assert (contact["assignee_id"], contact["tags"]) == (7002, tags[:5])
        assert server.sandbox.list_members(int(row["Lists"])) == [contact["id"]]
        assert "Colour" in server.sandbox.counters()["fields"].values()
        assert "blue" in contact["custom"].values()
        assert "id_mismatch" in Path(ended.json["rejects"]).read_text()


def test_a_full_backup_always_holds_the_lossless_form(tmp_path: Path, serve: Serve) -> None:
    server = serve()
    server.sandbox.seed(3)
    place = ("--set", f"paths.snapshots={tmp_path / 'snapshots'}", "--set", 'export.formats=["csv"]')
    ended = run_with("full_backup", tmp_path, server, "export", *place)
    assert (ended.code, ended.json["complete"]) == (0, True)
    assert {"contacts.jsonl.gz", "contacts.csv"} <= {file.name for file in Path(ended.json["snapshot"]).iterdir()}
