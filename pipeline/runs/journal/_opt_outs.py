"""The opt-outs of rows that are not imported: each contact gets a write of its own, beside the identity.

What holds at any moment, also after a kill:

- A row that says so keeps its outcome (rejected, skipped, ...) in `rows`, where alone it is counted. Here it stands a
  second time, under its number plus `APART`, and its writes are in `writes` under that number: no other row has it.
- It goes the way of every row (pending, begun, answered, settled), by the same statements (_rows.py).
- Of several with one phone the first is written. None is, while a row that is imported says the same of that phone.
- Where several contacts have the phone, each gets a line of its own, in one transaction with the end of the first.
- What the mapping refuses enters together with its row; what is refused later is gathered from `rows`, again and again
  with the same result. So a killed run finds here what it had not done.
"""

import json
from collections.abc import Iterator, Mapping, Sequence

from pipeline.models import Contact, Staged
from pipeline.runs.journal._file import JournalFile
from pipeline.runs.journal._rows import Rows
from pipeline.runs.journal._texts import wanted_text
from pipeline.values import Struct

APART = 1 << 40
"""What is added to a row's number here: no input has so many rows."""

_ONE_BY_ONE = 2 * APART
"""From here on the numbers are those of contacts: each of several with one phone is opted out by its ID."""

_EACH = "each_apart"
"""The code of a row whose phone several contacts have."""

SAYS_SO = "json_extract(wanted, '$.fields.is_opted_out')"
WANTED = wanted_text(Contact(0, "0", {"is_opted_out": True}))

DUE = f"""
AND (rows.seq >= {_ONE_BY_ONE}
OR rows.seq = (SELECT min(first.seq) FROM opt_outs AS first WHERE first.phone = rows.phone)
AND NOT EXISTS (
    SELECT 1 FROM main.rows AS other WHERE other.phone = rows.phone AND other.wanted IS NOT NULL
    AND (other.state <> 'settled' OR other.outcome IN ('created', 'updated', 'unchanged'))
    AND json_extract(other.wanted, '$.fields.is_opted_out')
    AND other.seq + {APART} NOT IN (SELECT seq FROM opt_outs)
))
"""  # noqa: S608 - a number of our own

_GATHER = f"""
INSERT OR IGNORE INTO opt_outs (seq, source, line, phone, wanted, state)
SELECT seq + {APART}, source, line, phone, ?, 'pending' FROM rows
WHERE phone IS NOT NULL AND wanted IS NOT NULL AND {SAYS_SO}
AND (outcome IN ('rejected', 'failed', 'unknown') OR (outcome = 'skipped' AND code = 'exists'))
"""  # noqa: S608 - texts of our own

INSERT = "INSERT OR IGNORE INTO opt_outs (seq, source, line, phone, wanted, state) VALUES (?, ?, ?, ?, ?, 'pending')"


class SaidOptOut(Struct, frozen=True):
    """A row that is not imported and says opted out, by its number in `rows`."""

    seq: int
    source: int
    line: int
    phone: int

    def columns(self) -> tuple[object, ...]:
        """Return what is inserted of it."""
        return (self.seq + APART, self.source, self.line, self.phone, WANTED)


class OptOuts(Struct, frozen=True):
    """Opt-outs of rows that are not imported, and what became of them. `rows` brings them to their outcomes."""

    _file: JournalFile
    rows: Rows

    @classmethod
    def of(cls, file: JournalFile) -> "OptOuts":
        """Return those of a journal."""
        return cls(file, Rows(file, "opt_outs", DUE))

    def add(self, said: Sequence[SaidOptOut]) -> None:
        """Record rows that say so; those that are known are left as they are."""
        with self._file.transaction() as db:
            db.executemany(INSERT, [each.columns() for each in said])

    def add_open(self, seqs: Sequence[int]) -> None:
        """Record rows that say so and were just decided not to be imported, though their outcomes are not recorded."""
        with self._file.reading() as db:
            found = db.execute(
                "SELECT seq, source, line, phone FROM rows WHERE seq IN (SELECT value FROM json_each(?))",
                (json.dumps(seqs),),
            ).fetchall()
        self.add([SaidOptOut(*columns) for columns in found])

    def gather(self) -> None:
        """Record the rows that say so and whose outcome is that they were not imported, but for what was edited since.

        What a plan leaves alone as stale may have been opted in by a person meanwhile.
        """
        with self._file.transaction() as db:
            db.execute(_GATHER, (WANTED,))

    def have_any(self) -> bool:
        """Whether any row says so."""
        with self._file.reading() as db:
            return db.execute("SELECT 1 FROM opt_outs LIMIT 1").fetchone() is not None

    def are_left(self) -> bool:
        """Gather, and say whether any is still to be written."""
        self.gather()
        if not self.have_any():
            return False
        Rows(self._file).index_phones()
        return bool(self.open_rows(0, 1))

    def take_apart(self, contacts: Mapping[int, Sequence[int]]) -> None:
        """Make of each of these (by number) one for each of the contacts with its phone, which are given by ID."""
        with self._file.transaction() as db:
            for seq, ids in contacts.items():
                db.executemany(
                    "INSERT OR IGNORE INTO opt_outs (seq, source, line, phone, wanted, state)"
                    " SELECT ?, source, line, phone, ?, 'pending' FROM opt_outs WHERE seq = ?",
                    [(_ONE_BY_ONE + number, _wanted_of(number), seq) for number in ids],
                )
                db.execute(
                    "UPDATE opt_outs SET state = 'settled', outcome = 'skipped', code = ? WHERE seq = ?", (_EACH, seq)
                )

    def places(self, seqs: Sequence[int]) -> list[tuple[str, int]]:
        """Return phone and line of some of them, in the order of their numbers."""
        with self._file.reading() as db:
            found = db.execute(
                "SELECT phone, line FROM opt_outs WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY seq",
                (json.dumps(seqs),),
            )
            return [(str(phone), line) for phone, line in found]

    def open_rows(self, after: int, limit: int) -> list[Staged]:
        """Return up to `limit` of those that are to be written and have no outcome yet."""
        return self.rows.open_rows(after, limit)

    def read(self) -> Iterator[SaidOptOut]:
        """Yield every row that says so, in order."""
        with self._file.reading() as db:
            found = db.execute(
                "SELECT seq, source, line, phone FROM opt_outs WHERE seq < ? ORDER BY seq", (_ONE_BY_ONE,)
            )
            for seq, *columns in found:
                yield SaidOptOut(seq - APART, *columns)

    def counts(self) -> dict[str, int]:
        """Count the contacts by what became of them; `absent` are those that the account does not have."""
        with self._file.reading() as db:
            return dict(
                db.execute(
                    "SELECT CASE code WHEN 'absent' THEN code ELSE outcome END AS fate, count(*) FROM opt_outs"
                    " WHERE state = 'settled' GROUP BY fate"
                )
            )


def _wanted_of(contact_id: int) -> str:
    return wanted_text(Contact(0, "0", {"is_opted_out": True}, known_id=contact_id, by_id=True))
