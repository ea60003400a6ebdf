"""The file of a draft: what is known of the export, and how it is kept on the disk."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path

from pipeline import jsontext
from pipeline.models import Json
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


class DraftFile:
    """An open draft. A method that changes something has committed when it returns; all raise StorageFailed."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self._path = folder / WORK_FILE
        self._db = connection

    def note(self, **facts: Json) -> None:
        """Remember facts about the export; a known key is replaced."""
        self._wait_for_disk(True)
        with disk_errors(self._path), self._db:
            self._note(facts)

    def fact(self, key: str, default: Json = None) -> Json:
        """Return a fact, or `default` when it is not known."""
        with disk_errors(self._path, "be read"):
            found = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return default if found is None else jsontext.decode(found[0])

    def _wait_for_disk(self, wait: bool) -> None:
        """Say whether what is committed from now on must outlive a power cut, and not only this process.

        Without, a power cut takes the last pages together with the cursor that stood behind them: they are read again.
        """
        self._db.execute(f"PRAGMA synchronous = {'FULL' if wait else 'NORMAL'}")

    def _note(self, facts: Mapping[str, Json]) -> None:
        note_facts(self._db, facts)


def note_facts(connection: sqlite3.Connection, facts: Mapping[str, Json]) -> None:
    """Write facts without ending the transaction."""
    rows = [(key, jsontext.encode(value).decode()) for key, value in facts.items()]
    connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)


def connect(path: Path) -> sqlite3.Connection:
    """Open or make the file. Raises sqlite3.Error."""
    connection = sqlite3.connect(path)
    # One process at a time, so the log needs no shared memory, which network drives do not have.
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection
