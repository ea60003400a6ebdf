"""The rate limiter as the server would see it, and the rules of repetition."""

import asyncio
import random
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import ServiceUnavailable
from pipeline.heymarket._pacing import (
    BURST,
    LONGEST_TOLD_WAIT_SECONDS,
    PATIENCE_SECONDS,
    Pacer,
    Repeat,
    Schedule,
    http_date,
    repeat,
    retry_after_seconds,
)

T = TypeVar("T")


class VirtualTime(selectors.DefaultSelector):
    """A selector that does not wait: it moves the loop's clock instead, so a simulated hour takes a moment."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.now += timeout or 0.0
        return super().select(0)


def in_virtual_time(work: Callable[[Callable[[], float]], Coroutine[Any, Any, T]]) -> T:
    """Run `work(clock)` on a loop whose time passes only while everybody sleeps."""
    time = VirtualTime()
    loop = asyncio.SelectorEventLoop(time)
    loop.time = lambda: time.now  # type: ignore[method-assign] # this is how a loop is given another clock
    try:
        return loop.run_until_complete(work(loop.time))
    finally:
        loop.close()


def most_in_any_minute(arrivals: list[float]) -> int:
    arrivals = sorted(arrivals)
    most = first = 0
    for last, moment in enumerate(arrivals):
        while arrivals[first] < moment - 60.0:
            first += 1
        most = max(most, last - first + 1)
    return most


async def arrivals_of(
    pacer: Pacer,
    clock: Callable[[], float],
    *,
    workers: int,
    seconds: float,
    latency: Callable[[], tuple[float, float]],
) -> list[float]:
    """Let `workers` send for `seconds`; `latency` draws how long a request travels out and back."""
    seen: list[float] = []

    async def work() -> None:
        while clock() < seconds:
            slot = await pacer.acquire()
            out, back = latency()
            await anyio.sleep(out)
            seen.append(clock())
            await anyio.sleep(back)
            pacer.answered(slot)

    async with anyio.create_task_group() as group:
        for _ in range(workers):
            group.start_soon(work)
    return seen


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
        pacer = Pacer(per_minute, clock=clock, sleep=anyio.sleep)
        return await arrivals_of(
            pacer,
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
        pacer = Pacer(30, clock=clock, sleep=anyio.sleep)
        return await arrivals_of(pacer, clock, workers=50, seconds=180, latency=lambda: next(travel))

    assert most_in_any_minute(in_virtual_time(work)) <= 30


@pytest.mark.parametrize(("per_minute", "workers"), [(450, 8), (60, 1), (5, 8)])
def test_nearly_all_of_the_budget_is_used(per_minute: int, workers: int) -> None:
    minutes = 20

    async def work(clock: Callable[[], float]) -> list[float]:
        pacer = Pacer(per_minute, clock=clock, sleep=anyio.sleep)
        return await arrivals_of(pacer, clock, workers=workers, seconds=60.0 * minutes, latency=lambda: (0.025, 0.025))

    arrivals = in_virtual_time(work)
    assert len(arrivals) >= 0.97 * per_minute * minutes
    assert most_in_any_minute(arrivals) <= per_minute


def test_starts_are_spaced_evenly_after_a_tiny_burst() -> None:
    async def work(clock: Callable[[], float]) -> list[float]:
        pacer = Pacer(60, clock=clock, sleep=anyio.sleep)
        return await arrivals_of(pacer, clock, workers=10, seconds=30, latency=lambda: (0.0, 0.01))

    arrivals = in_virtual_time(work)
    assert sum(1 for moment in arrivals if moment < 0.5) == BURST
    gaps = [later - earlier for earlier, later in zip(arrivals[BURST:20], arrivals[BURST + 1 : 21], strict=True)]
    assert all(gap == pytest.approx(1.0, abs=0.02) for gap in gaps)


def test_a_limit_below_the_number_of_workers_waits_for_answers() -> None:
    async def work(clock: Callable[[], float]) -> list[float]:
        pacer = Pacer(2, clock=clock, sleep=anyio.sleep)
        return await arrivals_of(pacer, clock, workers=8, seconds=150, latency=lambda: (100.0, 0.0))

    arrivals = in_virtual_time(work)
    assert most_in_any_minute(arrivals) <= 2
    assert len(arrivals) >= 8


def test_without_a_limit_nobody_waits() -> None:
    async def work(clock: Callable[[], float]) -> float:
        pacer = Pacer(0, clock=clock, sleep=anyio.sleep)
        for _ in range(10_000):
            slot = await pacer.acquire()
            pacer.answered(slot)
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
        pacer = Pacer(per_minute, clock=clock, sleep=anyio.sleep)
        pacer.pause(7.0)
        pacer.pause(3.0)
        return await arrivals_of(pacer, clock, workers=8, seconds=7.001, latency=lambda: (0.0, 0.5))

    assert min(in_virtual_time(work)) >= 7.0


def test_429s_without_advice_pause_one_second_doubling_to_fifteen_and_start_over_after_a_success() -> None:
    async def work(clock: Callable[[], float]) -> tuple[list[float], float]:
        pacer = Pacer(0, clock=clock, sleep=anyio.sleep)
        pauses = [pacer.throttled(await pacer.acquire(), None) for _ in range(6)]
        pacer.accepted(await pacer.acquire())
        return pauses, pacer.throttled(await pacer.acquire(), None)

    pauses, after_success = in_virtual_time(work)
    assert pauses == pytest.approx([1, 2, 4, 8, 15, 15])
    assert after_success == pytest.approx(1)


def test_callers_refused_together_make_one_pause() -> None:
    async def work(clock: Callable[[], float]) -> list[float]:
        pacer = Pacer(0, clock=clock, sleep=anyio.sleep)
        slots = [await pacer.acquire() for _ in range(8)]
        return [pacer.throttled(slot, None) for slot in slots]

    assert in_virtual_time(work) == pytest.approx([1.0] * 8)


def test_a_late_success_from_before_the_pause_does_not_reset_the_doubling() -> None:
    async def work(clock: Callable[[], float]) -> float:
        pacer = Pacer(0, clock=clock, sleep=anyio.sleep)
        early, late = await pacer.acquire(), await pacer.acquire()
        pacer.throttled(early, None)
        pacer.accepted(late)
        return pacer.throttled(await pacer.acquire(), None)

    assert in_virtual_time(work) == pytest.approx(2.0)


def test_told_pauses_are_kept_and_zero_is_no_advice() -> None:
    async def work(clock: Callable[[], float]) -> tuple[float, float, float]:
        pacer = Pacer(0, clock=clock, sleep=anyio.sleep)
        told = pacer.throttled(await pacer.acquire(), 40.0)
        slot = await pacer.acquire()
        return told, clock(), pacer.throttled(slot, 0.0)

    assert in_virtual_time(work) == pytest.approx((40.0, 40.0, 1.0))


async def test_a_sleep_that_does_not_wait_neither_hangs_nor_spins() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    pacer = Pacer(6, clock=lambda: 0.0, sleep=sleep)
    for _ in range(5):
        pacer.answered(await pacer.acquire())

    assert slept == pytest.approx([10.0])


# Repetition


async def run_repeat(outcomes: list[Exception | str], max_attempts: int = 4) -> tuple[object, list[float], int]:
    """Return the result or error, what was slept, and how many repetitions were counted."""
    slept: list[float] = []
    counted: list[None] = []
    left = iter(outcomes)

    async def attempt() -> str:
        outcome = next(left)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    result: object
    try:
        result = await repeat(attempt, max_attempts=max_attempts, sleep=sleep, on_repeat=lambda: counted.append(None))
    except (ServiceUnavailable, ValueError) as error:
        result = error
    return result, slept, len(counted)


def failure(number: int, *, wait: float | None = None) -> Repeat:
    return Repeat(ServiceUnavailable(f"failure {number}"), failures=number, wait=wait)


async def test_failures_back_off_exponentially_with_jitter_until_one_succeeds() -> None:
    result, slept, counted = await run_repeat([failure(1), failure(2), failure(3), "done"])

    assert (result, counted) == ("done", 3)
    assert all(base <= wait <= base + 0.5 for base, wait in zip([0.5, 1.0, 2.0], slept, strict=True))


async def test_the_last_failure_is_raised_when_the_attempts_are_used_up() -> None:
    result, slept, _ = await run_repeat([failure(1), failure(2), failure(3), failure(4), "never"])

    assert str(result) == "failure 4"
    assert len(slept) == 3


async def test_a_told_wait_is_kept_up_to_a_bound() -> None:
    _, slept, _ = await run_repeat([failure(1, wait=3.0), failure(2, wait=9999.0), "done"])

    assert slept == [3.0, LONGEST_TOLD_WAIT_SECONDS]


async def test_429s_burn_no_attempts_but_patience_ends() -> None:
    limited: list[Exception | str] = [
        Repeat(ServiceUnavailable("limited"), limited_for=seconds, wait=0.0)
        for seconds in [*range(1, 300, 10), PATIENCE_SECONDS + 1]
    ]
    result, slept, counted = await run_repeat([*limited, "never"], max_attempts=2)

    assert str(result) == "limited"
    assert counted == len(slept) == 30


async def test_other_errors_pass_at_once() -> None:
    result, slept, _ = await run_repeat([ValueError("a fault"), "never"])

    assert isinstance(result, ValueError)
    assert slept == []


NOON = 1_700_000_000.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("Tue, 14 Nov 2023 22:13:50 GMT", 30.0),
        ("Tue, 14 Nov 2023 22:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("99, 99 Nov 99999 99:99:99 GMT", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(text: str, seconds: float | None) -> None:
    assert retry_after_seconds(text, NOON) == seconds


@settings(deadline=None)
@given(st.text())
def test_no_header_text_breaks_the_reading(text: str) -> None:
    assert (retry_after_seconds(text, NOON) or 0.0) >= 0.0
    assert http_date(text) is None or isinstance(http_date(text), float)
