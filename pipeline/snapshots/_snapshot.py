"""One published snapshot, opened for reading: its manifest, its contacts in order, its custom fields."""

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from pipeline import jsontext
from pipeline.errors import InputError
from pipeline.models import CustomField
from pipeline.snapshots._manifest import MANIFEST, Manifest, ManifestUnreadable, parse_manifest
from pipeline.snapshots._store import FolderStore, Store
from pipeline.snapshots._writers import CONTACTS, FIELDS

_PIECE = 1 << 20


class Snapshot:
    """A snapshot in its store. What is read is compared with the manifest first: a damaged file is never half used.

    The methods raise InputError, which names the snapshot and what is wrong with it.
    """

    def __init__(self, store: Store, name: str) -> None:
        self.store = store
        self.name = name
        try:
            with closing(self.open(MANIFEST)) as stream:
                content = stream.read()
            self.manifest: Manifest = parse_manifest(content)
        except (OSError, ManifestUnreadable) as error:
            raise self.unusable(_reason(error, MANIFEST)) from error
        self.manifest_sha256 = hashlib.sha256(content).hexdigest()

    @property
    def where(self) -> str:
        """Its place as a person would write it."""
        return self.store.where(self.name)

    def open(self, file: str) -> BinaryIO:
        """Open one of its files. Raises FileNotFoundError, OSError."""
        return self.store.open(self.name, file)

    def raw_contacts(self) -> Iterator[bytes]:
        """Yield its own contacts as the server sent them, sorted by id."""
        self.check_file(CONTACTS)
        try:
            with closing(self.open(CONTACTS)) as stream, gzip.open(stream) as lines:
                for line in lines:
                    yield line.rstrip(b"\n")
        except (OSError, EOFError, zlib.error) as error:
            raise self.unusable(_reason(error, CONTACTS)) from error

    def fields(self) -> tuple[CustomField, ...]:
        """Return the custom fields that the account had."""
        self.check_file(FIELDS)
        try:
            with closing(self.open(FIELDS)) as stream:
                found = jsontext.decode(stream.read())
            return tuple(CustomField(int(field["id"]), str(field["title"])) for field in found)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise self.unusable(_reason(error, FIELDS)) from error

    def check_file(self, file: str) -> None:
        """Raise InputError unless a file is the one that the manifest describes."""
        entry = self.manifest.files.get(file)
        digest, size = hashlib.sha256(), 0
        try:
            with closing(self.open(file)) as stream:
                while piece := stream.read(_PIECE):
                    digest.update(piece)
                    size += len(piece)
        except OSError as error:
            raise self.unusable(_reason(error, file)) from error
        if entry is None or (digest.hexdigest(), size) != (entry.sha256, entry.bytes):
            raise self.unusable(f"{file} is not the file that {MANIFEST} describes")

    def unusable(self, what: str) -> InputError:
        """Return the error that says what is wrong with this snapshot."""
        return InputError(
            f"The snapshot {self.where} cannot be used: {what.rstrip('.')}. Nothing was sent.",
            advice="'hmpipe snapshots verify' says what is wrong with it; take another one.",
        )


def open_snapshot(path: Path) -> Snapshot:
    """Open a snapshot by its folder (or its manifest). Raises InputError when it is none that can be read."""
    folder = path.parent if path.name == MANIFEST else path
    if not folder.is_dir():
        raise InputError(
            f"{path} is not the folder of a snapshot. Nothing was sent.",
            advice="'hmpipe snapshots list' shows them.",
        )
    folder = folder.resolve()
    return Snapshot(FolderStore(folder.parent), folder.name)


def _reason(error: Exception, file: str) -> str:
    if isinstance(error, ManifestUnreadable):
        return str(error)
    if isinstance(error, FileNotFoundError):
        return f"{file} is missing"
    detail = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"{file} cannot be read: {detail}"
