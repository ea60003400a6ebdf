"""Bring files of contacts to the account. The write order is in docs/architecture.md, section Invariants."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.account import Account
from pipeline.errors import SettingsError
from pipeline.jobs._attempt import Attempt, carry_through
from pipeline.planner import Policy
from pipeline.reader import Directory, Intake, Resolve, Taken, input_name
from pipeline.reader.mapping import ColumnPlan
from pipeline.reader.tables import Source
from pipeline.results import RunSummary
from pipeline.runs import create_run
from pipeline.runs.journal import RunFacts
from pipeline.settings import Settings
from pipeline.signals import Progress, StopSwitch


@dataclass(frozen=True, slots=True)
class ImportJob:
    """One import of one or several files. `new_run` continues no earlier run."""

    account: Account
    sources: Sequence[Source]
    allow_opt_in: bool = False
    allow_lists: bool = False
    new_run: bool = False

    @property
    def settings(self) -> Settings:
        """The settings of the account."""
        return self.account.settings

    def policy(self, taken: Taken) -> Policy:
        """Return what the planner is to do with contacts that exist."""
        maps_custom = any(_has(file.columns, "custom") for file in taken.files)
        imports = self.settings.imports
        return Policy(imports.on_existing, self.allow_opt_in, maps_custom, imports.tags, imports.on_conflict)

    def intake(self, resolve: Resolve, stop: StopSwitch | None = None) -> Intake:
        """Return what is to be read. Raises SettingsError where lists are mapped and not allowed."""
        lists = any(target.kind == "list" for targets in self.settings.imports.columns.values() for target in targets)
        if lists and not self.allow_lists:
            raise SettingsError(
                "A column is mapped to a list: adding contacts to a list that feeds a campaign starts sending."
                " Nothing was sent.",
                advice='Say --allow-lists if that is wanted, or map the column to "ignore".',
            )
        return Intake(self.sources, self.settings.imports, resolve, stop)


async def run_import(job: ImportJob, progress: Progress) -> RunSummary:
    """Bring files of contacts to the account and prove it. Raises UsageProblem; every other end is in the summary."""
    attempt = Attempt(job.account, input_name(job.sources), progress)
    return await carry_through(attempt, job.account, progress, lambda: _import(job, attempt, progress))


async def _import(job: ImportJob, attempt: Attempt, progress: Progress) -> None:
    async with job.account.client() as client:
        attempt.use(client)
        directory = Directory(client, keep_titles=True)
        intake = job.intake(directory.resolve, attempt.stop)
        intake.look()
        run = create_run(job.settings.paths.runs, RunFacts(account=job.account.key, source=intake.name))
        attempt.take(run)
        taken = await intake.take(run.journal, progress)
        attempt.continue_earlier(job.settings.paths.runs, allow_opt_in=job.allow_opt_in, new_run=job.new_run)
        await attempt.match(client)
        attempt.name_fields(directory.existing_ids())
        await attempt.check_brakes(client, job.policy(taken))
        # Fields are made only when nothing can refuse the file any more.
        attempt.name_fields(await directory.make_missing())
        await attempt.upload(client, job.policy(taken))


def _has(columns: ColumnPlan, kind: str) -> bool:
    return any(binding.target.kind == kind for binding in columns.bindings)
