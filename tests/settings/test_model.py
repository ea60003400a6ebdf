"""Settings and their defaults, and errors that say file, line, key and what was expected."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import SettingsError
from pipeline.models._changes import OnExisting
from pipeline.settings import load_settings
from tests.settings.files import write


def message(folder: Path, text: str, **overrides: Any) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(write(folder, text), overrides, environ={})
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_an_empty_file_gives_the_defaults_of_the_contract(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, ""), environ={})
    assert settings.account.base_url == "https://api.heymarket.com"
    assert (settings.limits.requests_per_minute, settings.limits.concurrency) == (450, 8)
    assert (settings.limits.timeout_seconds, settings.limits.max_attempts) == (30, 6)
    imports = settings.imports
    assert (imports.on_existing, imports.default_region, imports.blanks) == (OnExisting.MERGE, "US", "keep")
    assert (imports.duplicates, imports.write_path, imports.unmapped) == ("last", "auto", "ignore")
    assert imports.null_values == ("", "NULL", "N/A", "#N/A")
    assert settings.export.formats == ("jsonl", "csv")
    assert (settings.paths.runs, settings.paths.snapshots) == (tmp_path / "runs", str(tmp_path / "snapshots"))


@pytest.mark.parametrize("url", ["http://127.0.0.1:8765", "http://localhost:1/", "http://[::1]:9", "https://x.example"])
def test_plain_http_only_to_this_machine(tmp_path: Path, url: str) -> None:
    assert load_settings(write(tmp_path, ""), {"account.base_url": url}, environ={}).account.base_url == url.rstrip("/")


SAMPLE = """
[account]
name = "main"
base_url = "https://api.heymarket.com"
[limits]
requests_per_minute = 450
concurrency = 8
timeout_seconds = 30
max_attempts = 6
[import]
on_existing = "merge"
default_region = "US"
blanks = "keep"
duplicates = "last"
write_path = "auto"
unmapped = "ignore"
country_column = ""
null_values = ["", "NULL", "N/A", "#N/A"]
skip_where = {}
[import.columns]
"Mobile Phone" = "phone"
"Phone Number" = "phone"
"First Name" = "first"
"Opt Out" = "is_opted_out"
"Tags" = { tags = ";" }
"Plan" = { custom = "Plan" }
"Work Phone" = { channel = "phone" }
[export]
formats = ["jsonl", "csv"]
[paths]
runs = "runs"
snapshots = "snapshots"
"""


def test_the_sample_of_the_contract_is_taken_as_it_is(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, SAMPLE), environ={})
    defaults = load_settings(write(tmp_path, ""), environ={})
    assert settings.imports.model_copy(update={"columns": {}}) == defaults.imports
    assert settings.limits == defaults.limits
    assert len(settings.imports.columns) == 7


class TestErrors:
    def test_a_misspelt_key(self, tmp_path: Path) -> None:
        text = message(tmp_path, '[import]\n\non_exsting = "merge"\n')
        assert (
            f"{tmp_path / 's.toml'}, line 3: there is no setting 'import.on_exsting'. Did you mean 'on_existing'?"
            in text
        )

    def test_a_misspelt_section(self, tmp_path: Path) -> None:
        assert "line 1: there is no setting 'imports'. Did you mean 'import'?" in message(tmp_path, "[imports]\n")

    def test_a_key_like_no_other_lists_what_there_is(self, tmp_path: Path) -> None:
        assert "Known here: name, base_url." in message(tmp_path, "[account]\nzzzzzz = 1\n")

    def test_a_wrong_word(self, tmp_path: Path) -> None:
        text = message(tmp_path, '[import]\non_existing = "replace"\n')
        assert "line 2: import.on_existing = 'replace': expected one of: skip, fill, merge, overwrite." in text

    def test_a_wrong_type(self, tmp_path: Path) -> None:
        text = message(tmp_path, '[limits]\nconcurrency = "many"\n')
        assert "line 2: limits.concurrency = 'many': expected a valid integer" in text

    def test_a_number_out_of_range(self, tmp_path: Path) -> None:
        assert "limits.concurrency = 0: expected greater than or equal to 1" in message(
            tmp_path, "[limits]\nconcurrency = 0\n"
        )

    def test_an_unknown_target(self, tmp_path: Path) -> None:
        text = message(tmp_path, '[import.columns]\n"Mobile Phone" = "phon"\n')
        assert "line 2: import.columns.Mobile Phone = 'phon': no such target. Did you mean 'phone'?" in text

    def test_the_line_of_a_header_with_a_dot_below_lines_that_are_no_keys(self, tmp_path: Path) -> None:
        text = message(tmp_path, '[import . columns] # [x]\n"A" = [\n  "first",\n]\n"a.b" = "phon"\n')
        assert "line 5: import.columns.a.b" in text

    @pytest.mark.parametrize(
        "target", ["{ custom = true }", "{ custom = '' }", "{ tags = '' }", "{ custom = 1, tags = ';' }", "7", "{ }"]
    )
    def test_a_target_of_no_known_form(self, tmp_path: Path, target: str) -> None:
        assert "expected a target name" in message(tmp_path, f'[import.columns]\n"X" = {target}\n')

    @pytest.mark.parametrize("url", ["http://example.com", "http://10.0.0.1"])
    def test_plain_http_to_elsewhere(self, tmp_path: Path, url: str) -> None:
        assert "plain http is refused" in message(tmp_path, f'[account]\nbase_url = "{url}"')

    def test_no_address_at_all(self, tmp_path: Path) -> None:
        assert "expected an address" in message(tmp_path, '[account]\nbase_url = "api.heymarket.com"')

    def test_a_region_that_does_not_exist(self, tmp_path: Path) -> None:
        assert "two letters of a country" in message(tmp_path, '[import]\ndefault_region = "USA"')

    @pytest.mark.parametrize("text", ['[account]\nsecret_key = "hunter2"', 'api_key = "hunter2"'])
    def test_credentials_in_the_file_are_refused_and_not_repeated(self, tmp_path: Path, text: str) -> None:
        found = message(tmp_path, text)
        assert "never read from a file" in found
        assert "hunter2" not in found

    def test_a_column_may_be_called_secret(self, tmp_path: Path) -> None:
        path = write(tmp_path, '[import.columns]\n"Secret Santa" = "ignore"\n')
        assert "Secret Santa" in load_settings(path, environ={}).imports.columns

    def test_broken_toml_says_where(self, tmp_path: Path) -> None:
        text = message(tmp_path, "[import]\ndefault_region = NO\n")
        assert "not valid TOML" in text
        assert "line 2" in text

    def test_several_problems_are_all_named(self, tmp_path: Path) -> None:
        text = message(tmp_path, "[limits]\nconcurrency = 0\nmax_attempts = 0\n")
        assert "2 problems" in text

    def test_the_environment_and_flags_are_named_as_the_place(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match="environment variable HMPIPE_LIMITS__CONCURRENCY: limits"):
            load_settings(write(tmp_path, ""), environ={"HMPIPE_LIMITS__CONCURRENCY": "x"})
        assert "flag for limits.concurrency" in message(tmp_path, "", **{"limits.concurrency": "x"})
        assert "there is no setting 'limits.nothing'" in message(tmp_path, "", **{"limits.nothing": "x"})
        assert "flag for account.name.deep" not in message(tmp_path, "account = 5", **{"account.name": "x"})

    def test_a_file_that_is_not_there_a_folder_and_bytes(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match="does not exist"):
            load_settings(tmp_path / "no.toml", environ={})
        with pytest.raises(SettingsError, match="is a folder"):
            load_settings(tmp_path, environ={})
        (tmp_path / "b.toml").write_bytes(b"name = '\xff'")
        with pytest.raises(SettingsError, match="not UTF-8"):
            load_settings(tmp_path / "b.toml", environ={})
        with pytest.raises(SettingsError, match="cannot be read"):
            load_settings(write(tmp_path, "") / "x.toml", environ={})


def test_the_code_of_the_united_kingdom_is_said(tmp_path: Path) -> None:
    assert "is GB" in message(tmp_path, '[import]\ndefault_region = "UK"')


@given(st.text(max_size=200))
def test_law_any_text_gives_settings_or_a_settings_error(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("s") / "s.toml"
    path.write_text(text, encoding="utf-8", errors="replace", newline="")
    try:
        load_settings(path, environ={})
    except SettingsError:
        return
