"""The snapshot that a delta builds on: it must lie where the delta will lie, be whole, and be readable here."""

from collections.abc import Mapping

from pipeline.errors import BaseLost, UsageProblem
from pipeline.snapshots._compose import chain_of
from pipeline.snapshots._snapshot import Snapshot, SnapshotUnusable
from pipeline.snapshots._store import Store
from pipeline.snapshots._writers import CONTACTS, DELETED


def base_in(store: Store, base: Snapshot) -> Snapshot:
    """Return a snapshot as it is in the store of its future delta, which looks for it there. Raises InputError."""
    if not store.is_published(base.name):
        raise base.unusable(
            f"a delta looks for what it builds on in its own place, and {store.where(base.name)} is not there; copy it"
            " there with all that it builds on, or set paths.snapshots to where it lies"
        )
    found = Snapshot(store, base.name)
    if found.manifest_sha256 != base.manifest_sha256:
        raise base.unusable(f"{store.where(base.name)} is another snapshot of the same name")
    return found


def check_base(base: Snapshot) -> None:
    """Check what a delta needs of a snapshot and of all that it builds on: the files, and the key where they have one.

    Raises InputError, SettingsError for the key, and StorageFailed where its store cannot be read.
    """
    for link in chain_of(base):
        for file in (CONTACTS, *([DELETED] if link.manifest.is_delta else ())):
            if not link.stored(file):
                raise link.unusable(f"its manifest does not list {file}")
            link.check_file(link.stored(file))
        # Reading the smallest file shows whether the key is the right one.
        link.fields()


def check_base_stays(store: Store, named: Mapping[str, str]) -> None:
    """Raise BaseLost unless the base of a delta, given by name and hash of its manifest, is there with its chain."""
    name = named["name"]
    try:
        if not store.is_published(name):
            raise base_lost(store.where(name), "it is not there any more")
        base = Snapshot(store, name)
        if base.manifest_sha256 != named["manifest_sha256"]:
            raise base_lost(base.where, "it is not the one that the delta was made on")
        chain_of(base)
    except UsageProblem as error:
        raise base_lost(store.where(name), reason_of(error)) from error


def base_lost(where: str, reason: str) -> BaseLost:
    """Return the error that ends the export of a delta whose base was removed or turned out to be damaged."""
    return BaseLost(
        f"The snapshot {where} that this delta builds on cannot be used any more: {reason}. The delta was not"
        " published; what was read is kept.",
        advice="Put it back and run the same command again, or make a full snapshot: hmpipe export.",
    )


def reason_of(error: UsageProblem) -> str:
    """Return what an error says, as a sentence without its end."""
    if isinstance(error, SnapshotUnusable):
        return error.what
    return error.message.removesuffix(" Nothing was sent.").rstrip(".")
