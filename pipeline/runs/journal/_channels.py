"""Which further channels were added to which contacts, and which were taken away."""

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from pipeline import jsontext
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


class AddedChannels(Struct, frozen=True):
    """The channels (type, value) that a run gave to a contact, or may have given."""

    seq: int
    line: int
    contact_id: int
    phone: str
    channels: tuple[tuple[str, str], ...]


class ChannelDrop(Struct, frozen=True):
    """Channels of one kind that a contact is to lose. `held`: all that it had, where a call may have been sent."""

    seq: int
    contact_id: int
    phone: str
    kind: str
    values: tuple[str, ...]
    held: tuple[tuple[str, str], ...] | None = None


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

    def added(self) -> Iterator[AddedChannels]:
        """Yield the contacts with the channels that they were given, or may have been, in the order of their rows."""
        with self._file.reading() as db:
            found = db.execute(
                "SELECT rows.seq, rows.line, rows.contact_id, rows.phone, channel_adds.kind, channel_adds.value"
                " FROM channel_adds JOIN rows ON rows.seq = channel_adds.seq"
                " WHERE channel_adds.state IN ('added', 'begun', 'unproved', 'unknown') ORDER BY rows.seq"
            )
            yield from _by_contact(found)


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
            ChannelDrop(seq, contact_id, str(phone), kind, tuple(jsontext.decode(values)), _pairs(held))
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
            yield from _by_contact(found)

    def counts(self) -> dict[str, int]:
        """Count the contacts and kinds by what came of them."""
        with self._file.reading() as db:
            return dict(db.execute("SELECT state, count(*) FROM channel_drops GROUP BY state"))


def _by_contact(found: Iterable[tuple[Any, ...]]) -> Iterator[AddedChannels]:
    for (seq, line, contact_id, phone), each in itertools.groupby(found, key=lambda row: row[:4]):
        yield AddedChannels(seq, line, contact_id, str(phone or ""), tuple(row[4:] for row in each))


def _pairs(held: str | None) -> tuple[tuple[str, str], ...] | None:
    return None if held is None else tuple((kind, value) for kind, value in jsontext.decode(held))
