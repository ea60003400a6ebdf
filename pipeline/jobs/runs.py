"""Earlier runs: described, reported on anew, and removed where nothing needs them.

A run is what its undo needs, so a purge is careful: what is unfinished can be continued, what stays may be undone, and
undoing a run looks at the runs that have undone it already.
"""

import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.errors import InputError, StorageFailed
from pipeline.jobs._summary import summarise, write_report
from pipeline.report import read_details
from pipeline.results import RunDetails, RunSummary
from pipeline.runs import JOURNAL, REPORT, PurgeSummary, RunEntry, RunFolder, list_runs, list_undoings, open_run
from pipeline.state import account_lock
from pipeline.values import Struct

ENDED = ("finished", "refused", "undone")
"""States of runs that nothing goes on with. One that never started may be about to."""

LOCK = "import"
"""The purpose under which everything that writes to an account holds it."""


class PurgeRule(Struct, frozen=True):
    """Which runs may go: those beyond the newest `keep`, and begun before `before`. Both must hold."""

    keep: int = 1
    before: datetime | None = None

    @classmethod
    def of(cls, keep: int | None, older_than_days: float | None) -> "PurgeRule":
        """Return the rule for what a person said; None for nothing. The newest run always stays."""
        before = None if older_than_days is None else datetime.now(UTC) - timedelta(days=older_than_days)
        return cls(max(keep or 1, 1), before)

    def chosen(self, runs: Sequence[RunEntry]) -> tuple[RunEntry, ...]:
        """Return those of `runs` (all there are) that may go, oldest first."""
        # A run that cannot be read is not removed and does not count among the newest.
        readable = [run for run in runs if run.state != "unreadable"]
        ordered = sorted(readable, key=lambda run: (run.started, run.run_id))
        oldest = ordered[: max(len(ordered) - self.keep, 0)]
        going = {run.run_id: run for run in oldest if run.state in ENDED and self._is_old(run)}
        while needed := _needed(going, runs):
            for run_id in needed:
                del going[run_id]
        return tuple(going.values())

    def _is_old(self, run: RunEntry) -> bool:
        if self.before is None:
            return True
        try:
            return datetime.fromisoformat(run.started) < self.before
        except (ValueError, TypeError):
            # A run whose age is not known stays.
            return False


def describe_run(runs: Path, run_id: str) -> tuple[RunSummary, RunDetails]:
    """Return what a run's journal and the runs that undid it say of it. Raises InputError, StorageFailed."""
    run = open_run(runs, run_id)
    with run.journal:
        return summarise(run), _details(runs, run)


def report_run(runs: Path, run_id: str, output: Path | None = None) -> tuple[RunSummary, RunDetails]:
    """Write the report of a run, into its folder or to `output`. Raises InputError, StorageFailed."""
    run = open_run(runs, run_id)
    with run.journal:
        if output and output.resolve().parent == run.path.resolve() and output.name != REPORT:
            raise InputError(
                f"{output} is in the folder of the run, whose other files must stay as they are. Nothing was written.",
                advice="Write it elsewhere, or leave --output out.",
            )
        details = _details(runs, run)
        return write_report(run, summarise(run), details, output), details


def _details(runs: Path, run: RunFolder) -> RunDetails:
    return read_details(run.journal, run.state, list_undoings(runs, run.run_id))


def plan_purge(folder: Path, rule: PurgeRule) -> PurgeSummary:
    """Return what a purge of this folder of runs would remove now."""
    runs = list_runs(folder)
    chosen = rule.chosen(runs)
    size = sum(path.lstat().st_size for run in chosen for path in (folder / run.run_id).rglob("*"))
    unreadable = sum(run.state == "unreadable" for run in runs)
    return PurgeSummary(chosen, size, len(runs) - len(chosen), unreadable, is_dry=True)


def purge(folder: Path, planned: PurgeSummary, rule: PurgeRule) -> PurgeSummary:
    """Remove the runs of a plan that may still go, and return what was removed.

    Raises LockHeld while another process works on one of their accounts (nothing is removed then), and StorageFailed.
    """
    with ExitStack() as stack:
        for account in sorted({run.account for run in planned.removed}):
            stack.enter_context(account_lock(account, LOCK))
        # What was agreed to and, with the locks held, may still go.
        agreed = {run.run_id for run in planned.removed}
        now = plan_purge(folder, rule)
        going = tuple(run for run in now.removed if run.run_id in agreed)
        size = 0
        for run in going:
            size += _remove(folder / run.run_id)
    return PurgeSummary(going, size, now.kept + len(now.removed) - len(going), now.unreadable)


def _needed(going: dict[str, RunEntry], runs: Sequence[RunEntry]) -> set[str]:
    """Return those of the runs that go which one that stays needs.

    Undoing a run asks the runs that have undone it what its contacts were left as, and an unfinished undo goes on from
    the run that it undoes.
    """
    staying = {run.run_id for run in runs} - going.keys()
    undoings = {run.run_id for run in going.values() if run.undoes in staying}
    return undoings | {run.undoes for run in runs if run.run_id in staying and run.state == "unfinished"} & going.keys()


def _remove(path: Path) -> int:
    """Remove a run's folder, the journal last: a purge that is killed leaves a run that can be purged. Its bytes."""
    try:
        files = sorted(path.iterdir(), key=lambda file: file.name == JOURNAL)
        size = sum(file.lstat().st_size for file in path.rglob("*"))
        for file in files:
            if file.is_dir() and not file.is_symlink():
                shutil.rmtree(file)
            else:
                file.unlink()
        path.rmdir()
    except OSError as error:
        raise StorageFailed(
            f"The run folder {path} cannot be removed: {error.strerror}. Those before it are removed, the others stay.",
            advice="Mend the permissions, then run the same command again.",
        ) from error
    return size
