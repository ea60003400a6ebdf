"""Who wins: defaults, the file, the environment, flags."""

from pathlib import Path

import pytest

from pipeline.errors import SettingsError
from pipeline.settings import load_settings, write_fingerprint
from tests.settings.files import write


def test_flags_win_over_the_environment_which_wins_over_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "[limits]\nconcurrency = 2\nmax_attempts = 2\ntimeout_seconds = 2\n")
    environ = {"HMPIPE_LIMITS__CONCURRENCY": "3", "HMPIPE_LIMITS__MAX_ATTEMPTS": "3", "HMPIPE_OTHER": "x"}
    limits = load_settings(path, {"limits.concurrency": "4"}, environ=environ).limits
    assert (limits.concurrency, limits.max_attempts, limits.timeout_seconds) == (4, 3, 2)


def test_lists_and_tables_can_be_given_as_flags(tmp_path: Path) -> None:
    flags = {"import.null_values": '["", "-"]', "import.skip_where": '{ "IsDeleted" = "true" }', "account.name": "[odd"}
    settings = load_settings(write(tmp_path, ""), flags, environ={})
    assert settings.imports.null_values == ("", "-")
    assert settings.imports.skip_where == {"IsDeleted": "true"}
    assert settings.account.name == "[odd"


def test_without_a_name_the_file_of_the_current_folder_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match=r"no hmpipe\.toml in the current folder.*--config"):
        load_settings(None, environ={})
    (tmp_path / "hmpipe.toml").write_text('[account]\nname = "here"\n')
    assert load_settings(None, environ={}).account.name == "here"


def test_a_variable_that_is_no_setting_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    load_settings(write(tmp_path, ""), environ={"HMPIPE_CONCURRENCY": "2", "HMPIPE_DEBUG": "1"})
    assert [record.getMessage().split()[0] for record in caplog.records] == ["HMPIPE_CONCURRENCY"]


def test_what_decides_the_writes_is_told_from_what_does_not(tmp_path: Path) -> None:
    def fingerprint(**flags: str) -> str:
        return write_fingerprint(
            load_settings(write(tmp_path, ""), {k.replace("__", "."): v for k, v in flags.items()}, environ={})
        )

    assert fingerprint() == fingerprint(limits__concurrency="2") == fingerprint(import__max_changes="5")
    assert fingerprint() != fingerprint(import__on_existing="skip")
    assert fingerprint() != fingerprint(account__base_url="https://other.example")
