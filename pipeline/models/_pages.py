"""One page of the contact list, asked for and answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar


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
