"""Where snapshots lie: a folder that holds one folder for each of them."""

from pathlib import Path
from typing import BinaryIO, Protocol

from pipeline.snapshots._disk import disk_errors
from pipeline.snapshots._manifest import MANIFEST


class Store(Protocol):
    """A place for snapshots. What it shows under a name is whole: a manifest appears last and goes first."""

    def where(self, name: str) -> str:
        """Return a snapshot's place as a person would write it."""
        ...

    def names(self) -> list[str]:
        """Return the names of the snapshots, the newest first. Raises StorageFailed."""
        ...

    def exists(self, name: str) -> bool:
        """Return whether there is anything of this name. Raises StorageFailed."""
        ...

    def open(self, name: str, file: str) -> BinaryIO:
        """Open a file of a snapshot for reading. Raises FileNotFoundError, OSError."""
        ...


class FolderStore:
    """A folder on this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def where(self, name: str) -> str:
        """Return the path of a snapshot."""
        return str(self._folder / name)

    def names(self) -> list[str]:
        """Return the names of the snapshots, the newest first; none where the folder does not exist."""
        with disk_errors(self._folder, "be read"):
            paths = list(self._folder.iterdir()) if self._folder.is_dir() else []
            return sorted((path.name for path in paths if _looks_like_one(path)), reverse=True)

    def exists(self, name: str) -> bool:
        """Return whether there is a folder of this name."""
        return (self._folder / name).is_dir()

    def open(self, name: str, file: str) -> BinaryIO:
        """Open a file of a snapshot for reading. Raises FileNotFoundError, OSError."""
        return (self._folder / name / file).open("rb")


def _looks_like_one(path: Path) -> bool:
    named = path.name[:1].isdigit() and path.name.partition("-")[2].startswith(("full", "delta"))
    return path.is_dir() and not path.name.startswith(".") and (named or (path / MANIFEST).exists())
