"""Plan an import, save the plan, and carry a saved plan out: the jobs of `hmpipe plan` and `hmpipe import --plan`.

A plan decides with the same code as an import (pipeline/decider.py). What is applied later is what it shows: each row
carries the contact and revision that it was made from, and a hash of its exact change, and is left alone as `stale`
when either is another by then.
"""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from pipeline.account import Account
from pipeline.errors import InputError
from pipeline.jobs._attempt import Attempt, carry_through
from pipeline.jobs._planfile import PlanFile, PlanHeader, open_plan, write_plan
from pipeline.jobs._preview import Preview
from pipeline.jobs.import_ import ImportJob
from pipeline.models import Change, Contact, Expected, Outcome, Staged
from pipeline.planner import Policy, change_digest
from pipeline.reader import Directory, Taken, find_name, input_name
from pipeline.reader.mapping import ColumnPlan, resolve_custom
from pipeline.report import plan_page, write_page
from pipeline.resolver import Decider, EmailSearchable, Readable, match_by_email
from pipeline.results import PlanSummary, RunSummary
from pipeline.runs import create_run
from pipeline.runs.journal import Journal
from pipeline.settings import Credentials, write_fingerprint
from pipeline.signals import Progress, StopSwitch, interruptible
from pipeline.snapshots import SnapshotContacts, find_snapshot, open_store
from pipeline.state import Memory, Traits, TraitStore
from pipeline.storage import refuse_overwriting
from pipeline.uploader import BulkTrust

_BY_NAME = {"tags_not_checked", "assignee_not_checked"}
"""Notes of rows whose names were not brought to IDs."""


@dataclass(frozen=True, slots=True)
class PlanOutputs:
    """What a plan writes, apart from what it says; None for nothing."""

    plan: Path | None = None
    page: Path | None = None


async def run_plan(job: ImportJob, progress: Progress, outputs: PlanOutputs) -> PlanSummary:
    """Say what an import would do now; reads the account and writes nothing to it. Raises PipelineError."""
    refuse_overwriting((source.path for source in job.sources), (outputs.plan, outputs.page))
    account = job.account
    with Journal.create(None) as journal, closing(Memory(account.memory_path)) as memory:
        async with interruptible(StopSwitch(), progress.say, 0), account.client() as client:
            directory = Directory(client)
            taken = await job.intake(directory.resolve).take(journal, progress)
            maker = _PlanMaker(job, journal, taken, memory, TraitStore(account.traits_path).load())
            await maker.decide(client, progress)
            return maker.finish(outputs, client.traffic.requests, directory.missing)


async def run_plan_against(job: ImportJob, snapshot: str, progress: Progress, outputs: PlanOutputs) -> PlanSummary:
    """Say what an import would do to the contacts of a snapshot, offline. Raises PipelineError."""
    refuse_overwriting((source.path for source in job.sources), (outputs.plan, outputs.page))
    with (
        Journal.create(None) as journal,
        closing(SnapshotContacts(find_snapshot(snapshot, open_store(job.settings.paths.snapshots)))) as contacts,
    ):
        async with interruptible(StopSwitch(), progress.say, 0):
            if job.account.credentials != Credentials():
                contacts.check_account(job.account.key)
            progress.stage("reading the snapshot", contacts.manifest.contacts)
            contacts.load(progress.advance)
            if not contacts.manifest.complete:
                progress.say(
                    f"The snapshot is partial ({contacts.manifest.reason}): contacts that it lacks are planned as new."
                )

            titles: list[str] = []

            async def resolve(columns: ColumnPlan) -> ColumnPlan:
                known = [field.title for field in contacts.fields]
                leave = [title for title in columns.to_create if not find_name(title, known)]
                titles.extend(title for title in leave if title not in titles)
                return resolve_custom(columns, contacts.fields, leave=leave)

            taken = await job.intake(resolve).take(journal, progress)
            maker = _PlanMaker(job, journal, taken, Memory(None), Traits())
            await maker.decide(contacts, progress)
            return maker.finish(outputs, contacts.searches, titles, against=str(snapshot))


async def run_planned_import(account: Account, path: Path, progress: Progress, *, new_run: bool = False) -> RunSummary:
    """Carry a saved plan out. Raises UsageProblem; every other end is in the summary."""
    plan = open_plan(path)
    attempt = Attempt(account, plan.header.source, progress)
    return await carry_through(attempt, account, progress, lambda: _carry_out(account, plan, attempt, new_run=new_run))


