"""Bring staged contacts to the service: resolve -> plan -> begin -> apply -> confirm -> settle.

Batches of rows flow through a bounded stream to workers; the writes of all workers share `concurrency` slots. A row
leaves the uploader with a proved outcome, or with `unknown` said aloud:

- a write whose answer was lost is looked up before anything else happens to its row;
- every write is read back by a search of its batch and compared field by field (uploader/_readback.py);
- the first rows go through alone: what they teach about the service, the other workers need not find out again.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from pipeline.errors import CanarySurprise, PipelineError, RequestRefused
from pipeline.models import Change, ChangeKind, Found, OnExisting, Outcome, OutcomeKind, Record, Staged
from pipeline.planner import Policy, differences, put_back
from pipeline.resolver import Decider, find_conflict, find_stale, hold_to_plan
from pipeline.settings import LimitSettings
from pipeline.signals import StopSwitch
from pipeline.state import ServerTraits, UnverifiableWrites
from pipeline.uploader._batches import BulkTrust
from pipeline.uploader._readback import Item, Prover, was_applied_in_part
from pipeline.uploader._writer import Contacts, Ledger, Writer

LOOK_SHARES = (0.0, 1 / 7, 2 / 7, 4 / 7)
"""How the time is spread over the looks for a write whose answer was lost: it may still be on its way, or not yet be
indexed."""

BATCHES_OF_SINGLES = 2
"""While rows are written one by one, one batch of rows can be looked up while the other writes. More would only make
each of them, and the progress, slower."""

MAX_SENDS = 6
"""How often one row's write is begun in one run before the row is given up as `unknown` or `failed`."""


class _Again:
    """The decision to look once more, later."""


