"""Columns find their targets, cells become values, and every row has exactly one result."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.models._contacts import Contact, Skip
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
