"""A draft against the snapshot before it: what changed, what was deleted."""

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby

from pipeline.snapshots._draftfile import DraftFile
from pipeline.storage import disk_errors
from pipeline.values import Struct, replace


class Comparison(Struct, frozen=True):
    """What was read against an earlier snapshot: its contacts, the contacts read, those of it that were not read."""

    base: int
    read: int
    not_read: int

    @property
    def together(self) -> int:
        """How many different contacts there are in both."""
        return self.read + self.not_read


class Changes(DraftFile):
    """Compares and reduces what was read."""

    def compare_with(self, base: Iterable[tuple[int, bytes]]) -> Comparison:
        """Compare what was read with the contacts of an earlier snapshot, sorted by id. Nothing is changed."""
        counts = Counter[str]()
        for _, before, after in self._side_by_side(base):
            counts["base"] += before is not None
            counts["read"] += after is not None
            counts["both"] += before is not None and after is not None
        return Comparison(counts["base"], counts["read"], counts["base"] - counts["both"])

    def reduce_to_changes(self, base: Iterable[tuple[int, bytes]], *, with_deleted: bool) -> None:
        """Keep only contacts that are new or changed since the earlier snapshot. Repeating it changes nothing more.

        `with_deleted` also records the contacts of that snapshot that were not read, which is possible only before the
        first reduction. A contact that was read since is not deleted.
        """
        with_deleted = with_deleted and not self.facts.reduced
        with self._noting(replace(self.facts, reduced=True)):
            self._db.execute("DELETE FROM deleted WHERE id IN (SELECT id FROM contacts)")
            self._db.execute("CREATE TEMP TABLE same (id INTEGER PRIMARY KEY)")
            for contact_id, before, after in self._side_by_side(base):
                if before is not None and after == before:
                    self._db.execute("INSERT INTO same VALUES (?)", (contact_id,))
                elif after is None and with_deleted:
                    self._db.execute("INSERT OR REPLACE INTO deleted VALUES (?, ?)", (contact_id, before))
            self._db.execute("DELETE FROM contacts WHERE id IN (SELECT id FROM same)")
            self._db.execute("DROP TABLE same")

    def current(self, base: Iterable[tuple[int, bytes]]) -> Iterator[bytes]:
        """Yield all contacts of the account after `reduce_to_changes`, by id: changed ones, and those of `base`."""
        with disk_errors(self._path, "be read"):
            gone = {row[0] for row in self._db.execute("SELECT id FROM deleted")}
        for contact_id, before, after in self._side_by_side(base):
            raw = before if after is None and contact_id not in gone else after
            if raw is not None:
                yield raw

    @property
    def deleted_count(self) -> int:
        """How many contacts are recorded as deleted, and were not read since."""
        with disk_errors(self._path, "be read"):
            query = "SELECT count(*) FROM deleted WHERE id NOT IN (SELECT id FROM contacts)"
            return int(self._db.execute(query).fetchone()[0])

    def raw_deleted(self) -> Iterator[bytes]:
        """Yield the deleted contacts, as they were last known, sorted by id."""
        with disk_errors(self._path, "be read"):
            for row in self._db.execute("SELECT raw FROM deleted ORDER BY id"):
                yield row[0]

    def _side_by_side(self, base: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, bytes | None, bytes | None]]:
        with disk_errors(self._path, "be read"):
            read = self._db.execute("SELECT id, raw FROM contacts ORDER BY id")
            for contact_id, group in groupby(
                heapq.merge(((*each, 0) for each in base), ((*each, 1) for each in read), key=lambda each: each[0]),
                key=lambda each: each[0],
            ):
                sides = {side: raw for _, raw, side in group}
                yield contact_id, sides.get(0), sides.get(1)
