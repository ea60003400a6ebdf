"""Whoever says in a phone cell that they want no texts is opted out, whatever column gave the phone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.models._contacts import Contact, Reject, Skip
from pipeline.models._rows import Chunk
from pipeline.reader.mapping import map_chunk
from pipeline.settings import ImportSettings
from tests.reader.mapping.plans import plan
from tests.tables import map_cells

NUMBER = "(415) 736-0132"
CELLS = ("", NUMBER, "DNC", "no texts", f"{NUMBER} DO NOT TEXT", "736 no texts", f"{NUMBER} home", "ask Bob", "12")
SAYS_NO = frozenset(CELLS[2:6])
COLUMNS = plan({"Work": "phone", "Mail": "email", "Out": "is_opted_out"}, default_region="US")
ROWS = st.lists(
    st.tuples(
        st.sampled_from(CELLS), st.sampled_from(CELLS), st.sampled_from(("", "a@x.com", "no mail")), st.just("no")
    )
)


@given(ROWS)
def test_law_nobody_who_says_so_is_textable(rows: list[tuple[str, ...]]) -> None:
    lines = range(2, len(rows) + 2)
    mapped = map_chunk(Chunk(lines, lines, rows), COLUMNS)
    for index, (row, result) in enumerate(zip(rows, mapped.results(), strict=True)):
        says_no = bool(SAYS_NO.intersection(row))
        if isinstance(result, Contact):
            assert bool(result.fields.get("is_opted_out")) is says_no
            assert ("opt_out_in_phone" in result.notes) is says_no
        elif says_no and isinstance(result, Reject):
            # What cannot be looked up is named, so that somebody does it by hand.
            known, digits = mapped.opted_out_elsewhere().get(index), any(map(str.isdigit, "".join(row[:2])))
            assert known == 14157360132 if NUMBER in "".join(row[:2]) else known is None
            assert ("opt_out_unsure" in result.notes) is (known is None and digits)


def test_the_number_beside_the_words_is_read() -> None:
    [found] = map_cells([(f"{NUMBER} - no texts", "", "", "")], COLUMNS)
    assert isinstance(found, Contact)
    assert (found.phone, found.fields["is_opted_out"]) == ("14157360132", True)


def test_a_row_of_words_alone_need_not_be_mended() -> None:
    [found] = map_cells([("DNC", "", "", "")], COLUMNS)
    assert isinstance(found, Reject)
    assert "wants no texts, so it need not be mended" in found.reason


def test_a_phone_channel_is_heard_too() -> None:
    columns = plan({"Work": {"channel": "phone"}}, default_region="US")
    [found] = map_cells([(NUMBER, "212-736-5000 do not text")], columns)
    assert isinstance(found, Contact)
    assert found.fields == {"is_opted_out": True}


@pytest.mark.parametrize("words", ["Copyright (c) 2000-2024 salesforce.com, inc. All rights reserved.", "(c) 2024 Us"])
def test_the_lines_of_a_report_are_nobody_who_may_say_opted_out(words: str) -> None:
    imports = {"Yes": "no", "": "yes"}
    columns = plan({"First": "first", "May text": {"to": "is_opted_out", "map": imports}})
    assert isinstance(columns.imports, ImportSettings)
    [found] = map_cells([(words,)], columns)
    assert isinstance(found, Skip)
    assert (found.code, found.notes) == ("footer_row", ())
