"""Match rows whose phone the account does not have with contacts of the same e-mail address.

Done on the staged rows before anything is decided: a row that is matched goes on under the phone of its contact, and
its own phone becomes a further one. Nothing is guessed: an address of several contacts, or a contact that two rows are
about, is a reject. Only rows without a contact are searched for by address, so phones always come first.
"""

from collections.abc import Sequence
from typing import Protocol

from pipeline.errors import Interrupted, RequestRefused
from pipeline.models import Contact, Outcome, OutcomeKind, Record, Staged
from pipeline.resolver._phones import Resolver, Searchable
from pipeline.signals import StopSwitch
from pipeline.state import ServerTraits
from pipeline.values import replace


class EmailSearchable(Searchable, Protocol):
    """The part of the client that this needs."""

    async def search_by_email(self, emails: Sequence[str]) -> list[Record]:
        """Return the contacts that have any of these addresses. Raises RequestRefused."""
        ...


class StagedRows(Protocol):
    """The part of a run's journal that this needs."""

    def index_phones(self) -> None:
        """Make `has_phone` quick."""
        ...

    def has_phone(self, phone: str) -> bool:
        """Whether a row is about the contact with this phone."""
        ...

    def open_rows(self, after: int, limit: int) -> list[Staged]:
        """Return up to `limit` rows without an outcome whose seq is above `after`, in order."""
        ...

    def rematch(self, seq: int, contact: Contact) -> None:
        """Make a row be about another contact than the one with its own phone."""
        ...

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Record the outcomes of rows."""
        ...


async def match_by_email(contacts: EmailSearchable, rows: StagedRows, stop: StopSwitch, traits: ServerTraits) -> None:
    """Match the open rows. Raises Interrupted and what the client raises; what is done stays done."""
    rows.index_phones()
    resolver = Resolver(contacts, traits)
    after = 0
    while batch := rows.open_rows(after, resolver.size):
        after = batch[-1].seq
        asked = [staged for staged in batch if staged.doubt is None and _email(staged.contact)]
        found = await resolver.resolve([staged.contact.phone for staged in asked])
        absent = [
            staged
            for staged in asked
            if staged.contact.phone not in found.records and staged.contact.phone not in found.refused
        ]
        held = await _search(contacts, list(dict.fromkeys(_email(staged.contact) for staged in absent)))
        for staged in absent:
            owner = found.elsewhere.get(staged.contact.phone)
            _match(rows, staged, held.get(_email(staged.contact), ()), owner)
        if stop.requested:
            raise Interrupted("Stopped while matching by e-mail; nothing was sent.")


def _email(contact: Contact) -> str:
    return str(contact.fields.get("email", "")).strip().casefold()


def _match(rows: StagedRows, staged: Staged, records: Sequence[Record], owner: Record | None) -> None:
    """Match one row with the contacts of its address; `owner` has the row's phone as a further one."""
    contact = staged.contact
    if not records or (owner and owner.id not in {record.id for record in records}):
        # Nobody has the address; or the phone is a further one of somebody else, which the decision finds out.
        return
    if len(records) > 1:
        ids = ", ".join(str(record.id) for record in records)
        code = "several_contacts"
        reason = f"the account holds {len(records)} contacts with this e-mail address: ids {ids}"
    elif rows.has_phone(records[0].phone):
        code = "email_of_other_row"
        reason = f"another row is about the contact with this e-mail address (id {records[0].id})"
    else:
        channels = tuple(dict.fromkeys((*contact.channels, ("phone", contact.phone))))
        notes = (*contact.notes, "matched_by_email")
        rows.rematch(staged.seq, replace(contact, phone=records[0].phone, channels=channels, notes=notes))
        return
    kind, email = OutcomeKind.REJECTED, _email(contact)
    rows.settle([Outcome(staged.seq, kind, code, reason, column="email", value=email, notes=contact.notes)])


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
