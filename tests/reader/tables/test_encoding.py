"""Texts are read in the encoding that they are in; bytes that do not belong to it are kept and named."""

import itertools
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reader.tables import KEEP_BYTES, Dialect, ReadOptions
from tests.reader.tables.reading import read, refusal

NAMES: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("names.toml").read_text(encoding="utf-8"))

WESTERN = ["french", "german", "spanish", "swedish", "danish", "portuguese", "punctuation"]


def table_of(language: str, encoding: str, rows: int = 40) -> tuple[str, bytes]:
    """A table whose cells go through the names of a language, as text and as bytes."""
    pairs = zip(itertools.cycle(NAMES[language]), itertools.cycle(NAMES[language][::-1]), strict=False)
    lines = [
        f"{number},{name},{place},415-555-01{number % 100:02},user{number}@example.com"
        for number, (name, place) in enumerate(itertools.islice(pairs, rows))
    ]
    text = "\r\n".join(["id,name,place,phone,email", *lines, ""])
    return text, text.encode(encoding)


def text_of(data: bytes, options: ReadOptions | None = None) -> tuple[str, Dialect]:
    table = read(data, options)
    assert not table.faults
    return "".join(",".join(cells) + "\r\n" for cells in (table.headers, *table.records)), table.dialect


@pytest.mark.parametrize("rows", [40, 200, 5_000])
@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        *((language, "cp1252") for language in WESTERN),
        *((language, "cp1250") for language in ("polish", "czech", "hungarian")),
        ("turkish", "cp1254"),
        ("russian", "cp1251"),
        ("russian", "koi8-r"),
        ("greek", "cp1253"),
        ("french", "mac-roman"),
        ("german", "mac-roman"),
        ("german", "cp850"),
        ("japanese", "shift_jis"),
        ("japanese", "euc_jp"),
        ("chinese", "gb18030"),
        ("taiwanese", "big5"),
        ("french", "utf-8"),
        ("japanese", "utf-8"),
        ("chinese", "utf-16-le"),
        ("french", "utf-16-be"),
    ],
)
def test_a_text_of_some_length_is_read_as_it_was_written(language: str, encoding: str, rows: int) -> None:
    text, data = table_of(language, encoding, rows)
    got, dialect = text_of(data)
    assert got == text
    assert dialect.found_by == ("valid UTF-8" if encoding == "utf-8" else "detection")


@pytest.mark.parametrize("language", WESTERN)
def test_western_text_is_called_cp1252_however_short(language: str) -> None:
    for rows in (1, 2, 5, 100):
        assert text_of(table_of(language, "cp1252", rows)[1])[1].encoding in ("cp1252", "utf-8")


