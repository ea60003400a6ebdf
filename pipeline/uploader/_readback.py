"""Is a write there? What the service holds is read back, whatever it answered."""

import contextlib
from collections.abc import Sequence
from typing import Protocol

from pipeline.errors import RequestRefused
from pipeline.models import (
    Change,
    ChangeKind,
    Contact,
    FieldChange,
    Found,
    Outcome,
    OutcomeKind,
    Record,
    Staged,
    WriteAnswer,
    compare,
)
from pipeline.planner import differences, find_damage, holds_more
from pipeline.resolver import Decider, Readable, records_for
from pipeline.state import find_unseen
from pipeline.uploader._batches import FIRST_WRITES, Seen
from pipeline.values import Struct


class Viewed(Readable, Protocol):
    """The part of the client that reading back needs."""

    async def get_contact(self, contact_id: int) -> Record | None:
        """Return a contact by its ID."""


class Item(Struct):
    """A row on its way through the rounds of its batch.

    `doubt` is the write that was begun and is not proved yet, `answer` what the service answered to it. `refusal` is
    the service's refusal of a write of the kind `refused`. `goes_alone`: the row is not to be sent by batch (again);
    `answered_alone` counts the writes that were sent so and answered, `removals` how often contacts that a batch had
    made beside the right one were deleted. `existed` is whether a create of this row updated a contact that somebody
    else had made, None until it was looked at.
    """

    staged: Staged
    doubt: Change | None = None
    answer: WriteAnswer | None = None
    refusal: RequestRefused | None = None
    refused: ChangeKind | None = None
    looks: int = 0
    sends: int = 0
    wrong: tuple[FieldChange, ...] = ()
    created_here: bool = False
    goes_alone: bool = False
    answered_alone: int = 0
    removals: int = 0
    existed: bool | None = None

    @property
    def seq(self) -> int:
        """The row's number in the journal."""
        return self.staged.seq

    @property
    def contact(self) -> Contact:
        """What the row wants."""
        return self.staged.contact

    def sent(self, change: Change) -> None:
        """Note that a write has gone out, of which nothing else is known yet."""
        self.doubt, self.answer, self.refusal, self.looks = change, None, None, 0
        self.sends += 1

    def written(self, change: Change, record: Record | None) -> Outcome:
        """Return the outcome of a write that is proved; `record` shows it, None for a deletion."""
        if record is None:
            return Outcome(self.seq, OutcomeKind.DELETED, contact_id=change.contact_id, notes=self.contact.notes)
        created = self.created_here or change.kind is ChangeKind.CREATE
        kind = OutcomeKind.CREATED if created and not self.existed else OutcomeKind.UPDATED
        existed = ("existed_meanwhile",) if created and self.existed else ()
        notes = tuple(dict.fromkeys((*self.contact.notes, *change.notes, *existed)))
        unseen = find_unseen(change, record)
        return Outcome(self.seq, kind, contact_id=record.id, notes=notes, unseen=unseen, rev=record.rev)

    def ended(
        self, kind: OutcomeKind, code: str, reason: str, contact_id: int | None = None, rev: int | None = None
    ) -> Outcome:
        """Return the outcome of a row whose write is not proved."""
        return Outcome(self.seq, kind, code, reason, contact_id=contact_id, notes=self.contact.notes, rev=rev)


