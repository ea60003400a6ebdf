"""A journal read back: counts, and rows with their outcomes."""

import json
from collections.abc import Iterator

from pipeline.models import OutcomeKind, Tally
from pipeline.runs.journal._file import JournalFile
from pipeline.runs.journal._opt_outs import APART
from pipeline.values import Struct

_SETTLED = f"""
SELECT rows.source, rows.line, rows.cells, rows.outcome, rows.code, rows.column_name, rows.value, rows.reason,
    CASE WHEN said.seq IS NULL THEN ''
        WHEN done.code = 'absent' THEN done.code
        WHEN done.outcome IS NOT NULL THEN done.outcome
        WHEN EXISTS (
            SELECT 1 FROM rows AS other WHERE other.phone = said.phone
            AND other.outcome IN ('created', 'updated', 'unchanged')
        ) THEN 'carried' ELSE '' END
FROM rows LEFT JOIN opt_outs AS said ON said.seq = rows.seq + {APART}
    LEFT JOIN opt_outs AS done ON done.seq = (SELECT min(seq) FROM opt_outs WHERE phone = said.phone)
WHERE rows.outcome IN (SELECT value FROM json_each(?)) AND (? IS NULL OR rows.code = ?) ORDER BY rows.seq LIMIT ?
"""  # noqa: S608 - a number of our own


class SettledRow(Struct, frozen=True):
    """A settled row with its original cells, for reject files and reports. `source` counts the files from 0.

    `opt_out` says what became of the opt-out of a row that was not imported: an outcome, `absent` where the account has
    no such contact, `carried` where another row with the phone has it; "" where there was none.
    """

    source: int
    line: int
    cells: tuple[str, ...]
    outcome: OutcomeKind
    code: str
    column: str
    value: str
    reason: str
    opt_out: str = ""


class RowResult(Struct, frozen=True):
    """What became of one row, whoever it was; `outcome` is "" for a row that has none yet.

    `row` counts the rows of the whole input from 1, `superseded_by` is the row that counts in this one's stead.
    """

    row: int
    source: int
    line: int
    phone: int | None
    contact_id: int | None
    outcome: str
    code: str
    superseded_by: int | None
    notes: tuple[str, ...]


_RESULTS = """
SELECT rows.seq, rows.source, rows.line, rows.phone, rows.contact_id, coalesce(rows.outcome, ''), rows.code, won.seq,
    rows.notes
FROM rows LEFT JOIN (
    SELECT phone, seq FROM rows WHERE phone > 0 AND wanted IS NOT NULL AND code <> 'duplicate_in_file'
) AS won ON rows.code = 'duplicate_in_file' AND rows.outcome = 'skipped' AND won.phone = rows.phone
ORDER BY rows.seq
"""


class RowConsent(Struct, frozen=True):
    """What an imported row said about being texted (None: nothing), and the notes of its outcome."""

    phone: str
    line: int
    contact_id: int | None
    is_opted_out: bool | None
    notes: tuple[str, ...]


_CONSENTS = """
SELECT phone, line, contact_id, json_extract(wanted, '$.fields.is_opted_out') AS said, notes FROM rows
WHERE outcome IN ('created', 'updated', 'unchanged', 'skipped') AND phone > 0
AND (outcome <> 'skipped' AND (said = 1 OR ? AND said = 0) OR notes LIKE '%"came_back%') ORDER BY seq
"""


class Outcomes(Struct, frozen=True):
    """Counts of the rows, and the settled ones."""

    _file: JournalFile

    def tally(self) -> Tally:
        """Count the rows by outcome."""
        with self._file.reading() as db:
            rows = db.execute("SELECT count(*) FROM rows").fetchone()[0]
            found = dict(db.execute("SELECT outcome, count(*) FROM rows WHERE state = 'settled' GROUP BY outcome"))
        return Tally(rows=rows, **found)

    def codes(self, *kinds: OutcomeKind) -> dict[str, int]:
        """Count the settled rows of these kinds by code, most frequent first."""
        with self._file.reading() as db:
            return dict(
                db.execute(
                    "SELECT code, count(*) FROM rows WHERE outcome IN (SELECT value FROM json_each(?)) AND code <> ''"
                    " GROUP BY code ORDER BY count(*) DESC, code",
                    (json.dumps(kinds),),
                )
            )

    def notes(self, *, settled: bool = False) -> dict[str, int]:
        """Count recoveries and warnings by code over all rows, or the settled ones, most frequent first."""
        with self._file.reading() as db:
            return dict(
                db.execute(
                    "SELECT note.value, count(*) FROM rows, json_each(rows.notes) AS note"
                    " WHERE NOT ? OR state = 'settled' GROUP BY note.value ORDER BY count(*) DESC, note.value",
                    (settled,),
                )
            )

    def rows(self, *kinds: OutcomeKind, code: str | None = None, limit: int = -1) -> Iterator[SettledRow]:
        """Yield the settled rows of these kinds in file order, with their original cells."""
        with self._file.reading() as db:
            cursor = db.execute(
                _SETTLED,
                (json.dumps(kinds), code, code, limit),
            )
            for source, line, cells, outcome, *words in cursor:
                yield SettledRow(source, line, tuple(json.loads(cells)), OutcomeKind(outcome), *words)

    def consents(self, *, opt_ins: bool) -> Iterator[RowConsent]:
        """Yield the imported rows that said opted out (with `opt_ins` the others, too), or whose contact came back."""
        with self._file.reading() as db:
            for phone, line, contact_id, said, notes in db.execute(_CONSENTS, (opt_ins,)):
                is_out = None if said is None else bool(said)
                yield RowConsent(str(phone), line, contact_id, is_out, tuple(json.loads(notes)))

    def results(self) -> Iterator[RowResult]:
        """Yield what became of every row, in file order."""
        with self._file.reading() as db:
            channels: dict[int, list[str]] = {}
            for seq, state in db.execute("SELECT DISTINCT seq, state FROM channel_adds ORDER BY seq, state"):
                channels.setdefault(seq, []).append(state)
            for seq, source, line, phone, contact, outcome, code, won, notes in db.execute(_RESULTS):
                said = () if notes == "[]" else tuple(json.loads(notes))
                said += tuple(f"channel_{state}" for state in channels.get(seq, ()))
                yield RowResult(seq, source, line, phone, contact, outcome, code, won, said)
