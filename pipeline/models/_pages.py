"""One page of the contact list, asked for and answered."""

from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from pipeline.models._contacts import Record
from pipeline.values import Struct

if TYPE_CHECKING:
    from pipeline.jsontext import ListEntry


class PageRequest(Struct, frozen=True):
    """One request for a page of the contact list. None leaves the parameter out of the request.

    What `archived` does, if anything, is unknown. Source: docs/api.md, section List cursor.
    """

    date: str | None = None
    ascending: bool | None = None
    limit: int | None = None
    page: int | None = None
    archived: bool | None = None


Listed: TypeAlias = "Record | ListEntry"
"""A contact as a page shows it: whole, or only as far as a walk over the list looks at it, which is read faster."""

Shown_co = TypeVar("Shown_co", bound="Record | ListEntry", covariant=True)
"""How much of each contact a page shows."""


class Page(Struct, Generic[Shown_co], frozen=True):
    """One answer of the contact list, in the order the server gave it."""

    request: PageRequest
    records: tuple[Shown_co, ...]
