"""Where the budget that processes share is kept: one small value for each account, changed by one at a time."""

import contextlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

import anyio.to_thread

T = TypeVar("T")

Turn = Callable[[bytes, float], tuple[bytes, T]]
"""Gets the stored value (b"": none yet) and the store's time in seconds; returns the new value and a result."""

BUSY_SECONDS = 1.0
"""How long another process may hold the file before the store counts as unusable."""


class StoreUnusable(Exception):
    """The store cannot be used at the moment; the text is a reason for the middle of a sentence, without secrets."""


class BudgetStore(Protocol):
    """Keeps one value. Every change is atomic among all that use the store."""

    async def change(self, turn: Turn[T]) -> T:
        """Store the value that `turn` makes and return its result; `turn` may be called more than once.

        Raises StoreUnusable; it is then unknown whether the value was stored.
        """
        ...

    async def aclose(self) -> None:
        """Close files and connections."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where the budget of `account` (its key) is kept: in a file of `folder`, or by `server` (a Redis URL)."""

    account: str
    folder: Path
    server: str = field(default="", repr=False)


class SqliteStore:
    """A value in a small SQLite file, shared by the processes of one machine.

    The file is opened with the first change. A killed process cannot leave it half-written or locked.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._clock = clock
        self._database: sqlite3.Connection | None = None

    async def change(self, turn: Turn[T]) -> T:
        """See BudgetStore."""
        return await anyio.to_thread.run_sync(self.change_now, turn)

    async def aclose(self) -> None:
        """See BudgetStore."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def change_now(self, turn: Turn[T]) -> T:
        """Do what `change` does, in this thread."""
        try:
            if self._database is None:
                self._database = self._open()
            with self._transaction(self._database) as database:
                row = database.execute("SELECT content FROM budget WHERE id = 1").fetchone()
                content, result = turn(bytes(row[0]) if row else b"", self._clock())
                database.execute("REPLACE INTO budget (id, content) VALUES (1, ?)", (content,))
                return result
        except (sqlite3.Error, OSError, TypeError) as error:
            raise StoreUnusable(f"{self._path} cannot be used ({error})") from error

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        database = sqlite3.connect(
            self._path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=8
        )
        try:
            _use_wal(database)
            # A power cut may lose the last second, which is of no use then; it cannot damage the file.
            database.execute("PRAGMA synchronous = NORMAL")
            database.execute(
                "CREATE TABLE IF NOT EXISTS budget (id INTEGER PRIMARY KEY CHECK (id = 1), content BLOB NOT NULL)"
            )
        except BaseException:
            database.close()
            raise
        return database

    @contextlib.contextmanager
    def _transaction(self, database: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
        database.execute("BEGIN IMMEDIATE")
        try:
            yield database
        except BaseException:
            database.execute("ROLLBACK")
            raise
        database.execute("COMMIT")


def _use_wal(database: sqlite3.Connection) -> None:
    """Switch to write-ahead logging. SQLite does not wait while another process does the same, so this tries again."""
    give_up_at = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            database.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(0.01)
        else:
            return
