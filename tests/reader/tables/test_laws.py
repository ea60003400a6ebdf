"""Laws that hold for any bytes: each record is accounted for, in order, and nothing is lost."""

import codecs
import csv
import io
import re
from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.reader.tables import KEEP_BYTES, ReadOptions
from tests.reader.tables.reading import Read, read
from tests.shared_data import shared_file

EXACT = ("utf-8", "utf-8-sig", "cp1252", "latin-1", "cp1250", "cp1251", "mac-roman", "cp1253")
"""Encodings in which every text has only one writing."""

SCRAPS = [b"a", b"1", b",", b'"', b"\r", b"\n", b"\xff", b"\xc3\xa9", b"\xe9", b"\x00", b";", b"#", b" "]
MARKS = [b"", b"", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE]
SCRAPPY = st.lists(st.sampled_from([*SCRAPS, *MARKS]), max_size=60).map(b"".join)
ANY_BYTES = st.builds(bytes.__add__, st.sampled_from(MARKS), st.binary(max_size=300) | SCRAPPY)

OPTIONS = st.builds(
    ReadOptions,
    header=st.sampled_from(["auto", "none", 1, 2]),
    chunk_rows=st.integers(1, 4),
    delimiter=st.sampled_from(["auto", "auto", ";", "a"]),
    encoding=st.sampled_from(["auto", "auto", "utf-8", "cp1252", "utf-16", "shift_jis"]),
)


def records_of(text: str, delimiter: str) -> list[tuple[int, int, list[str]]]:
    """What the csv module alone reads, with the lines from and to."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    found, end = [], 0
    for cells in reader:
        found.append((end + 1, reader.line_num, cells))
        end = reader.line_num
    return found


def read_or_error(data: bytes, options: ReadOptions) -> Read | InputError:
    """What becomes of bytes; anything else than these two fails the test."""
    try:
        return read(data, options)
    except InputError as error:
        return error


def check(data: bytes, table: Read | InputError) -> None:
    """Every record of the text is the header, a line above it, blank, or a row."""
    if isinstance(table, InputError):
        assert table.advice
        return
    encoding = table.dialect.encoding
    if not encoding.startswith("utf"):
        # A forced encoding that knows no marks.
        data = data.removeprefix(codecs.BOM_UTF8)
    whole = data.decode(encoding, KEEP_BYTES)
    text = re.sub("[\x1a\ufeff][\x1a\ufeff\r\n]*\\Z", "", whole)
    if table.dialect.remarks:
        # It is quoted in another way than the csv module alone reads.
        return
    expected = [
        (start, end, tuple(cells))
        for start, end, cells in records_of(text, table.dialect.delimiter)
        if start > table.header_line and cells and not (len(cells) == 1 < len(table.headers) and not cells[0].strip())
    ]
    if table.header_line == 0 and table.preamble_lines:
        expected = expected[1:]
    got = [(start, end, cells) for (start, end), cells in zip(table.spans, table.records, strict=True)]
    assert got == expected
    assert all(
        last < start <= end for (_, last), (start, end) in zip([(0, 0), *table.spans], table.spans, strict=False)
    )
    kept = {place for place, cells in enumerate(table.records) if re.search("[\ud800-\udfff]", "".join(cells))}
    assert kept == {place for place, fault in table.faults.items() if fault.code == "undecodable"}
    if encoding in EXACT:
        assert whole.encode(encoding, KEEP_BYTES) == data


@settings(max_examples=400)
@given(ANY_BYTES, OPTIONS)
def test_any_bytes_give_rows_or_an_input_error(data: bytes, options: ReadOptions) -> None:
    check(data, read_or_error(data, options))


@st.composite
def mutations(draw: st.DrawFn) -> list[tuple[str, float, bytes]]:
    """Some places of a file, and what happens there."""
    step = st.tuples(
        st.sampled_from(["put", "cut", "change"]), st.floats(0, 1), st.sampled_from(SCRAPS) | st.binary(max_size=3)
    )
    return draw(st.lists(step, min_size=1, max_size=6))


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 29), mutations(), st.sampled_from(["auto", "none"]))
def test_real_files_with_flipped_lost_and_added_bytes(
    number: int, steps: list[tuple[str, float, bytes]], header: str
) -> None:
    folder = shared_file("")
    files = sorted(folder.glob("a_*.csv"))
    data = bytearray(files[number % len(files)].read_bytes()[:40_000])
    for step, where, piece in steps:
        place = int(where * len(data))
        data[place : place + (0 if step == "put" else len(piece))] = b"" if step == "cut" else piece
    check(bytes(data), read_or_error(bytes(data), ReadOptions(header=header)))


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8) | st.text(
    st.sampled_from('a,;|\t"\r\n \x0b\x0c\x1c\x85\u2028'), max_size=6
)


def written(table: Sequence[Sequence[str]], ending: str) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=ending, quoting=csv.QUOTE_ALL).writerows(table)
    return text.getvalue()


@given(
    st.integers(1, 4).flatmap(lambda width: st.lists(st.tuples(*[CELLS] * width), max_size=8)),
    st.sampled_from(["\n", "\r", "\r\n"]),
    st.integers(1, 3),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
)
def test_any_written_table_comes_back_verbatim_with_its_lines(
    table: list[tuple[str, ...]], ending: str, chunk_rows: int, encoding: str
) -> None:
    width = len(table[0]) if table else 2
    headers = tuple(f"h{number}" for number in range(width))
    line, expected = 2, []
    for cells in table:
        expected.append((line, cells))
        line += len(re.findall("\r\n|\r|\n", written([cells], ending)))
    options = ReadOptions(chunk_rows=chunk_rows, delimiter=",", header=1, encoding=encoding.replace("-sig", ""))
    got = read(written([headers, *table], ending).encode(encoding), options)
    assert (got.headers, got.rows) == (headers, [row for row in expected if width == 1 or len(row[1]) > 1])
