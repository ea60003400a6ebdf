"""The input as it enters a journal: rows, the duplicates among them, the hash of the whole."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from pipeline.models import Contact, Outcome, Reject, Skip
from pipeline.runs.journal._file import JournalFile, storage
from pipeline.runs.journal._texts import (
    cells_text,
    notes_text,
    read_contact,
    renamed,
    staged_columns,
    wanted_text,
)


class Staging(JournalFile):
    """Takes rows in."""

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
            row = (source, result.line, cells_text(cells), *staged_columns(result))
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
        with storage(self._where):
            found = self._db.execute(
                "SELECT seq, source, line, phone, wanted FROM rows WHERE seq IN (SELECT value FROM json_each(?))",
                (json.dumps(seqs),),
            )
            return {seq: (source, read_contact(line, phone, wanted)) for seq, source, line, phone, wanted in found}

    def decide_duplicates(self, decisions: Iterable[tuple[Mapping[int, Contact], Sequence[Outcome]]]) -> None:
        """Record what becomes of rows that share a phone: winners with their new content, and the others' outcomes."""
        with self._transaction() as db:
            for winners, losers in decisions:
                db.executemany(
                    "UPDATE rows SET wanted = ?, notes = ? WHERE seq = ?",
                    [(wanted_text(contact), notes_text(contact.notes), seq) for seq, contact in winners.items()],
                )
                db.executemany(
                    "UPDATE rows SET state = 'settled', outcome = ?, code = ?, reason = ? WHERE seq = ?",
                    [(loser.kind.value, loser.code, loser.reason, loser.seq) for loser in losers],
                )

    def index_phones(self) -> None:
        """Make `has_phone` quick."""
        with self._transaction() as db:
            db.execute("CREATE INDEX IF NOT EXISTS rows_by_phone ON rows (phone)")

    def has_phone(self, phone: str) -> bool:
        """Whether a row is about the contact with this phone, whatever became of the row."""
        with storage(self._where):
            return self._db.execute("SELECT 1 FROM rows WHERE phone = ?", (int(phone),)).fetchone() is not None

    def rematch(self, seq: int, contact: Contact) -> None:
        """Make a row be about another contact than the one with its own phone."""
        with self._transaction() as db:
            db.execute(
                "UPDATE rows SET phone = ?, wanted = ?, notes = ? WHERE seq = ?",
                (int(contact.phone), wanted_text(contact), notes_text(contact.notes), seq),
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
                contacts = {seq: read_contact(line, phone, wanted) for seq, line, phone, wanted in found}
                db.executemany(
                    "UPDATE rows SET wanted = ? WHERE seq = ?",
                    [(wanted_text(renamed(contact, names)), seq) for seq, contact in contacts.items()],
                )

    def want_deletions(self) -> None:
        """Turn every row without an outcome into the wish to delete its contact."""
        with self._transaction() as db:
            db.execute("UPDATE rows SET wanted = json_set(wanted, '$.delete', json('true')) WHERE state <> 'settled'")

    def finish_staging(self) -> str:
        """Say that the whole input is staged, and return the hash of its content."""
        digest = self._digest.hexdigest()
        self.record(replace(self.facts, content=digest, staged=True))
        return digest
