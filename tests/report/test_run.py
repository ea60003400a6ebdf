"""A run at its end and the list of runs, to the letter."""

import pytest

from pipeline.models._outcomes import Tally, Traffic
from pipeline.report import run_text, runs_text
from pipeline.results import RunSummary
from pipeline.runs import RunEntry, RunKind
from tests.report.results import EXAMPLES


class TestImport:
    def test_one_with_rows_to_look_at_to_the_letter(self) -> None:
        summary = RunSummary(
            run_id="20260101T000000Z-abcdef",
            tally=Tally(rows=12_345, created=12_340, unchanged=2, rejected=2, failed=1),
            traffic=Traffic(requests=12_500, rate_limited=3),
            seconds=1_700,
            exit_code=3,
            rejects="runs/20260101T000000Z-abcdef/rejects.csv",
            source="people.csv",
            attempts=2,
            codes={"too_short": 1, "bad_email": 1, "not_kept": 1},
            notes={"region_assumed": 1_200, "phone_from:Mobile": 1},
            examples=EXAMPLES,
        )
        assert run_text(summary) == (
            "Import of people.csv: finished, with rows to look at\n"
            "     12,340 created\n"
            "          2 unchanged\n"
            "          2 rejected\n"
            "          1 failed\n"
            "     12,345 rows in all\n"
            "Not taken, by reason:\n"
            "          1 too_short: phone number too short\n"
            "          1 bad_email: not an e-mail address\n"
            "          1 not_kept: not kept\n"
            "For example:\n"
            "  line 4, column 'Phone': '12': too short [too_short]\n"
            "  line 9: it read back otherwise [not_kept]\n"
            f"  line 10, column 'Mail': '{'x' * 57}...': no @ [bad_email]\n"
            "Doubtful, and taken all the same:\n"
            "      1,200 phones had no country code and no country beside them; import.default_region was assumed"
            " [region_assumed]\n"
            "Worth knowing:\n"
            "          1 phones came from the column 'Mobile', because those before it had no valid one [phone_from]\n"
            "12,500 requests, 3 of them rate limited, 28 min in 2 attempts.\n"
            "Rows to mend and import again: runs/20260101T000000Z-abcdef/rejects.csv\n"
            "Run: 20260101T000000Z-abcdef"
        )

    def test_one_without_a_remark_is_short(self) -> None:
        summary = RunSummary("run-1", Tally(rows=1, created=1), Traffic(3), 0.24, 0, source="people.csv")
        assert run_text(summary) == (
            "Import of people.csv: finished\n"
            "          1 created\n"
            "          1 rows in all\n"
            "3 requests, 0.2 s.\n"
            "Run: run-1"
        )

    def test_one_that_stopped_says_what_is_open(self) -> None:
        summary = RunSummary("run-1", Tally(rows=5, created=2), Traffic(), 0, 1, source="people.csv", error="Full.")
        assert run_text(summary).splitlines()[:4] == [
            "Import of people.csv: stopped before its end",
            "          2 created",
            "          5 rows in all",
            "          3 without an outcome yet",
        ]

    @pytest.mark.parametrize(
        ("kind", "said"),
        [
            ("delete", "Rows whose contacts were not deleted, and why"),
            ("undo", "not a file to import"),
            ("restore", "a list for --only, not a file to import"),
        ],
    )
    def test_only_the_rejects_of_an_import_are_to_be_imported_again(self, kind: RunKind, said: str) -> None:
        summary = RunSummary(
            "run-1", Tally(rows=1, rejected=1), Traffic(), 0.2, 3, rejects="r.csv", source="x", kind=kind
        )
        [line] = [line for line in run_text(summary).splitlines() if line.endswith(": r.csv")]
        assert said in line
        assert "import again" not in line

    def test_one_that_never_began_has_no_run(self) -> None:
        assert run_text(RunSummary(None, Tally(), Traffic(), 0, 4, source="people.csv", error="Locked.")) == (
            "Import of people.csv: not started\n0 requests, 0.0 s."
        )


def test_runs_to_the_letter() -> None:
    runs = [
        RunEntry("run-2", "finished", "people.csv", "2026", Tally(rows=1_500, created=1_400, rejected=100)),
        RunEntry("run-1", "never started"),
    ]
    assert runs_text(runs) == (
        "run-2  finished          1,500 rows  people.csv  1,400 created, 100 rejected\n"
        "run-1  never started         0 rows"
    )
    assert runs_text([]) == "No runs yet."
