"""Reading one page ahead changes nothing but the time that it takes."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import RequestRefused
from pipeline.exporter.walk._ahead import Fetch, reading_ahead
from pipeline.exporter.walk._drive import WalkStep, walk
from pipeline.exporter.walk._machine import Walk
from pipeline.models._contacts import Record
from pipeline.models._pages import Listed, Page, PageRequest
from pipeline.values import replace
from tests.exporter.walk.list_model import Habits, ListModel
from tests.exporter.walk.test_machine import PLAIN, Writer, any_edits, any_habits, model_of


async def walk_ahead(model: ListModel) -> tuple[Walk, set[int]]:
    """Walk over a model with its pages read ahead; return the walk and the ids that were saved."""
    machine, saved = Walk(None, set()), set[int]()

    async def ask(request: PageRequest) -> Page[Record]:
        return model.answer(request)

    def save(step: WalkStep) -> None:
        saved.update(record.id for record in step.page.records)
        assert len(model.requests) < 8000

    async def job(fetch: Fetch) -> None:
        await walk(fetch, machine, save)

    await reading_ahead(ask, machine.guess, job)
    return machine, saved


@pytest.mark.parametrize("inclusive", [False, True])
async def test_a_plain_list_is_read_with_hardly_a_request_more(inclusive: bool) -> None:
    habits = replace(PLAIN, inclusive=inclusive)
    alone = model_of(habits, list(range(200)))
    machine = Walk(None, set())

    async def fetch(request: PageRequest) -> Page[Record]:
        return alone.answer(request)

    def save(_: WalkStep) -> None:
        """Nothing is kept."""

    await walk(fetch, machine, save)
    model = model_of(habits, list(range(200)))
    ahead, saved = await walk_ahead(model)
    assert (ahead.report.ended, saved) == ("proved", set(range(1, 201)))
    assert len(model.requests) <= len(alone.requests) + 3
    assert replace(ahead.report, pages=0) == replace(machine.report, pages=0)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(any_habits, st.lists(st.integers(0, 12), max_size=25), any_edits)
async def test_what_is_proved_holds_every_contact_that_stayed_also_ahead(
    habits: Habits, moments: list[int], edits: list[tuple[int, str, int, int]]
) -> None:
    model = model_of(habits, moments)
    writer = Writer(model, edits, frozen_clock=False)
    machine, saved = await walk_ahead(model)
    if machine.report.ended == "proved":
        assert writer.stayed <= saved


async def test_an_error_of_a_guess_counts_only_where_the_page_is_needed() -> None:
    asked: list[int | None] = []

    async def ask(request: PageRequest) -> Page[Record]:
        asked.append(request.page)
        if request.page == 2:
            raise RequestRefused("no page 2", status=400)
        return Page(request, (Record(1, ""),))

    def guess(page: Page[Listed]) -> PageRequest | None:
        return PageRequest(page=2) if page.request.page == 1 else None

    async def job(fetch: Fetch) -> None:
        assert (await fetch(PageRequest(page=1))).records[0].id == 1
        assert (await fetch(PageRequest(page=3))).records[0].id == 1
        assert asked == [1, 2, 3]
        await fetch(PageRequest(page=1))
        with pytest.raises(RequestRefused):
            await fetch(PageRequest(page=2))
        assert asked == [1, 2, 3, 1, 2], "what was guessed is not asked twice"
        await fetch(PageRequest(page=1))
        raise RequestRefused("from the job", status=404)

    with pytest.raises(RequestRefused, match="from the job"):
        await reading_ahead(ask, guess, job)
