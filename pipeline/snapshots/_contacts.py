"""The contacts of a snapshot, searched as the service would be: offline, with an index on disk."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from pipeline.errors import InputError
from pipeline.models import Page, PageRequest, Record
from pipeline.snapshots._compose import composed, consents_of
from pipeline.snapshots._snapshot import Snapshot, open_snapshot
from pipeline.snapshots._writers import CONTACTS
from pipeline.wire import read_stored

_PIECE = 1_000
_PAGE = 30


class SnapshotContacts:
    """The contacts of one snapshot. Call `load` before anything is searched.

    `searches` counts the requests that an account would have got. Raises InputError for a damaged snapshot.
    """

    def __init__(self, path: Snapshot | str | Path) -> None:
        self._snapshot = path if isinstance(path, Snapshot) else open_snapshot(path)
        self.searches = 0
        self.manifest = self._snapshot.manifest
        self.fields = self._snapshot.fields()
        self._consents = consents_of(self._snapshot)
        # An empty name gives a private temporary database of SQLite, which moves to disk when it grows.
        self._db = sqlite3.connect("")
        self._db.execute(
            "CREATE TABLE contacts"
            " (id INTEGER PRIMARY KEY, phone TEXT NOT NULL, email TEXT NOT NULL, raw BLOB NOT NULL)"
        )

    def close(self) -> None:
        """Drop the index."""
        self._db.close()

    def check_account(self, key: str) -> None:
        """Raise InputError unless the account in the manifest is this one."""
        if f"({key[:8]})" not in self.manifest.account:
            raise InputError(
                f"The snapshot {self._snapshot.where} is of another account, or was made with another credential."
                " Nothing was sent.",
                advice="Give a snapshot of the account that the settings and credentials are for.",
            )

    def load(self, advance: Callable[[int], None]) -> None:
        """Index the contacts; `advance` is called with how many more are done. Raises InputError for a damaged file."""
        try:
            records = map(read_stored, composed(self._snapshot))
            while piece := list(islice(records, _PIECE)):
                rows = [(record.id, record.phone, record.email.strip().casefold(), record.raw) for record in piece]
                self._db.executemany("INSERT INTO contacts VALUES (?, ?, ?, ?)", rows)
                advance(len(piece))
            self._db.execute("CREATE INDEX contacts_by_phone ON contacts (phone)")
            self._db.execute("CREATE INDEX contacts_by_email ON contacts (email)")
        except (ValueError, sqlite3.Error) as error:
            raise self._snapshot.unusable(f"{CONTACTS} cannot be read: {error}") from error

    async def search_by_phone(self, phones: Sequence[str]) -> list[Record]:
        """Return the contacts that have any of these phones."""
        self.searches += 1
        found = self._db.execute(
            "SELECT raw FROM contacts WHERE phone IN (SELECT value FROM json_each(?)) ORDER BY id",
            (json.dumps(list(phones)),),
        )
        return list(_read(found))

    async def search_by_email(self, emails: Sequence[str]) -> list[Record]:
        """Return the contacts that have any of these addresses."""
        self.searches += 1
        folded = [email.strip().casefold() for email in emails]
        found = self._db.execute(
            "SELECT raw FROM contacts WHERE email IN (SELECT value FROM json_each(?)) ORDER BY id",
            (json.dumps(folded),),
        )
        return list(_read(found))

    async def list_contacts(self, request: PageRequest) -> Page[Record]:
        """Return the first page."""
        self.searches += 1
        return Page(request, tuple(_read(self._db.execute("SELECT raw FROM contacts ORDER BY id LIMIT ?", (_PAGE,)))))

    async def get_opt_out(self, contact_id: int) -> bool | None:
        """Return the opt-out status that the export asked for, or None when it did not ask."""
        self.searches += 1
        return self._consents.get(contact_id)


def _read(rows: sqlite3.Cursor) -> Iterator[Record]:
    for (raw,) in rows:
        yield read_stored(raw)
