"""Runs that the tests of this folder tell."""

import html
import re
from typing import Any

from pipeline.models._changes import Change, ChangeKind, FieldChange
from pipeline.models._contacts import Contact, Reject
from pipeline.models._outcomes import Outcome, OutcomeKind, Tally, Traffic
from pipeline.report import read_details
from pipeline.report._run_page import run_page
from pipeline.results import RunSummary
from pipeline.runs.journal import Journal, Pulse, RunFacts
from pipeline.values import replace
from tests.tables import described

ANN, BOB = "14155550101", "14155550102"


NOTHING = RunFacts()


def summary(**facts: Any) -> RunSummary:
    known: dict[str, Any] = {"tally": Tally(rows=3, created=1, updated=1, rejected=1), "source": "people.csv"}
    return RunSummary("run-1", **known | {"traffic": Traffic(5), "seconds": 60.0, "exit_code": 3} | facts)


def journal_of(*pulses: Pulse, facts: RunFacts = NOTHING) -> Journal:
    """Return the journal of a run that created one contact, updated another and rejected a row."""
    journal = Journal.create(None)
    [source] = described(("Phone",))
    source = replace(source, custom={"custom.7": "Plan (custom field 7)"})
    journal.record(replace(facts, sources=(source,), state="finished"))
    reject = Reject(4, "two_numbers", "Phone", "415-555-0103 / (415) 555 0104", "the cell holds +1 415 555 0103 twice")
    journal.input.add([("a",), ("b",), ("c",)], [Contact(2, ANN), Contact(3, BOB), reject])
    fields = (
        FieldChange("first", "", "Ann"),
        FieldChange("custom.7", "", "Gold"),
        FieldChange("is_opted_out", None, False),
    )
    journal.rows.begin([Change(1, ChangeKind.CREATE, ANN, {}, fields=fields)])
    # An update in two steps is one change, and what it brought back is none.
    steps = (("Bob", "Bo"), ("Bo", "B")), (("x", "y"), ("y", "x"))
    for step in range(2):
        changed = tuple(FieldChange(name, *pairs[step]) for name, pairs in zip(("first", "last"), steps, strict=True))
        journal.rows.begin([Change(2, ChangeKind.UPDATE, BOB, {}, contact_id=7, fields=changed)])
    journal.rows.settle([Outcome(1, OutcomeKind.CREATED, contact_id=8), Outcome(2, OutcomeKind.UPDATED, contact_id=7)])
    for pulse in pulses:
        journal.pulses.record(pulse)
    return journal


def text_of(told: RunSummary, journal: Journal, state: str = "finished", **facts: Any) -> str:
    details = read_details(journal, state, **facts)
    page = run_page(told, details, journal)
    return " ".join(html.unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)).split())
