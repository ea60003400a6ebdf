"""The world behind the endpoints: contacts, account, traits, clock, and the record of every effect."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pipeline.sandbox._account import EmulatedAccount
from pipeline.sandbox._answers import Problem
from pipeline.sandbox._records import StoredContact, make_uuid, read_shape
from pipeline.sandbox._store import ContactStore
from pipeline.sandbox._traits import Traits


class Write(NamedTuple):
    """One effect on a contact: create, update, delete, status or channel; `rev` is the revision afterwards."""

    kind: str
    contact_id: int
    rev: int


@dataclass(slots=True)
class World:
    """Everything the endpoints work on. `clock` gives seconds since 1970."""

    traits: Traits
    clock: Callable[[], float]
    seed: int
    store: ContactStore = field(default_factory=ContactStore)
    account: EmulatedAccount = field(default_factory=EmulatedAccount)
    writes: list[Write] = field(default_factory=list)
    _last_stamp: int = 0
    _first_stamp: int = 0
    _last_channel: int = 4000

    def next_stamp(self) -> int:
        """Return the stamp for a write, later than every one before unless the trait `stamp` is `one`."""
        if not self._first_stamp:
            self._first_stamp = int(self.clock() * 1_000_000)
        if self.traits.stamp == "one":
            return self._first_stamp
        self._last_stamp = max(int(self.clock() * 1_000_000), self._last_stamp + 1)
        return self._last_stamp

    def bulk_stamp(self) -> int | None:
        """Return the one stamp of a bulk call, or None when each contact gets its own."""
        return None if self.traits.stamp == "each" else self.next_stamp()

    def new_uuid(self, number: int) -> str:
        """Return the UUID for a new contact id."""
        return make_uuid(self.seed, number)

    def next_channel_id(self) -> int:
        """Return a fresh channel id."""
        self._last_channel += 1
        return self._last_channel

    def keep_channel_id(self, number: int) -> None:
        """Never give out this channel id, which a loaded contact has."""
        self._last_channel = max(self._last_channel, number)

    def record(self, kind: str, contact: StoredContact) -> None:
        """Note that a write took effect."""
        self.writes.append(Write(kind, contact.id, contact.rev))

    def shown(self, contact: StoredContact, *, version: str = "v1") -> dict[str, Any]:
        """Return a contact as an answer of that version of the API shows it now."""
        return read_shape(contact, self.traits, self.account.tags, version=version)

    def receipt(self, contact: StoredContact) -> dict[str, Any]:
        """Return the answer to a single write. Source: docs/api.md, section Guide."""
        return {"id": contact.id, "rev": contact.rev, "uuid": contact.uuid}

    def missing(self, what: str = "contact") -> Problem:
        """Return the refusal for something that is not there."""
        return Problem(self.traits.missing_status, f"no such {what}", code="not_found")

    @staticmethod
    def no_endpoint() -> Problem:
        """Return the refusal of a path that this server does not have."""
        return Problem(404, "no such endpoint")
