"""Bring rows of contacts that have no phone to the service: found by their ID, or by their other channels.

No batch and no search of phones knows such a contact. So each goes alone: looked for, decided, written, read back.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from pipeline.errors import AnswerLost, CanarySurprise, RequestRefused
from pipeline.models import Change, ChangeKind, Contact, Found, Json, Outcome, OutcomeKind, Record, Staged, WriteAnswer
from pipeline.planner import differences
from pipeline.resolver import Decider
from pipeline.runs.journal import Rows
from pipeline.signals import StopSwitch
from pipeline.values import replace

_AT_ONCE = 100
_MOST_SENDS = 3
_NAMES = ("first", "last", "display_name")


class Contacts(Protocol):
    """The part of the client that contacts without a phone need."""

    async def get_contact(self, contact_id: int) -> Record | None: ...
    async def get_by_uuid(self, uuid: str) -> Record | None: ...
    async def search(self, kind: str, values: Sequence[str]) -> list[Record]: ...
    async def create_with_channels(self, body: Mapping[str, Json]) -> WriteAnswer: ...
    async def update_contact(self, contact_id: int, body: Mapping[str, Json], *, overwrite: bool) -> WriteAnswer: ...
    async def delete_contact(self, contact_id: int) -> None: ...
    async def update_by_uuid(self, uuid: str, body: Mapping[str, Json], *, overwrite: bool) -> WriteAnswer: ...
    async def opt_out(self, contact_id: int) -> None: ...
    async def get_opt_out(self, contact_id: int) -> bool | None: ...


async def find_phoneless(
    client: Contacts, contact: Contact, sent: Change | None = None, *, says_names: bool = False
) -> tuple[Contact, Found] | Outcome:
    """Look for the contact of a row without a phone; an outcome where it is not there, or not sure to be it.

    `sent` is what may have been sent for it already. `says_names`: the row is of a file, where an ID may be another
    program's; then a name or the address must be the contact's. Raises what the client raises.
    """
    expected = contact.expected.id if contact.expected else None
    known = contact.known_id or expected or (sent.contact_id if sent else None)
    if not (known or contact.uuid):
        return await _by_channels(client, contact)
    record = await (_by_id(client, known) if known else _by_uuid(client, contact.uuid))
    if record is None and not (expected or contact.to_delete):
        name = f"id {known}" if known else f"UUID {contact.uuid}"
        return _kept(contact, "unknown_id", f"the account has no contact with {name}")
    if record and contact.uuid and record.uuid and record.uuid.lower() != contact.uuid:
        return _kept(contact, "id_mismatch", f"the contact with id {known} has another UUID than the row says")
    if record and known and says_names and not sent and not _may_be(contact, record):
        reason = f"the contact with id {known} has other names and another address; give its phone as well"
        return _kept(contact, "id_unsure", reason)
    # It may have a phone, which the row does not give: that stays.
    contact = replace(contact, phone=record.phone) if record and not contact.to_delete else contact
    return contact, Found({contact.phone: (record,)} if record else {})


async def _by_channels(client: Contacts, contact: Contact) -> tuple[Contact, Found] | Outcome:
    holders: dict[int, Record] = {}
    for kind, value in channels_of(contact):
        holders |= {record.id: record for record in await client.search(kind, [value])}
    if not holders:
        return contact, Found()
    [first, *others] = holders.values()
    if others or first.phone or not _is_same(contact, first):
        ids = ", ".join(map(str, holders))
        return _kept(contact, "channel_of_another", f"one of its addresses belongs to the contact with id {ids}")
    return contact, Found({"": (first,)})


def channels_of(contact: Contact) -> list[tuple[str, str]]:
    """Return by what a contact without a phone is reached: its address first."""
    email = str(contact.fields.get("email", ""))
    return list(dict.fromkeys([*([("email", email)] if email else []), *contact.channels]))


async def upload_phoneless(client: Contacts, rows: Rows, decider: Decider, stop: StopSwitch) -> None:
    """Bring the open rows that have no phone to their outcomes. Each write is in the journal before it is sent.

    Raises CanarySurprise when a write read back differently, and what the client raises, but for AnswerLost and
    RequestRefused.
    """
    while batch := rows.open_rows(0, _AT_ONCE):
        for staged in batch:
            if stop.requested:
                return
            rows.settle([await _carry_out(client, rows, decider, staged)])


async def preview_phoneless(client: Contacts, rows: Rows, decider: Decider) -> list[tuple[Staged, Change | Outcome]]:
    """Return what would be done about the open rows that have no phone. Nothing is written."""
    decided: list[tuple[Staged, Change | Outcome]] = []
    after = 0
    while batch := rows.open_rows(after, _AT_ONCE):
        after = batch[-1].seq
        for staged in batch:
            found = await find_phoneless(client, staged.contact, says_names=decider.policy.came_back is not None)
            if isinstance(found, Outcome):
                decided.append((staged, replace(found, seq=staged.seq)))
            else:
                contact = _met(*found)
                decided.append((staged, await decider.decide(staged.seq, contact, found[1], is_preview=True)))
    return decided


async def _carry_out(client: Contacts, rows: Rows, decider: Decider, staged: Staged) -> Outcome:
    """Decide about a row and carry that out, looking again after every answer that is lost."""
    sent = staged.doubt
    for _ in range(_MOST_SENDS):
        found = await find_phoneless(client, staged.contact, sent, says_names=decider.policy.came_back is not None)
        if isinstance(found, Outcome):
            return replace(found, seq=staged.seq)
        contact = _met(*found)
        records = found[1].records.get(contact.phone, ())
        if sent and (settled := await _arrived(client, staged, sent, records)):
            return settled
        planned = await decider.decide(staged.seq, contact, found[1])
        if isinstance(planned, Outcome):
            return planned
        rows.begin([planned])
        sent = planned
        try:
            answer = await _send(client, contact, planned, records)
        except AnswerLost:
            continue
        except RequestRefused as error:
            reason = f"the service refused it: {error.detail or error}"
            if error.has_no_endpoint:
                reason = "the service has no call that makes a contact without a phone"
            return Outcome(staged.seq, OutcomeKind.FAILED, "refused", reason, notes=contact.notes)
        # Which revision it left, reading back will show: an opt-out may still follow.
        rows.answered(staged.seq, replace(answer, rev=None))
        return await _proved(client, staged, planned, answer)
    return Outcome(staged.seq, OutcomeKind.UNKNOWN, "no_answer", "no answer came", notes=staged.contact.notes)


def _met(contact: Contact, found: Found) -> Contact:
    """Return a contact that was to be made and is there under another ID: by an earlier restore, or by hand."""
    if found.records and contact.expected and contact.expected.id is None:
        return replace(contact, expected=None, notes=(*contact.notes, "matched_by_channel"))
    return contact


async def _send(client: Contacts, contact: Contact, change: Change, records: Sequence[Record]) -> WriteAnswer:
    if contact.phone and change.contact_id is not None and change.kind is ChangeKind.UPDATE:
        return await client.update_contact(change.contact_id, change.body, overwrite=change.overwrite)
    body = {name: value for name, value in change.body.items() if name != "phone"}
    channels = channels_of(contact)
    if change.contact_id is None or change.kind is ChangeKind.CREATE:
        shown = [{"channel_type": kind, "channel_id": value} for kind, value in channels]
        return await client.create_with_channels({**body, "contact_channels": shown})
    if change.kind is ChangeKind.DELETE:
        await client.delete_contact(change.contact_id)
        return WriteAnswer(change.contact_id)
    # The older write wants a phone; a search shows the UUID where the contact by its ID does not.
    uuid = records[0].uuid if records else ""
    held = [("email", records[0].email)] if records and records[0].email else []
    for kind, value in (*channels, *held) if not uuid else ():
        uuid = uuid or next(
            (each.uuid for each in await client.search(kind, [value]) if each.id == change.contact_id), ""
        )
    if uuid:
        answer = await client.update_by_uuid(uuid, body, overwrite=change.overwrite)
        return replace(answer, id=change.contact_id)
    return await client.update_contact(change.contact_id, body, overwrite=change.overwrite)


async def _proved(client: Contacts, staged: Staged, change: Change, answer: WriteAnswer) -> Outcome:
    """Read a write back. Raises CanarySurprise where it did not stay."""
    contact_id = answer.id if answer.id is not None else change.contact_id
    record = await _by_id(client, contact_id) if contact_id is not None else None
    if record is None and change.kind is ChangeKind.CREATE:
        found = await find_phoneless(client, staged.contact)
        record = None if isinstance(found, Outcome) else next(iter(found[1].records.get("", ())), None)
    if settled := await _arrived(client, staged, change, (record,) if record else ()):
        return settled
    names = ", ".join(field.name for field in differences(change, record)) if record else "the contact"
    raise CanarySurprise(
        f"The contact without a phone at row {staged.contact.line} was answered as written, and {names} did not stay."
        " The run stopped before this could spread.",
        advice="Compare the contact in the web app; 'hmpipe runs show last' lists what was done.",
    )


async def _arrived(client: Contacts, staged: Staged, change: Change, records: Sequence[Record]) -> Outcome | None:
    """Return the outcome of a write that took effect; an opt-out that it did not carry is set by a call of its own."""
    if change.kind is ChangeKind.DELETE:
        return None if records else _done(staged, change, None)
    if not records:
        return None
    record: Record | None = records[0]
    lacking = {field.name for field in differences(change, records[0])}
    unseen = records[0].is_opted_out is None and change.body.get("is_opted_out")
    if lacking == {"is_opted_out"} or (unseen and not lacking and not await client.get_opt_out(records[0].id)):
        await client.opt_out(records[0].id)
        record = await _by_id(client, records[0].id)
        lacking = {field.name for field in differences(change, record)} if record else lacking
    return None if lacking else _done(staged, change, record)


def _done(staged: Staged, change: Change, record: Record | None) -> Outcome:
    notes = tuple(dict.fromkeys((*staged.contact.notes, *change.notes)))
    if record is None:
        return Outcome(staged.seq, OutcomeKind.DELETED, contact_id=change.contact_id, notes=notes)
    kind = OutcomeKind.CREATED if change.kind is ChangeKind.CREATE else OutcomeKind.UPDATED
    return Outcome(staged.seq, kind, contact_id=record.id, notes=notes, rev=record.rev)


async def _by_id(client: Contacts, contact_id: int) -> Record | None:
    try:
        return await client.get_contact(contact_id)
    except RequestRefused:
        # The answer for an ID that is not there is unknown (docs/api.md, section Endpoints): it shows no contact.
        return None


async def _by_uuid(client: Contacts, uuid: str) -> Record | None:
    """Look for a contact by its UUID: a search finds it where UUIDs are searched for, else it is asked for."""
    try:
        if found := await client.search("id", [uuid]):
            return found[0] if len(found) == 1 else None
    except RequestRefused:
        pass
    try:
        return await client.get_by_uuid(uuid)
    except RequestRefused:
        return None


def _is_same(contact: Contact, record: Record) -> bool:
    return all(str(contact.fields.get(name, "")) == getattr(record, name) for name in _NAMES[:2])


def _may_be(contact: Contact, record: Record) -> bool:
    """Whether nothing that a row says of a person, or something, is what the contact holds."""
    said = {name: str(contact.fields[name]).casefold() for name in (*_NAMES, "email") if contact.fields.get(name)}
    held = {name: text for name in said if (text := getattr(record, name).casefold())}
    return not held or any(said[name] == text for name, text in held.items())


def _kept(contact: Contact, code: str, reason: str) -> Outcome:
    return Outcome(0, OutcomeKind.REJECTED, code, reason, notes=contact.notes)
