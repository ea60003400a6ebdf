"""The values that walk through the house: frozen, without behaviour that needs I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

Json = Any
"""A decoded JSON value. It is checked where it enters (heymarket/_wire), so the type says no more."""

STANDARD_FIELDS = ("first", "last", "display_name", "email", "avatar", "assignee_id", "is_opted_out")
"""Write-shape fields that hold one value. Source: shared API facts, "Shapes"."""

MAX_TAGS = 5
"""Source: shared API facts, "Shapes" (tags: at most 5)."""


REJECT_COLUMNS = ("_row", "_code", "_column", "_value", "_reason")
"""What a reject file has behind the original columns; ignored when it is read back. Source: contract, section 6."""


class OutcomeKind(StrEnum):
    """What became of a row. Each row of a run has exactly one (the identity)."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    DELETED = "deleted"
    REJECTED = "rejected"
    FAILED = "failed"
    UNKNOWN = "unknown"


BAD_KINDS = (OutcomeKind.REJECTED, OutcomeKind.FAILED, OutcomeKind.UNKNOWN)
"""The outcomes that make a run end with 3 and that go into the reject file."""


class OnExisting(StrEnum):
    """What an import does to a contact that is already there."""

    SKIP = "skip"
    FILL = "fill"
    MERGE = "merge"
    OVERWRITE = "overwrite"


@dataclass(frozen=True, slots=True)
class RowFault:
    """Why the reader itself refuses a row. `column` is the index of the cell at fault, or None for the whole row."""

    code: str
    column: int | None
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive records of one table. `starts` and `ends` are the physical lines (from 1) where each begins and ends.

    `records` hold the cells verbatim; `faults` are the records that cannot be trusted, by their place in the chunk.
    """

    starts: Sequence[int]
    ends: Sequence[int]
    records: Sequence[Sequence[str]]
    faults: Mapping[int, RowFault] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Expected:
    """What the service must still hold for a row to be applied: a contact at this revision, or (`id` None) nobody.

    `rev` is None where the service shows no revisions: then only the identity is compared. `change` is the hash of the
    exact change that a plan showed, or "": a row that would now be changed otherwise is not applied.
    """

    id: int | None = None
    rev: int | None = None
    change: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """A wanted contact, made from one row.

    `phone` is E.164 digits without the plus. `fields` holds only the standard fields that the row speaks about: a
    value of "" means "erase this", a missing key means "leave it alone". `custom` likewise, keyed by numeric field ID
    as a string (offline, where IDs are not known, by title). `tags` None means "leave alone".
    `notes` are codes of recoveries and warnings, for example `region_assumed`. `lists` are the numeric IDs of the lists
    to add it to. `known_id` is the ID that the contact is said to have, or None. `expected` is what a plan or an undo
    was made from; a row whose contact has moved on since is left alone. `to_delete`: the contact is to be deleted, and
    the row says no more. `channels` are further ways to reach it, as (type, value).
    """

    line: int
    phone: str
    fields: Mapping[str, str | int | bool] = field(default_factory=dict)
    custom: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[int, ...] | None = None
    notes: tuple[str, ...] = ()
    lists: tuple[int, ...] = ()
    known_id: int | None = None
    expected: Expected | None = None
    to_delete: bool = False
    channels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that will not be sent. `column` is the header (or "" for the whole row), `value` the offending text."""

    line: int
    code: str
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Skip:
    """A row that is left out on purpose (`skip_where`, or superseded by another row of the same import)."""

    line: int
    code: str
    reason: str


class Record(NamedTuple):
    """What the server holds for one contact.

    `is_opted_out` and `tags` are None where the server does not show them (unreadable is not the same as false).
    `created` and `updated` are the server's own text, never re-printed. `raw` is the contact's JSON exactly as sent.
    A named tuple, because millions are made: a frozen dataclass takes three times as long.
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


@dataclass(frozen=True, slots=True)
class CustomField:
    """A custom field of the account. Titles may be empty or shared by two fields; the ID is the identity."""

    id: int
    title: str


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the team; `email` is "" where the service does not show it."""

    id: int
    name: str
    email: str = ""


class ChangeKind(StrEnum):
    """The ways to write a contact."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that a change alters. `name` is a standard field, `tags`, or `custom.<id>`."""

    name: str
    old: Json
    new: Json


