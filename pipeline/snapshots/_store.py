"""Where snapshots lie: in a folder that holds one folder for each of them, or at an address.

What a store shows under a name is whole: a manifest appears last and is removed first. All methods raise StorageFailed,
which names the place without its secrets.
"""

import os
import shutil
import urllib.parse
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, TypeAlias

from pipeline.errors import UsageProblem
from pipeline.snapshots._address import AddressStore
from pipeline.snapshots._manifest import MANIFEST
from pipeline.snapshots._names import is_snapshot_name
from pipeline.storage import disk_errors, flush_folder, is_address, printable

REMOVED = ".removed-"
"""The prefix of a snapshot that is being removed, until its files are gone."""


_FOLDERS = {"file", "local"}
"""Kinds of addresses that are folders of this machine, where files are made private."""


class FolderStore:
    """A folder on this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def drafts(self, otherwise: Path) -> Path:  # noqa: ARG002 # a folder needs no other place
        """Return where snapshots are made: the folder itself, so that one rename publishes them."""
        return self._folder

    def where(self, name: str) -> str:
        """Return the path of a snapshot."""
        return str(self._folder / name)

    def identity(self, name: str) -> str:
        """Return the path of a snapshot from the root, without links."""
        return str((self._folder / name).resolve())

    def names(self) -> list[str]:
        """Return the names of the snapshots; none where the folder does not exist."""
        with disk_errors(self._folder, "be read"):
            paths = list(self._folder.iterdir()) if self._folder.is_dir() else []
            return sorted(path.name for path in paths if _looks_like_one(path))

    def holds(self, name: str) -> bool:
        """Return whether there is anything of this name."""
        return (self._folder / name).exists()

    def is_published(self, name: str) -> bool:
        """Return whether there is a whole snapshot of this name: a folder gets its name when it is whole."""
        return (self._folder / name).is_dir()

    def open(self, name: str, file: str) -> BinaryIO:
        """Open a file of a snapshot for reading. Raises FileNotFoundError, OSError."""
        return (self._folder / name / file).open("rb")

    def sizes(self, name: str) -> Mapping[str, int | None]:
        """Return the files of a snapshot with their sizes. Raises OSError."""
        return {path.name: path.stat().st_size for path in (self._folder / name).iterdir() if path.exists()}

    def can_remove(self, name: str) -> bool:
        """Return whether a snapshot was made by an export: not a copy that a person named, and not a link."""
        return is_snapshot_name(name) and not (self._folder / name).is_symlink()

    def put(self, name: str, contents: Path) -> None:
        """Give a folder of finished files, which are on the disk, its name."""
        with disk_errors(self._folder):
            os.rename(contents, self._folder / name)  # noqa: PTH104 - unlike Path.rename it says that it is one call
            flush_folder(self._folder)

    def remove(self, name: str) -> None:
        """Remove a snapshot: first its name, so that nobody sees it any more, then its files."""
        hidden = self._folder / f"{REMOVED}{name}"
        with disk_errors(self._folder / name, "be removed"):
            os.rename(self._folder / name, hidden)  # noqa: PTH104
            flush_folder(self._folder)
            _delete(hidden)

    def remnants(self) -> list[str]:
        """Return the names under which removals that were killed have left files."""
        with disk_errors(self._folder, "be read"):
            return sorted(path.name for path in self._folder.glob(f"{REMOVED}*"))

    def tidy(self) -> list[str]:
        """Remove what earlier removals that were killed have left; return the names it had."""
        found = self.remnants()
        for name in found:
            with disk_errors(self._folder / name, "be removed"):
                _delete(self._folder / name)
        return found


Store: TypeAlias = FolderStore | AddressStore


def open_store(place: str | Path) -> Store:
    """Return the store at a path or an address. Raises UsageProblem for an address that cannot be used."""
    text = str(place)
    if not is_address(text):
        return FolderStore(Path(place))
    if text.partition("://")[0].lower() in _FOLDERS:
        return FolderStore(_folder_of(text))
    return AddressStore(text)


def _folder_of(address: str) -> Path:
    """Return the folder of a file:// address. One that would be another folder than it looks like is refused."""
    parts = urllib.parse.urlsplit(address)
    if parts.netloc not in ("", "localhost") or parts.query or parts.fragment:
        raise UsageProblem(
            f"{printable(address)} is not the address of a folder on this machine: after the two slashes comes the name"
            " of a machine. Nothing was written.",
            advice=f"Give the folder as a path, such as {printable(address).partition('://')[2]}, or from the root with"
            " three slashes: file:///srv/backups.",
        )
    path = urllib.parse.unquote(parts.path)
    # On Windows a slash stands before the drive: file:///C:/backups.
    return Path(path.removeprefix("/") if os.name == "nt" else path)


def _delete(path: Path) -> None:
    """Remove a folder with its files; of a link, the link. Raises OSError."""
    if path.is_symlink():
        path.unlink()
    else:
        shutil.rmtree(path)


def _looks_like_one(path: Path) -> bool:
    if path.name.startswith(".") or not path.is_dir():
        return False
    # A folder that may not be entered (lost+found) is nobody's snapshot, and no reason to stop.
    return is_snapshot_name(path.name) or os.path.exists(path / MANIFEST)  # noqa: PTH110 - Path.exists raises there
