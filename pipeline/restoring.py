"""What it takes to restore a snapshot: rows that want each contact as it was, or say why it cannot be.

A restore is a run like any other: its rows are contacts made from the snapshot, with every field that can be written,
under the same policy as an undo's. The uploader writes and proves them, and an undo takes them back.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Protocol, TypeVar

from pipeline.errors import Interrupted, RequestRefused
from pipeline.heymarket import read_stored
from pipeline.journal import Journal
from pipeline.models import Contact, CustomField, Found, Member, Record, Reject
from pipeline.resolver import BATCH_SIZE, Resolver
from pipeline.signals import StopSwitch
from pipeline.snapshots import Snapshot, composed, consents_of
from pipeline.summaries import Progress
from pipeline.undo import described_contacts, wanted_again

Key = TypeVar("Key")


class Known(Protocol):
    """The part of the client that this needs."""

    async def get_contact(self, contact_id: int) -> Record | None: ...
    async def list_custom_fields(self) -> tuple[CustomField, ...]: ...
    async def list_all_tags(self) -> list[tuple[int, str]]: ...
    async def list_members(self) -> tuple[Member, ...]: ...


@dataclass(frozen=True, slots=True)
class Bridge:
    """What the IDs of a snapshot are in an account: of fields, tags and people; one that is missing is not there.

    None for people: the account does not tell who is in its team, and they are taken as they are.
    """

    fields: Mapping[str, str]
    tags: Mapping[int, int]
    members: frozenset[int] | None

    @classmethod
    async def between(cls, snapshot: Snapshot, client: Known, *, same_account: bool) -> "Bridge":
        """Compare a snapshot with an account. In the same account an ID that is still there is the same thing.

        Else things are found by their titles, where exactly one has it. Raises what the client raises, and InputError.
        """
        there = {str(each.id): each.title for each in await client.list_custom_fields()}
        here = {str(each.id): each.title for each in snapshot.fields()}
        fields = {key: key for key in here if key in there} if same_account else {}
        fields |= {key: found for key, found in _by_title(here, there).items() if key not in fields}
        # IDs that contacts have and the account never listed have no title to go by.
        unlisted = {key: key for key in there if key not in here} if same_account else {}
        known_tags = dict(await client.list_all_tags())
        saved_tags = {int(tag["id"]): str(tag["tag"]) for tag in snapshot.tags()}
        tags = {tag: tag for tag in known_tags} if same_account else {}
        tags |= {tag: found for tag, found in _by_title(saved_tags, known_tags).items() if tag not in tags}
        try:
            members: frozenset[int] | None = frozenset(each.id for each in await client.list_members())
        except RequestRefused:
            members = None
        return cls(unlisted | fields, tags, members)


@dataclass(slots=True)
class Restoring:
    """How a snapshot is to be restored.

    `only` holds the phones that are wanted, None for all. `assume_subscribed`: a contact that is made anew is not opted
    out where the snapshot does not say whether it was; otherwise it is, for nobody is to be texted because of that.
    """

    snapshot: Snapshot
    client: Known
    bridge: Bridge
    same_account: bool
    only: frozenset[str] | None = None
    assume_subscribed: bool = False
    _consents: Mapping[int, bool] = field(default_factory=dict)

    async def stage(self, journal: Journal, resolver: Resolver, stop: StopSwitch, progress: Progress) -> None:
        """Stage the rows. Reads the account for what is there; writes nothing.

        Raises InputError for a damaged snapshot, StorageFailed, what the client raises, and Interrupted.
        """
        progress.stage("looking", None if self.only is not None else self.snapshot.manifest.total)
        self._consents = consents_of(self.snapshot)
        journal.index_phones()
        line = 0
        for batch in _batches(self._records()):
            found = await resolver.resolve([record.phone for record in batch if record.phone.isdecimal()])
            rows: list[Contact | Reject] = []
            phones: set[str] = set()
            for record in batch:
                line += 1
                row = await self._row(line, record, found)
                if isinstance(row, Contact) and (row.phone in phones or journal.has_phone(row.phone)):
                    # Both made anew would be two contacts with one phone, and which of them is meant is not guessed.
                    reason = f"the snapshot holds another contact with the phone of this one (id {record.id})"
                    row = Reject(line, "several_contacts", "Phone", row.phone, reason)
                elif isinstance(row, Contact):
                    phones.add(row.phone)
                rows.append(row)
            journal.stage([(str(record.id), record.phone) for record in batch], rows)
            progress.advance(len(batch))
            if stop.requested:
                raise Interrupted("Stopped while looking; nothing was sent.")
        journal.describe(sources=described_contacts())
        journal.finish_staging()

    def _records(self) -> Iterator[Record]:
        for raw in composed(self.snapshot):
            record = read_stored(raw)
            if self.only is None or record.phone in self.only:
                yield record

    async def _row(self, line: int, record: Record, found: Found) -> Contact | Reject:
        if not record.phone.isdecimal():
            reason = f"the contact with id {record.id} had no phone; it cannot be found or made without one"
            return Reject(line, "without_phone", "", str(record.id), reason)
        if record.is_opted_out is None and record.id in self._consents:
            record = record._replace(is_opted_out=self._consents[record.id])
        wanted = self._translated(line, record)
        holders = found.records.get(record.phone, ())
        if record.phone in found.elsewhere or record.phone in found.refused or len(holders) > 1:
            # The uploader says what is in the way.
            return wanted
        if self.same_account and not any(holder.id == record.id for holder in holders):
            moved = await self._present(record.id)
            if moved and holders:
                reason = (
                    f"its phone belongs to the contact with id {holders[0].id} now, and the contact itself"
                    f" (id {record.id}) has another one: which of them is meant is not guessed"
                )
                return Reject(line, "phone_moved", "Phone", record.phone, reason)
            if moved and moved.phone.isdecimal():
                notes = (*wanted.notes, "phone_stays")
                return replace(wanted, phone=moved.phone, known_id=record.id, notes=notes)
        return wanted if holders else self._made_anew(wanted, record)

    async def _present(self, contact_id: int) -> Record | None:
        """Return a contact by its ID, or None: it is asked for only where its phone finds somebody else, or nobody."""
        try:
            return await self.client.get_contact(contact_id)
        except RequestRefused:
            # What a service answers for an ID that is not there is unknown (shared API facts): it shows no contact.
            return None

    def _made_anew(self, wanted: Contact, record: Record) -> Contact:
        notes = [*wanted.notes, "recreated"]
        fields = dict(wanted.fields)
        if record.is_opted_out is None and not self.assume_subscribed:
            notes.append("opt_out_assumed")
            fields["is_opted_out"] = True
        if record.tags is None:
            notes.append("tags_not_saved")
        return replace(wanted, fields=fields, notes=tuple(notes))

    def _translated(self, line: int, record: Record) -> Contact:
        """Return the wish for a contact in the IDs of the account; what the account does not have is said."""
        bridge, notes = self.bridge, Counter[str]()
        custom = {}
        for key, value in record.custom.items():
            if key in bridge.fields:
                custom[bridge.fields[key]] = value
            else:
                notes["field_gone"] += bool(value)
        tags = record.tags
        if tags is not None:
            tags = tuple(bridge.tags[tag] for tag in tags if tag in bridge.tags)
            notes["tag_gone"] += len(tags) < len(record.tags or ())
        wanted = wanted_again(line, record._replace(custom=custom, tags=tags))
        owner = record.assignee_id
        if owner is not None and bridge.members is not None and owner not in bridge.members:
            fields = {name: value for name, value in wanted.fields.items() if name != "assignee_id"}
            notes["owner_gone"] += 1
            wanted = replace(wanted, fields=fields)
        return replace(wanted, notes=tuple(note for note, count in notes.items() if count))


def _by_title(here: Mapping[Key, str], there: Mapping[Key, str]) -> dict[Key, Key]:
    """Return what has the same title, where that is the title of one thing only on either side."""
    counted = Counter(title.strip().casefold() for title in there.values())
    own = Counter(title.strip().casefold() for title in here.values())
    by_title = {title.strip().casefold(): key for key, title in there.items()}
    return {
        key: by_title[name]
        for key, title in here.items()
        if (name := title.strip().casefold()) and counted[name] == 1 and own[name] == 1
    }


def _batches(records: Iterable[Record]) -> Iterator[Sequence[Record]]:
    source = iter(records)
    while batch := list(islice(source, BATCH_SIZE)):
        yield batch
