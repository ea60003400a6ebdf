"""The order of things: each job of the tool on one screen, and the place where all the rooms meet.

Write order, true at any moment (tests/test_crash_resume.py):

1. no write request leaves before its `begin` is on disk (Uploader._apply);
2. no outcome is shown before its `settle` is on disk (Attempt.settle);
3. there is no await between an answer and its record in the journal (Uploader._send);
4. the export cursor never runs ahead of the data on disk (snapshots: page and cursor in one transaction);
5. a manifest that says `complete` exists only for a complete snapshot (snapshots: manifest last, then the rename).
"""

import json
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import anyio.lowlevel

from pipeline.account import Account
from pipeline.attempt import BAD_KINDS, Attempt
from pipeline.decider import Decider
from pipeline.doctor import examine
from pipeline.errors import InputError, Interrupted, PipelineError, UsageProblem
from pipeline.exporter import ExportSummary, export_contacts, failed_export, publish_export
from pipeline.heymarket import HeymarketClient
from pipeline.journal import Journal
from pipeline.mapping import ColumnPlan, contact_json, map_rows, plan_columns, resolve_custom, resolve_tags
from pipeline.models import Change, CustomField, OutcomeKind
from pipeline.planner import Policy
from pipeline.preview import Preview
from pipeline.reader import TableReader, open_source
from pipeline.report import find_examples, write_contacts, write_rejects
from pipeline.runfolder import create_run
from pipeline.settings import Settings
from pipeline.signals import StopSwitch, interruptible
from pipeline.snapshots import Draft, find_unfinished
from pipeline.summaries import CheckSummary, DoctorReport, PlanSummary, Progress, RunSummary

GRACE_SECONDS = 20.0
"""How long an interrupted run may finish what is in flight, before it is cut off and left in doubt."""


@dataclass(frozen=True, slots=True)
class ImportJob:
    """One import. `source` None reads standard input. `new_run` continues no earlier run."""

    account: Account
    source: Path | None
    allow_opt_in: bool = False
    new_run: bool = False

    @property
    def settings(self) -> Settings:
        """The settings of the account."""
        return self.account.settings

    def policy(self, columns: ColumnPlan) -> Policy:
        """Return what the planner is to do with contacts that exist."""
        return Policy(self.settings.imports.on_existing, self.allow_opt_in, _has(columns, "custom"))


async def run_check(
    settings: Settings,
    source: Path | None,
    progress: Progress,
    *,
    output: Path | None = None,
    rejects: Path | None = None,
) -> CheckSummary:
    """Validate a file without touching the network. Raises UsageProblem."""
    for written in (output, rejects):
        if source and written and written.exists() and written.samefile(source):
            raise InputError(f"{written} is the file to be checked; it would be overwritten. Nothing was done.")
    with open_source(source) as table, Journal.create(None) as journal:
        columns = plan_columns(table.headers, settings.imports)
        await _stage(table, columns, journal, settings, progress)
        tally = journal.tally()
        if output:
            write_contacts(output, (contact_json(contact) for contact in journal.contacts()))
        if rejects:
            write_rejects(rejects, journal, BAD_KINDS)
        return CheckSummary(
            source=table.name,
            rows=tally.rows,
            accepted=tally.rows - tally.settled,
            rejected=tally.rejected,
            skipped=tally.skipped,
            codes=journal.codes(OutcomeKind.REJECTED, OutcomeKind.SKIPPED),
            columns=columns.describe(),
            encoding=table.dialect.encoding,
            delimiter=table.dialect.delimiter,
            notes=journal.notes(),
            examples=find_examples(journal, BAD_KINDS),
        )


async def run_plan(job: ImportJob, progress: Progress) -> PlanSummary:
    """Say what an import would do now; reads the account and writes nothing. Raises PipelineError."""
    with open_source(job.source) as table, Journal.create(None) as journal:
        columns = plan_columns(table.headers, job.settings.imports)
        async with interruptible(StopSwitch(), progress.say, 0), job.account.client() as client:
            columns = await _resolve_columns(columns, client)
            await _stage(table, columns, journal, job.settings, progress)
            preview = Preview(columns.custom_names())
            tally = journal.tally()
            progress.stage("planning", tally.rows - tally.settled)
            async for batch in Decider(client, job.policy(columns)).preview(journal.open_rows):
                preview.add(batch)
                journal.settle([decision for _, decision in batch if not isinstance(decision, Change)])
                progress.advance(len(batch))
            return preview.summary(
                table.name,
                journal,
                read_requests=client.traffic.requests,
                requests_per_minute=job.settings.limits.requests_per_minute,
            )


async def run_import(job: ImportJob, progress: Progress) -> RunSummary:
    """Bring a file's contacts to the account and prove it. Raises UsageProblem; every other end is in the summary."""
    with open_source(job.source) as table:
        attempt = Attempt(job.account, table.name, progress)
        columns = plan_columns(table.headers, job.settings.imports)
        try:
            async with interruptible(attempt.stop, progress.say, GRACE_SECONDS):
                with job.account.lock("import"):
                    await _import(job, table, columns, attempt, progress)
        except UsageProblem:
            attempt.abandon()
            raise
        except PipelineError as error:
            return attempt.finish(error)
        return attempt.finish(None)


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


async def run_doctor(account: Account) -> DoctorReport:
    """Say how this account's service was seen to behave; reads only."""
    async with account.client() as client:
        return await examine(client)


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


async def _import(
    job: ImportJob, table: TableReader, columns: ColumnPlan, attempt: Attempt, progress: Progress
) -> None:
    async with job.account.client() as client:
        attempt.use(client)
        columns = await _resolve_columns(columns, client)
        run = create_run(job.settings.paths.runs, account=job.account.key, source=table.name, state="open")
        attempt.take(run)
        await _stage(table, columns, run.journal, job.settings, progress, attempt.stop)
        attempt.continue_earlier(job.settings.paths.runs, allow_opt_in=job.allow_opt_in, new_run=job.new_run)
        await attempt.check_brakes(client, job.policy(columns))
        await attempt.upload(client, job.policy(columns))


async def _resolve_columns(columns: ColumnPlan, client: HeymarketClient) -> ColumnPlan:
    """Bring titles and tag names to the account's IDs; asks the service only where there is something to ask."""
    if _has(columns, "custom"):
        columns = resolve_custom(columns, await client.list_custom_fields())
    if _has(columns, "tags"):
        columns = resolve_tags(columns, await client.list_tags())
    return columns


def _has(columns: ColumnPlan, kind: str) -> bool:
    return any(binding.target.kind == kind for binding in columns.bindings)


async def _stage(
    table: TableReader,
    columns: ColumnPlan,
    journal: Journal,
    settings: Settings,
    progress: Progress,
    stop: StopSwitch | None = None,
) -> None:
    """Read, map and stage the whole input and decide its duplicates. Raises Interrupted when asked to stop."""
    progress.stage("reading", None)
    journal.describe(
        headers=json.dumps(table.headers), encoding=table.dialect.encoding, delimiter=table.dialect.delimiter
    )
    for rows in table.chunks():
        journal.stage(rows, map_rows(rows, columns))
        progress.advance(len(rows))
        await anyio.lowlevel.checkpoint()
        if stop and stop.requested:
            raise Interrupted("Stopped while reading; nothing was sent.")
    journal.finish_staging(settings.imports.duplicates)
