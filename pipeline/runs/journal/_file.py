"""The SQLite file of a journal: its tables and its transactions."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from pipeline.errors import StorageFailed

FORMAT = 3

_OPT_OUTS = """
CREATE TABLE opt_outs (
    seq INTEGER PRIMARY KEY,
    source INTEGER NOT NULL,
    line INTEGER NOT NULL,
    phone INTEGER NOT NULL,
    wanted TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'begun', 'settled')),
    outcome TEXT,
    code TEXT NOT NULL DEFAULT '',
    column_name TEXT NOT NULL DEFAULT '',
    value TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    contact_id INTEGER,
    notes TEXT NOT NULL DEFAULT '[]',
    CHECK ((state = 'settled') = (outcome IS NOT NULL))
) STRICT;
CREATE INDEX opt_outs_by_phone ON opt_outs (phone, seq);
"""
"""The columns that a row of `rows` has for its way, so that both go the same way (_rows.py)."""

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE rows (
    seq INTEGER PRIMARY KEY,
    source INTEGER NOT NULL,
    line INTEGER NOT NULL,
    cells TEXT NOT NULL,
    phone INTEGER,
    wanted TEXT,
    state TEXT NOT NULL CHECK (state IN ('pending', 'begun', 'settled')),
    outcome TEXT,
    code TEXT NOT NULL DEFAULT '',
    column_name TEXT NOT NULL DEFAULT '',
    value TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    contact_id INTEGER,
    notes TEXT NOT NULL DEFAULT '[]',
    CHECK ((state = 'settled') = (outcome IS NOT NULL))
) STRICT;
CREATE INDEX rows_open ON rows (seq) WHERE state <> 'settled';
CREATE TABLE writes (
    id INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    contact_id INTEGER,
    overwrite INTEGER NOT NULL,
    body TEXT NOT NULL,
    before TEXT,
    fields TEXT NOT NULL,
    began REAL NOT NULL,
    answered REAL,
    rev INTEGER,
    uuid TEXT,
    request_id TEXT,
    confirmed_rev INTEGER
) STRICT;
CREATE INDEX writes_by_row ON writes (seq, id);
CREATE TABLE removed (
    contact_id INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL,
    record TEXT NOT NULL,
    moment REAL NOT NULL
) STRICT;
CREATE TABLE list_adds (
    list_id INTEGER NOT NULL,
    contact_id INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('begun', 'added', 'refused', 'known')),
    PRIMARY KEY (list_id, contact_id)
) STRICT;
CREATE TABLE channel_adds (
    seq INTEGER NOT NULL REFERENCES rows (seq),
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    state TEXT NOT NULL CHECK (
        state IN (
            'begun', 'added', 'held', 'known', 'removed', 'refused', 'ignored', 'unproved', 'unknown', 'needs_uuid'
        )
    ),
    PRIMARY KEY (seq, kind, value)
) STRICT;
CREATE TABLE pulses (
    attempt INTEGER NOT NULL,
    moment REAL NOT NULL,
    requests INTEGER NOT NULL,
    rate_limited INTEGER NOT NULL,
    retries INTEGER NOT NULL,
    settled INTEGER NOT NULL,
    waited REAL NOT NULL
) STRICT;
"""


_BLOCKS = """
CREATE TABLE blocks (
    seq INTEGER PRIMARY KEY,
    contact_id INTEGER NOT NULL,
    wanted INTEGER NOT NULL,
    was INTEGER,
    state TEXT NOT NULL CHECK (state IN ('begun', 'set', 'held', 'kept', 'refused', 'ignored', 'unproved'))
) STRICT;
"""

_DROPS = """
CREATE TABLE channel_drops (
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    held TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('begun', 'dropped', 'gone', 'kept')),
    PRIMARY KEY (seq, kind)
) STRICT;
"""

_LATER = {"opt_outs": _OPT_OUTS, "blocks": _BLOCKS, "channel_drops": _DROPS}
"""Tables that journals of this format had not from the first."""


