"""Changes to contacts, and rows that wait for theirs."""

from collections.abc import Mapping
from enum import StrEnum

from pipeline.models._contacts import Contact, Json, Record
from pipeline.values import Struct


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


class FieldChange(Struct, frozen=True):
    """One field that a change alters. `name` is a standard field, `tags`, or `custom.<id>`."""

    name: str
    old: Json
    new: Json


class Change(Struct, frozen=True):
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


class WriteAnswer(Struct, frozen=True):
    """What the server said to a create or update. Source: docs/api.md, section Guide."""

    id: int | None
    rev: int | None = None
    uuid: str = ""
    request_id: str = ""


class Staged(Struct, frozen=True):
    """A row of the journal that has no outcome yet.

    `doubt` is the write that was begun and may have taken effect, or None. `answer` is set when its answer is known.
    """

    seq: int
    contact: Contact
    doubt: Change | None = None
    answer: WriteAnswer | None = None
