"""Plan an import, save the plan, and carry a saved plan out: the jobs of `hmpipe plan` and `hmpipe import --plan`.

A plan decides with the same code as an import (the Decider in pipeline/resolver). What is applied later is what it
shows: each row carries the contact and revision that it was made from, and a hash of its exact change, and is left
alone as `stale` when either is another by then.
"""

from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Protocol

from pipeline.account import Account
from pipeline.errors import InputError
from pipeline.heymarket import HeymarketClient
from pipeline.jobs._attempt import Attempt, Opened, carry_through
from pipeline.jobs._ending import Ending
from pipeline.jobs._opt_outs import opt_out_only
from pipeline.jobs._planfile import PlanFile, PlanHeader, open_plan, write_plan
from pipeline.jobs._preview import Decisions, Preview
from pipeline.jobs.import_ import ImportJob, write
from pipeline.models import Change, Contact, Expected, Outcome, OutcomeKind
from pipeline.planner import Policy, change_digest
from pipeline.reader.consent import refuse_unanswered
from pipeline.reader.intake import Directory, Taken, find_name, input_name
from pipeline.reader.mapping import ColumnPlan, resolve_custom
from pipeline.report import plan_page, write_page
from pipeline.resolver import Decider, EmailSearchable, Readable, match_by_email
from pipeline.results import PlanSummary, RunSummary
from pipeline.runs.journal import Journal, RunFacts
from pipeline.settings import Credentials, write_fingerprint
from pipeline.signals import Progress, StopSwitch, interruptible
from pipeline.snapshots import SnapshotContacts, find_snapshot, open_store
from pipeline.state import (
    ConsentBook,
    ErasedPeople,
    ServerTraits,
    TraitStore,
    UnverifiableWrites,
    consents_path,
    erased_path,
    traits_path,
    unverifiable_path,
)
from pipeline.storage import refuse_overwriting
from pipeline.uploader import BulkTrust, Learned
from pipeline.values import Struct, replace

_BY_NAME = {"tags_not_checked", "assignee_not_checked"}
"""Notes of rows whose names were not brought to IDs."""


class PlanOutputs(Struct, frozen=True):
    """What a plan writes, apart from what it says; None for nothing."""

    plan: Path | None = None
    page: Path | None = None


async def run_plan(job: ImportJob, progress: Progress, outputs: PlanOutputs) -> PlanSummary:
    """Say what an import would do now; reads the account and writes nothing to it. Raises PipelineError."""
    _look_first(job, outputs)
    account, stop = job.account, StopSwitch()
    with (
        Journal.create(None) as journal,
        closing(UnverifiableWrites(unverifiable_path(account.key))) as unverifiable,
        closing(ConsentBook(consents_path(account.key), learns=False)) as consents,
    ):
        async with interruptible(stop, progress.say, 0), account.client() as client:
            directory = Directory(client)
            taken = await job.intake(directory.resolve).take(journal, progress)
            trust = BulkTrust(TraitStore(traits_path(account.key)).load(), job.settings.imports.write_path)
            plan = _Plan(
                job,
                journal,
                job.policy(taken),
                Learned(trust, unverifiable, consents, ErasedPeople(erased_path(account.key))),
            )
            preview = await plan.decide(client, taken, progress, stop, client)
            return plan.finish(preview, outputs, taken, client.traffic.requests, directory.missing)


async def run_plan_against(job: ImportJob, snapshot: str, progress: Progress, outputs: PlanOutputs) -> PlanSummary:
    """Say what an import would do to the contacts of a snapshot, offline. Raises PipelineError."""
    _look_first(job, outputs)
    stop, titles = StopSwitch(), list[str]()
    with (
        Journal.create(None) as journal,
        closing(SnapshotContacts(find_snapshot(snapshot, open_store(job.settings.paths.snapshots)))) as contacts,
    ):

        async def resolve(columns: ColumnPlan) -> ColumnPlan:
            known = [field.title for field in contacts.fields]
            leave = [title for title in columns.to_create if not find_name(title, known)]
            titles.extend(title for title in leave if title not in titles)
            return resolve_custom(columns, contacts.fields, leave=leave)

        async with interruptible(stop, progress.say, 0):
            if job.account.credentials != Credentials():
                contacts.check_account(job.account.key)
            progress.stage("reading the snapshot", contacts.manifest.contacts)
            contacts.load(progress.advance)
            if not contacts.manifest.complete:
                progress.say(
                    f"The snapshot is partial ({contacts.manifest.reason}): contacts that it lacks are planned as new."
                )
            taken = await job.intake(resolve).take(journal, progress)
            learned = Learned(BulkTrust(ServerTraits(), job.settings.imports.write_path))
            plan = _Plan(job, journal, job.policy(taken), learned)
            preview = await plan.decide(contacts, taken, progress, stop)
            return plan.finish(preview, outputs, taken, contacts.searches, titles, against=str(snapshot))


