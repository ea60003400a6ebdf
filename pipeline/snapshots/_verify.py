"""Whether a snapshot on disk is what its manifest says, found out offline; and the list of snapshots."""

import csv
import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline import jsontext
from pipeline.errors import InputError
from pipeline.snapshots._draft import HIDDEN
from pipeline.snapshots._manifest import MANIFEST, FileEntry, Manifest, ManifestUnreadable, describe_file, read_manifest
from pipeline.snapshots._store import FolderStore
from pipeline.snapshots._writers import CONTACTS, FIELDS

WHOLE, DAMAGED, PARTIAL = 0, 1, 3


@dataclass(frozen=True, slots=True)
class Verification:
    """What verifying found. `exit_code`: 0 whole, 3 intact but partial, 1 damaged; `problems` are sentences."""

    path: Path
    exit_code: int
    problems: tuple[str, ...] = ()
    contacts: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SnapshotInfo:
    """One snapshot of a folder. `problem` is set when its manifest cannot be read; then the numbers are 0."""

    path: Path
    name: str
    age: timedelta | None = None
    contacts: int = 0
    bytes: int = 0
    complete: bool = False
    account: str = ""
    problem: str = ""


class _Damage(ValueError):
    """A file is not what it should be; the text is a sentence."""


def verify_snapshot(path: Path) -> Verification:
    """Recompute every checksum, count and order of a snapshot folder. Needs no network and changes nothing.

    Raises InputError when `path` is no snapshot at all.
    """
    if path.name == MANIFEST and path.is_file():
        path = path.parent
    if not path.is_dir():
        what = "is a file" if path.exists() else "does not exist"
        raise InputError(
            f"{path} {what}.", advice="Give the folder of one snapshot; 'hmpipe snapshots list' shows them."
        )
    if not (path / MANIFEST).exists() and not (path / CONTACTS).exists():
        unfinished = " It is an export that was not finished." if path.name.startswith(HIDDEN) else ""
        raise InputError(
            f"{path} is no snapshot: it holds neither {MANIFEST} nor {CONTACTS}.{unfinished}",
            advice="Give the folder of one snapshot; 'hmpipe snapshots list' shows them.",
        )
    try:
        manifest = read_manifest(path)
    except ManifestUnreadable as error:
        return Verification(path, DAMAGED, (str(error),))
    problems = list(_problems(path, manifest))
    code = DAMAGED if problems else WHOLE if manifest.complete else PARTIAL
    return Verification(path, code, tuple(problems), manifest.contacts, manifest.reason)


def list_snapshots(folder: Path, *, now: datetime | None = None) -> list[SnapshotInfo]:
    """Return the snapshots in `folder`, newest first; none when it does not exist. Raises StorageFailed."""
    return [_info(folder / name, now or datetime.now(UTC)) for name in FolderStore(folder).names()]


def _info(path: Path, now: datetime) -> SnapshotInfo:
    try:
        manifest = read_manifest(path)
        created = datetime.fromisoformat(manifest.created)
    except ValueError as error:
        return SnapshotInfo(path, path.name, problem=str(error))
    created = created if created.tzinfo else created.replace(tzinfo=UTC)
    size = sum(entry.bytes for entry in manifest.files.values())
    return SnapshotInfo(path, path.name, now - created, manifest.contacts, size, manifest.complete, manifest.account)


def _problems(folder: Path, manifest: Manifest) -> Iterator[str]:
    for name in (CONTACTS, FIELDS):
        if name not in manifest.files:
            yield f"{MANIFEST} does not list {name}."
    for name, entry in manifest.files.items():
        try:
            _check_file(folder, name, entry)
        except _Damage as damage:
            yield str(damage)
    contacts = manifest.files.get(CONTACTS)
    if contacts and contacts.rows != manifest.contacts:
        yield f"{MANIFEST} says {manifest.contacts} contacts, but {contacts.rows} rows of {CONTACTS}."
    if manifest.complete and manifest.walk.get("ended") != "proved":
        yield f"{MANIFEST} says complete, but not that the walk over the list ended by proof."


def _check_file(folder: Path, name: str, entry: FileEntry) -> None:
    path = folder / name
    if Path(name).name != name:
        raise _Damage(f"{MANIFEST} lists {name!r}, which is no plain file name.")
    try:
        found = describe_file(path, entry.rows)
        if found.bytes != entry.bytes:
            raise _Damage(f"{name} has {found.bytes} bytes; the manifest says {entry.bytes}.")
        if found.sha256 != entry.sha256:
            raise _Damage(f"{name} has another SHA-256 than the manifest says: its contents were changed.")
        rows = _count_rows(path)
    except FileNotFoundError:
        raise _Damage(f"{name} is missing.") from None
    except (OSError, EOFError, zlib.error, csv.Error, ValueError) as error:
        if isinstance(error, _Damage):
            raise
        raise _Damage(f"{name} cannot be read: {error}.") from error
    if rows is not None and rows != entry.rows:
        raise _Damage(f"{name} has {rows} rows; the manifest says {entry.rows}.")


def _count_rows(path: Path) -> int | None:
    """Return the rows of a file after checking their order, or None for a file of another kind."""
    match path.name:
        case "contacts.jsonl.gz":
            return _count_in_order(path.name, _json_ids(path))
        case "contacts.csv":
            return _count_in_order(path.name, _table_ids(path))
        case "fields.json":
            return len(jsontext.split_array(path.read_bytes()))
        case _:
            return None


def _count_in_order(name: str, ids: Iterator[int]) -> int:
    rows, before = 0, None
    for rows, contact_id in enumerate(ids, 1):
        if before is not None and contact_id <= before:
            what = "twice" if contact_id == before else f"after contact {before}: the order is broken"
            raise _Damage(f"{name} has contact {contact_id} {what} (row {rows}).")
        before = contact_id
    return rows


def _json_ids(path: Path) -> Iterator[int]:
    with gzip.open(path, "rb") as lines:
        for number, line in enumerate(lines, 1):
            value: Any = jsontext.decode(line)
            if not isinstance(value, dict) or "id" not in value:
                raise _Damage(f"{path.name} line {number} holds no contact.")
            yield int(value["id"])


def _table_ids(path: Path) -> Iterator[int]:
    with path.open(encoding="utf-8", newline="") as text:
        rows = csv.reader(text)
        next(rows, None)
        for row in rows:
            yield int(row[0]) if row else -1
