"""Who said no before the account had a contact: remembered, so that an import which makes the contact opts it out.

A row that is not imported (rejected, or left out) may say opted out for a phone that nobody has yet. Nothing can be
written for it, and the next file may no longer say it. So it is kept here for the account: a hash of the phone, when it
was said, in which run, and at which line. It is kept for good: nothing but an opt-in that is allowed takes back a no.
"""

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.errors import StorageFailed

_SCHEMA = """
CREATE TABLE IF NOT EXISTS opt_outs (
    phone TEXT PRIMARY KEY,
    said TEXT NOT NULL,
    run TEXT NOT NULL,
    line INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class KeptOptOut:
    """When it was said (ISO 8601), in which run, and at which line of its file."""

    said: str
    run: str
    line: int


class KeptOptOuts:
    """The opt-outs of people whom an account has no contact for. With `path` None none is known or remembered.

    Every method raises StorageFailed when the disk refuses or the file is damaged: to go on without it could make a
    contact textable who said no.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._db: sqlite3.Connection | None = None

    def recall(self, phone: str) -> KeptOptOut | None:
        """Return what is known of a phone, or None."""
        with self._storage():
            db = self._opened(create=False)
            found = (
                db and db.execute("SELECT said, run, line FROM opt_outs WHERE phone = ?", (_digest(phone),)).fetchone()
            )
        return KeptOptOut(*found) if found else None

    def keep(self, run: str, said: Iterable[tuple[str, int]]) -> None:
        """Remember phones, with the lines that said so; the first time counts. On disk when this returns."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        rows = [(_digest(phone), now, run, line) for phone, line in said]
        if not rows:
            return
        with self._storage():
            db = self._opened(create=True)
            if db:
                with db:
                    db.executemany("INSERT OR IGNORE INTO opt_outs VALUES (?, ?, ?, ?)", rows)

    def close(self) -> None:
        """Close the file; it is opened again when it is needed."""
        if self._db:
            self._db.close()
            self._db = None

    def _opened(self, *, create: bool) -> sqlite3.Connection | None:
        if self._db or self._path is None or not (create or self._path.exists()):
            return self._db
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path.touch(mode=0o600)
        db = sqlite3.connect(self._path)
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(_SCHEMA)
        except sqlite3.Error:
            db.close()
            raise
        self._db = db
        return db

    @contextlib.contextmanager
    def _storage(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StorageFailed(
                f"{self._path}, which remembers who said no before there was a contact, refused: {error}.",
                advice="Make room or mend the permissions. If it is damaged, move it away; opt-outs that only it knows"
                " are then lost, so look through the reject files of earlier runs.",
            ) from error


def _digest(phone: str) -> str:
    return hashlib.sha256(phone.encode()).hexdigest()[:32]
