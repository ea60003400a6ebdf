"""Who is opted out, asked one by one where the list does not show it; kept in the draft."""

import re
from collections.abc import Iterable, Iterator

from pipeline.models import Listed, Record
from pipeline.snapshots._draftfile import DraftFile
from pipeline.storage import disk_errors
from pipeline.wire import read_stored

_MAYBE_OUT = re.compile(rb'"is_opted_out"\s*:\s*[t"1]')
"""Of most contacts nothing more has to be decoded."""


class Consents(DraftFile):
    """Keeps what the service said of each contact's status."""

    def unasked(self, limit: int) -> list[int]:
        """Return IDs of contacts whose status was not asked for yet."""
        with disk_errors(self._path, "be read"):
            found = self._db.execute(
                "SELECT id FROM contacts WHERE id NOT IN (SELECT id FROM consents) ORDER BY id LIMIT ?", (limit,)
            )
            return [row[0] for row in found]

    def count_unasked(self) -> int:
        """Return how many such contacts there are."""
        with disk_errors(self._path, "be read"):
            query = "SELECT count(*) FROM contacts WHERE id NOT IN (SELECT id FROM consents)"
            return int(self._db.execute(query).fetchone()[0])

    def save_consents(self, consents: Iterable[tuple[int, bool | None]]) -> None:
        """Save what the service said of these contacts; None where it did not say."""
        with disk_errors(self._path), self._db:
            self._db.executemany("INSERT OR REPLACE INTO consents VALUES (?, ?)", consents)

    def forget_outdated(self, records: Iterable[Listed]) -> None:
        """Forget the status of contacts that differ from what is saved: the change may be the consent."""
        query = (
            "DELETE FROM consents WHERE id = ?1"
            " AND NOT EXISTS (SELECT 1 FROM contacts WHERE contacts.id = ?1 AND raw = ?2)"
        )
        with disk_errors(self._path), self._db:
            self._db.executemany(query, ((record.id, record.raw) for record in records))

    def consents(self) -> Iterator[tuple[int, bool]]:
        """Yield contact ID and whether it is opted out, where the service said so; sorted by ID."""
        query = (
            "SELECT consents.id, is_opted_out FROM consents JOIN contacts ON contacts.id = consents.id"
            " WHERE is_opted_out IS NOT NULL ORDER BY consents.id"
        )
        with disk_errors(self._path, "be read"):
            for contact_id, is_opted_out in self._db.execute(query):
                yield contact_id, bool(is_opted_out)

    def opted_out_phones(self) -> Iterator[str]:
        """Yield the phones of contacts that the service showed, or said when asked, to be opted out."""
        asked = "SELECT raw FROM consents JOIN contacts ON contacts.id = consents.id WHERE is_opted_out = 1"
        with disk_errors(self._path, "be read"):
            for (raw,) in self._db.execute(asked):
                yield from _phone(read_stored(raw))
            for (raw,) in self._db.execute("SELECT raw FROM contacts"):
                if _MAYBE_OUT.search(raw):
                    record = read_stored(raw)
                    yield from _phone(record) if record.is_opted_out else ()


def _phone(record: Record) -> tuple[str, ...]:
    return (record.phone,) if record.phone else ()
