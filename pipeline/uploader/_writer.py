"""Carry changes out, by batch or one by one, and settle what is proved.

- a write is begun in the journal before it is sent, and there is no await between an answer and its record;
- a batch's own answer proves nothing: every entry is read back by one search;
- the first writes of each kind are a trial: they are read back before any worker sends more of that kind.
"""

import contextlib
from collections.abc import Mapping, Sequence
from typing import Protocol

import anyio

from pipeline.errors import AnswerLost, CredentialsRefused, PipelineError, RequestRefused, ServiceUnavailable
from pipeline.limiter import CapacityLimiter
from pipeline.models import Change, ChangeKind, Found, Json, Outcome, Record, Staged, WriteAnswer
from pipeline.planner import differences
from pipeline.signals import StopSwitch
from pipeline.uploader._batches import BulkTrust, Portion, Seen, in_halves
from pipeline.uploader._readback import Item, Prover, Viewed
from pipeline.values import replace

_OF_SIZE_OR_CONTENT = (400, 413, 422)
"""Refusals of a batch that a smaller batch may not meet. Any other one is about the call itself."""

BATCH_SENDS = 2
"""How often a row is sent by batch while no answer comes. Then it is sent alone: the batch may be what fails."""

MOST_REMOVALS = 3
"""How often a twin is deleted whose deletion cannot be seen, before its row is given up."""

_NOTHING_ELSE: Mapping[str, Json] = {
    "first": "", "last": "", "email": "", "is_opted_out": False, "tags": [], "custom": {},
}  # fmt: skip
"""The fields of a contact that holds nothing but what a write sends."""

Pair = tuple[Item, Change]


class Contacts(Viewed, Protocol):
    """The part of the client that writing needs. Each write raises AnswerLost and RequestRefused."""

    async def create_contact(self, body: Mapping[str, Json]) -> WriteAnswer:
        """Create a contact."""

    async def update_contact(self, contact_id: int, body: Mapping[str, Json], *, overwrite: bool) -> WriteAnswer:
        """Update a contact."""

    async def delete_contact(self, contact_id: int) -> None:
        """Delete a contact; one that is not there counts as deleted."""

    async def opt_out(self, contact_id: int) -> None:
        """Opt a contact out, apart from any other write."""

    async def write_batch(self, bodies: Sequence[Mapping[str, Json]], *, overwrite: bool) -> Mapping[str, WriteAnswer]:
        """Write many contacts by one call; return the identities that its answer shows, by phone."""

    async def search(self, kind: str, values: Sequence[str]) -> list[Record]:
        """Return the contacts that have one of the channels."""

    async def list_channels(self, uuid: str) -> tuple[tuple[str, str], ...]:
        """Return the channels of a contact as (type, value)."""

    async def add_channel(self, uuid: str, kind: str, value: str) -> tuple[tuple[str, str], ...] | None:
        """Give a contact a further channel; return the channels that the answer shows, which proves nothing."""

    async def add_to_list(self, list_id: int, contact_ids: Sequence[int]) -> None:
        """Add contacts to a list."""


class WriteJournal(Protocol):
    """Where rows come from and what becomes of them is recorded. Each call is on disk when it returns."""

    def open_rows(self, after: int, limit: int) -> list[Staged]: ...
    def begin(self, changes: Sequence[Change]) -> None: ...
    def release(self, seqs: Sequence[int]) -> None: ...
    def answered(self, seq: int, answer: WriteAnswer) -> None: ...
    def settle(self, outcomes: Sequence[Outcome]) -> None: ...
    def keep_removed(self, seq: int, record: Record) -> None: ...


