"""The draft of a snapshot: a SQLite file in a hidden folder, where every page is saved together with the cursor."""

import re
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pipeline import jsontext
from pipeline.errors import StorageFailed
from pipeline.models import CustomField, Json, Record
from pipeline.snapshots._disk import disk_errors, make_private_file, make_private_folder

FORMAT = "1"
HIDDEN = ".unfinished-"
WORK_FILE = "draft.sqlite"
CONTENTS = "snapshot"
"""The folder inside the hidden one that becomes the snapshot."""

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE contacts (
    id INTEGER PRIMARY KEY, rev INTEGER NOT NULL, updated INTEGER NOT NULL, created TEXT NOT NULL, raw BLOB NOT NULL
) STRICT;
"""

# The highest rev wins; where the server shows none, the later `updated`; of equals the one that was read last.
_SAVE = """
INSERT INTO contacts VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE
SET rev = excluded.rev, updated = excluded.updated, created = excluded.created, raw = excluded.raw
WHERE (excluded.rev, excluded.updated) >= (contacts.rev, contacts.updated)
"""


class Draft:
    """A snapshot on its way. Invariant: the saved cursor never runs ahead of the saved contacts.

    A method that changes something has committed to disk when it returns. All raise StorageFailed.
    """

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self._path = folder / WORK_FILE
        self._db = connection
        self._custom = set(self.fact("custom_ids", []))
        self._shows_opt_out = bool(self.fact("shows_opt_out", default=False))

    @classmethod
    def create(cls, snapshots: Path, account: str, host: str) -> "Draft":
        """Begin a snapshot in the folder `snapshots`, which is made when it is not there."""
        started = datetime.now(UTC)
        with disk_errors(snapshots, "be used for a snapshot"):
            if not snapshots.exists():
                snapshots.mkdir(parents=True, mode=0o700)
            folder = snapshots / f"{HIDDEN}{_free_name(snapshots, f'{started:%Y%m%dT%H%M%SZ}-full')}"
            make_private_folder(folder)
            make_private_file(folder / WORK_FILE)
            connection = _connect(folder / WORK_FILE)
            connection.executescript(_SCHEMA)
            draft = cls(folder, connection)
        draft.note(format=FORMAT, account=account, host=host, started=started.isoformat(timespec="seconds"))
        return draft

    @classmethod
    def open(cls, folder: Path) -> "Draft":
        """Open a draft that was begun earlier. Raises StorageFailed when it cannot be read."""
        with disk_errors(folder / WORK_FILE, "be read"):
            if not (folder / WORK_FILE).is_file():
                raise FileNotFoundError("there is no such file")
            return cls(folder, _connect(folder / WORK_FILE))

    @property
    def name(self) -> str:
        """The name that the snapshot will have."""
        return self.folder.name.removeprefix(HIDDEN)

    @property
    def contents(self) -> Path:
        """The folder where the files of the snapshot are built."""
        return self.folder / CONTENTS

    @property
    def contacts(self) -> int:
        """How many contacts are saved."""
        with disk_errors(self._path, "be read"):
            return int(self._db.execute("SELECT count(*) FROM contacts").fetchone()[0])

    @property
    def custom_ids(self) -> list[str]:
        """The keys of custom values that contacts have, in numeric order where they are numbers."""
        return sorted(self._custom, key=lambda key: (not key.isdecimal(), int(key) if key.isdecimal() else 0, key))

    @property
    def shows_opt_out(self) -> bool:
        """Whether any contact shows `is_opted_out`."""
        return self._shows_opt_out

    def close(self) -> None:
        """Close the file; the draft stays on disk, to be continued."""
        self._db.close()

    def discard(self) -> None:
        """Remove the draft with everything in it."""
        self.close()
        with disk_errors(self.folder, "be removed"):
            shutil.rmtree(self.folder)

    def note(self, **facts: Json) -> None:
        """Remember facts about the export; a known key is replaced."""
        with disk_errors(self._path), self._db:
            self._note(facts)

    def fact(self, key: str, default: Json = None) -> Json:
        """Return a fact, or `default` when it is not known."""
        with disk_errors(self._path, "be read"):
            found = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return default if found is None else jsontext.decode(found[0])

    def save(self, records: Sequence[Record], **facts: Json) -> None:
        """Save a page of contacts, and facts such as the state of the walk after it, in one transaction."""
        custom = {key for record in records for key in record.custom} - self._custom
        shows = self._shows_opt_out or any(record.is_opted_out is not None for record in records)
        if custom:
            facts["custom_ids"] = sorted(self._custom | custom)
        if shows != self._shows_opt_out:
            facts["shows_opt_out"] = True
        with disk_errors(self._path), self._db:
            self._db.executemany(_SAVE, map(_columns, records))
            self._note(facts)
        self._custom |= custom
        self._shows_opt_out = shows

    def set_fields(self, fields: Iterable[CustomField]) -> None:
        """Remember the custom fields of the account."""
        self.note(fields=[{"id": each.id, "title": each.title} for each in fields])

    @property
    def fields(self) -> tuple[CustomField, ...]:
        """The custom fields of the account."""
        return tuple(CustomField(each["id"], each["title"]) for each in self.fact("fields", []))

    def ids(self) -> set[int]:
        """Return the ids of all saved contacts."""
        with disk_errors(self._path, "be read"):
            return {row[0] for row in self._db.execute("SELECT id FROM contacts")}

    def raw_contacts(self) -> Iterator[bytes]:
        """Yield the contacts as the server sent them, sorted by id."""
        with disk_errors(self._path, "be read"):
            for row in self._db.execute("SELECT raw FROM contacts ORDER BY id"):
                yield row[0]

    def created_stamps(self) -> Iterator[str]:
        """Yield `created` of every contact."""
        with disk_errors(self._path, "be read"):
            for row in self._db.execute("SELECT created FROM contacts"):
                yield row[0]

    def _note(self, facts: dict[str, Json]) -> None:
        rows = [(key, jsontext.encode(value).decode()) for key, value in facts.items()]
        self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)


def find_unfinished(snapshots: Path, account: str, host: str) -> Draft | None:
    """Return the newest draft of this account and host, or None.

    What a kill between publishing and tidying left behind is removed. Call it with the account's lock held.
    """
    for folder in sorted(snapshots.glob(f"{HIDDEN}*"), reverse=True):
        draft = _open_if_ours(folder, account, host)
        if draft is None:
            continue
        target = draft.fact("target")
        if target is None or draft.contents.exists():
            return draft
        if (snapshots / target).exists():
            draft.discard()
        else:
            return draft
    return None


def _open_if_ours(folder: Path, account: str, host: str) -> Draft | None:
    try:
        draft = Draft.open(folder)
    except StorageFailed:
        # Begun a moment before a kill, or damaged: it must not stand in the way of a new export.
        return None
    ours = (FORMAT, account, host)
    if (draft.fact("format"), draft.fact("account"), draft.fact("host")) == ours:
        return draft
    draft.close()
    return None


def _free_name(snapshots: Path, name: str) -> str:
    """Return `name`, or with -2, -3... when a snapshot or draft of that name is there already."""
    candidate, number = name, 1
    while (snapshots / candidate).exists() or (snapshots / f"{HIDDEN}{candidate}").exists():
        number += 1
        candidate = f"{name}-{number}"
    return candidate


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _columns(record: Record) -> tuple[int, int, int, str, bytes]:
    rev = -1 if record.rev is None else record.rev
    return (record.id, rev, _ticks(record.updated), record.created, record.raw)


def _ticks(stamp: str) -> int:
    """Return a whole number that grows with a stamp: nanoseconds since 1970; 0 for a text that is no time stamp."""
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError:
        return 0
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    fraction = re.search(r"\.(\d+)", stamp)
    nanoseconds = int(fraction[1][:9].ljust(9, "0")) if fraction else 0
    return int(aware.replace(microsecond=0).timestamp()) * 10**9 + nanoseconds
