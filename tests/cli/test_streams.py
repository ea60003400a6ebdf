"""Closed and full streams, and Ctrl-C at any moment: a sentence and an exit code, never a traceback."""

import contextlib
import json
import os
import signal
import subprocess
import sys
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


LOADING = """
import sys

loading = sys.argv[1]

class CtrlC:
    def find_spec(self, name, path, target=None):
        if name == loading:
            raise KeyboardInterrupt

sys.meta_path.insert(0, CtrlC())
sys.argv = ["hmpipe", "check", "people.csv", "--json"]
from pipeline.__main__ import main
main()
"""


@pytest.mark.parametrize("loading", ["pipeline.cli._main", "pipeline.cli._check", "pipeline.jobs.check"])
def test_ctrl_c_while_the_program_loads(tmp_path: Path, loading: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADING, loading],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 130
    assert done.stderr == b"Error: Stopped before anything was done.\n"
    assert json.loads(done.stdout) == {"exit_code": 130, "error": "Stopped before anything was done."}


def _has_own_session(children: str) -> bool:
    return any(os.getsid(int(child)) == int(child) for child in children.split())


def test_ctrl_c_reaches_also_the_process_that_reads_ahead(tmp_path: Path) -> None:
    write_settings(tmp_path, "https://never.example")
    write_csv(tmp_path, ["+1 415 555 0101,Ann" + " " * 300] * 400_000)
    code, output, error = 0, b"", b""
    # On a busy machine it may be done before the signal comes; then there was nothing to stop.
    for _ in range(5):
        process = subprocess.Popen(
            command("check", "people.csv", "--json"),
            cwd=tmp_path,
            env=environment(tmp_path) | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        while process.poll() is None and not _has_own_session(children.read_text()):
            time.sleep(0.005)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        output, error = process.communicate(timeout=60)
        code = process.returncode
        if code:
            break
    assert code == 130, error
    assert b"Error: Stopped." in error
    assert json.loads(output.splitlines()[-1])["exit_code"] == 130
