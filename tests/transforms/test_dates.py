"""Dates in the forms that people and products write."""

import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.transforms import apply_steps, read_steps, write_steps
from tests.transforms.changes import change, code_and_text, problem_of


class TestDates:
    @pytest.mark.parametrize(
        ("pattern", "cell", "expected"),
        [
            ("%m/%d/%Y -> %Y-%m-%d", "12/31/2024", "2024-12-31"),
            ("%m/%d/%Y -> %Y-%m-%d", " 1/2/2024 ", "2024-01-02"),
            ("%m/%d/%Y | %d.%m.%Y -> %Y-%m-%d", "31.12.2024", "2024-12-31"),
            ("%Y-%m-%dT%H:%M:%S%z -> %d %b %Y", "2024-12-31T16:45:59+01:00", "31 Dec 2024"),
            ("%d/%m/%y->%Y-%m-%d", "29/02/24", "2024-02-29"),
            ("%Y-%m-%d -> %A", "2024-12-31", "Tuesday"),
            ("%m/%Y -> %Y-%m", "2/2024", "2024-02"),
            ("%I:%M %p -> %H:%M", "4:45 PM", "16:45"),
            ("%Y-%m-%d -> 100%% %Y", "0999-01-02", "100% 0999"),
        ],
    )
    def test_it_is_written_in_another_way(self, pattern: str, cell: str, expected: str) -> None:
        assert change({"date": pattern}, cell) == expected

    @pytest.mark.parametrize("cell", ["31/12/2024", "02/29/2023", "0/0/00", "12/31/24", "12/31/2024 10:00", "soon"])
    def test_what_does_not_fit_is_never_guessed(self, cell: str) -> None:
        problem = problem_of({"date": "%m/%d/%Y -> %Y-%m-%d"}, cell)
        assert problem.code == "bad_date"
        assert problem.reason == "this is not a date of the form %m/%d/%Y (such as 12/31/2024)"

    def test_the_reason_names_every_form(self) -> None:
        reason = problem_of({"date": "%m/%d/%Y | %d.%m.%Y -> %Y"}, "soon").reason
        assert reason.endswith("%m/%d/%Y (such as 12/31/2024) or %d.%m.%Y (such as 31.12.2024)")

    @given(st.dates())
    @example(date(1, 1, 1))
    def test_every_date_comes_back(self, day: date) -> None:
        there, back = {"date": "%Y-%m-%d -> %d.%m.%Y"}, {"date": "%d.%m.%Y -> %Y-%m-%d"}
        assert change([there, back], day.isoformat()) == day.isoformat()

    @given(st.text(max_size=30))
    def test_any_cell_is_a_date_or_a_problem(self, cell: str) -> None:
        code, text = code_and_text({"date": "%Y-%m-%dT%H:%M:%S.%f%z | %d %b %Y -> %Y"}, cell)
        assert code in ("", "bad_date")
        assert bool(re.fullmatch("[0-9]{4}", text)) == (not code and bool(cell.strip()))

    @pytest.mark.parametrize(
        ("pattern", "sentence"),
        [
            ("%m/%d/%Y", "expected"),
            ("-> %Y", "expected"),
            ("%Y ->", "expected"),
            ("%Y -> %m -> %d", "expected"),
            ("%Y -> year", "writes nothing of the date"),
            ("%d -> %Y", "does not say the year"),
            ("%H:%M -> %Y-%m-%d", "does not say the day and the month and the year"),
            ("%Y-%m-%d | %m/%Y -> %d", "'%m/%Y' does not say the day"),
            ("%d %b -> %b", "without its month and year"),
            ("%d %b %Y -> %z", "does not say the zone"),
            ("%Y-%m-%d %I:%M -> %H", "go together"),
            ("%Y %Y -> %Y", "cannot be read back"),
            ("%-d/%m/%Y -> %Y", "'%-' in"),
            ("%Q -> %Y", "'%Q' in"),
            ("%Y -> %Y%", "'%' in"),
            ("%Y -> %x", "'%x' in"),
        ],
    )
    def test_a_pattern_that_cannot_work_is_refused_at_load_time(self, pattern: str, sentence: str) -> None:
        with pytest.raises(ValueError, match=f"^date: .*{re.escape(sentence)}"):
            read_steps({"date": pattern})

    @given(st.text(st.sampled_from("%YymdbHIp /->|."), max_size=14))
    def test_a_pattern_that_is_taken_moves_a_date(self, pattern: str) -> None:
        try:
            steps = read_steps({"date": pattern})
        except ValueError:
            return
        source = str(write_steps(steps)[0]["date"]).split(" -> ")[0].split(" | ")[0]  # type: ignore[index]
        written = datetime(2024, 12, 31, 16, 45, 59, tzinfo=UTC).strftime(source)
        assert apply_steps(steps, written, {}) != ""
