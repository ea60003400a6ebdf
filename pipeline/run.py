"""The order of things: each job of the tool on one screen, and the place where all the rooms meet.

Write order, true at any moment (tests/test_crash_resume.py):

1. no write request leaves before its `begin` is on disk (Uploader._apply);
2. no outcome is shown before its `settle` is on disk (Attempt.settle);
3. there is no await between an answer and its record in the journal (Uploader._send);
4. the export cursor never runs ahead of the data on disk (snapshots: page and cursor in one transaction);
5. a manifest that says `complete` exists only for a complete snapshot (snapshots: manifest last, then the rename).
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pipeline.account import Account
from pipeline.attempt import Attempt, carry_through
from pipeline.checking import CheckOutputs, run_check
from pipeline.directory import Directory
from pipeline.doctor import examine
from pipeline.errors import PipelineError, SettingsError, UsageProblem
from pipeline.exporter import export_contacts, failed_export, publish_export
from pipeline.intake import Intake, Resolve, Taken, input_name
from pipeline.mapping import ColumnPlan
from pipeline.memory import Memory
from pipeline.models import CustomField
from pipeline.planner import Policy
from pipeline.reader import Source
from pipeline.runfolder import create_run
from pipeline.settings import Settings
from pipeline.signals import StopSwitch, interruptible
from pipeline.snapshots import Draft, find_unfinished
from pipeline.summaries import CheckSummary, DoctorReport, ExportSummary, Progress, RunSummary
from pipeline.traits import TraitStore


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


async def run_check_online(
    account: Account, sources: Sequence[Source], progress: Progress, outputs: CheckOutputs
) -> CheckSummary:
    """Validate files with the account's field IDs, tags and team at hand; reads only. Raises PipelineError."""
    async with interruptible(StopSwitch(), progress.say, 0), account.client() as client:
        return await run_check(account.settings, sources, progress, outputs, resolve=Directory(client).resolve)


async def run_import(job: ImportJob, progress: Progress) -> RunSummary:
    """Bring files of contacts to the account and prove it. Raises UsageProblem; every other end is in the summary."""
    attempt = Attempt(job.account, input_name(job.sources), progress)
    return await carry_through(attempt, job.account, progress, lambda: _import(job, attempt, progress))


async def run_export(account: Account, progress: Progress) -> ExportSummary:
    """Back the account's contacts up into a new snapshot, going on from an unfinished export of the same account.

    Raises UsageProblem; every other end is in the summary.
    """
    try:
        with account.lock("export"), closing(_open_draft(account, progress)) as draft:
            try:
                return await _export(account, draft, progress)
            except PipelineError as error:
                contacts = draft.contacts
                if not contacts:
                    draft.discard()
                return failed_export(error, contacts)
    except UsageProblem:
        raise
    except PipelineError as error:
        return failed_export(error)


async def run_doctor(
    account: Account, *, forget_traits: bool = False, forget_unverifiable: bool = False
) -> DoctorReport:
    """Say how this account's service was seen to behave; reads only.

    `forget_traits` drops what imports learned, `forget_unverifiable` what they wrote and cannot read back.
    """
    if forget_unverifiable:
        Memory(account.memory_path).forget()
    store = TraitStore(account.traits_path)
    if forget_traits:
        store.forget()
    async with account.client() as client:
        return await examine(client, store.load())


async def list_fields(account: Account) -> tuple[CustomField, ...]:
    """Return the account's custom fields. Raises PipelineError."""
    async with account.client() as client:
        return await client.list_custom_fields()


def _open_draft(account: Account, progress: Progress) -> Draft:
    folder = Path(account.settings.paths.snapshots)
    # Two credentials may share a folder and a name; their unfinished exports must not be mixed.
    owner = f"{account.settings.account.name} ({account.key[:8]})"
    host = urlsplit(account.settings.account.base_url).netloc
    draft = find_unfinished(folder, owner, host)
    if draft:
        progress.say(f"Continuing the unfinished export {draft.name}: {draft.contacts:,} contacts are on disk already.")
    return draft or Draft.create(folder, owner, host)


async def _export(account: Account, draft: Draft, progress: Progress) -> ExportSummary:
    shown = draft.contacts

    def on_page(contacts: int, _total: int | None) -> None:
        nonlocal shown
        progress.advance(contacts - shown)
        shown = contacts

    # Every page is on disk when the next one is asked for, so an interruption needs no grace.
    async with interruptible(StopSwitch(), progress.say, 0), account.client() as client:
        progress.stage("exporting", None)
        result = await export_contacts(client, draft, on_page=on_page)
        progress.stage("writing", None)
        return publish_export(draft, result, account.settings.export.formats)


async def _import(job: ImportJob, attempt: Attempt, progress: Progress) -> None:
    async with job.account.client() as client:
        attempt.use(client)
        directory = Directory(client, keep_titles=True)
        intake = job.intake(directory.resolve, attempt.stop)
        intake.look()
        run = create_run(job.settings.paths.runs, account=job.account.key, source=intake.name, state="open")
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