async def run_planned_import(account: Account, path: Path, progress: Progress, *, new_run: bool = False) -> RunSummary:
    """Carry a saved plan out. Raises UsageProblem; every other end is in the summary."""
    refuse_unanswered(account.settings.imports)
    plan = open_plan(path)
    ending = Ending("import", plan.header.source, progress)
    return await carry_through(account, ending, partial(_carry_out, plan, new_run))


async def _carry_out(plan: PlanFile, new_run: bool, opened: Opened) -> None:
    header = plan.header
    plan.check_account(opened.account.key)
    run = opened.begin(RunFacts(source=header.source, sources=header.sources, planned=True))
    run.journal.input.add_planned(plan.read_rows())
    run.journal.finish_staging()
    run = opened.go_on_with_import(run, header.policy, new_run=new_run)
    directory = Directory(opened.client)
    await directory.want(header.fields_to_create)
    await write(Attempt(opened, run, header.policy), directory)


def _look_first(job: ImportJob, outputs: PlanOutputs) -> None:
    refuse_overwriting((source.path for source in job.sources), (outputs.plan, outputs.page))
    if outputs.plan:
        # It would be applied as it is, also after the question was answered.
        refuse_unanswered(job.settings.imports)


class _Known(Readable, EmailSearchable, Protocol):
    """What a plan is made from: an account, or a snapshot of one."""


class _Plan(Struct, frozen=True):
    """A plan that is made in a temporary journal."""

    job: ImportJob
    journal: Journal
    policy: Policy
    learned: Learned

    async def decide(
        self,
        contacts: _Known,
        taken: Taken,
        progress: Progress,
        stop: StopSwitch,
        client: HeymarketClient | None = None,
    ) -> Preview:
        """Decide about every row; those that name their contact by ID or UUID alone need the account."""
        traits = self.learned.trust.traits
        if "email" in self.job.settings.imports.match_on:
            await match_by_email(contacts, self.journal.rows, stop, traits)
        names = {key: name for file in taken.files for key, name in file.columns.custom_names().items()}
        preview = Preview(names, self.learned)
        learned = self.learned
        decider = Decider(contacts, self.policy, learned.unverifiable, traits, learned.consents, learned.erased)
        await preview.decide(decider, self.journal, progress, stop, self._record)
        if client:
            await preview.decide_phoneless(client, decider, self.journal, self._record)
        else:
            reason = "a plan against a snapshot finds contacts by their phone alone"
            rows = self.journal.phoneless.open_rows(0, taken.census.tally.rows)
            self.journal.rows.settle([Outcome(row.seq, OutcomeKind.REJECTED, "unknown_id", reason) for row in rows])
        decider = Decider(contacts, opt_out_only(self.policy), learned.unverifiable, traits)
        await preview.decide_opt_outs(decider, self.journal, stop)
        return preview

    def _record(self, batch: Decisions) -> None:
        self.journal.rows.settle([decision for _, decision in batch if not isinstance(decision, Change)])
        changes = [(staged, decision) for staged, decision in batch if isinstance(decision, Change)]
        if changes:
            planned_for = {staged.seq: _planned_for(staged.contact, change) for staged, change in changes}
            # A plan is no pre-image: whoever applies it saves the contact as it is then.
            self.journal.planned.record(planned_for, [replace(change, before=None) for _, change in changes])

    def finish(
        self,
        preview: Preview,
        outputs: PlanOutputs,
        taken: Taken,
        requests: int,
        to_create: Sequence[str],
        against: str = "",
    ) -> PlanSummary:
        """Count the plan and write what is asked for. `to_create` are the titles of fields that are to be made."""
        summary = preview.summary(
            input_name(self.job.sources),
            self.journal,
            read_requests=requests,
            requests_per_minute=self.job.settings.limits.requests_per_minute,
            fields_to_create=to_create,
        )
        saved = str(outputs.plan) if outputs.plan else None
        summary = replace(summary, against=against, plan=saved, consent=taken.consent)
        if outputs.plan:
            self._save(outputs.plan, summary)
        if outputs.page:
            write_page(outputs.page, plan_page(summary))
        return summary

    def _save(self, path: Path, summary: PlanSummary) -> None:
        if _BY_NAME & summary.notes.keys():
            raise InputError(
                "The file gives tags or owners by name, and a snapshot does not hold their IDs, so this plan would"
                " leave them out. It was not saved; nothing was sent.",
                advice="Leave --output out, plan against the account, or give tags and owners by their numeric IDs.",
            )
        header = PlanHeader(
            account=self.job.account.key,
            source=summary.source,
            sources=self.journal.facts.sources,
            content=self.journal.facts.content,
            settings=write_fingerprint(self.job.settings),
            policy=self.policy,
            fields_to_create=summary.fields_to_create,
            totals=summary.as_json(),
        )
        write_plan(path, header, self.journal.planned.read())


def _planned_for(contact: Contact, change: Change) -> Contact:
    before = change.before
    expected = Expected(before.id if before else None, before.rev if before else None, change_digest(change))
    return replace(contact, expected=expected)
