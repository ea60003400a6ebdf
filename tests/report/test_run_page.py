"""The report of a run as a page: what it says for each kind and end of a run, and what it must not show."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from pipeline.models._contacts import Contact
from pipeline.models._outcomes import Outcome, OutcomeKind, Tally
from pipeline.report import details_lines, read_details
from pipeline.report._examples import mask_numbers
from pipeline.results import RunDetails
from pipeline.runs.journal import Journal, RunFacts, SourceFacts
from pipeline.values import replace
from tests.report.runs import ANN, journal_of, summary, text_of


class TestDetails:
    def test_fields_are_counted_by_what_became_of_them(self) -> None:
        found = read_details(
            journal_of(facts=RunFacts(traits={"single creates": "proved"}, started="2026")), "finished"
        )
        assert found.fields == {
            "First name": {"on new contacts": 1, "changed": 1},
            "Plan (custom field 7)": {"on new contacts": 1},
        }
        assert (found.started, found.traits) == ("2026", {"single creates": "proved"})

    def test_lines_and_json_say_the_same(self) -> None:
        found = RunDetails("finished", "2026", {"Tags": {"filled": 1200}}, {"trait": "yes"}, (("run-2", "finished"),))
        assert details_lines(found) == [
            "Fields that were written:",
            "      1,200 Tags: 1,200 filled",
            "The service was seen to behave so:",
            "  trait: yes",
            "Undone by run run-2 (finished).",
        ]
        told = summary()
        shown = found.as_json(told)
        assert shown | told.as_json() == shown
        assert (shown["fields"], shown["undone_by"], shown["kind"]) == ({"Tags": {"filled": 1200}}, ["run-2"], "import")
        assert "undone_by" not in RunDetails("finished").as_json(told)


class TestPage:
    def test_an_import_shows_its_identity_and_masks_every_phone(self) -> None:
        text = text_of(summary(rejects="/runs/run-1/rejects.csv"), journal_of())
        assert "Finished. 1 row needs to be looked at; all others are done." in text
        assert "3 rows = 1 created + 1 updated + 0 unchanged + 0 skipped + 1 rejected + 0 failed + 0 unknown" in text
        assert "First name 1 0 1 0" in text
        assert "two phone numbers in one cell two_numbers 1" in text
        assert "hmpipe undo run-1" in text
        assert "/runs/run-1/rejects.csv holds the rows" in text
        assert not re.search(r"555\W*010[0-9]", text)
        assert "1415***0103" in text

    @pytest.mark.parametrize(
        ("state", "facts", "said"),
        [
            ("finished", {"exit_code": 0, "tally": Tally(rows=1, updated=1)}, "Every row has its outcome"),
            ("finished", {"exit_code": 0, "tally": Tally()}, "The file has a header and no rows."),
            ("finished", {"exit_code": 3, "tally": Tally(rows=1, updated=1)}, "it is not certain that all"),
            ("refused", {"exit_code": 4, "error": "max_changes is 2."}, "before anything was written. max_changes"),
            ("unfinished", {"error": "Gone at +14155550101."}, "Stopped before its end. Gone at +1415***0101."),
            ("unfinished", {"tally": Tally(rows=2, created=1)}, "1 row has no outcome yet. The same command goes on"),
            ("undone", {"tally": Tally(rows=5, created=1)}, "Undone before its end, and not continued. 4 rows have no"),
        ],
    )  # fmt: skip
    def test_each_end_has_its_sentence(self, state: str, facts: Mapping[str, Any], said: str) -> None:
        assert said in text_of(summary(**facts), journal_of(), state)

    def test_an_undo_lists_what_it_left_by_contact(self) -> None:
        journal = Journal.create(None)
        journal.record(replace(journal.facts, sources=(SourceFacts("contacts", ("Contact ID", "Phone")),)))
        journal.input.add([("77", ANN)], [Contact(2, ANN)])
        journal.rows.settle([Outcome(1, OutcomeKind.SKIPPED, "stale", reason="it was edited since")])
        told = summary(
            kind="undo",
            undone="run-0",
            source="run run-0",
            tally=Tally(rows=1, skipped=1),
            exit_code=0,
            kept_list="/k.csv",
        )
        text = text_of(told, journal)
        assert "Undo of run run-0" in text
        assert "1 contacts = 0 created + 0 updated + 0 unchanged + 1 skipped + 0 deleted + 0 rejected" in text
        assert "77 1415***0101 stale it was edited since" in text
        assert "/k.csv lists the contacts" in text
        assert "line in the file" not in text
        unfinished = text_of(summary(kind="undo", undone="run-0", tally=Tally(rows=2)), journal, "unfinished")
        assert "Run 'hmpipe undo run-0' again" in unfinished

    def test_a_run_that_was_undone_says_so_and_offers_no_undo(self) -> None:
        text = text_of(summary(), journal_of(), undone_by=[("run-2", "finished")])
        assert "Undone by run run-2 (finished)" in text
        assert "hmpipe undo" not in text

    def test_a_deletion_of_a_list(self) -> None:
        told = summary(kind="delete", tally=Tally(rows=1, deleted=1), exit_code=0)
        journal = Journal.create(None)
        journal.record(replace(journal.facts, sources=(SourceFacts("l.csv", ("id",)),)))
        text = text_of(told, journal)
        assert "Deletion by people.csv" in text
        assert "1 deleted" in text
        assert "hmpipe undo run-1" in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("+1 (415) 555-0101", "+1415***0101"),
        ("a 4155550101, b 415.555.0102", "a 4155***0101, b 4155***0102"),
        ("order 12345", "order 12345"),
        ("my id 4155550101", "my id 4155***0101"),
    ],
)
def test_masking(text: str, shown: str) -> None:
    assert mask_numbers(text) == shown


def test_a_sentence_of_ours_keeps_the_ids_that_it_names() -> None:
    assert mask_numbers("the contact with the ID 123456789 has 4155550101", keep_ids=True) == (
        "the contact with the ID 123456789 has 4155***0101"
    )