@dataclass(frozen=True, slots=True)
class Change:
    """One write: what to send, and what was there before (the pre-image, for undo).

    `body` is the write shape. `overwrite` is the query flag of an update: True replaces all custom values.
    """

    seq: int
    kind: ChangeKind
    phone: str
    body: Mapping[str, Json]
    overwrite: bool = False
    contact_id: int | None = None
    before: Record | None = None
    fields: tuple[FieldChange, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WriteAnswer:
    """What the server said to a create or update. Source: shared API facts, "The guide"."""

    id: int | None
    rev: int | None = None
    uuid: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Staged:
    """A row of the journal that has no outcome yet.

    `doubt` is the write that was begun and may have taken effect, or None. `answer` is set when its answer is known.
    """

    seq: int
    contact: Contact
    doubt: Change | None = None
    answer: WriteAnswer | None = None


@dataclass(frozen=True, slots=True)
class Unseen:
    """A part of a write that the service does not show: a hash of what was `sent`, and a mark of
    what was `shown` in its place."""

    field: str
    sent: str
    shown: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The settled fate of one staged row. `code` and `reason` say why, where there is a why.

    `unseen` is what a proved write sent that cannot be read back. `rev` is the contact's revision as it was seen when
    the row's write was judged, for an undo to know it by.
    """

    seq: int
    kind: OutcomeKind
    code: str = ""
    reason: str = ""
    column: str = ""
    value: str = ""
    contact_id: int | None = None
    notes: tuple[str, ...] = ()
    unseen: tuple[Unseen, ...] = ()
    rev: int | None = None


@dataclass(slots=True)
class Found:
    """What a search for phones brought.

    `records` by the asked phone (several where the service holds several contacts with it); `elsewhere` the asked
    phones that belong to a contact whose own phone is another one; `refused` those the service would not search for,
    with its words. A phone that is in none of them is proved absent.
    """

    records: dict[str, tuple[Record, ...]] = field(default_factory=dict)
    elsewhere: dict[str, Record] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PageRequest:
    """One request for a page of the contact list. None leaves the parameter out of the request."""

    date: str | None = None
    ascending: bool | None = None
    limit: int | None = None
    page: int | None = None


class Listed(Protocol):
    """What a walk over the contact list looks at in a contact; a Record has it, and so has what is read faster."""

    @property
    def id(self) -> int:
        """The contact's ID."""
        ...

    @property
    def rev(self) -> int | None:
        """Its revision, None where the server shows none."""
        ...

    @property
    def created(self) -> str:
        """When it was made, in the server's own text; "" where that is not shown."""
        ...

    @property
    def updated(self) -> str:
        """When it was written last, in the server's own text; "" where that is not shown."""
        ...

    @property
    def custom(self) -> Mapping[str, object] | None:
        """Its custom values by field ID, where it has any; of one that it does not have None, or no key."""
        ...

    @property
    def is_opted_out(self) -> bool | None:
        """Whether it is opted out, None where the server does not show it."""
        ...

    @property
    def raw(self) -> bytes:
        """Its JSON exactly as sent."""
        ...


Shown_co = TypeVar("Shown_co", bound=Listed, covariant=True)
"""How much of each contact a page shows."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Shown_co]):
    """One answer of the contact list, in the order the server gave it."""

    request: PageRequest
    records: tuple[Shown_co, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts by outcome. `rows` is what came in; the outcomes must add up to it (the identity).

    `deleted` is 0 in every import.
    """

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    rejected: int = 0
    failed: int = 0
    unknown: int = 0
    deleted: int = 0

    @property
    def settled(self) -> int:
        """Rows that have an outcome."""
        return sum(getattr(self, kind.value) for kind in OutcomeKind)

    @property
    def adds_up(self) -> bool:
        """Whether the identity holds."""
        return self.rows == self.settled


@dataclass(frozen=True, slots=True)
class Traffic:
    """What a client sent: `requests` on the wire, of which `rate_limited` were answered 429, `retries` repeated.

    `waited` are the seconds from each request's leaving to its answer, added up; it tells no two of them apart.
    """

    requests: int = 0
    rate_limited: int = 0
    retries: int = 0
    waited: float = field(default=0.0, compare=False)