class Prover:
    """Reads writes back and compares them field by field with what was sent."""

    def __init__(self, contacts: Viewed, decider: Decider) -> None:
        self._contacts = contacts
        self._decider = decider
        self._deletions_asked = 0

    async def look(self, items: Sequence[Item]) -> Found:
        """Return what one search of all their phones brings. Raises what the client raises."""
        return await self._decider.resolve([item.contact.phone for item in items])

    async def read_back(self, item: Item, record: Record | None) -> Record | None:
        """Return the record to judge a row's write by; `record` is what a search showed.

        A search index may lag behind, so what it does not show is fetched by ID; an opt-out that records do not show
        is asked for where it was sent: nobody is texted on the strength of an answer.
        """
        change = item.doubt
        if change is None:
            return record
        if item.answer and item.answer.id is not None and _may_lag(change, item.answer, record):
            record = await self._get(item.answer.id)
        if record and record.is_opted_out is None and change.body.get("is_opted_out") is True:
            record = record._replace(is_opted_out=await self._contacts.get_opt_out(record.id))
        return record

    async def see(self, item: Item, found: Found) -> tuple[Seen, Record | None]:
        """Return what became of a row's write, and the record that shows it."""
        change = item.doubt
        if change is None:
            raise AssertionError("nothing was sent for this row")
        if change.kind is ChangeKind.DELETE:
            return await self._see_deletion(item, change, found)
        records = records_for(item.contact, found)
        record = await self.read_back(item, records[0] if len(records) == 1 else None)
        if len(records) > 1:
            return Seen(change, is_doubled=True), None
        if record is None:
            return Seen(change, is_missing=True), None
        wrong = self.find_wrong(item, change, record, records)
        if wrong and _is_untouched(change, record, wrong):
            return Seen(change, is_untouched=True), record
        return Seen(change, wrong=wrong), record

    def find_wrong(
        self, item: Item, change: Change, record: Record, found: Sequence[Record]
    ) -> tuple[FieldChange, ...]:
        """Return what a record does not hold as it was sent, and what it has lost by the write; `found` by a search.

        The first look at a contact that a row has made tells whether it is the row's own.
        """
        if item.existed is None and change.kind is ChangeKind.CREATE and item.sends == 1:
            item.existed = self._existed(change, record)
        is_whole = any(record.raw is each.raw for each in found)
        return (*differences(change, record), *find_damage(change, record, is_whole=is_whole))

    @staticmethod
    def _existed(change: Change, record: Record) -> bool:
        """Whether a contact was there before the create that is said to have made it: some services update then.

        It was if it holds what was not sent, or is a later revision than the first and was edited since it was made.
        Somebody's edit in the instant since looks the same, and is kept as well.
        """
        is_later = record.rev is not None and record.rev > 1
        was_edited = bool(record.created and record.updated) and compare(record.created, record.updated) < 0
        return holds_more(change, record) or (is_later and was_edited)

    async def _see_deletion(self, item: Item, change: Change, found: Found) -> tuple[Seen, Record | None]:
        """Return whether a contact is gone; the record that is still there otherwise.

        The search of the batch shows it. By ID is asked as well for the first deletions of a run, where the answer was
        lost, and where the search still shows the contact: an index may lag behind.
        """
        phone = item.contact.phone
        record = next((each for each in found.records.get(phone, ()) if each.id == change.contact_id), None)
        is_plain = item.answer is not None and record is None and phone not in found.refused
        if change.contact_id and not (is_plain and self._deletions_asked >= FIRST_WRITES):
            self._deletions_asked += 1
            # Where that is refused, and not with a plain "not found", what the search showed counts.
            with contextlib.suppress(RequestRefused):
                record = await self._contacts.get_contact(change.contact_id)
        return (Seen(change, wrong=differences(change, record)) if record else Seen(change)), record

    async def _get(self, contact_id: int) -> Record | None:
        try:
            return await self._contacts.get_contact(contact_id)
        except RequestRefused:
            # The answer for an ID that is not there is unknown (docs/api.md, section Endpoints): it shows no contact.
            return None


def was_applied_in_part(change: Change, wrong: Sequence[FieldChange]) -> bool:
    """Whether a write left neither all that it was to change as it was nor all as it was to be."""
    return {field.name for field in wrong} != {field.name for field in change.fields}


def _may_lag(change: Change, answer: WriteAnswer, record: Record | None) -> bool:
    """Whether a search may have shown an older state than the one that the answer speaks of."""
    if record is None:
        return True
    if answer.rev is not None and record.rev is not None:
        return record.rev < answer.rev
    return bool(differences(change, record))


def _is_untouched(change: Change, record: Record, wrong: Sequence[FieldChange]) -> bool:
    """Whether a record is still the one from before the write."""
    if change.before is None:
        return False
    if record.rev is not None and change.before.rev is not None:
        return record.rev == change.before.rev
    return {field.name for field in wrong} >= {field.name for field in change.fields}
