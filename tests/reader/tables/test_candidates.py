"""A few bytes beyond ASCII are read as they were written, or what they may be is said with the words concerned."""

import codecs
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reader.tables._candidates import judge_few
from tests.reader.tables.reading import read

NAMES: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("names.toml").read_text(encoding="utf-8"))

_WEST = ("cp1252", "mac-roman", "cp850", "cp437")
WRITTEN = {
    **dict.fromkeys(("french", "german", "spanish", "portuguese", "swedish", "danish"), _WEST),
    "punctuation": ("cp1252",),
    "polish": ("cp1250",),
    "czech": ("cp1250", "cp852"),
    "hungarian": ("cp1250",),
    "turkish": ("cp1254",),
    "latvian": ("cp1257",),
    "lithuanian": ("cp1257",),
    "russian": ("cp1251", "koi8-r", "cp866"),
    "greek": ("cp1253",),
    "japanese": ("cp932", "euc_jp"),
    "chinese": ("gb18030",),
    "taiwanese": ("big5",),
}
"""Languages, and the encodings of one byte or two that their files come in."""

PAIRS = [(language, encoding) for language, encodings in WRITTEN.items() for encoding in encodings]


def can_write(text: str, encoding: str) -> bool:
    return codecs.encode(text, encoding, "replace").decode(encoding) == text


def high_bytes(data: bytes) -> int:
    return sum(byte > 127 for byte in data)


@st.composite
def short_files(draw: st.DrawFn) -> tuple[str, str]:
    """A text with a few names of one language, and the encoding that it is written in."""
    language, encoding = draw(st.sampled_from(PAIRS))
    names = draw(st.lists(st.sampled_from(NAMES[language]), min_size=1, max_size=6))
    rows = [f"{name},415555{number:04}" for number, name in enumerate(names) if can_write(name, encoding)]
    return "Name,Phone\n" + "\n".join(rows) + "\n", encoding


@given(short_files())
def test_few_bytes_are_read_as_they_were_written_or_the_choice_is_said(written: tuple[str, str]) -> None:
    text, encoding = written
    data = text.encode(encoding)
    if not 1 <= high_bytes(data) < 64:
        return
    table = read(data)
    got = [table.headers, *table.records]
    expected = [tuple(line.split(",")) for line in text.splitlines()]
    assert got == expected or table.dialect.remarks
    if got != expected:
        assert 'import.encoding = "' in table.dialect.remarks[0]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("\u0141ukasz,W\u00f3jcik\nJi\u0159\u00ed,Dvo\u0159\u00e1k\nZolt\u00e1n,Erd\u0151s\n", "cp1250"),
        ("\u0141ukasz,\u017bak\nEwa,\u015aliwa\nAgnieszka,D\u0105browska\n", "cp1250"),
        (
            "\u0418\u0432\u0430\u043d,\u041f\u0435\u0442\u0440\u043e\u0432\n\u0410\u043d\u043d\u0430,\u0418\u0432\u0430\u043d\u043e\u0432\u0430\n",
            "cp1251",
        ),
        ("Ay\u015fe,Y\u0131lmaz\n\u0130brahim,\u00c7a\u011flar\n", "cp1254"),
        ("J\u0101nis,B\u0113rzi\u0146\u0161\n", "cp1257"),
        ("Jos\u00e9,Pe\u00f1a\nZo\u00eb,M\u00fcller\nJ\u00fcrgen,Wei\u00df\n", "cp437"),
        ("Jos\u00e9,Pe\u00f1a\nZo\u00eb,M\u00fcller\nRen\u00e9e,C\u00f4t\u00e9\n", "cp850"),
        ("Jos\u00e9,Pe\u00f1a\nZo\u00eb,M\u00fcller\nRen\u00e9e,C\u00f4t\u00e9\n", "mac-roman"),
        ("\u4f1f,\u738b\n\u82b3,\u674e\n", "gb18030"),
        ("\u592a\u90ce,\u5c71\u7530\n\u82b1\u5b50,\u9234\u6728\n", "cp932"),
        ("Ren\u00e9,O\u2019Neil\n", "cp1252"),
    ],
)
def test_these_are_certain(text: str, encoding: str) -> None:
    found, remark = judge_few(text.encode(encoding))
    assert (text.encode(encoding).decode(found), remark) == (text, "")


def test_the_commonest_encoding_is_seldom_doubted() -> None:
    names = [name for language in ("french", "german", "spanish", "portuguese", "danish") for name in NAMES[language]]
    doubted = [name for name in names if judge_few(name.encode("cp1252"))[1]]
    assert len(doubted) <= len(names) // 10


def test_a_doubt_names_the_words_and_what_they_may_be() -> None:
    remark = judge_few("N\u00eemes,1\n".encode("mac-roman"))[1]
    assert '"N\u00eemes" (mac-roman)' in remark
    assert '"N\u00f6mes" (cp850)' in remark


@given(st.binary(max_size=80))
def test_no_bytes_become_control_characters_unseen(data: bytes) -> None:
    found, _ = judge_few(data)
    assert found not in ("latin-1", "iso8859-1")
    assert isinstance(data.decode(found, "replace"), str)
