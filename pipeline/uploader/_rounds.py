"""Bring staged contacts to the service: resolve -> plan -> begin -> apply -> confirm -> settle.

Batches of rows flow through a bounded stream to workers; the writes of all workers share `concurrency` slots. A row
leaves the uploader with a proved outcome, or with `unknown`:

- a write whose answer was lost is looked up before anything else happens to its row;
- every write is read back by a search of its batch and compared field by field (pipeline/uploader/_readback.py);
- the first rows go through alone: what they teach about the service, the other workers need not find out again.
"""

from collections.abc import Awaitable, Callable, Sequence

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from pipeline.errors import CanarySurprise, PipelineError
from pipeline.models import Change, Outcome, Staged
from pipeline.planner import Policy
from pipeline.resolver import Decider
from pipeline.signals import StopSwitch
from pipeline.state import ConsentBook, ErasedPeople, ServerTraits, UnverifiableWrites
from pipeline.uploader._batches import BulkTrust
from pipeline.uploader._judge import LOOK_SHARES, NOT_KEPT, Judge
from pipeline.uploader._readback import Item, Prover
from pipeline.uploader._writer import Contacts, WriteJournal, Writer
from pipeline.values import Struct, field

BATCHES_OF_SINGLES = 2
"""While rows are written one by one, one batch of rows can be looked up while the other writes. More would only make
each of them, and the progress, slower."""


class Learned(Struct, frozen=True):
    """What earlier runs have learned of the account.

    How far batches are trusted, what cannot be read back, who said no, and who was forgotten.
    """

    trust: BulkTrust = field(default_factory=lambda: BulkTrust(ServerTraits()))
    unverifiable: UnverifiableWrites = field(default_factory=lambda: UnverifiableWrites(None))
    consents: ConsentBook = field(default_factory=lambda: ConsentBook(None))
    erased: ErasedPeople = field(default_factory=lambda: ErasedPeople(None))


class Pace(Struct, frozen=True):
    """How many writes go out at once, how many seconds a lost answer may be late, and how time is waited out."""

    concurrency: int = 8
    lost_answer_seconds: float = 7.0
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep


class Uploader:
    """Uploads everything that a journal has open. One use only. `learned` learns from it."""

    def __init__(
        self,
        contacts: Contacts,
        journal: WriteJournal,
        policy: Policy,
        learned: Learned,
        pace: Pace,
        stop: StopSwitch,
    ) -> None:
        self._journal = journal
        self._pace = pace
        self._stop = stop
        self._decider = Decider(
            contacts, policy, learned.unverifiable, learned.trust.traits, learned.consents, learned.erased
        )
        self._prover = Prover(contacts, self._decider)
        self._writer = Writer(contacts, journal, self._prover, learned.trust, pace.concurrency, stop)
        self._judge = Judge(self._decider, self._prover, self._writer)
        self._batches = anyio.CapacityLimiter(1)
        self._failure: PipelineError | None = None

    async def upload(self) -> None:
        """Bring every open row to an outcome, or return early when the stop switch was thrown.

        Raises CanarySurprise when a write read back differently and could not be mended, and what the client raises;
        by then the other workers have finished and settled what they had in flight.
        """
        sender, receiver = anyio.create_memory_object_stream[list[Staged]](max_buffer_size=0)
        async with anyio.create_task_group() as workers:
            workers.start_soon(self._produce, sender)
            for _ in range(max(BATCHES_OF_SINGLES, self._pace.concurrency)):
                workers.start_soon(self._work, receiver.clone())
            receiver.close()
        if self._failure:
            raise self._failure

    def _fail(self, error: PipelineError) -> None:
        """Remember the first failure and let the other workers finish what is in flight."""
        self._failure = self._failure or error
        self._stop.request()

    async def _produce(self, sender: MemoryObjectSendStream[list[Staged]]) -> None:
        after = 0
        async with sender:
            try:
                while not self._stop.requested and (batch := self._journal.open_rows(after, self._decider.batch_size)):
                    after = batch[-1].seq
                    await sender.send(batch)
            except anyio.BrokenResourceError:
                # All workers have ended after a stop; what they did not take stays open in the journal.
                return
            except PipelineError as error:
                self._fail(error)

    async def _work(self, receiver: MemoryObjectReceiveStream[list[Staged]]) -> None:
        async with receiver:
            while not self._stop.requested:
                async with self._batches:
                    try:
                        batch = await receiver.receive()
                    except anyio.EndOfStream:
                        return
                    await self._take(batch)
                self._batches.total_tokens = BATCHES_OF_SINGLES if self._writer.sends_singly else self._pace.concurrency

    async def _take(self, batch: Sequence[Staged]) -> None:
        items = [Item(staged, doubt=staged.doubt, answer=staged.answer) for staged in batch]
        for item in items:
            # The answer to a single write tells the UUID that further channels need, a batch's may not. A batch goes by
            # phones, which do not tell contacts apart that share one.
            item.goes_alone = bool(item.contact.channels) or item.contact.by_id
            if item.doubt and item.doubt.contact_id is not None:
                self._decider.keep_to(item.contact.phone, item.doubt.contact_id)
        try:
            while items and not self._stop.requested:
                items = await self._round(items)
        except PipelineError as error:
            self._fail(error)

    async def _round(self, items: list[Item]) -> list[Item]:
        """Take every item one step further and return those that are still open."""
        await self._wait_for_looks(items)
        found = await self._prover.look(items)
        settled: list[Outcome] = []
        changes: list[tuple[Item, Change]] = []
        again: list[Item] = []
        for item in items:
            match await self._judge.decide(item, found):
                case Outcome() as outcome:
                    settled.append(outcome)
                    if outcome.code == NOT_KEPT:
                        self._journal.settle(settled)
                        raise _surprise(item, outcome)
                case Change() as change:
                    changes.append((item, change))
                case None:
                    again.append(item)
        if settled:
            self._journal.settle(settled)
        return again + (await self._writer.apply(changes) if changes else [])

    async def _wait_for_looks(self, items: Sequence[Item]) -> None:
        share = max((LOOK_SHARES[item.looks] for item in items if item.doubt), default=0.0)
        if share:
            await self._pace.sleep(share * self._pace.lost_answer_seconds)


def _surprise(item: Item, outcome: Outcome) -> CanarySurprise:
    return CanarySurprise(
        f"The row at line {item.contact.line} was {outcome.reason}. The run stopped before this could spread.",
        advice="Compare the contact in the web app with the row; 'hmpipe runs show last' lists what was done,"
        " 'hmpipe undo last' takes it back.",
    )
