"""Summaries as JSON: the keys that scripts rely on, and the exit code that goes with them."""

import json

import pytest

from pipeline.models._outcomes import Tally, Traffic
from pipeline.results import CheckSummary, DoctorReport, FieldTotals, Finding, PlanSummary, RunSummary
from pipeline.runs._entries import RunEntry


def test_an_import_as_json_has_the_keys_of_the_contract() -> None:
    tally = Tally(rows=3, created=1, updated=1, rejected=1)
    summary = RunSummary("run-1", tally, Traffic(9, 2, 1), 1.23456, 3, "/runs/run-1/rejects.csv", "people.csv")
    assert summary.pending == 0
    assert summary.as_json() == {
        "run_id": "run-1", "rows": 3, "created": 1, "updated": 1, "unchanged": 0, "skipped": 0, "rejected": 1,
        "failed": 0, "unknown": 0, "opted_out_of_rejected_row": 0, "requests": 9, "rate_limited": 2,
        "seconds": 1.235, "exit_code": 3,
        "rejects": "/runs/run-1/rejects.csv", "fields_left_out": 0, "warnings": None,
        "channels_added": 0, "came_back": 0, "came_back_list": None,
    }  # fmt: skip


def test_an_import_that_stopped_says_what_is_pending_and_why() -> None:
    summary = RunSummary("run-1", Tally(rows=5, created=2), Traffic(), 0, 1, error="The disk is full.")
    known = summary.as_json()
    assert (known["pending"], known["error"], known["rejects"]) == (3, "The disk is full.", None)
    assert json.loads(json.dumps(known)) == known


def test_a_check_as_json_has_the_keys_of_the_contract() -> None:
    summary = CheckSummary(
        "people.csv", 4, 2, 1, 1, {"too_short": 1}, {"Phone": "phone", "Shoe": None}, "utf-8", ";", {"note": 1}
    )
    assert summary.as_json() == {
        "rows": 4, "accepted": 2, "rejected": 1, "skipped": 1, "opted_out": None, "fields_left_out": 0,
        "codes": {"too_short": 1}, "columns": {"Phone": "phone", "Shoe": None}, "encoding": "utf-8", "delimiter": ";",
        "notes": {"note": 1},
        "files": [], "exit_code": 3,
    }  # fmt: skip


def test_a_plan_as_json_has_the_keys_of_the_contract() -> None:
    tally = Tally(rows=5, created=1, updated=1, unchanged=1, skipped=1, rejected=1)
    summary = PlanSummary(
        "people.csv", tally, 12, 1.66, {"first": 2}, {"too_short": 1},
        field_totals=(FieldTotals("first", 1, 1),), list_adds={7: 3}, unverifiable={"list": 2}, plan="p.gz",
    )  # fmt: skip
    assert summary.as_json() == {
        "rows": 5, "create": 1, "update": 1, "unchanged": 1, "skipped": 1, "rejected": 1, "fields": {"first": 2},
        "field_changes": {"first": {"filled": 1, "changed": 1, "erased": 0}},
        "codes": {"too_short": 1}, "fields_to_create": [],
        "channel_adds": 0, "channel_drops": 0, "status_sets": 0, "list_adds": {"7": 3},
        "unverifiable": {"list": 2}, "opted_out_of_rejected_row": 0, "plan": "p.gz", "requests": 12,
        "seconds": 1.7, "exit_code": 3,
    }  # fmt: skip


@pytest.mark.parametrize(("rejected", "code"), [(0, 0), (1, 3)])
def test_a_check_and_a_plan_end_with_3_as_soon_as_anything_is_rejected(rejected: int, code: int) -> None:
    assert CheckSummary("", 1, 1 - rejected, rejected, 0, {}, {}, "utf-8", ",").exit_code == code
    assert PlanSummary("", Tally(rows=1, rejected=rejected), 0, 0).exit_code == code


def test_a_run_as_json_has_its_counts() -> None:
    assert RunEntry("run-1", "finished", "people.csv", "2026-01-01", Tally(rows=1, created=1)).as_json() == {
        "run_id": "run-1", "kind": "import", "state": "finished", "source": "people.csv", "started": "2026-01-01",
        "rows": 1, "created": 1, "updated": 0, "unchanged": 0, "skipped": 0, "rejected": 0, "failed": 0, "unknown": 0,
        "deleted": 0,
    }  # fmt: skip


@pytest.mark.parametrize(("state", "code"), [("ok", 0), ("unknown", 0), ("bad", 1)])
def test_a_doctor_ends_badly_only_when_something_is_bad(state: str, code: int) -> None:
    report = DoctorReport((Finding("tags", "ok", "shown"), Finding("count", state, "text")))
    assert report.exit_code == code
    assert report.as_json() == {
        "findings": [
            {"name": "tags", "state": "ok", "text": "shown"},
            {"name": "count", "state": state, "text": "text"},
        ],
        "exit_code": code,
    }
