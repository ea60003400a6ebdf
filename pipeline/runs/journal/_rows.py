"""The rows without an outcome, what was sent of them and what came of it."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline import jsontext
from pipeline.models import Change, ChangeKind, Contact, FieldChange, Outcome, Record, Staged, WriteAnswer
from pipeline.runs.journal._file import JournalFile
from pipeline.runs.journal._texts import notes_text, read_contact, wanted_text, write_columns
from pipeline.showing import encodable
from pipeline.values import Struct, replace

_OPEN = """
SELECT rows.seq, line, phone, wanted, kind, writes.contact_id, overwrite, body, fields, answered, rev, uuid, request_id
FROM {table} AS rows LEFT JOIN writes ON writes.id = (SELECT max(id) FROM writes AS newest WHERE newest.seq = rows.seq)
WHERE state <> 'settled' AND rows.seq > ? {only} ORDER BY rows.seq LIMIT ?
"""
_SETTLE = """
UPDATE {table} SET state = 'settled', outcome = ?, code = ?, column_name = ?, value = ?, reason = ?, contact_id = ?,
    notes = ? WHERE seq = ?
"""


class Rows(Struct, frozen=True):
    """Brings the rows of a table to their outcomes. `_only` is a condition for those that are open, or ""."""

    _file: JournalFile
    _table: str = "rows"
    _only: str = ""

    def open_rows(self, after: int, limit: int) -> list[Staged]:
        """Return up to `limit` rows without an outcome whose seq is above `after`, in order."""
        with self._file.reading() as db:
            return [_staged(*columns) for columns in db.execute(self._sql(_OPEN), (after, limit))]

    def begin(self, changes: Sequence[Change]) -> None:
        """Record the writes that are about to be sent, with their pre-images. On disk when this returns."""
        now = time.time()
        with self._file.transaction() as db:
            db.executemany(
                "INSERT INTO writes (seq, kind, contact_id, overwrite, body, before, fields, began)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [write_columns(change, now) for change in changes],
            )
            begun = self._sql("UPDATE {table} SET state = 'begun' WHERE seq = ?")
            db.executemany(begun, [(change.seq,) for change in changes])

    def release(self, seqs: Sequence[int]) -> None:
        """Take back writes that were begun and are proved not to have been sent."""
        with self._file.transaction() as db:
            for seq in seqs:
                db.execute(
                    "DELETE FROM writes WHERE id = (SELECT max(id) FROM writes WHERE seq = ? AND answered IS NULL)",
                    (seq,),
                )
                earlier = db.execute("SELECT 1 FROM writes WHERE seq = ?", (seq,)).fetchone()
                state = "pending" if earlier is None else "begun"
                released = self._sql("UPDATE {table} SET state = ? WHERE seq = ? AND state = 'begun'")
                db.execute(released, (state, seq))

    def answered(self, seq: int, answer: WriteAnswer) -> None:
        """Record the server's answer to the newest write of a row; a killed process does not lose it.

        A power cut may: then the row is still begun, and is looked up. So this is the one record that does not wait for
        the disk, for there is one for each write.
        """
        with self._file.statement() as db:
            db.execute(
                "UPDATE writes SET answered = ?, contact_id = coalesce(?, contact_id), rev = ?, uuid = ?,"
                " request_id = ? WHERE id = (SELECT max(id) FROM writes WHERE seq = ?)",
                (time.time(), answer.id, answer.rev, answer.uuid, answer.request_id, seq),
            )

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Record the outcomes of rows. On disk when this returns, so they may be shown."""
        with self._file.transaction() as db:
            db.executemany(
                self._sql(_SETTLE),
                [
                    (
                        outcome.kind.value,
                        outcome.code,
                        outcome.column,
                        encodable(outcome.value, "utf-8"),
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
        with self._file.transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO removed VALUES (?, ?, ?, ?)", (record.id, seq, record.raw.decode(), time.time())
            )

    def index_phones(self) -> None:
        """Make `has_phone` quick."""
        with self._file.transaction() as db:
            db.execute("CREATE INDEX IF NOT EXISTS rows_by_phone ON rows (phone)")

    def has_phone(self, phone: str) -> bool:
        """Whether a row is about the contact with this phone, whatever became of the row."""
        with self._file.reading() as db:
            return db.execute("SELECT 1 FROM rows WHERE phone = ?", (int(phone),)).fetchone() is not None

    def rematch(self, seq: int, contact: Contact) -> None:
        """Make a row be about another contact than the one with its own phone."""
        with self._file.transaction() as db:
            db.execute(
                "UPDATE rows SET phone = ?, wanted = ?, notes = ? WHERE seq = ?",
                (int(contact.phone), wanted_text(contact), notes_text(contact.notes), seq),
            )

    def rename_custom(self, names: Mapping[str, str]) -> None:
        """Give custom values of rows without an outcome other keys: the ID of a field instead of its title."""
        with self._file.transaction() as db:
            after = 0
            while found := db.execute(
                "SELECT seq, line, phone, wanted FROM rows WHERE state <> 'settled' AND seq > ?"
                " ORDER BY seq LIMIT 1000",
                (after,),
            ).fetchall():
                after = found[-1][0]
                contacts = {seq: read_contact(line, phone, wanted) for seq, line, phone, wanted in found}
                for seq, contact in contacts.items():
                    custom = {names.get(key, key): value for key, value in contact.custom.items()}
                    wanted = wanted_text(replace(contact, custom=custom))
                    db.execute("UPDATE rows SET wanted = ? WHERE seq = ?", (wanted, seq))

    def _sql(self, template: str) -> str:
        return template.format(table=self._table, only=self._only)


def _staged(seq: int, line: int, phone: int, wanted: str, kind: str | None, *write: Any) -> Staged:
    contact = read_contact(line, phone, wanted)
    if kind is None:
        return Staged(seq, contact)
    contact_id, overwrite, body, fields, answered, rev, uuid, request_id = write
    changed = tuple(FieldChange(*field) for field in jsontext.decode(fields))
    doubt = Change(
        seq, ChangeKind(kind), contact.phone, jsontext.decode(body), bool(overwrite), contact_id, fields=changed
    )
    answer = WriteAnswer(contact_id, rev, uuid or "", request_id or "") if answered is not None else None
    return Staged(seq, contact, doubt, answer)
