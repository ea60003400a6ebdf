"""The file of a draft: what is known of the export, and how it is kept on the disk."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path

from pipeline import jsontext
from pipeline.models import Json
from pipeline.snapshots._disk import disk_errors

WORK_FILE = "draft.sqlite"

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE contacts (
    id INTEGER PRIMARY KEY, rev INTEGER NOT NULL, updated INTEGER NOT NULL, created TEXT NOT NULL, raw BLOB NOT NULL
) STRICT;
CREATE TABLE consents (id INTEGER PRIMARY KEY, is_opted_out INTEGER) STRICT;
CREATE TABLE deleted (id INTEGER PRIMARY KEY, raw BLOB NOT NULL) STRICT;
"""


class DraftFile:
    """An open draft. A method that changes something has committed to disk when it returns; all raise StorageFailed."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self._path = folder / WORK_FILE
        self._db = connection

    def note(self, **facts: Json) -> None:
        """Remember facts about the export; a known key is replaced."""
        with disk_errors(self._path), self._db:
            self._note(facts)

    def fact(self, key: str, default: Json = None) -> Json:
        """Return a fact, or `default` when it is not known."""
        with disk_errors(self._path, "be read"):
            found = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return default if found is None else jsontext.decode(found[0])

    def _note(self, facts: Mapping[str, Json]) -> None:
        note_facts(self._db, facts)


def note_facts(connection: sqlite3.Connection, facts: Mapping[str, Json]) -> None:
    """Write facts without ending the transaction."""
    rows = [(key, jsontext.encode(value).decode()) for key, value in facts.items()]
    connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)


def connect(path: Path) -> sqlite3.Connection:
    """Open or make the file. Raises sqlite3.Error."""
    # A page is saved by another thread while the next one is asked for; nobody else uses it meanwhile.
    connection = sqlite3.connect(path, check_same_thread=False)
    # One process at a time, so the log needs no shared memory, which network drives do not have; and one wait for the
    # disk a page instead of three.
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection
