"""What the command line prints, and what it asks."""

import os
import re
import shutil
import sys
import textwrap
from typing import TextIO

import typer

from pipeline.errors import StorageFailed, UsageProblem
from pipeline.showing import encodable, visible


def say(text: str, stream: TextIO | None) -> None:
    """Print a text; what cannot be printed, or not on this console, shows as `<ESC>` or `<U+1F600>`.

    A stream that was closed before we began is no fault. Raises StorageFailed where what it leads to takes nothing.
    """
    if stream is None:
        return
    shown = encodable(visible(text), stream.encoding or "utf-8")
    try:
        stream.write((wrapped(shown, _columns()) if stream.isatty() else shown) + "\n")
        stream.flush()
    except BrokenPipeError:
        # Whoever read it has gone; what was done is done. Python would complain at its end, so it writes to nobody.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except OSError as error:
        raise StorageFailed(
            f"The output cannot be written: {error.strerror}. What was done is done.",
            advice="Make room where the output goes; 'hmpipe runs list' shows what an import did.",
        ) from error


_COUNT = re.compile(r" *[\d,]+ ")
"""What stands before the text of a line that counts something."""

_KEPT = re.compile(r' *"')
"""How the lines begin that a person copies: they are left whole."""

_NARROWEST = 40


def _columns() -> int:
    return max(shutil.get_terminal_size().columns, _NARROWEST)


def wrapped(text: str, width: int) -> str:
    """Return a text with its lines broken between words where the terminal ends, each part below the first one's."""
    return "\n".join(
        line if len(line) <= width or _KEPT.match(line) else _folded(line, width) for line in text.split("\n")
    )


def _folded(line: str, width: int) -> str:
    count = _COUNT.match(line)
    begin = len(count[0]) if count else len(line) - len(line.lstrip())
    return textwrap.fill(
        line[begin:],
        width,
        initial_indent=line[:begin],
        subsequent_indent=" " * (begin if count else begin + 2),
        break_long_words=False,
        break_on_hyphens=False,
    )


def complain(text: str) -> None:
    """Print what went wrong."""
    say(f"Error: {text}", sys.stderr)


def can_ask() -> bool:
    """Whether there is a person at a terminal, who sees what is shown and can answer."""
    return all(stream and stream.isatty() for stream in (sys.stdin, sys.stderr))


def ask(shown: str, question: str, otherwise: str) -> None:
    """Show what would be done and ask, on stderr. Raises UsageProblem, which says `otherwise`, without a yes."""
    say(shown, sys.stderr)
    if not typer.confirm(visible(question), err=True):
        raise UsageProblem(f"Not confirmed; {otherwise}.")
