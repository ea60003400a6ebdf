"""Examples are a few of each code, and show no whole phone."""

from pipeline.models._outcomes import Outcome, OutcomeKind
from pipeline.report import find_examples
from pipeline.results import Example
from tests.report.results import BAD, rejecting


def test_examples_are_a_few_of_each_code_and_show_no_whole_phone() -> None:
    journal = rejecting(("14155550101", ""), ("123456", ""), ("abc", ""), ("14", ""), ("15", ""))
    journal.rows.settle([Outcome(5, OutcomeKind.FAILED, "not_kept", "why", "first", "Ann")])
    assert find_examples(journal, BAD) == (
        Example(2, "too_short", "Phone", "1415***0101", "too short"),
        Example(3, "too_short", "Phone", "123456", "too short"),
        Example(4, "too_short", "Phone", "abc", "too short"),
        Example(6, "not_kept", "first", "Ann", "why"),
    )
