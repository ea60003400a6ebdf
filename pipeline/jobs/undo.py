"""Take back what a run did."""

import contextlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from pipeline.account import Account
from pipeline.errors import Refused
from pipeline.heymarket import HeymarketClient
from pipeline.jobs._attempt import Attempt, Opened, carry_through, fingerprint
from pipeline.jobs._ending import Ending
from pipeline.jobs._reversal import plan_reversal
from pipeline.report import field_names
from pipeline.results import ReversalPlan, RunSummary
from pipeline.reversal import RESTORE, LaterUndos, UndoStaging, drop_channels
from pipeline.runs import RunFolder, find_undoings, open_run
from pipeline.runs.journal import Journal, RunFacts
from pipeline.signals import Progress, StopSwitch
from pipeline.values import Struct, replace

_UNDO = replace(RESTORE, allow_unblock=True)
"""Whoever the run blocked is unblocked: nobody is whom somebody else blocked."""


class UndoJob(Struct, frozen=True):
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
            if old.journal.facts.account != self.account.key:
                raise Refused(
                    f"Run {old.run_id} worked on another account, or with other credentials. Nothing was sent.",
                    advice="Use the settings and credentials of that run.",
                )
            undoings = find_undoings(self.runs, old.run_id)
            for undoing in undoings:
                stack.enter_context(undoing.journal)
            self._refuse_beside(old.run_id, undoings)
            if old.journal.lists.counts():
                progress.say(
                    f"Run {old.run_id} added contacts to lists; they stay there, because no endpoint reads lists."
                )
            if early := old.journal.opt_outs.counts().get("absent", 0):
                who = "1 opt-out of somebody" if early == 1 else f"{early:,} opt-outs of people"
                progress.say(f"Run {old.run_id} remembered {who} who has no contact yet; an undo relaxes none.")
            later = LaterUndos((run.journal for run in undoings), old.journal.history.called())
            yield old, UndoStaging(old.journal, later, self.delete_created)

    def fingerprint(self, run_id: str) -> str:
        """Return what an interrupted undo is known again by."""
        return fingerprint(self.account.key, "undo", run_id, self.delete_created)

    def _refuse_beside(self, run_id: str, undoings: Sequence[RunFolder]) -> None:
        """Raise Refused while another undo of the run is unfinished: what it left is not known."""
        for run in undoings:
            facts = run.journal.facts
            is_other = facts.fingerprint != self.fingerprint(run_id)
            if facts.state == "open" and is_other and run.journal.history.has_writes():
                raise Refused(
                    f"Run {run.run_id}, which undoes {facts.undoes}, is unfinished. Nothing was sent.",
                    advice=f"Finish it first: 'hmpipe undo {facts.undoes}', with the options that it was begun with.",
                )


async def plan_undo(job: UndoJob, progress: Progress) -> ReversalPlan:
    """Say what an undo would do now; reads the account and writes nothing. Raises PipelineError."""
    with job.opened(progress) as (old, undoing):

        async def stage(client: HeymarketClient, journal: Journal, stop: StopSwitch) -> None:
            await undoing.stage(journal, client, stop, progress)

        return await plan_reversal(job.account, "undo", f"run {old.run_id}", stage, progress, undone=old.run_id)


async def run_undo(job: UndoJob, progress: Progress, *, most_deletions: int | None = None) -> RunSummary:
    """Bring what a run changed back to what it was before, and prove it.

    `most_deletions` is how many deletions a person has agreed to, None for any number. Raises UsageProblem; every other
    end is in the summary.
    """
    ending = Ending("undo", f"run {job.run_id}", progress)
    return await carry_through(job.account, ending, partial(_undo, job, most_deletions))


async def _undo(job: UndoJob, most_deletions: int | None, opened: Opened) -> None:
    with job.opened(opened.progress) as (old, undoing):
        known_by = job.fingerprint(old.run_id)
        run = opened.go_on(known_by)
        if run is None:
            names = field_names(old.journal)
            facts = RunFacts(source=f"run {old.run_id}", fingerprint=known_by, undoes=old.run_id, field_names=names)
            run = opened.begin(facts)
            await undoing.stage(run.journal, opened.client, opened.stop, opened.progress)
        attempt = Attempt(opened, run, _UNDO)
        await attempt.check_brakes(most_deletions)
        if old.journal.facts.state == "open":
            # An import that was never finished must not go on from what is undone now.
            old.journal.record(replace(old.journal.facts, state="undone"))
    await attempt.upload()
    await drop_channels(opened.client, run.journal, opened.stop)
