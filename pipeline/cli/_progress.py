"""Progress for people: a bar on a terminal, a line every few seconds elsewhere, JSON lines for machines, or nothing."""

import json
import time
from collections.abc import Callable
from typing import TextIO

from pipeline.libraries import rich
from pipeline.showing import encodable, visible

LINE_SECONDS = 5.0
"""Seconds between two lines where there is no terminal."""


class SilentProgress:
    """Says nothing."""

    def stage(self, name: str, total: int | None) -> None:
        """See signals.Progress."""

    def advance(self, steps: int) -> None:
        """See signals.Progress."""

    def say(self, line: str) -> None:
        """See signals.Progress."""

    def close(self) -> None:
        """End the display."""


class BarProgress(SilentProgress):
    """A bar on a terminal; it vanishes at the end, so that the summary stands alone."""

    def __init__(self, console: "rich.console.Console") -> None:
        self._console = console
        # Plain characters only: a console of code page 1252 cannot draw the usual ones.
        columns = (
            rich.progress.TextColumn("{task.description:<10}"),
            rich.progress.BarColumn(bar_width=30),
            rich.progress.MofNCompleteColumn(),
            rich.progress.TimeElapsedColumn(),
            rich.progress.TimeRemainingColumn(),
        )
        self._display = rich.progress.Progress(*columns, console=console, transient=True)
        self._task = self._display.add_task("starting", total=None)
        self._display.start()

    def stage(self, name: str, total: int | None) -> None:
        """Show a new stage."""
        self._display.remove_task(self._task)
        self._task = self._display.add_task(name, total=total)

    def advance(self, steps: int) -> None:
        """Move the bar."""
        self._display.advance(self._task, steps)

    def say(self, line: str) -> None:
        """Print a line above the bar."""
        self._console.print(encodable(visible(line), self._console.encoding), markup=False, highlight=False)

    def close(self) -> None:
        """Take the bar away."""
        self._display.stop()


class LineProgress(SilentProgress):
    """A line at most every few seconds, for logs, pipes and cron."""

    def __init__(self, write: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._write = write
        self._clock = clock
        self._name = ""
        self._total: int | None = None
        self._done = 0
        self._last = clock()

    def stage(self, name: str, total: int | None) -> None:
        """Begin a stage; it is named when it takes long enough for a line."""
        self._name, self._total, self._done = name, total, 0

    def advance(self, steps: int) -> None:
        """Count, and write a line when it is time."""
        self._done += steps
        now = self._clock()
        if now - self._last >= LINE_SECONDS:
            self._last = now
            of = f" of {self._total:,}" if self._total is not None else ""
            self._write(f"{self._name}: {self._done:,}{of}")

    def say(self, line: str) -> None:
        """Write a line now."""
        self._write(line)


def open_progress(stream: TextIO, *, quiet: bool, log_format: str) -> SilentProgress:
    """Return the progress that fits this stream: bars only on a terminal."""
    if quiet:
        return SilentProgress()
    if log_format == "json":
        return LineProgress(lambda line: _write(stream, json.dumps({"event": "progress", "message": line})))
    if stream.isatty():
        return BarProgress(rich.console.Console(file=stream, safe_box=True))
    return LineProgress(lambda line: _write(stream, line))


def _write(stream: TextIO, line: str) -> None:
    stream.write(encodable(visible(line), stream.encoding or "utf-8") + "\n")
    stream.flush()
