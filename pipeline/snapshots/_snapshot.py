"""One published snapshot, opened for reading: its manifest, its contacts in order, its custom fields."""

import contextlib
import gzip
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from pipeline import jsontext
from pipeline.errors import InputError
from pipeline.models import CustomField, Json
from pipeline.snapshots._details import Details, decode_details
from pipeline.snapshots._encryption import SUFFIX, decrypted
from pipeline.snapshots._manifest import MANIFEST, Manifest, ManifestUnreadable, parse_manifest
from pipeline.snapshots._store import Store, open_store
from pipeline.snapshots._writers import CONSENT, CONTACTS, DELETED, DETAILS, FIELDS, TAGS
from pipeline.storage import is_address

_PIECE = 1 << 20


class SnapshotUnusable(InputError):
    """A snapshot cannot be used; `what` says why, as a sentence without its end."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(
            f"The snapshot {where} cannot be used: {what}. Nothing was sent.",
            advice="'hmpipe snapshots verify' says what is wrong with it; take another one.",
        )
        self.what = what


class Snapshot:
    """A snapshot in its store. Each file is checked against the manifest before it is read.

    The methods raise InputError, which names the snapshot and what is wrong with it, SettingsError where it is
    encrypted and there is no key, and StorageFailed where its store cannot be read.
    """

    def __init__(self, store: Store, name: str) -> None:
        self.store = store
        self.name = name
        self._checked: set[str] = set()
        try:
            with closing(store.open(name, MANIFEST)) as stream:
                content = stream.read()
            self.manifest: Manifest = parse_manifest(content)
        except (OSError, ManifestUnreadable) as error:
            raise self.unusable(_reason(error, MANIFEST)) from error
        self.manifest_sha256 = hashlib.sha256(content).hexdigest()

    @property
    def where(self) -> str:
        """Its path or address, as it may be shown."""
        return self.store.where(self.name)

    @property
    def mark(self) -> str:
        """A text that identifies it on this machine: contents and place. A copy has another one."""
        return f"{self.manifest_sha256} {self.store.identity(self.name)}"

    def raw_contacts(self) -> Iterator[bytes]:
        """Yield its contacts as the server sent them, sorted by id; of a delta only those that changed."""
        yield from self._lines(CONTACTS)

    def deleted(self) -> Iterator[bytes]:
        """Yield the contacts that were deleted before it was made, as they were last known, sorted by id."""
        if self.stored(DELETED):
            yield from self._lines(DELETED)

    def consents(self) -> Iterator[tuple[int, bool]]:
        """Yield contact ID and whether it is opted out, as asked for one by one; sorted by ID."""
        if self.stored(CONSENT):
            for line in self._lines(CONSENT):
                held = jsontext.decode(line)
                yield int(held["id"]), bool(held["is_opted_out"])
        else:
            for each in self.details():
                if each.status and each.status.unsubscribed is not None:
                    yield each.id, each.status.unsubscribed

    def details(self) -> Iterator[Details]:
        """Yield channels and statuses, as asked for one by one; sorted by contact ID."""
        if self.stored(DETAILS):
            for line in self._lines(DETAILS):
                try:
                    yield decode_details(line)
                except (ValueError, KeyError, TypeError) as error:
                    raise self.unusable(f"{DETAILS} holds a line that cannot be read") from error

    def fields(self) -> tuple[CustomField, ...]:
        """Return the custom fields that the account had."""
        try:
            with self.reading(FIELDS) as stream:
                found = jsontext.decode(stream.read())
            return tuple(CustomField(int(field["id"]), str(field["title"])) for field in found)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise self.unusable(_reason(error, FIELDS)) from error

    def tags(self) -> list[dict[str, Json]]:
        """Return `id` and `tag` of every tag that the account had; none where they were not exported."""
        if not self.stored(TAGS):
            return []
        with self.reading(TAGS) as stream:
            found: list[dict[str, Json]] = jsontext.decode(stream.read())
        return found

    @contextlib.contextmanager
    def reading(self, file: str) -> Iterator[BinaryIO]:
        """Open one of its files by its plain name, checked against the manifest and decrypted. Raises OSError."""
        stored = self.stored(file)
        if not stored:
            raise self.unusable(f"{MANIFEST} does not list {file}")
        self.check_file(stored)
        with self.opened(stored) as stream:
            yield stream

    @contextlib.contextmanager
    def opened(self, stored: str) -> Iterator[BinaryIO]:
        """Open one of its files by the name under which it is stored, decrypted and unchecked. Raises OSError."""
        with closing(self.store.open(self.name, stored)) as stream:
            if not stored.endswith(SUFFIX):
                yield stream
                return
            with decrypted(stream, f"{self.where}/{stored}") as plain:
                yield plain

    def stored(self, file: str) -> str:
        """Return the name under which a file is stored (encrypted or not), or "" where there is none."""
        return next((name for name in (file, file + SUFFIX) if name in self.manifest.files), "")

    def check_file(self, stored: str) -> None:
        """Raise InputError unless a file is the one that the manifest describes."""
        if stored in self._checked:
            return
        entry = self.manifest.files.get(stored)
        try:
            found = self.digest(stored)
        except OSError as error:
            raise self.unusable(_reason(error, stored)) from error
        if entry is None or found != (entry.sha256, entry.bytes):
            raise self.unusable(f"{stored} is not the file that {MANIFEST} describes")
        self._checked.add(stored)

    def digest(self, stored: str) -> tuple[str, int]:
        """Return SHA-256 and size of a file as it is stored. Raises OSError."""
        digest, size = hashlib.sha256(), 0
        with closing(self.store.open(self.name, stored)) as stream:
            while piece := stream.read(_PIECE):
                digest.update(piece)
                size += len(piece)
        return digest.hexdigest(), size

    def unusable(self, what: str) -> SnapshotUnusable:
        """Return the error that says what is wrong with this snapshot."""
        return SnapshotUnusable(self.where, what.rstrip("."))

    def _lines(self, file: str) -> Iterator[bytes]:
        try:
            with self.reading(file) as stream, gzip.open(stream) as lines:
                for line in lines:
                    yield line.rstrip(b"\n")
        except (OSError, EOFError, zlib.error) as error:
            raise self.unusable(_reason(error, file)) from error


def open_snapshot(place: str | Path) -> Snapshot:
    """Open a snapshot by its folder, its address, or its manifest. Raises InputError when it cannot be read."""
    return Snapshot(*locate_snapshot(place))


def locate_snapshot(place: str | Path) -> tuple[Store, str]:
    """Return the store and the name of a snapshot by its folder, its address, or its manifest. Raises InputError."""
    text = str(place).rstrip("/").removesuffix(f"/{MANIFEST}")
    if is_address(text):
        parent, _, name = text.rpartition("/")
        return open_store(parent), name
    folder = Path(text)
    if not folder.is_dir():
        raise InputError(
            f"{place} is not the folder of a snapshot. Nothing was sent.",
            advice="'hmpipe snapshots list' shows them.",
        )
    return open_store(folder.resolve().parent), folder.resolve().name


def lies_in_snapshot(path: Path) -> bool:
    """Whether a file is, or would be, in the folder of a snapshot."""
    return any((folder / MANIFEST).exists() for folder in path.resolve().parents)


def _reason(error: Exception, file: str) -> str:
    if isinstance(error, ManifestUnreadable):
        return str(error)
    if isinstance(error, FileNotFoundError):
        return f"{file} is missing"
    detail = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"{file} cannot be read: {detail}"
