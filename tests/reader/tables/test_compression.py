"""Packed files are read whole, or refused with how far they came."""

import functools
import gzip
from pathlib import Path

import pytest

from pipeline.errors import InputError
from pipeline.reader.tables import expand_sources
from tests.reader.tables.reading import read, refusal
from tests.reader.tables.samples import COMPRESSIONS, CSV, ROWS, zipped

LONG = b"Name,Phone\n" + b"".join(b"Ann%d,%d\n" % (row, hash((row, "x")) % 10**10) for row in range(60_000))


@functools.cache
def packed_long(name: str) -> bytes:
    return COMPRESSIONS[name](LONG)


class TestCompression:
    @pytest.mark.parametrize("name", COMPRESSIONS)
    def test_it_is_told_by_the_bytes_not_by_the_name(self, name: str, tmp_path: Path) -> None:
        path = tmp_path / "people.csv"
        path.write_bytes(COMPRESSIONS[name](CSV))
        for table in (read(path), read(path.read_bytes())):
            assert (table.records, table.dialect.compression) == (ROWS, name)

    @pytest.mark.parametrize("name", COMPRESSIONS)
    def test_long_ones_are_read_whole(self, name: str, tmp_path: Path) -> None:
        path = tmp_path / "people.bin"
        path.write_bytes(COMPRESSIONS[name](LONG + "Fran\u00e7ois,1\n".encode("cp1252")))
        table = read(path)
        assert (len(table.records), table.records[-1], table.faults) == (60_001, ("Fran\u00e7ois", "1"), {})

    @pytest.mark.parametrize("name", ["gzip", "bzip2", "xz", "zstd"])
    def test_parts_that_were_put_one_behind_the_other_are_read(self, name: str) -> None:
        compress = COMPRESSIONS[name]
        assert read(compress(b"Name,Phone\nAnn,14155550100\nB") + compress(b"ob,14155550101\n")).records == ROWS

    @pytest.mark.parametrize("name", ["gzip", "bzip2", "xz", "zstd"])
    def test_what_stands_behind_it_and_is_no_part_of_it_is_refused(self, name: str) -> None:
        compress = COMPRESSIONS[name]
        damaged = b"??" + compress(b"ob,14155550101\n")[2:]
        assert "could not be read" in refusal(compress(b"Name,Phone\nAnn,14155550100\nB") + damaged).message.replace(
            "cannot be read", "could not be read"
        )

    def test_padding_behind_xz_is_nothing(self) -> None:
        assert read(COMPRESSIONS["xz"](CSV) + b"\0" * 8).records == ROWS

    @pytest.mark.parametrize("name", ["gzip", "bzip2", "xz", "zstd"])
    @pytest.mark.parametrize("left", [0.6, 0.9, 0.9999])
    def test_one_that_was_cut_off_is_refused_with_how_far_it_came(self, name: str, left: float) -> None:
        packed = packed_long(name)
        message = refusal(packed[: int(len(packed) * left)]).message
        # xz and bzip2 give nothing before a whole block.
        assert "could not be read after line " in message or name in ("xz", "bzip2")

    @pytest.mark.parametrize("name", COMPRESSIONS)
    def test_a_damaged_one_is_refused(self, name: str, tmp_path: Path) -> None:
        packed = bytearray(packed_long(name))
        packed[len(packed) // 2] ^= 0xFF
        path = tmp_path / "people.csv"
        path.write_bytes(packed)
        assert "damaged" in str(refusal(path))

    def test_an_archive_that_was_cut_off_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "people.zip"
        path.write_bytes(COMPRESSIONS["zip"](LONG)[:-30])
        with pytest.raises(InputError, match="zip archive or an Excel workbook that is damaged or cut off"):
            expand_sources([str(path)])
        assert "damaged or cut off" in refusal(path.read_bytes()).message

    def test_an_archive_with_several_tables_is_read_member_by_member(self, tmp_path: Path) -> None:
        path = tmp_path / "backup.zip"
        path.write_bytes(zipped({"a.csv": CSV, "b.csv": b"x;y\n1;2\n"}))
        first, second = expand_sources([str(path)])
        assert read(first).records == ROWS
        assert read(second).records == (("1", "2"),)
        assert "2 tables: a.csv, b.csv" in refusal(path.read_bytes()).message

    def test_an_archive_with_a_password_is_refused(self) -> None:
        data = bytearray(zipped({"a.csv": CSV}))
        for header, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            data[data.index(header) + flags] |= 1
        assert "password" in str(refusal(bytes(data)))

    def test_what_was_compressed_twice_is_refused(self) -> None:
        assert "compressed once more" in refusal(gzip.compress(gzip.compress(CSV))).message
        assert "compressed once more" in refusal(gzip.compress(zipped({"a.csv": CSV}))).message