class JournalFormatUnknown(StorageFailed):
    """A journal that another version wrote. `found` is its format."""

    def __init__(self, path: Path, found: str) -> None:
        self.found = found
        age = "an earlier" if found.isdigit() and int(found) < FORMAT else "another"
        super().__init__(
            f"The run {path.parent.name} was written by {age} version of hmpipe (journal format {found or 'unknown'});"
            f" this version reads format {FORMAT}. Nothing was done.",
            advice="Use the version that wrote it to look at it, continue or undo it; its summary.json and rejects.csv"
            " can be read as they are. When it is no longer needed, remove its folder by hand.",
        )


class JournalFile:
    """The open database of a journal. Its errors, and those of its disk, are StorageFailed."""

    def __init__(self, connection: sqlite3.Connection, where: str) -> None:
        self.db = connection
        self._where = where
        # As _connect leaves it.
        self._waits_for_disk = True

    @classmethod
    def create(cls, path: Path | None) -> Self:
        """Start a journal at `path` (its folder must exist), or a private one that vanishes with the process."""
        where = str(path) if path else "a temporary journal"
        with _storage(where):
            connection = _connect(path)
            connection.executescript(_SCHEMA + "".join(_LATER.values()))
            connection.execute("INSERT INTO meta VALUES ('format', ?)", (str(FORMAT),))
        return cls(connection, where)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the journal of an earlier run. Raises StorageFailed when it is none, or of another format."""
        if not path.is_file():
            raise StorageFailed(f"{path} does not exist.", advice="Run 'hmpipe runs list' to see the runs there are.")
        with _storage(str(path)):
            file = cls(_connect(path), str(path))
            found = file.meta().get("format", "")
        if found != str(FORMAT):
            file.db.close()
            raise JournalFormatUnknown(path, found)
        with _storage(str(path)):
            _add_later_tables(file.db)
        return file

    def meta(self) -> dict[str, str]:
        """Return the table of facts, as texts."""
        with self.reading() as db:
            return dict(db.execute("SELECT key, value FROM meta"))

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Read from the database."""
        with _storage(self._where):
            yield self.db

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Change the database: all of it or nothing, on disk at the end."""
        with _storage(self._where):
            self._wait_for_disk(True)
            with self.db:
                self.db.execute("BEGIN IMMEDIATE")
                yield self.db

    @contextlib.contextmanager
    def statement(self) -> Iterator[sqlite3.Connection]:
        """Make one change that a killed process does not lose, but a power cut may."""
        with _storage(self._where):
            self._wait_for_disk(False)
            yield self.db

    def _wait_for_disk(self, waits: bool) -> None:
        if waits is not self._waits_for_disk:
            self.db.execute(f"PRAGMA synchronous = {'FULL' if waits else 'NORMAL'}")
            self._waits_for_disk = waits


def _connect(path: Path | None) -> sqlite3.Connection:
    # An empty name gives SQLite's own private temporary database: it spills to disk only when it grows.
    connection = sqlite3.connect(str(path) if path else "", isolation_level=None)
    if path:
        path.chmod(0o600)
        connection.execute("PRAGMA journal_mode = WAL")
        # FULL, so that a power cut cannot take back a write that was begun: its request may have left.
        connection.execute("PRAGMA synchronous = FULL")
    return connection


def _add_later_tables(connection: sqlite3.Connection) -> None:
    """Give a journal the tables of later versions, empty: beside the file, where that cannot be written."""
    for name, schema in _LATER.items():
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)).fetchone():
            continue
        try:
            connection.executescript(f"BEGIN IMMEDIATE; {schema} COMMIT;")
        except sqlite3.OperationalError:
            connection.rollback()
            connection.executescript(
                schema.replace("CREATE TABLE", "CREATE TEMP TABLE").replace("INDEX ", "INDEX temp.")
            )


@contextlib.contextmanager
def _storage(where: str) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StorageFailed(
            f"{where}: the disk or file refused: {error}. Nothing was sent that could not be recorded.",
            advice="Make room or mend the permissions, then run the same command again: it goes on where it stopped.",
        ) from error


def storable(text: str) -> str:
    """Return a JSON text that SQLite can hold: halves of characters (bytes that do not decode) as JSON escapes."""
    return text.encode("utf-8", "backslashreplace").decode()
