"""The draft of a snapshot: a SQLite file in a hidden folder, where every page is saved together with the cursor."""

import contextlib
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from stat import S_ISREG

from pipeline.errors import StorageFailed
from pipeline.models import Listed
from pipeline.snapshots._catalogue import readable
from pipeline.snapshots._changes import Changes
from pipeline.snapshots._consents import Consents
from pipeline.snapshots._draftdetails import DraftDetails
from pipeline.snapshots._draftfacts import FORMAT, NOTHING, DraftFacts, changed_facts
from pipeline.snapshots._draftfile import SCHEMA, WORK_FILE, connect, write_meta
from pipeline.snapshots._names import free_name, snapshot_name
from pipeline.snapshots._store import FolderStore, Store
from pipeline.storage import disk_errors, make_private_file, make_private_folder
from pipeline.values import Struct, replace

HIDDEN = ".unfinished-"
CONTENTS = "snapshot"
"""The folder inside the hidden one that becomes the snapshot."""

_BEGUN_SECONDS = 60
"""An empty draft that is older than this was killed as it was begun."""

_EMPTY_BYTES = 4096
"""The size of a database without tables."""

# The highest rev wins; where the server shows none, the later `updated`; of equals the one that was read last.
_SAVE = """
INSERT INTO contacts VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE
SET rev = excluded.rev, updated = excluded.updated, created = excluded.created, raw = excluded.raw
WHERE (excluded.rev, excluded.updated) >= (contacts.rev, contacts.updated)
"""


class Draft(Changes, Consents, DraftDetails):
    """A snapshot on its way. Invariant: the saved cursor never runs ahead of the saved contacts.

    A method that changes something has committed when it returns. All raise StorageFailed.
    """

    @classmethod
    def create(
        cls,
        drafts: Path,
        facts: DraftFacts,
        *,
        is_taken: Callable[[str], bool] | None = None,
        started: datetime | None = None,
    ) -> "Draft":
        """Begin a snapshot in the folder `drafts`, which is made when it is not there.

        `is_taken` tells which names the store has, `started` when it was begun, if not now.
        """
        started = started or datetime.now(UTC)
        with disk_errors(drafts, "be used for a snapshot"):
            if not drafts.exists():
                drafts.mkdir(parents=True, mode=0o700)

            def taken(name: str) -> bool:
                return (drafts / f"{HIDDEN}{name}").exists() or (is_taken or (lambda each: (drafts / each).exists()))(
                    name
                )

            name = free_name(snapshot_name(started, "delta" if facts.base else "full"), taken)
            folder = drafts / f"{HIDDEN}{name}"
            make_private_folder(folder)
            make_private_file(folder / WORK_FILE)
            connection = connect(folder / WORK_FILE)
            facts = replace(facts, started=started.isoformat(timespec="microseconds"))
            with connection:
                # All of it or nothing: a draft that does not say whose it is could not be continued.
                connection.execute("BEGIN")
                for statement in SCHEMA.split(";"):
                    connection.execute(statement)
                write_meta(connection, changed_facts(NOTHING, facts))
            return cls(folder, connection)

    @classmethod
    def open(cls, folder: Path) -> "Draft":
        """Open a draft that was begun earlier. Raises StorageFailed when it cannot be read."""
        with disk_errors(folder / WORK_FILE, "be read"):
            if not (folder / WORK_FILE).is_file():
                raise FileNotFoundError("there is no such file")
            return cls(folder, connect(folder / WORK_FILE))

    @property
    def name(self) -> str:
        """The name that the snapshot will have."""
        return self.folder.name.removeprefix(HIDDEN)

    @property
    def age(self) -> timedelta:
        """How long ago it was begun."""
        return datetime.now(UTC) - datetime.fromisoformat(self.facts.started)

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
        return sorted(
            self.facts.custom_ids, key=lambda key: (not key.isdecimal(), int(key) if key.isdecimal() else 0, key)
        )

    def close(self) -> None:
        """Close the file; the draft stays on disk, to be continued."""
        self._db.close()

    def discard(self) -> None:
        """Remove the draft with everything in it."""
        self.close()
        with disk_errors(self.folder, "be removed"):
            shutil.rmtree(self.folder)

    def save(self, records: Sequence[Listed], facts: DraftFacts | None = None) -> None:
        """Save a page of contacts, and facts such as the state of the walk after it, in one transaction."""
        facts = facts or self.facts
        custom = set(facts.custom_ids)
        for record in records:
            if record.custom and not record.custom.keys() <= custom:
                custom |= {key for key, held in record.custom.items() if held is not None}
        if len(custom) > len(facts.custom_ids):
            facts = replace(facts, custom_ids=tuple(sorted(custom)))
        if not facts.shows_opt_out and any(record.is_opted_out is not None for record in records):
            facts = replace(facts, shows_opt_out=True)
        self._wait_for_disk(False)
        with self._noting(facts):
            self._db.executemany(_SAVE, map(_columns, records))

    def ids(self) -> set[int]:
        """Return the ids of all saved contacts."""
        with disk_errors(self._path, "be read"):
            return {row[0] for row in self._db.execute("SELECT id FROM contacts")}

    def raw_contacts(self) -> Iterator[bytes]:
        """Yield the contacts as the server sent them, sorted by id."""
        with disk_errors(self._path, "be read"):
            for row in self._db.execute("SELECT raw FROM contacts ORDER BY id"):
                yield row[0]

    def begin_anew(self, surface: str = "") -> None:
        """Drop everything that was read, and what was made of it, to read it anew: from `surface`, if it is another.

        What was asked of single contacts stays, for those that turn out to be as they were (`want_details`).
        """
        facts = self.facts.anew(surface or self.facts.surface)
        with disk_errors(self._path), self._db:
            for table in ("contacts", "consents", "deleted", "meta"):
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own
            write_meta(self._db, changed_facts(NOTHING, facts))
        self._facts = facts

    def created_stamps(self) -> Iterator[str]:
        """Yield `created` of every contact."""
        with disk_errors(self._path, "be read"):
            for row in self._db.execute("SELECT created FROM contacts"):
                yield row[0]


