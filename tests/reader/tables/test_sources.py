"""Files, patterns, archives, compressed files and addresses are opened as what they are."""

import bz2
import gzip
import io
import lzma
import os
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import fsspec
import pytest
import zstandard

from pipeline.errors import InputError
from pipeline.reader.tables import ReadOptions, Source, expand_sources
from tests.reader.tables.reading import read, refusal

CSV = b"Name,Phone\nAnn,14155550100\nBob,14155550101\n"
ROWS = (("Ann", "14155550100"), ("Bob", "14155550101"))
LONG = b"Name,Phone\n" + b"".join(b"Ann%d,%d\n" % (row, hash((row, "x")) % 10**10) for row in range(60_000))


def zipped(members: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,
    "zip": lambda data: zipped({"people.csv": data}),
}


class TestExpanding:
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.chdir(tmp_path)
        for name in ("b.csv", "a.csv", "c.txt", "exports/2.csv", "exports/1.csv"):
            Path(name).parent.mkdir(exist_ok=True)
            Path(name).write_bytes(CSV)
        Path("folder.csv").mkdir()
        return tmp_path

    def places(self, *names: str) -> list[str]:
        return [source.place for source in expand_sources(names)]

    def test_names_keep_their_order_and_patterns_are_sorted(self) -> None:
        assert self.places("c.txt", "*.csv", "-") == ["c.txt", "a.csv", "b.csv", "-"]
        assert self.places("**/*.csv") == ["a.csv", "b.csv", "exports/1.csv", "exports/2.csv"]

    def test_a_file_whose_name_is_a_pattern_is_that_file(self) -> None:
        Path("[ab].csv").write_bytes(CSV)
        assert self.places("[ab].csv") == ["[ab].csv"]
        assert self.places("[!c].csv") == ["a.csv", "b.csv"]

    def test_a_missing_file_is_left_to_the_opening(self) -> None:
        [source] = expand_sources(["none.csv"])
        assert "does not exist" in refusal(source).message

    def test_a_pattern_without_a_file_is_refused(self) -> None:
        with pytest.raises(InputError, match=r"No file matches exports/\*\.xlsx"):
            expand_sources(["exports/*.xlsx"])

    @pytest.mark.parametrize(
        "names",
        [
            ("a.csv", "a.csv"),
            ("a.csv", "*.csv"),
            ("a.csv", "exports/../a.csv"),
            ("a.csv", "link.csv"),
            ("a.csv", "hard.csv"),
            ("-", "-"),
            ("s3://bucket/a.csv", "s3://bucket/a.csv"),
            ("none.csv", "none.csv"),
        ],
    )
    def test_a_file_that_is_named_twice_is_refused(self, names: tuple[str, ...]) -> None:
        Path("link.csv").symlink_to("a.csv")
        os.link("a.csv", "hard.csv")
        with pytest.raises(InputError, match="is named twice"):
            expand_sources([*names])

    def test_an_archive_is_its_tables(self) -> None:
        members = ["b.csv", "sub/a.TSV", "sub/", "__MACOSX/b.csv", ".hidden/c.csv", "sub/.d.csv", "read.md", "e.xlsx"]
        Path("backup.zip").write_bytes(zipped(dict.fromkeys(members, b"")))
        assert [source.name for source in expand_sources(["backup.zip", "a.csv"])] == [
            "backup.zip: b.csv",
            "backup.zip: e.xlsx",
            "backup.zip: sub/a.TSV",
            "a.csv",
        ]

    def test_what_else_is_in_an_archive_is_named(self) -> None:
        members = ["b.csv", "c.csv.gz", "inner.zip", "sub/", ".DS_Store", "read.md"]
        Path("backup.zip").write_bytes(zipped(dict.fromkeys(members, b"")))
        [source] = expand_sources(["backup.zip"])
        assert source.left_out == ("c.csv.gz", "inner.zip", "read.md")

    def test_an_archive_without_a_table_is_refused_with_what_it_holds(self) -> None:
        Path("photos.zip").write_bytes(zipped({"1.jpg": b"", "read.md": b""}))
        with pytest.raises(InputError, match=r"zip archive without a table .*; it holds 1\.jpg, read\.md\."):
            expand_sources(["photos.zip"])
        Path("empty.zip").write_bytes(zipped({"folder/": b""}))
        with pytest.raises(InputError, match="it holds nothing"):
            expand_sources(["empty.zip"])
        Path("list.ods").write_bytes(zipped({"mimetype": b"", "content.xml": b"", "notes.txt": b""}))
        with pytest.raises(InputError, match="OpenDocument"):
            expand_sources(["list.ods"])

    def test_a_pipe_is_not_read_for_a_look(self) -> None:
        os.mkfifo("pipe")
        assert self.places("pipe") == ["pipe"]


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
        packed = COMPRESSIONS[name](LONG)
        message = refusal(packed[: int(len(packed) * left)]).message
        # xz and bzip2 give nothing before a whole block.
        assert "could not be read after line " in message or name in ("xz", "bzip2")

    @pytest.mark.parametrize("name", COMPRESSIONS)
    def test_a_damaged_one_is_refused(self, name: str, tmp_path: Path) -> None:
        packed = bytearray(COMPRESSIONS[name](LONG))
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


