"""What people have said about being texted, as far as an account's files, snapshots and service have told it.

Somebody who says no may be deleted, made anew, or opted back in by mistake; the next file may no longer say it. So each
"no" that is seen is kept here for the account, with its source and time, for good. What is said later about the same
phone is kept beside it: that it may be texted again at the service, that a file allowed it, that a person released it.
Phones stand here as they are, because lists are made of them; the file is private, like the journals of runs.
"""

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pipeline.errors import StorageFailed
from pipeline.values import Struct

Word = Literal["no", "listed", "came_back", "yes", "released"]
"""What was said: `no` (do not text me), `listed` (it stands on a do-not-contact list), `came_back` (it may be texted at
the service after a no), `yes` (a file or a person allowed it again), `released` (a person took all of it back)."""

Source = Literal["row", "row_not_imported", "service", "snapshot", "list", "person"]
"""Where it was said: in a row of a file, in one that was not imported, shown by the service, in a snapshot, on a
do-not-contact list, or by a person with a command or a setting."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS said (
    id INTEGER PRIMARY KEY,
    phone TEXT NOT NULL,
    word TEXT NOT NULL,
    at TEXT NOT NULL,
    source TEXT NOT NULL,
    place TEXT NOT NULL,
    line INTEGER NOT NULL,
    why TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS said_by_phone ON said (phone);
CREATE TABLE IF NOT EXISTS exports (id INTEGER PRIMARY KEY, up_to INTEGER NOT NULL, at TEXT NOT NULL) STRICT;
"""
_HASHED = """
CREATE TABLE IF NOT EXISTS opt_outs (
    phone TEXT PRIMARY KEY, said TEXT NOT NULL, run TEXT NOT NULL, line INTEGER NOT NULL
) STRICT, WITHOUT ROWID
"""
_INSERT = "INSERT INTO said (phone, word, at, source, place, line, why) VALUES (?, ?, ?, ?, ?, ?, ?)"
_SELECT = "SELECT id, phone, word, at, source, place, line, why FROM said"

_WAITING = 500
"""So many words wait in memory at most: they can be seen again, so a killed process loses nothing for good."""


class Said(Struct, frozen=True):
    """One thing that was said about a phone (E.164 digits without the plus).

    `at` is when it was seen (ISO 8601, UTC); `place` the run, snapshot or file; `line` the line there, or 0. `number`
    counts what was said, in the order in which it was kept.
    """

    phone: str
    word: Word
    source: Source
    place: str = ""
    line: int = 0
    why: str = ""
    at: str = ""
    number: int = 0


class Standing(Struct, frozen=True):
    """What holds of a phone now: its `no`, its place on a do-not-contact list, and that it came back; else None."""

    no: Said | None = None
    listed: Said | None = None
    came_back: Said | None = None

    @property
    def is_no(self) -> bool:
        """Whether a new contact of this phone is to be made opted out."""
        return self.listed is not None or self.no is not None

    def after(self, said: Said) -> "Standing":
        """Return what holds when this was said, too."""
        match said.word:
            case "no":
                return Standing(said, self.listed)
            case "listed":
                return Standing(self.no, said, self.came_back)
            case "came_back":
                return Standing(self.no, self.listed, said)
            case "yes":
                return Standing(None, self.listed)
            case "released":
                return Standing()


