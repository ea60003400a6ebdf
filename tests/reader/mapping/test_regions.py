"""A row's country says whose its number is, also where the digits would be somebody else's."""

import pytest

from pipeline.models import Chunk, Contact, Reject
from pipeline.reader.mapping import map_chunk, plan_columns
from pipeline.settings import ImportSettings


@pytest.mark.parametrize("number", ["41551361367", "20698696353", "61777672281", "41551361367 "])
def test_a_number_of_the_rows_country_with_a_digit_too_many_is_no_strangers(number: str) -> None:
    imports = ImportSettings.model_validate({"columns": {"Phone": "phone"}, "country_column": "Country"})
    rows = [[number, "U.S.A."], ["447911123456", "United States"], ["41551361367", "Switzerland"], [f"+{number}", "US"]]
    lines = range(2, 2 + len(rows))
    results = list(map_chunk(Chunk(lines, lines, rows), plan_columns(["Phone", "Country"], imports)).results())
    assert isinstance(results[0], Reject)
    assert results[0].code == "too_long"
    assert "US" in results[0].reason
    # What can be no slip is read: Heymarket itself writes numbers without a plus.
    assert [each.phone for each in results[1:3] if isinstance(each, Contact)] == ["447911123456", "41551361367"]
