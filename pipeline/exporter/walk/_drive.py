"""Carrying out a walk: pages are asked for, fed and saved."""

from collections.abc import Callable, Generator
from typing import TypeVar

import anyio

from pipeline.errors import RequestRefused
from pipeline.exporter.walk._ahead import Fetch
from pipeline.exporter.walk._machine import Walk
from pipeline.exporter.walk._ranges import Ranges
from pipeline.exporter.walk._ties import Answer
from pipeline.models import Json, Listed, Page, PageRequest
from pipeline.values import Struct

T = TypeVar("T")


class WalkStep(Struct, frozen=True):
    """One page of a walk. `seen` is how many different contacts were seen so far.

    `state` is to be saved in the same transaction as the page's contacts: of the walk, or of the range `number`.
    """

    page: Page[Listed]
    new_ids: int
    seen: int
    state: dict[str, Json]
    number: int | None = None


Save = Callable[[WalkStep], None]
"""Saves a step. The walk continues when it returns, so the saved state is never behind the walk."""


async def walk(fetch: Fetch, machine: Walk, save: Save, *, pages: int = 0) -> None:
    """Ask for pages until the walk is done, or for so many; `machine.report` says how it ended.

    Raises what `fetch` and `save` raise; RequestRefused only where leaving out parameters does not help.
    """
    read = 0
    while not pages or read < pages:
        request = machine.next_request()
        if request is None:
            return
        try:
            page = await fetch(request)
        except RequestRefused as error:
            if machine.refuse(error.status):
                continue
            raise
        new_ids = machine.feed(page)
        save(WalkStep(page, new_ids, machine.seen, machine.state))
        read += 1


async def walk_ranges(fetch: Fetch, ranges: Ranges, save: Save) -> None:
    """Walk all ranges at the same time until each is read. Raises as `walk` does."""

    async def walk_one(number: int) -> None:
        while (request := ranges.next_request(number)) is not None:
            try:
                page = await fetch(request)
            except RequestRefused as error:
                if ranges.refuse(number, error.status):
                    continue
                raise
            new_ids = ranges.feed(number, page)
            save(WalkStep(page, new_ids, ranges.seen, ranges.state(number), number))

    try:
        async with anyio.create_task_group() as group:
            for number in range(len(ranges)):
                group.start_soon(walk_one, number)
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None


async def answered(fetch: Fetch, steps: Generator[PageRequest, Answer, T]) -> T:
    """Answer the requests of pure steps, a refused one by None, and return what they come to. Raises as `fetch`."""
    answer: Answer = None
    while True:
        try:
            # What a generator is sent first must be None.
            request = steps.send(answer)
        except StopIteration as end:
            result: T = end.value
            return result
        try:
            answer = (await fetch(request)).records
        except RequestRefused:
            answer = None
