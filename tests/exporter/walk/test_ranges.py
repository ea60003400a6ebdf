"""Ranges walked at once prove no less than one walk: whatever is edited meanwhile, in whatever order they go on."""

import json
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from pipeline.errors import RequestRefused, StorageFailed
from pipeline.exporter.walk._drive import WalkStep, answered, walk, walk_ranges
from pipeline.exporter.walk._machine import Walk
from pipeline.exporter.walk._ranges import MOST_RANGES, MOST_UNLIMITED, Budget, Ranges, count_ranges, find_starts
from pipeline.exporter.walk._ties import Answer
from pipeline.models._contacts import Record
from pipeline.models._pages import Page, PageRequest
from pipeline.values import replace
from tests.conftest import examples
from tests.exporter.walk.list_model import Habits, ListModel, run
from tests.exporter.walk.test_machine import PLAIN, Writer, any_edits, any_habits, model_of

WIDE = replace(PLAIN, inclusive=True)
"""A service that ranges are possible on."""

# What a service must do for its list to be cut; everything else may be as it likes.
fit_habits = any_habits.map(
    lambda habits: replace(
        habits, ascending=True, page=True, refuses=frozenset(), page_default=max(2, habits.page_default)
    )
)


def answer(model: ListModel, request: PageRequest) -> tuple[Record, ...] | None:
    """Return what the model answers, None where it refuses."""
    try:
        return model.answer(request).records
    except RequestRefused:
        return None


def cut(machine: Walk, model: ListModel, ranges: int, seen: set[int]) -> Ranges | None:
    """Cut what the machine has not read yet, as the exporter does; `seen` is told what that showed."""
    if not machine.can_branch:
        return None
    steps = find_starts(machine, ranges, len(model.contacts))
    starts: tuple[Page[Record], ...] = ()
    try:
        request = next(steps)
        while True:
            request = steps.send(answer(model, request))
    except StopIteration as end:
        starts = end.value
    seen |= {record.id for page in starts for record in page.records}
    return Ranges.begin(machine, starts) if starts else None


def feed(ranges: Ranges, number: int, model: ListModel) -> tuple[Record, ...]:
    """Let the model answer the next request of a range. Return the contacts that it was fed."""
    request = ranges.next_request(number)
    assert request is not None
    records = answer(model, request)
    if records is None:
        assert ranges.refuse(number, 400)
    else:
        ranges.feed(number, Page(request, records))
    return records or ()


def open_ranges(ranges: Ranges) -> list[int]:
    return [number for number in range(len(ranges)) if ranges.next_request(number) is not None]


def alone_for(machine: Walk, model: ListModel, pages: int) -> None:
    """Walk a few pages alone."""
    for _ in range(pages):
        request = machine.next_request()
        if request is None:
            return
        records = answer(model, request)
        if records is None:
            assert machine.refuse(400)
        else:
            machine.feed(Page(request, records))


