"""The rate limiter as the server would see it."""

import random
from collections.abc import Callable

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.limiter._pacing import RateLimiter
from pipeline.limiter._schedule import BURST, Schedule
from tests.limiter.virtual_time import arrivals_of, in_virtual_time, most_in_any_minute


@settings(max_examples=25, deadline=None)
@given(
    per_minute=st.integers(1, 120),
    workers=st.integers(1, 12),
    slowest=st.sampled_from([0.0, 0.05, 2.0, 30.0, 70.0]),
    draw=st.randoms(use_true_random=True),
)
def test_no_rolling_minute_on_the_server_holds_more_than_the_limit(
    per_minute: int, workers: int, slowest: float, draw: random.Random
) -> None:
    async def work(clock: Callable[[], float]) -> list[float]:
        limiter = RateLimiter(per_minute, clock=clock, sleep=anyio.sleep)
        return await arrivals_of(
            limiter,
            clock,
            workers=workers,
            seconds=200,
            latency=lambda: (draw.uniform(0, slowest), draw.uniform(0, slowest)),
        )

    assert most_in_any_minute(in_virtual_time(work)) <= per_minute


def test_quick_then_slow_answers_do_not_pass_the_limit() -> None:
    # The case that spacing by start alone gets wrong: early requests arrive late, later ones at once.
    travel = iter([(20.0, 0.0)] * 30 + [(0.0, 0.0)] * 1000)

    async def work(clock: Callable[[], float]) -> list[float]:
        limiter = RateLimiter(30, clock=clock, sleep=anyio.sleep)
        return await arrivals_of(limiter, clock, workers=50, seconds=180, latency=lambda: next(travel))

    assert most_in_any_minute(in_virtual_time(work)) <= 30


@pytest.mark.parametrize(("per_minute", "workers"), [(450, 8), (60, 1), (5, 8)])
def test_nearly_all_of_the_budget_is_used(per_minute: int, workers: int) -> None:
    minutes = 20

    async def work(clock: Callable[[], float]) -> list[float]:
        limiter = RateLimiter(per_minute, clock=clock, sleep=anyio.sleep)
        return await arrivals_of(
            limiter, clock, workers=workers, seconds=60.0 * minutes, latency=lambda: (0.025, 0.025)
        )

    arrivals = in_virtual_time(work)
    assert len(arrivals) >= 0.97 * per_minute * minutes
    assert most_in_any_minute(arrivals) <= per_minute


def test_starts_are_spaced_evenly_after_a_tiny_burst() -> None:
    async def work(clock: Callable[[], float]) -> list[float]:
        limiter = RateLimiter(60, clock=clock, sleep=anyio.sleep)
        return await arrivals_of(limiter, clock, workers=10, seconds=30, latency=lambda: (0.0, 0.01))

    arrivals = in_virtual_time(work)
    assert sum(1 for moment in arrivals if moment < 0.5) == BURST
    gaps = [later - earlier for earlier, later in zip(arrivals[BURST:20], arrivals[BURST + 1 : 21], strict=True)]
    assert all(gap == pytest.approx(1.0, abs=0.02) for gap in gaps)


def test_a_limit_below_the_number_of_workers_waits_for_answers() -> None:
    async def work(clock: Callable[[], float]) -> list[float]:
        limiter = RateLimiter(2, clock=clock, sleep=anyio.sleep)
        return await arrivals_of(limiter, clock, workers=8, seconds=150, latency=lambda: (100.0, 0.0))

    arrivals = in_virtual_time(work)
    assert most_in_any_minute(arrivals) <= 2
    assert len(arrivals) >= 8


def test_without_a_limit_nobody_waits() -> None:
    async def work(clock: Callable[[], float]) -> float:
        limiter = RateLimiter(0, clock=clock, sleep=anyio.sleep)
        for _ in range(10_000):
            slot = await limiter.acquire()
            limiter.answered(slot)
        return clock()

    assert in_virtual_time(work) == 0.0


def test_the_schedule_remembers_no_more_than_its_places() -> None:
    schedule = Schedule(10)
    now = 0.0
    for _ in range(1000):
        while wait := schedule.delay(now):
            now += wait
        schedule.start(now)
        schedule.answered(now)

    assert len(schedule._answered) <= 10


@pytest.mark.parametrize("per_minute", [0, 450])
def test_a_pause_holds_everybody(per_minute: int) -> None:
    async def work(clock: Callable[[], float]) -> list[float]:
        limiter = RateLimiter(per_minute, clock=clock, sleep=anyio.sleep)
        limiter.pause(7.0)
        limiter.pause(3.0)
        return await arrivals_of(limiter, clock, workers=8, seconds=7.001, latency=lambda: (0.0, 0.5))

    assert min(in_virtual_time(work)) >= 7.0


def test_429s_without_advice_pause_one_second_doubling_to_fifteen_and_start_over_after_a_success() -> None:
    async def work(clock: Callable[[], float]) -> tuple[list[float], float]:
        limiter = RateLimiter(0, clock=clock, sleep=anyio.sleep)
        pauses = [limiter.throttled(await limiter.acquire(), None) for _ in range(6)]
        limiter.accepted(await limiter.acquire())
        return pauses, limiter.throttled(await limiter.acquire(), None)

    pauses, after_success = in_virtual_time(work)
    assert pauses == pytest.approx([1, 2, 4, 8, 15, 15])
    assert after_success == pytest.approx(1)


def test_callers_refused_together_make_one_pause() -> None:
    async def work(clock: Callable[[], float]) -> list[float]:
        limiter = RateLimiter(0, clock=clock, sleep=anyio.sleep)
        slots = [await limiter.acquire() for _ in range(8)]
        return [limiter.throttled(slot, None) for slot in slots]

    assert in_virtual_time(work) == pytest.approx([1.0] * 8)


def test_a_late_success_from_before_the_pause_does_not_reset_the_doubling() -> None:
    async def work(clock: Callable[[], float]) -> float:
        limiter = RateLimiter(0, clock=clock, sleep=anyio.sleep)
        early, late = await limiter.acquire(), await limiter.acquire()
        limiter.throttled(early, None)
        limiter.accepted(late)
        return limiter.throttled(await limiter.acquire(), None)

    assert in_virtual_time(work) == pytest.approx(2.0)


def test_told_pauses_are_kept_and_zero_is_no_advice() -> None:
    async def work(clock: Callable[[], float]) -> tuple[float, float, float]:
        limiter = RateLimiter(0, clock=clock, sleep=anyio.sleep)
        told = limiter.throttled(await limiter.acquire(), 40.0)
        slot = await limiter.acquire()
        return told, clock(), limiter.throttled(slot, 0.0)

    assert in_virtual_time(work) == pytest.approx((40.0, 40.0, 1.0))


async def test_a_sleep_that_does_not_wait_neither_hangs_nor_spins() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    limiter = RateLimiter(6, clock=lambda: 0.0, sleep=sleep)
    for _ in range(5):
        limiter.answered(await limiter.acquire())

    assert slept == pytest.approx([10.0])
