"""Which contacts were added to which lists."""

from collections.abc import Iterator, Sequence

from pipeline.runs.journal._file import JournalFile
from pipeline.values import Struct


class ListAdds(Struct, frozen=True):
    """Contacts and the lists that they are added to."""

    _file: JournalFile

    def to_fill(self) -> Iterator[tuple[int, int]]:
        """Yield (list ID, contact ID) of the imported rows that name a list and were not sent to it yet."""
        with self._file.reading() as db:
            yield from db.execute(
                "SELECT DISTINCT list.value, rows.contact_id FROM rows, json_each(rows.wanted, '$.lists') AS list"
                " WHERE rows.outcome IN ('created', 'updated', 'unchanged') AND rows.contact_id IS NOT NULL"
                " AND NOT EXISTS (SELECT 1 FROM list_adds AS known WHERE known.list_id = list.value"
                " AND known.contact_id = rows.contact_id) ORDER BY list.value, rows.seq"
            ).fetchall()

    def record(self, list_id: int, contact_ids: Sequence[int], state: str) -> None:
        """Record contacts as about to be added to a list (begun), what came of it (added, refused), or known on it."""
        with self._file.transaction() as db:
            db.executemany(
                "INSERT OR REPLACE INTO list_adds VALUES (?, ?, ?)",
                [(list_id, contact_id, state) for contact_id in contact_ids],
            )

    def counts(self) -> dict[str, int]:
        """Count the contacts that were added to lists, by state."""
        with self._file.reading() as db:
            return dict(db.execute("SELECT state, count(*) FROM list_adds GROUP BY state"))
