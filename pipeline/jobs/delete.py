"""Delete the contacts that a list names."""

from dataclasses import dataclass
from functools import partial

from pipeline.account import Account
from pipeline.heymarket import HeymarketClient
from pipeline.jobs._attempt import Attempt, carry_through
from pipeline.jobs._reversal import _fingerprint, _preview
from pipeline.reader.tables import Source
from pipeline.results import ReversalPlan, RunSummary
from pipeline.reversal import RESTORE, ListIntake
from pipeline.runs import create_run
from pipeline.runs.journal import Journal, RunFacts
from pipeline.signals import Progress, StopSwitch, interruptible


@dataclass(frozen=True, slots=True)
class DeleteJob:
    """One deletion of the contacts that a list names."""

    account: Account
    source: Source

    def intake(self, client: HeymarketClient, stop: StopSwitch) -> ListIntake:
        """Return what is to be read."""
        settings = self.account.settings
        return ListIntake(client, self.source, settings.imports, stop, settings.limits.concurrency)


async def plan_delete(job: DeleteJob, progress: Progress) -> ReversalPlan:
    """Say what a deletion would do now; reads the account and writes nothing. Raises PipelineError."""
    stop = StopSwitch()
    with Journal.create(None) as journal:
        async with interruptible(stop, progress.say, 0), job.account.client() as client:
            await job.intake(client, stop).take(journal, progress)
            return await _preview(client, journal, progress, ("delete", job.source.name, ""))


async def run_delete(job: DeleteJob, progress: Progress, *, most_deletions: int | None = None) -> RunSummary:
    """Delete the contacts that a list names, each saved in the journal first, and prove that they are gone.

    `most_deletions` is as for `run_undo`. Raises UsageProblem; every other end is in the summary.
    """
    attempt = Attempt(job.account, job.source.name, progress, "delete")
    return await carry_through(attempt, job.account, progress, partial(_delete, job, attempt, progress, most_deletions))


async def _delete(job: DeleteJob, attempt: Attempt, progress: Progress, most_deletions: int | None) -> None:
    async with job.account.client() as client:
        attempt.use(client)
        runs = job.account.settings.paths.runs
        run = create_run(runs, RunFacts(account=job.account.key, source=job.source.name, kind="delete"))
        attempt.take(run)

        def resume(content: str) -> bool:
            return attempt.continue_same(runs, _fingerprint(job.account.key, "delete", content))

        await job.intake(client, attempt.stop).take(run.journal, progress, resume)
        await attempt.check_brakes(client, RESTORE, most_deletions=most_deletions)
        await attempt.upload(client, RESTORE)
