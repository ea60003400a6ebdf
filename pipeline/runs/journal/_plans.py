"""Plans in a journal: made in one, carried over into another."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline import jsontext
from pipeline.models import Change, ChangeKind, Contact, Json, OutcomeKind
from pipeline.runs.journal._file import storage
from pipeline.runs.journal._texts import (
    cells_text,
    notes_text,
    wanted_text,
)
from pipeline.runs.journal._writes import Writes


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


class Plans(Writes):
    """Holds planned writes, which nobody sends from here."""

    def plan(self, changes: Mapping[int, Contact], writes: Sequence[Change]) -> None:
        """Record planned writes, which nobody sends, and the contacts that they are planned for."""
        self.begin(writes)
        with self._transaction() as db:
            rows = [(wanted_text(contact), seq) for seq, contact in changes.items()]
            db.executemany("UPDATE rows SET wanted = ? WHERE seq = ?", rows)

    def planned_rows(self) -> Iterator[PlannedRow]:
        """Yield every row of a plan, in file order."""
        with storage(self._where):
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
                        cells_text(row.cells),
                        row.phone,
                        row.wanted or None,
                        "pending" if is_open else "settled",
                        None if is_open else OutcomeKind(row.kind).value,
                        row.code,
                        row.column,
                        row.value,
                        row.reason,
                        None if is_open else row.contact_id,
                        notes_text(row.notes),
                    ),
                )
