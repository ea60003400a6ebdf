"""Reading the contact list one page ahead: the next page is on its way while this one is read and judged.

A page is asked for before the walk has judged the one before it, by a guess at what the walk will ask. A wrong guess
costs a request and nothing else: its answer is dropped, and the walk asks as if it had never been.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import anyio
import anyio.lowlevel
from anyio.abc import TaskGroup

from pipeline.heymarket._wire import Unusable, read_stored, stamps_at_the_end
from pipeline.models import Page, PageRequest

Fetch = Callable[[PageRequest], Awaitable[Page]]
Guess = Callable[["RawPage"], PageRequest | None]

_TAIL = 30
"""So many contacts at the end of a page are looked at for a guess."""

_TURNS = 3
"""Turns of the event loop that a request needs to be on its way."""


@dataclass(frozen=True, slots=True)
class RawPage:
    """A page as it came, cut into its contacts, which are not read yet."""

    request: PageRequest
    contacts: list[bytes]

    @property
    def last_stamps(self) -> list[str]:
        """The `updated` of the last contacts, in the page's order; "" for one that shows none."""
        return stamps_at_the_end(self.contacts[-_TAIL:])

    def read(self) -> Page:
        """Read the contacts. Raises Unusable."""
        return Page(self.request, tuple(map(read_stored, self.contacts)))


Ask = Callable[[PageRequest], Awaitable[RawPage]]


@dataclass(slots=True)
class _Flight:
    """A page that was asked for before anybody needed it."""

    request: PageRequest
    done: anyio.Event = field(default_factory=anyio.Event)
    page: RawPage | None = None
    error: Exception | None = None


class ReadAhead:
    """Fetches pages, one ahead where the next request can be guessed. `again` asks anew for a page that is unusable."""

    def __init__(self, ask: Ask, again: Fetch, guess: Guess, group: TaskGroup) -> None:
        self._ask = ask
        self._again = again
        self._guess = guess
        self._group = group
        self._flight: _Flight | None = None

    async def fetch(self, request: PageRequest) -> Page:
        """Return a page. Raises what the client raises."""
        flight, self._flight = self._flight, None
        raw = await (self._landed(flight) if flight and flight.request == request else self._ask(request))
        guess = self._guess(raw)
        if guess is not None:
            self._flight = _Flight(guess)
            self._group.start_soon(self._fly, self._flight)
            for _ in range(_TURNS):
                await anyio.lowlevel.checkpoint()
        try:
            return raw.read()
        except Unusable:
            # Whether that heals, and what it is called if it does not, the client knows.
            return await self._again(request)

    async def _fly(self, flight: _Flight) -> None:
        try:
            flight.page = await self._ask(flight.request)
        except Exception as error:  # noqa: BLE001 - it is raised where the page is needed, if it is
            flight.error = error
        flight.done.set()

    @staticmethod
    async def _landed(flight: _Flight) -> RawPage:
        await flight.done.wait()
        if flight.page is None:
            raise flight.error or AssertionError("a flight ends with a page or an error")
        return flight.page


async def reading_ahead(ask: Ask, again: Fetch, guess: Guess, job: Callable[[Fetch], Awaitable[None]]) -> None:
    """Do a job with pages that are read ahead. Raises what the job raises, as it is."""
    failure: Exception | None = None
    async with anyio.create_task_group() as group:
        try:
            await job(ReadAhead(ask, again, guess, group).fetch)
        except Exception as error:  # noqa: BLE001 - carried out of the task group by hand: nobody has to unwrap it
            failure = error
        # A guess that nobody waits for any more.
        group.cancel_scope.cancel()
    if failure:
        raise failure
