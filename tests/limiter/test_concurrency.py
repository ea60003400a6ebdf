"""How many requests are in flight at once: the decision, a service of a known size, and a real slow server."""

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.heymarket import ClientConfig, open_client
from pipeline.limiter._concurrency import (
    FIRST_LIMIT,
    STRAINED,
    AdaptiveConcurrency,
    ConcurrencyLimit,
    RoundStats,
    next_limit,
)
from pipeline.sandbox import API_KEY, Fault, Sandbox
from tests.limiter.virtual_time import Clock, in_virtual_time

limits = st.builds(
    ConcurrencyLimit,
    most=st.integers(1, 64),
    doubles=st.booleans(),
    strained=st.floats(0, 100),
    before=st.integers(0, 64),
)
rounds = st.builds(
    RoundStats, failures=st.integers(0, 5), strain=st.floats(0, 1000, allow_nan=False), needed=st.integers(1, 100)
)
CALM = RoundStats(failures=0, strain=1.0)


@given(limits, rounds, st.integers(1, 64))
def test_the_limit_stays_between_one_and_the_setting(limit: ConcurrencyLimit, seen: RoundStats, ceiling: int) -> None:
    limit = ConcurrencyLimit(min(limit.most, ceiling), limit.doubles, limit.strained, min(limit.before, ceiling))

    assert 1 <= next_limit(limit, seen, ceiling)[0].most <= ceiling


@given(limits, st.integers(1, 64))
def test_a_healthy_service_gets_all_that_is_allowed(limit: ConcurrencyLimit, ceiling: int) -> None:
    limit = ConcurrencyLimit(min(limit.most, ceiling), limit.doubles)
    for _ in range(ceiling):
        limit, _ = next_limit(limit, CALM, ceiling)

    assert limit.most == ceiling


def test_at_first_it_doubles() -> None:
    limit = ConcurrencyLimit(FIRST_LIMIT)
    seen = []
    for _ in range(4):
        limit, _ = next_limit(limit, CALM, 64)
        seen.append(limit.most)

    assert seen == [8, 16, 32, 64]


@given(limits, st.integers(1, 5))
def test_failures_always_lower_it_and_in_the_end_to_one(limit: ConcurrencyLimit, failures: int) -> None:
    for _ in range(20):
        lower, _ = next_limit(limit, RoundStats(failures, 1.0), 64)
        assert lower.most < limit.most or lower.most == 1
        limit = lower

    assert limit.most == 1


@given(st.integers(1, 64), st.floats(STRAINED + 0.01, 1000), st.integers(1, 64))
def test_slow_answers_never_lower_it_beneath_what_the_rate_needs(most: int, strain: float, needed: int) -> None:
    lower, _ = next_limit(ConcurrencyLimit(most), RoundStats(0, strain, needed), 64)

    assert lower.most >= min(most, needed)


@given(st.integers(2, 64), st.floats(STRAINED + 0.01, 1000))
def test_a_cut_that_did_not_help_is_taken_back(most: int, strain: float) -> None:
    cut, _ = next_limit(ConcurrencyLimit(most), RoundStats(0, strain), 64)
    assert cut.most < most

    back, is_normal = next_limit(cut, RoundStats(0, strain), 64)
    assert back.most == most
    assert is_normal


def test_a_cut_that_helped_is_followed_by_another_while_there_is_strain() -> None:
    cut, _ = next_limit(ConcurrencyLimit(32), RoundStats(0, 20.0), 64)
    again, is_normal = next_limit(cut, RoundStats(0, 10.0), 64)

    assert (cut.most, again.most, is_normal) == (16, 8, False)


class Service:
    """A simulated service that answers `size` requests at once in `seconds` each, the others after them."""

    def __init__(self, size: int, seconds: float) -> None:
        self.desks = anyio.CapacityLimiter(size)
        self.seconds = seconds
        self.most = 0
        self.inside = 0

    async def serve(self) -> None:
        self.inside += 1
        self.most = max(self.most, self.inside)
        async with self.desks:
            await anyio.sleep(self.seconds)
        self.inside -= 1