async def _carry_out(account: Account, plan: PlanFile, attempt: Attempt, *, new_run: bool) -> None:
    header, runs = plan.header, account.settings.paths.runs
    plan.check_account(account.key)
    async with account.client() as client:
        attempt.use(client)
        run = create_run(runs, account=account.key, source=header.source, state="open", sources=header.sources)
        attempt.take(run)
        run.journal.stage_plan(plan.read_rows())
        run.journal.finish_staging()
        run.journal.describe(planned="yes")
        attempt.continue_earlier(runs, allow_opt_in=header.policy.allow_opt_in, new_run=new_run)
        directory = Directory(client)
        await directory.want(header.fields_to_create)
        attempt.name_fields(directory.existing_ids())
        await attempt.check_brakes(client, header.policy)
        attempt.name_fields(await directory.make_missing())
        await attempt.upload(client, header.policy)


class _Known(Readable, EmailSearchable, Protocol):
    """What a plan is made from: an account, or a snapshot of one."""


class _PlanMaker:
    """Makes a plan in a temporary journal."""

    def __init__(self, job: ImportJob, journal: Journal, taken: Taken, memory: Memory, traits: Traits) -> None:
        self._job = job
        self._journal = journal
        self._taken = taken
        self._memory = memory
        self._traits = traits
        self._policy: Policy = job.policy(taken)
        names: Mapping[str, str] = {
            key: name for file in taken.files for key, name in file.columns.custom_names().items()
        }
        trust = BulkTrust(traits, job.settings.imports.write_path)
        self._preview = Preview(names, trust=trust, memory=memory)

    async def decide(self, contacts: "_Known", progress: Progress) -> None:
        """Decide about every row."""
        if "email" in self._job.settings.imports.match_on:
            await match_by_email(contacts, self._journal, StopSwitch(), self._traits)
        progress.stage("planning", self._taken.census.tally.rows - self._taken.census.tally.settled)
        async for batch in Decider(contacts, self._policy, self._memory, self._traits).preview(self._journal.open_rows):
            self._preview.add(batch)
            self._record(batch)
            progress.advance(len(batch))

    def _record(self, batch: Sequence[tuple[Staged, Change | Outcome]]) -> None:
        self._journal.settle([decision for _, decision in batch if not isinstance(decision, Change)])
        changes = [(staged, decision) for staged, decision in batch if isinstance(decision, Change)]
        if changes:
            planned_for = {staged.seq: _planned_for(staged.contact, change) for staged, change in changes}
            # A plan is no pre-image: whoever applies it saves the contact as it is then.
            self._journal.plan(planned_for, [replace(change, before=None) for _, change in changes])

    def finish(
        self, outputs: PlanOutputs, requests: int, fields_to_create: Sequence[str], against: str = ""
    ) -> PlanSummary:
        """Count the plan and write what is asked for."""
        job, journal, name = self._job, self._journal, input_name(self._job.sources)
        summary = self._preview.summary(
            name,
            journal,
            read_requests=requests,
            requests_per_minute=job.settings.limits.requests_per_minute,
            fields_to_create=fields_to_create,
        )
        summary = replace(summary, against=against, plan=str(outputs.plan) if outputs.plan else None)
        unknown = _BY_NAME & summary.notes.keys()
        if outputs.plan and unknown:
            raise InputError(
                "The file gives tags or owners by name, and a snapshot does not hold their IDs, so this plan would"
                " leave them out. It was not saved; nothing was sent.",
                advice="Leave --output out, plan against the account, or give tags and owners by their numeric IDs.",
            )
        if outputs.plan:
            header = PlanHeader(
                account=job.account.key,
                source=name,
                sources=journal.meta("sources"),
                content=journal.meta("content"),
                settings=write_fingerprint(job.settings),
                policy=self._policy,
                fields_to_create=tuple(fields_to_create),
                totals=summary.as_json(),
            )
            write_plan(outputs.plan, header, journal.planned_rows())
        if outputs.page:
            write_page(outputs.page, plan_page(summary))
        return summary


def _planned_for(contact: Contact, change: Change) -> Contact:
    before = change.before
    expected = Expected(before.id if before else None, before.rev if before else None, change_digest(change))
    return replace(contact, expected=expected)
