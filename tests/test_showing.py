"""What comes from outside and is shown: never a control character, never a Python escape."""

import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli._output import say
from pipeline.models._outcomes import OutcomeKind
from pipeline.report._text import reason_lines
from pipeline.results import Example
from pipeline.showing import encodable, quoted, visible, visible_line
from tests.tables import take_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "<ESC>[2J"),
        ("\x1b]0;PWNED\x07", "<ESC>]0;PWNED<BEL>"),
        ("\u202eab", "<U+202E>ab"),
        ("a\x9bb", "a<U+009B>b"),
        ("a\u200bb\ufeff", "a<U+200B>b<U+FEFF>"),
        ("a\udce9", "a<U+DCE9>"),
        ("\U0001f600 Jos\u00e9 \u65e5", "\U0001f600 Jos\u00e9 \u65e5"),
        ("it's\r\nso\\", "it's<CR>\nso\\"),
    ],
)
def test_what_cannot_be_printed_is_named(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_law_what_is_shown_moves_no_terminal(text: str) -> None:
    shown = visible_line(text)
    assert not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in shown)
    assert not any(
        unicodedata.bidirectional(char) in ("RLO", "LRO", "RLE", "LRE", "RLI", "LRI", "FSI") for char in shown
    )
    assert visible_line(shown) == shown


@given(st.text(), st.sampled_from(["cp1252", "ascii", "utf-8", "cp437", "cp932"]))
def test_law_every_console_shows_every_text(text: str, encoding: str) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
    say(text, stream)
    assert "\x1b" not in raw.getvalue().decode(encoding)


def test_a_console_without_a_letter_shows_its_number_or_the_letter_without_its_accent() -> None:
    assert encodable("\U0001f600 \u0141uk \u010cech", "cp1252") == "<U+1F600> <U+0141>uk Cech"


def test_a_quoted_text_is_one_line() -> None:
    assert quoted("a\n\x1bb") == "'a<LF><ESC>b'"


HOSTILE = (
    "Mobile,First,Opt Out,\x1b]0;PWNED\x07Evil\x1b[2J\n"
    "\x1b[2J\x1b[H\x1b]0;pwned\x07notaphone,Ada,no,x\n"
    "4155550132,B\x1b[31mred,\x1b]52;c;cm0gLXJmIH4K\x07,x\n"
    "4155550133,\u009b31mC1,perhaps\u009b2J\u202e,x\n"
)


def test_hostile_cells_are_shown_with_visible_escapes() -> None:
    journal, taken = take_text(
        HOSTILE, columns={"Mobile": "phone", "First": "first", "Opt Out": "is_opted_out"}, encoding="utf-8"
    )
    rows = list(journal.outcomes.rows(OutcomeKind.REJECTED))
    examples = [Example(row.line, row.code, row.column, row.value, row.reason) for row in rows]
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="utf-8")
    say("\n".join([*reason_lines(taken.census.codes, {}, examples, {}), *taken.files[0].columns.headers]), stream)
    shown = raw.getvalue().decode()
    assert "<ESC>]52;c;cm0gLXJmIH4K<BEL>" in shown
    assert "perhaps<U+009B>2J<U+202E>" in shown
    assert "\\x" not in shown
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(shown)
