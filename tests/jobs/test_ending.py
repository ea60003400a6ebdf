"""How a run ends: its counts on disk, its exit code, what it says."""

import json
import stat
from pathlib import Path

import pytest

from pipeline.errors import BrakePulled, Interrupted, LockHeld, PipelineError, ServiceUnavailable
from pipeline.jobs._ending import Ending
from pipeline.jobs._summary import summarise
from pipeline.models._contacts import Skip
from pipeline.models._outcomes import Outcome, OutcomeKind, Tally, Traffic
from pipeline.results import RunSummary
from pipeline.runs._folder import JOURNAL, REJECTS, SUMMARY, open_run
from pipeline.runs.journal import RunFacts
from pipeline.sandbox import Sandbox
from tests.jobs.attempts import REJECT, Idle, Recorder, account, begin, complete, opened_for, people, states


def text_of(path: str | None) -> str:
    assert path
    return Path(path).read_text()


async def test_an_import_ends_with_its_counts_on_disk(tmp_path: Path) -> None:
    chosen, recorder, world = account(tmp_path), Recorder(), Sandbox()
    summary = await complete(begin(chosen, people(3), recorder), world)
    assert summary.tally == Tally(rows=3, created=3)
    assert (summary.exit_code, summary.rejects, summary.error, summary.attempts) == (0, None, "", 1)
    assert summary.traffic.requests == len(world.requests)
    assert summary.run_id
    folder = chosen.settings.paths.runs / summary.run_id
    assert json.loads((folder / SUMMARY).read_text()) == summary.as_json()
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert not (folder / REJECTS).exists()
    assert states(chosen) == ["finished"]
    assert recorder.stages == [("importing", 3)]
    assert recorder.steps == 3


async def test_rows_to_look_at_end_it_with_3_and_a_reject_file(tmp_path: Path) -> None:
    skip = Skip(98, "skip_where", "deleted")
    summary = await complete(begin(account(tmp_path), [*people(1), skip, REJECT]), Sandbox())
    assert summary.tally == Tally(rows=3, created=1, skipped=1, rejected=1)
    assert summary.exit_code == 3
    assert summary.codes == {"skip_where": 1, "too_short": 1}
    assert [example.code for example in summary.examples] == ["too_short"]
    assert text_of(summary.rejects).splitlines() == [
        "Phone,_row,_code,_column,_value,_reason",
        "cell,99,too_short,Phone,12,too short",
    ]


class TestEnd:
    def test_without_a_run_there_is_only_an_error(self) -> None:
        summary = Ending("import", "people.csv", Recorder()).finish(LockHeld("Another import."))
        assert (summary.run_id, summary.tally, summary.exit_code) == (None, Tally(), 4)
        assert (summary.error, summary.source, summary.traffic) == ("Another import.", "people.csv", Traffic())

    def test_a_run_that_ended_before_its_input_was_in_leaves_nothing(self, tmp_path: Path) -> None:
        chosen = account(tmp_path)
        opened = opened_for(chosen, Idle())
        opened.begin(RunFacts(source="people.csv"))
        summary = opened.ending.finish(Interrupted("Stopped.", signal_number=15))
        assert (summary.run_id, summary.exit_code, summary.error) == (None, 143, "Stopped.")
        assert list(chosen.settings.paths.runs.iterdir()) == []

    def test_abandoning_removes_the_run_and_may_be_done_twice(self, tmp_path: Path) -> None:
        chosen = account(tmp_path)
        begun = begin(chosen, people(1))
        begun.ending.abandon()
        begun.ending.abandon()
        assert list(chosen.settings.paths.runs.iterdir()) == []

    def test_rows_without_an_outcome_never_end_well(self, tmp_path: Path) -> None:
        chosen = account(tmp_path)
        begun = begin(chosen, people(3))
        begun.run.settle([Outcome(1, OutcomeKind.CREATED)])
        summary = begun.finish(None)
        assert (summary.exit_code, summary.pending) == (1, 2)
        assert summary.error.startswith("3 rows came in and 1 have an outcome: this is a fault of the program.")
        assert summary.as_json()["pending"] == 2
        assert states(chosen) == ["unfinished"]

    def test_an_interruption_keeps_the_run_open(self, tmp_path: Path) -> None:
        chosen = account(tmp_path)
        summary = begin(chosen, people(1)).finish(Interrupted("Stopped by SIGTERM.", signal_number=15))
        assert (summary.exit_code, summary.error, summary.pending) == (143, "Stopped by SIGTERM.", 1)
        assert states(chosen) == ["unfinished"]

    @pytest.mark.parametrize(("kind", "code"), [(OutcomeKind.CREATED, 0), (OutcomeKind.UNKNOWN, 3)])
    def test_an_interruption_after_the_last_row_is_none(self, tmp_path: Path, kind: OutcomeKind, code: int) -> None:
        chosen = account(tmp_path)
        begun = begin(chosen, people(1))
        begun.run.settle([Outcome(1, kind)])
        summary = begun.finish(Interrupted("Stopped by SIGTERM."))
        assert (summary.exit_code, summary.error) == (code, "")
        assert states(chosen) == ["finished"]

    def test_another_error_stays_even_when_every_row_has_its_outcome(self, tmp_path: Path) -> None:
        chosen = account(tmp_path)
        begun = begin(chosen, people(1))
        begun.run.settle([Outcome(1, OutcomeKind.FAILED, "not_kept", "why")])
        summary = begun.finish(BrakePulled("It would be too much."))
        assert (summary.exit_code, summary.error) == (4, "It would be too much.")

    @pytest.mark.parametrize(
        ("error", "code", "words"), [(None, 1, "readonly database"), (BrakePulled("Too much."), 4, "Too much.")]
    )
    def test_a_disk_that_takes_nothing_more_does_not_hide_how_it_ended(
        self, tmp_path: Path, error: PipelineError | None, code: int, words: str
    ) -> None:
        begun = begin(account(tmp_path), people(2))
        begun.run.settle([Outcome(1, OutcomeKind.CREATED)])
        run = begun.run
        # SQLite itself refuses every write from here on, as on a file system that became read-only.
        run.journal._file.db.execute("PRAGMA query_only = ON")
        summary = begun.finish(error)
        run.journal.close()
        assert (summary.run_id, summary.tally, summary.exit_code) == (run.folder.run_id, Tally(rows=2, created=1), code)
        assert words in summary.error

    def test_a_journal_that_cannot_even_be_read_does_not_hide_how_it_ended(self, tmp_path: Path) -> None:
        begun = begin(account(tmp_path), people(2))
        begun.run.journal.close()
        summary = begun.finish(ServiceUnavailable("It went away."))
        assert (summary.tally, summary.exit_code, summary.error) == (Tally(), 1, "It went away.")

    def test_a_run_that_was_killed_is_summarised_as_stopped(self, tmp_path: Path) -> None:
        chosen = account(tmp_path)
        begin(chosen, [*people(1), REJECT]).run.journal.close()
        [path] = chosen.settings.paths.runs.glob(f"*/{JOURNAL}")
        run = open_run(chosen.settings.paths.runs, path.parent.name)
        summary = summarise(run)
        run.journal.close()
        assert summary == RunSummary(
            path.parent.name,
            Tally(rows=2, rejected=1),
            Traffic(),
            0.0,
            1,
            source="people.csv",
            codes={"too_short": 1},
            examples=summary.examples,
        )
