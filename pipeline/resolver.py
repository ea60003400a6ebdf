"""Find the records of many phones with as few searches as can be trusted.

A search for a hundred phones may be refused for its size, may be cut short without a word, and may answer with
contacts that merely have the phone as a further channel. Each of these, taken at face value, doubles a contact.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from pipeline.errors import RequestRefused
from pipeline.models import Found, Record

BATCH_SIZE = 100
"""Phones asked for at once, until the service refuses so many. Its maximum is unknown (shared API facts)."""

_TOO_MUCH = (400, 413)


class Searchable(Protocol):
    """The part of the client that a resolver uses."""

    async def search_by_phone(self, phones: Sequence[str]) -> list[Record]:
        """Return the contacts that have any of these phones."""
        ...


class Resolver:
    """Looks phones up in bulk and remembers how much the service takes and gives at once."""

    def __init__(self, contacts: Searchable, *, batch_size: int = BATCH_SIZE) -> None:
        self._contacts = contacts
        self._most = batch_size
        self._size = batch_size
        self._largest_answer = 0

    async def resolve(self, phones: Sequence[str]) -> Found:
        """Look all `phones` up. Raises what the client raises, but for refusals of size, which are halved."""
        found = Found()
        waiting = [list(dict.fromkeys(phones))]
        while waiting:
            asked = waiting.pop()
            if len(asked) > self._size:
                waiting += _pieces(asked, self._size)
            elif asked:
                waiting += await self._ask(asked, found)
        return found

    async def _ask(self, asked: list[str], found: Found) -> list[list[str]]:
        """Search once, put what is certain into `found`, and return what must be asked again."""
        try:
            records = await self._contacts.search_by_phone(asked)
        except RequestRefused as error:
            return self._halve(asked, error, found)
        strangers = self._sort_in(asked, records, found)
        absent = [phone for phone in asked if phone not in found.records]
        if strangers and len(asked) == 1:
            if absent:
                found.elsewhere[asked[0]] = strangers[0]
            return []
        # Some contact answered that owns none of the asked phones: one by one tells which phone it was found by.
        if strangers:
            return [[phone] for phone in absent]
        # An answer shorter than one seen before was not cut short, and an empty one never is.
        if not records or len(records) < self._largest_answer:
            return []
        self._largest_answer = max(self._largest_answer, len(records))
        return [absent]

    def _halve(self, asked: list[str], error: RequestRefused, found: Found) -> list[list[str]]:
        if error.status not in _TOO_MUCH:
            raise error
        if len(asked) == 1:
            # It was this phone and not the size: the next searches may be large again.
            self._size = self._most
            found.refused[asked[0]] = error.detail or str(error)
            return []
        half = (len(asked) + 1) // 2
        self._size = min(self._size, half)
        return list(_pieces(asked, half))

    def _sort_in(self, asked: Sequence[str], records: Sequence[Record], found: Found) -> list[Record]:
        wanted = set(asked)
        for record in records:
            if record.phone in wanted:
                known = {other.id: other for other in found.records.get(record.phone, ())}
                found.records[record.phone] = tuple((known | {record.id: record}).values())
        return [record for record in records if record.phone not in wanted]


def _pieces(phones: Sequence[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(phones), size):
        yield list(phones[start : start + size])
