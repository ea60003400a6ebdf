"""Which further channels were taken from which contacts."""

from collections.abc import Iterable, Iterator

from pipeline import jsontext
from pipeline.runs.journal._channels import AddedChannels, by_contact
from pipeline.runs.journal._file import JournalFile
from pipeline.values import Struct


class ChannelDrop(Struct, frozen=True):
    """Channels of one kind that a contact is to lose. `held`: where a call may have been sent, its phone and
    its address (each perhaps "") and then all the channels that it had."""

    seq: int
    contact_id: int
    phone: str
    kind: str
    values: tuple[str, ...]
    held: tuple[tuple[str, str], ...] | None = None


class ChannelDrops(Struct, frozen=True):
    """Contacts, and the channels that are taken from them."""

    _file: JournalFile

    def to_drop(self) -> list[ChannelDrop]:
        """Return what is to be taken away and not settled yet: of each contact its channels of one kind at a time."""
        with self._file.reading() as db:
            found = db.execute(
                "SELECT rows.seq, rows.contact_id, rows.phone, json_extract(wish.value, '$[0]') AS wished,"
                " json_group_array(json_extract(wish.value, '$[1]')), known.held"
                " FROM rows, json_each(rows.wanted, '$.drops') AS wish LEFT JOIN channel_drops AS known"
                " ON known.seq = rows.seq AND known.kind = json_extract(wish.value, '$[0]')"
                " WHERE rows.outcome IN ('updated', 'unchanged') AND rows.contact_id IS NOT NULL"
                " AND (known.state IS NULL OR known.state = 'begun')"
                " GROUP BY rows.seq, wished ORDER BY rows.seq, wished"
            ).fetchall()
        return [
            ChannelDrop(seq, contact_id, str(phone or ""), kind, tuple(jsontext.decode(values)), _pairs(held))
            for seq, contact_id, phone, kind, values, held in found
        ]

    def record(self, drop: ChannelDrop, held: Iterable[tuple[str, str]], state: str) -> None:
        """Record what a contact held before something is taken from it (begun), or what came of it."""
        with self._file.transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO channel_drops VALUES (?, ?, ?, ?)",
                (drop.seq, drop.kind, jsontext.encode(list(held)).decode(), state),
            )

    def dropped(self) -> Iterator[AddedChannels]:
        """Yield the contacts with the channels that were taken from them, in the order of their rows."""
        with self._file.reading() as db:
            found = db.execute(
                "SELECT rows.seq, rows.line, rows.contact_id, rows.phone, json_extract(wish.value, '$[0]'),"
                " json_extract(wish.value, '$[1]') FROM channel_drops JOIN rows ON rows.seq = channel_drops.seq,"
                " json_each(rows.wanted, '$.drops') AS wish WHERE channel_drops.state = 'dropped'"
                " AND channel_drops.kind = json_extract(wish.value, '$[0]') ORDER BY rows.seq"
            )
            yield from by_contact(found)

    def counts(self) -> dict[str, int]:
        """Count the contacts and kinds by what came of them."""
        with self._file.reading() as db:
            return dict(db.execute("SELECT state, count(*) FROM channel_drops GROUP BY state"))


def _pairs(held: str | None) -> tuple[tuple[str, str], ...] | None:
    return None if held is None else tuple((kind, value) for kind, value in jsontext.decode(held))
