"""Bring staged contacts to the service: resolve -> plan -> begin -> apply -> confirm -> settle.

Batches flow through a bounded stream to two workers; the writes of all workers share `concurrency` slots. A row
leaves the uploader with a proved outcome, or with `unknown` said aloud:

- a write is begun in the ledger before it is sent, and its answer is recorded in the same breath as it arrives;
- a write whose answer was lost is looked up before anything else happens to its row;
- every write is read back by a search of its batch and compared field by field.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from pipeline.decider import Decider, Readable, find_conflict, find_stale
from pipeline.errors import (
    AnswerLost,
    CanarySurprise,
    CredentialsRefused,
    PipelineError,
    RequestRefused,
    ServiceUnavailable,
)
from pipeline.models import (
    Change,
    ChangeKind,
    Contact,
    FieldChange,
    Found,
    Json,
    OnExisting,
    Outcome,
    OutcomeKind,
    Record,
    Staged,
    WriteAnswer,
)
from pipeline.planner import Policy, differences
from pipeline.resolver import BATCH_SIZE
from pipeline.signals import StopSwitch

LOOK_DELAYS = (0.0, 1.0, 2.0, 4.0)
"""Seconds before each look for a create whose answer was lost: it may still be on its way, or not yet be indexed."""

BATCHES_AT_ONCE = 2
"""One batch can be looked up while the other writes. More would only make each of them, and the progress, slower."""

MAX_SENDS = 4
"""How often one row's write is begun in one run before the row is given up as `unknown` or `failed`."""


class Contacts(Readable, Protocol):
    """The part of the client that the uploader uses."""

    async def create_contact(self, body: Mapping[str, Json]) -> WriteAnswer:
        """Create a contact."""
        ...

    async def update_contact(self, contact_id: int, body: Mapping[str, Json], *, overwrite: bool) -> WriteAnswer:
        """Update a contact."""
        ...

    async def get_contact(self, contact_id: int) -> Record | None:
        """Return a contact by its ID."""
        ...


class Ledger(Protocol):
    """Where the uploader takes rows from and records what becomes of them. Each call is on disk when it returns."""

    def open_rows(self, after: int, limit: int) -> list[Staged]: ...
    def begin(self, changes: Sequence[Change]) -> None: ...
    def release(self, seqs: Sequence[int]) -> None: ...
    def answered(self, seq: int, answer: WriteAnswer) -> None: ...
    def settle(self, outcomes: Sequence[Outcome]) -> None: ...


@dataclass(slots=True)
class _Item:
    """A row on its way through the rounds of its batch."""

    staged: Staged
    doubt: Change | None = None
    answer: WriteAnswer | None = None
    refusal: RequestRefused | None = None
    refused: ChangeKind | None = None
    looks: int = 0
    sends: int = 0
    wrong: tuple[FieldChange, ...] = ()
    created_here: bool = False

    @property
    def seq(self) -> int:
        return self.staged.seq

    @property
    def contact(self) -> Contact:
        return self.staged.contact


class _Again:
    """The decision to look once more, later."""


