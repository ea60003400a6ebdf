"""Files, patterns, archives, compressed files and addresses are opened as what they are."""

import os
from pathlib import Path

import pytest

from pipeline.errors import InputError
from pipeline.reader.tables import expand_sources
from tests.reader.tables.reading import refusal
from tests.reader.tables.samples import CSV, zipped


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
