"""What a map of values writes, and the cell that it does not name."""

from collections.abc import Mapping

import pytest

from pipeline.transforms import read_steps
from tests.transforms.changes import code_and_text, problem_of


class TestMap:
    STATES: Mapping[str, object] = {"map": {"Opted Out": "yes", " active ": "no", "": "no"}}

    @pytest.mark.parametrize(
        ("cell", "expected"),
        [("Opted Out", ("", "yes")), ("  opted OUT ", ("", "yes")), ("Active", ("", "no")), ("", ("", "no"))],
    )
    def test_it_writes_what_stands_beside_the_cell(self, cell: str, expected: tuple[str, str]) -> None:
        assert code_and_text(self.STATES, cell) == expected

    def test_a_cell_that_is_not_named_is_a_problem_and_a_blank_one_stays_blank_unless_it_is_named(self) -> None:
        assert problem_of(self.STATES, "Pending").code == "value_unmapped"
        assert code_and_text({"map": {"a": "b"}}, " ") == ("", "")

    @pytest.mark.parametrize("words", [{}, [], {"a": 1}, {"a": "x", "A ": "y"}])
    def test_what_is_no_map_is_refused(self, words: object) -> None:
        with pytest.raises(ValueError, match="map"):
            read_steps({"map": words})
