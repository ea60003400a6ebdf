"""What undo, delete and restore have in common."""

import hashlib

from pipeline.heymarket import HeymarketClient
from pipeline.jobs._preview import Preview
from pipeline.models import BAD_KINDS, Change, OutcomeKind
from pipeline.report import find_examples
from pipeline.resolver import Decider
from pipeline.results import ReversalPlan
from pipeline.reversal import RESTORE
from pipeline.runs import RunKind
from pipeline.runs.journal import Journal
from pipeline.signals import Progress


async def _preview(
    client: HeymarketClient, journal: Journal, progress: Progress, facts: tuple[RunKind, str, str]
) -> ReversalPlan:
    kind, source, undone = facts
    fields = await client.list_custom_fields()
    titles = {f"custom.{each.id}": f"{each.title} (custom field {each.id})" for each in fields}
    preview = Preview(titles)
    tally = journal.outcomes.tally()
    progress.stage("planning", tally.rows - tally.settled)
    async for batch in Decider(client, RESTORE).preview(journal.rows.open_rows):
        preview.add(batch)
        journal.rows.settle([decision for _, decision in batch if not isinstance(decision, Change)])
        progress.advance(len(batch))
    plan = preview.summary(
        source, journal, read_requests=client.traffic.requests, requests_per_minute=client.requests_per_minute
    )
    return ReversalPlan(kind, plan, undone, find_examples(journal, (*BAD_KINDS, OutcomeKind.SKIPPED)))


def _fingerprint(*facts: object) -> str:
    return hashlib.sha256(repr(facts).encode()).hexdigest()
