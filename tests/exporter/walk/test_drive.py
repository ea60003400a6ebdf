"""The loop that carries a walk out: saved before it is fed on, and errors as they are."""

import pytest

from pipeline.errors import RequestRefused, StorageFailed
from pipeline.exporter.walk._drive import WalkStep, walk
from pipeline.exporter.walk._machine import Walk
from pipeline.models._contacts import Record
from pipeline.models._pages import Page, PageRequest
from pipeline.values import replace
from tests.exporter.walk.test_machine import PLAIN, model_of


async def test_walking_saves_every_page_with_the_state_after_it() -> None:
    model = model_of(replace(PLAIN, refuses=frozenset({"limit"})), list(range(12)))

    async def fetch(request: PageRequest) -> Page[Record]:
        return model.answer(request)

    steps: list[WalkStep] = []
    machine = Walk()
    await walk(fetch, machine, steps.append)
    assert sum(step.new_ids for step in steps) == 12
    assert [step.state["pages"] for step in steps] == list(range(1, len(steps) + 1))
    assert machine.report.ended == "proved"


async def test_walking_raises_what_cannot_be_explained() -> None:
    async def fetch(_: PageRequest) -> Page[Record]:
        raise RequestRefused("no such thing", status=404)

    def save(_: WalkStep) -> None:
        raise AssertionError("there is nothing to save")

    with pytest.raises(RequestRefused):
        await walk(fetch, Walk(), save)


async def test_a_page_that_cannot_be_saved_ends_the_walk_before_the_next_is_fed() -> None:
    model = model_of(PLAIN, list(range(20)))

    async def fetch(request: PageRequest) -> Page[Record]:
        return model.answer(request)

    def save(_: WalkStep) -> None:
        raise StorageFailed("the disk is full")

    with pytest.raises(StorageFailed, match="the disk is full"):
        await walk(fetch, Walk(), save)
    assert len(model.requests) == 1
