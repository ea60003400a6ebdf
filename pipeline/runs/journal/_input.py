"""The input as it enters a journal: rows, the duplicates among them, the hash of the whole."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from pipeline.models import ChangeKind, Contact, LeftOut, Outcome, OutcomeKind, Reject, Skip
from pipeline.runs.journal._file import JournalFile
from pipeline.runs.journal._left_out import insert_cells
from pipeline.runs.journal._opt_outs import INSERT as INSERT_OPT_OUT
from pipeline.runs.journal._opt_outs import SaidOptOut
from pipeline.runs.journal._planned import OPT_OUT, PlannedRow
from pipeline.runs.journal._texts import (
    cells_text,
    notes_text,
    read_contact,
    staged_columns,
    wanted_text,
)

_INSERT = (
    "INSERT INTO rows (seq, source, line, cells, phone, wanted, state, outcome, code, column_name, value, reason,"
    " notes, contact_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


class InputRows:
    """Takes the input in."""

    def __init__(self, file: JournalFile) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._last_seq = 0

    def add(
        self,
        records: Sequence[Sequence[str]],
        results: Iterable[Contact | Reject | Skip],
        *,
        source: int = 0,
        numbers: Sequence[int] | None = None,
        opt_outs: Mapping[int, int] = MappingProxyType({}),
    ) -> None:
        """Add rows and what the mapping made of them, in one transaction.

        `source` says which file they come from. `numbers` are their places in the whole input, where not all of it is
        staged; otherwise rows are numbered from 1 as they come. `opt_outs` are the phones of rows that are rejected or
        left out and whose opt-out counts all the same, by their place among these.
        """
        first = self._last_seq + 1
        rows, lines = [], []
        for seq, (cells, result) in enumerate(zip(records, results, strict=True), start=first):
            row = (source, result.line, cells_text(cells), *staged_columns(result))
            self._digest.update(repr(row[2:5]).encode())
            lines.append(result.line)
            rows.append((numbers[seq - first] if numbers else seq, *row, None))
        places = numbers or range(first, first + len(rows))
        said = [SaidOptOut(places[at], source, lines[at], phone) for at, phone in opt_outs.items()]
        for each in said:
            self._digest.update(repr((each.seq, each.phone)).encode())
        self._last_seq = numbers[-1] if numbers else self._last_seq + len(rows)
        with self._file.transaction() as db:
            db.executemany(_INSERT, rows)
            db.executemany(INSERT_OPT_OUT, [each.columns() for each in said])

    def add_planned(self, rows: Iterable[PlannedRow]) -> None:
        """Add the rows of a plan: those to be written are open, the others have the outcome that was planned."""
        with self._file.transaction() as db:
            for row in rows:
                self._digest.update(repr((row.seq, row.kind, row.phone, row.wanted)).encode())
                if row.kind == OPT_OUT:
                    said = SaidOptOut(row.seq, row.source, row.line, row.phone or 0)
                    db.execute(INSERT_OPT_OUT, said.columns())
                else:
                    db.execute(_INSERT, _planned_columns(row))
                if row.left_out:
                    insert_cells(db, [(row.seq, LeftOut(*cell)) for cell in row.left_out])

    def find(self, seqs: Sequence[int]) -> dict[int, tuple[int, Contact]]:
        """Return source and contact of staged rows."""
        with self._file.reading() as db:
            found = db.execute(
                "SELECT seq, source, line, phone, wanted FROM rows WHERE seq IN (SELECT value FROM json_each(?))",
                (json.dumps(seqs),),
            )
            return {seq: (source, read_contact(line, phone, wanted)) for seq, source, line, phone, wanted in found}

    def decide_duplicates(self, decisions: Iterable[tuple[Mapping[int, Contact], Sequence[Outcome]]]) -> None:
        """Record what becomes of rows that share a phone: winners with their new content, and the others' outcomes."""
        with self._file.transaction() as db:
            for winners, losers in decisions:
                db.executemany(
                    "UPDATE rows SET wanted = ?, notes = ? WHERE seq = ?",
                    [(wanted_text(contact), notes_text(contact.notes), seq) for seq, contact in winners.items()],
                )
                db.executemany(
                    "UPDATE rows SET state = 'settled', outcome = ?, code = ?, reason = ? WHERE seq = ?",
                    [(loser.kind.value, loser.code, loser.reason, loser.seq) for loser in losers],
                )

    def want_deletions(self) -> None:
        """Turn every row without an outcome into the wish to delete its contact."""
        with self._file.transaction() as db:
            db.execute("UPDATE rows SET wanted = json_set(wanted, '$.delete', json('true')) WHERE state <> 'settled'")

    def contacts(self) -> Iterator[Contact]:
        """Yield the staged contacts that have no outcome yet, in file order."""
        with self._file.reading() as db:
            cursor = db.execute("SELECT line, phone, wanted FROM rows WHERE state <> 'settled' ORDER BY seq")
            for line, phone, wanted in cursor:
                yield read_contact(line, phone, wanted)

    def content(self) -> str:
        """Return the hash of what was added."""
        return self._digest.hexdigest()


def _planned_columns(row: PlannedRow) -> tuple[object, ...]:
    is_open = row.kind in set(ChangeKind)
    fate = ("pending", None) if is_open else ("settled", OutcomeKind(row.kind).value)
    words = (row.code, row.column, row.value, row.reason)
    contact_id = None if is_open else row.contact_id
    place = (row.seq, row.source, row.line, cells_text(row.cells))
    return (*place, row.phone, row.wanted or None, *fate, *words, notes_text(row.notes), contact_id)
