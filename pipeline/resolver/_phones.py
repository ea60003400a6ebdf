"""Find the records of many phones with as few searches as can be trusted.

A search for a hundred phones may be refused for its size, may look at the first fifty only, may answer with the first
thirty only, and may answer with contacts that merely have the phone as a further channel. Each of these could make a
contact look absent, so that it is created twice. So a phone counts as absent only when its place in the list was
proved to be looked at: by a phone found behind it, or by a witness (a contact known to exist) at the list's end. A
search that does not even find the witnesses is broken, and ends the run before anything is written.
"""

import logging
from collections.abc import Iterator, Sequence
from typing import Protocol

from pipeline.errors import CanarySurprise, RequestRefused
from pipeline.models import Found, Page, PageRequest, Record
from pipeline.state import ServerTraits

BATCH_SIZE = 100
"""Phones asked for at once at first. How many a service takes is unknown, so it is found out.

Source: docs/api.md, section Endpoints.
"""

MOST = 400
"""Phones asked for at once at most: more would save few requests and make each one slow."""

WITNESSES = 3
"""Contacts that a search must not find before it is distrusted: one or two may have been deleted meanwhile."""

_TOO_MUCH = (400, 413)
_log = logging.getLogger(__name__)


class Searchable(Protocol):
    """The part of the client that a resolver uses."""

    async def search_by_phone(self, phones: Sequence[str]) -> list[Record]:
        """Return the contacts that have any of these phones."""
        ...

    async def list_contacts(self, request: PageRequest) -> Page[Record]:
        """Return one page of contacts."""
        ...