class Writer:
    """Sends the writes of all workers, at most `concurrency` at a time.

    What ends the run stops all workers; it is raised when the writes in flight are settled.
    """

    def __init__(
        self,
        contacts: Contacts,
        journal: WriteJournal,
        prover: Prover,
        trust: BulkTrust,
        concurrency: int,
        stop: StopSwitch,
    ) -> None:
        self._contacts = contacts
        self._journal = journal
        self._prover = prover
        self._trust = trust
        self._stop = stop
        self._concurrency = concurrency
        self._slots = CapacityLimiter(concurrency)
        self._trial = anyio.Lock()
        self.sends_singly = False

    async def apply(self, changes: Sequence[Pair]) -> list[Item]:
        """Send the changes, settle what is proved, and return the items that need another round.

        Raises what the client and the journal raise, but for AnswerLost and RequestRefused.
        """
        waiting = {change.seq: (item, change) for item, change in changes}
        open_items: list[Item] = []
        while waiting and not self._stop.requested:
            portion = self._next(waiting)
            if not portion.is_trial:
                open_items += await self._carry_out(self._taken(portion, waiting), portion)
                continue
            async with self._trial:
                # Another worker may have learned meanwhile what this trial was to find out.
                portion = self._next(waiting)
                pairs = self._taken(portion, waiting)
                unproved = await self._carry_out(pairs, portion)
            open_items += unproved
            if portion.is_trial and unproved:
                # What a trial leaves open is mended, or stops the run, before more of its kind are sent.
                return open_items + [item for item, _ in waiting.values()]
        return open_items

    def _next(self, waiting: Mapping[int, Pair]) -> Portion:
        alone = frozenset(seq for seq, (item, _) in waiting.items() if item.goes_alone or item.sends >= BATCH_SENDS)
        return self._trust.next_portion([change for _, change in waiting.values()], alone)

    @staticmethod
    def _taken(portion: Portion, waiting: dict[int, Pair]) -> list[Pair]:
        return [waiting.pop(change.seq) for change in portion.changes]

    async def _carry_out(self, pairs: Sequence[Pair], portion: Portion) -> list[Item]:
        self.sends_singly = not portion.by_batch
        if portion.by_batch:
            open_items, _ = await self._batch(pairs)
            return open_items
        return await self._singles(pairs, is_trial=portion.is_trial)

    async def remove_twins(self, item: Item, records: Sequence[Record]) -> bool:
        """Delete the second contact that a batch made instead of updating the first; whether there was one.

        It is ours when the row's update was decided with one contact in sight, and what appeared beside that one
        holds what was sent and nothing else, less the parts that the batch dropped. It is saved before it goes.
        """
        doubt = item.doubt
        if doubt is None or doubt.kind is not ChangeKind.UPDATE or item.removals >= MOST_REMOVALS:
            return False
        twins = [record for record in records if record.id != doubt.contact_id]
        # Like an overwriting update, so that whatever a contact holds beyond what was sent counts as a difference.
        as_sent = replace(doubt, overwrite=True, body={**_NOTHING_ELSE, **doubt.body})
        strange = (field for twin in twins for field in differences(as_sent, twin) if field.old)
        if len(twins) == len(records) or any(strange):
            return False
        for twin in twins:
            unseen = twin.is_opted_out is None and not doubt.body.get("is_opted_out")
            if unseen and await self._contacts.get_opt_out(twin.id):
                # This write opted nobody out: somebody else made the contact.
                return False
        for twin in twins:
            self._journal.keep_removed(item.seq, twin)
            try:
                await self._contacts.delete_contact(twin.id)
            except RequestRefused:
                # Both stay, and the row says so.
                return False
            except AnswerLost:
                # Whether it is gone is what the next round sees.
                continue
        item.removals += 1
        return True

    # --- one by one ----------------------------------------------------------------------------------------------

    async def _singles(self, pairs: Sequence[Pair], *, is_trial: bool) -> list[Item]:
        self._journal.begin([change for _, change in pairs])
        unsent: list[int] = []
        failures: list[PipelineError] = []
        queue = iter(pairs)

        async def lane() -> None:
            for item, change in queue:
                async with self._slots:
                    if self._stop.requested or not await self._send(item, change, failures):
                        unsent.append(item.seq)

        # A few tasks that take one write after the other: a task for each would cost a tenth of its time.
        async with anyio.create_task_group() as writes:
            for _ in range(min(self._concurrency, len(pairs))):
                writes.start_soon(lane)
        if unsent:
            self._journal.release(unsent)
        try:
            if answered := [item for item, _ in pairs if item.answer and item.seq not in unsent]:
                await self._confirm_singles(answered, pairs[0][1].kind, is_trial=is_trial)
        except PipelineError as error:
            failures.append(error)
        if failures:
            raise failures[0]
        return [item for item, _ in pairs if item.doubt or item.refusal]

    async def _send(self, item: Item, change: Change, failures: list[PipelineError]) -> bool:
        """Send one write; whether it may have arrived. A failure that ends the run stops the others."""
        item.sent(change)
        try:
            answer = await self._write(change)
            # No await between the answer and its record.
            self._journal.answered(item.seq, answer)
            item.answer = answer
            item.answered_alone += 1
        except AnswerLost:
            # It stays in doubt; the next round looks for it.
            return True
        except RequestRefused as error:
            item.doubt, item.refusal, item.refused = None, error, change.kind
        except PipelineError as error:
            failures.append(error)
            self._stop.request()
            # For a write the client raises these only when it is proved that nothing arrived.
            return not isinstance(error, ServiceUnavailable | CredentialsRefused)
        return True

    async def _write(self, change: Change) -> WriteAnswer:
        if change.contact_id is None or change.kind is ChangeKind.CREATE:
            return await self._contacts.create_contact(change.body)
        if change.kind is ChangeKind.DELETE:
            await self._contacts.delete_contact(change.contact_id)
            return WriteAnswer(change.contact_id)
        return await self._contacts.update_contact(change.contact_id, change.body, overwrite=change.overwrite)

    async def _confirm_singles(self, items: Sequence[Item], kind: ChangeKind, *, is_trial: bool) -> None:
        """Read answered writes back by one search; settle those that hold what was sent."""
        found = await self._prover.look(items)
        shown = all(item.contact.phone in found.records for item in items)
        pairs = [(item, item.doubt) for item in items if item.doubt]
        seen = await self._settle(pairs, found)
        apart = [pair for pair, each in zip(pairs, seen, strict=True) if each.lacks_opt_out]
        if apart and await self._opt_out(apart, found):
            again = await self._settle(apart, await self._prover.look([item for item, _ in apart]))
            seen = [each for each in seen if not each.lacks_opt_out] + again
        if is_trial:
            self._trust.singles_seen(kind, all_done=all(each.is_done for each in seen), shown_at_once=shown)

    async def _opt_out(self, pairs: Sequence[Pair], found: Found) -> bool:
        """Opt contacts out by a call of their own, where their writes did not; whether any such call was answered.

        Repeating it is harmless, and so is one too many: it only ever makes a contact be texted less. What it did is
        read back like any write.
        """
        answered = 0
        for item, change in pairs:
            told = (item.answer.id if item.answer else None, change.contact_id)
            shown = (record.id for record in found.records.get(item.contact.phone, ()))
            contact_id = next((each for each in (*told, *shown) if each is not None), None)
            if contact_id is None or self._stop.requested:
                continue
            # After a refusal the opt-out is still missing, which is what reading back will show.
            with contextlib.suppress(RequestRefused):
                async with self._slots:
                    await self._contacts.opt_out(contact_id)
                    if item.answer:
                        # The opt-out has made a new revision; which one, reading back will show.
                        item.answer = replace(item.answer, rev=None)
                        self._journal.answered(item.seq, item.answer)
                answered += 1
        return bool(answered)

    # --- by batch ------------------------------------------------------------------------------------------------

    async def _batch(self, pairs: Sequence[Pair]) -> tuple[list[Item], bool]:
        """Send one batch and read it back; return the items that are open, and whether the service took it."""
        self._journal.begin([change for _, change in pairs])
        kind = pairs[0][1].kind
        refusal: RequestRefused | None = None
        async with self._slots:
            if self._stop.requested:
                self._journal.release([item.seq for item, _ in pairs])
                return [], True
            for item, change in pairs:
                item.sent(change)
            try:
                # A contact that exists is touched only with the flag, and then its custom values are replaced: by
                # themselves, for an update sends all of them along. Source: docs/api.md, section Contradictions.
                shown = await self._contacts.write_batch(
                    [change.body for _, change in pairs], overwrite=kind is ChangeKind.UPDATE
                )
            except AnswerLost:
                return [item for item, _ in pairs], True
            except RequestRefused as error:
                refusal, shown = error, {}
            except (ServiceUnavailable, CredentialsRefused):
                self._journal.release([item.seq for item, _ in pairs])
                raise
        if refusal:
            return await self._after_refusal(pairs, refusal)
        return await self._confirm_batch(pairs, shown), True

    async def _confirm_batch(self, pairs: Sequence[Pair], shown: Mapping[str, WriteAnswer]) -> list[Item]:
        for item, change in pairs:
            if change.kind is ChangeKind.CREATE and (answer := shown.get(change.phone)):
                # No await between the answer and its record.
                self._journal.answered(item.seq, answer)
                item.answer = answer
        found = await self._prover.look([item for item, _ in pairs])
        seen = await self._settle(pairs, found)
        self._trust.batch_seen(pairs[0][1].kind, seen)
        left = [item for item, _ in pairs if item.doubt]
        for item in left:
            item.goes_alone = True
        return left

    async def _after_refusal(self, pairs: Sequence[Pair], refusal: RequestRefused) -> tuple[list[Item], bool]:
        """Find out what a refused batch left undone, and send that in halves until the entry at fault is alone.

        Refused as a whole is what is expected; that some entries were carried out before the refusal is not ruled out.
        """
        found = await self._prover.look([item for item, _ in pairs])
        undone: list[Pair] = []
        done: list[Pair] = []
        for item, change in pairs:
            seen, _ = await self._prover.see(item, found)
            (undone if seen.is_missing or seen.is_untouched else done).append((item, change))
        if done:
            await self._settle(done, found)
        open_items = [item for item, _ in done if item.doubt]
        self._journal.release([item.seq for item, _ in undone])
        for item, _ in undone:
            item.doubt = None
        if refusal.status not in _OF_SIZE_OR_CONTENT:
            self._trust.call_refused(pairs[0][1].kind, refusal.status)
        if refusal.status not in _OF_SIZE_OR_CONTENT or len(undone) < 2 or self._stop.requested:
            for item, _ in undone:
                item.goes_alone = True
            return open_items + [item for item, _ in undone], False
        if refusal.status == 413:
            self._trust.refused(len(pairs))
        taken = True
        for half in in_halves(undone):
            left, was_taken = await self._batch(half)
            open_items += left
            taken = taken and was_taken
        if taken and not done:
            # Both halves went through, so it was the size and no entry.
            self._trust.refused(len(pairs))
        return open_items, False

    async def _settle(self, pairs: Sequence[Pair], found: Found) -> list[Seen]:
        """Settle what is proved; return what was seen of each."""
        all_seen: list[Seen] = []
        settled: list[Outcome] = []
        for item, change in pairs:
            seen, record = await self._prover.see(item, found)
            if seen.is_done:
                settled.append(item.written(change, record))
                item.doubt = None
            all_seen.append(seen)
        if settled:
            self._journal.settle(settled)
        return all_seen
