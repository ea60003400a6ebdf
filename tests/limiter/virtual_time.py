"""Simulated time for limiters, and what a server would count."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

import anyio

from pipeline.limiter._pacing import RateLimiter
from pipeline.limiter._stores import StoreUnusable, Turn
from pipeline.sandbox._limits import make_limiter

T = TypeVar("T")

Clock = Callable[[], float]
Latency = Callable[[], tuple[float, float]]


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
    limiter: RateLimiter,
    clock: Callable[[], float],
    *,
    workers: int,
    seconds: float,
    latency: Latency,
    seen: list[float] | None = None,
) -> list[float]:
    """Let `workers` send for `seconds`; `latency` draws how long a request travels out and back."""
    seen = [] if seen is None else seen

    async def work() -> None:
        while clock() < seconds:
            slot = await limiter.acquire()
            out, back = latency()
            # Noted when it leaves: it arrives also where its process is killed on the way.
            seen.append(clock() + out)
            await anyio.sleep(out + back)
            limiter.answered(slot)

    async with anyio.create_task_group() as group:
        for _ in range(workers):
            group.start_soon(work)
    return seen


def refused(arrivals: Iterable[float], kind: str, per_minute: int) -> int:
    """Return how many of the arrivals a server that counts like the sandbox's `kind` would answer 429."""
    limiter = make_limiter(kind, per_minute)
    return sum(1 for moment in sorted(arrivals) if limiter.wait(moment))


class MemoryStore:
    """A store in this process; `broken` makes it fail, `seconds` is how long a change takes each way."""

    def __init__(self, clock: Clock, seconds: float = 0.0) -> None:
        self.clock = clock
        self.content = b""
        self.broken = False
        self.changes = 0
        self.seconds = seconds

    async def change(self, turn: Turn[T]) -> T:
        await anyio.sleep(self.seconds)
        if self.broken:
            raise StoreUnusable("it is broken")
        self.changes += 1
        self.content, result = turn(self.content, self.clock())
        await anyio.sleep(self.seconds)
        return result

    async def aclose(self) -> None:
        pass
