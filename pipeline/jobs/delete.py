"""Delete the contacts that a list names."""

from functools import partial

from pipeline.account import Account
from pipeline.heymarket import HeymarketClient
from pipeline.jobs._attempt import Attempt, Opened, carry_through, fingerprint
from pipeline.jobs._ending import Ending
from pipeline.jobs._reversal import plan_reversal
from pipeline.reader.tables import Source
from pipeline.results import ReversalPlan, RunSummary
from pipeline.reversal import RESTORE, ListIntake
from pipeline.runs.journal import Journal, RunFacts
from pipeline.signals import Progress, StopSwitch
from pipeline.values import Struct


class DeleteJob(Struct, frozen=True):
    """One deletion of the contacts that a list names."""

    account: Account
    source: Source

    def intake(self, client: HeymarketClient, stop: StopSwitch) -> ListIntake:
        """Return what is to be read."""
        settings = self.account.settings
        return ListIntake(client, self.source, settings.imports, stop, settings.limits.concurrency)


async def plan_delete(job: DeleteJob, progress: Progress) -> ReversalPlan:
    """Say what a deletion would do now; reads the account and writes nothing. Raises PipelineError."""

    async def stage(client: HeymarketClient, journal: Journal, stop: StopSwitch) -> None:
        await job.intake(client, stop).take(journal, progress)

    return await plan_reversal(job.account, "delete", job.source.name, stage, progress)


async def run_delete(job: DeleteJob, progress: Progress, *, most_deletions: int | None = None) -> RunSummary:
    """Delete the contacts that a list names, each saved in the journal first, and prove that they are gone.

    `most_deletions` is as for `run_undo`. Raises UsageProblem; every other end is in the summary.
    """
    ending = Ending("delete", job.source.name, progress)
    return await carry_through(job.account, ending, partial(_delete, job, most_deletions))


async def _delete(job: DeleteJob, most_deletions: int | None, opened: Opened) -> None:
    run = begun = opened.begin(RunFacts(source=job.source.name))

    def resume(content: str) -> bool:
        nonlocal run
        run = opened.go_on(fingerprint(job.account.key, "delete", content), begun) or begun
        return run is not begun

    await job.intake(opened.client, opened.stop).take(begun.journal, opened.progress, resume)
    attempt = Attempt(opened, run, RESTORE)
    await attempt.check_brakes(most_deletions)
    await attempt.upload()
