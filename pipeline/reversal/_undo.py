"""What it takes to undo a run: rows that bring each contact back to its pre-image, or say why it stays as it is.

An undo is a run like any other. Its rows are contacts made from the pre-images in the old run's journal, with every
field that can be written; each expects its contact at the revision that the old run left, so that what was edited
since is kept. The uploader writes and proves them.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Protocol, TypeVar

from pipeline.errors import Interrupted, RequestRefused
from pipeline.models import ChangeKind, Contact, Expected, Found, OnExisting, Record, Skip
from pipeline.planner import UNASSIGNED, Policy, differences, held_custom
from pipeline.resolver import BATCH_SIZE, Resolver, Searchable
from pipeline.runs.journal import Journal, SourceFacts, Trace
from pipeline.signals import Progress, StopSwitch
from pipeline.values import Struct, replace
from pipeline.wire import read_record

RESTORE = Policy(OnExisting.OVERWRITE, allow_opt_in=False, custom_mapped=True)
"""Every value of the pre-image is set, custom values exactly; an opt-out is never taken back."""

CONTACTS = SourceFacts("contacts", ("Contact ID", "Phone"))
"""What a journal says of rows that are contacts, and not those of a file."""

CLOCKS_APART = timedelta(minutes=5)
"""By how much this machine's clock and the service's may differ. Tokens are not valid for longer than that, either."""

Judged = tuple[tuple[str, str], Contact | Skip]
"""The cells that lists show of a contact, and its row."""

_KEEPS_ALL = frozenset(("created", "older_than_run", "existed", "absent"))
"""Why a contact stays as it is, with all that it was given."""

T = TypeVar("T")

_TEXTS = ("first", "last", "display_name", "email", "avatar")


class Looking(Searchable, Protocol):
    """The part of the client that an undo looks with."""

    async def get_contact(self, contact_id: int) -> Record | None:
        """Return a contact, or None when there is none with this ID."""
        ...


class LeftState(Struct, frozen=True):
    """What a contact was left as: by the run, or by an undo of it. `contact_id` None: it was deleted."""

    contact_id: int | None
    trace: Trace


class LaterUndos:
    """What undoing a run, undoing that, and so on, has done since to the contacts of the run.

    `called` are contacts whose revision may have moved by calls of our own: of those it tells nothing.
    """

    def __init__(self, journals: Iterable[Journal], called: AbstractSet[int] = frozenset()) -> None:
        self._called = called
        self._by_id: dict[int, LeftState] = {}
        self._made: dict[str, LeftState] = {}
        for journal in journals:
            for trace in journal.history.traces():
                self._take(trace)

    def _take(self, trace: Trace) -> None:
        # The pre-image is not asked for, and what was written only where no revision tells whose it is.
        is_told = trace.rev is not None and trace.contact_id not in self._called
        light = replace(trace.last, body={}, fields=()) if is_told else trace.last
        trace = replace(trace, before=None, last=light)
        left = LeftState(None if trace.kind is ChangeKind.DELETE else trace.contact_id, trace)
        if trace.contact_id is not None:
            self._by_id[trace.contact_id] = left
        if trace.kind is ChangeKind.CREATE:
            self._made[trace.phone] = left

    def left(self, trace: Trace) -> LeftState:
        """Return what a contact of the run was left as."""
        left = LeftState(None if trace.kind is ChangeKind.DELETE else trace.contact_id, trace)
        if trace.contact_id is not None:
            left = self._by_id.get(trace.contact_id, left)
        # What was deleted may have been made anew, under another ID.
        made = self._made.get(trace.phone) if left.contact_id is None else None
        if made and made.contact_id is not None:
            left = self._by_id.get(made.contact_id, made)
        return left


class UndoStaging(Struct, frozen=True):
    """How a run is to be undone; `later` is what undos have done since."""

    old: Journal
    later: LaterUndos
    delete_created: bool = False

    async def stage(self, journal: Journal, client: Looking, stop: StopSwitch, progress: Progress) -> None:
        """Stage the rows. Reads the account only for what the journals leave in doubt, and before deletions.

        Raises StorageFailed, what the client raises, and Interrupted when asked to stop.
        """
        progress.stage("looking", None)
        # What takes back that the run gave a contact channels, or blocked it; a write's row takes it along.
        calls = self._calls()
        resolver = Resolver(client)
        async for batch in self._judged(client, resolver, calls):
            journal.input.add([cells for cells, _ in batch], [row for _, row in batch])
            progress.advance(len(batch))
            if stop.requested:
                raise Interrupted("Stopped while looking; nothing was sent.")
        for others in batches(calls.items()):
            found = await resolver.resolve([wanted.phone for _, wanted in others if wanted.phone])
            rows = []
            for contact_id, wanted in others:
                records = found.records.get(wanted.phone, ()) if wanted.phone else await _looked(client, contact_id)
                rows.append(_called(contact_id, wanted, records))
            journal.input.add([(str(contact_id), wanted.phone) for contact_id, wanted in others], rows)
            progress.advance(len(others))
        journal.record(replace(journal.facts, sources=(CONTACTS,)))
        journal.finish_staging()

    def _calls(self) -> dict[int, Contact]:
        """Return, by contact, a row that takes back what the run did to it by calls of their own."""
        found: dict[int, Contact] = {}
        for each in self.old.channels.added():
            found[each.contact_id] = Contact(each.line, each.phone, drops=each.channels)
        for each in self.old.drops.dropped():
            row = found.get(each.contact_id, Contact(each.line, each.phone))
            found[each.contact_id] = replace(row, channels=each.channels)
        for wish, line, phone in self.old.blocks.done():
            if wish.was is not None and wish.was is not wish.wanted:
                row = found.get(wish.contact_id, Contact(line, phone))
                found[wish.contact_id] = replace(row, is_blocked=wish.was)
        return found

    async def _judged(
        self, client: Looking, resolver: Resolver, calls: dict[int, Contact]
    ) -> AsyncIterator[list[tuple[tuple[str, str], Contact | Skip]]]:
        called = self.old.history.called()
        for batch in batches(self.old.history.traces()):
            lefts = [self._left(trace, called) for trace in batch]
            pairs = list(zip(batch, lefts, strict=True))
            doubtful = [trace.phone for trace, left in pairs if trace.phone and self._must_look(trace, left)]
            found = await resolver.resolve(doubtful) if doubtful else Found()
            judged = []
            for trace, left in pairs:
                records = found.records.get(trace.phone, ())
                if not trace.phone and left.contact_id is not None:
                    records = await _looked(client, left.contact_id)
                judged.append((trace, left, _with_calls(self._row(trace, left, records), left, calls)))
            yield [
                ((str(left.contact_id or trace.contact_id or ""), trace.phone), row)
                for trace, left, row in judged
                if row
            ]

    def _left(self, trace: Trace, called: AbstractSet[int]) -> LeftState:
        """Return what a contact was left as; after a call of its own its revision is not what its write left."""
        left = self.later.left(trace)
        if left.contact_id in called:
            return replace(left, trace=replace(left.trace, rev=None))
        return left

    def _must_look(self, trace: Trace, left: LeftState) -> bool:
        if not left.trace.is_proved:
            return True
        if left.contact_id is None:
            return False
        return left.trace.rev is None or (trace.kind is ChangeKind.CREATE and self.delete_created)

    def _row(self, trace: Trace, left: LeftState, records: Sequence[Record]) -> Contact | Skip | None:
        """Return the row that undoes what was done to one contact; None where nothing was done to it."""
        match trace.kind:
            case ChangeKind.UPDATE:
                return self._restored(trace, left, records)
            case ChangeKind.CREATE if trace.made_nothing:
                return Skip(trace.line, "existed", "somebody else had made it; what it held before is not known")
            case ChangeKind.CREATE:
                return self._created(trace, left, records)
            case ChangeKind.DELETE:
                return self._recreated(trace, left, records)

    def _restored(self, trace: Trace, left: LeftState, records: Sequence[Record]) -> Contact | Skip:
        before = _pre_image(trace)
        if before is None or left.contact_id is None:
            return Skip(trace.line, "absent", "the contact is not there any more")
        if trace.last.body.get("phone", before.phone) != before.phone:
            return Skip(trace.line, "phone_changed", "the run gave it another phone; change that in the web app")
        record = _by_id(left.contact_id, records)
        rev = left.trace.rev
        if rev is None and record and differences(left.trace.last, record):
            if record.rev is None or record.rev != before.rev:
                return _edited(trace)
            # The write never took effect: the contact is as it was.
            rev = before.rev
        elif rev is None:
            rev = record.rev if record else before.rev
        notes = ("opt_out_stays",) if trace.opted_out and before.is_opted_out is not True else ()
        return replace(
            contact_as_before(trace.line, before._replace(custom=held_custom(before))),
            notes=notes,
            expected=Expected(left.contact_id, rev),
        )

    def _created(self, trace: Trace, left: LeftState, records: Sequence[Record]) -> Contact | Skip | None:
        contact_id = left.contact_id
        if not left.trace.is_proved and contact_id is None:
            if not records:
                return None
            contact_id = records[0].id if len(records) == 1 else None
        if contact_id is None:
            return Skip(trace.line, "absent", "the contact is not there any more")
        if not self.delete_created:
            return Skip(trace.line, "created", "the run created it; --delete-created deletes it")
        record = _by_id(contact_id, records)
        if record and self._is_older(record):
            return Skip(trace.line, "older_than_run", "it was there before the run, which only changed it")
        rev = left.trace.rev
        if rev is None and record:
            if differences(left.trace.last, record):
                return _edited(trace)
            rev = record.rev
        return Contact(trace.line, trace.phone, expected=Expected(contact_id, rev), to_delete=True)

    def _recreated(self, trace: Trace, left: LeftState, records: Sequence[Record]) -> Contact | Skip | None:
        before = _pre_image(trace)
        if before is None:
            return Skip(trace.line, "absent", "nothing was saved of it")
        if left.contact_id is None and not left.trace.is_proved and _by_id(trace.contact_id, records):
            return None
        wanted = contact_as_before(trace.line, before._replace(custom=held_custom(before)))
        if left.contact_id is not None:
            return replace(wanted, expected=Expected(left.contact_id, left.trace.rev))
        notes = ["recreated"]
        fields = dict(wanted.fields)
        if _is_opted_out(trace, before) is None:
            # Nobody is to be texted because a deletion and its undo have lost what they said.
            notes.append("opt_out_assumed")
        if _is_opted_out(trace, before) is not False:
            fields["is_opted_out"] = True
        if before.tags is None:
            notes.append("tags_not_saved")
        return replace(wanted, fields=fields, notes=tuple(notes), expected=Expected())

    def _is_older(self, record: Record) -> bool:
        """Whether a contact that a create is said to have made was there before: some services update then."""
        created, began = _moment(record.created), _moment(self.old.facts.started)
        return bool(created and began and created < began - CLOCKS_APART)


async def _looked(client: Looking, contact_id: int) -> tuple[Record, ...]:
    """Return a contact that has no phone to find it by."""
    try:
        record = await client.get_contact(contact_id)
    except RequestRefused:
        return ()
    return (record,) if record else ()


def _called(contact_id: int, calls: Contact, records: Sequence[Record]) -> Contact | Skip:
    """Return the row of a contact to which the run did nothing but by calls of their own; its fields stay."""
    record = _by_id(contact_id, records)
    if record is None:
        return Skip(calls.line, "absent", "the contact is not there any more")
    wanted = contact_as_before(calls.line, record._replace(custom=held_custom(record)))
    return _with(replace(wanted, expected=Expected(contact_id, record.rev)), calls)


def _with_calls(row: Contact | Skip | None, left: LeftState, calls: dict[int, Contact]) -> Contact | Skip | None:
    """Let the row that takes a write back take along what was done by calls of their own; it is gone from `calls`."""
    if row is None or left.contact_id is None or left.contact_id not in calls:
        return row
    if isinstance(row, Contact):
        wanted = calls.pop(left.contact_id)
        return row if row.to_delete else _with(row, wanted)
    if row.code in _KEEPS_ALL:
        # What the run made stays as a whole.
        del calls[left.contact_id]
    return row


def _with(row: Contact, calls: Contact) -> Contact:
    return replace(row, drops=calls.drops, is_blocked=calls.is_blocked, channels=calls.channels)


def _pre_image(trace: Trace) -> Record | None:
    return read_record(trace.before) if trace.before else None


def contact_as_before(line: int, before: Record) -> Contact:
    """Return the contact that an undo asks for: as it was, in every field that can be written."""
    fields: dict[str, str | int | bool] = {name: getattr(before, name) for name in _TEXTS}
    fields["assignee_id"] = UNASSIGNED if before.assignee_id is None else before.assignee_id
    if before.is_opted_out:
        fields["is_opted_out"] = True
    custom = {key: value for key, value in before.custom.items() if value not in ("", None)}
    return Contact(line, before.phone, fields, custom, before.tags)


def _is_opted_out(trace: Trace, before: Record) -> bool | None:
    """Whether a deleted contact was opted out: as its record showed, or as was asked for before it went."""
    asked = [field.old for field in trace.last.fields if field.name == "is_opted_out"]
    return asked[0] if asked else before.is_opted_out


def _edited(trace: Trace) -> Skip:
    return Skip(trace.line, "stale", "the contact is not as the run left it: it was edited since")


def _by_id(contact_id: int | None, records: Sequence[Record]) -> Record | None:
    return next((record for record in records if record.id == contact_id), None)


def _moment(text: str) -> datetime | None:
    """Return the moment that a stamp means, or None where it cannot be read."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def batches(each: Iterable[T]) -> Iterator[list[T]]:
    """Yield what is given in lists of as many as one search finds."""
    source = iter(each)
    while batch := list(islice(source, BATCH_SIZE)):
        yield batch
