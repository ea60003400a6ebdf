"""Channels and statuses of contacts, asked for one by one where the list does not show them; kept in the draft."""

import hashlib
from collections.abc import Iterable, Iterator

from pipeline import jsontext
from pipeline.models import Status
from pipeline.snapshots._details import Detailed, Details, read_pairs
from pipeline.snapshots._draftfile import DraftFile
from pipeline.storage import disk_errors
from pipeline.wire import channel_body, read_stored

CHANNELS, OPT_OUT, WHO, IS_BLOCKED = 1, 2, 4, 8
"""What is to be asked of a contact: its channels, whether it is opted out, who opted it out, whether it is blocked."""

STATUS = OPT_OUT | WHO | IS_BLOCKED
"""What one call about the status answers."""

_WANT = """
INSERT INTO details VALUES (?, ?, ?, ?, 0, NULL, NULL, ?) ON CONFLICT (id) DO UPDATE
SET phone = excluded.phone, uuid = excluded.uuid, wants = excluded.wants, asked = 0, channels = NULL, status = NULL,
    seen = excluded.seen
WHERE seen != excluded.seen
"""

_NOT_TOLD = {
    CHANNELS: "wants & 1 AND channels IS NULL",
    STATUS: "(wants & 2 AND (status IS NULL OR json_extract(status, '$.unsubscribed') IS NULL))"
    " OR (wants & 8 AND (status IS NULL OR json_extract(status, '$.blocked') IS NULL))",
}
"""Who opted a contact out is told where the service tells it: its newer documents do not have it."""


class DraftDetails(DraftFile):
    """Keeps what is to be asked about contacts, and what the service said. What was answered is not asked again."""

    def want_details(self, wanted: Iterable[tuple[int, str, str, int, bytes]]) -> None:
        """Note contacts as (ID, phone, UUID, what is to be asked, the contact as it is shown); others are forgotten.

        What is known of a contact that is shown as it was then stays.
        """
        with disk_errors(self._path), self._db:
            left = {row[0] for row in self._db.execute("SELECT id FROM details")}

            def rows() -> Iterator[tuple[int, str, str, int, bytes]]:
                for contact_id, phone, uuid, wants, raw in wanted:
                    left.discard(contact_id)
                    yield contact_id, phone, uuid, wants, hashlib.blake2b(raw, digest_size=16).digest()

            self._db.executemany(_WANT, rows())
            self._db.executemany("DELETE FROM details WHERE id = ?", ((each,) for each in left))

    def unasked_details(self, what: int, limit: int) -> list[tuple[int, str]]:
        """Return ID and UUID of contacts that are still to be asked about; channels are asked for by UUID."""
        query = (
            "SELECT id, uuid FROM details WHERE wants & ?1 & ~asked AND (?1 != 1 OR uuid != '') ORDER BY id LIMIT ?2"
        )
        with disk_errors(self._path, "be read"):
            return list(self._db.execute(query, (what, limit)))

    def count_unasked_details(self, what: int) -> int:
        """Return how many such contacts there are."""
        query = "SELECT count(*) FROM details WHERE wants & ?1 & ~asked AND (?1 != 1 OR uuid != '')"
        with disk_errors(self._path, "be read"):
            return int(self._db.execute(query, (what,)).fetchone()[0])

    def save_channels(self, answers: Iterable[tuple[int, tuple[tuple[str, str], ...] | None]]) -> None:
        """Save the channels of contacts; None where the service did not say."""
        rows = [
            (None if told is None else jsontext.encode([channel_body(*each) for each in told]).decode(), each)
            for each, told in answers
        ]
        with disk_errors(self._path), self._db:
            self._db.executemany("UPDATE details SET asked = asked | 1, channels = ? WHERE id = ?", rows)

    def save_statuses(self, answers: Iterable[tuple[int, Status | None]]) -> None:
        """Save the statuses of contacts; None where the service did not say."""
        rows = [(None if told is None else jsontext.encode(told._asdict()).decode(), each) for each, told in answers]
        with disk_errors(self._path), self._db:
            self._db.executemany("UPDATE details SET asked = asked | 14, status = ? WHERE id = ?", rows)

    def stop_asking(self, what: int) -> None:
        """Note that the service does not answer this: what was not asked yet stays unknown."""
        with disk_errors(self._path), self._db:
            self._db.execute("UPDATE details SET asked = asked | ?", (what,))

    def how_known(self, what: int) -> tuple[str, int]:
        """Return how channels (or statuses) are known, as in the manifest, and of how many contacts they are not."""
        with disk_errors(self._path, "be read"):
            wanted = self._db.execute("SELECT count(*) FROM details WHERE wants & ?", (what & ~WHO,)).fetchone()[0]
            missing = self._db.execute(f"SELECT count(*) FROM details WHERE {_NOT_TOLD[what]}").fetchone()[0]  # noqa: S608
        if not wanted:
            return self.facts.carried.get("channels" if what == CHANNELS else "status", ("list", 0))
        return ("unknown" if missing else "asked"), missing

    def details(self) -> Iterator[Details]:
        """Yield what was told, sorted by contact ID."""
        query = (
            "SELECT id, phone, channels, status FROM details"
            " WHERE channels IS NOT NULL OR status IS NOT NULL ORDER BY id"
        )
        with disk_errors(self._path, "be read"):
            for row in self._db.execute(query):
                yield _details(*row)

    def keep_details(self, details: Iterable[Details]) -> None:
        """Save details that are known from elsewhere."""
        with disk_errors(self._path), self._db:
            self._db.executemany(
                "INSERT OR REPLACE INTO details VALUES (?, ?, '', 0, 0, ?, ?, x'')",
                (
                    (
                        each.id,
                        each.phone,
                        None
                        if each.channels is None
                        else jsontext.encode([channel_body(*channel) for channel in each.channels]).decode(),
                        None if each.status is None else jsontext.encode(each.status._asdict()).decode(),
                    )
                    for each in details
                ),
            )

    def detailed_contacts(self) -> Iterator[Detailed]:
        """Yield the contacts with what was told of them beside, sorted by ID."""
        query = (
            "SELECT raw, details.id, phone, channels, status FROM contacts"
            " LEFT JOIN details ON details.id = contacts.id ORDER BY contacts.id"
        )
        with disk_errors(self._path, "be read"):
            for raw, number, phone, channels, status in self._db.execute(query):
                yield read_stored(raw), None if number is None else _details(number, phone, channels, status)

    @property
    def tells_opt_outs(self) -> bool:
        """Whether any status that was asked for says who is opted out."""
        query = "SELECT EXISTS (SELECT 1 FROM details WHERE json_extract(status, '$.unsubscribed') IS NOT NULL)"
        with disk_errors(self._path, "be read"):
            return bool(self._db.execute(query).fetchone()[0])

    def asked_opted_out_phones(self) -> Iterator[str]:
        """Yield the phones of contacts that were said to be opted out when their status was asked."""
        query = "SELECT phone FROM details WHERE phone != '' AND json_extract(status, '$.unsubscribed') = 1"
        with disk_errors(self._path, "be read"):
            for (phone,) in self._db.execute(query):
                yield phone


def _details(number: int, phone: str, channels: str | None, status: str | None) -> Details:
    return Details(
        number,
        phone,
        read_pairs(jsontext.decode(channels)) if channels else None,
        Status(**jsontext.decode(status)) if status else None,
    )
