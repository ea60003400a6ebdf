"""The contacts, with an index for every way they are asked for: no request scans them."""

import contextlib
import gc
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.sandbox._order import SortedKeys
from pipeline.sandbox._records import ID_BITS, StoredContact, fold_handle

ID_MASK = (1 << ID_BITS) - 1


@contextlib.contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the garbage collector while very many contacts come in: it would look at them all, and none is garbage."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@dataclass(frozen=True, slots=True)
class Window:
    """One page of the list. `since` and `before` are stamps: since <= updated < before. None means no bound."""

    ascending: bool
    limit: int
    skip: int = 0
    since: int | None = None
    before: int | None = None


class ContactStore:
    """Contacts by id, by UUID, by channel, and in the order of (updated, id)."""

    def __init__(self) -> None:
        self._by_id: dict[int, StoredContact] = {}
        self._by_uuid: dict[str, int] = {}
        self._by_handle: dict[str, dict[str, tuple[int, ...]]] = {"phone": {}, "email": {}}
        self._order = SortedKeys()
        self._opted_in = SortedKeys()
        self._highest_id = 1000

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[StoredContact]:
        """Yield every contact by ascending id (for saving and for tests; no request does this)."""
        return (self._by_id[number] for number in sorted(self._by_id))

    def next_id(self) -> int:
        """Return an id that was never given out before."""
        return self._highest_id + 1

    def by_id(self, number: int) -> StoredContact | None:
        """Return the contact with this id, or None."""
        return self._by_id.get(number)

    def by_uuid(self, uuid: str) -> StoredContact | None:
        """Return the contact with this UUID, or None."""
        number = self._by_uuid.get(uuid.lower())
        return None if number is None else self._by_id[number]

    def by_handle(self, kind: str, handle: str) -> list[StoredContact]:
        """Return the contacts that have this channel, by ascending id; kind `id` asks for a UUID."""
        if kind == "id":
            found = self.by_uuid(handle)
            return [] if found is None else [found]
        numbers = self._by_handle.get(kind, {}).get(fold_handle(handle), ())
        return [self._by_id[number] for number in numbers]

    def insert(self, contact: StoredContact) -> None:
        """Take in a contact with a new id. Raises ValueError when the id is taken."""
        if contact.id in self._by_id or contact.uuid.lower() in self._by_uuid:
            raise ValueError(f"Contact id {contact.id} (or its UUID) is there already.")
        if not 0 < contact.id < ID_MASK:
            raise ValueError(f"Contact id {contact.id} is out of range.")
        self._by_id[contact.id] = contact
        self._by_uuid[contact.uuid.lower()] = contact.id
        self._highest_id = max(self._highest_id, contact.id)
        for kind, handle in contact.handles():
            self._link(kind, handle, contact.id)
        self._place(contact)

    def replace(self, contact: StoredContact) -> None:
        """Put a new state of a contact in the place of the old one."""
        old = self._by_id[contact.id]
        self._displace(old)
        self._by_id[contact.id] = contact
        before, after = old.handles(), contact.handles()
        for kind, handle in before - after:
            self._unlink(kind, handle, contact.id)
        for kind, handle in after - before:
            self._link(kind, handle, contact.id)
        self._place(contact)

    def remove(self, contact: StoredContact) -> None:
        """Forget a contact for good."""
        self._displace(contact)
        for kind, handle in contact.handles():
            self._unlink(kind, handle, contact.id)
        del self._by_id[contact.id], self._by_uuid[contact.uuid.lower()]

    def page(self, window: Window, *, with_opted_out: bool) -> list[StoredContact]:
        """Return the contacts of one page, in the order of the page."""
        order = self._order if with_opted_out else self._opted_in
        low = 0 if window.since is None else order.rank(window.since << ID_BITS)
        high = len(order) if window.before is None else order.rank(window.before << ID_BITS)
        if window.ascending:
            start = low + window.skip
            keys = order.between(start, min(start + window.limit, high))
        else:
            stop = high - window.skip
            keys = order.between(max(low, stop - window.limit), stop)[::-1]
        return [self._by_id[key & ID_MASK] for key in keys]

    def _place(self, contact: StoredContact) -> None:
        key = contact.order_key
        self._order.add(key)
        if not contact.is_opted_out:
            self._opted_in.add(key)

    def _displace(self, contact: StoredContact) -> None:
        key = contact.order_key
        self._order.remove(key)
        if not contact.is_opted_out:
            self._opted_in.remove(key)

    def _link(self, kind: str, handle: str, number: int) -> None:
        handles = self._by_handle.setdefault(kind, {})
        handles[handle] = (*handles.get(handle, ()), number)

    def _unlink(self, kind: str, handle: str, number: int) -> None:
        handles = self._by_handle[kind]
        left = tuple(each for each in handles[handle] if each != number)
        if left:
            handles[handle] = left
        else:
            del handles[handle]
