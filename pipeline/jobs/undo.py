"""Take back what a run did."""

import contextlib
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pipeline.account import Account
from pipeline.errors import Refused
from pipeline.jobs._attempt import Attempt, carry_through
from pipeline.jobs._reversal import _fingerprint, _preview
from pipeline.report import field_names
from pipeline.resolver import Resolver
from pipeline.results import ReversalPlan, RunSummary
from pipeline.reversal import RESTORE, LaterUndos, UndoStaging
from pipeline.runs import RunFolder, create_run, find_undoings, open_run
from pipeline.runs.journal import Journal
from pipeline.signals import Progress, StopSwitch, interruptible


@dataclass(frozen=True, slots=True)
class UndoJob:
    """One undo of a run. `run_id` may be the beginning of its ID."""

    account: Account
    run_id: str
    delete_created: bool = False

    @property
    def runs(self) -> Path:
        """The folder of runs."""
        return self.account.settings.paths.runs

    @contextlib.contextmanager
    def opened(self, progress: Progress) -> Iterator[tuple[RunFolder, UndoStaging]]:
        """Open the run, and what has undone it already. Raises InputError, Refused and StorageFailed."""
        old = open_run(self.runs, self.run_id, last_but="undo")
        with ExitStack() as stack:
            stack.enter_context(old.journal)
            if old.journal.meta("account") != self.account.key:
                raise Refused(
                    f"Run {old.run_id} worked on another account, or with other credentials. Nothing was sent.",
                    advice="Use the settings and credentials of that run.",
                )
            undoings = find_undoings(self.runs, old.run_id)
            for undoing in undoings:
                stack.enter_context(undoing.journal)
            self._refuse_beside(old.run_id, undoings)
            if old.journal.list_adds():
                progress.say(
                    f"Run {old.run_id} added contacts to lists; they stay there, because no endpoint reads lists."
                )
            yield old, UndoStaging(old.journal, LaterUndos(run.journal for run in undoings), self.delete_created)

    def fingerprint(self, run_id: str) -> str:
        """Return what an interrupted undo is known again by."""
        return _fingerprint(self.account.key, "undo", run_id, self.delete_created)

    def _refuse_beside(self, run_id: str, undoings: Sequence[RunFolder]) -> None:
        """Raise Refused while another undo of the run is unfinished: what it left is not known."""
        for run in undoings:
            journal = run.journal
            if journal.meta("state") != "open" or not journal.has_writes():
                continue
            if journal.meta("fingerprint") != self.fingerprint(run_id):
                undone = journal.meta("undoes")
                raise Refused(
                    f"Run {run.run_id}, which undoes {undone}, is unfinished. Nothing was sent.",
                    advice=f"Finish it first: 'hmpipe undo {undone}', with the options that it was begun with.",
                )


async def plan_undo(job: UndoJob, progress: Progress) -> ReversalPlan:
    """Say what an undo would do now; reads the account and writes nothing. Raises PipelineError."""
    stop = StopSwitch()
    with Journal.create(None) as journal, job.opened(progress) as (old, undoing):
        async with interruptible(stop, progress.say, 0), job.account.client() as client:
            await undoing.stage(journal, Resolver(client), stop, progress)
            return await _preview(client, journal, progress, ("undo", f"run {old.run_id}", old.run_id))


async def run_undo(job: UndoJob, progress: Progress, *, most_deletions: int | None = None) -> RunSummary:
    """Bring what a run changed back to what it was before, and prove it.

    `most_deletions` is how many deletions a person has agreed to, None for any number. Raises UsageProblem; every other
    end is in the summary.
    """
    attempt = Attempt(job.account, f"run {job.run_id}", progress, "undo")
    return await carry_through(attempt, job.account, progress, partial(_undo, job, attempt, progress, most_deletions))


async def _undo(job: UndoJob, attempt: Attempt, progress: Progress, most_deletions: int | None) -> None:
    async with job.account.client() as client:
        attempt.use(client)
        with job.opened(progress) as (old, undoing):
            fingerprint = job.fingerprint(old.run_id)
            if not attempt.resume(job.runs, fingerprint):
                source = f"run {old.run_id}"
                facts = {"account": job.account.key, "state": "open", "kind": "undo", "undoes": old.run_id}
                facts["field_names"] = json.dumps(field_names(old.journal))
                run = create_run(job.runs, source=source, fingerprint=fingerprint, **facts)
                attempt.take(run)
                await undoing.stage(run.journal, Resolver(client), attempt.stop, progress)
            await attempt.check_brakes(client, RESTORE, most_deletions=most_deletions)
            if old.journal.meta("state") == "open":
                # An import that was never finished must not go on from what is undone now.
                old.journal.describe(state="undone")
        await attempt.upload(client, RESTORE)
