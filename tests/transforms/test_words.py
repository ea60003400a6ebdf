"""Words of a cell: cases, separators, replacements."""

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.transforms.changes import change


def without_case(text: str) -> str:
    """Return a text without its case; a dotless i has a capital that is another letter's, so both ways are taken."""
    return unicodedata.normalize("NFD", text.upper()).casefold()


class TestWords:
    @pytest.mark.parametrize(
        ("step", "cell", "expected"),
        [
            ("strip", "\u00a0 a  b \t", "a  b"),
            ("collapse", " a\u00a0\u202f b \r\n\tc ", "a b c"),
            ("lower", "STRASSE \u00c9", "strasse \u00e9"),
            ("upper", "\u00e9t\u00e9", "\u00c9T\u00c9"),
            ("first_word", "John Ronald Smith", "John"),
            ("first_word", "Cher", "Cher"),
            ("last_word", "John Ronald Smith", "Smith"),
            ("last_word", " John\u00a0Smith ", "Smith"),
            ("last_word", "Cher", ""),
            ("html_unescape", "O&#039;Brien &amp; Jos&eacute;", "O'Brien & Jos\u00e9"),
            ("fix_text", "Jos\u00c3\u00a9 \u00e2\u20ac\u0153Bo\u00e2\u20ac\u009d", "Jos\u00e9 \u201cBo\u201d"),
            ("fix_text", "Andr\u00e9 \uff21\u201cx\u201d &amp;", "Andr\u00e9 \uff21\u201cx\u201d &amp;"),
        ],
    )
    def test_each_does_what_it_is_called(self, step: str, cell: str, expected: str) -> None:
        assert change(step, cell) == expected

    @pytest.mark.parametrize(
        ("cell", "expected"),
        [
            ("JOHN SMITH", "John Smith"),
            ("john smith", "John Smith"),
            ("McDonald", "McDonald"),
            ("john McDonald", "John McDonald"),
            ("John Smith III", "John Smith III"),
            ("a VIP", "A Vip"),
            ("MCDONALD", "Mcdonald"),
            ("mary-jane", "Mary-Jane"),
            ("o'neil", "O'Neil"),
            ("O\u2019NEIL", "O\u2019Neil"),
            ("dell'acqua d'angelo", "Dell'Acqua D'Angelo"),
            ("don't", "Don't"),
            ("I'LL SAY IT'S Y'ALL", "I'll Say It's Y'all"),
            ("rock'n'roll", "Rock'n'Roll"),
            ("j.r.r. tolkien", "J.R.R. Tolkien"),
            ("2ND FLOOR", "2nd Floor"),
            ("e\u0301ric zoe\u0308", "E\u0301ric Zoe\u0308"),
            ("\u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u03a3", "\u039f\u03b4\u03c5\u03c3\u03c3\u03b5\u03c5\u03c2"),
            ("\u5c71\u7530 \u592a\u90ce", "\u5c71\u7530 \u592a\u90ce"),
        ],
    )
    def test_title_gives_names_their_capitals(self, cell: str, expected: str) -> None:
        assert change("title", cell) == expected

    @given(st.text())
    def test_title_changes_nothing_but_case(self, cell: str) -> None:
        assume(cell.strip())
        assert without_case(str(change("title", cell))) == without_case(cell)
