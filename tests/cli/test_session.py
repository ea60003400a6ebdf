"""What is wrong is said with one sentence, one exit code and one JSON object."""

import json
from pathlib import Path

import pytest

from tests.cli.commands import GOOD, hmpipe, write_csv, write_settings
from tests.conftest import Serve


class TestWhatIsWrong:
    """Each one clear error, the documented exit code, and nothing written."""

    def complaint(self, folder: Path, *arguments: str | Path, code: int = 2, **extra: str) -> str:
        result = hmpipe(folder, *arguments, stdin=b"", **extra)
        assert result.code == code, result.err
        assert result.err.count("Error: ") == 1
        return result.err

    def test_files_that_are_no_table(self, tmp_path: Path, serve: Serve) -> None:
        server = serve()
        write_settings(tmp_path, server.url)
        (tmp_path / "empty.csv").touch()
        (tmp_path / "binary.csv").write_bytes(bytes(range(256)) * 20)
        assert "no.csv" in self.complaint(tmp_path, "import", "no.csv")
        assert "folder" in self.complaint(tmp_path, "import", tmp_path)
        assert "empty" in self.complaint(tmp_path, "import", "empty.csv")
        self.complaint(tmp_path, "import", "binary.csv")
        missing = self.complaint(tmp_path, "import", write_csv(tmp_path, ["1,2"], header="Fone,First"))
        assert "none of the phone columns 'Phone'" in missing
        assert not server.sandbox.requests
        assert not (tmp_path / "runs").exists()

    def test_settings(self, tmp_path: Path) -> None:
        rows = write_csv(tmp_path, GOOD)
        assert "--config" in self.complaint(tmp_path, "check", rows)
        write_settings(tmp_path, "https://x.example", **{"import": 'on_exsting = "skip"'})
        assert "Did you mean 'on_existing'" in self.complaint(tmp_path, "check", rows)
        write_settings(tmp_path, "https://x.example")
        assert "HEYMARKET_SECRET_ID" in self.complaint(
            tmp_path, "import", rows, HEYMARKET_SECRET_ID="", HEYMARKET_SECRET_KEY=""
        )
        assert "--set" in hmpipe(tmp_path, "check", rows, "--set", "concurrency=2").err
        assert hmpipe(tmp_path, "check", rows, "--log-format", "xml").code == 2
        assert hmpipe(tmp_path, "check").code == 2
        assert hmpipe(tmp_path, "nonsense").code == 2

    @pytest.mark.parametrize("verb", ["import", "plan", "export", "doctor", "fields"])
    def test_a_wrong_key(self, tmp_path: Path, serve: Serve, verb: str) -> None:
        server = serve()
        write_settings(tmp_path, server.url)
        files = [str(write_csv(tmp_path, GOOD))] if verb in ("import", "plan") else []
        more = ["list"] if verb == "fields" else []
        result = hmpipe(tmp_path, verb, *more, *files, "--json", HEYMARKET_SECRET_KEY="wrong-but-long-enough")
        assert result.code == result.json["exit_code"] == 1
        assert "wrong-but-long-enough" not in result.out + result.err
        assert not server.sandbox.writes

    def test_a_host_that_is_not_there(self, tmp_path: Path) -> None:
        write_settings(tmp_path, "http://127.0.0.1:9", limits="max_attempts = 2")
        result = hmpipe(tmp_path, "import", write_csv(tmp_path, GOOD), "--json")
        assert (result.code, result.json["exit_code"]) == (1, 1)
        assert "127.0.0.1:9" in result.err

    def test_an_unknown_custom_field_names_what_there_is(self, tmp_path: Path, serve: Serve) -> None:
        server = serve()
        write_settings(tmp_path, server.url, columns='"Size" = { custom = "Size" }')
        rows = write_csv(tmp_path, ["+14155550101,A,9"], header="Phone,First,Size")
        assert "'Plan' (ID 101)" in self.complaint(tmp_path, "import", rows)
        assert not server.sandbox.writes

    def test_a_brake(self, tmp_path: Path, serve: Serve) -> None:
        server = serve()
        write_settings(tmp_path, server.url, **{"import": "max_changes = 1"})
        result = hmpipe(tmp_path, "import", write_csv(tmp_path, GOOD), "--json")
        assert (result.code, result.json["exit_code"]) == (4, 4)
        assert "max_changes is 1" in result.err
        assert not server.sandbox.writes


def test_quiet_says_nothing_and_json_logs_are_json(tmp_path: Path, serve: Serve) -> None:
    write_settings(tmp_path, serve().url)
    rows = write_csv(tmp_path, GOOD)
    quiet = hmpipe(tmp_path, "import", rows, "--quiet")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")
    logged = hmpipe(tmp_path, "import", rows, "--quiet", "--verbose", "--log-format", "json")
    events = [json.loads(line) for line in logged.err.splitlines()]
    assert {event["event"] for event in events} == {"log"}
    assert "14155550101" not in logged.err, "no phone in a log line"


def test_output_is_plain_on_an_old_windows_console(tmp_path: Path) -> None:
    write_settings(tmp_path, "https://never.example")
    rows = write_csv(tmp_path, ["\U0001f600,Ann"])
    result = hmpipe(tmp_path, "check", rows, PYTHONIOENCODING="cp1252")
    assert result.code == 3
    assert "<U+1F600>" in result.out
    assert "\x1b" not in result.out
