"""A journal counts what became of its rows."""

from pipeline.models._contacts import Reject
from pipeline.models._outcomes import Outcome, OutcomeKind
from pipeline.runs.journal import Journal
from tests.runs.journal.staged import BOB, contact, staged


def test_reasons_and_notes_are_counted(journal: Journal) -> None:
    staged(
        journal,
        contact(2, notes=["region_assumed"]),
        contact(3, BOB, notes=["region_assumed", "unwrapped"]),
        Reject(4, "invalid", "Phone", "1", "no"),
    )
    assert journal.outcomes.notes() == {"region_assumed": 2, "unwrapped": 1}
    assert journal.outcomes.notes(settled=True) == {}
    journal.rows.settle([Outcome(1, OutcomeKind.FAILED, "not_kept", "why", notes=("region_assumed",))])
    assert journal.outcomes.notes(settled=True) == {"region_assumed": 1}
    assert journal.outcomes.codes(OutcomeKind.REJECTED, OutcomeKind.FAILED) == {"invalid": 1, "not_kept": 1}
    assert [row.line for row in journal.outcomes.rows(OutcomeKind.FAILED, OutcomeKind.REJECTED)] == [2, 4]
    assert [row.line for row in journal.outcomes.rows(OutcomeKind.REJECTED, code="invalid", limit=1)] == [4]
    assert list(journal.input.contacts()) == [contact(3, BOB, notes=["region_assumed", "unwrapped"])]
