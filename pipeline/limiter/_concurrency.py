"""How many requests are in flight at once: as many as the service bears, up to the limit that is set.

The limit changes after every round of answers. It doubles until the service first has trouble, and grows by one a round
after that. Where requests fail or time out it is cut by a quarter. Where answers take much longer than before, it is
halved, and the next round shows whether that helped: if the answers are just as slow, the number of requests was not
the cause, their latency becomes the normal one, and the limit goes back to what it was.
"""

import math
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from pipeline.limiter._slots import CapacityLimiter
from pipeline.values import Struct

Clock = Callable[[], float]

FIRST_LIMIT = 4
"""In flight at once before anything is known of the service."""

SHORTEST_ROUND = 4
"""The fewest answers that make a round: one slow answer shows nothing."""

FASTEST_SECONDS = 0.1
"""Latencies below this count as equal: delays of this machine do not show that the service is under strain."""

STRAINED = 3.0
"""The service is under strain when its latency is this many times the normal one."""

RELIEF = 0.7
"""A cut has helped when the strain fell to this part of what it was before."""

AFTER_FAILURE = 0.75
AFTER_STRAIN = 0.5


class ConcurrencyLimit(Struct, frozen=True):
    """How many may be in flight, and what is being tried.

    `doubles` until the first sign of trouble; `strained` and `before` are the strain and the limit that led to a cut
    whose effect is still to be seen.
    """

    most: int
    doubles: bool = True
    strained: float = 0.0
    before: int = 0


class RoundStats(Struct, frozen=True):
    """What the answers of a round showed.

    `failures` are timeouts, 5xx and lost connections; `strain` is the median latency in units of the normal one;
    `needed` is how many must be in flight for the allowed rate while the latency is normal.
    """

    failures: int
    strain: float
    needed: int = 1


def next_limit(limit: ConcurrencyLimit, seen: RoundStats, ceiling: int) -> tuple[ConcurrencyLimit, bool]:
    """Return the limit for the next round, and whether the latency of this round is the normal one from now on."""
    if seen.failures:
        return ConcurrencyLimit(max(1, math.floor(limit.most * AFTER_FAILURE)), doubles=False), False
    if limit.strained and seen.strain > STRAINED and seen.strain > RELIEF * limit.strained:
        # Fewer requests and just as slow: their number was not the cause.
        return ConcurrencyLimit(min(ceiling, max(limit.before, limit.most)), doubles=limit.doubles), True
    if seen.strain > STRAINED:
        least = min(limit.most, seen.needed)
        cut = max(1, least, math.floor(limit.most * AFTER_STRAIN))
        return ConcurrencyLimit(cut, doubles=False, strained=seen.strain, before=limit.most), False
    grown = limit.most * 2 if limit.doubles else limit.most + 1
    return ConcurrencyLimit(min(ceiling, grown), doubles=limit.doubles), False


class AdaptiveConcurrency:
    """Lets requests start while fewer than the limit are in flight. `per_minute` is the allowed rate (0: any)."""

    def __init__(self, ceiling: int, *, per_minute: int = 0, clock: Clock = time.monotonic) -> None:
        self._ceiling = ceiling
        self._per_minute = per_minute
        self._clock = clock
        self._limit = ConcurrencyLimit(min(FIRST_LIMIT, ceiling))
        self._slots = CapacityLimiter(self._limit.most)
        self._round_began = -math.inf
        self._failures = 0
        self._good = 0
        self._latencies: defaultdict[str, list[float]] = defaultdict(list)
        self._normal: dict[str, float] = {}

    @property
    def most(self) -> int:
        """How many may be in flight now."""
        return self._limit.most

    @property
    def slot(self) -> AbstractAsyncContextManager[None]:
        """Hold this while a request is in flight; entering it waits until one more may be."""
        return self._slots

    def answered(self, kind: str, began: float) -> None:
        """Note a good answer to a request of `kind` that went out at `began`."""
        if began >= self._round_began:
            self._latencies[kind].append(max(FASTEST_SECONDS, self._clock() - began))
            self._good += 1
            self._end_round()

    def failed(self, began: float) -> None:
        """Note that a request that went out at `began` came to nothing: a timeout, a 5xx, a lost connection."""
        # Requests from before the last change of the limit say nothing about the new one.
        if began >= self._round_began:
            self._failures += 1
            self._end_round()

    def _end_round(self) -> None:
        if not self._failures and self._good < max(SHORTEST_ROUND, self._limit.most):
            return
        medians = {kind: statistics.median(each) for kind, each in self._latencies.items()}
        for kind, median in medians.items():
            self._normal[kind] = min(median, self._normal.get(kind, median))
        self._limit, is_normal = next_limit(self._limit, self._seen(), self._ceiling)
        if is_normal:
            self._normal.update(medians)
        self._slots.resize(self._limit.most)
        self._failures = self._good = 0
        self._latencies.clear()
        self._round_began = self._clock()

    def _seen(self) -> RoundStats:
        answers = [(seconds, self._normal[kind]) for kind, each in self._latencies.items() for seconds in each]
        if not answers:
            return RoundStats(self._failures, strain=0.0)
        strain = statistics.median(seconds / normal for seconds, normal in answers)
        # Little's law: what is in flight is the rate times the time that each takes.
        needed = math.ceil(statistics.mean(normal for _, normal in answers) * self._per_minute / 60.0)
        return RoundStats(self._failures, strain, max(1, needed))