async def use(
    concurrency: AdaptiveConcurrency, service: Service, clock: Clock, seconds: float, workers: int = 64
) -> int:
    served = 0
    until = clock() + seconds

    async def work() -> None:
        nonlocal served
        while clock() < until:
            async with concurrency.slot:
                began = clock()
                await service.serve()
                concurrency.answered("GET /", began)
            served += 1

    async with anyio.create_task_group() as group:
        for _ in range(workers):
            group.start_soon(work)
    return served


def test_a_service_of_limited_size_is_kept_busy_but_not_overrun() -> None:
    async def work(clock: Clock) -> tuple[int, float]:
        concurrency, service = AdaptiveConcurrency(64, clock=clock), Service(4, 0.2)
        await use(concurrency, service, clock, 30)
        service.most = 0
        return await use(concurrency, service, clock, 60), service.most

    served, most = in_virtual_time(work)
    assert served >= 0.95 * 60 * 4 / 0.2
    # Three times its size is where the answers take three times as long.
    assert most <= 4 * 4


def test_a_service_that_becomes_slow_by_itself_keeps_its_throughput() -> None:
    async def work(clock: Clock) -> tuple[int, int]:
        concurrency, service = AdaptiveConcurrency(8, clock=clock), Service(64, 0.02)
        await use(concurrency, service, clock, 5)
        service.seconds = 2.0
        return await use(concurrency, service, clock, 100), concurrency.most

    served, most = in_virtual_time(work)
    assert most == 8
    assert served >= 0.9 * 8 * 100 / 2.0


@pytest.mark.parametrize(("seconds", "span"), [(0.005, 6), (0.1, 60), (1.0, 60)])
def test_a_healthy_service_is_used_as_if_there_were_no_limit_of_ours(seconds: float, span: float) -> None:
    async def work(clock: Clock) -> int:
        return await use(AdaptiveConcurrency(8, clock=clock), Service(64, seconds), clock, span)

    assert in_virtual_time(work) >= 0.95 * 8 * span / seconds


def test_what_was_under_way_before_a_cut_does_not_cut_again() -> None:
    async def work(clock: Clock) -> list[int]:
        concurrency = AdaptiveConcurrency(8, clock=clock)
        for _ in range(4):
            concurrency.answered("GET /", clock())
        assert concurrency.most == 8
        began = clock()
        await anyio.sleep(5)
        seen = []
        for _ in range(8):
            concurrency.failed(began)
            seen.append(concurrency.most)
        return seen

    assert in_virtual_time(work) == [6] * 8


def test_kinds_of_requests_are_compared_with_their_like() -> None:
    async def work(clock: Clock) -> int:
        concurrency = AdaptiveConcurrency(8, clock=clock)
        for kind, seconds in [("quick", 0.1), ("heavy", 3.0)] * 20:
            began = clock()
            await anyio.sleep(seconds)
            concurrency.answered(kind, began)
        return concurrency.most

    assert in_virtual_time(work) == 8


async def in_flight(sandbox: Sandbox, *, requests: int, concurrency: int = 8) -> int:
    """Send `requests` reads from more tasks than may be in flight; return how many may be in the end."""
    async with sandbox.serve() as url:
        config = ClientConfig(url, api_key=API_KEY, requests_per_minute=0, concurrency=concurrency)
        async with open_client(config) as client, anyio.create_task_group() as group:
            todo = iter(range(requests))

            async def work() -> None:
                for _ in todo:
                    await client.list_inboxes()

            for _ in range(2 * concurrency):
                group.start_soon(work)
        return client._transport._concurrency.most


async def test_against_a_healthy_server_all_that_is_allowed_is_in_flight() -> None:
    assert await in_flight(Sandbox(requests_per_minute=0), requests=100) == 8


async def test_against_a_server_that_turns_slow_all_is_in_flight_again() -> None:
    slow = Fault("slow", after=30, seconds=0.4)
    sandbox = Sandbox(requests_per_minute=0, faults=[slow])

    assert await in_flight(sandbox, requests=110) == 8


async def test_against_a_server_that_fails_fewer_are_in_flight() -> None:
    sandbox = Sandbox(requests_per_minute=0, faults=[Fault("error_before", after=40, count=3)])

    assert await in_flight(sandbox, requests=44) < 8
