"""Closed and full streams, and Ctrl-C at any moment: a sentence and an exit code, never a traceback."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.commands import ROOT, command, environment, write_csv, write_settings

ROWS = ["+1 415 555 0101,Ann", "12,Bob"]


def shell(folder: Path, words: str) -> subprocess.CompletedProcess[bytes]:
    line = " ".join(command("check")) + " " + words
    return subprocess.run(
        ["/bin/sh", "-c", line],
        cwd=folder,
        env=environment(folder) | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("people.csv >&-", 3, b""),
        ("people.csv 2>&-", 3, b""),
        ("- <&-", 2, b"Standard input is closed"),
        ("people.csv > /dev/full", 1, b"The output cannot be written: No space left on device"),
        ("people.csv | true", 0, b""),
    ],
)
def test_streams_that_are_closed_or_full(tmp_path: Path, words: str, code: int, said: bytes) -> None:
    write_settings(tmp_path, "https://never.example")
    write_csv(tmp_path, ROWS)
    result = shell(tmp_path, words)
    assert result.returncode == code
    assert said in result.stderr
    assert b"Traceback" not in result.stderr
    assert b"Unexpected" not in result.stderr


@pytest.mark.kill
@pytest.mark.parametrize("arguments", [("check", "people.csv", "--json"), ("init", "people.csv", "-o", "x.toml")])
@pytest.mark.parametrize("delay", [0.02, 0.3])
def test_ctrl_c_while_the_program_loads(tmp_path: Path, arguments: tuple[str, ...], delay: float) -> None:
    write_settings(tmp_path, "https://never.example")
    write_csv(tmp_path, ROWS * 200_000)
    process = subprocess.Popen(
        command(*arguments),
        cwd=tmp_path,
        env=environment(tmp_path) | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    started = Path(f"/proc/{process.pid}/maps")
    while process.poll() is None and started.exists() and b"site-packages" not in started.read_bytes():
        # The interpreter itself is still loading; before our first line nothing of ours can answer.
        time.sleep(0.005)
    time.sleep(delay)
    os.killpg(process.pid, signal.SIGINT)
    output, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Error: Stopped" in error
    assert b"Traceback" not in error
    if "--json" in arguments:
        assert json.loads(output.splitlines()[-1])["exit_code"] == 130
