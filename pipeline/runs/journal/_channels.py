"""Which further channels were added to which contacts."""

import itertools
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

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
    """The channels (type, value) that a run gave to a contact, or may have given; or those that it took away."""

    seq: int
    line: int
    contact_id: int
    phone: str
    channels: tuple[tuple[str, str], ...]


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
            ChannelWish(seq, contact_id, str(phone or ""), uuid, bool(is_new), kind, value, bool(was_begun))
            for seq, contact_id, phone, uuid, is_new, kind, value, was_begun in found
        ]

    def record(self, wish: ChannelWish, state: str) -> None:
        """Record a channel as about to be added (begun), or what came of it."""
        with self._file.transaction() as db:
            if state == "removed" and not _knows_removed(db):
                state = "known"
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
            yield from by_contact(found)


def _knows_removed(db: sqlite3.Connection) -> bool:
    """Whether the journal is of a version that has the state."""
    (schema,) = db.execute("SELECT sql FROM sqlite_master WHERE name = 'channel_adds'").fetchone()
    return "'removed'" in schema


def by_contact(found: Iterable[tuple[Any, ...]]) -> Iterator[AddedChannels]:
    """Put rows of (seq, line, contact, phone, type, value) together by contact."""
    for (seq, line, contact_id, phone), each in itertools.groupby(found, key=lambda row: row[:4]):
        yield AddedChannels(seq, line, contact_id, str(phone or ""), tuple(row[4:] for row in each))
