"""The run journal: one SQLite file a run, the only truth for continuing, reporting and undoing.

A row walks `pending -> begun -> answered -> settled`. `begun` is on disk before the request leaves; `answered` is
written in the same breath as the answer arrives; `settled` is on disk before anybody is told. So a process killed
anywhere leaves a journal that says, for every row: never sent, perhaps sent, or done.
"""

import contextlib
import hashlib
import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from pipeline import jsontext
from pipeline.errors import StorageFailed
from pipeline.models import (
    Change,
    ChangeKind,
    Contact,
    Expected,
    FieldChange,
    Json,
    Outcome,
    OutcomeKind,
    Record,
    Reject,
    Skip,
    Staged,
    Tally,
    WriteAnswer,
)

FORMAT = 3

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE rows (
    seq INTEGER PRIMARY KEY,
    source INTEGER NOT NULL,
    line INTEGER NOT NULL,
    cells TEXT NOT NULL,
    phone INTEGER,
    wanted TEXT,
    state TEXT NOT NULL CHECK (state IN ('pending', 'begun', 'answered', 'settled')),
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
    seq INTEGER NOT NULL REFERENCES rows (seq),
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
    seq INTEGER NOT NULL REFERENCES rows (seq),
    record TEXT NOT NULL,
    moment REAL NOT NULL
) STRICT;
CREATE TABLE list_adds (
    list_id INTEGER NOT NULL,
    contact_id INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('begun', 'added', 'refused', 'known')),
    PRIMARY KEY (list_id, contact_id)
) STRICT;
"""


_TRACES = """
WITH touched AS (
    SELECT rows.seq AS seq, coalesce(
        rows.contact_id, (SELECT max(contact_id) FROM writes WHERE writes.seq = rows.seq), -rows.seq
    ) AS contact
    FROM rows WHERE rows.seq IN (SELECT seq FROM writes)
),
contacts AS (
    SELECT touched.contact AS contact, max(writes.id) AS last_id,
        min(CASE WHEN writes.kind = 'create' AND rows.outcome = 'updated' THEN NULL ELSE writes.id END) AS first_id,
        min(rows.state = 'settled' AND rows.outcome IN ('created', 'updated', 'deleted')) AS is_proved,
        max(writes.kind <> 'delete' AND EXISTS (
            SELECT 1 FROM json_each(writes.fields) AS field
            WHERE json_extract(field.value, '$[0]') = 'is_opted_out' AND json_extract(field.value, '$[2]') = 1
        )) AS opted_out
    FROM touched JOIN rows ON rows.seq = touched.seq JOIN writes ON writes.seq = touched.seq
    GROUP BY touched.contact
)
SELECT rows.line, rows.phone, contacts.contact, first.kind, first.before, last.seq, last.kind, last.contact_id,
    last.overwrite, last.body, last.fields, last.before, coalesce(last.rev, last.confirmed_rev), contacts.is_proved,
    contacts.opted_out
FROM contacts JOIN writes AS first ON first.id = contacts.first_id JOIN writes AS last ON last.id = contacts.last_id
    JOIN rows ON rows.seq = last.seq
