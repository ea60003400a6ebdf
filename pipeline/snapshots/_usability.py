"""Which snapshots of a store could be restored, as far as that is known without reading them completely."""

from collections.abc import Callable, Iterable

from pipeline.errors import InputError
from pipeline.snapshots._manifest import MANIFEST
from pipeline.snapshots._snapshot import Snapshot
from pipeline.snapshots._writers import CONTACTS, DELETED, DETAILS, FIELDS

_BROKEN = "it builds on"


def find_troubles(snapshots: Iterable[Snapshot], recall: Callable[[Snapshot], str]) -> dict[str, str]:
    """Return name -> why a snapshot cannot be used, as a clause, or "" for one that can.

    A usable one has all its files in their sizes, no damage that `recall` knows of, and a base that is there, unchanged
    and usable itself. Raises StorageFailed.
    """
    opened = {each.name: each for each in snapshots}
    troubles: dict[str, str] = {}
    for snapshot in list(opened.values()):
        chain = {snapshot.name: snapshot}
        base = _base(snapshot, opened)
        while base and base.name not in chain and base.name not in troubles:
            chain[base.name] = base
            base = _base(base, opened)
        for each in reversed(chain.values()):
            troubles[each.name] = recall(each) or _own_trouble(each) or _base_trouble(each, opened, troubles)
    return troubles


def missing_entries(snapshot: Snapshot) -> list[str]:
    """Return the files that a snapshot of its kind has to have, and that its manifest does not list."""
    manifest = snapshot.manifest
    needed = [CONTACTS, FIELDS]
    needed += [DELETED] if manifest.is_delta else []
    needed += [DETAILS] if manifest.detail == "full" else []
    return [name for name in needed if not snapshot.stored(name)]


def _own_trouble(snapshot: Snapshot) -> str:
    for name in missing_entries(snapshot):
        return f"{MANIFEST} does not list {name}"
    try:
        sizes = snapshot.store.sizes(snapshot.name)
    except OSError as error:
        return f"its files cannot be seen: {error.strerror or error}"
    for name, entry in snapshot.manifest.files.items():
        if name not in sizes:
            return f"{name} is missing"
        if (size := sizes[name]) not in (entry.bytes, None):
            return f"{name} has {size:,} bytes where the manifest says {entry.bytes:,}"
    return ""


def _base_trouble(snapshot: Snapshot, opened: dict[str, Snapshot], troubles: dict[str, str]) -> str:
    if not snapshot.manifest.is_delta:
        return ""
    name, base = snapshot.manifest.base["name"], _base(snapshot, opened)
    if base is None:
        return f"its base {name} is not there, or cannot be read"
    if base.manifest_sha256 != snapshot.manifest.base["manifest_sha256"]:
        return f"its base {name} is another than it was made on"
    trouble = troubles.get(name, "a chain without a beginning")
    # In a long chain only the broken link is named, not all that build on it.
    return f"{_BROKEN} {name}: {trouble}" if trouble and not trouble.startswith(_BROKEN) else trouble


def _base(snapshot: Snapshot, opened: dict[str, Snapshot]) -> Snapshot | None:
    """Return the snapshot that a delta builds on; one that the store does not list is looked for by its name."""
    if not snapshot.manifest.is_delta:
        return None
    name = snapshot.manifest.base["name"]
    if name not in opened and snapshot.store.is_published(name):
        try:
            opened[name] = Snapshot(snapshot.store, name)
        except InputError:
            return None
    return opened.get(name)
