"""A plan as text and as a page, to the letter."""

import re

from pipeline.models._changes import FieldChange
from pipeline.models._outcomes import Tally
from pipeline.report import plan_page, plan_text
from pipeline.results import Example, FieldTotals, PlannedExample, PlanSummary
from tests.report.results import EXAMPLES

TOTALS = (
    FieldTotals("first", 2, 3, 0, ((FieldChange("first", "Ann", "Eve"), 2), (FieldChange("first", "A", "B"), 1))),
    FieldTotals("tags", 0, 0, 1),
)


def test_a_page_of_a_plan_shows_what_changes_and_no_whole_phone() -> None:
    field = FieldChange("custom.9", "+1 (415) 555-0199", "")
    summary = PlanSummary(
        "people.csv",
        Tally(rows=3, updated=2, rejected=1),
        requests=12,
        seconds=90,
        codes={"too_short": 1},
        examples=(PlannedExample(3, "update", "14155550101", (field,)),),
        rejects=(Example(9, "too_short", "Phone", "14155550102", "why"),),
        field_totals=(*TOTALS, FieldTotals("custom.9", 0, 1, 0, ((FieldChange("custom.9", "14155550103", "x"), 1),))),
        fields_to_create=("City",),
        list_adds={7: 2},
        unverifiable={"list": 4},
        against="snapshots/one",
    )
    page = plan_page(summary)
    for said in ("1415***0101", "1415***0199 ", "1415***0102", "1415***0103", "Ann -&gt; Eve (2)", "City", "list 7"):
        assert said.strip() in page
    assert not re.search(r"1415555\d{4}|555-0199", page)
    assert "2 contacts would be written; 1 rows are rejected." in page
    assert "Nothing would be written." in plan_page(PlanSummary("a.csv", Tally(rows=1, unchanged=1), 1, 0.0))


class TestPlan:
    def test_it_shows_what_changes_field_by_field_to_the_letter(self) -> None:
        changed = (
            FieldChange("first", "", "Ann"),
            FieldChange("is_opted_out", None, True),
            FieldChange("tags", (), (5, 6)),
            FieldChange("custom.7", "Gold", ""),
            FieldChange("last", "x" * 60, "y" * 61),
        )
        summary = PlanSummary(
            source="people.csv",
            tally=Tally(rows=6, created=1, updated=1, unchanged=1, skipped=1, rejected=2),
            requests=2_000,
            seconds=9_000,
            fields={"first": 2, "tags": 1},
            field_totals=TOTALS,
            list_adds={7: 2},
            unverifiable={"list": 1},
            plan="plan.json.gz",
            codes={"too_short": 2},
            notes={"opt_in_refused": 1},
            examples=(PlannedExample(3, "update", "14155550101", changed),),
            rejects=EXAMPLES[:1],
        )
        assert plan_text(summary) == (
            "Plan for people.csv: nothing was written\n"
            "          1 to create\n"
            "          1 to update\n"
            "          1 unchanged\n"
            "          1 skipped\n"
            "          2 rejected\n"
            "          6 rows in all\n"
            "Fields that change:\n"
            "          5 first: 2 filled, 3 changed\n"
            "                    2 Ann -> Eve\n"
            "          1 tags: 1 erased\n"
            "  line 3: update 1415***0101\n"
            "      first: (empty) -> Ann\n"
            "      is_opted_out: (empty) -> True\n"
            "      tags: (none) -> tags 5, 6\n"
            "      custom.7: Gold -> (empty)\n"
            f"      last: {'x' * 60} -> {'y' * 57}...\n"
            "Contacts to be added to list 7: 2\n"
            "Unverifiable, and not planned again: 1 list\n"
            "Not taken, by reason:\n"
            "          2 too_short: phone number too short\n"
            "For example:\n"
            "  line 4, column 'Phone': '12': too short [too_short]\n"
            "Worth knowing:\n"
            "          1 rows would opt a contact back in; refused (see --allow-opt-in) [opt_in_refused]\n"
            "Creating a contact can start automations of the account; the API has no switch for that.\n"
            "The import needs about 2,000 requests, about 2 h 30 min at the request limit.\n"
            "Apply exactly this with: hmpipe import --plan plan.json.gz"
        )

    def test_without_changes_or_a_limit_it_is_short(self) -> None:
        assert plan_text(PlanSummary("people.csv", Tally(rows=1, unchanged=1), 1, 0.0)) == (
            "Plan for people.csv: nothing was written\n"
            "          1 unchanged\n"
            "          1 rows in all\n"
            "The import needs about 1 requests."
        )
