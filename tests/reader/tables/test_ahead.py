"""A table that another process reads is the same table, and its failures are the same failures."""

from pathlib import Path

import pytest

from pipeline.errors import InputError
from pipeline.models._rows import Chunk
from pipeline.reader.tables import ReadOptions, Source, is_worth_reading_ahead, open_table, open_table_ahead
from tests.tables import settings_of, take


def chunks_of(path: Path, options: ReadOptions, *, ahead: bool) -> tuple[tuple[str, ...], int, list[Chunk]]:
    opener = open_table_ahead if ahead else open_table
    with opener(Source(str(path)), options) as table:
        chunks = [
            Chunk(list(chunk.starts), list(chunk.ends), [list(cells) for cells in chunk.records], dict(chunk.faults))
            for chunk in table.chunks()
        ]
        return table.headers, table.comment_lines, chunks


@pytest.mark.parametrize(
    "content",
    [
        'Phone,Name\n1,a\n\n2,"two\nlines"\n3,c\n',
        "# hello\nPhone,Name\n1,a\n# again\n2,b\n",
        "Phone;N\u00e4me\n1;\u00e9\n",
        "Phone,Name\n1,unit\x1fseparator\n2,record\x1eseparator\n",
        "Phone\n1\n2\n",
        "Phone,Name\n1\n2,b,c\n",
    ],
)
def test_it_is_the_same_table(tmp_path: Path, content: str) -> None:
    path = tmp_path / "people.csv"
    path.write_text(content, encoding="utf-8")
    options = ReadOptions(comment="#", chunk_rows=2)
    assert chunks_of(path, options, ahead=True) == chunks_of(path, options, ahead=False)


def test_bytes_that_do_not_decode_come_over(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(b"Phone,Name\n1,Caf\xe9\n2,\xc3\xa9\xc3\xa9\xc3\xa9\n")
    options = ReadOptions(encoding="utf-8")
    assert chunks_of(path, options, ahead=True) == chunks_of(path, options, ahead=False)


def test_its_failures_are_the_same(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text('Phone,Name\n1,"a\n2,b\n3,c\n')
    with pytest.raises(InputError) as here:
        chunks_of(path, ReadOptions(), ahead=False)
    with pytest.raises(InputError) as there:
        chunks_of(path, ReadOptions(), ahead=True)
    assert str(there.value) == str(here.value)
    with pytest.raises(InputError, match="does not exist"):
        chunks_of(tmp_path / "gone.csv", ReadOptions(), ahead=True)


def test_a_table_that_is_left_early_leaves_no_process_behind(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("Phone,Name\n" + "1,a\n" * 200_000)
    with open_table_ahead(Source(str(path)), ReadOptions()) as table:
        assert len(next(iter(table.chunks())).records) == ReadOptions().chunk_rows


def test_only_large_local_files_are_worth_it(tmp_path: Path) -> None:
    small, large = tmp_path / "small.csv", tmp_path / "large.csv"
    small.write_text("Phone\n1\n")
    with large.open("wb") as file:
        file.truncate(64 * 1024 * 1024)
    assert not is_worth_reading_ahead(Source(str(small)))
    assert is_worth_reading_ahead(Source(str(large)))
    assert not is_worth_reading_ahead(Source("-"))
    assert not is_worth_reading_ahead(Source("memory://x.csv"))
    assert not is_worth_reading_ahead(Source(str(tmp_path / "gone.csv")))


def test_a_large_file_is_counted_as_a_small_one_is(tmp_path: Path) -> None:
    # 33 MB in few rows: the padding is not mapped.
    path = tmp_path / "large.csv"
    rows = [f"+1415555{number:04},{'x' * 33_000}" for number in range(1, 1_001)]
    path.write_text("\n".join(["Phone,Padding", *rows, "12,x", rows[0]]) + "\n")
    _, outline = take([path], settings_of(), outline=True)
    _, full = take([path], settings_of())
    assert outline.census.tally == full.census.tally
    assert dict(outline.census.codes) == dict(full.census.codes)
    assert outline.files == full.files
