"""Decide about staged rows from what the service holds now: searches, the planner, and asking for consent.

The uploader and `hmpipe plan` both decide with this code, so a plan shows what an import does.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Protocol

from pipeline.models import Change, Contact, Found, Outcome, OutcomeKind, Record, Staged, Unseen, compare, stamp_order
from pipeline.planner import Policy, change_digest, needs_consent, plan_contact
from pipeline.resolver._consents import Heeding
from pipeline.resolver._phones import Resolver, Searchable
from pipeline.state import (
    ConsentBook,
    ErasedPeople,
    ServerTraits,
    UnverifiableWrites,
    take_picture_as_written,
    was_not_opted_out,
    was_opted_out,
)
from pipeline.values import Struct, replace


class Readable(Searchable, Protocol):
    """The part of the client that deciding needs: it reads and never writes."""

    async def get_opt_out(self, contact_id: int) -> bool | None:
        """Return whether a contact is opted out, or None where the service cannot say."""
        ...


class _Choice(Struct, frozen=True):
    """Which of several contacts with one phone was chosen, and which were there then; None: an earlier attempt knew."""

    contact_id: int
    others: frozenset[int] | None


class Decider:
    """Turns contacts into changes or outcomes, under one policy."""

    def __init__(
        self,
        contacts: Readable,
        policy: Policy,
        unverifiable: UnverifiableWrites | None = None,
        traits: ServerTraits | None = None,
        consents: ConsentBook | None = None,
        erased: ErasedPeople | None = None,
    ) -> None:
        self.policy = policy
        self._contacts = contacts
        self._unverifiable = unverifiable or UnverifiableWrites(None)
        self._erased = erased or ErasedPeople(None)
        self._heeding = Heeding(consents or ConsentBook(None))
        self._resolver = Resolver(contacts, traits)
        self._chosen: dict[str, _Choice] = {}

    @property
    def batch_size(self) -> int:
        """How many rows are best looked up together now."""
        return self._resolver.size

    async def resolve(self, phones: Sequence[str]) -> Found:
        """Look the phones up; of several contacts with one, show the newest where the policy says so.

        Raises what the client raises.
        """
        found = await self._resolver.resolve(phones)
        if self.policy.on_conflict == "newest":
            for phone, records in found.records.items():
                if len(records) > 1:
                    found.records[phone] = self._newest(phone, records)
        return found

    def keep_to(self, phone: str, contact_id: int) -> None:
        """Use the contact that an earlier attempt has chosen among several with a phone."""
        self._chosen[phone] = _Choice(contact_id, None)

    def _newest(self, phone: str, records: tuple[Record, ...]) -> tuple[Record, ...]:
        """Return the contact that is chosen among several, with those that have appeared since; all in a tie.

        The first choice is kept. Contacts that appear later are returned too: one may be a twin, made by our own write.
        """
        choice = self._chosen.get(phone)
        if choice is None:
            ordered = sorted(records, key=lambda record: stamp_order(record.updated), reverse=True)
            if not ordered[0].updated or compare(ordered[0].updated, ordered[1].updated) == 0:
                return records
            choice = _Choice(ordered[0].id, frozenset(record.id for record in records))
            self._chosen[phone] = choice
        chosen = [record for record in records if record.id == choice.contact_id]
        if choice.others is None:
            # Whether the others stood there before or are twins of ours cannot be told: they are left alone.
            return tuple(chosen) or records
        return (*chosen, *(record for record in records if record.id not in (choice.contact_id, *choice.others)))

    async def decide(self, seq: int, contact: Contact, found: Found, *, is_preview: bool = False) -> Change | Outcome:
        """Decide about a row of which nothing was sent yet."""
        conflict = find_conflict(seq, contact, found)
        if conflict:
            return conflict
        records = records_for(contact, found)
        record = records[0] if records else None
        if is_preview and contact.to_delete:
            # The opt-out that is saved with a deleted contact is asked for when it is deleted.
            return find_stale(seq, contact, record) or plan_contact(seq, contact, record, self.policy)
        return find_stale(seq, contact, record) or hold_to_plan(contact, await self.plan(seq, contact, record))

    async def plan(
        self, seq: int, contact: Contact, record: Record | None, policy: Policy | None = None
    ) -> Change | Outcome:
        """Plan one row against its record, asking for the opt-out state where it matters and is not shown."""
        policy = policy or self.policy
        if not contact.to_delete and self._erased.know(channels_of(contact)):
            reason = "this person was forgotten (hmpipe find --forget) and is not brought back"
            return Outcome(seq, OutcomeKind.REJECTED, "erased", reason, notes=contact.notes)
        if record is None:
            return plan_contact(seq, self._heeding.make(contact, policy), None, policy)
        choice = self._chosen.get(contact.phone)
        if choice and choice.others:
            contact = replace(contact, notes=tuple(dict.fromkeys((*contact.notes, "newest_of_several"))))
        known = self._unverifiable.recall(record.id)
        contact = take_picture_as_written(contact, record, known)
        if record.is_opted_out is None and self._heeding.needs_state(contact, policy):
            record = record._replace(is_opted_out=await self._ask(record, known))
        self._heeding.see(contact.phone, is_opted_out=record.is_opted_out)
        contact, policy = self._heeding.update(contact, record, policy)
        planned = plan_contact(seq, contact, record, policy)
        if needs_consent(contact, record, planned):
            # Only what is said depends on it, where nothing is written and no opt-in is allowed.
            is_only_said = isinstance(planned, Outcome) and not policy.allow_opt_in
            if is_only_said and was_not_opted_out(record, known):
                return planned
            opted_out = await self._contacts.get_opt_out(record.id)
            if opted_out is None and was_opted_out(record, known):
                opted_out = True
                contact = replace(contact, notes=(*contact.notes, "opt_out_unverifiable"))
            if is_only_said and opted_out is False:
                self._unverifiable.keep_not_opted_out(record)
            self._heeding.see(contact.phone, is_opted_out=opted_out)
            planned = plan_contact(seq, contact, record._replace(is_opted_out=opted_out), policy)
        return planned

    async def _ask(self, record: Record, known: Mapping[str, Unseen]) -> bool | None:
        """Ask whether a contact is opted out, unless it was, and was not edited since."""
        if was_opted_out(record, known):
            return True
        opted_out = await self._contacts.get_opt_out(record.id)
        if opted_out is False:
            self._unverifiable.keep_not_opted_out(record)
        elif opted_out:
            self._unverifiable.keep_opted_out(record)
        return opted_out

    async def preview(
        self, open_rows: Callable[[int, int], list[Staged]]
    ) -> AsyncIterator[list[tuple[Staged, Change | Outcome]]]:
        """Yield, batch by batch, what an upload would do now. Nothing is written."""
        after = 0
        while batch := open_rows(after, self.batch_size):
            after = batch[-1].seq
            found = await self.resolve([staged.contact.phone for staged in batch])
            yield [(staged, await self.decide(staged.seq, staged.contact, found, is_preview=True)) for staged in batch]


def channels_of(contact: Contact) -> list[tuple[str, str]]:
    """Return the ways to reach a wanted contact."""
    email = contact.fields.get("email")
    emails = [("email", email)] if isinstance(email, str) else []
    return [("phone", contact.phone), *emails, *contact.channels]


def records_for(contact: Contact, found: Found) -> tuple[Record, ...]:
    """Return the records that a row may be about: those with its phone, or the one that it names by ID.

    The latter for deletions, and where the row says so.
    """
    records = found.records.get(contact.phone, ())
    if contact.by_id:
        return tuple(record for record in records if record.id == contact.known_id)
    if not contact.to_delete:
        return records
    named = contact.expected.id if contact.expected else contact.known_id
    return tuple(record for record in records if record.id == named) or records


def find_conflict(seq: int, contact: Contact, found: Found) -> Outcome | None:
    """Return why this row cannot be matched with one record or none, or None when it can."""
    phone = contact.phone
    records = records_for(contact, found)
    if phone in found.refused:
        code, reason = "search_refused", f"the service refused to search for it: {found.refused[phone]}"
    elif phone in found.elsewhere:
        code = "phone_of_other_contact"
        reason = f"it is a further number of the contact with id {found.elsewhere[phone].id}"
    elif len(records) > 1:
        ids = ", ".join(str(record.id) for record in records)
        code, reason = "several_contacts", f"the account holds {len(records)} contacts with this phone: ids {ids}"
    elif contact.known_id and not contact.by_id and contact.known_id != (records[0].id if records else None):
        # Creating it could double a contact whose phone has changed; updating it would change somebody else.
        holder = f"the contact with id {records[0].id}" if records else "no contact"
        code, reason = "id_mismatch", f"the row is about id {contact.known_id}, but its phone belongs to {holder}"
    elif contact.uuid and records and records[0].uuid and records[0].uuid.lower() != contact.uuid:
        holder = f"the contact with id {records[0].id}"
        code, reason = "id_mismatch", f"the row is about another UUID than that of {holder}, which has its phone"
    else:
        return None
    return Outcome(seq, OutcomeKind.REJECTED, code, reason, column="phone", value=phone, notes=contact.notes)


def find_stale(seq: int, contact: Contact, record: Record | None) -> Outcome | None:
    """Return why a row is left alone because its contact is not what it was when the row was made, or None."""
    expected = contact.expected
    if expected is None or (expected.id is None and record is None):
        return None
    if expected.id is None and record is not None:
        reason = f"a contact with this phone was created meanwhile (id {record.id})"
    elif record is None or record.id != expected.id:
        reason = f"the contact with id {expected.id} was deleted meanwhile, or its phone is another"
    elif record.rev != expected.rev:
        reason = f"the contact was edited meanwhile (revision {record.rev}, not {expected.rev})"
    else:
        return None
    contact_id = record.id if record else None
    return Outcome(seq, OutcomeKind.SKIPPED, "stale", reason, contact_id=contact_id, notes=contact.notes)


def hold_to_plan(contact: Contact, planned: Change | Outcome) -> Change | Outcome:
    """Return what was planned, or that the row is stale: it would be another change than the one that a plan showed."""
    expected = contact.expected
    if expected is None or not expected.change or not isinstance(planned, Change):
        return planned
    if change_digest(planned) == expected.change:
        return planned
    reason = "it would now be another change than the plan shows"
    return Outcome(
        planned.seq, OutcomeKind.SKIPPED, "stale", reason, contact_id=planned.contact_id, notes=contact.notes
    )