class Uploader:
    """Uploads everything that a ledger has open. One use only.

    `trust` says how far batches are trusted, and learns.
    """

    # Each of them is known at another place, and all but four have a default.
    def __init__(  # noqa: PLR0913
        self,
        contacts: Contacts,
        ledger: Ledger,
        policy: Policy,
        *,
        limits: LimitSettings,
        stop: StopSwitch | None = None,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        trust: BulkTrust | None = None,
        unverifiable: UnverifiableWrites | None = None,
    ) -> None:
        self._contacts = contacts
        self._ledger = ledger
        self._limits = limits
        self._stop = stop or StopSwitch()
        self._sleep = sleep
        trust = trust or BulkTrust(ServerTraits())
        self._decider = Decider(contacts, policy, unverifiable, trust.traits)
        self._prover = Prover(contacts, self._decider)
        self._writer = Writer(
            contacts,
            ledger,
            self._prover,
            trust,
            concurrency=limits.concurrency,
            stop=self._stop,
            fail=self._fail,
        )
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
            for _ in range(max(BATCHES_OF_SINGLES, self._limits.concurrency)):
                workers.start_soon(self._work, receiver.clone())
            receiver.close()
        if self._failure:
            raise self._failure

    def _fail(self, error: PipelineError) -> None:
        """Remember the first failure and let everybody finish what is in flight."""
        self._failure = self._failure or error
        self._stop.request()

    async def _produce(self, sender: MemoryObjectSendStream[list[Staged]]) -> None:
        after = 0
        async with sender:
            try:
                while not self._stop.requested and (batch := self._ledger.open_rows(after, self._decider.batch_size)):
                    after = batch[-1].seq
                    await sender.send(batch)
            except anyio.BrokenResourceError:
                # Every worker has gone home after a stop; what they did not take stays open in the ledger.
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
                self._batches.total_tokens = (
                    BATCHES_OF_SINGLES if self._writer.sends_singly else self._limits.concurrency
                )

    async def _take(self, batch: Sequence[Staged]) -> None:
        items = [Item(staged, doubt=staged.doubt, answer=staged.answer) for staged in batch]
        for item in items:
            # The answer to a single write tells the UUID that further channels need, a batch's may not.
            item.goes_alone = bool(item.contact.channels)
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
            decide = self._decide_deletion if item.contact.to_delete else self._decide
            match await decide(item, found):
                case Outcome() as outcome:
                    settled.append(outcome)
                case Change() as change:
                    changes.append((item, change))
                case _:
                    again.append(item)
        if settled:
            self._ledger.settle(settled)
        return again + (await self._writer.apply(changes) if changes else [])

    async def _wait_for_looks(self, items: Sequence[Item]) -> None:
        share = max((LOOK_SHARES[item.looks] for item in items if item.doubt), default=0.0)
        if share:
            await self._sleep(share * self._limits.lost_answer_seconds)

    # --- deciding ------------------------------------------------------------------------------------------------

    async def _decide(self, item: Item, found: Found) -> Outcome | Change | _Again:
        conflict = find_conflict(item.seq, item.contact, found)
        if conflict and await self._writer.remove_twins(item, found.records.get(item.contact.phone, ())):
            return _Again()
        if conflict:
            # After a write of ours the row is not merely turned away: something was sent for it.
            return replace(conflict, kind=OutcomeKind.FAILED) if item.doubt else conflict
        records = found.records.get(item.contact.phone, ())
        record = await self._prover.read_back(item, records[0] if records else None)
        if item.doubt:
            return await self._decide_doubt(item, item.doubt, record)
        if not item.sends and (stale := find_stale(item.seq, item.contact, record)):
            return stale
        # A refused create that is still absent, and a refused update that is still there, would be refused again.
        if item.refusal and (item.refused is ChangeKind.CREATE) == (record is None):
            return self._refused_by_service(item, item.refusal)
        planned = await self._decider.plan(item.seq, item.contact, record)
        return planned if item.sends else hold_to_plan(item.contact, planned)

    async def _decide_deletion(self, item: Item, found: Found) -> Outcome | Change:
        if item.doubt is None:
            planned = await self._decider.decide(item.seq, item.contact, found)
            refused = item.refusal if isinstance(planned, Change) else None
            return self._refused_by_service(item, refused) if refused else planned
        seen, record = await self._prover.see(item, found)
        if record is None:
            return item.written(item.doubt, None)
        item.wrong = seen.wrong
        if hopeless := self._give_up(item, item.doubt, record):
            return hopeless
        # It is still there and is looked at like a new row, but for one thing: a deletion was sent for it.
        planned = await self._decider.decide(item.seq, item.contact, found)
        return replace(planned, kind=OutcomeKind.FAILED) if isinstance(planned, Outcome) else planned

    async def _decide_doubt(self, item: Item, doubt: Change, record: Record | None) -> Outcome | Change | _Again:
        """Decide about a row whose write may have taken effect, now that the service was looked at."""
        if record is None:
            return await self._decide_missing(item)
        item.created_here = item.created_here or doubt.kind is ChangeKind.CREATE
        item.wrong = differences(doubt, record)
        if not item.wrong:
            return item.written(doubt, record)
        if hopeless := self._give_up(item, doubt, record):
            return hopeless
        if not item.goes_alone and item.looks + 1 < len(LOOK_SHARES) and not was_applied_in_part(doubt, item.wrong):
            # Nothing of it is there yet. A batch that arrives after its repetition could blank what that one proved.
            item.looks += 1
            return _Again()
        return await self._mend(item, doubt, record)

    async def _mend(self, item: Item, doubt: Change, record: Record) -> Outcome | Change:
        """Plan what is missing of a write that took effect in part or not at all."""
        # What we created ourselves is completed whatever the policy says about contacts that were there before.
        policy = self._decider.policy
        if item.created_here:
            policy = replace(policy, on_existing=OnExisting.MERGE)
        # What was applied in part by a batch would be so again.
        item.goes_alone = item.goes_alone or was_applied_in_part(doubt, item.wrong)
        planned = await self._decider.plan(item.seq, item.contact, put_back(doubt, record), policy)
        if isinstance(planned, Change):
            return replace(planned, before=record)
        if planned.kind is not OutcomeKind.UNCHANGED:
            return planned
        # The row's own fields are there; what was sent along to survive is not. Send it once more.
        return replace(doubt, kind=ChangeKind.UPDATE, contact_id=record.id, before=record)

    async def _decide_missing(self, item: Item) -> Outcome | Change | _Again:
        if item.looks + 1 < len(LOOK_SHARES):
            item.looks += 1
            return _Again()
        if item.answer or item.sends >= MAX_SENDS:
            reason = "it was sent, and the service shows no contact with this phone"
            return Outcome(item.seq, OutcomeKind.UNKNOWN, "not_found_after_write", reason, notes=item.contact.notes)
        # Looked for long enough and proved absent: now it may be sent again.
        return await self._decider.plan(item.seq, item.contact, None)

    # --- outcomes ------------------------------------------------------------------------------------------------

    def _refused_by_service(self, item: Item, refusal: RequestRefused) -> Outcome:
        request = f" (request {refusal.request_id})" if refusal.request_id else ""
        reason = f"the service refused it with status {refusal.status}: {refusal.detail}{request}"
        return Outcome(item.seq, OutcomeKind.REJECTED, "refused_by_service", reason, notes=item.contact.notes)

    def _give_up(self, item: Item, doubt: Change, record: Record) -> Outcome | None:
        """Return the outcome of a write that is not there and is not to be sent again; None when it is."""
        if item.answered_alone > 1:
            return self._not_kept(item, record)
        if item.sends >= MAX_SENDS:
            reason = f"sent {item.sends} times without an answer; the contact with id {record.id} does not hold it"
            return Outcome(
                item.seq, OutcomeKind.FAILED, "not_applied", reason, contact_id=record.id, notes=item.contact.notes
            )
        arrived = {field.name for field in doubt.fields} - {field.name for field in item.wrong}
        if doubt.kind is ChangeKind.UPDATE and not (item.answer or item.goes_alone or arrived):
            # Nothing of it is there; if the contact has moved on all the same, somebody else was there. (A batch, after
            # which a row goes alone, may have written what was sent along and dropped what was to change.)
            stale = find_stale(item.seq, item.contact, record)
            return replace(stale, kind=OutcomeKind.FAILED) if stale else None
        return None

    def _not_kept(self, item: Item, record: Record) -> Outcome:
        # Field by field, without the values: they are personal, and stand in the row and in the contact.
        seen = ", ".join(
            f"{field.name} ({'blank' if field.old in ('', None, ()) else 'another value'})" for field in item.wrong
        )
        what = f"the contact with id {record.id}"
        reason = f"written {item.sends} times and answered, but {what} reads back otherwise in {seen}"
        if item.contact.to_delete:
            reason = f"deleted {item.sends} times and answered, but {what} is still there"
        self._ledger.settle(
            [
                Outcome(
                    item.seq,
                    OutcomeKind.FAILED,
                    "not_kept",
                    reason,
                    contact_id=record.id,
                    notes=item.contact.notes,
                    rev=record.rev,
                )
            ]
        )
        raise CanarySurprise(
            f"The row at line {item.contact.line} was {reason}. The run stopped before this could spread.",
            advice="Compare the contact in the web app with the row; 'hmpipe runs show last' lists what was done,"
            " 'hmpipe undo last' takes it back.",
        )
