"""Snapshots at an address, such as a bucket: files first, the manifest last, each read back after writing."""

import contextlib
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, cast

from pipeline.errors import StorageFailed, UsageProblem
from pipeline.libraries import fsspec
from pipeline.snapshots._manifest import MANIFEST
from pipeline.snapshots._names import is_snapshot_name
from pipeline.storage import conceal, file_system, package_for, printable

_PIECE = 1 << 20

_MARKER = "removed"
"""A small file that marks a snapshot that is being removed: without a manifest beside it, the rest may be removed."""

_PRIVATE_NO_MORE = "is a folder of this machine, reached by a way that would let others read it"
_REFUSED = {
    "memory": "lives in this program's memory, and would be gone when it ends",
    "file": _PRIVATE_NO_MORE,
    "local": _PRIVATE_NO_MORE,
}
"""Kinds of addresses where no snapshot may be written, and why."""

_BUCKETS = {"s3", "s3a", "gs", "gcs"}
"""Kinds of addresses whose first part is a bucket, which is made by its owner and not by us."""

_ADVICE = (
    "Check the address, the network, and the credentials that its service expects in the environment; then run the"
    " same command again: an export that was begun goes on where it stopped."
)


class AddressStore:
    """Snapshots below an address that fsspec knows. A snapshot is there when its manifest is. Raises UsageProblem."""

    def __init__(self, address: str) -> None:
        self._address = address.rstrip("/")
        self.shown = printable(self._address)
        if reason := _REFUSED.get(self._scheme):
            raise UsageProblem(
                f"{self.shown} {reason}. Nothing was written.",
                advice="Give a folder, or an address such as s3://bucket/folder.",
            )
        self._opened: tuple[fsspec.AbstractFileSystem, str] | None = None

    def drafts(self, otherwise: Path) -> Path:
        """Return where snapshots are made: `otherwise`, on this machine."""
        return otherwise

    def where(self, name: str) -> str:
        """Return the address of a snapshot, without secrets."""
        return f"{self.shown}/{name}"

    def identity(self, name: str) -> str:
        """Return the address of a snapshot, without secrets."""
        return self.where(name)

    def names(self) -> list[str]:
        """Return the names of the snapshots."""
        return [name for name in self._prefixes() if self.is_published(name)]

    def holds(self, name: str) -> bool:
        """Return whether there is anything of this name, finished or not."""
        with self._reached("be read") as (system, root):
            return bool(system.exists(f"{root}/{name}"))

    def is_published(self, name: str) -> bool:
        """Return whether the manifest of this name is there."""
        with self._reached("be read") as (system, root):
            return bool(system.exists(f"{root}/{name}/{MANIFEST}"))

    def open(self, name: str, file: str) -> BinaryIO:
        """Open a file of a snapshot for reading. Raises FileNotFoundError, OSError, StorageFailed."""
        with self._reached("be read") as (system, root):
            return cast("BinaryIO", system.open(f"{root}/{name}/{file}", "rb"))

    def sizes(self, name: str) -> Mapping[str, int | None]:
        """Return the files of a snapshot with their sizes, None where the service does not tell. Raises OSError."""
        with self._reached("be read") as (system, root):
            found = system.ls(f"{root}/{name}", detail=True)
            return {str(each["name"]).rpartition("/")[2]: each.get("size") for each in found}

    def can_remove(self, name: str) -> bool:
        """Return whether a name is one that an export gives."""
        return is_snapshot_name(name)

    def put(self, name: str, contents: Path) -> None:
        """Upload the files and then the manifest, each read back. What an earlier try has left there is replaced."""
        # The mark of an earlier removal would let the next `tidy` remove what is uploaded now.
        self._unmark(name)
        parts = sorted(path for path in contents.iterdir() if path.name != MANIFEST)
        for path in [*parts, contents / MANIFEST]:
            self._upload(path, name)

    def remove(self, name: str) -> None:
        """Mark a snapshot as removed, remove its manifest, then the rest. After a kill in between, `tidy` goes on."""
        with self._reached("be removed") as (system, root):
            system.pipe_file(f"{root}/{name}/{_MARKER}", b"This snapshot is being removed.\n")
            system.rm_file(f"{root}/{name}/{MANIFEST}")
        self._remove_files(name)

    def remnants(self) -> list[str]:
        """Return the names that are marked as removed and have no manifest any more.

        Files with neither are left alone: another machine may just be uploading them.
        """
        left = [name for name in self._prefixes() if not self.is_published(name)]
        with self._reached("be read") as (system, root):
            return [name for name in left if system.exists(f"{root}/{name}/{_MARKER}")]

    def tidy(self) -> list[str]:
        """Remove what earlier removals that were killed have left; return the names it had."""
        found = self.remnants()
        for name in found:
            self._remove_files(name)
        return found

    def _remove_files(self, name: str) -> None:
        """Remove all files of a name, the mark last, so that after a kill the next `tidy` finds the rest."""
        with self._reached("be removed") as (system, root):
            marker = f"{root}/{name}/{_MARKER}"
            for path in system.find(f"{root}/{name}"):
                if path != marker:
                    system.rm_file(path)
            system.rm_file(marker)

    def _unmark(self, name: str) -> None:
        with self._reached("be written") as (system, root):
            marker = f"{root}/{name}/{_MARKER}"
            if system.exists(marker):
                system.rm_file(marker)

    def _prefixes(self) -> list[str]:
        """Return all names that a snapshot could have, published or not."""
        with self._reached("be read") as (system, root):
            try:
                found = system.ls(root, detail=False)
            except FileNotFoundError:
                self._find_bucket(system, root)
                return []
            names = {str(path).rstrip("/").rpartition("/")[2] for path in found}
            return sorted(filter(is_snapshot_name, names))

    def _upload(self, path: Path, name: str) -> None:
        with self._reached("be written") as (system, root):
            target = f"{root}/{name}/{path.name}"
            # A bucket has no folders, and its driver would make a missing bucket; that is for its owner to do.
            if not self._is_bucket:
                system.makedirs(f"{root}/{name}", exist_ok=True)
            system.put_file(str(path), target)
            with path.open("rb") as ours, system.open(target, "rb") as theirs:
                kept = _digest(ours) == _digest(theirs)
        if not kept:
            raise StorageFailed(
                f"{self.where(name)}/{path.name} reads back otherwise than it was written."
                " The snapshot was not published; earlier snapshots are untouched.",
                advice="Run the same command again: it uploads the snapshot anew.",
            )

    def _place(self) -> "tuple[fsspec.AbstractFileSystem, str]":
        if self._opened is None:
            try:
                self._opened = file_system(self._address)
            except ImportError as error:
                package = package_for(self._address)
                raise UsageProblem(
                    f"{self.shown} needs a package that is not installed. Nothing was sent.",
                    advice=f"Install it beside this program: pip install {package}.",
                ) from error
            except ValueError as error:
                raise UsageProblem(
                    f"{self.shown} is no address that can be used: {conceal(str(error), self._address)}."
                    " Nothing was sent.",
                    advice="Give a folder, or an address such as s3://bucket/folder.",
                ) from error
        system, root = self._opened
        return system, root.rstrip("/")

    @property
    def _is_bucket(self) -> bool:
        return self._scheme in _BUCKETS

    @property
    def _scheme(self) -> str:
        """The kind of the address; of a chain of addresses, of the last one, where files are stored."""
        return self._address.rpartition("://")[0].rpartition("::")[2].lower()

    def _find_bucket(self, system: "fsspec.AbstractFileSystem", root: str) -> None:
        bucket = root.partition("/")[0]
        if self._is_bucket and not system.exists(bucket):
            raise StorageFailed(f"{self.shown} cannot be read: there is no bucket {bucket}.", advice=_ADVICE)

    @contextlib.contextmanager
    def _reached(self, action: str) -> "Iterator[tuple[fsspec.AbstractFileSystem, str]]":
        """Give the file system and the path of this store in it; errors of drivers become StorageFailed."""
        try:
            yield self._place()
        except (StorageFailed, UsageProblem, FileNotFoundError) as error:
            if isinstance(error, FileNotFoundError) and action != "be read":
                raise self._failed(action, error) from error
            raise
        except Exception as error:
            # Every driver has errors of its own.
            raise self._failed(action, error) from error

    def _failed(self, action: str, error: Exception) -> StorageFailed:
        reason = conceal(str(error).strip() or type(error).__name__, self._address).rstrip(".")
        return StorageFailed(
            f"{self.shown} cannot {action}: {reason}. Earlier snapshots are untouched.", advice=_ADVICE
        )


def _digest(stream: BinaryIO) -> str:
    digest = hashlib.sha256()
    while piece := stream.read(_PIECE):
        digest.update(piece)
    return digest.hexdigest()
