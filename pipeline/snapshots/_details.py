"""Channels and statuses of contacts that were asked for one by one, because the list does not show them."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pipeline import jsontext
from pipeline.models import Json, Record, Status, further_channels
from pipeline.values import Struct
from pipeline.wire import channel_body, read_status

BLOCKED = "blocked"
UNSUBSCRIBED_BY = "unsubscribed_by"


class Details(NamedTuple):
    """What the service said of one contact when it was asked. None: it was not asked for that, or did not say.

    `channels` are (type, value), the primary phone and e-mail address among them where the service shows them.
    """

    id: int
    phone: str
    channels: tuple[tuple[str, str], ...] | None = None
    status: Status | None = None


_NUMBERED = re.compile(r"(?:phone|email|channel_.+)_[1-9]\d*")

Detailed = tuple[Record, Details | None]
"""A contact as the list showed it, and what was asked of it beside."""


def encode_details(details: Details) -> bytes:
    """Return the line of a file that holds them."""
    return jsontext.encode(
        {
            "id": details.id,
            "phone": details.phone,
            "channels": None if details.channels is None else [channel_body(*each) for each in details.channels],
            "status": None if details.status is None else details.status._asdict(),
        }
    )


def decode_details(line: bytes) -> Details:
    """Return what a line of a file holds. Raises ValueError, KeyError and TypeError for one that is not ours."""
    held = jsontext.decode(line)
    channels, status = held["channels"], held["status"]
    return Details(int(held["id"]), str(held["phone"]), read_pairs(channels), Status(**status) if status else None)


def read_pairs(channels: Json) -> tuple[tuple[str, str], ...] | None:
    """Return channels as (type, value) of their JSON. Raises KeyError, TypeError."""
    return None if channels is None else tuple((each["channel_type"], each["channel_id"]) for each in channels)


def status_of(record: Record, details: Details | None) -> Status:
    """Return the status of a contact: what the list shows, and for the rest what was asked."""
    asked = (details.status if details else None) or Status()
    shown = (read_status(record.raw) if b'"unsubscribed' in record.raw else None) or Status()
    return Status(
        asked.unsubscribed if record.is_opted_out is None else record.is_opted_out,
        asked.blocked if record.is_blocked is None else record.is_blocked,
        asked.by_admin if shown.by_admin is None else shown.by_admin,
        asked.by_contact if shown.by_contact is None else shown.by_contact,
    )


def complete_record(record: Record, details: Details | None) -> Record:
    """Return a contact with what was asked of it where the list does not show it."""
    if details is None:
        return record
    status = status_of(record, details)
    channels = details.channels if record.channels is None else record.channels
    return record._replace(channels=channels, is_opted_out=status.unsubscribed, is_blocked=status.blocked)


class DetailColumns(Struct, frozen=True):
    """The columns of contacts.csv for channels and status; `most` is channel type -> how many one contact has."""

    most: dict[str, int]

    @classmethod
    def over(cls, contacts: Iterable[Detailed]) -> "DetailColumns":
        """Return the columns that these contacts need."""
        most: dict[str, int] = {}
        for record, details in contacts:
            further = further_channels(complete_record(record, details)) or ()
            for kind, count in Counter(_kind(kind) for kind, _ in further).items():
                most[kind] = max(count, most.get(kind, 0))
        return cls(most)

    @property
    def headers(self) -> list[str]:
        """The headers: `phone_2`, `email_2`, `channel_<type>_1` and so on, then `blocked` and `unsubscribed_by`."""
        return [*(_header(kind, number) for kind, number in self._places()), BLOCKED, UNSUBSCRIBED_BY]

    def cells(self, record: Record, details: Details | None) -> list[str]:
        """Return the cells of a contact below the headers; blank where there is nothing, or it is not known."""
        held: dict[str, list[str]] = {}
        for kind, value in further_channels(complete_record(record, details)) or ():
            held.setdefault(_kind(kind), []).append(value)
        status = status_of(record, details)
        blocked = "" if status.blocked is None else "true" if status.blocked else "false"
        numbered = [dict(enumerate(held.get(kind, ()), 1)).get(number, "") for kind, number in self._places()]
        return [*numbered, blocked, said_by(status)]

    def _places(self) -> Iterator[tuple[str, int]]:
        order = ("phone", "email")
        for kind in sorted(self.most, key=lambda each: (order.index(each) if each in order else len(order), each)):
            for number in range(1, self.most[kind] + 1):
                yield kind, number


def said_by(status: Status) -> str:
    """Return who opted a contact out: `admin`, `contact`, both, or "" where nobody did or it is not known."""
    return ";".join(name for name, did in (("admin", status.by_admin), ("contact", status.by_contact)) if did)


def is_detail_column(header: str) -> bool:
    """Whether a header is one that `DetailColumns` gives."""
    return header in (BLOCKED, UNSUBSCRIBED_BY) or bool(_NUMBERED.fullmatch(header))


def _kind(kind: str) -> str:
    return kind.strip().casefold()


def _header(kind: str, number: int) -> str:
    # The phone and the address of the contact itself are the first ones.
    return f"{kind}_{number + 1}" if kind in ("phone", "email") else f"channel_{kind}_{number}"
