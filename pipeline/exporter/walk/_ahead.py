"""Reading the contact list one page ahead: the next page is requested while this one is judged and saved.

A page is asked for before the walk has judged the one before it, by a guess at what the walk will ask. A wrong guess
costs one request: its answer is dropped, and the walk asks for the page that it needs.
"""

from collections.abc import Awaitable, Callable

import anyio
import anyio.lowlevel
from anyio.abc import TaskGroup

from pipeline.models import Listed, Page, PageRequest
from pipeline.values import Struct, field

Fetch = Callable[[PageRequest], Awaitable[Page[Listed]]]
Guess = Callable[[Page[Listed]], PageRequest | None]

_TURNS = 3
"""Turns of the event loop after which a request has been sent."""


class _Prefetch(Struct):
    """A page that was requested before it is needed."""

    request: PageRequest
    done: anyio.Event = field(default_factory=anyio.Event)
    page: Page[Listed] | None = None
    error: Exception | None = None


class ReadAhead:
    """Fetches pages, and the next one in advance where its request can be guessed."""

    def __init__(self, ask: Fetch, guess: Guess, group: TaskGroup) -> None:
        self._ask = ask
        self._guess = guess
        self._group = group
        self._prefetch: _Prefetch | None = None

    async def fetch(self, request: PageRequest) -> Page[Listed]:
        """Return a page. Raises what the client raises."""
        prefetch, self._prefetch = self._prefetch, None
        page = await (self._arrived(prefetch) if prefetch and prefetch.request == request else self._ask(request))
        guess = self._guess(page)
        if guess is not None:
            self._prefetch = _Prefetch(guess)
            self._group.start_soon(self._fetch_ahead, self._prefetch)
            for _ in range(_TURNS):
                await anyio.lowlevel.checkpoint()
        return page

    async def _fetch_ahead(self, prefetch: _Prefetch) -> None:
        try:
            prefetch.page = await self._ask(prefetch.request)
        except Exception as error:  # noqa: BLE001 - it is raised where the page is needed, if it is
            prefetch.error = error
        prefetch.done.set()

    @staticmethod
    async def _arrived(prefetch: _Prefetch) -> Page[Listed]:
        await prefetch.done.wait()
        if prefetch.page is None:
            raise prefetch.error or AssertionError("a prefetch ends with a page or an error")
        return prefetch.page


async def reading_ahead(ask: Fetch, guess: Guess, job: Callable[[Fetch], Awaitable[None]]) -> None:
    """Do a job with pages that are read ahead. Raises what the job raises, as it is."""
    try:
        async with anyio.create_task_group() as group:
            await job(ReadAhead(ask, guess, group).fetch)
            # The last guess is of no use any more.
            group.cancel_scope.cancel()
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
