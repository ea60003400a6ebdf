"""Several processes of one account, as the server would see them together."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.limiter._pacing import RateLimiter
from pipeline.limiter._share import RENEW_SECONDS, Share
from tests.conftest import examples
from tests.limiter.virtual_time import (
    Clock,
    Latency,
    MemoryStore,
    arrivals_of,
    in_virtual_time,
    most_in_any_minute,
    refused,
)

TIMEOUT = 30.0
QUICK: Latency = lambda: (0.025, 0.025)  # noqa: E731 - a latency that does not vary


@dataclass
class Process:
    """One simulated process: when it begins and ends, and by what: a killed one tells the store nothing more."""

    per_minute: int
    begins: float = 0.0
    ends: float = 600.0
    killed: bool = False
    workers: int = 8
    latency: Latency = QUICK
    seen: list[float] = field(default_factory=list)

    async def run(self, store: MemoryStore, clock: Clock) -> None:
        await anyio.sleep(self.begins)
        limiter = make_limiter(self.per_minute, store, clock)
        with anyio.move_on_at(self.ends if self.killed else float("inf")):
            await arrivals_of(
                limiter,
                clock,
                workers=self.workers,
                seconds=float("inf") if self.killed else self.ends,
                latency=self.latency,
                seen=self.seen,
            )
            await limiter.leave()

    def between(self, begin: float, end: float) -> int:
        return sum(1 for moment in self.seen if begin <= moment < end)


def make_limiter(per_minute: int, store: MemoryStore, clock: Clock) -> RateLimiter:
    share = Share(store, per_minute, timeout=TIMEOUT, clock=clock)
    return RateLimiter(per_minute, clock=clock, sleep=anyio.sleep, share=share)


def simulate(
    *processes: Process, seconds: float = 0.0, meanwhile: Callable[[MemoryStore], None] | None = None
) -> list[float]:
    """Run the processes; return what the server sees. `meanwhile` is called in the middle, after 300 s."""

    async def work(clock: Clock) -> None:
        store = MemoryStore(clock, seconds)
        async with anyio.create_task_group() as group:
            for process in processes:
                group.start_soon(process.run, store, clock)
            if meanwhile is not None:
                await anyio.sleep(300)
                meanwhile(store)

    in_virtual_time(work)
    return sorted(moment for process in processes for moment in process.seen)


@settings(max_examples=30, deadline=None)
@given(
    ceilings=st.lists(st.integers(1, 150), min_size=1, max_size=4),
    workers=st.integers(1, 10),
    slowest=st.sampled_from([0.0, 0.05, 2.0, TIMEOUT / 2]),
    store_seconds=st.sampled_from([0.0, 0.01, 0.4]),
    draw=st.randoms(use_true_random=True),
)
def test_no_rolling_minute_holds_more_than_the_limit_whoever_begins_ends_or_is_killed(
    ceilings: list[int], workers: int, slowest: float, store_seconds: float, draw: random.Random
) -> None:
    processes = [
        Process(
            ceiling,
            begins=draw.uniform(0, 60),
            ends=draw.uniform(60, 250),
            killed=draw.random() < 0.5,
            workers=workers,
            latency=lambda: (draw.uniform(0, slowest), draw.uniform(0, slowest)),
        )
        for ceiling in ceilings
    ]
    arrivals = simulate(*processes, seconds=store_seconds)

    assert most_in_any_minute(arrivals) <= max(ceilings)
    for process in processes:
        assert most_in_any_minute(process.seen) <= process.per_minute


@pytest.mark.parametrize("ceilings", [[450], [450, 450], [300, 450], [450, 450, 450]])
def test_nearly_all_of_the_budget_is_used_and_nothing_is_refused(ceilings: list[int]) -> None:
    draw = random.Random(5)  # noqa: S311
    latency: Latency = lambda: (draw.uniform(0, 0.1), draw.uniform(0, 0.1))  # noqa: E731
    # An odd start: a fixed minute of the server is none of ours.
    processes = [Process(each, begins=7.3 + at, latency=latency) for at, each in enumerate(ceilings)]
    arrivals = simulate(*processes)

    minutes = (600 - 7.3) / 60
    for kind in ("rolling", "fixed", "bucket"):
        assert refused(arrivals, kind, max(ceilings)) == 0
    assert len(arrivals) >= 0.97 * max(ceilings) * minutes


def test_two_processes_get_equal_parts() -> None:
    first, second = Process(450), Process(450, begins=0.4)
    simulate(first, second)

    assert first.between(60, 600) == pytest.approx(second.between(60, 600), rel=0.1)


@pytest.mark.parametrize("ceiling", [2, 5, 60])
def test_a_small_budget_is_shared_as_well(ceiling: int) -> None:
    minutes = examples(1200) // ceiling + 10
    first, second = (Process(ceiling, begins=begins, ends=60.0 * minutes, workers=3) for begins in (0.0, 0.4))
    simulate(first, second)

    parts = [process.between(0, 60.0 * minutes) for process in (first, second)]
    assert sum(parts) >= 0.95 * ceiling * minutes
    assert min(parts) >= 0.35 * sum(parts)


def test_a_process_that_needs_little_leaves_the_rest_to_the_other() -> None:
    hungry, modest = Process(450), Process(450, begins=0.4, workers=1, latency=lambda: (0.5, 0.5))
    simulate(hungry, modest)

    # One request a second is all that a single worker can do at this latency; it hardly waits for more.
    assert modest.between(60, 600) >= 0.85 * 540
    assert hungry.between(60, 600) + modest.between(60, 600) >= 0.95 * 450 * 9


@pytest.mark.parametrize("killed", [False, True])
def test_a_process_alone_gets_everything_when_the_other_ends(killed: bool) -> None:
    stays, goes = Process(450), Process(450, begins=0.4, ends=240, killed=killed)
    simulate(stays, goes)

    assert stays.between(120, 240) <= 0.55 * 900
    # What a killed process held comes back after its lease, a time-out and a window; all the rest at once.
    assert stays.between(245, 305) >= 0.9 * 450
    assert stays.between(340, 580) >= 0.97 * 450 * 4


def test_a_newcomer_gets_its_part_soon() -> None:
    first, late = Process(450), Process(450, begins=300)
    simulate(first, late)

    assert late.between(300, 310) >= 0.3 * 75


def test_after_an_idle_while_nothing_is_lost() -> None:
    """A process that tells nothing for a while (it maps a file, say) gives back what it held when it goes on."""

    async def work(clock: Clock) -> list[float]:
        store = MemoryStore(clock)
        limiter = make_limiter(60, store, clock)
        seen: list[float] = []
        for _ in range(10):
            await arrivals_of(limiter, clock, workers=4, seconds=clock() + 10, latency=QUICK, seen=seen)
            await anyio.sleep(20)
        return seen

    # Ten seconds of each thirty, a request a second, and a burst at each beginning.
    assert len(in_virtual_time(work)) >= 10 * 10


def test_a_429_of_one_process_pauses_the_others_and_the_rate_creeps_back() -> None:
    async def work(clock: Clock) -> tuple[list[float], float]:
        store = MemoryStore(clock)
        first, second = make_limiter(450, store, clock), make_limiter(450, store, clock)
        seen: list[float] = []

        async def be_refused() -> None:
            await anyio.sleep(100)
            slot = await first.acquire()
            first.answered(slot)
            first.throttled(slot, 20.0)
            told.append(clock())
            first.answered(await first.acquire())

        told: list[float] = []
        async with anyio.create_task_group() as group:
            group.start_soon(be_refused)
            await arrivals_of(second, clock, workers=8, seconds=200, latency=QUICK, seen=seen)
        return seen, told[0]

    seen, told = in_virtual_time(work)

    def between(begin: float, end: float) -> int:
        return sum(1 for moment in seen if told + begin <= moment < told + end)

    assert between(2 * RENEW_SECONDS, 20) == 0
    assert 0 < between(20, 22) <= 0.9 * 15
    assert between(30, 60) >= 0.95 * 225


def test_a_pause_of_a_process_that_ends_is_told_to_the_others() -> None:
    async def work(clock: Clock) -> float:
        store = MemoryStore(clock)
        first, second = make_limiter(450, store, clock), make_limiter(450, store, clock)
        slot = await first.acquire()
        first.answered(slot)
        first.throttled(slot, 20.0)
        await first.leave()
        return (await second.acquire()).started

    assert in_virtual_time(work) == pytest.approx(20.0, abs=0.01)


def test_without_its_store_a_process_keeps_to_its_own_limit_and_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    def break_it(store: MemoryStore) -> None:
        store.broken = True

    process = Process(60)
    arrivals = simulate(process, meanwhile=break_it)

    assert most_in_any_minute(arrivals) <= 60
    assert process.between(310, 590) >= 0.97 * 280
    [warning] = caplog.records
    assert warning.getMessage() == (
        "The request limit is not shared with other processes for now, because it is broken. This one keeps to its own"
        " limit of 60 a minute; let no other process work on this account until that is repaired."
    )


def test_a_store_that_works_again_is_used_again_and_hears_of_what_was_sent_without_it() -> None:
    async def work(clock: Clock) -> list[float]:
        store = MemoryStore(clock)
        store.broken = True
        first, second = make_limiter(60, store, clock), make_limiter(60, store, clock)
        seen: list[float] = []

        async def mend() -> None:
            await anyio.sleep(70)
            store.broken = False

        async with anyio.create_task_group() as group:
            group.start_soon(mend)
            group.start_soon(lambda: arrivals_of(first, clock, workers=2, seconds=300, latency=QUICK, seen=seen))
            await anyio.sleep(130)
            # After this moment the first is back at the store, with a full minute behind it.
            group.start_soon(lambda: arrivals_of(second, clock, workers=2, seconds=300, latency=QUICK, seen=seen))
        return seen

    assert most_in_any_minute(in_virtual_time(work)) <= 60


def test_an_unreadable_record_is_a_store_out_of_order(caplog: pytest.LogCaptureFixture) -> None:
    def scribble(store: MemoryStore) -> None:
        store.content = b'{"used": 7}'

    process = Process(60)
    simulate(process, meanwhile=scribble)

    assert process.between(310, 590) >= 0.97 * 280
    assert "the shared budget's record cannot be read" in caplog.text


def test_the_store_is_not_asked_for_every_request() -> None:
    async def work(clock: Clock) -> int:
        store = MemoryStore(clock)
        limiter = make_limiter(3000, store, clock)
        await arrivals_of(limiter, clock, workers=8, seconds=60, latency=QUICK)
        return store.changes

    assert in_virtual_time(work) <= 80


def test_without_a_limit_the_store_is_left_alone() -> None:
    async def work(clock: Clock) -> int:
        store = MemoryStore(clock)
        limiter = RateLimiter(0, clock=clock, sleep=anyio.sleep, share=Share(store, 0, clock=clock))
        limiter.answered(await limiter.acquire())
        await limiter.leave()
        return store.changes

    assert in_virtual_time(work) == 0


def test_a_caller_that_is_cancelled_takes_no_slot_along() -> None:
    async def work(clock: Clock) -> list[float]:
        store = MemoryStore(clock, seconds=0.2)
        limiter = make_limiter(6, store, clock)
        for _ in range(40):
            with anyio.move_on_after(0.1):
                limiter.answered(await limiter.acquire())
        return await arrivals_of(limiter, clock, workers=2, seconds=clock() + 600, latency=QUICK)

    assert len(in_virtual_time(work)) >= 0.95 * 60
