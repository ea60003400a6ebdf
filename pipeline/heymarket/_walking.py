"""Carrying out a walk: pages are asked for, fed and saved."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from pipeline.errors import RequestRefused
from pipeline.heymarket._ahead import Fetch
from pipeline.heymarket._paging import Walk
from pipeline.models import Json, Listed, Page


@dataclass(frozen=True, slots=True)
class WalkStep:
    """One page of a walk. `state` is to be saved in the same transaction as the page's records.

    `seen` is how many different contacts were seen so far.
    """

    page: Page[Listed]
    new_ids: int
    seen: int
    state: dict[str, Json]


async def walk(fetch: Fetch, machine: Walk, save: Callable[[WalkStep], None]) -> AsyncIterator[WalkStep]:
    """Ask for pages until the walk is done, and yield each when it is saved; `machine.report` says how it ended.

    A page is saved before the walk goes on: it never knows more than what was saved. Raises what `fetch` and `save`
    raise; RequestRefused only where leaving out parameters does not help.
    """
    while (request := machine.next_request()) is not None:
        try:
            page = await fetch(request)
        except RequestRefused as error:
            if machine.refuse(error.status):
                continue
            raise
        new_ids = machine.feed(page)
        step = WalkStep(page, new_ids, machine.seen, machine.state)
        save(step)
        yield step
