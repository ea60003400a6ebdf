"""A reject file says itself how it is written, whatever the settings say of the file that it came from."""

import pytest

from pipeline.reader.tables import ReadOptions
from tests.reader.tables.reading import read

REJECTS = "Pr\u00e9nom,T\u00e9l,_row,_code,_column,_value,_reason,_seal\r\nJos\u00e9,12,2,too_short,T\u00e9l,12,x,\r\n"


@pytest.mark.parametrize("forced", ["cp1252", "utf-16", "utf-8", "mac_roman"])
@pytest.mark.parametrize("saved", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_reject_file_that_was_saved_in_unicode_is_read_so(forced: str, saved: str) -> None:
    table = read(REJECTS.replace(",", ";").encode(saved), ReadOptions(encoding=forced, delimiter=",", header=5))
    assert table.headers[:2] == ("Pr\u00e9nom", "T\u00e9l")
    assert table.records[0][:2] == ("Jos\u00e9", "12")


@pytest.mark.parametrize("forced", ["cp1252", "mac_roman", "cp850"])
def test_one_that_was_not_is_read_as_its_source(forced: str) -> None:
    table = read(REJECTS.encode(forced), ReadOptions(encoding=forced))
    assert (table.dialect.encoding, table.dialect.found_by) == (forced.replace("_", "-"), "setting")
    assert table.records[0][0] == "Jos\u00e9"
