"""Private files that are flushed to the disk, and disk errors as sentences."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import StorageFailed

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600


@contextlib.contextmanager
def disk_errors(path: Path, action: str = "be written") -> Iterator[None]:
    """Turn a disk error (full, read-only, no permission) into StorageFailed that names `path`."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise StorageFailed(
            f"{path} cannot {action}: {reason}. Earlier snapshots are untouched.",
            advice="Make room, mend the permissions, or set paths.snapshots to another folder; then run the same "
            "command again: an export that was begun goes on where it stopped.",
        ) from error


def make_private_folder(path: Path) -> None:
    """Make a folder that only its owner may enter, whatever the umask says. Raises OSError."""
    path.mkdir(mode=PRIVATE_FOLDER)
    path.chmod(PRIVATE_FOLDER)


def make_private_file(path: Path) -> None:
    """Make an empty file (or empty an existing one) that only its owner may read. Raises OSError."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE))
    path.chmod(PRIVATE_FILE)


def flush_file(path: Path) -> None:
    """Wait until the contents of a file are on the disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk, where the system supports that. Raises OSError."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
