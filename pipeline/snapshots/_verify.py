"""Whether a snapshot, and all that it builds on, is what its manifest says; checked without the account."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from pipeline import jsontext
from pipeline.errors import InputError, SettingsError
from pipeline.showing import quoted
from pipeline.snapshots._compose import chain_of, identified
from pipeline.snapshots._draft import HIDDEN
from pipeline.snapshots._encryption import SUFFIX, has_identity
from pipeline.snapshots._manifest import MANIFEST, FileEntry
from pipeline.snapshots._parquet import parquet_ids
from pipeline.snapshots._snapshot import Snapshot, SnapshotUnusable, locate_snapshot
from pipeline.snapshots._store import Store
from pipeline.snapshots._usability import missing_entries
from pipeline.snapshots._writers import CONSENT, CONTACTS, DELETED, DETAILS, FIELDS, PARQUET, TABLE
from pipeline.values import Struct
from pipeline.wire import UnusableAnswer, read_id

WHOLE, DAMAGED, PARTIAL = 0, 1, 3

_LONGEST_CELL = 2**31 - 1


class Verification(Struct, frozen=True):
    """What verifying found. `exit_code`: 0 whole, 3 intact but partial, 1 damaged; `problems` are sentences.

    `contacts` are those of the account (of a delta, with its base); `looked_inside` is false where the files are
    encrypted and there was no key: then only their checksums were compared, and their rows were not counted. `mark`
    identifies the snapshot on this machine, `damaged` holds the marks of those of its chain that are damaged
    themselves; `without_checksum` names snapshots of an earlier version, whose manifests carry no checksum of their
    own.
    """

    path: str
    exit_code: int
    problems: tuple[str, ...] = ()
    contacts: int = 0
    reason: str = ""
    mark: str = ""
    chain: tuple[str, ...] = ()
    looked_inside: bool = True
    damaged: tuple[str, ...] = ()
    without_checksum: tuple[str, ...] = ()


class _Damage(ValueError):
    """A file is not what it should be; the text is a sentence."""


def verify_snapshot(place: str | Path) -> Verification:
    """Recompute every checksum, count and order of a snapshot, and of all that it builds on. Changes nothing.

    `place` is a folder, an address, or the manifest in it. Raises InputError when it is no snapshot at all, and
    StorageFailed where its store cannot be read.
    """
    return verify_stored(*_locate(place))


def verify_stored(store: Store, name: str) -> Verification:
    """Verify a snapshot of an opened store, as `verify_snapshot` does. Raises StorageFailed."""
    try:
        snapshot = Snapshot(store, name)
    except SnapshotUnusable as error:
        return Verification(store.where(name), DAMAGED, (f"{error.what}.",))
    return _verified(snapshot)


def _locate(place: str | Path) -> tuple[Store, str]:
    """Return store and name of a snapshot, which has to have a manifest, or in a folder at least its contacts."""
    store, name = locate_snapshot(place)
    if store.is_published(name):
        files = store.sizes(name).keys()
        if MANIFEST in files or CONTACTS in files:
            return store, name
    unfinished = " It is an export that was not finished." if name.startswith(HIDDEN) else ""
    raise InputError(
        f"{store.where(name)} is no snapshot: it holds no {MANIFEST}.{unfinished}",
        advice="Give the folder or the address of one snapshot; 'hmpipe snapshots list' shows them.",
    )


def _verified(snapshot: Snapshot) -> Verification:
    manifest = snapshot.manifest
    problems = list(_problems(snapshot))
    damaged = [snapshot.mark] if problems else []
    chain = [snapshot]
    try:
        chain = chain_of(snapshot)
    except InputError as error:
        problems.append(error.message)
    for link in chain[:-1]:
        if found := list(_problems(link)):
            damaged.append(link.mark)
            problems += [f"{link.name}: {problem}" for problem in found]
        if not link.manifest.complete:
            problems.append(f"{link.name}: a delta builds on it, but it is partial.")
    encrypted = any(link.manifest.encryption != "none" for link in chain)
    looked = not encrypted or has_identity()
    if manifest.is_delta and looked and not problems:
        problems += _chain_problems(chain)
    return Verification(
        snapshot.where,
        DAMAGED if problems else WHOLE if manifest.complete else PARTIAL,
        tuple(problems),
        manifest.total,
        manifest.reason,
        snapshot.mark,
        tuple(link.name for link in chain),
        looked,
        tuple(damaged),
        tuple(link.name for link in chain if not link.manifest.has_checksum),
    )


def _chain_problems(chain: list[Snapshot]) -> Iterator[str]:
    """Compose the chain link by link: what a delta lists as deleted must have been there, and numbers must agree."""
    held: set[int] = set()
    for link in chain:
        if not link.manifest.is_delta:
            held = {contact_id for contact_id, _ in identified(link.raw_contacts(), link)}
            continue
        gone = {contact_id for contact_id, _ in identified(link.deleted(), link)}
        if strangers := gone - held:
            yield f"{link.name}: {DELETED} lists contact {min(strangers)}, which the snapshot before it does not hold."
        changed = {contact_id for contact_id, _ in identified(link.raw_contacts(), link)}
        if both := gone & changed:
            yield f"{link.name}: contact {min(both)} is in {CONTACTS} and in {DELETED}."
        held = (held - gone) | changed
        if len(held) != link.manifest.composed:
            yield (
                f"{link.name}: {MANIFEST} says {link.manifest.composed} contacts in all, but with the snapshots before"
                f" it there are {len(held)}."
            )


def _problems(snapshot: Snapshot) -> Iterator[str]:
    manifest = snapshot.manifest
    for name in missing_entries(snapshot):
        yield f"{MANIFEST} does not list {name}."
    for name, entry in manifest.files.items():
        try:
            _check_file(snapshot, name, entry)
        except _Damage as damage:
            yield str(damage)
    contacts = manifest.files.get(snapshot.stored(CONTACTS))
    if contacts and contacts.rows != manifest.contacts:
        yield f"{MANIFEST} says {manifest.contacts} contacts, but {contacts.rows} rows of {CONTACTS}."
    if manifest.complete and manifest.walk.get("ended") != "proved" and not manifest.composed_from:
        yield f"{MANIFEST} says complete, but not that the walk over the list ended by proof."


def _check_file(snapshot: Snapshot, name: str, entry: FileEntry) -> None:
    if Path(name).name != name:
        raise _Damage(f"{MANIFEST} lists {quoted(name)}, which is no plain file name.")
    try:
        rows = _checked_rows(snapshot, name, entry)
    except _Damage:
        raise
    except FileNotFoundError:
        raise _Damage(f"{name} is missing.") from None
    except InputError as error:
        raise _Damage(error.message) from error
    except (OSError, EOFError, zlib.error, csv.Error, ValueError) as error:
        raise _Damage(f"{name} cannot be read: {error}.") from error
    if rows is not None and rows != entry.rows:
        raise _Damage(f"{name} has {rows} rows; the manifest says {entry.rows}.")


def _checked_rows(snapshot: Snapshot, name: str, entry: FileEntry) -> int | None:
    """Return the rows of a file after checking its size, checksum and order; None where they cannot be counted."""
    digest, size = snapshot.digest(name)
    if size != entry.bytes:
        raise _Damage(f"{name} has {size} bytes; the manifest says {entry.bytes}.")
    if digest != entry.sha256:
        raise _Damage(f"{name} has another SHA-256 than the manifest says: its contents were changed.")
    if name.endswith(SUFFIX) and not has_identity():
        return None
    with snapshot.opened(name) as stream:
        return _count_rows(name.removesuffix(SUFFIX), stream)


def _count_rows(name: str, stream: BinaryIO) -> int | None:
    if name in (CONTACTS, DELETED, CONSENT, DETAILS):
        return _count_in_order(name, _json_ids(name, stream))
    if name == TABLE:
        return _count_in_order(name, _table_ids(stream))
    if name == PARQUET:
        # Without the library only its checksum is compared.
        with suppress(SettingsError):
            return _count_in_order(name, parquet_ids(stream))
    return len(jsontext.split_array(stream.read())) if name == FIELDS else None


def _count_in_order(name: str, ids: Iterator[int]) -> int:
    rows, before = 0, None
    for rows, contact_id in enumerate(ids, 1):
        if before is not None and contact_id <= before:
            what = "twice" if contact_id == before else f"after contact {before}: the order is broken"
            raise _Damage(f"{name} has contact {contact_id} {what} (row {rows}).")
        before = contact_id
    return rows


def _json_ids(name: str, stream: BinaryIO) -> Iterator[int]:
    with gzip.open(stream) as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield read_id(line)
            except UnusableAnswer as error:
                raise _Damage(f"{name} line {number} holds no contact: {error}.") from error


def _table_ids(stream: BinaryIO) -> Iterator[int]:
    # A cell may be of any length; Python's limit is 131,072 characters unless it is raised.
    csv.field_size_limit(_LONGEST_CELL)
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    rows = csv.reader(text)
    next(rows, None)
    for row in rows:
        yield int(row[0].removeprefix('="').removesuffix('"')) if row else -1
    text.detach()
