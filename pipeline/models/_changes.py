"""Changes to contacts, and rows that wait for theirs."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pipeline.models._contacts import Contact, Json, Record


class OnExisting(StrEnum):
    """What an import does to a contact that is already there."""

    SKIP = "skip"
    FILL = "fill"
    MERGE = "merge"
    OVERWRITE = "overwrite"


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
    """What the server said to a create or update. Source: docs/api.md, section Guide."""

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
