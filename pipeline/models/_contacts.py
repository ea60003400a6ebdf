"""Contacts: wanted by a row, refused, and as the server holds them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from pipeline.values import Struct, field

Json = Any
"""A decoded JSON value. It is checked where it enters (wire.py), so the type says no more."""

STANDARD_FIELDS = ("first", "last", "display_name", "email", "avatar", "assignee_id", "is_opted_out")
"""Write-shape fields that hold one value. Source: docs/api.md, section Shapes."""

MAX_TAGS = 5
"""Tags that a contact can have. Source: docs/api.md, section Shapes."""


class Expected(Struct, frozen=True):
    """What the service must still hold for a row to be applied: a contact at this revision, or (`id` None) nobody.

    `rev` is None where the service shows no revisions: then only the identity is compared. `change` is the hash of the
    exact change that a plan showed, or "": a row that would now be changed otherwise is not applied.
    """

    id: int | None = None
    rev: int | None = None
    change: str = ""


class Contact(Struct, frozen=True):
    """A wanted contact, made from one row.

    `phone` is E.164 digits without the plus. `fields` holds only the standard fields that the row speaks about: a
    value of "" means "erase this", a missing key means "leave it alone". `custom` likewise, keyed by numeric field ID
    as a string (offline, where IDs are not known, by title); a file gives texts, what is brought back may be a number,
    a list and so on. `tags` None means "leave alone".
    `notes` are codes of recoveries and warnings, for example `region_assumed`. `lists` are the numeric IDs of the lists
    to add it to. `known_id` is the ID that the contact is said to have, or None. `expected` is what a plan or an undo
    was made from; a row whose contact has moved on since is left alone. `to_delete`: the contact is to be deleted, and
    the row says no more. `channels` are further ways to reach it, as (type, value). `by_id`: the contact with
    `known_id` is meant, whoever else has the phone. `is_blocked`: whether it is to be blocked, None where nothing is
    said of that. `drops` are further channels that it is to lose. `uuid` is the UUID that the contact is said to have,
    or "". Without a phone the contact with the ID or the UUID is meant, or one that is made from its channels.
    """

    line: int
    phone: str
    fields: Mapping[str, str | int | bool] = field(default_factory=dict)
    custom: Mapping[str, Json] = field(default_factory=dict)
    tags: tuple[int, ...] | None = None
    notes: tuple[str, ...] = ()
    lists: tuple[int, ...] = ()
    known_id: int | None = None
    expected: Expected | None = None
    to_delete: bool = False
    channels: tuple[tuple[str, str], ...] = ()
    by_id: bool = False
    is_blocked: bool | None = None
    drops: tuple[tuple[str, str], ...] = ()
    uuid: str = ""


class Reject(Struct, frozen=True):
    """A row that will not be sent. `column` is the header (or "" for the whole row), `value` the offending text.

    `notes` are codes of what else is to be said of it.
    """

    line: int
    code: str
    column: str
    value: str
    reason: str
    notes: tuple[str, ...] = ()


class LeftOut(Struct, frozen=True):
    """A cell that was left out of its contact (`import.on_bad_field`), and why."""

    line: int
    code: str
    column: str
    value: str
    reason: str

    def as_row(self) -> tuple[int, str, str, str, str]:
        """Return what is known of the cell, as a table holds it."""
        return self.line, self.code, self.column, self.value, self.reason


class Skip(Struct, frozen=True):
    """A row that is left out on purpose (`skip_where`, or superseded by another row of the same import).

    `notes` are codes of what else is to be said of it.
    """

    line: int
    code: str
    reason: str
    notes: tuple[str, ...] = ()


class Record(NamedTuple):
    """What the server holds for one contact. `phone` is "" where it has none.

    `is_opted_out`, `tags`, `channels` and `is_blocked` are None where the server does not show them (unreadable is not
    the same as false, or as none). `channels` are (type, value), the primary phone and e-mail address among them where
    the server shows them so; `further_channels` gives the others.
    `created` and `updated` are the server's own text, never re-printed. `raw` is the contact's JSON exactly as sent.
    A named tuple, because millions are made: no class of ours is made as quickly from a decoded answer.
    """

    id: int
    phone: str
    first: str = ""
    last: str = ""
    display_name: str = ""
    email: str = ""
    avatar: str = ""
    assignee_id: int | None = None
    is_opted_out: bool | None = None
    custom: Mapping[str, str] = {}
    tags: tuple[int, ...] | None = None
    rev: int | None = None
    created: str = ""
    updated: str = ""
    uuid: str = ""
    raw: bytes = b"{}"
    channels: tuple[tuple[str, str], ...] | None = None
    is_blocked: bool | None = None


def fold_channel(kind: str, value: str) -> tuple[str, str]:
    """Return a channel as it is compared with others: phones by their digits, addresses without regard to case."""
    kind = kind.strip().casefold()
    if kind == "phone":
        return kind, "".join(sign for sign in value if sign in "0123456789")
    return kind, value.strip().casefold() if kind == "email" else value.strip()


def further_channels(record: Record) -> tuple[tuple[str, str], ...] | None:
    """Return the channels beside the record's phone and e-mail address, each once; None where none are shown."""
    if record.channels is None:
        return None
    known = {fold_channel("phone", record.phone), fold_channel("email", record.email)}
    further: dict[tuple[str, str], tuple[str, str]] = {}
    for channel in record.channels:
        further.setdefault(fold_channel(*channel), channel)
    return tuple(channel for folded, channel in further.items() if folded not in known)


class Status(NamedTuple):
    """What the status of a contact says; each is None where the server does not say it.

    `unsubscribed` is true whoever opted the contact out: `by_admin` somebody of the team, `by_contact` the contact.
    """

    unsubscribed: bool | None = None
    blocked: bool | None = None
    by_admin: bool | None = None
    by_contact: bool | None = None


class CustomField(Struct, frozen=True):
    """A custom field of the account. Titles may be empty or shared by two fields; the ID is the identity."""

    id: int
    title: str


class Member(Struct, frozen=True):
    """A member of the team; `email` is "" where the service does not show it."""

    id: int
    name: str
    email: str = ""


class Found(Struct):
    """What a search for phones brought.

    `records` by the asked phone (several where the service holds several contacts with it); `elsewhere` the asked
    phones that belong to a contact whose own phone is another one; `refused` those the service would not search for,
    with its words. A phone that is in none of them is proved absent.
    """

    records: dict[str, tuple[Record, ...]] = field(default_factory=dict)
    elsewhere: dict[str, Record] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
