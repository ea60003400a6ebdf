"""The contacts, with an index for every way they are asked for: no request scans them."""

import contextlib
import gc
import heapq
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
    """One page of the list. `since` and `before` are stamps: since <= updated < before. None means no bound.

    `archived`: with the archived contacts (True), without them (False), or they alone (None).
    """

    ascending: bool
    limit: int
    skip: int = 0
    since: int | None = None
    before: int | None = None
    archived: bool | None = False


class ContactStore:
    """Contacts by id, by UUID, by channel, and in the order of (updated, id)."""

    def __init__(self) -> None:
        self._by_id: dict[int, StoredContact] = {}
        self._by_uuid: dict[str, int] = {}
        self._by_handle: dict[str, dict[str, tuple[int, ...]]] = {"phone": {}, "email": {}}
        # By whether they are archived; those who are opted in are kept a second time.
        self._order = {False: SortedKeys(), True: SortedKeys()}
        self._opted_in = {False: SortedKeys(), True: SortedKeys()}
        self._highest_id = 1000

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[StoredContact]:
        """Yield every contact by ascending id (for saving and for tests; no request does this)."""
        return (self._by_id[number] for number in sorted(self._by_id))

    def count(self, *, archived: bool | None) -> int:
        """Return how many contacts there are, `archived` as in a window."""
        return sum(len(order) for order in self._chosen(self._order, archived))

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
        orders = self._chosen(self._order if with_opted_out else self._opted_in, window.archived)
        skipped, last = window.skip, window.skip + window.limit
        if len(orders) == 1:
            keys = _keys(orders[0], window, skipped, last)
        else:
            # Archived contacts are few: what is skipped is read again for each page.
            pages = [_keys(order, window, 0, last) for order in orders]
            keys = list(heapq.merge(*pages, reverse=not window.ascending))[skipped:last]
        return [self._by_id[key & ID_MASK] for key in keys]

    @staticmethod
    def _chosen(orders: dict[bool, SortedKeys], archived: bool | None) -> list[SortedKeys]:
        if archived is None:
            return [orders[True]]
        return list(orders.values()) if archived and len(orders[True]) else [orders[False]]

    def _place(self, contact: StoredContact) -> None:
        key = contact.order_key
        self._order[contact.archived].add(key)
        if not contact.is_opted_out:
            self._opted_in[contact.archived].add(key)

    def _displace(self, contact: StoredContact) -> None:
        key = contact.order_key
        self._order[contact.archived].remove(key)
        if not contact.is_opted_out:
            self._opted_in[contact.archived].remove(key)

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


def _keys(order: SortedKeys, window: Window, skip: int, last: int) -> list[int]:
    """Return the keys of the window from place `skip` to place `last` (exclusive), in its order."""
    low = 0 if window.since is None else order.rank(window.since << ID_BITS)
    high = len(order) if window.before is None else order.rank(window.before << ID_BITS)
    if window.ascending:
        return order.between(low + skip, min(low + last, high))
    return order.between(max(low, high - last), high - skip)[::-1]
