"""Which further channels were added to which contacts."""

from pipeline.runs.journal._file import JournalFile
from pipeline.values import Struct


class ChannelWish(Struct, frozen=True):
    """A channel (`kind`, `value`) that a row wants its contact to have.

    `uuid` is what the answer to the row's write told, or "". `is_new`: the run made the contact. `was_begun`: it may
    have been sent already.
    """

    seq: int
    contact_id: int
    phone: str
    uuid: str
    is_new: bool
    kind: str
    value: str
    was_begun: bool


class ChannelAdds(Struct, frozen=True):
    """Contacts and the further channels that they are given."""

    _file: JournalFile

    def to_add(self) -> list[ChannelWish]:
        """Return the channels of imported rows of which nothing is settled yet, in file order."""
        with self._file.reading() as db:
            found = db.execute(
                "SELECT rows.seq, rows.contact_id, rows.phone, coalesce((SELECT max(uuid) FROM writes"
                " WHERE writes.seq = rows.seq AND uuid <> ''), ''), rows.outcome = 'created',"
                " json_extract(wish.value, '$[0]'), json_extract(wish.value, '$[1]'), known.state IS NOT NULL"
                " FROM rows, json_each(rows.wanted, '$.channels') AS wish LEFT JOIN channel_adds AS known"
                " ON known.seq = rows.seq AND known.kind = json_extract(wish.value, '$[0]')"
                " AND known.value = json_extract(wish.value, '$[1]')"
                " WHERE rows.outcome IN ('created', 'updated', 'unchanged') AND rows.contact_id IS NOT NULL"
                " AND (known.state IS NULL OR known.state = 'begun') ORDER BY rows.seq"
            ).fetchall()
        return [
            ChannelWish(seq, contact_id, str(phone), uuid, bool(is_new), kind, value, bool(was_begun))
            for seq, contact_id, phone, uuid, is_new, kind, value, was_begun in found
        ]

    def record(self, wish: ChannelWish, state: str) -> None:
        """Record a channel as about to be added (begun), or what came of it."""
        with self._file.transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO channel_adds VALUES (?, ?, ?, ?)", (wish.seq, wish.kind, wish.value, state)
            )

    def counts(self) -> dict[str, int]:
        """Count the channels by what came of them."""
        with self._file.reading() as db:
            return dict(db.execute("SELECT state, count(*) FROM channel_adds GROUP BY state"))
