"""Match rows whose phone the account does not have with contacts of the same e-mail address.

Done on the staged rows before anything is decided: a row that is matched goes on under the phone of its contact, and
its own phone becomes a further one. Nothing is guessed: an address of several contacts, or a contact that two rows are
about, is a reject. Only rows without a contact are searched for by address, so phones always come first.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from pipeline.errors import Interrupted, RequestRefused
from pipeline.models import Contact, Outcome, OutcomeKind, Record, Staged
from pipeline.resolver._phones import Resolver, Searchable
from pipeline.runs.journal import Journal
from pipeline.signals import StopSwitch
from pipeline.state import ServerTraits


class EmailSearchable(Searchable, Protocol):
    """The part of the client that this needs."""

    async def search_by_email(self, emails: Sequence[str]) -> list[Record]:
        """Return the contacts that have any of these addresses. Raises RequestRefused."""
        ...


async def match_by_email(contacts: EmailSearchable, journal: Journal, stop: StopSwitch, traits: ServerTraits) -> None:
    """Match the open rows of a journal. Raises Interrupted and what the client raises; what is done stays done."""
    journal.index_phones()
    resolver = Resolver(contacts, traits)
    after = 0
    while batch := journal.open_rows(after, resolver.size):
        after = batch[-1].seq
        rows = [staged for staged in batch if staged.doubt is None and _email(staged.contact)]
        found = await resolver.resolve([staged.contact.phone for staged in rows])
        strangers = {phone: record for phone, record in found.elsewhere.items() if phone not in found.records}
        absent = [
            staged
            for staged in rows
            if staged.contact.phone not in found.records and staged.contact.phone not in found.refused
        ]
        held = await _search(contacts, list(dict.fromkeys(_email(staged.contact) for staged in absent)))
        for staged in absent:
            owner = strangers.get(staged.contact.phone)
            _match(journal, staged, held.get(_email(staged.contact), ()), owner)
        if stop.requested:
            raise Interrupted("Stopped while matching by e-mail; nothing was sent.")


def _email(contact: Contact) -> str:
    return str(contact.fields.get("email", "")).strip().casefold()


def _match(journal: Journal, staged: Staged, records: Sequence[Record], owner: Record | None) -> None:
    contact = staged.contact
    if not records or (owner and owner.id not in {record.id for record in records}):
        # Nobody has the address; or the phone is a further one of somebody else, which is found out when it is decided.
        return
    if len(records) > 1:
        ids = ", ".join(str(record.id) for record in records)
        reason = f"the account holds {len(records)} contacts with this e-mail address: ids {ids}"
        _reject(journal, staged, "several_contacts", reason)
    elif journal.has_phone(records[0].phone):
        reason = f"another row is about the contact with this e-mail address (id {records[0].id})"
        _reject(journal, staged, "email_of_other_row", reason)
    else:
        channels = tuple(dict.fromkeys((*contact.channels, ("phone", contact.phone))))
        notes = (*contact.notes, "matched_by_email")
        journal.rematch(staged.seq, replace(contact, phone=records[0].phone, channels=channels, notes=notes))


def _reject(journal: Journal, staged: Staged, code: str, reason: str) -> None:
    email = _email(staged.contact)
    journal.settle(
        [
            Outcome(
                staged.seq, OutcomeKind.REJECTED, code, reason, column="email", value=email, notes=staged.contact.notes
            )
        ]
    )


async def _search(contacts: EmailSearchable, emails: list[str]) -> dict[str, tuple[Record, ...]]:
    """Return the contacts by address. What an answer lacks is asked for again until one brings nothing new."""
    held: dict[str, dict[int, Record]] = {}
    waiting = [emails]
    while waiting:
        asked = waiting.pop()
        if not asked:
            continue
        try:
            records = await contacts.search_by_email(asked)
        except RequestRefused as error:
            if error.status not in (400, 413) or len(asked) == 1:
                raise
            half = (len(asked) + 1) // 2
            waiting += [asked[:half], asked[half:]]
            continue
        before = len(held)
        for record in records:
            held.setdefault(record.email.strip().casefold(), {})[record.id] = record
        left = [email for email in asked if email not in held]
        if len(held) > before and left:
            waiting.append(left)
    return {email: tuple(known.values()) for email, known in held.items()}
