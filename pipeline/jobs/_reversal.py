"""What undo, delete and restore have in common: a plan of one."""

from collections.abc import Awaitable, Callable
from contextlib import closing

from pipeline.account import Account
from pipeline.heymarket import HeymarketClient
from pipeline.jobs._preview import Decisions, Preview
from pipeline.models import BAD_KINDS, Change, OutcomeKind
from pipeline.planner import Policy
from pipeline.report import find_examples
from pipeline.resolver import Decider
from pipeline.results import ReversalPlan
from pipeline.reversal import RESTORE
from pipeline.runs import RunKind
from pipeline.runs.journal import Journal
from pipeline.signals import Progress, StopSwitch, interruptible
from pipeline.state import ConsentBook, ErasedPeople, consents_path, erased_path

Stage = Callable[[HeymarketClient, Journal, StopSwitch], Awaitable[None]]
"""Stages the rows that take back or bring back into a journal."""


async def plan_reversal(
    account: Account,
    kind: RunKind,
    source: str,
    stage: Stage,
    progress: Progress,
    *,
    undone: str = "",
    policy: Policy = RESTORE,
) -> ReversalPlan:
    """Say what a reversal would do now; reads the account and writes nothing. Raises PipelineError."""
    stop = StopSwitch()
    with (
        Journal.create(None) as journal,
        closing(ConsentBook(consents_path(account.key), learns=False)) as consents,
    ):
        async with interruptible(stop, progress.say, 0), account.client() as client:
            await stage(client, journal, stop)
            fields = await client.list_custom_fields()

            def record(batch: Decisions) -> None:
                journal.rows.settle([decision for _, decision in batch if not isinstance(decision, Change)])

            preview = Preview({f"custom.{each.id}": f"{each.title} (custom field {each.id})" for each in fields})
            decider = Decider(client, policy, consents=consents, erased=ErasedPeople(erased_path(account.key)))
            await preview.decide(decider, journal, progress, stop, record)
            await preview.decide_phoneless(client, decider, journal, record)
            plan = preview.summary(
                source, journal, read_requests=client.traffic.requests, requests_per_minute=client.requests_per_minute
            )
        return ReversalPlan(kind, plan, undone, find_examples(journal, (*BAD_KINDS, OutcomeKind.SKIPPED)))