ORDER BY contacts.first_id
"""
"""A row that made its contact learns the ID late, so rows are brought to contacts first, and writes through rows.
A create that was refused because the contact was there, and became an update, made nothing."""


@dataclass(frozen=True, slots=True)
class SettledRow:
    """A settled row with its original cells, for reject files and reports. `source` counts the files from 0."""

    source: int
    line: int
    cells: tuple[str, ...]
    outcome: OutcomeKind
    code: str
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """A staged row with what a plan makes of it: the outcome that it has already, or the write that is planned.

    `wanted` is the contact as the journal holds it, "" where there is none. `fields` are (name, old, new). `cells` are
    there where a reject file could need them.
    """

    seq: int
    source: int
    line: int
    kind: str
    cells: Sequence[str] = ()
    phone: int | None = None
    wanted: str = ""
    code: str = ""
    column: str = ""
    value: str = ""
    reason: str = ""
    contact_id: int | None = None
    notes: Sequence[str] = ()
    fields: Sequence[Sequence[Json]] = ()


@dataclass(frozen=True, slots=True)
class Trace:
    """What a run did to one contact, over all its writes.

    `kind` is what it comes to: a contact that was made and then completed was created. `before` is the contact's JSON
    from before the first write (before the last one, for a deletion), `last` the last write, `rev` the revision that it
    was answered or seen to leave, or None. `is_proved`: every row about the contact ended well, so the last write is
    known to have taken effect. `opted_out`: the run set its opt-out.
    """

    line: int
    phone: str
    contact_id: int | None
    kind: ChangeKind
    before: bytes | None
    last: Change
    rev: int | None
    is_proved: bool
    opted_out: bool


class Journal:
    """One run's journal. Every method that changes something has committed to disk when it returns.

    All methods raise StorageFailed when the disk refuses (full, read-only, damaged).
    """

    def __init__(self, connection: sqlite3.Connection, where: str) -> None:
        self._db = connection
        self._where = where
        self._digest = hashlib.sha256()
        self._last_seq = 0
        # As _connect leaves it: a begin that a power cut can take back is no begin.
        self._waits_for_disk = True

    @classmethod
    def create(cls, path: Path | None) -> "Journal":
        """Start a journal at `path` (its folder must exist), or a private one that vanishes with the process."""
        where = str(path) if path else "a temporary journal"
        with _storage(where):
            journal = cls(_connect(path), where)
            journal._db.executescript(_SCHEMA)
            journal.describe(format=str(FORMAT))
        return journal

    @classmethod
    def open(cls, path: Path) -> "Journal":
        """Open the journal of an earlier run. Raises StorageFailed when it is none, or of another format."""
        if not path.is_file():
            raise StorageFailed(f"{path} does not exist.", advice="Run 'hmpipe runs list' to see the runs there are.")
        with _storage(str(path)):
            journal = cls(_connect(path), str(path))
            found = journal.meta("format")
        if found != str(FORMAT):
            raise StorageFailed(f"{path} has journal format {found}; this version reads format {FORMAT}.")
        return journal

    def close(self) -> None:
        """Close the file. The journal cannot be used afterwards."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def describe(self, **facts: str) -> None:
        """Remember facts of the run (its account, source, state, ...); a known key is replaced."""
        with self._transaction() as db:
            texts = [(key, _printable(value)) for key, value in facts.items()]
            db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", texts)

    def meta(self, key: str) -> str:
        """Return a fact of the run, or "" when it is not known."""
        with _storage(self._where):
            found = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(found[0]) if found else ""

    # --- staging -----------------------------------------------------------------------------------------------

    def stage(
        self,
        records: Sequence[Sequence[str]],
        results: Iterable[Contact | Reject | Skip],
        *,
        source: int = 0,
        numbers: Sequence[int] | None = None,
    ) -> None:
        """Add rows and what the mapping made of them, in one transaction.

        `source` says which file they come from. `numbers` are their places in the whole input, where not all of it is
        staged; otherwise rows are numbered from 1 as they come.
        """
        first = self._last_seq + 1
        rows = []
        for seq, (cells, result) in enumerate(zip(records, results, strict=True), start=first):
            row = (source, result.line, _cells_text(cells), *_staged_columns(result))
            self._digest.update(repr(row[2:5]).encode())
            rows.append((numbers[seq - first] if numbers else seq, *row))
        self._last_seq = numbers[-1] if numbers else self._last_seq + len(rows)
        with self._transaction() as db:
            db.executemany(
                "INSERT INTO rows (seq, source, line, cells, phone, wanted, state, outcome, code, column_name, value,"
                " reason, notes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )

    def staged_contacts(self, seqs: Sequence[int]) -> dict[int, tuple[int, Contact]]:
        """Return source and contact of staged rows."""
        with _storage(self._where):
            found = self._db.execute(
                "SELECT seq, source, line, phone, wanted FROM rows WHERE seq IN (SELECT value FROM json_each(?))",
                (json.dumps(seqs),),
            )
            return {seq: (source, _contact(line, phone, wanted)) for seq, source, line, phone, wanted in found}

    def decide_duplicates(self, decisions: Iterable[tuple[Mapping[int, Contact], Sequence[Outcome]]]) -> None:
        """Record what becomes of rows that share a phone: winners with their new content, and the others' outcomes."""
        with self._transaction() as db:
            for winners, losers in decisions:
                db.executemany(
                    "UPDATE rows SET wanted = ?, notes = ? WHERE seq = ?",
                    [(_wanted_text(contact), _notes(contact.notes), seq) for seq, contact in winners.items()],
                )
                db.executemany(
                    "UPDATE rows SET state = 'settled', outcome = ?, code = ?, reason = ? WHERE seq = ?",
                    [(loser.kind.value, loser.code, loser.reason, loser.seq) for loser in losers],
                )

    def plan(self, changes: Mapping[int, Contact], writes: Sequence[Change]) -> None:
        """Record planned writes, which nobody sends, and the contacts that they are planned for."""
        self.begin(writes)
        with self._transaction() as db:
            rows = [(_wanted_text(contact), seq) for seq, contact in changes.items()]
            db.executemany("UPDATE rows SET wanted = ? WHERE seq = ?", rows)

    def planned_rows(self) -> Iterator[PlannedRow]:
        """Yield every row of a plan, in file order."""
        with _storage(self._where):
            cursor = self._db.execute(
                "SELECT rows.seq, source, line, coalesce(outcome, kind), cells, phone, coalesce(wanted, ''), code,"
                " column_name, value, reason, coalesce(writes.contact_id, rows.contact_id), notes,"
                " coalesce(fields, '[]'), outcome IS NULL OR outcome = 'rejected' FROM rows"
                " LEFT JOIN writes ON writes.seq = rows.seq ORDER BY rows.seq"
            )
            for found in cursor:
                seq, source, line, kind, cells, *words, notes, fields, keeps_cells = found
                phone, wanted, code, column, value, reason, contact_id = words
                yield PlannedRow(
                    seq=seq,
                    source=source,
                    line=line,
                    kind=kind,
                    cells=json.loads(cells) if keeps_cells else (),
                    phone=phone,
                    wanted=wanted,
                    code=code,
                    column=column,
                    value=value,
                    reason=reason,
                    contact_id=contact_id,
                    notes=json.loads(notes),
                    fields=jsontext.decode(fields),
                )

    def stage_plan(self, rows: Iterable[PlannedRow]) -> None:
        """Stage the rows of a plan: those to be written are open, the others have the outcome that was planned."""
        with self._transaction() as db:
            for row in rows:
                self._digest.update(repr((row.seq, row.kind, row.phone, row.wanted)).encode())
                is_open = row.kind in set(ChangeKind)
                db.execute(
                    "INSERT INTO rows (seq, source, line, cells, phone, wanted, state, outcome, code, column_name,"
                    " value, reason, contact_id, notes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        row.seq,
                        row.source,
                        row.line,
                        _cells_text(row.cells),
                        row.phone,
                        row.wanted or None,
                        "pending" if is_open else "settled",
                        None if is_open else OutcomeKind(row.kind).value,
                        row.code,
                        row.column,
                        row.value,
                        row.reason,
                        None if is_open else row.contact_id,
                        _notes(row.notes),
                    ),
                )

    def rename_custom(self, names: Mapping[str, str]) -> None:
        """Give custom values of rows without an outcome other keys: the ID of a field instead of its title."""
        with self._transaction() as db:
            after = 0
            while found := db.execute(
                "SELECT seq, line, phone, wanted FROM rows WHERE state <> 'settled' AND seq > ?"
                " ORDER BY seq LIMIT 1000",
                (after,),
            ).fetchall():
                after = found[-1][0]
                contacts = {seq: _contact(line, phone, wanted) for seq, line, phone, wanted in found}
                db.executemany(
                    "UPDATE rows SET wanted = ? WHERE seq = ?",
                    [(_wanted_text(_renamed(contact, names)), seq) for seq, contact in contacts.items()],
                )

    def finish_staging(self) -> str:
        """Say that the whole input is staged, and return the hash of its content."""
        digest = self._digest.hexdigest()
        self.describe(content=digest, staged="yes")
        return digest

    # --- the life of a row ---------------------------------------------------------------------------------------

    def open_rows(self, after: int, limit: int) -> list[Staged]:
        """Return up to `limit` rows without an outcome whose seq is above `after`, in order."""
        with _storage(self._where):
            found = self._db.execute(
                "SELECT seq, line, phone, wanted, state FROM rows WHERE state <> 'settled' AND seq > ?"
                " ORDER BY seq LIMIT ?",
                (after, limit),
            ).fetchall()
            return [self._staged(*columns) for columns in found]

    def _staged(self, seq: int, line: int, phone: int, wanted: str, state: str) -> Staged:
        contact = _contact(line, phone, wanted)
        if state == "pending":
            return Staged(seq, contact)
        kind, contact_id, overwrite, body, fields, answered, rev, uuid, request_id = self._db.execute(
            "SELECT kind, contact_id, overwrite, body, fields, answered, rev, uuid, request_id FROM writes"
            " WHERE seq = ? ORDER BY id DESC LIMIT 1",
            (seq,),
        ).fetchone()
        changed = tuple(FieldChange(*field) for field in jsontext.decode(fields))
        doubt = Change(
            seq, ChangeKind(kind), contact.phone, jsontext.decode(body), bool(overwrite), contact_id, fields=changed
        )
        answer = WriteAnswer(contact_id, rev, uuid or "", request_id or "") if answered is not None else None
        return Staged(seq, contact, doubt, answer)

    def begin(self, changes: Sequence[Change]) -> None:
        """Record the writes that are about to be sent, with their pre-images. On disk when this returns."""
        now = time.time()
        with self._transaction() as db:
            db.executemany(
                "INSERT INTO writes (seq, kind, contact_id, overwrite, body, before, fields, began)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [_write_columns(change, now) for change in changes],
            )
            db.executemany("UPDATE rows SET state = 'begun' WHERE seq = ?", [(change.seq,) for change in changes])

    def release(self, seqs: Sequence[int]) -> None:
        """Take back writes that were begun and are proved not to have been sent."""
        with self._transaction() as db:
            for seq in seqs:
                db.execute(
                    "DELETE FROM writes WHERE id = (SELECT max(id) FROM writes WHERE seq = ? AND answered IS NULL)",
                    (seq,),
                )
                earlier = db.execute("SELECT answered FROM writes WHERE seq = ? ORDER BY id DESC", (seq,)).fetchone()
                state = "pending" if earlier is None else "begun" if earlier[0] is None else "answered"
                db.execute("UPDATE rows SET state = ? WHERE seq = ? AND state = 'begun'", (state, seq))

    def answered(self, seq: int, answer: WriteAnswer) -> None:
        """Record the server's answer to the newest write of a row; a killed process does not lose it.

        A power cut may: then the row is still begun, and is looked up. So this is the one record that does not wait for
        the disk, for there is one for each write.
        """
        with self._transaction(waits_for_disk=False) as db:
            db.execute(
                "UPDATE writes SET answered = ?, contact_id = coalesce(?, contact_id), rev = ?, uuid = ?,"
                " request_id = ? WHERE id = (SELECT max(id) FROM writes WHERE seq = ?)",
                (time.time(), answer.id, answer.rev, answer.uuid, answer.request_id, seq),
            )
            db.execute("UPDATE rows SET state = 'answered' WHERE seq = ?", (seq,))

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Record the fate of rows. On disk when this returns, so it may be shown."""
        with self._transaction() as db:
            db.executemany(
                "UPDATE rows SET state = 'settled', outcome = ?, code = ?, column_name = ?, value = ?, reason = ?,"
                " contact_id = ?, notes = ? WHERE seq = ?",
                [
                    (
                        outcome.kind.value,
                        outcome.code,
                        outcome.column,
                        _printable(outcome.value),
                        outcome.reason,
                        outcome.contact_id,
                        _notes(outcome.notes),
                        outcome.seq,
                    )
                    for outcome in outcomes
                ],
            )
            db.executemany(
                "UPDATE writes SET confirmed_rev = ? WHERE id = (SELECT max(id) FROM writes WHERE seq = ?)",
                [(outcome.rev, outcome.seq) for outcome in outcomes if outcome.rev is not None],
            )

    def keep_removed(self, seq: int, record: Record) -> None:
        """Save a second contact that a batch made beside the right one, before it is deleted."""
        with self._transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO removed VALUES (?, ?, ?, ?)", (record.id, seq, record.raw.decode(), time.time())
            )

    # --- lists -------------------------------------------------------------------------------------------------------

    def lists_to_fill(self) -> Iterator[tuple[int, int]]:
        """Yield (list ID, contact ID) of the imported rows that name a list and were not sent to it yet."""
        with _storage(self._where):
            yield from self._db.execute(
                "SELECT DISTINCT list.value, rows.contact_id FROM rows, json_each(rows.wanted, '$.lists') AS list"
                " WHERE rows.outcome IN ('created', 'updated', 'unchanged') AND rows.contact_id IS NOT NULL"
                " AND NOT EXISTS (SELECT 1 FROM list_adds AS known WHERE known.list_id = list.value"
                " AND known.contact_id = rows.contact_id) ORDER BY list.value, rows.seq"
            ).fetchall()

    def record_list_adds(self, list_id: int, contact_ids: Sequence[int], state: str) -> None:
        """Record contacts as about to be added to a list (begun), what came of it (added, refused), or known on it."""
        with self._transaction() as db:
            db.executemany(
                "INSERT OR REPLACE INTO list_adds VALUES (?, ?, ?)",
                [(list_id, contact_id, state) for contact_id in contact_ids],
            )

    def list_adds(self) -> dict[str, int]:
        """Count the contacts that were added to lists, by state."""
        with _storage(self._where):
            return dict(self._db.execute("SELECT state, count(*) FROM list_adds GROUP BY state"))

    # --- reading it back -----------------------------------------------------------------------------------------

    def has_writes(self) -> bool:
        """Whether any write was begun."""
        with _storage(self._where):
            return self._db.execute("SELECT 1 FROM writes LIMIT 1").fetchone() is not None

    def first_write(self) -> float | None:
        """Return when the first write was begun, in seconds since 1970, or None when there is none."""
        with _storage(self._where):
            found: float | None = self._db.execute("SELECT min(began) FROM writes").fetchone()[0]
        return found

    def traces(self) -> Iterator[Trace]:
        """Yield what the run did, contact by contact, in the order of the first write to each."""
        with _storage(self._where):
            for found in self._db.execute(_TRACES):
                yield _trace(*found)

    def want_deletions(self) -> None:
        """Turn every row without an outcome into the wish to delete its contact."""
        with self._transaction() as db:
            db.execute("UPDATE rows SET wanted = json_set(wanted, '$.delete', json('true')) WHERE state <> 'settled'")

    def tally(self) -> Tally:
        """Count the rows by outcome."""
        with _storage(self._where):
            rows = self._db.execute("SELECT count(*) FROM rows").fetchone()[0]
            found = dict(
                self._db.execute("SELECT outcome, count(*) FROM rows WHERE state = 'settled' GROUP BY outcome")
            )
        return Tally(rows=rows, **found)

    def codes(self, *kinds: OutcomeKind) -> dict[str, int]:
        """Count the settled rows of these kinds by code, most frequent first."""
        with _storage(self._where):
            return dict(
                self._db.execute(
                    "SELECT code, count(*) FROM rows WHERE outcome IN (SELECT value FROM json_each(?)) AND code <> ''"
                    " GROUP BY code ORDER BY count(*) DESC, code",
                    (json.dumps(kinds),),
                )
            )

    def notes(self, *, settled: bool = False) -> dict[str, int]:
        """Count recoveries and warnings by code over all rows, or the settled ones, most frequent first."""
        with _storage(self._where):
            return dict(
                self._db.execute(
                    "SELECT note.value, count(*) FROM rows, json_each(rows.notes) AS note"
                    " WHERE NOT ? OR state = 'settled' GROUP BY note.value ORDER BY count(*) DESC, note.value",
                    (settled,),
                )
            )

    def settled_rows(self, *kinds: OutcomeKind, code: str | None = None, limit: int = -1) -> Iterator[SettledRow]:
        """Yield the settled rows of these kinds in file order, with their original cells."""
        with _storage(self._where):
            cursor = self._db.execute(
                "SELECT source, line, cells, outcome, code, column_name, value, reason FROM rows"
                " WHERE outcome IN (SELECT value FROM json_each(?)) AND (? IS NULL OR code = ?) ORDER BY seq LIMIT ?",
                (json.dumps(kinds), code, code, limit),
            )
            for source, line, cells, outcome, *words in cursor:
                yield SettledRow(source, line, tuple(json.loads(cells)), OutcomeKind(outcome), *words)

    def contacts(self) -> Iterator[Contact]:
        """Yield the staged contacts that have no outcome yet, in file order."""
        with _storage(self._where):
            cursor = self._db.execute("SELECT line, phone, wanted FROM rows WHERE state <> 'settled' ORDER BY seq")
            for line, phone, wanted in cursor:
                yield _contact(line, phone, wanted)

    @contextlib.contextmanager
    def _transaction(self, *, waits_for_disk: bool = True) -> Iterator[sqlite3.Connection]:
        with _storage(self._where):
            if waits_for_disk is not self._waits_for_disk:
                self._db.execute(f"PRAGMA synchronous = {'FULL' if waits_for_disk else 'NORMAL'}")
                self._waits_for_disk = waits_for_disk
            with self._db:
                self._db.execute("BEGIN IMMEDIATE")
                yield self._db


def _connect(path: Path | None) -> sqlite3.Connection:
    # An empty name gives SQLite's own private temporary database: it spills to disk only when it grows.
    connection = sqlite3.connect(str(path) if path else "", isolation_level=None)
    if path:
        path.chmod(0o600)
        connection.execute("PRAGMA journal_mode = WAL")
        # FULL, because a begin that a power cut can take back is no begin.
        connection.execute("PRAGMA synchronous = FULL")
    return connection


@contextlib.contextmanager
def _storage(where: str) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StorageFailed(
            f"{where}: the disk or file refused: {error}. Nothing was sent that could not be recorded.",
            advice="Make room or mend the permissions, then run the same command again: it goes on where it stopped.",
        ) from error


def _staged_columns(result: Contact | Reject | Skip) -> tuple[object, ...]:
    match result:
        case Contact():
            return (int(result.phone), _wanted_text(result), "pending", None, "", "", "", "", _notes(result.notes))
        case Reject():
            words = (result.code, result.column, _printable(result.value), result.reason)
            return (None, None, "settled", OutcomeKind.REJECTED.value, *words, "[]")
        case Skip():
            return (None, None, "settled", OutcomeKind.SKIPPED.value, result.code, "", "", result.reason, "[]")


def _write_columns(change: Change, now: float) -> tuple[object, ...]:
    return (
        change.seq,
        change.kind.value,
        change.contact_id,
        int(change.overwrite),
        jsontext.encode(change.body).decode(),
        change.before.raw.decode() if change.before else None,
        jsontext.encode([[field.name, field.old, field.new] for field in change.fields]).decode(),
        now,
    )


def _trace(
    line: int, phone: int, contact: int, first_kind: str, first_before: str | None, seq: int, kind: str, *rest: Any
) -> Trace:
    contact_id, overwrite, body, fields, last_before, rev, is_proved, opted_out = rest
    changed = tuple(FieldChange(*field) for field in jsontext.decode(fields))
    last = Change(seq, ChangeKind(kind), str(phone), jsontext.decode(body), bool(overwrite), contact_id, fields=changed)
    is_deletion = last.kind is ChangeKind.DELETE
    before = last_before if is_deletion else first_before
    return Trace(
        line,
        str(phone),
        contact if contact > 0 else None,
        ChangeKind.DELETE if is_deletion else ChangeKind(first_kind),
        before.encode() if before is not None else None,
        last,
        rev,
        bool(is_proved),
        bool(opted_out),
    )


def _wanted_text(contact: Contact) -> str:
    # No line here: the same content at another line is the same content.
    wanted: dict[str, Json] = {
        "fields": contact.fields,
        "custom": contact.custom,
        "tags": contact.tags,
        "notes": contact.notes,
    }
    wanted |= {"lists": contact.lists} if contact.lists else {}
    wanted |= {"known_id": contact.known_id} if contact.known_id else {}
    wanted |= {"delete": True} if contact.to_delete else {}
    if expected := contact.expected:
        change = [expected.change] if expected.change else []
        wanted["expected"] = [expected.id, expected.rev, *change]
    return jsontext.encode_canonical(wanted).decode()


def _renamed(contact: Contact, names: Mapping[str, str]) -> Contact:
    return replace(contact, custom={names.get(key, key): value for key, value in contact.custom.items()})


def _contact(line: int, phone: int, wanted: str) -> Contact:
    found = jsontext.decode(wanted)
    tags = None if found["tags"] is None else tuple(found["tags"])
    lists, known_id = tuple(found.get("lists", ())), found.get("known_id")
    expected = Expected(*found["expected"]) if "expected" in found else None
    return Contact(
        line,
        str(phone),
        found["fields"],
        found["custom"],
        tags,
        tuple(found["notes"]),
        lists,
        known_id,
        expected,
        to_delete="delete" in found,
    )


def _cells_text(cells: Sequence[str]) -> str:
    # The standard library's encoder, because cells may carry undecodable bytes as lone surrogates and must keep them.
    return json.dumps(cells)


def _notes(notes: Sequence[str]) -> str:
    return json.dumps(list(notes))


def _printable(value: str) -> str:
    return value.encode("utf-8", "backslashreplace").decode()
