"""Progress fits where it is shown: a bar on a terminal, lines elsewhere, JSON for machines, nothing when quiet."""

import io
import json
import os
import pty
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from pipeline.cli._progress import LINE_SECONDS, BarProgress, LineProgress, SilentProgress, open_progress


@dataclass
class Clock:
    """A clock that goes when it is told to."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Terminal:
    """A real pseudo-terminal: what is written to `stream` is what a person's terminal would get."""

    reading: int
    stream: io.TextIOWrapper
    seen: bytes = field(default=b"")

    def read(self) -> str:
        os.set_blocking(self.reading, False)
        while True:
            try:
                self.seen += os.read(self.reading, 65536)
            except BlockingIOError:
                return self.seen.decode("ascii")


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    reading, writing = pty.openpty()
    # The code page of a plain Windows console: the characters of the usual bars are not in it.
    with open(writing, "w", encoding="cp1252") as stream:  # noqa: PTH123 - a descriptor, not a path
        yield Terminal(reading, stream)
    os.close(reading)


def lines(clock: Clock) -> tuple[LineProgress, list[str]]:
    written: list[str] = []
    return LineProgress(written.append, clock), written


def test_quiet_says_nothing_at_all() -> None:
    stream = io.StringIO()
    progress = open_progress(stream, quiet=True, log_format="json")
    assert type(progress) is SilentProgress
    progress.stage("reading", 5)
    progress.advance(5)
    progress.say("Something.")
    progress.close()
    assert stream.getvalue() == ""


def test_a_line_comes_when_it_is_time_and_not_before() -> None:
    clock = Clock()
    progress, written = lines(clock)
    progress.stage("importing", 20_000)
    clock.now += LINE_SECONDS - 0.1
    progress.advance(1_000)
    assert written == []
    clock.now += 0.1
    progress.advance(500)
    progress.advance(500)
    clock.now += LINE_SECONDS
    progress.advance(1)
    assert written == ["importing: 1,500 of 20,000", "importing: 2,001 of 20,000"]


def test_a_new_stage_begins_from_nothing_and_may_have_no_known_end() -> None:
    clock = Clock()
    progress, written = lines(clock)
    progress.stage("reading", 10)
    progress.advance(10)
    progress.stage("exporting", None)
    clock.now += LINE_SECONDS
    progress.advance(1_234)
    assert written == ["exporting: 1,234"]


def test_what_is_said_is_said_at_once() -> None:
    progress, written = lines(Clock())
    progress.say("Continuing run [1].")
    progress.close()
    assert written == ["Continuing run [1]."]


def test_a_pipe_gets_plain_lines() -> None:
    stream = io.StringIO()
    progress = open_progress(stream, quiet=False, log_format="text")
    assert isinstance(progress, LineProgress)
    progress.say("Continuing.")
    assert stream.getvalue() == "Continuing.\n"


def test_machines_get_one_json_object_a_line_even_on_a_terminal(terminal: Terminal) -> None:
    progress = open_progress(terminal.stream, quiet=False, log_format="json")
    progress.say("Caf\u00e9 [b]")
    text = terminal.read()
    assert json.loads(text) == {"event": "progress", "message": "Caf\u00e9 [b]"}
    assert text.isascii()
    assert text.count("\n") == 1


def test_a_terminal_gets_a_bar_of_plain_characters_that_vanishes(terminal: Terminal) -> None:
    progress = open_progress(terminal.stream, quiet=False, log_format="text")
    assert isinstance(progress, BarProgress)
    progress.stage("importing", 200)
    progress.advance(150)
    progress.say("Waiting for the service [429].")
    progress._display.refresh()
    text = terminal.read()
    assert "importing" in text
    assert "150/200" in text
    assert "Waiting for the service [429]." in text
    assert "----" in text
    progress.close()
    # Up one line and erase it: nothing of the bar stays behind.
    assert terminal.read()[len(text) :].endswith("\x1b[1A\x1b[2K")


def test_a_bar_without_a_known_end_counts_on(terminal: Terminal) -> None:
    progress = open_progress(terminal.stream, quiet=False, log_format="text")
    progress.stage("exporting", None)
    progress.advance(42)
    progress.close()
    assert "42/?" in terminal.read()
    assert "starting" not in terminal.read().rsplit("exporting", 1)[-1]
