"""What becomes of a row, now that the service was looked at: an outcome, a write, or another look later."""

from collections.abc import Sequence

from pipeline.errors import RequestRefused
from pipeline.models import Change, ChangeKind, Found, OnExisting, Outcome, OutcomeKind, Record
from pipeline.planner import put_back
from pipeline.resolver import Decider, find_conflict, find_stale, hold_to_plan, records_for
from pipeline.showing import quoted
from pipeline.uploader._readback import Item, Prover, was_applied_in_part
from pipeline.uploader._writer import Writer
from pipeline.values import replace

LOOK_SHARES = (0.0, 1 / 7, 2 / 7, 4 / 7)
"""How the time is spread over the looks for a write whose answer was lost: it may still be on its way, or not yet be
indexed."""

MAX_SENDS = 6
"""How often one row's write is begun in one run before the row is given up as `unknown` or `failed`."""

NOT_KEPT = "not_kept"
"""The code of a row whose write was answered more than once and still reads back otherwise: it stops the run."""


class Judge:
    """Decides about the rows of all workers. None as a decision: look once more, later."""

    def __init__(self, decider: Decider, prover: Prover, writer: Writer) -> None:
        self._decider = decider
        self._prover = prover
        self._writer = writer

    async def decide(self, item: Item, found: Found) -> Outcome | Change | None:
        """Decide about a row; `found` is what a search of its batch brought. Raises what the client raises."""
        if item.contact.to_delete:
            return await self._decide_deletion(item, found)
        records = records_for(item.contact, found)
        if conflict := find_conflict(item.seq, item.contact, found):
            if await self._writer.remove_twins(item, records):
                return None
            # After a write of ours the row is not merely turned away: something was sent for it.
            return replace(conflict, kind=OutcomeKind.FAILED) if item.doubt else conflict
        record = await self._prover.read_back(item, records[0] if records else None)
        if item.doubt:
            return await self._decide_doubt(item, item.doubt, record, records)
        return await self._decide_open(item, record)

    async def _decide_open(self, item: Item, record: Record | None) -> Outcome | Change:
        """Decide about a row of which no write is in doubt."""
        if not item.sends and (stale := find_stale(item.seq, item.contact, record)):
            return stale
        # A refused create that is still absent, and a refused update that is still there, would be refused again.
        if item.refusal and (item.refused is ChangeKind.CREATE) == (record is None):
            return _refused_by_service(item, item.refusal)
        planned = await self._decider.plan(item.seq, item.contact, record)
        return planned if item.sends else hold_to_plan(item.contact, planned)

    async def _decide_deletion(self, item: Item, found: Found) -> Outcome | Change:
        if item.doubt is None:
            planned = await self._decider.decide(item.seq, item.contact, found)
            return _refused_by_service(item, item.refusal) if item.refusal and isinstance(planned, Change) else planned
        seen, record = await self._prover.see(item, found)
        if record is None:
            return item.written(item.doubt, None)
        item.wrong = seen.wrong
        if given_up := _give_up(item, item.doubt, record):
            return given_up
        # It is still there and is looked at like a new row, but for one thing: a deletion was sent for it.
        planned = await self._decider.decide(item.seq, item.contact, found)
        return replace(planned, kind=OutcomeKind.FAILED) if isinstance(planned, Outcome) else planned

    async def _decide_doubt(
        self, item: Item, doubt: Change, record: Record | None, found: Sequence[Record]
    ) -> Outcome | Change | None:
        """Decide about a row whose write may have taken effect, now that the service was looked at."""
        if record is None:
            return await self._decide_missing(item)
        item.created_here = item.created_here or doubt.kind is ChangeKind.CREATE
        item.wrong = self._prover.find_wrong(item, doubt, record, found)
        if not item.wrong:
            return item.written(doubt, record)
        if lost := _lost_for_good(item, doubt):
            what = (
                f"written, but the contact with id {record.id} has lost {lost} by it, which the API cannot write back"
            )
            return item.ended(OutcomeKind.FAILED, NOT_KEPT, what, record.id, record.rev)
        if given_up := _give_up(item, doubt, record):
            return given_up
        if not item.goes_alone and item.looks + 1 < len(LOOK_SHARES) and not was_applied_in_part(doubt, item.wrong):
            # Nothing of it is there yet. A batch that arrives after its repetition could blank what that one proved.
            item.looks += 1
            return None
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

    async def _decide_missing(self, item: Item) -> Outcome | Change | None:
        if item.looks + 1 < len(LOOK_SHARES):
            item.looks += 1
            return None
        if item.answer or item.sends >= MAX_SENDS:
            reason = "it was sent, and the service shows no contact with this phone"
            return item.ended(OutcomeKind.UNKNOWN, "not_found_after_write", reason)
        # Looked for long enough and proved absent: now it may be sent again.
        return await self._decider.plan(item.seq, item.contact, None)


def _lost_for_good(item: Item, doubt: Change) -> str:
    """The names of what a contact has lost by a write and no write can bring back."""
    names = [field.name.removeprefix("other.") for field in item.wrong if field.name.startswith("other.")]
    return ", ".join(quoted(name) for name in names if name not in doubt.body)


def _refused_by_service(item: Item, refusal: RequestRefused) -> Outcome:
    request = f" (request {refusal.request_id})" if refusal.request_id else ""
    reason = f"the service refused it with status {refusal.status}: {refusal.detail}{request}"
    return item.ended(OutcomeKind.REJECTED, "refused_by_service", reason)


def _give_up(item: Item, doubt: Change, record: Record) -> Outcome | None:
    """Return the outcome of a write that is not there and is not to be sent again; None when it is."""
    if item.answered_alone > 1:
        return item.ended(OutcomeKind.FAILED, NOT_KEPT, _what_was_not_kept(item, record), record.id, record.rev)
    if item.sends >= MAX_SENDS:
        reason = f"sent {item.sends} times without an answer; the contact with id {record.id} does not hold it"
        return item.ended(OutcomeKind.FAILED, "not_applied", reason, record.id)
    arrived = {field.name for field in doubt.fields} - {field.name for field in item.wrong}
    if doubt.kind is ChangeKind.UPDATE and not (item.answer or item.goes_alone or arrived):
        # Nothing of it is there. A contact with a new revision was then edited by somebody else. (Not so after a batch,
        # after which a row goes alone: it may have written what was sent along and dropped what was to change.)
        stale = find_stale(item.seq, item.contact, record)
        return replace(stale, kind=OutcomeKind.FAILED) if stale else None
    return None


def _what_was_not_kept(item: Item, record: Record) -> str:
    what = f"the contact with id {record.id}"
    if item.contact.to_delete:
        return f"deleted {item.sends} times and answered, but {what} is still there"
    # Field by field, without the values: they are personal, and stand in the row and in the contact.
    seen = ", ".join(
        f"{field.name} ({'blank' if field.old in ('', None, ()) else 'another value'})" for field in item.wrong
    )
    return f"written {item.sends} times and answered, but {what} reads back otherwise in {seen}"
