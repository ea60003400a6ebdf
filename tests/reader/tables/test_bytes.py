"""Addresses are opened as files are, and what cannot be opened is named."""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from pipeline.reader.tables import ReadOptions, Source, expand_sources
from tests.reader.tables.reading import read, refusal
from tests.reader.tables.samples import COMPRESSIONS, CSV, ROWS


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
