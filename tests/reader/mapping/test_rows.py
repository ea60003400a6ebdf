"""Columns find their targets, cells become values, and every row has exactly one result."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.models._contacts import Contact, Reject, Skip
from pipeline.models._rows import Chunk
from pipeline.reader.mapping import map_chunk
from tests.reader.mapping.plans import PHONE, plan
from tests.tables import map_cells


def test_rows_without_anything_in_them_are_skipped_and_counted() -> None:
    [found] = map_cells([("", " ", "")], plan({"First": "first"}), 7)
    assert isinstance(found, Skip)
    assert (found.line, found.code) == (7, "blank_row")


def test_rows_that_are_not_to_be_imported_are_skipped_before_anything_else() -> None:
    columns = plan({"Deleted": "ignore"}, skip_where={"deleted": "TRUE"})
    left_out, taken = map_cells([("junk", " true "), (PHONE, "false")], columns)
    assert isinstance(left_out, Skip)
    assert isinstance(taken, Contact)


@given(st.lists(st.lists(st.text(max_size=12), max_size=5), max_size=8))
def test_law_any_cells_give_one_result_each_in_order(tables: list[list[str]]) -> None:
    columns = plan({"First": "first", "Mail": "email", "Out": "is_opted_out"}, skip_where={"First": "x"})
    assert [result.line for result in map_cells(tables, columns)] == list(range(2, len(tables) + 2))


class TestOptOutsOfRowsThatAreNotImported:
    """What such rows say is noted on them; of broken ones, that they may say so."""

    COLUMNS = plan(
        {"First": "first", "Out": "is_opted_out", "Mail": "email", "State": "status"}, skip_where={"First": "gone"}
    )

    @pytest.mark.parametrize(
        ("cells", "notes"),
        [
            ((PHONE, "A", "yes", "no mail", ""), ("rejected_says_opted_out",)),
            ((PHONE, "A", "", "no mail", "unsubscribed"), ("rejected_says_opted_out",)),
            ((PHONE, "A", "no", "no mail", ""), ()),
            (("12", "A", "yes", "", ""), ()),
            ((PHONE, "gone", "yes", "", ""), ("skipped_says_opted_out",)),
            ((PHONE, "A", "yes", ""), ("opt_out_unsure",)),
            ((PHONE, "A", "no", ""), ()),
            ((PHONE, "A", "please stop", "", ""), ("opt_out_unsure",)),
            ((PHONE, "A", "please stop", "", "unsubscribed"), ("rejected_says_opted_out",)),
            (("12", "A", "please stop", "", ""), ()),
        ],
    )
    def test_notes(self, cells: Sequence[str], notes: tuple[str, ...]) -> None:
        [found] = map_cells([cells], self.COLUMNS)
        assert found.notes == notes

    @pytest.mark.parametrize(
        ("skipped_too", "sent"), [(False, {0: 14155550101}), (True, {0: 14155550101, 1: 14155550102})]
    )
    def test_those_of_skip_where_are_sent_only_where_that_is_said(
        self, skipped_too: bool, sent: dict[int, int]
    ) -> None:
        columns = plan(
            {"First": "first", "Out": "is_opted_out", "Mail": "email"},
            skip_where={"First": "gone"},
            skipped_opt_outs=skipped_too,
        )
        rows = [
            (PHONE, "A", "yes", "no mail"),
            ("+1 415 555 0102", "gone", "yes", ""),
            ("+1 415 555 0103", "A", "yes"),
            ("+1 415 555 0104", "A", "yes", ""),
        ]
        assert map_chunk(Chunk(range(2, 6), range(2, 6), rows), columns).opt_outs_to_send() == sent

    @given(st.data())
    def test_law_a_cell_lost_or_added_anywhere_hides_no_opt_out(self, data: st.DataObject) -> None:
        out = data.draw(st.sampled_from([2, 4]), "the column that says so")
        cells = [PHONE, "A", "no", "a@example.com", "active"]
        cells[out] = "yes" if out == 2 else "unsubscribed"
        many = data.draw(st.integers(1, 2), "cells")
        if data.draw(st.booleans(), "lost"):
            others = [place for place in range(5) if place != out]
            gone = data.draw(st.sets(st.sampled_from(others), min_size=many, max_size=many), "which")
            cells = [cell for place, cell in enumerate(cells) if place not in gone]
        else:
            for _ in range(many):
                cells.insert(data.draw(st.integers(0, len(cells)), "where"), "more")
        [found] = map_cells([cells], self.COLUMNS)
        assert found.notes == ("opt_out_unsure",)
        assert isinstance(found, Reject)
        assert "may say opted out" in found.reason
