"""What a person sees and answers at a real terminal."""

import os
import pty
import re
import subprocess
import termios
import textwrap
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli._output import wrapped
from tests.cli.commands import command, environment, hmpipe

PEOPLE = """\
Phone,Country,SMS Opt In
(415) 736-0132,US,yes
4157360133,,
+44 20 7946 0018,GB,no
4157360135,,yes
"""


class Terminal:
    """A command at a pseudo-terminal of 80 columns."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self._reading, writing = pty.openpty()
        termios.tcsetwinsize(writing, (40, 80))
        root = str(Path(__file__).parent.parent.parent)
        known = environment(folder, PYTHONPATH=root, TERM="dumb") | {"COLUMNS": "80"}
        self._process = subprocess.Popen(
            command(*arguments), cwd=folder, env=known, stdin=writing, stdout=writing, stderr=writing
        )
        os.close(writing)
        self.shown = ""

    def answer(self, question: str, text: str) -> None:
        """Wait for a question, and answer it."""
        # What is typed before the blank behind the question would stand in front of it.
        while f"{question} " not in self._read():
            pass
        self.shown = self.shown.replace(f"{question} ", "(asked) ", 1)
        os.write(self._reading, f"{text}\n".encode())

    def end(self) -> int:
        """Read to the end and return the exit code."""
        while self._read(at_end="\0") != "\0":
            pass
        os.close(self._reading)
        return self._process.wait()

    def _read(self, at_end: str = "") -> str:
        try:
            part = os.read(self._reading, 65536)
        except OSError:
            part = b""
        if not part:
            if at_end:
                return at_end
            raise AssertionError(f"it ended without asking: {self.shown}")
        # A read may end between the two.
        self.shown = (self.shown + part.decode()).replace("\r\n", "\n")
        return self.shown


def test_init_asks_what_nothing_in_the_file_says_and_writes_the_answers(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(PEOPLE)
    terminal = Terminal(tmp_path, "init", "a.csv")
    terminal.answer("Which country are they of (US, Germany, ...; blank rejects them)?", "Utopia")
    terminal.answer("Which country are they of (US, Germany, ...; blank rejects them)?", "United States")
    terminal.answer("Which one?", "9")
    terminal.answer("Which one?", "1")
    assert terminal.end() == 0
    assert "'Country' is blank beside them" in terminal.shown
    assert "'Utopia' is no country that is known" in terminal.shown
    assert max(map(len, terminal.shown.split("\n"))) <= 80
    imports = tomllib.loads((tmp_path / "hmpipe.toml").read_text())["import"]
    assert (imports["default_region"], imports["consent_question"]) == ("US", [])
    assert imports["columns"]["SMS Opt In"]["map"][""] == "yes"
    checked = hmpipe(tmp_path, "check", "a.csv", "--json")
    assert (checked.code, checked.json["accepted"], checked.json["opted_out"]) == (0, 4, 2)


def test_what_nobody_answers_stays_a_question(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(PEOPLE)
    terminal = Terminal(tmp_path, "init", "a.csv", "--region", "US")
    terminal.answer("Which one?", "")
    assert terminal.end() == 0
    assert "LOOK AT THIS FIRST: 'SMS Opt In'" in terminal.shown
    assert tomllib.loads((tmp_path / "hmpipe.toml").read_text())["import"]["consent_question"] == ["SMS Opt In"]
    assert hmpipe(tmp_path, "import", "a.csv").code == 2


WORDS = st.lists(st.text("abcdef()[]'.,;-", min_size=1, max_size=60), min_size=1, max_size=40)


@given(WORDS, st.sampled_from(("", "  ", "    ", "        139 ", "  1,024 ")), st.integers(40, 200))
def test_law_lines_break_between_words_and_lose_none(words: list[str], front: str, width: int) -> None:
    line = front + " ".join(words)
    shown = wrapped(line, width).split("\n")
    assert " ".join(shown).split() == line.split()
    assert shown[0].startswith(front)
    assert all(len(part) <= width or len(part.split()) <= 2 for part in shown)


@pytest.mark.parametrize(
    "line", ['    "Mobile" = { to = "is_opted_out", map = { Yes = "no" } }   # ' + "x " * 60, "short"]
)
def test_what_a_person_copies_stays_one_line(line: str) -> None:
    assert wrapped(line, 60) == line


def test_lines_of_their_own_stay_apart() -> None:
    text = "\n".join(["x " * 50, "", "  y"])
    assert re.sub(r"\s+", " ", wrapped(text, 60)) == re.sub(r"\s+", " ", text)
    assert wrapped(text, 60).split("\n")[-2:] == ["", "  y"]
    assert wrapped("x " * 50, 60) == textwrap.fill("x " * 50, 60, subsequent_indent="  ")
