"""What comes from outside and is shown: never a control character, never a Python escape."""

import ast
import io
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pipeline.cli._output import say
from pipeline.models._outcomes import OutcomeKind
from pipeline.report._text import reason_lines
from pipeline.results import Example
from pipeline.settings import ImportSettings
from pipeline.settings._explain import explain
from pipeline.showing import encodable, quoted, visible, visible_line, words_of
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
    "4155550133,C1,perhaps\u009b2J\u202e,x\n"
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


PROGRAM = Path(__file__).parent.parent / "pipeline"
FOR_MACHINES = {
    "jobs/_attempt.py": "a hash",
    "reversal/_list.py": "a hash",
    "runs/journal/_input.py": "a hash",
    "reader/_toml.py": "a number in a settings file",
    "reader/tables/_number_formats.py": "a number",
    "reader/tables/_kept.py": "bytes as they were, into a file",
    "runs/journal/_file.py": "a JSON escape, read back as what it was",
}
"""Modules that take a value as Python writes it, and what for."""


_MARKS = ("%r", "!r}", "backslashreplace", "unicode_escape")


def python_texts(tree: ast.AST) -> Iterator[int]:
    """Yield the lines on which a value is written as Python writes it: `!r`, `%r`, repr, ascii, backslash escapes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue) and node.conversion in (ord("r"), ord("a")):
            yield node.lineno
        if isinstance(node, ast.Name) and node.id in ("repr", "ascii"):
            yield node.lineno
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and any(mark in node.value for mark in _MARKS)
        ):
            yield node.lineno


def test_no_text_holds_a_value_as_python_writes_it() -> None:
    found = {
        path.relative_to(PROGRAM).as_posix()
        for path in PROGRAM.rglob("*.py")
        if list(python_texts(ast.parse(path.read_text(encoding="utf-8"))))
    }
    assert found == set(FOR_MACHINES)


ODD = st.text(alphabet="\x1b\u202e\x07\x85\ud800a%Y->|[](){}=,'", min_size=1, max_size=12)


@given(ODD)
def test_law_an_error_in_the_settings_shows_what_is_wrong_without_escapes(text: str) -> None:
    columns: list[object] = [
        {"to": "first", "transform": step} for step in ({"date": text}, {"regex": "(?P<\x1b" + text})
    ]
    columns += [{"to": "first", "transform": [text, {"split": 1}]}, text, [text], {text: text}]
    for column in columns:
        with pytest.raises(ValidationError) as raised:
            ImportSettings.model_validate({"columns": {"Phone": "phone", text: column}})
        shown = str(explain(raised.value, Path("hmpipe.toml"), "", {}))
        assert "\\x" not in shown
        assert "\\u" not in shown


@given(ODD)
def test_law_words_of_a_library_are_shown_without_escapes(text: str) -> None:
    shown = words_of(ValueError(f"unexpected {text!r}"))
    assert shown == visible_line(shown)
    assert "\\x" not in shown
    assert "\\u" not in shown
    assert quoted([text, {text: 1}]) == f"['{visible_line(text)}', {{ '{visible_line(text)}' = 1 }}]"
