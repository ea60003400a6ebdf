"""Bring files of contacts to the account. The write order is in docs/architecture.md, section Invariants."""

from collections.abc import Sequence
from functools import partial

from pipeline.account import Account
from pipeline.errors import SettingsError
from pipeline.jobs._attempt import Attempt, Opened, carry_through
from pipeline.jobs._ending import Ending
from pipeline.planner import Policy
from pipeline.reader.consent import refuse_unanswered
from pipeline.reader.intake import Directory, Intake, Resolve, Taken, input_name
from pipeline.reader.tables import Source
from pipeline.results import RunSummary
from pipeline.runs.journal import RunFacts
from pipeline.settings import Settings
from pipeline.signals import Progress, StopSwitch
from pipeline.values import Struct


class ImportJob(Struct, frozen=True):
    """One import of one or several files. `new_run` continues no earlier run."""

    account: Account
    sources: Sequence[Source]
    allow_opt_in: bool = False
    allow_lists: bool = False
    new_run: bool = False
    allow_unblock: bool = False

    @property
    def settings(self) -> Settings:
        """The settings of the account."""
        return self.account.settings

    def policy(self, taken: Taken) -> Policy:
        """Return what the planner is to do with contacts that exist."""
        maps_custom = any(each.target.kind == "custom" for file in taken.files for each in file.columns.bindings)
        imports = self.settings.imports
        return Policy(
            imports.on_existing,
            self.allow_opt_in,
            maps_custom,
            imports.tags,
            imports.on_conflict,
            came_back=imports.came_back,
            allow_unblock=self.allow_unblock,
        )

    def intake(self, resolve: Resolve, stop: StopSwitch | None = None) -> Intake:
        """Return what is to be read. Raises SettingsError where lists are mapped and not allowed."""
        lists = any(target.kind == "list" for targets in self.settings.imports.columns.values() for target in targets)
        if lists and not self.allow_lists:
            raise SettingsError(
                "A column is mapped to a list: adding contacts to a list that feeds a campaign starts sending."
                " Nothing was sent.",
                advice='Say --allow-lists if that is wanted, or map the column to "ignore".',
            )
        return Intake(self.sources, self.settings.imports, resolve, stop, gate=True)


async def run_import(job: ImportJob, progress: Progress) -> RunSummary:
    """Bring files of contacts to the account and prove it. Raises UsageProblem; every other end is in the summary."""
    refuse_unanswered(job.settings.imports)
    ending = Ending("import", input_name(job.sources), progress)
    return await carry_through(job.account, ending, partial(_import, job))


async def _import(job: ImportJob, opened: Opened) -> None:
    directory = Directory(opened.client, keep_titles=True)
    intake = job.intake(directory.resolve, opened.stop)
    intake.look()
    run = opened.begin(RunFacts(source=intake.name))
    taken = await intake.take(run.journal, opened.progress)
    opened.ending.consent = taken.consent
    policy = job.policy(taken)
    run = opened.go_on_with_import(run, policy, new_run=job.new_run)
    attempt = Attempt(opened, run, policy)
    await attempt.match()
    await write(attempt, directory)


async def write(attempt: Attempt, directory: Directory) -> None:
    """Write what is staged, if nothing refuses it."""
    attempt.name_fields(directory.existing_ids())
    await attempt.check_brakes()
    # Fields are made only when nothing can refuse the file any more.
    attempt.name_fields(await directory.make_missing())
    await attempt.upload()
