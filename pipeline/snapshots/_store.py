"""Where snapshots lie: a folder that holds one folder for each of them."""

import os
import shutil
import urllib.parse
import urllib.request
from pathlib import Path
from typing import BinaryIO, Protocol

from pipeline.addresses import is_address
from pipeline.snapshots._address import AddressStore
from pipeline.snapshots._disk import disk_errors, flush_folder
from pipeline.snapshots._manifest import MANIFEST
from pipeline.snapshots._names import is_snapshot_name

REMOVED = ".removed-"
"""What a snapshot is called from the moment it is given up until its files are gone."""


class Store(Protocol):
    """A place for snapshots. What it shows under a name is whole: a manifest appears last and goes first.

    All methods raise StorageFailed, which names the place without its secrets.
    """

    def drafts(self, otherwise: Path) -> Path:
        """Return the local folder where snapshots for this place are made; `otherwise` where it is not local."""
        ...

    def where(self, name: str) -> str:
        """Return a snapshot's place as a person would write it."""
        ...

    def names(self) -> list[str]:
        """Return the names of the snapshots, the newest first."""
        ...

    def holds(self, name: str) -> bool:
        """Return whether there is anything of this name, finished or not."""
        ...

    def is_published(self, name: str) -> bool:
        """Return whether there is a snapshot of this name."""
        ...

    def open(self, name: str, file: str) -> BinaryIO:
        """Open a file of a snapshot for reading. Raises FileNotFoundError, OSError."""
        ...

    def put(self, name: str, contents: Path) -> None:
        """Make a folder of finished files a snapshot. The files may be moved; nobody sees it before it is whole."""
        ...

    def remove(self, name: str) -> None:
        """Remove a snapshot; from its first moment on nobody sees it any more."""
        ...

    def tidy(self) -> None:
        """Remove what earlier removals that were killed have left."""
        ...


class FolderStore:
    """A folder on this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def drafts(self, otherwise: Path) -> Path:  # noqa: ARG002 # a folder needs no other place
        """Return the folder itself: from there a finished snapshot gets its name by one rename."""
        return self._folder

    def where(self, name: str) -> str:
        """Return the path of a snapshot."""
        return str(self._folder / name)

    def names(self) -> list[str]:
        """Return the names of the snapshots, the newest first; none where the folder does not exist."""
        with disk_errors(self._folder, "be read"):
            paths = list(self._folder.iterdir()) if self._folder.is_dir() else []
            return sorted((path.name for path in paths if _looks_like_one(path)), reverse=True)

    def holds(self, name: str) -> bool:
        """Return whether there is anything of this name."""
        return (self._folder / name).exists()

    def is_published(self, name: str) -> bool:
        """Return whether there is a folder of this name; it got it when it was whole."""
        return (self._folder / name).is_dir()

    def open(self, name: str, file: str) -> BinaryIO:
        """Open a file of a snapshot for reading. Raises FileNotFoundError, OSError."""
        return (self._folder / name / file).open("rb")

    def put(self, name: str, contents: Path) -> None:
        """Give a folder of finished files, which are on the disk, its name."""
        with disk_errors(self._folder):
            os.rename(contents, self._folder / name)  # noqa: PTH104 - unlike Path.rename it says that it is one call
            flush_folder(self._folder)

    def remove(self, name: str) -> None:
        """Take the name from a snapshot, then remove its files."""
        hidden = self._folder / f"{REMOVED}{name}"
        with disk_errors(self._folder / name, "be removed"):
            os.rename(self._folder / name, hidden)  # noqa: PTH104
            flush_folder(self._folder)
            shutil.rmtree(hidden)

    def tidy(self) -> None:
        """Remove what earlier removals that were killed have left."""
        with disk_errors(self._folder, "be tidied"):
            for left in self._folder.glob(f"{REMOVED}*"):
                shutil.rmtree(left)


def open_store(place: str | Path) -> Store:
    """Return the store at a path or an address. Raises UsageProblem for an address that cannot be used."""
    text = str(place)
    if not is_address(text):
        return FolderStore(Path(place))
    if text.startswith("file://"):
        return FolderStore(Path(urllib.request.url2pathname(urllib.parse.urlsplit(text).path)))
    return AddressStore(text)


def _looks_like_one(path: Path) -> bool:
    if path.name.startswith(".") or not path.is_dir():
        return False
    return is_snapshot_name(path.name) or (path / MANIFEST).exists()
