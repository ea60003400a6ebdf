"""Which contacts were blocked or unblocked."""

from collections.abc import Iterator
from typing import Literal

from pipeline.runs.journal._file import JournalFile
from pipeline.values import Struct

BlockState = Literal["begun", "set", "held", "kept", "refused", "ignored", "unproved"]
"""What came of it: perhaps sent; done and seen; so already; left alone by the policy; the service's refusal; answered,
and not so; answered, and not shown."""


class BlockWish(Struct, frozen=True):
    """Whether a row wants its contact to be blocked (`wanted`). `was`: how it was before this run, where that is known.

    `was_begun`: the call may have been sent already.
    """

    seq: int
    contact_id: int
    wanted: bool
    was: bool | None = None
    was_begun: bool = False


class Blocks(Struct, frozen=True):
    """Contacts, and whether they are to be blocked."""

    _file: JournalFile

    def to_set(self) -> list[BlockWish]:
        """Return the wishes of imported rows of which nothing is settled yet, in file order."""
        with self._file.reading() as db:
            found = db.execute(
                "SELECT rows.seq, rows.contact_id, json_extract(rows.wanted, '$.blocked'), known.was,"
                " known.state IS NOT NULL FROM rows LEFT JOIN blocks AS known ON known.seq = rows.seq"
                " WHERE json_extract(rows.wanted, '$.blocked') IS NOT NULL AND rows.contact_id IS NOT NULL"
                " AND (rows.outcome IN ('created', 'updated', 'unchanged')"
                # Under `skip` a contact is left alone, but for what says that it must not be texted.
                " OR (rows.code = 'exists' AND json_extract(rows.wanted, '$.blocked')))"
                " AND (known.state IS NULL OR known.state = 'begun') ORDER BY rows.seq"
            ).fetchall()
        return [
            BlockWish(seq, contact_id, bool(wanted), None if was is None else bool(was), bool(begun))
            for seq, contact_id, wanted, was, begun in found
        ]

    def record(self, wish: BlockWish, state: BlockState) -> None:
        """Record a call as about to be sent (begun), or what came of it."""
        with self._file.transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO blocks VALUES (?, ?, ?, ?, ?)",
                (wish.seq, wish.contact_id, wish.wanted, wish.was, state),
            )

    def counts(self) -> dict[tuple[str, bool], int]:
        """Count the contacts by what came of them, and by whether they were to be blocked."""
        with self._file.reading() as db:
            found = db.execute("SELECT state, wanted, count(*) FROM blocks GROUP BY state, wanted")
            return {(state, bool(wanted)): count for state, wanted, count in found}

    def done(self) -> Iterator[tuple[BlockWish, int, str]]:
        """Yield those that were blocked or unblocked, or may have been, with the line and the phone of their rows."""
        with self._file.reading() as db:
            for seq, contact_id, wanted, was, line, phone in db.execute(
                "SELECT blocks.seq, blocks.contact_id, blocks.wanted, was, line, phone FROM blocks"
                " JOIN rows ON rows.seq = blocks.seq WHERE blocks.state IN ('set', 'unproved', 'begun')"
                " ORDER BY blocks.seq"
            ):
                wish = BlockWish(seq, contact_id, bool(wanted), None if was is None else bool(was), was_begun=True)
                yield wish, line, str(phone or "")
