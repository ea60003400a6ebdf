"""Validate files; without an account, unless its field IDs are asked for."""

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.models import BAD_KINDS
from pipeline.reader.intake import Directory, Intake, Resolve, Taken
from pipeline.reader.outputs import write_contacts, write_rejects
from pipeline.reader.tables import Source
from pipeline.report import check_page, find_examples, write_page
from pipeline.results import CheckSummary, Example
from pipeline.runs.journal import Journal
from pipeline.settings import Settings
from pipeline.signals import Progress, StopSwitch, interruptible
from pipeline.storage import refuse_overwriting
from pipeline.values import Struct

if TYPE_CHECKING:
    # A check without an account loads nothing that only sending needs.
    from pipeline.account import Account


class CheckOutputs(Struct, frozen=True):
    """What a check writes, apart from what it says; None for nothing."""

    contacts: Path | None = None
    rejects: Path | None = None
    page: Path | None = None


async def run_check(
    settings: Settings,
    sources: Sequence[Source],
    progress: Progress,
    outputs: CheckOutputs,
    *,
    resolve: Resolve | None = None,
) -> CheckSummary:
    """Validate files; `resolve` brings their columns to the account's IDs, where that is at hand.

    Raises UsageProblem and StorageFailed.
    """
    refuse_overwriting((source.path for source in sources), (outputs.contacts, outputs.rejects, outputs.page))
    with Journal.create(None) as journal:
        contacts = outputs.contacts
        deliver = functools.partial(write_contacts, contacts) if contacts else None
        intake = Intake(sources, settings.imports, resolve, outline=True, deliver=deliver)
        taken = await intake.take(journal, progress)
        if outputs.rejects:
            write_rejects(outputs.rejects, journal, BAD_KINDS)
        summary = summarise_check(intake.name, taken, find_examples(journal, BAD_KINDS))
        if outputs.page:
            write_page(outputs.page, check_page(summary))
        return summary


async def run_check_online(
    account: "Account", sources: Sequence[Source], progress: Progress, outputs: CheckOutputs
) -> CheckSummary:
    """Validate files with the account's field IDs, tags and team at hand; reads only. Raises PipelineError."""
    async with interruptible(StopSwitch(), progress.say, 0), account.client() as client:
        return await run_check(account.settings, sources, progress, outputs, resolve=Directory(client).resolve)


def summarise_check(source: str, taken: Taken, examples: Sequence[Example]) -> CheckSummary:
    """Return what a check found."""
    tally = taken.census.tally
    files = taken.files
    return CheckSummary(
        source=source,
        rows=tally.rows,
        accepted=tally.rows - tally.settled,
        rejected=tally.rejected,
        skipped=tally.skipped,
        codes=taken.census.codes,
        skipped_codes=taken.census.skipped,
        columns={name: target for file in files for name, target in file.columns.describe().items()},
        encoding=", ".join(dict.fromkeys(file.dialect.encoding for file in files)),
        delimiter=", ".join(dict.fromkeys(file.dialect.delimiter for file in files)),
        notes={**taken.census.notes, **_consent_notes(taken)},
        examples=tuple(examples),
        files=tuple(file.as_json() for file in files),
        consent=taken.consent,
        opted_out=taken.census.opted_out,
    )


def _consent_notes(taken: Taken) -> dict[str, int]:
    unread = sum(notice.state != "other_channel" for notice in taken.consent)
    return {"consent_column": unread} if unread else {}
