"""Who is opted out according to several snapshots: by ID and by phone, because a contact may get a new ID."""

from itertools import chain

from pipeline.errors import InputError, SettingsError
from pipeline.snapshots._catalogue import read_catalogue
from pipeline.snapshots._compose import identified
from pipeline.snapshots._snapshot import Snapshot
from pipeline.snapshots._store import Store
from pipeline.values import Struct, field
from pipeline.wire import read_stored


class OptOuts(Struct):
    """IDs and phones of contacts that are opted out; memory grows with these alone, not with the snapshots.

    `unreadable` are the places of snapshots that could not be read.
    """

    ids: set[int] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    unreadable: list[str] = field(default_factory=list)

    def knows(self, contact_id: int, phone: str) -> bool:
        """Whether a contact with this ID or this phone is opted out."""
        return contact_id in self.ids or phone in self.phones

    def add(self, snapshot: Snapshot, *, by_phone_only: bool = False) -> None:
        """Add what a snapshot itself says, also of the contacts that it lists as deleted.

        `by_phone_only`: its IDs are those of another account. One that cannot be read is added to `unreadable`.
        """
        try:
            ids, phones = _opted_out_in(snapshot, set() if by_phone_only else self.ids)
        except (InputError, SettingsError, ValueError):
            self.unreadable.append(snapshot.where)
            return
        self.phones |= phones
        if not by_phone_only:
            self.ids |= ids


def newer_than(snapshot: Snapshot, store: Store) -> tuple[list[Snapshot], list[str]]:
    """Return the snapshots of a store that were begun later, and the places of those that cannot be opened.

    Partial ones are included: what they hold is true. Raises StorageFailed.
    """
    began = snapshot.manifest.moment
    newer, unreadable = [], []
    for entry in read_catalogue(store):
        if entry.snapshot and entry.snapshot.manifest.moment > began:
            newer.append(entry.snapshot)
        # Of one that cannot be opened the name shows the second, if an export chose it; else it may be newer.
        elif not entry.snapshot and (entry.moment is None or entry.moment >= began.replace(microsecond=0)):
            unreadable.append(store.where(entry.name))
    return newer, unreadable


def _opted_out_in(snapshot: Snapshot, known: set[int]) -> tuple[set[int], set[str]]:
    ids = {contact_id for contact_id, is_out in snapshot.consents() if is_out}
    phones = {each.phone for each in snapshot.details() if each.status and each.status.unsubscribed}
    for contact_id, raw in identified(chain(snapshot.raw_contacts(), snapshot.deleted())):
        is_known = contact_id in ids or contact_id in known
        # Of most contacts only the ID is decoded.
        if not is_known and b"is_opted_out" not in raw:
            continue
        record = read_stored(raw)
        if is_known or record.is_opted_out:
            ids.add(contact_id)
            phones.add(record.phone)
    return ids, phones - {""}
