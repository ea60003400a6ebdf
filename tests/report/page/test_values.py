"""What a page is made of must fit, and shares never hide what there is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.report.page import Breakdown, Count, HtmlTable


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=6))
def test_shares_never_hide_what_there_is(numbers: list[int]) -> None:
    counts = Breakdown("rows", tuple(Count(str(place), number) for place, number in enumerate(numbers)))
    assert counts.total == sum(numbers)
    for part in counts.parts:
        share = counts.share(part)
        assert (share == "0%") == (part.count == 0)
        assert (share == "100%") == (0 < part.count == counts.total)
        assert part.count == 0 or abs(float(share[:-1]) - part.count * 100 / counts.total) < 0.1 + 1e-9


def test_a_row_must_fit_its_table() -> None:
    with pytest.raises(ValueError, match=r"the table 'By reason' has 3 columns and a row of 2"):
        HtmlTable("By reason", ("Code", "Rows", "Reason"), (("invalid", 46),))
