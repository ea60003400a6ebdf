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

from pipeline.account import Account
from pipeline.errors import PipelineError, SettingsError, UsageProblem
from pipeline.exporter._export import Export
from pipeline.exporter._result import failed_export, publish_export
from pipeline.heymarket import Budget
from pipeline.jobs._attempt import Attempt, carry_through
from pipeline.jobs._base import as_base, find_base, open_draft
from pipeline.jobs._examine import examine
from pipeline.jobs.check import CheckOutputs, run_check
from pipeline.jobs.snapshots import export_form
from pipeline.models._contacts import CustomField
from pipeline.planner import Policy
from pipeline.reader._directory import Directory
from pipeline.reader._intake import Intake, Resolve, Taken, input_name
from pipeline.reader.mapping import ColumnPlan
from pipeline.reader.tables import Source
from pipeline.results import CheckSummary, DoctorReport, ExportSummary, Progress, RunSummary
from pipeline.runs._folder import create_run
from pipeline.settings import Settings
from pipeline.signals import StopSwitch, interruptible
from pipeline.snapshots import Draft, Form, Snapshot, Store, open_store, refuse_plain_copy
from pipeline.state._traits import TraitStore
from pipeline.state._unverifiable import Memory


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


@dataclass(frozen=True, slots=True)
class ExportJob:
    """One export. `since` names the snapshot that a delta builds on (`last`: the newest complete one), None for a full
    one; `full` reads everything for a delta too, which finds the deleted contacts.
    """

    account: Account
    since: str | None = None
    full: bool = False


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


async def run_export(job: ExportJob, progress: Progress) -> ExportSummary:
    """Back the account's contacts up into a new snapshot, going on from an unfinished export of the same account.

    Raises UsageProblem; every other end is in the summary.
    """
    account, form = job.account, export_form(job.account.settings)
    try:
        with account.lock("export"):
            store = open_store(account.settings.paths.snapshots)
            base = find_base(account, job.since, store, progress.say) if job.since else None
            if base:
                refuse_plain_copy(base, form, "Or make a full export, without --since.")
            with closing(open_draft(account, store, base, progress.say)) as draft:
                try:
                    return await _export(job, draft, base, store, form, progress)
                except PipelineError as error:
                    summary = failed_export(error, draft)
                    if not summary.contacts and draft.fact("verdict") is None:
                        draft.discard()
                    if isinstance(error, UsageProblem):
                        raise
                    return summary
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


async def _export(
    job: ExportJob, draft: Draft, base: Snapshot | None, store: Store, form: Form, progress: Progress
) -> ExportSummary:
    shown = draft.contacts
    known = as_base(base) if base else None

    def on_page(contacts: int, _total: int | None) -> None:
        nonlocal shown
        progress.advance(contacts - shown)
        shown = contacts

    settings = job.account.settings
    # Every page is on disk when the next one is asked for, so an interruption needs no grace.
    async with interruptible(StopSwitch(), progress.say, 0), job.account.client() as client:
        progress.stage("exporting", None)
        fetch = client.list_page_v2 if settings.export.surface == "v2" else client.list_page
        budget = Budget(settings.limits.requests_per_minute, settings.limits.concurrency)
        export = Export(client, draft, on_page=on_page, base=known, say=progress.say, fetch=fetch, budget=budget)
        result = await export.read(full=job.full)
        if settings.export.consent == "status" and not draft.shows_opt_out:
            unasked = draft.count_unasked()
            rate = settings.limits.requests_per_minute
            minutes = f", some {-(-unasked // rate):,} minutes at {rate} a minute" if rate else ""
            progress.say(
                f"The list does not show opt-outs: asking for each contact's status ({unasked:,} requests{minutes})."
            )
            progress.stage("asking", unasked)
            await export.ask_for_consent(settings.limits.concurrency, progress.advance)
        progress.stage("writing", None)
        return publish_export(draft, result, form, store)


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