class TestAddresses:
    @pytest.fixture(autouse=True)
    def memory(self) -> Iterator[fsspec.AbstractFileSystem]:
        files = fsspec.filesystem("memory")
        files.pipe({"/people.csv": CSV, "/people.zip": COMPRESSIONS["zip"](CSV)})
        yield files
        files.store.clear()

    @pytest.mark.parametrize("name", ["people.csv", "people.zip"])
    def test_they_are_read_through_fsspec(self, name: str) -> None:
        [source] = expand_sources([f"memory://{name}"])
        assert (source.name, source.is_address, source.path) == (f"memory://{name}", True, None)
        assert read(source).records == ROWS

    def test_a_local_file_may_be_named_by_its_address(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_bytes(CSV)
        assert read(Source(f"file://{tmp_path}/a.csv")).records == ROWS
        assert "is a folder" in refusal(Source(f"file://{tmp_path}")).message

    def test_a_missing_one_and_a_pattern_are_refused(self) -> None:
        for name in ("memory://none.csv", "memory://*.csv"):
            error = refusal(Source(name))
            assert "does not exist" in error.message
            assert "Patterns" in error.advice

    @pytest.mark.parametrize(
        ("address", "package"),
        [("gs://bucket/a.csv", "gcsfs"), ("abfs://box/a.csv", "adlfs")],
    )
    def test_a_missing_driver_is_named(self, address: str, package: str) -> None:
        if package in sys.modules:
            pytest.skip(f"{package} is installed here")
        assert f"pip install {package}." in refusal(Source(address)).advice

    def test_an_unknown_kind_is_refused(self) -> None:
        assert "Protocol not known" in refusal(Source("klingon://a.csv")).message

    def test_a_server_that_is_not_there_is_refused(self) -> None:
        assert "cannot be" in refusal(Source("http://127.0.0.1:9/people.csv")).message

    @pytest.mark.parametrize(
        ("address", "name"),
        [
            ("sftp://ann:s3cr%2Ft@host/a.csv", "sftp://host/a.csv"),
            ("s3://key:s3cr/t@bucket/a.csv", "s3://bucket/a.csv"),
            ("klingon://s3cr@host/a.csv?sig=s3cr#x", "klingon://host/a.csv"),
            ("https://host/a.csv?sv=1&sig=s3cr", "https://host/a.csv"),
            ("zip://a.csv::klingon://u:s3cr@host/x.zip", "zip://a.csv::klingon://host/x.zip"),
            ("https://host/ann@example.com.csv", "https://host/ann@example.com.csv"),
        ],
    )
    def test_credentials_are_never_shown(self, address: str, name: str) -> None:
        source = Source(address)
        assert source.name == name
        if not address.startswith("https"):
            error = refusal(source)
            assert "s3cr" not in str(error)
            assert name in error.message

    def test_nor_are_they_in_what_a_driver_says_while_reading(self, memory: fsspec.AbstractFileSystem) -> None:
        class Leaking(io.BytesIO):
            def read(self, *_: object) -> bytes:
                raise RuntimeError("GET memory://ann:s3cr@host/leak.csv?sig=t0ken failed for s3cr")

            read1 = read

        memory.store["/ann:s3cr@host/leak.csv?sig=t0ken"] = Leaking()
        message = str(refusal(Source("memory://ann:s3cr@host/leak.csv?sig=t0ken")))
        assert "failed for" in message
        assert "s3cr" not in message
        assert "t0ken" not in message


def test_a_path_that_looks_a_little_like_an_address_is_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("c:").mkdir()
    Path("c:/a.csv").write_bytes(CSV)
    assert read(Source("c://a.csv"), ReadOptions()).name == "a.csv"