class Resolver:
    """Looks phones up in bulk and remembers in `traits` how much the service takes and gives at once."""

    def __init__(self, contacts: Searchable, traits: ServerTraits | None = None) -> None:
        self._contacts = contacts
        self._traits = traits or ServerTraits()
        self._size = self._bounded(self._traits.search_size or BATCH_SIZE)
        # A size that may be too large; searching for its parts shows whether it is, or one of the phones is refused.
        self._suspect = 0
        # Proved so far: how many phones of a list are looked at, and how many contacts one answer holds.
        self._places = 0
        self._largest_answer = 0

    @property
    def size(self) -> int:
        """How many phones are best asked for at once now."""
        return self._size

    async def resolve(self, phones: Sequence[str]) -> Found:
        """Look all `phones` up. Raises what the client raises, but for refusals of size, which are halved."""
        found = Found()
        self._suspect = 0
        whole = list(dict.fromkeys(phones))
        waiting = [whole]
        while waiting:
            asked = waiting.pop()
            if len(asked) > self._size:
                waiting += _pieces(asked, self._size)
            elif asked:
                waiting += await self._ask(asked, found)
        self._learn(len(whole), found)
        return found

    def _learn(self, asked: int, found: Found) -> None:
        """Grow after a success; remember what was too much, unless a phone itself was refused."""
        traits = self._traits
        if self._suspect and not found.refused:
            traits.search_refused = min(self._suspect, traits.search_refused or self._suspect)
            # The service may have accepted more earlier; what it accepts now counts.
            traits.search_size = min(traits.search_size, traits.search_refused - 1)
            self._size = self._bounded(self._size)
        elif not self._suspect and asked >= self._size:
            traits.search_size = max(traits.search_size, self._size)
            self._size = max(self._size, self._bounded(2 * self._size))

    def _bounded(self, size: int) -> int:
        traits = self._traits
        most = max(traits.search_size, traits.search_refused // 2) if traits.search_refused else MOST
        return max(1, min(size, MOST, most))

    async def _ask(self, asked: list[str], found: Found) -> list[list[str]]:
        """Search once, put what is certain into `found`, and return what must be asked again."""
        records = await self._search(asked, asked, found)
        if records is None:
            return list(_pieces(asked, (len(asked) + 1) // 2)) if len(asked) > 1 else []
        if self._has_strangers(asked, records, found):
            # A contact was found that owns none of the phones: single searches show by which phone.
            return [[phone] for phone in _absent(asked, found)]
        was_cut = bool(records) and len(records) >= self._largest_answer
        self._largest_answer = max(self._largest_answer, len(records))
        if was_cut:
            return [_absent(asked, found)]
        unseen = [
            phone for place, phone in enumerate(asked, start=1) if place > self._places and phone not in found.records
        ]
        if not unseen:
            return []
        again = await self._ask_with_witness(unseen, found)
        if any(phone in found.records for phone in unseen):
            # They exist, so the longer list was not looked at to its end.
            self._suspect = len(asked)
        return again

    async def _ask_with_witness(self, asked: list[str], found: Found) -> list[list[str]]:
        """Search for phones that may not have been looked at, with a contact known to exist at the end of the list."""
        witnesses = await self._find_witnesses()
        if not witnesses:
            # The account has no contacts, so none can have been overlooked.
            return []
        witness = witnesses[0]
        listed = [*(phone for phone in asked if phone != witness.phone), witness.phone]
        records = await self._search(listed, asked, found)
        if records is not None and any(record.phone == witness.phone for record in records):
            # The whole list was looked at; what is still absent is searched once more, in a list of proved length.
            return [_absent(asked, found)]
        if not self._places:
            await self._check_search(witnesses)
        half = (len(asked) + 1) // 2
        self._suspect = len(listed)
        self._size = min(self._size, half)
        return list(_pieces(_absent(asked, found), half))

    async def _check_search(self, witnesses: Sequence[Record]) -> None:
        """Make sure that a search finds anybody. Raises CanarySurprise."""
        for witness in witnesses:
            records = await self._contacts.search_by_phone([witness.phone])
            if any(record.phone == witness.phone for record in records):
                self._places = 1
                return
        ids = ", ".join(str(witness.id) for witness in witnesses)
        raise CanarySurprise(
            f"The search finds none of the contacts with the ids {ids}, which the contact list shows. Every contact"
            " would look absent and be created a second time, so nothing was written.",
            advice="Run 'hmpipe doctor', and report it: the service's search behaves in a way that is not known here.",
        )

    async def _search(self, listed: list[str], asked: list[str], found: Found) -> list[Record] | None:
        """Search for `listed`, put the owners of `asked` into `found`; None when the search was refused."""
        try:
            records = await self._contacts.search_by_phone(listed)
        except RequestRefused as error:
            self._note_refusal(listed, error, found)
            return None
        places = {phone: place for place, phone in enumerate(listed, start=1)}
        wanted = set(asked)
        for record in records:
            self._places = max(self._places, places.get(record.phone, 0))
            if record.phone in wanted:
                known = {other.id: other for other in found.records.get(record.phone, ())}
                found.records[record.phone] = tuple((known | {record.id: record}).values())
        return records

    def _note_refusal(self, asked: list[str], error: RequestRefused, found: Found) -> None:
        if error.status not in _TOO_MUCH:
            raise error
        if len(asked) == 1:
            found.refused[asked[0]] = error.detail or str(error)
            # The phone was the cause and not the size: the next searches may be large again.
            self._size = self._bounded(self._traits.search_size or BATCH_SIZE)
        else:
            self._suspect = len(asked)
            self._size = min(self._size, (len(asked) + 1) // 2)

    def _has_strangers(self, asked: list[str], records: Sequence[Record], found: Found) -> bool:
        """Whether contacts answered that own none of the asked phones; for a single phone that is settled here."""
        strangers = [record for record in records if record.phone not in asked]
        if strangers and len(asked) == 1:
            if asked[0] not in found.records:
                found.elsewhere[asked[0]] = strangers[0]
            return False
        return bool(strangers)

    async def _find_witnesses(self) -> list[Record]:
        """Return a few contacts that exist, those further down the list first: the newest may not be indexed yet."""
        try:
            page = await self._contacts.list_contacts(PageRequest())
        except RequestRefused as error:
            # Without the list there are no witnesses, and the search alone decides.
            _log.warning("the contact list was refused, so absence rests on the search alone: %s", error)
            return []
        return [record for record in reversed(page.records) if record.phone][:WITNESSES]


def _absent(asked: Sequence[str], found: Found) -> list[str]:
    return [phone for phone in asked if phone not in found.records and phone not in found.elsewhere]


def _pieces(phones: Sequence[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(phones), size):
        yield list(phones[start : start + size])