@pytest.mark.parametrize(
    ("codec", "encoding"),
    [("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("utf-32", "utf-32")],
)
def test_a_byte_order_mark_decides(codec: str, encoding: str) -> None:
    text, data = table_of("russian", codec)
    assert text_of(data) == (text, Dialect(encoding, ",", "\r\n", "", "byte order mark"))


@pytest.mark.parametrize(
    ("mark", "codec"), [(b"\xfe\xff", "utf-16-be"), (b"\xff\xfe", "utf-16-le"), (b"\0\0\xfe\xff", "utf-32-be")]
)
def test_both_byte_orders_are_read(mark: bytes, codec: str) -> None:
    text, data = table_of("emoji", codec)
    assert text_of(mark + data)[0] == text


@pytest.mark.parametrize(
    ("written", "forced", "encoding"),
    [
        ("utf-8-sig", "UTF8", "utf-8-sig"),
        ("utf-8", "utf-8", "utf-8"),
        ("utf-16", "utf-16", "utf-16"),
        ("utf-16", "utf-16-le", "utf-16-le"),
        ("utf-16-le", "utf-16", "utf-16-le"),
        ("utf-16-be", "utf-16", "utf-16-be"),
        ("utf-32-le", "utf-32", "utf-32-le"),
        ("cp037", "cp037", "cp037"),
        ("cp1252", "latin-1", "iso8859-1"),
    ],
)
def test_a_forced_encoding_is_taken_and_its_mark_is_no_part_of_the_header(
    written: str, forced: str, encoding: str
) -> None:
    text, data = table_of("french", written)
    got, dialect = text_of(data, ReadOptions(encoding=forced))
    assert (got, dialect.encoding, dialect.found_by) == (text, encoding, "setting")


def test_a_forced_encoding_takes_the_mark_of_another_off() -> None:
    table = read(b"\xef\xbb\xbfName,City\nAnn,K\xf6ln\n", ReadOptions(encoding="cp1252"))
    assert (table.headers, table.records, table.faults) == (("Name", "City"), (("Ann", "K\u00f6ln"),), {})


def test_a_mark_that_lies_costs_the_rows_that_it_lies_about() -> None:
    table = read(b"\xef\xbb\xbfName,City\nAnn,K\xf6ln\nBob,Bonn\n")
    assert table.headers == ("Name", "City")
    assert [(place, fault.code, fault.column) for place, fault in table.faults.items()] == [(0, "undecodable", 1)]
    assert read(b"\xff\xfename,city\nAnn,Bonn\n").records == (("Ann", "Bonn"),)


def test_a_first_accent_in_the_last_row_of_a_large_file_is_found(tmp_path: Path) -> None:
    path = tmp_path / "late.csv"
    plain = b"Name,Phone\n" + b"Ann,14155550100\n" * 100_000
    path.write_bytes(plain + b"Fran\xe7ois,14155550101\n")
    table = read(path)
    assert (table.dialect.encoding, table.faults) == ("cp1252", {})
    assert table.records[-1] == ("Fran\u00e7ois", "14155550101")
    # From a stream only the beginning can be looked at: the row is rejected, not guessed.
    streamed = read(plain + b"Fran\xe7ois,14155550101\n")
    assert streamed.dialect.encoding == "utf-8"
    assert [(place, fault.code) for place, fault in streamed.faults.items()] == [(100_000, "undecodable")]


def test_a_few_bad_bytes_in_utf_8_are_rejected_with_their_rows() -> None:
    data = table_of("french", "utf-8")[1] + b"x,Ren\xe9,\xff,,\r\ny,Chlo\xc3\xa9,,,\r\n"
    table = read(data)
    assert table.dialect.encoding == "utf-8"
    [(place, fault)] = table.faults.items()
    assert (place, fault.code, fault.column, fault.value) == (40, "undecodable", 1, "Ren\udce9")
    assert "not utf-8" in fault.reason
    assert "--set import.encoding=cp1252" in fault.reason
    assert table.records[41][1] == "Chlo\u00e9"


def test_bytes_without_a_meaning_in_cp1252_reject_their_row() -> None:
    table = read(b"Name,Phone\n" + "Ren\u00e9,1\n".encode("cp1252") * 80 + b"Ren\xe9\x81,2\n")
    assert (table.dialect.encoding, [fault.code for fault in table.faults.values()]) == ("cp1252", ["undecodable"])


def test_half_a_character_at_the_end_of_utf_16_is_kept() -> None:
    table = read("a,b\n1,x".encode("utf-16") + b"\x41")
    assert table.records == (("1", "x\udc41"),)
    assert table.faults[0].code == "undecodable"


@given(st.binary(max_size=40), st.sampled_from(["utf-8", "ascii", "cp1252", "cp1253", "latin-1", "mac-roman"]))
def test_bytes_that_do_not_decode_come_back_as_they_were(data: bytes, encoding: str) -> None:
    assert data.decode(encoding, KEEP_BYTES).encode(encoding, KEEP_BYTES) == data


@given(st.binary(max_size=40), st.sampled_from(["utf-16-le", "utf-16-be"]))
def test_so_do_whole_units_of_utf_16(data: bytes, encoding: str) -> None:
    even = data[: len(data) // 2 * 2]
    assert even.decode(encoding, KEEP_BYTES).encode(encoding, KEEP_BYTES) == even


@given(st.binary(max_size=40), st.sampled_from(["shift_jis", "gb18030", "big5", "euc_kr", "utf-16", "utf-32", "utf-7"]))
def test_no_bytes_stop_the_reading_or_the_writing_of_them(data: bytes, encoding: str) -> None:
    text = (b"\xff\xfe\0\0" * (encoding == "utf-32") + b"\xff\xfe" * (encoding == "utf-16") + data).decode(
        encoding, KEEP_BYTES
    )
    assert isinstance(text.encode(encoding, KEEP_BYTES), bytes)


def test_a_character_of_ours_that_an_encoding_does_not_have_is_written_escaped() -> None:
    assert "\u0141 \udce9 \ud83d".encode("cp1252", KEEP_BYTES) == b"\\u0141 \xe9 \\ud83d"


@pytest.mark.parametrize(("encoding", "word"), [("gb18030", "\u5f20\u4f1f"), ("cp932", "\u5c71\u7530\u592a\u90ce")])
def test_one_broken_line_does_not_make_another_script_of_the_file(encoding: str, word: str) -> None:
    lines = [f"41555501{number:02},{word}{number}".encode(encoding) for number in range(90)]
    table = read(b"phone,name\n" + b"\n".join([*lines, b"4155550199,\x81"]) + b"\n")
    assert table.dialect.encoding == encoding
    assert table.records[5][1] == f"{word}5"
    assert [fault.code for fault in table.faults.values()] == ["undecodable"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("word", ["\u0418\u0432\u0430\u043d", "\u5f20\u4f1f"])
def test_utf_16_without_a_mark_is_known_in_other_scripts(encoding: str, word: str) -> None:
    text = f"phone,{word}\n" + "".join(f"41555501{number:02},{word}\n" for number in range(9))
    table = read(text.encode(encoding))
    assert (table.dialect.encoding, table.headers) == (encoding, ("phone", word))


@pytest.mark.parametrize("name", ["unicode_escape", "raw_unicode_escape"])
def test_escapes_are_no_encoding_of_a_file(name: str) -> None:
    assert "no text encoding" in refusal(b"phone\n1\n", ReadOptions(encoding=name)).message
