"""The reject file can be mended and imported again, and the contacts file read again."""

import re
import stat
from pathlib import Path

import pytest

from pipeline.errors import StorageFailed
from pipeline.models._contacts import Reject
from pipeline.models._outcomes import Outcome, OutcomeKind
from pipeline.reader.mapping import map_chunk, plan_columns
from pipeline.reader.outputs import write_contacts, write_rejects
from pipeline.reader.tables import Source, open_table
from tests.report.results import BAD, rejecting
from tests.tables import settings_of


def without_seals(path: Path) -> bytes:
    """A reject file without its last column, which the tests of seals look at."""
    return re.sub(rb"[,;](?:_seal|seal1-[\w-]+|)\n(?=.|\Z)", b"\n", path.read_bytes())


class TestRejectFile:
    def test_it_holds_the_original_cells_and_why(self, tmp_path: Path) -> None:
        path = tmp_path / "rejects.csv"
        journal = rejecting(("12", 'Ann "A", \u00e9'), ("13", ""), ("", "two\nlines"))
        assert write_rejects(path, journal, BAD) == path
        assert without_seals(path).decode() == (
            "Phone,Name,_row,_code,_column,_value,_reason\n"
            '12,"Ann ""A"", \u00e9",2,too_short,Phone,12,too short\n'
            "13,,3,too_short,Phone,13,too short\n"
            ',"two\nlines",4,too_short,Phone,,too short\n'
        )
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_it_has_the_sources_own_delimiter_and_encoding(self, tmp_path: Path) -> None:
        path = tmp_path / "rejects.csv"
        write_rejects(path, rejecting(("1;2", "J\u00fcrgen"), encoding="utf-8-sig", delimiter=";"), BAD)
        assert without_seals(path) == (
            b"\xef\xbb\xbfPhone;Name;_row;_code;_column;_value;_reason\n"
            b'"1;2";J\xc3\xbcrgen;2;too_short;Phone;"1;2";too short\n'
        )

    def test_bytes_that_do_not_decode_are_given_back_verbatim(self, tmp_path: Path) -> None:
        path = tmp_path / "rejects.csv"
        write_rejects(path, rejecting(("12", b"Caf\xe9".decode(errors="surrogateescape"))), BAD)
        assert without_seals(path).splitlines()[1] == b"12,Caf\xe9,2,too_short,Phone,12,too short"

    def test_a_second_time_there_is_no_second_set_of_columns(self, tmp_path: Path) -> None:
        first, second = tmp_path / "first.csv", tmp_path / "second.csv"
        write_rejects(first, rejecting(("12", "Ann"), ("13", "Bob")), BAD)
        with open_table(Source(str(first))) as table:
            headers = table.headers
            cells = [tuple(record) for chunk in table.chunks() for record in chunk.records]
        assert len(headers) == 8
        write_rejects(second, rejecting(*cells, headers=headers), BAD)
        assert second.read_text() == first.read_text()

    def test_only_the_asked_outcomes_go_into_it(self, tmp_path: Path) -> None:
        path = tmp_path / "rejects.csv"
        journal = rejecting(("12", "Ann"), ("13", "Bob"))
        journal.rows.settle([Outcome(1, OutcomeKind.CREATED)])
        write_rejects(path, journal, BAD)
        assert [line[:3] for line in path.read_text().splitlines()[1:]] == ["13,"]

    def test_without_a_row_it_is_only_a_header(self, tmp_path: Path) -> None:
        path = tmp_path / "rejects.csv"
        path.write_text("of an earlier attempt")
        write_rejects(path, rejecting(), BAD)
        assert path.read_text() == "Phone,Name,_row,_code,_column,_value,_reason,_seal\n"

    def test_cells_beyond_the_header_are_kept_and_keep_the_row_rejected(self, tmp_path: Path) -> None:
        path = tmp_path / "rejects.csv"
        write_rejects(path, rejecting(("14155550101", "Ann", "EXTRA", "x"), ("12", "Bob")), BAD)
        lines = path.read_text().splitlines()
        assert lines[0] == "Phone,Name,_extra,_row,_code,_column,_value,_reason,_seal"
        assert lines[1].startswith('14155550101,Ann,"EXTRA,x",')
        with open_table(Source(str(path))) as table:
            columns = plan_columns(table.headers, settings_of())
            [first, second] = [result for chunk in table.chunks() for result in map_chunk(chunk, columns).results()]
        assert isinstance(first, Reject)
        assert first.code == "ragged_row"
        assert isinstance(second, Reject)
        assert second.code == "too_short"

    def test_a_row_that_lacks_cells_stays_rejected_until_it_is_mended(self, tmp_path: Path) -> None:
        path = tmp_path / "rejects.csv"
        write_rejects(path, rejecting(("14155550101",), ("12", "Bob")), BAD)
        assert path.read_text().splitlines()[1].startswith("14155550101,,(1 cell missing),")
        with open_table(Source(str(path))) as table:
            columns = plan_columns(table.headers, settings_of())
            [first, _] = [result for chunk in table.chunks() for result in map_chunk(chunk, columns).results()]
        assert isinstance(first, Reject)
        assert first.code == "ragged_row"

    def test_a_place_that_cannot_be_written_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(StorageFailed, match=r"^The reject file .*gone.*cannot be written: No such file"):
            write_rejects(tmp_path / "gone" / "rejects.csv", rejecting(("12", "Ann")), BAD)


class TestContactsFile:
    def test_it_is_private_json_lines(self, tmp_path: Path) -> None:
        path = tmp_path / "contacts.jsonl"
        write_contacts(path, iter([b'{"_row":2}\n', b'{"_row":3}\n']))
        assert path.read_bytes() == b'{"_row":2}\n{"_row":3}\n'
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_a_place_that_cannot_be_written_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(StorageFailed, match=r"gone.* cannot be written"):
            write_contacts(tmp_path / "gone" / "contacts.jsonl", [])
