"""Writes on their way: begun, answered, settled; what was removed; what is open."""

import time
from collections.abc import Sequence

from pipeline import jsontext
from pipeline.models import Change, ChangeKind, FieldChange, Outcome, Record, Staged, WriteAnswer
from pipeline.runs.journal._file import JournalFile, printable, storage
from pipeline.runs.journal._texts import (
    notes_text,
    read_contact,
    write_columns,
)


class Writes(JournalFile):
    """Records writes and outcomes."""

    def open_rows(self, after: int, limit: int) -> list[Staged]:
        """Return up to `limit` rows without an outcome whose seq is above `after`, in order."""
        with storage(self._where):
            found = self._db.execute(
                "SELECT seq, line, phone, wanted, state FROM rows WHERE state <> 'settled' AND seq > ?"
                " ORDER BY seq LIMIT ?",
                (after, limit),
            ).fetchall()
            return [self._staged(*columns) for columns in found]

    def _staged(self, seq: int, line: int, phone: int, wanted: str, state: str) -> Staged:
        contact = read_contact(line, phone, wanted)
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
                [write_columns(change, now) for change in changes],
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
                earlier = db.execute("SELECT 1 FROM writes WHERE seq = ?", (seq,)).fetchone()
                state = "pending" if earlier is None else "begun"
                db.execute("UPDATE rows SET state = ? WHERE seq = ? AND state = 'begun'", (state, seq))

    def answered(self, seq: int, answer: WriteAnswer) -> None:
        """Record the server's answer to the newest write of a row; a killed process does not lose it.

        A power cut may: then the row is still begun, and is looked up. So this is the one record that does not wait for
        the disk, for there is one for each write.
        """
        with self._statement() as db:
            db.execute(
                "UPDATE writes SET answered = ?, contact_id = coalesce(?, contact_id), rev = ?, uuid = ?,"
                " request_id = ? WHERE id = (SELECT max(id) FROM writes WHERE seq = ?)",
                (time.time(), answer.id, answer.rev, answer.uuid, answer.request_id, seq),
            )

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
                        printable(outcome.value),
                        outcome.reason,
                        outcome.contact_id,
                        notes_text(outcome.notes),
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

    def has_writes(self) -> bool:
        """Whether any write was begun."""
        with storage(self._where):
            return self._db.execute("SELECT 1 FROM writes LIMIT 1").fetchone() is not None

    def first_write(self) -> float | None:
        """Return when the first write was begun, in seconds since 1970, or None when there is none."""
        with storage(self._where):
            found: float | None = self._db.execute("SELECT min(began) FROM writes").fetchone()[0]
        return found
