"""Snapshots at an address, such as a bucket: parts first, the manifest last, each of them read back."""

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from pipeline.addresses import conceal, file_system, package_for, printable
from pipeline.errors import StorageFailed, UsageProblem
from pipeline.snapshots._manifest import MANIFEST
from pipeline.snapshots._names import is_snapshot_name

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

_PIECE = 1 << 20

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
        self._opened: tuple[AbstractFileSystem, str] | None = None

    def drafts(self, otherwise: Path) -> Path:
        """Return `otherwise`: what is not finished lies on this machine."""
        return otherwise

    def where(self, name: str) -> str:
        """Return the address of a snapshot, without secrets."""
        return f"{self.shown}/{name}"

    def names(self) -> list[str]:
        """Return the names of the snapshots, the newest first."""
        with self._errors("be read"):
            system, root = self._place()
            try:
                found = system.ls(root, detail=False)
            except FileNotFoundError:
                self._find_bucket(system, root)
                return []
            names = {str(path).rstrip("/").rpartition("/")[2] for path in found}
            return sorted(
                (name for name in names if is_snapshot_name(name) and system.exists(f"{root}/{name}/{MANIFEST}")),
                reverse=True,
            )

    def holds(self, name: str) -> bool:
        """Return whether there is anything of this name, finished or not."""
        with self._errors("be read"):
            system, root = self._place()
            return bool(system.exists(f"{root}/{name}"))

    def is_published(self, name: str) -> bool:
        """Return whether the manifest of this name is there."""
        with self._errors("be read"):
            system, root = self._place()
            return bool(system.exists(f"{root}/{name}/{MANIFEST}"))

    def open(self, name: str, file: str) -> BinaryIO:
        """Open a file of a snapshot for reading. Raises FileNotFoundError, OSError, StorageFailed."""
        with self._errors("be read"):
            system, root = self._place()
            return cast("BinaryIO", system.open(f"{root}/{name}/{file}", "rb"))

    def put(self, name: str, contents: Path) -> None:
        """Upload the parts and then the manifest, each read back. What lies there of an earlier try is replaced."""
        parts = sorted(path for path in contents.iterdir() if path.name != MANIFEST)
        for path in [*parts, contents / MANIFEST]:
            self._upload(path, name)

    def remove(self, name: str) -> None:
        """Remove the manifest, then the rest."""
        with self._errors("be removed"):
            system, root = self._place()
            system.rm_file(f"{root}/{name}/{MANIFEST}")
            for path in system.find(f"{root}/{name}"):
                system.rm_file(path)

    def tidy(self) -> None:
        """Do nothing: what lies there without a manifest may be what another machine is just uploading."""

    def _upload(self, path: Path, name: str) -> None:
        with self._errors("be written"):
            system, root = self._place()
            target = f"{root}/{name}/{path.name}"
            # A bucket has no folders, and asked for one its driver makes the bucket: one that was lost stays lost.
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

    def _place(self) -> "tuple[AbstractFileSystem, str]":
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
        return self._address.partition("://")[0].lower() in _BUCKETS

    def _find_bucket(self, system: "AbstractFileSystem", root: str) -> None:
        bucket = root.partition("/")[0]
        if self._is_bucket and not system.exists(bucket):
            raise StorageFailed(f"{self.shown} cannot be read: there is no bucket {bucket}.", advice=_ADVICE)

    @contextlib.contextmanager
    def _errors(self, action: str) -> Iterator[None]:
        try:
            yield
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
