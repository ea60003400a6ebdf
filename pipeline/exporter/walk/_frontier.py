"""How far a walk over the contact list is proved: the last page, and the contacts that the next must show."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pipeline.models import Json, Listed, compare, order_of, stamp_order
from pipeline.values import Struct, field

OLDER_ANCHORS = 50
"""Records of earlier pages that are kept besides the last page, in case all of its contacts are edited or deleted."""


def signature(record: Listed) -> str:
    """Return a short text that changes whenever a contact is written, and so may move in the list.

    It is made of revision and stamp, or of the whole contact where no revision is shown. Never of both: the address of
    a picture may be signed anew for each answer although nothing was written.
    """
    shown = f"{record.id}|{record.rev}|{record.updated}|".encode() + (record.raw if record.rev is None else b"")
    return hashlib.blake2b(shown, digest_size=8).hexdigest()


class Frontier(Struct):
    """The last page that is proved to join the ones before it.

    `date` is the cursor that brought it, `stamp` the `updated` of its last record, `order` 1 or -1 once the direction
    is known. `anchors` maps the id of a record to its signature and stamp, oldest first. Meaning: when the page was
    read, every contact before its last record had been seen.
    """

    date: str | None = None
    stamp: str = ""
    order: int = 0
    anchors: dict[int, tuple[str, str]] = field(default_factory=dict)

    def move(self, date: str | None, records: Sequence[Listed]) -> None:
        """Take `records`, which were asked for with `date`, as the new last page."""
        kept = list(self.anchors.items())[-OLDER_ANCHORS:]
        self.anchors = dict(kept)
        for record in records:
            # Re-inserted, so that the newest reading is the last one.
            self.anchors.pop(record.id, None)
            self.anchors[record.id] = (signature(record), record.updated)
        self.date = date
        self.stamp = last_stamp(records)
        # With a single stamp, the page's direction is seen from the cursor that brought it.
        self.order = self.order or order_of([*([date] if date else []), *stamps_of(records)]) or 0

    def joins(self, records: Iterable[Listed]) -> bool:
        """Whether a page is proved to leave no gap: it shows, unchanged, a record that is known to the frontier.

        A page is the head of all contacts that satisfy the cursor, and a contact that satisfies it is followed only
        by such that do. So whatever `date` means exactly, nothing from that record on can be missing.
        """
        anchors = self.anchors
        return any(record.id in anchors and anchors[record.id][0] == signature(record) for record in records)

    def shows(self, known: Mapping[int, str]) -> bool:
        """Whether one of the contacts, given as id -> signature, is remembered here, unchanged."""
        return any(self.anchors[each][0] == known[each] for each in self.anchors.keys() & known.keys())

    def is_ahead(self, stamp: str) -> bool:
        """Whether `stamp` lies beyond the frontier; while the direction is unknown, whether it differs."""
        step = compare(stamp, self.stamp)
        return step == self.order if self.order else bool(step)

    def has_passed(self, floor: str) -> bool:
        """Whether `floor` lies strictly behind the frontier, in the direction of the walk."""
        return bool(self.order) and compare(floor, self.stamp) == -self.order

    def step_back_stamps(self) -> Iterator[str]:
        """Yield earlier stamps than the last, nearest first, then in growing steps."""
        behind = [stamp for stamp in dict.fromkeys(stamp for _, stamp in self.anchors.values()) if stamp]
        behind = [stamp for stamp in behind if stamp != self.stamp and not (self.order and self.is_ahead(stamp))]
        behind.sort(key=stamp_order, reverse=self.order >= 0)
        place = 1
        while place <= len(behind):
            yield behind[place - 1]
            place *= 2
        if behind and place // 2 != len(behind):
            yield behind[-1]

    def as_json(self) -> dict[str, Json]:
        """Return the frontier as a JSON object."""
        anchors = [[contact_id, *held] for contact_id, held in self.anchors.items()]
        return {"date": self.date, "stamp": self.stamp, "order": self.order, "anchors": anchors}

    @classmethod
    def from_json(cls, value: Mapping[str, Json]) -> "Frontier":
        """Return the frontier that `as_json` wrote."""
        anchors = {contact_id: (text, stamp) for contact_id, text, stamp in value["anchors"]}
        return cls(value["date"], value["stamp"], value["order"], anchors)


def stamps_of(records: Iterable[Listed]) -> list[str]:
    """Return the stamps of `records` in their order, without the missing ones."""
    return [record.updated for record in records if record.updated]


def last_stamp(records: Sequence[Listed]) -> str:
    """Return the last stamp of a page, or "" when it has none."""
    return next((record.updated for record in reversed(records) if record.updated), "")
