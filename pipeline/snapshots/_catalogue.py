"""The snapshots of a store in order of time, and finding the one that a person names."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.errors import InputError
from pipeline.snapshots._names import is_snapshot_name, moment_of_name
from pipeline.snapshots._snapshot import Snapshot, SnapshotUnusable, locate_snapshot
from pipeline.snapshots._store import Store
from pipeline.snapshots._writers import DELETED
from pipeline.storage import is_address
from pipeline.values import Struct

LAST, PREVIOUS = "last", "previous"

_NEVER = datetime.min.replace(tzinfo=UTC)


class CatalogueEntry(Struct, frozen=True):
    """One name of a store. `snapshot` is None where its manifest cannot be read; `problem` then says why."""

    name: str
    snapshot: Snapshot | None = None
    problem: str = ""

    @property
    def moment(self) -> datetime | None:
        """When it was begun, by its manifest; where that cannot be read, by its name, if an export chose it."""
        return self.snapshot.manifest.moment if self.snapshot else moment_of_name(self.name)


class SnapshotInfo(Struct, frozen=True):
    """One snapshot of a store. `problem` is set when its manifest cannot be read; then the numbers are 0.

    `contacts` are those in it, `total` those of the account at its time; `mark` identifies it on this machine.
    """

    path: str
    name: str
    age: timedelta | None = None
    contacts: int = 0
    bytes: int = 0
    complete: bool = False
    account: str = ""
    problem: str = ""
    kind: str = "full"
    base: str = ""
    total: int = 0
    deleted: int = 0
    mark: str = ""


def read_catalogue(store: Store) -> list[CatalogueEntry]:
    """Open every snapshot of a store; return them newest first, by what their manifests say. Raises StorageFailed.

    A copy may have any name, so names decide only between snapshots of the same moment: one named by an export comes
    before a copy, and a full one before a delta.
    """
    found = sorted((_open(store, name) for name in store.names()), key=_preference)
    return sorted(found, key=lambda each: each.moment or _NEVER, reverse=True)


def readable(store: Store) -> Iterator[Snapshot]:
    """Yield the snapshots of a store whose manifests can be read, the newest first. Raises StorageFailed."""
    yield from (each.snapshot for each in read_catalogue(store) if each.snapshot)


def find_snapshot(text: str, store: Store) -> Snapshot:
    """Open the snapshot that a person means: a path, an address, a name in the store, `last` or `previous`.

    `last` is the newest complete one; `previous` the newest complete one of the same account and an earlier moment, so
    that it is never a copy of the last. Raises InputError.
    """
    return Snapshot(*locate(text, store))


def locate(text: str, store: Store) -> tuple[Store, str]:
    """Return the store and the name of what a person means, as `find_snapshot` does, without opening it."""
    if text in (LAST, PREVIOUS):
        found = _last(store) if text == LAST else _previous(store)
        if found is None:
            whose = " of the account that the last one is of" if text == PREVIOUS else ""
            raise InputError(
                f"There is no {text} complete snapshot{whose} in {store.where('')}. Nothing was sent.",
                advice="'hmpipe snapshots list' shows what there is; 'hmpipe export' makes one.",
            )
        return store, found.name
    if not is_address(text) and "/" not in text and not Path(text).exists() and store.is_published(text):
        return store, text
    return locate_snapshot(text)


def list_snapshots(store: Store, *, now: datetime | None = None) -> list[SnapshotInfo]:
    """Return the snapshots of a store, newest first. Raises StorageFailed."""
    now = now or datetime.now(UTC)
    return [_info(store, each, now) for each in read_catalogue(store)]


def _last(store: Store) -> Snapshot | None:
    return next((each for each in readable(store) if each.manifest.complete), None)


def _previous(store: Store) -> Snapshot | None:
    complete = [each for each in readable(store) if each.manifest.complete]
    last = complete[0].manifest if complete else None
    return next(
        (
            each
            for each in complete
            if last and each.manifest.owner == last.owner and each.manifest.moment < last.moment
        ),
        None,
    )


def _info(store: Store, entry: CatalogueEntry, now: datetime) -> SnapshotInfo:
    snapshot = entry.snapshot
    if snapshot is None:
        return SnapshotInfo(store.where(entry.name), entry.name, problem=entry.problem)
    manifest = snapshot.manifest
    deleted = manifest.files.get(snapshot.stored(DELETED))
    return SnapshotInfo(
        snapshot.where,
        entry.name,
        now - manifest.moment,
        manifest.contacts,
        sum(each.bytes for each in manifest.files.values()),
        manifest.complete,
        manifest.account,
        kind=manifest.kind,
        base=manifest.base.get("name", ""),
        total=manifest.total,
        deleted=deleted.rows if deleted else 0,
        mark=snapshot.mark,
    )


def _open(store: Store, name: str) -> CatalogueEntry:
    try:
        return CatalogueEntry(name, Snapshot(store, name))
    except SnapshotUnusable as error:
        return CatalogueEntry(name, problem=f"{error.what}.")


def _preference(entry: CatalogueEntry) -> tuple[bool, bool, int, str]:
    is_delta = bool(entry.snapshot and entry.snapshot.manifest.is_delta)
    return not is_snapshot_name(entry.name), is_delta, len(entry.name), entry.name
