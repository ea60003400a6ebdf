"""Which runs may go, and that only those go."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.errors import LockHeld
from pipeline.jobs.runs import PurgeRule, plan_purge, purge
from pipeline.runs._entries import RunEntry
from pipeline.runs._folder import JOURNAL, list_runs
from pipeline.state._lock import account_lock
from tests.runs.test_folder import damage, make_run

pytestmark = pytest.mark.usefixtures("own_state")


def run(day: int, state: str = "finished", *, undoes: str = "") -> RunEntry:
    return RunEntry(f"r{day}", state, started=f"2026-01-{day:02}T00:00:00+00:00", undoes=undoes)


def going(rule: PurgeRule, *runs: RunEntry) -> list[str]:
    return [each.run_id for each in rule.chosen(runs)]


class TestRule:
    def test_the_newest_stay(self) -> None:
        runs = [run(3), run(1), run(4), run(2)]
        assert going(PurgeRule(2), *runs) == ["r1", "r2"]
        assert going(PurgeRule.of(None, 0), *runs) == ["r1", "r2", "r3"], "never the newest"
        assert going(PurgeRule.of(9, 0), *runs) == []
        assert going(PurgeRule(1)) == []

    def test_what_is_not_old_enough_stays(self) -> None:
        runs = [run(day) for day in range(1, 6)]
        before = datetime(2026, 1, 3, tzinfo=UTC)
        assert going(PurgeRule(1, before), *runs) == ["r1", "r2"]
        assert going(PurgeRule(4, before), *runs) == ["r1"]
        odd = RunEntry("r0", "finished", started="yesterday")
        assert going(PurgeRule(1, before), odd, *runs) == ["r1", "r2"], "its age is not known"

    @pytest.mark.parametrize("state", ["unfinished", "never started", "unreadable"])
    def test_what_may_go_on_stays(self, state: str) -> None:
        assert going(PurgeRule(1), run(1, state), run(2), run(3)) == ["r2"]

    @pytest.mark.parametrize("state", ["refused", "undone"])
    def test_what_nothing_goes_on_with_may_go(self, state: str) -> None:
        assert going(PurgeRule(1), run(1, state), run(3)) == ["r1"]

    def test_an_undo_stays_with_the_run_that_it_undid(self) -> None:
        # Begun before it by the clock, so that only the rule can save it.
        chain = [run(1, undoes="r2"), run(2, undoes="r9"), run(3), run(9)]
        assert going(PurgeRule(1), *chain) == ["r3"]

    def test_an_unfinished_undo_keeps_the_run_that_it_undoes(self) -> None:
        assert going(PurgeRule(1), run(1), run(2), run(3, "unfinished", undoes="r1"), run(4)) == ["r2"]
        assert going(PurgeRule(1), run(1), run(2), run(3, undoes="r1"), run(4)) == ["r1", "r2", "r3"]


def three(runs: Path) -> None:
    for number, state in enumerate(("finished", "open", "finished", "finished"), start=1):
        started = datetime.now(UTC) - timedelta(days=10 - number)
        folder = make_run(runs, f"r{number}", state=state, started=started.isoformat())
        (folder / "rejects.csv").write_text("x" * 1000)
    damage(runs / "r0")


def test_only_what_is_planned_and_may_go_goes(tmp_path: Path) -> None:
    runs, rule = tmp_path / "runs", PurgeRule(1)
    three(runs)
    planned = plan_purge(runs, rule)
    assert [each.run_id for each in planned.removed] == ["r1", "r3"]
    assert (planned.kept, planned.unreadable, planned.is_dry) == (3, 1, True)
    assert len(list_runs(runs)) == 5, "nothing is gone yet"
    # Meanwhile another run has become old: nobody has agreed to that.
    make_run(runs, "r5", state="finished", started=datetime.now(UTC).isoformat())
    done = purge(runs, planned, rule)
    assert [each.run_id for each in done.removed] == ["r1", "r3"]
    assert done.size == planned.size > 2000
    assert {path.name for path in runs.iterdir()} == {"r0", "r2", "r4", "r5"}
    assert (done.kept, done.is_dry) == (4, False)
    assert done.as_json()["removed"] == ["r1", "r3"]


def test_nothing_goes_while_somebody_works_on_the_account(tmp_path: Path) -> None:
    runs, rule = tmp_path / "runs", PurgeRule(1)
    three(runs)
    planned = plan_purge(runs, rule)
    with account_lock("a", "import"), pytest.raises(LockHeld):
        purge(runs, planned, rule)
    assert len(list(runs.glob(f"*/{JOURNAL}"))) == 5
