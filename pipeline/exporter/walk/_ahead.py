"""Reading the contact list one page ahead: the next page is on its way while this one is judged and saved.

A page is asked for before the walk has judged the one before it, by a guess at what the walk will ask. A wrong guess
costs a request and nothing else: its answer is dropped, and the walk asks as if it had never been.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import anyio
import anyio.lowlevel
from anyio.abc import TaskGroup

from pipeline.models import Listed, Page, PageRequest

Fetch = Callable[[PageRequest], Awaitable[Page[Listed]]]
Guess = Callable[[Page[Listed]], PageRequest | None]

_TURNS = 3
"""Turns of the event loop that a request needs to be on its way."""


@dataclass(slots=True)
class _Flight:
    """A page that was asked for before anybody needed it."""

    request: PageRequest
    done: anyio.Event = field(default_factory=anyio.Event)
    page: Page[Listed] | None = None
    error: Exception | None = None


class ReadAhead:
    """Fetches pages, one ahead where the next request can be guessed."""

    def __init__(self, ask: Fetch, guess: Guess, group: TaskGroup) -> None:
        self._ask = ask
        self._guess = guess
        self._group = group
        self._flight: _Flight | None = None

    async def fetch(self, request: PageRequest) -> Page[Listed]:
        """Return a page. Raises what the client raises."""
        flight, self._flight = self._flight, None
        page = await (self._landed(flight) if flight and flight.request == request else self._ask(request))
        guess = self._guess(page)
        if guess is not None:
            self._flight = _Flight(guess)
            self._group.start_soon(self._fly, self._flight)
            for _ in range(_TURNS):
                await anyio.lowlevel.checkpoint()
        return page

    async def _fly(self, flight: _Flight) -> None:
        try:
            flight.page = await self._ask(flight.request)
        except Exception as error:  # noqa: BLE001 - it is raised where the page is needed, if it is
            flight.error = error
        flight.done.set()

    @staticmethod
    async def _landed(flight: _Flight) -> Page[Listed]:
        await flight.done.wait()
        if flight.page is None:
            raise flight.error or AssertionError("a flight ends with a page or an error")
        return flight.page


async def reading_ahead(ask: Fetch, guess: Guess, job: Callable[[Fetch], Awaitable[None]]) -> None:
    """Do a job with pages that are read ahead. Raises what the job raises, as it is."""
    failure: Exception | None = None
    async with anyio.create_task_group() as group:
        try:
            await job(ReadAhead(ask, guess, group).fetch)
        except Exception as error:  # noqa: BLE001 - carried out of the task group by hand: nobody has to unwrap it
            failure = error
        # A guess that nobody waits for any more.
        group.cancel_scope.cancel()
    if failure:
        raise failure
