"""Export the account into a new snapshot."""

from contextlib import closing

from pipeline.account import Account
from pipeline.errors import PipelineError, StorageFailed, UsageProblem
from pipeline.exporter import DetailReader, DetailSource, Export, choose_surface, failed_export, publish_export
from pipeline.exporter.walk import Budget
from pipeline.jobs._base import as_base, find_base, open_draft
from pipeline.jobs.snapshots import export_form
from pipeline.results import ExportSummary
from pipeline.signals import Progress, StopSwitch, interruptible
from pipeline.snapshots import Draft, Snapshot, SnapshotFormat, Store, open_store, refuse_plain_copy
from pipeline.state import ConsentBook, Said, TraitStore, consents_path, traits_path
from pipeline.values import Struct, replace


class ExportJob(Struct, frozen=True):
    """One export. `since` names the snapshot that a delta builds on (`last`: the newest complete one), None for a full
    one; `full` reads everything for a delta too, which finds the deleted contacts.
    """

    account: Account
    since: str | None = None
    full: bool = False


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
                    if not summary.contacts and draft.facts.verdict is None:
                        draft.discard()
                    if isinstance(error, UsageProblem):
                        raise
                    return summary
    except UsageProblem:
        raise
    except PipelineError as error:
        return failed_export(error)


async def _export(
    job: ExportJob, draft: Draft, base: Snapshot | None, store: Store, form: SnapshotFormat, progress: Progress
) -> ExportSummary:
    shown = draft.contacts
    known = as_base(base) if base else None

    def on_page(contacts: int, _total: int | None) -> None:
        nonlocal shown
        progress.advance(contacts - shown)
        shown = contacts

    settings = job.account.settings
    is_full = settings.export.detail == "full"
    # Every page is on disk when the next one is asked for, so an interruption needs no grace.
    async with interruptible(StopSwitch(), progress.say, 0), job.account.client() as client:
        progress.stage("exporting", None)
        if draft.facts.detail == "full" and not is_full:
            draft.want_details([])
            draft.note(replace(draft.facts, detail="list", detailed="", carried={}, consent="list"))
        if is_full:
            await choose_surface(client, draft)
            draft.note(replace(draft.facts, requests=draft.facts.requests + client.traffic.requests))
        fetch = client.list_page_v2 if draft.facts.surface == "v2" else client.list_page
        budget = Budget(settings.limits.requests_per_minute, settings.limits.concurrency)
        # A delta without the archived contacts of its base would take them for deleted.
        asks_archived = is_full or bool(base and base.manifest.archived == "asked")
        export = Export(
            client,
            draft,
            on_page=on_page,
            base=known,
            say=progress.say,
            fetch=fetch,
            budget=budget,
        )
        result = await export.read(full=job.full, archived=asks_archived)
        if is_full:
            await _ask_details(job.account, client, draft, base, progress)
        elif settings.export.consent == "status" and not draft.facts.shows_opt_out:
            unasked = draft.count_unasked()
            progress.say(
                "The list does not show opt-outs: asking for each contact's status"
                f" ({_cost(unasked, settings.limits.requests_per_minute)})."
            )
            progress.stage("asking", unasked)
            await export.ask_for_consent(settings.limits.concurrency, progress.advance)
        _keep_opt_outs(job.account, draft, progress)
        progress.stage("writing", None)
        return publish_export(draft, result, form, store)


async def _ask_details(
    account: Account, client: DetailSource, draft: Draft, base: Snapshot | None, progress: Progress
) -> None:
    """Ask for channels and statuses that the list does not show; of a delta only for what may have changed."""
    limits, known = account.settings.limits, as_base(base) if base else None
    reader = DetailReader(client, draft, limits.concurrency)
    carried = _carried(account, base)
    contacts = draft.current(known.contacts()) if known and not carried else draft.raw_contacts()
    channels, status = reader.plan(contacts, "changed" if carried else "all", carried)
    if channels or status:
        progress.say(
            "Asking for what the list does not show:"
            f" channels ({channels:,} requests) and status ({status:,} requests),"
            f" {_cost(channels + status, limits.requests_per_minute)}."
        )
        progress.stage("asking", channels + status)
        await reader.ask(progress.advance)


def _carried(account: Account, base: Snapshot | None) -> dict[str, tuple[str, int]]:
    """Return how channels and status of a base are known, where they hold for all contacts that did not change."""
    if base is None or base.manifest.detail != "full" or "unknown" in (base.manifest.channels, base.manifest.status):
        return {}
    traits = TraitStore(traits_path(account.key)).load()
    if (traits.status_touches, traits.channel_touches) != ("works", "works"):
        return {}
    return {"channels": (base.manifest.channels, 0), "status": (base.manifest.status, 0)}


def _cost(requests: int, rate: int) -> str:
    minutes = f", some {-(-requests // rate):,} minutes at {rate} a minute" if rate else ""
    return f"{requests:,} requests{minutes}"


def _keep_opt_outs(account: Account, draft: Draft, progress: Progress) -> None:
    """Keep who is opted out for the account. A backup is made all the same where that cannot be."""
    try:
        with closing(ConsentBook(consents_path(account.key))) as book:
            for phones in (draft.opted_out_phones(), draft.asked_opted_out_phones()):
                said = (Said(phone, "no", "snapshot", draft.name) for phone in phones)
                # Beside an encrypted backup nothing that it holds lies in plain.
                book.keep(said) if account.settings.export.encryption == "none" else book.keep_hashed(said)
    except StorageFailed as error:
        progress.say(f"{error.message} Who is opted out is in the snapshot, and is not remembered for imports.")