class Uploader:
    """Uploads everything that a ledger has open. One use only."""

    def __init__(
        self,
        contacts: Contacts,
        ledger: Ledger,
        policy: Policy,
        *,
        concurrency: int,
        stop: StopSwitch | None = None,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        self._contacts = contacts
        self._ledger = ledger
        self._concurrency = concurrency
        self._stop = stop or StopSwitch()
        self._sleep = sleep
        self._decider = Decider(contacts, policy)
        self._slots = anyio.CapacityLimiter(concurrency)
        self._failure: PipelineError | None = None

    async def upload(self) -> None:
        """Bring every open row to an outcome, or return early when the stop switch was thrown.

        Raises CanarySurprise when a write read back differently and could not be mended, and what the client raises;
        by then the other workers have finished and settled what they had in flight.
        """
        sender, receiver = anyio.create_memory_object_stream[list[Staged]](max_buffer_size=0)
        async with anyio.create_task_group() as workers:
            workers.start_soon(self._produce, sender)
            for _ in range(min(BATCHES_AT_ONCE, self._concurrency)):
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
                while not self._stop.requested and (batch := self._ledger.open_rows(after, BATCH_SIZE)):
                    after = batch[-1].seq
                    await sender.send(batch)
            except anyio.BrokenResourceError:
                # Every worker has gone home after a stop; what they did not take stays open in the ledger.
                return
            except PipelineError as error:
                self._fail(error)

    async def _work(self, receiver: MemoryObjectReceiveStream[list[Staged]]) -> None:
        async with receiver:
            async for batch in receiver:
                items = [_Item(staged, doubt=staged.doubt, answer=staged.answer) for staged in batch]
                try:
                    while items and not self._stop.requested:
                        items = await self._round(items)
                except PipelineError as error:
                    self._fail(error)
                if self._stop.requested:
                    return

    async def _round(self, items: list[_Item]) -> list[_Item]:
        """Take every item one step further and return those that are still open."""
        await self._wait_for_looks(items)
        found = await self._decider.resolve([item.contact.phone for item in items])
        settled: list[Outcome] = []
        changes: list[tuple[_Item, Change]] = []
        again: list[_Item] = []
        for item in items:
            match await self._decide(item, found):
                case Outcome() as outcome:
                    settled.append(outcome)
                case Change() as change:
                    changes.append((item, change))
                case _:
                    again.append(item)
        if settled:
            self._ledger.settle(settled)
        return again + await self._apply(changes)

    async def _wait_for_looks(self, items: Sequence[_Item]) -> None:
        delay = max((LOOK_DELAYS[item.looks] for item in items if item.doubt), default=0.0)
        if delay:
            await self._sleep(delay)

    # --- deciding ------------------------------------------------------------------------------------------------

    async def _decide(self, item: _Item, found: Found) -> Outcome | Change | _Again:
        conflict = find_conflict(item.seq, item.contact, found)
        if conflict:
            # After a write of ours the row is not merely turned away: something was sent for it.
            return replace(conflict, kind=OutcomeKind.FAILED) if item.doubt else conflict
        records = found.records.get(item.contact.phone, ())
        record = await self._read_back(item, records[0] if records else None)
        if item.doubt:
            return await self._decide_doubt(item, item.doubt, record)
        if not item.sends and (stale := find_stale(item.seq, item.contact, record)):
            return stale
        # A refused create that is still absent, and a refused update that is still there, would be refused again.
        if item.refusal and (item.refused is ChangeKind.CREATE) == (record is None):
            return self._refused_by_service(item, item.refusal)
        return await self._decider.plan(item.seq, item.contact, record)

    async def _read_back(self, item: _Item, record: Record | None) -> Record | None:
        """Return the record to judge an answered write by.

        A search index may lag behind, so what it does not show is fetched by ID; an opt-out that records do not show
        is asked for where the row set it.
        """
        if item.doubt is None or item.answer is None:
            return record
        if item.answer.id is not None and (record is None or differences(item.doubt, record)):
            record = await self._get(item.answer.id)
        if record and record.is_opted_out is None and any(field.name == "is_opted_out" for field in item.doubt.fields):
            record = replace(record, is_opted_out=await self._contacts.get_opt_out(record.id))
        return record

    async def _get(self, contact_id: int) -> Record | None:
        try:
            return await self._contacts.get_contact(contact_id)
        except RequestRefused:
            # What a service answers for an ID that is not there is unknown (shared API facts): it shows no contact.
            return None

    async def _decide_doubt(self, item: _Item, doubt: Change, record: Record | None) -> Outcome | Change | _Again:
        """Decide about a row whose write may have taken effect, now that the service was looked at."""
        if record is None:
            return await self._decide_missing(item)
        item.created_here = item.created_here or doubt.kind is ChangeKind.CREATE
        item.wrong = differences(doubt, record)
        if not item.wrong:
            return self._written(item, doubt, record)
        if item.answer and item.sends > 1:
            return self._not_kept(item, record)
        if item.sends >= MAX_SENDS:
            reason = f"sent {item.sends} times without an answer; the contact with id {record.id} does not hold it"
            return Outcome(
                item.seq, OutcomeKind.FAILED, "not_applied", reason, contact_id=record.id, notes=item.contact.notes
            )
        # What we created ourselves is completed whatever the policy says about contacts that were there before.
        policy = self._decider.policy
        if item.created_here:
            policy = replace(policy, on_existing=OnExisting.MERGE)
        planned = await self._decider.plan(item.seq, item.contact, record, policy)
        if isinstance(planned, Change) or planned.kind is not OutcomeKind.UNCHANGED:
            return planned
        # The row's own fields are there; what was sent along to survive is not. Send it once more.
        return replace(doubt, kind=ChangeKind.UPDATE, contact_id=record.id, before=record)

    async def _decide_missing(self, item: _Item) -> Outcome | Change | _Again:
        if item.looks + 1 < len(LOOK_DELAYS):
            item.looks += 1
            return _Again()
        if item.answer or item.sends >= MAX_SENDS:
            reason = "it was sent, and the service shows no contact with this phone"
            return Outcome(item.seq, OutcomeKind.UNKNOWN, "not_found_after_write", reason, notes=item.contact.notes)
        # Looked for long enough and proved absent: now it may be sent again.
        return await self._decider.plan(item.seq, item.contact, None)

    # --- applying ------------------------------------------------------------------------------------------------

    async def _apply(self, changes: Sequence[tuple[_Item, Change]]) -> list[_Item]:
        """Send the changes, confirm what was answered, and return the items that need another round."""
        if not changes:
            return []
        self._ledger.begin([change for _, change in changes])
        unsent: list[int] = []
        async with anyio.create_task_group() as writes:
            for item, change in changes:
                writes.start_soon(self._send, item, change, unsent)
        if unsent:
            self._ledger.release(unsent)
        await self._confirm([item for item, _ in changes if item.answer and item.seq not in unsent])
        return [item for item, _ in changes if item.doubt or item.refusal]

    async def _send(self, item: _Item, change: Change, unsent: list[int]) -> None:
        async with self._slots:
            if self._stop.requested:
                unsent.append(item.seq)
                return
            item.doubt, item.answer, item.refusal, item.looks = change, None, None, 0
            item.sends += 1
            try:
                answer = await self._write(change)
                # No await between the answer and its record.
                self._ledger.answered(item.seq, answer)
                item.answer = answer
            except AnswerLost:
                # It stays in doubt; the next round looks for it.
                return
            except RequestRefused as error:
                item.doubt, item.refusal, item.refused = None, error, change.kind
            except (ServiceUnavailable, CredentialsRefused) as error:
                # For a write the client raises these only when it is proved that nothing arrived.
                unsent.append(item.seq)
                self._fail(error)
            except PipelineError as error:
                self._fail(error)

    async def _write(self, change: Change) -> WriteAnswer:
        if change.contact_id is None or change.kind is ChangeKind.CREATE:
            return await self._contacts.create_contact(change.body)
        return await self._contacts.update_contact(change.contact_id, change.body, overwrite=change.overwrite)

    async def _confirm(self, items: Sequence[_Item]) -> None:
        """Read the answered writes back by one search; settle those that hold what was sent."""
        if not items:
            return
        found = await self._decider.resolve([item.contact.phone for item in items])
        settled: list[Outcome] = []
        for item in items:
            records = found.records.get(item.contact.phone, ())
            record = await self._read_back(item, records[0] if len(records) == 1 else None)
            if item.doubt and record and len(records) <= 1 and not differences(item.doubt, record):
                settled.append(self._written(item, item.doubt, record))
                item.doubt = None
        if settled:
            self._ledger.settle(settled)

    # --- outcomes ------------------------------------------------------------------------------------------------

    def _written(self, item: _Item, change: Change, record: Record) -> Outcome:
        created = item.created_here or change.kind is ChangeKind.CREATE
        kind = OutcomeKind.CREATED if created else OutcomeKind.UPDATED
        notes = tuple(dict.fromkeys((*item.contact.notes, *change.notes)))
        return Outcome(item.seq, kind, contact_id=record.id, notes=notes)

    def _refused_by_service(self, item: _Item, refusal: RequestRefused) -> Outcome:
        request = f" (request {refusal.request_id})" if refusal.request_id else ""
        reason = f"the service refused it with status {refusal.status}: {refusal.detail}{request}"
        return Outcome(item.seq, OutcomeKind.REJECTED, "refused_by_service", reason, notes=item.contact.notes)

    def _not_kept(self, item: _Item, record: Record) -> Outcome:
        names = ", ".join(field.name for field in item.wrong)
        reason = (
            f"written {item.sends} times and answered, but the contact with id {record.id} reads back without: {names}"
        )
        self._ledger.settle(
            [Outcome(item.seq, OutcomeKind.FAILED, "not_kept", reason, contact_id=record.id, notes=item.contact.notes)]
        )
        raise CanarySurprise(
            f"The row at line {item.contact.line} was {reason}. The run stopped before this could spread.",
            advice="Compare the contact in the web app with the row; 'hmpipe runs show' lists what was done.",
        )
