"""What was written and cannot be read back, remembered from run to run, so that it is not planned and sent again.

The service does not show everything that it was sent: who is on a list, an opt-out where neither the contact nor its
status shows it, the address of a picture that it copied. Compared with what it shows, each of these would always look
unwritten. So a hash of what was sent is kept here, with what the service showed instead at that moment. While it shows
the same, the value is taken as written, and reported as unverifiable.

The journals of earlier runs hold this as well, but all of them would have to be read for one plan, and they may be
purged. This is one small SQLite file for each account, indexed by contact ID. It holds hashes and IDs, no values.
"""

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pipeline.errors import StorageFailed
from pipeline.models import Change, ChangeKind, Contact, Json, Outcome, Record, Unseen
from pipeline.values import replace

OPT_OUT, AVATAR = "is_opted_out", "avatar"

_NOT_OUT = "not opted out"
"""The field under which it is remembered that a contact was asked about, and is not opted out."""

NOTE_FIELDS: Mapping[str, str] = {
    "list_unverifiable": "list",
    "opt_out_unverifiable": OPT_OUT,
    "avatar_unverifiable": AVATAR,
    "tags_unreadable": "tags",
}
"""Which notes say that something cannot be read back, and the field that each is about."""

_FIRST_REVISIONS = (0, 1)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS unseen (
    contact_id INTEGER NOT NULL,
    field TEXT NOT NULL,
    sent TEXT NOT NULL,
    shown TEXT NOT NULL,
    PRIMARY KEY (contact_id, field)
) STRICT, WITHOUT ROWID;
"""


class UnverifiableWrites:
    """What was written to one account and cannot be read back. With `path` None nothing is known or remembered.

    Every method raises StorageFailed when the disk refuses or the file is damaged: to go on without this file could add
    contacts to a list a second time, which may send messages to them.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._db: sqlite3.Connection | None = None

    def recall(self, contact_id: int) -> dict[str, Unseen]:
        """Return what was written to a contact and not shown, by field."""
        with self._storage():
            db = self._opened(create=False)
            if db is None:
                return {}
            found = db.execute("SELECT field, sent, shown FROM unseen WHERE contact_id = ?", (contact_id,))
            return {row[0]: Unseen(*row) for row in found}

    def keep(self, outcomes: Iterable[Outcome]) -> None:
        """Remember what these outcomes have written that is not shown. On disk when this returns."""
        self._insert(
            (outcome.contact_id, unseen.field, unseen.sent, unseen.shown)
            for outcome in outcomes
            for unseen in outcome.unseen
        )

    def keep_not_opted_out(self, record: Record) -> None:
        """Remember that a contact, as it is now, is not opted out, where its record does not show that."""
        if version := _version(record):
            self._insert([(record.id, _NOT_OUT, "", version)])

    def keep_opted_out(self, record: Record) -> None:
        """Remember that a contact, as it is now, is opted out, where its record does not show that."""
        if version := _version(record):
            self._insert([(record.id, OPT_OUT, _digest(True), version)])

    def is_on_list(self, list_id: int, contact_id: int) -> bool:
        """Whether a contact was, or may have been, added to a list before; the answer may have been lost."""
        return _list(list_id) in self.recall(contact_id)

    def keep_list(self, list_id: int, contact_ids: Sequence[int]) -> None:
        """Remember contacts that are about to be added to a list."""
        self._insert((contact_id, _list(list_id), "", "") for contact_id in contact_ids)

    def drop_list(self, list_id: int, contact_ids: Sequence[int]) -> None:
        """Forget contacts that a list refused."""
        with self._storage():
            db = self._opened(create=False)
            if db:
                rows = [(contact_id, _list(list_id)) for contact_id in contact_ids]
                with db:
                    db.executemany("DELETE FROM unseen WHERE contact_id = ? AND field = ?", rows)

    def has_channel(self, contact_id: int, kind: str, value: str) -> bool:
        """Whether a contact was seen or made to have a channel before."""
        return _channel(kind, value) in self.recall(contact_id)

    def keep_channel(self, contact_id: int, kind: str, value: str) -> None:
        """Remember that a contact has a channel, which would cost one request for each contact to look up again."""
        self._insert([(contact_id, _channel(kind, value), "", "")])

    def forget(self) -> None:
        """Drop everything, also a file that is damaged."""
        self.close()
        if self._path:
            with self._storage():
                for suffix in ("", "-wal", "-shm"):
                    Path(f"{self._path}{suffix}").unlink(missing_ok=True)

    def close(self) -> None:
        """Close the file; it is opened again when it is needed."""
        if self._db:
            self._db.close()
            self._db = None

    def _insert(self, rows: Iterable[tuple[object, ...]]) -> None:
        known = list(rows)
        if not known:
            return
        with self._storage():
            db = self._opened(create=True)
            if db:
                with db:
                    db.executemany("INSERT OR REPLACE INTO unseen VALUES (?, ?, ?, ?)", known)

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
                f"{self._path}, which remembers what was written and cannot be read back, refused: {error}.",
                advice="Make room or mend the permissions. If it is damaged, 'hmpipe doctor --forget-unverifiable'"
                " drops it; contacts are then added to their lists once more.",
            ) from error


