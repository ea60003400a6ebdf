"""What the stages do is in the journal before it is shown."""

from pathlib import Path

from pipeline.models._changes import Change, ChangeKind, WriteAnswer
from pipeline.models._outcomes import Outcome, OutcomeKind
from pipeline.runs._folder import list_runs
from tests.jobs.attempts import Recorder, account, begin, people


class TestLedger:
    def test_what_was_begun_is_in_doubt_until_it_is_released_or_answered(self, tmp_path: Path) -> None:
        run = begin(account(tmp_path), people(1)).run
        change = Change(1, ChangeKind.CREATE, "14155550102", {"phone": "14155550102"})
        run.begin([change])
        assert run.open_rows(0, 10)[0].doubt == change
        run.release([1])
        assert run.open_rows(0, 10)[0].doubt is None
        run.begin([change])
        run.answered(1, WriteAnswer(55))
        assert run.open_rows(0, 10)[0].answer == WriteAnswer(55)

    def test_progress_moves_only_when_outcomes_are_on_disk(self, tmp_path: Path) -> None:
        chosen = account(tmp_path)
        settled: list[int] = []

        class Looking(Recorder):
            """Reads the run as another process would, at every step."""

            def advance(self, steps: int) -> None:
                super().advance(steps)
                [entry] = list_runs(chosen.settings.paths.runs)
                settled.append(entry.tally.settled)

        run = begin(chosen, people(3), Looking()).run
        run.settle([Outcome(1, OutcomeKind.CREATED)])
        run.settle([Outcome(2, OutcomeKind.CREATED), Outcome(3, OutcomeKind.CREATED)])
        assert settled == [1, 3]
