"""Deltas on their base: the contacts of an account at the time of any snapshot, from files that are sorted by id.

They are merged as streams, so memory does not grow with the account.
"""

import heapq
from collections.abc import Iterable, Iterator

from pipeline.errors import InputError
from pipeline.snapshots._snapshot import Snapshot
from pipeline.wire import read_id


def chain_of(snapshot: Snapshot) -> list[Snapshot]:
    """Return a snapshot with all that it builds on, the oldest first. A full one is alone.

    Each names the next by the hash of its manifest, which holds the hashes of its files. Raises InputError where one is
    missing or another than it was.
    """
    chain = [snapshot]
    while chain[-1].manifest.is_delta:
        chain.append(_base_of(chain[-1], {each.name for each in chain}))
    return chain[::-1]


def composed(snapshot: Snapshot) -> Iterator[bytes]:
    """Yield all contacts of the account at the time of a snapshot, sorted by id, as the server sent them.

    They are streamed, not held in memory. Raises InputError.
    """
    chain = chain_of(snapshot)
    layers = [_layer(each, -place) for place, each in enumerate(chain)]
    last = None
    for contact_id, _, raw in heapq.merge(*layers, key=lambda entry: entry[:2]):
        if contact_id != last and raw is not None:
            yield raw
        last = contact_id


def consents_of(snapshot: Snapshot) -> dict[int, bool]:
    """Return contact ID -> whether it is opted out, as far as exports of the chain have asked. Raises InputError.

    "Not opted out" is taken from the snapshot itself only; of the ones before it only opt-outs count.
    """
    known: dict[int, bool] = {}
    for each in chain_of(snapshot):
        # An opt-out may change neither the revision nor the stamps of a contact, and a delta asks only about contacts
        # with such a change: a contact that was not opted out in the base may be so by now.
        # Where a change of the status was seen to raise `updated`, what was known of the others still holds.
        if each.manifest.detailed != "changed":
            known = {contact_id: True for contact_id, is_out in known.items() if is_out}
        known |= dict(each.consents())
    return known


def identified(contacts: Iterable[bytes], snapshot: Snapshot | None = None) -> Iterator[tuple[int, bytes]]:
    """Yield each contact with its id. Raises InputError for one that cannot be read, which names the `snapshot`."""
    for raw in contacts:
        try:
            contact_id = read_id(raw)
        except ValueError as error:
            what = f"a contact in it cannot be read: {error}"
            raise (snapshot.unusable(what) if snapshot else InputError(f"Of a snapshot, {what}.")) from error
        yield contact_id, raw


def _layer(snapshot: Snapshot, age: int) -> Iterator[tuple[int, int, bytes | None]]:
    """Yield the contacts of one snapshot of a chain, deleted ones as None; `age` sorts the newest snapshot first."""
    kept = ((contact_id, age, raw) for contact_id, raw in identified(snapshot.raw_contacts(), snapshot))
    gone: Iterator[tuple[int, int, bytes | None]] = (
        (contact_id, age, None) for contact_id, _ in identified(snapshot.deleted(), snapshot)
    )
    if not snapshot.manifest.is_delta:
        # What a full snapshot lists as deleted is information only: it does not hold these contacts.
        return kept
    return heapq.merge(kept, gone, key=lambda entry: entry[0])


def _base_of(delta: Snapshot, seen: set[str]) -> Snapshot:
    name, digest = delta.manifest.base["name"], delta.manifest.base["manifest_sha256"]
    if name in seen:
        raise delta.unusable(f"its base {name} builds on it")
    if not delta.store.is_published(name):
        raise delta.unusable(f"it is a delta, and its base {name} is not there")
    try:
        base = Snapshot(delta.store, name)
    except InputError as error:
        raise delta.unusable(f"its base {name} cannot be read") from error
    if base.manifest_sha256 != digest:
        raise delta.unusable(f"its base {name} is not the one it was made on: its manifest is another")
    return base
