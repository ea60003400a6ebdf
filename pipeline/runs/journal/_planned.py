"""A plan as it is made in a journal."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter

from pipeline import jsontext
from pipeline.models import Change, Contact, Json
from pipeline.runs.journal._file import JournalFile
from pipeline.runs.journal._left_out import LeftOutCells
from pipeline.runs.journal._opt_outs import OptOuts
from pipeline.runs.journal._rows import Rows
from pipeline.runs.journal._texts import wanted_text
from pipeline.values import Struct

_PLANNED = """
SELECT rows.seq, source, line, coalesce(outcome, kind),
    CASE WHEN coalesce(outcome, 'rejected') IN ('rejected', 'failed', 'unknown') THEN cells ELSE '[]' END,
    phone, coalesce(wanted, ''), code, column_name, value, reason, coalesce(writes.contact_id, rows.contact_id), notes,
    coalesce(fields, '[]')
FROM rows LEFT JOIN writes ON writes.seq = rows.seq ORDER BY rows.seq
"""


OPT_OUT = "opt_out"
"""The kind of a planned row that stands a second time: it is not imported, and its opt-out counts."""


class PlannedRow(Struct, frozen=True):
    """A staged row with what a plan makes of it: the outcome that it has already, or the write that is planned.

    `wanted` is the contact as the journal holds it, "" where there is none. `fields` are (name, old, new). `cells` are
    there where a reject file could need them. `left_out` are the cells that the contact goes without: line, code,
    column, value and reason of each.
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
    left_out: Sequence[tuple[int, str, str, str, str]] = ()


class PlannedRows(Struct, frozen=True):
    """The rows of a plan, with the writes that are planned and never sent from this journal."""

    _file: JournalFile
    _rows: Rows
    _opt_outs: OptOuts
    _left_out: LeftOutCells

    def record(self, changes: Mapping[int, Contact], writes: Sequence[Change]) -> None:
        """Record planned writes, and the contacts that they are planned for."""
        self._rows.begin(writes)
        with self._file.transaction() as db:
            rows = [(wanted_text(contact), seq) for seq, contact in changes.items()]
            db.executemany("UPDATE rows SET wanted = ? WHERE seq = ?", rows)

    def read(self) -> Iterator[PlannedRow]:
        """Yield every row of a plan, in file order, and then the opt-outs of those that are not imported."""
        cells_of = groupby(self._left_out.read(), key=itemgetter(0))
        ahead = next(cells_of, None)
        with self._file.reading() as db:
            for seq, source, line, kind, cells, *words, notes, fields in db.execute(_PLANNED):
                told = {"notes": json.loads(notes), "fields": jsontext.decode(fields)}
                if ahead and ahead[0] == seq:
                    told["left_out"] = [cell.as_row() for _, cell in ahead[1]]
                    ahead = next(cells_of, None)
                yield PlannedRow(seq, source, line, kind, json.loads(cells), *words, **told)
        for said in self._opt_outs.read():
            yield PlannedRow(said.seq, said.source, said.line, OPT_OUT, phone=said.phone)
