"""A plan: made in one journal, carried over into another."""

from pipeline.models._contacts import Expected, Reject, Skip
from pipeline.models._outcomes import Outcome, OutcomeKind, Tally
from pipeline.runs.journal import Journal
from pipeline.values import replace
from tests.runs.journal.staged import ANN, BOB, contact, create, staged


def test_a_plan_is_carried_over_row_by_row(journal: Journal) -> None:
    rejected, skipped = Reject(4, "too_short", "Phone", "12", "too short"), Skip(5, "skip_where", "deleted")
    staged(journal, contact(2, notes=["region_assumed"]), contact(3, BOB), rejected, skipped)
    expected = replace(contact(2, notes=["region_assumed"]), expected=Expected(None, None, "digest"))
    journal.planned.record({1: expected}, [create(1)])
    journal.rows.settle([Outcome(2, OutcomeKind.UNCHANGED, contact_id=7)])
    planned = list(journal.planned.read())
    assert [(row.kind, row.code, row.contact_id, list(row.cells)) for row in planned] == [
        ("create", "", None, ["cell", "2"]),
        ("unchanged", "", 7, []),
        ("rejected", "too_short", None, ["cell", "4"]),
        ("skipped", "skip_where", None, []),
    ]
    assert (planned[0].phone, planned[0].notes, planned[0].fields) == (
        int(ANN),
        ["region_assumed"],
        [["first", "", "Ann"]],
    )
    with Journal.create(None) as applied:
        applied.input.add_planned(planned)
        assert applied.outcomes.tally() == Tally(rows=4, unchanged=1, rejected=1, skipped=1)
        [row] = applied.rows.open_rows(0, 10)
        assert (row.contact, row.doubt) == (expected, None)