@settings(
    max_examples=examples(400), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
@given(
    fit_habits,
    st.lists(st.integers(0, 40), min_size=12, max_size=60),
    any_edits,
    st.tuples(st.integers(2, 6), st.integers(2, 4)),
    st.lists(st.integers(0, 100), min_size=1, max_size=40),
    st.sets(st.integers(0, 40), max_size=4),
    st.booleans(),
)
def test_what_ranges_prove_holds_every_contact_that_stayed(
    habits: Habits,
    moments: list[int],
    edits: list[tuple[int, str, int, int]],
    cut_how: tuple[int, int],
    turns: list[int],
    kills: set[int],
    frozen_clock: bool,
) -> None:
    model = model_of(habits, moments)
    writer, saved = Writer(model, edits, frozen_clock=frozen_clock), set[int]()
    machine = Walk(None, saved)
    alone, wanted = cut_how
    alone_for(machine, model, alone)
    ranges = cut(machine, model, wanted, saved)
    assume(ranges is not None)
    assert ranges is not None
    event(f"{len(ranges)} ranges")
    step = 0
    while waiting := open_ranges(ranges):
        assert len(model.requests) < 5000
        feed(ranges, waiting[turns[step % len(turns)] % len(waiting)], model)
        step += 1
        if step in kills:
            states = [json.loads(json.dumps(ranges.state(number))) for number in range(len(ranges))]
            ranges = Ranges.restored(states, saved)
    last = Walk(json.loads(json.dumps(ranges.merged())), saved)
    run(last, model)
    event(last.report.ended)
    if last.report.ended == "proved":
        assert writer.stayed <= saved


@pytest.mark.parametrize("inclusive", [False, True])
def test_a_quiet_list_is_read_by_ranges_with_hardly_a_request_more(inclusive: bool) -> None:
    habits = replace(WIDE, inclusive=inclusive)
    moments = list(range(400))
    single, saved = model_of(habits, moments), set[int]()
    one = Walk(None, set())
    run(one, single)
    model = model_of(habits, moments)
    machine = Walk(None, saved)
    alone_for(machine, model, 4)
    ranges = cut(machine, model, 4, saved)
    assert ranges is not None
    assert len(ranges) == 4
    reads = [0] * 4
    while waiting := open_ranges(ranges):
        for number in waiting:
            feed(ranges, number, model)
            reads[number] += 1
    last = Walk(ranges.merged(), saved)
    run(last, model)
    assert (last.report.ended, len(saved)) == ("proved", 400)
    assert max(reads) <= 2 + len(single.requests) / 4, "each range is a share of the whole"
    assert len(model.requests) <= len(single.requests) + 4 * 3
    told, alone = last.report, one.report
    assert (told.first_updated, told.last_updated, told.watermark) == (
        alone.first_updated,
        alone.last_updated,
        alone.watermark,
    )
    # Two of the requests looked for a beginning, and what they brought was not read, for each further range.
    assert told.pages == len(model.requests) - 3


def test_an_edit_behind_all_ranges_is_read_with_the_end() -> None:
    model, saved = model_of(WIDE, list(range(100))), set[int]()
    machine = Walk(None, saved)
    alone_for(machine, model, 4)
    ranges = cut(machine, model, 3, saved)
    assert ranges is not None
    while ranges.next_request(2) is not None:
        feed(ranges, 2, model)
    # The last range has read the end; contacts move there that the first range has not come to.
    movers = [number for number in model.contacts if number not in saved][:10]
    assert len(movers) == 10
    for later, number in enumerate(movers):
        model.contacts[number] = replace(model.contacts[number], moment=200 + later, rev=2)
    while waiting := open_ranges(ranges):
        feed(ranges, waiting[0], model)
    assert not set(movers) <= saved
    last = Walk(ranges.merged(), saved)
    run(last, model)
    assert last.report.ended == "proved"
    assert saved == set(model.contacts)


def test_an_edit_with_a_stamp_before_that_of_an_earlier_one_is_read_all_the_same() -> None:
    model, saved = model_of(WIDE, list(range(200))), set[int]()
    machine = Walk(None, saved)
    alone_for(machine, model, 4)
    ranges = cut(machine, model, 3, saved)
    assert ranges is not None
    model.contacts[150] = replace(model.contacts[150], moment=1002, rev=2)
    while ranges.next_request(2) is not None:
        feed(ranges, 2, model)
    assert 60 not in saved
    model.contacts[60] = replace(model.contacts[60], moment=1001, rev=2)
    while waiting := open_ranges(ranges):
        feed(ranges, waiting[0], model)
    last = Walk(ranges.merged(), saved)
    run(last, model)
    assert (last.report.ended, saved) == ("proved", set(model.contacts))


@pytest.mark.parametrize("numbered", [True, False])
def test_a_place_that_cannot_be_proved_is_left_to_the_single_walk(numbered: bool) -> None:
    model, saved = model_of(WIDE, [*range(30), *[30] * 20, *range(31, 120)]), set[int]()
    machine = Walk(None, saved)
    alone_for(machine, model, 4)
    ranges = cut(machine, model, 2, saved)
    assert ranges is not None
    model.habits = replace(WIDE, page=numbered)
    while waiting := open_ranges(ranges):
        feed(ranges, waiting[-1], model)
    assert ranges.state(0)["end"] == ("met" if numbered else "stuck")
    last = Walk(ranges.merged(), saved)
    run(last, model)
    report = last.report
    assert (report.ended, len(saved)) == (("proved", 139) if numbered else ("stalled", 124))
    assert [stall.stamp for stall in report.stalls] == ([] if numbered else [model.shown(30)])


@pytest.mark.parametrize(
    "habits",
    [
        replace(WIDE, ascending=False),
        replace(WIDE, page=False),
        replace(WIDE, refuses=frozenset({"page"})),
        replace(WIDE, refuses=frozenset({"ascending"})),
    ],
)
def test_a_list_whose_middle_cannot_be_reached_is_not_cut(habits: Habits) -> None:
    model, saved = model_of(habits, list(range(100))), set[int]()
    machine = Walk(None, saved)
    alone_for(machine, model, 4)
    assert cut(machine, model, 4, saved) is None
    run(machine, model)
    assert machine.report.ended == "proved"


@pytest.mark.parametrize(
    ("budget", "seconds", "pages", "ranges"),
    [
        (Budget(450, 8), 0.01, 1000, 1),
        (Budget(450, 8), 0.5, 1000, 4),
        (Budget(450, 8), 5.0, 1000, 8),
        (Budget(450, 2), 5.0, 1000, 2),
        (Budget(450, 8), 5.0, 45, 2),
        (Budget(450, 8), 5.0, 5, 1),
        (Budget(0, 8), 0.001, 1000, MOST_UNLIMITED),
        (Budget(6000, 20), 5.0, 1000, MOST_RANGES),
    ],
)
def test_there_are_as_many_ranges_as_use_the_rate(budget: Budget, seconds: float, pages: int, ranges: int) -> None:
    assert count_ranges(budget, seconds, pages) == ranges


class Server:
    """A model that is asked by tasks; it forgets nothing and answers at once."""

    def __init__(self, model: ListModel) -> None:
        self.model = model

    async def fetch(self, request: PageRequest) -> Page[Record]:
        return self.model.answer(request)


async def begun(model: ListModel, saved: set[int]) -> Ranges:
    machine = Walk(None, saved)
    await walk(Server(model).fetch, machine, lambda _: None, pages=4)
    starts = await answered(Server(model).fetch, find_starts(machine, 3, len(model.contacts)))
    return Ranges.begin(machine, starts)


async def test_every_step_of_a_range_is_saved_under_its_number() -> None:
    model, saved = model_of(WIDE, list(range(100))), set[int]()
    ranges = await begun(model, saved)
    steps: list[WalkStep] = []
    await walk_ranges(Server(model).fetch, ranges, steps.append)
    assert {step.number for step in steps} == {0, 1, 2}
    assert [ranges.state(number)["end"] for number in range(3)] == ["met", "met", "over"]
    assert len(saved) == 100


async def test_an_error_in_one_range_ends_them_all_and_comes_as_it_is() -> None:
    model, saved = model_of(WIDE, list(range(100))), set[int]()
    ranges = await begun(model, saved)

    def fail(_: WalkStep) -> None:
        raise StorageFailed("the disk is full")

    with pytest.raises(StorageFailed, match="the disk is full"):
        await walk_ranges(Server(model).fetch, ranges, fail)

    async def refuse(_: PageRequest) -> Page[Record]:
        raise RequestRefused("gone", status=404)

    with pytest.raises(RequestRefused, match="gone"):
        await walk_ranges(refuse, await begun(model, set()), lambda _: None)


async def test_a_refused_question_is_answered_by_none() -> None:
    def steps() -> Generator[PageRequest, Answer, list[Answer]]:
        return [(yield PageRequest(page=1)), (yield PageRequest())]

    model = model_of(replace(WIDE, refuses=frozenset({"page"})), [1])
    refused, shown = await answered(Server(model).fetch, steps())
    assert refused is None
    assert [record.id for record in shown or ()] == [1]
