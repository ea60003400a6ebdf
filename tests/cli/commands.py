"""Runs the real command in a process of its own, as a script would."""

import json
import multiprocessing
import os
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pipeline.sandbox import SECRET_ID, SECRET_KEY
from tests.rights import as_anybody

ROOT = Path(__file__).parent.parent.parent
GOOD = ["+1 415 555 0101,Ann", "+1 415 555 0102,Bob"]
"""Rows that are imported as they are."""


@dataclass(frozen=True)
class Result:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The object on the last line of stdout."""
        found = json.loads(self.out.splitlines()[-1])
        assert isinstance(found, dict)
        return found


def environment(folder: Path, **extra: str) -> dict[str, str]:
    """An environment with the sandbox's key and a state folder of the test's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HEYMARKET_", "HMPIPE_"))}
    known = {
        "HEYMARKET_SECRET_ID": SECRET_ID,
        "HEYMARKET_SECRET_KEY": SECRET_KEY,
        "XDG_STATE_HOME": str(folder / "state"),
    }
    return kept | known | {"PYTHONWARNINGS": "error"} | extra


def command(*arguments: str | Path) -> list[str]:
    """The command line of `hmpipe` with these arguments."""
    return [sys.executable, "-m", "pipeline", *map(str, arguments)]


class Running:
    """`hmpipe` at work in `folder`, in a process of its own that does not outlive the `with` block.

    It is forked from one that has the program loaded, which takes milliseconds; started anew it takes a second.
    """

    def __init__(self, folder: Path, *arguments: str | Path, stdin: bytes = b"", **extra: str) -> None:
        self._words = tempfile.TemporaryDirectory()
        given, self._out, self._err = (Path(self._words.name) / stream for stream in ("in", "out", "err"))
        given.write_bytes(stdin)
        known = environment(folder, **extra) | {"PYTHONPATH": str(ROOT)}
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["tests.cli.commands", "tests.cli.preloaded"])
        self._process = context.Process(
            target=_run, args=(folder, [*map(str, arguments)], known, (given, self._out, self._err))
        )
        self._process.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.is_alive():
            self._process.kill()
            self._process.join()
        self._words.cleanup()

    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self._process.is_alive()

    def wait_until(self, condition: Callable[[], bool], seconds: float = 30) -> None:
        """Wait until the condition holds, the command has ended, or so many seconds are over."""
        deadline = time.monotonic() + seconds
        while not condition() and self.is_alive() and time.monotonic() < deadline:
            time.sleep(0.002)

    def send(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.is_alive():
            os.kill(self._process.pid or 0, number)

    def end(self, seconds: float = 50) -> Result:
        """Wait for its end.

        Raises TimeoutError when it does not come.
        """
        self._process.join(seconds)
        if self.is_alive():
            raise TimeoutError(f"the command did not end within {seconds} s")
        return Result(self._process.exitcode or 0, self._out.read_bytes().decode(), self._err.read_bytes().decode())


def hmpipe(folder: Path, *arguments: str | Path, stdin: bytes = b"", **extra: str) -> Result:
    """Run `hmpipe` in `folder` to its end."""
    with Running(folder, *arguments, stdin=stdin, **extra) as running:
        result = running.end()
    assert "Traceback" not in result.out + result.err, result.err
    return result


def kill_when(
    condition: Callable[[], bool], folder: Path, *arguments: str | Path, number: int = signal.SIGKILL, **extra: str
) -> Result:
    """Run `hmpipe` in `folder` until the condition holds, and send it a signal, unless it has ended before."""
    with Running(folder, *arguments, stdin=b"", **extra) as running:
        running.wait_until(condition)
        running.send(number)
        return running.end()


def _run(folder: Path, arguments: list[str], known: dict[str, str], streams: tuple[Path, Path, Path]) -> None:
    """The process of one call: the real command between files."""
    from pipeline.__main__ import main  # noqa: PLC0415 - in the process that runs it

    os.chdir(folder)
    os.environ.clear()
    os.environ.update(known)
    warnings.simplefilter("error")
    for number, path in enumerate(streams):
        os.dup2(os.open(path, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT, 0o600), number)
    encoding = known.get("PYTHONIOENCODING", "utf-8")
    sys.stdin = open(0, encoding=encoding, closefd=False)  # noqa: SIM115 - it is a number
    sys.stdout, sys.stderr = (open(number, "w", encoding=encoding, closefd=False) for number in (1, 2))  # noqa: SIM115
    sys.argv = ["hmpipe", *arguments]
    with as_anybody():
        main()


def write_settings(folder: Path, url: str, *, columns: str = "", **sections: str) -> Path:
    """Write a settings file for the sandbox at `url`; `sections` are lines of further sections."""
    path = folder / "hmpipe.toml"
    limits = sections.pop("limits", "requests_per_minute = 0")
    lines = [f'[account]\nbase_url = "{url}"', f"[limits]\n{limits}"]
    lines += [f"[{name}]\n{text}" for name, text in sections.items()]
    lines.append('[import.columns]\n"Phone" = "phone"\n"First" = "first"\n' + columns)
    path.write_text("\n".join(lines) + "\n")
    return path


def write_csv(folder: Path, rows: list[str], name: str = "people.csv", header: str = "Phone,First") -> Path:
    """Write a CSV file of these rows."""
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path