def find_unseen(change: Change, record: Record) -> tuple[Unseen, ...]:
    """Return what a proved write sent that the record, read back after it, does not show."""
    unseen = []
    version = _version(record)
    if change.body.get(OPT_OUT) is True and record.is_opted_out is None and version:
        unseen.append(Unseen(OPT_OUT, _digest(True), version))
    if change.kind is ChangeKind.CREATE and record.is_opted_out is None and record.rev in _FIRST_REVISIONS:
        # Nobody has written it since it was made.
        unseen += [] if change.body.get(OPT_OUT) else [Unseen(_NOT_OUT, "", version)]
    asked = next((field.new for field in change.fields if field.name == AVATAR), None)
    if asked is not None and asked != record.avatar:
        unseen.append(Unseen(AVATAR, _digest(asked), _digest(record.avatar)))
    return tuple(unseen)


def take_picture_as_written(wanted: Contact, record: Record, known: Mapping[str, Unseen]) -> Contact:
    """Return the contact without the picture that it was given before, while the service still shows the same."""
    unseen = known.get(AVATAR)
    if unseen is None or AVATAR not in wanted.fields:
        return wanted
    if (unseen.sent, unseen.shown) != (_digest(wanted.fields[AVATAR]), _digest(record.avatar)):
        return wanted
    left = {name: value for name, value in wanted.fields.items() if name != AVATAR}
    return replace(wanted, fields=left, notes=(*wanted.notes, "avatar_unverifiable"))


def was_not_opted_out(record: Record, known: Mapping[str, Unseen]) -> bool:
    """Whether this contact was asked about before, was not opted out, and was not edited since."""
    unseen = known.get(_NOT_OUT)
    return unseen is not None and unseen.shown == _version(record)


def was_opted_out(record: Record, known: Mapping[str, Unseen]) -> bool:
    """Whether this contact was opted out before and was not edited since.

    Only an unchanged revision counts: a contact that was opted in again in between must be opted out again.
    """
    unseen = known.get(OPT_OUT)
    return unseen is not None and unseen.shown == _version(record)


def _version(record: Record) -> str:
    """A text that changes with every edit of a contact; "" where the service shows none."""
    return f"rev {record.rev}" if record.rev is not None else record.updated


def _list(list_id: int) -> str:
    return f"list {list_id}"


def _channel(kind: str, value: str) -> str:
    return f"channel {kind} {_digest(value)}"


def _digest(value: Json) -> str:
    return hashlib.sha256(str(value).encode("utf-8", "surrogatepass")).hexdigest()[:32]