class ConsentBook:
    """What is known of an account's phones. With `path` None nothing is known or kept.

    Without `learns`, what is merely seen (`see`) is not kept: a plan looks, and changes nothing.

    Every method raises StorageFailed when the disk refuses or the file is damaged: to go on without it could make a
    contact textable who said no.
    """

    def __init__(self, path: Path | None, *, learns: bool = True) -> None:
        self._path = path
        self._learns = learns
        self._db: sqlite3.Connection | None = None
        self._known: set[str] | None = None
        self._hashed: dict[str, Said] = {}
        self._waiting: dict[str, Said] = {}

    def standing(self, phone: str) -> Standing:
        """Return what holds of a phone; quick for one that nothing was said about."""
        known = self._phones()
        first = self._hashed.get(_digest(phone)) if self._hashed else None
        standing = Standing(no=first)
        if phone in known:
            for said in self._read(f"{_SELECT} WHERE phone = ? ORDER BY id", phone):
                standing = standing.after(said)
        waiting = self._waiting.get(phone)
        return standing.after(waiting) if waiting else standing

    def keep(self, words: Iterable[Said]) -> None:
        """Keep what was said, on disk when this returns. What holds already is not kept a second time."""
        fresh = [said for said in words if self._is_news(said)]
        self._write(fresh)

    def keep_hashed(self, words: Iterable[Said]) -> None:
        """Keep noes by hashes of their phones: they count all the same, and name nobody. On disk when this returns."""
        now, known = _now(), self._phones()
        fresh = [said for said in words if said.phone not in known and _digest(said.phone) not in self._hashed]
        rows = [(_digest(said.phone), said.at or now, said.place, said.line) for said in fresh]
        if not rows or self._path is None:
            return
        with self._storage():
            db = self._opened(create=True)
            if db:
                with db:
                    db.execute(_HASHED)
                    db.executemany("INSERT OR IGNORE INTO opt_outs VALUES (?, ?, ?, ?)", rows)
                self._hashed = _hashed(db)

    def see(self, said: Said) -> None:
        """Keep what can be seen again at any time, soon: it is written with others, or when the book is closed."""
        if self._learns and self._path and self._is_news(said):
            self._waiting[said.phone] = said
        if len(self._waiting) >= _WAITING:
            self.flush()

    def flush(self) -> None:
        """Write what was seen."""
        waiting, self._waiting = list(self._waiting.values()), {}
        self._write(waiting)

    def entries(self) -> Iterator[tuple[str, Standing]]:
        """Yield every phone that something holds of, in order. Those that are kept by a hash alone come last,
        under the beginning of the hash.
        """
        self.flush()
        standing, phone = Standing(), ""
        for said in self._read(f"{_SELECT} ORDER BY phone, id"):
            if said.phone != phone:
                if standing != Standing():
                    yield phone, standing
                phone, standing = said.phone, Standing(no=self._hashed.get(_digest(said.phone)))
            standing = standing.after(said)
        if standing != Standing():
            yield phone, standing
        named = {_digest(each) for each in self._phones()} if self._hashed else set()
        for digest, said in sorted(self._hashed.items()):
            if digest not in named:
                yield said.phone, Standing(no=said)

    def said_since(self, number: int) -> Iterator[Said]:
        """Yield what was said after the given number, in order."""
        self.flush()
        yield from self._read(f"{_SELECT} WHERE id > ? ORDER BY id", number)

    def said_in(self, place: str) -> Iterator[Said]:
        """Yield what a run, a snapshot or a file said, in order."""
        self.flush()
        yield from self._read(f"{_SELECT} WHERE place = ? ORDER BY id", place)

    def forget(self, phones: Iterable[str]) -> None:
        """Drop everything that was said about phones: their people were forgotten, and nothing makes them anew."""
        self.flush()
        with self._storage():
            db = self._opened(create=False)
            if db:
                rows = [(phone,) for phone in phones]
                with db:
                    db.executemany("DELETE FROM said WHERE phone = ?", rows)
                self._known = None

    def last_export(self) -> int:
        """Return the number up to which what was said was exported last, or 0."""
        with self._storage():
            db = self._opened(create=False)
            found = db.execute("SELECT max(up_to) FROM exports").fetchone() if db else None
        return int(found[0]) if found and found[0] is not None else 0

    def keep_export(self, up_to: int) -> None:
        """Record that what was said up to this number was exported."""
        with self._storage():
            db = self._opened(create=True)
            if db:
                with db:
                    db.execute("INSERT INTO exports (up_to, at) VALUES (?, ?)", (up_to, _now()))

    def close(self) -> None:
        """Write what was seen, and close the file; it is opened again when it is needed."""
        try:
            self.flush()
        finally:
            if self._db:
                self._db.close()
                self._db = None

    def _is_news(self, said: Said) -> bool:
        """Whether something new holds when this was said, too."""
        standing = self.standing(said.phone)
        match said.word:
            case "no":
                return standing.no is None or standing.came_back is not None
            case "listed":
                return standing.listed is None
            case "came_back":
                return standing.no is not None and standing.came_back is None
            case "yes":
                return standing.no is not None
            case "released":
                return standing.is_no

    def _write(self, words: Sequence[Said]) -> None:
        # Of several words about one phone the order is kept; the same word twice is kept once.
        words = list(dict.fromkeys(words))
        if not words or self._path is None:
            return
        now = _now()
        rows = [(each.phone, each.word, each.at or now, each.source, each.place, each.line, each.why) for each in words]
        with self._storage():
            db = self._opened(create=True)
            if db:
                with db:
                    db.executemany(_INSERT, rows)
        self._phones().update(each.phone for each in words)

    def _phones(self) -> set[str]:
        """Return the phones that anything was said about; they are held in memory."""
        if self._known is None:
            self._known = set()
            with self._storage():
                db = self._opened(create=False)
                if db:
                    self._known = {row[0] for row in db.execute("SELECT DISTINCT phone FROM said")}
                    self._hashed = _hashed(db)
        return self._known

    def _read(self, query: str, *values: object) -> Iterator[Said]:
        with self._storage():
            db = self._opened(create=False)
            for number, phone, word, at, source, place, line, why in db.execute(query, values) if db else ():
                yield Said(phone, word, source, place, line, why, at, number)

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
                f"{self._path}, which remembers who said no, refused: {error}.",
                advice="Make room or mend the permissions. If it is damaged, move it away; what only it knows is then"
                " lost, so look through the reject files of earlier runs and your do-not-contact lists.",
            ) from error


def _hashed(db: sqlite3.Connection) -> dict[str, Said]:
    """Return what stands under hashes of phones: what an older version kept, and opt-outs of encrypted snapshots."""
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'opt_outs'").fetchone():
        return {}
    found = db.execute("SELECT phone, said, run, line FROM opt_outs")
    return {
        digest: Said(f"(hash) {digest[:8]}", "no", "row_not_imported", run, line, at=said)
        for digest, said, run, line in found
    }


def _digest(phone: str) -> str:
    return hashlib.sha256(phone.encode()).hexdigest()[:32]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