def find_unfinished(
    drafts: Path, account: str, host: str, *, base: Mapping[str, str] | None = None, store: Store | None = None
) -> Draft | None:
    """Return the newest draft of this account, host and base (None: a full one), or None.

    What a kill between publishing and tidying left behind is removed, and so are drafts of the account that nobody will
    go on with: of another base, where a newer snapshot is complete. They hold every contact in plain text. Call it with
    the account's lock held.
    """
    store = store or FolderStore(drafts)
    newest: Draft | None = None
    for folder in sorted(drafts.glob(f"{HIDDEN}*"), reverse=True):
        draft = _open_if_ours(folder, account, host)
        if draft is None:
            continue
        facts = draft.facts
        is_asked_for = (facts.format, facts.account, facts.base) == (FORMAT, account, dict(base or {}))
        if (facts.target and store.is_published(facts.target)) or (
            not is_asked_for and _is_outdated(draft, account, host, store)
        ):
            draft.discard()
        elif is_asked_for and newest is None:
            newest = draft
        else:
            draft.close()
    return newest


class DraftOnDisk(Struct, frozen=True):
    """A draft that lies there, whoever it is of: its size, and how long ago something was written to it."""

    path: Path
    bytes: int
    idle: timedelta


def list_drafts(drafts: Path) -> list[DraftOnDisk]:
    """Return the drafts in a folder, without opening any: an export may be at work on it. Raises StorageFailed."""
    now, found = datetime.now(UTC), []
    with disk_errors(drafts, "be read"):
        for folder in sorted(drafts.glob(f"{HIDDEN}*")):
            # Its export may just be ending: what is gone by now was no leftover.
            with contextlib.suppress(FileNotFoundError):
                files = [path.stat() for path in (folder, *folder.rglob("*"))]
                written = datetime.fromtimestamp(max(each.st_mtime for each in files), UTC)
                held = sum(each.st_size for each in files if S_ISREG(each.st_mode))
                found.append(DraftOnDisk(folder, held, max(now - written, timedelta())))
    return found


def _open_if_ours(folder: Path, account: str, host: str) -> Draft | None:
    """Return a draft of this account, also one of another base, of another version, or made of a snapshot of it."""
    try:
        draft = Draft.open(folder)
    except StorageFailed:
        # Begun a moment before a kill, or damaged: it must not stand in the way of a new export.
        _remove_if_empty(folder)
        return None
    if account in (draft.facts.account, draft.facts.of) and draft.facts.host == host:
        return draft
    draft.close()
    return None


def _is_outdated(draft: Draft, account: str, host: str, store: Store) -> bool:
    """Whether a complete snapshot of the account was begun after this draft, or when it says it was."""
    return any(
        each.manifest.complete
        and each.manifest.owner == (account, host)
        and each.manifest.created >= draft.facts.started
        for each in readable(store)
    )


def _remove_if_empty(folder: Path) -> None:
    """Remove a draft that was killed before it held anything, unless somebody may be about to begin it."""
    with contextlib.suppress(OSError):
        work = folder / WORK_FILE
        is_old = time.time() - folder.stat().st_mtime > _BEGUN_SECONDS
        if is_old and not (work.exists() and work.stat().st_size > _EMPTY_BYTES):
            shutil.rmtree(folder)


def _columns(record: Listed) -> tuple[int, int, int, str, bytes]:
    rev = -1 if record.rev is None else record.rev
    return (record.id, rev, _ticks(record.updated), record.created, record.raw)


@lru_cache(maxsize=4096)
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
