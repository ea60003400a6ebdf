"""The file of a draft: what is known of the export, and how it is kept on the disk."""

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipeline import jsontext
from pipeline.errors import StorageFailed
from pipeline.snapshots._draftfacts import DraftFacts, changed_facts, read_facts
from pipeline.storage import disk_errors

WORK_FILE = "draft.sqlite"

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE contacts (
    id INTEGER PRIMARY KEY, rev INTEGER NOT NULL, updated INTEGER NOT NULL, created TEXT NOT NULL, raw BLOB NOT NULL
) STRICT;
CREATE TABLE consents (id INTEGER PRIMARY KEY, is_opted_out INTEGER) STRICT;
CREATE TABLE deleted (id INTEGER PRIMARY KEY, raw BLOB NOT NULL) STRICT;
"""

DETAILS = """
CREATE TABLE IF NOT EXISTS details (
    id INTEGER PRIMARY KEY, phone TEXT NOT NULL, uuid TEXT NOT NULL,
    wants INTEGER NOT NULL, asked INTEGER NOT NULL, channels TEXT, status TEXT, seen BLOB NOT NULL
) STRICT
"""
"""Drafts of earlier versions do not have it."""


class DraftFile:
    """An open draft. A method that changes something has committed when it returns; all raise StorageFailed."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self._path = folder / WORK_FILE
        self._db = connection
        with disk_errors(self._path, "be read"), connection:
            connection.execute(DETAILS)
            meta = dict(connection.execute("SELECT key, value FROM meta"))
        try:
            self._facts = read_facts(meta)
        except (jsontext.InvalidJson, TypeError) as error:
            raise StorageFailed(f"{self._path} cannot be read: {error}.") from error

    @property
    def facts(self) -> DraftFacts:
        """What is known of the export beside the contacts."""
        return self._facts

    def note(self, facts: DraftFacts) -> None:
        """Save what changed in the facts."""
        self._wait_for_disk(True)
        with self._noting(facts):
            pass

    @contextlib.contextmanager
    def _noting(self, facts: DraftFacts) -> Iterator[None]:
        """Save what changed in the facts in one transaction with what the block changes."""
        with disk_errors(self._path), self._db:
            yield
            write_meta(self._db, changed_facts(self._facts, facts))
        self._facts = facts

    def _wait_for_disk(self, wait: bool) -> None:
        """Say whether what is committed from now on must outlive a power cut, and not only this process.

        Without, a power cut takes the last pages together with the cursor that stood behind them: they are read again.
        """
        self._db.execute(f"PRAGMA synchronous = {'FULL' if wait else 'NORMAL'}")


def write_meta(connection: sqlite3.Connection, texts: Mapping[str, str]) -> None:
    """Write facts without ending the transaction."""
    connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", texts.items())


def connect(path: Path) -> sqlite3.Connection:
    """Open or make the file. Raises sqlite3.Error."""
    connection = sqlite3.connect(path)
    # One process at a time, so the log needs no shared memory, which network drives do not have.
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection
