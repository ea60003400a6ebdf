"""Three ways to count requests a minute."""

from collections import deque
from collections.abc import Callable
from typing import Protocol

MINUTE = 60.0


class Limiter(Protocol):
    """Counts requests of one caller."""

    def wait(self, now: float) -> float:
        """Take one request at `now` (seconds) and return 0, or return how long to wait and take nothing."""
        ...


class RollingLimiter:
    """At most `most` requests in any 60 seconds."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: deque[float] = deque()

    def wait(self, now: float) -> float:
        """See Limiter."""
        while self._taken and self._taken[0] <= now - MINUTE:
            self._taken.popleft()
        if len(self._taken) >= self._most:
            return self._taken[0] + MINUTE - now
        self._taken.append(now)
        return 0.0


class FixedLimiter:
    """At most `most` requests between one full minute of the clock and the next."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._window = -1.0
        self._taken = 0

    def wait(self, now: float) -> float:
        """See Limiter."""
        window = now // MINUTE
        if window != self._window:
            self._window, self._taken = window, 0
        if self._taken >= self._most:
            return (window + 1) * MINUTE - now
        self._taken += 1
        return 0.0


class BucketLimiter:
    """A bucket of `most` tokens that refills evenly, `most` a minute."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._tokens = float(most)
        self._seen: float | None = None

    def wait(self, now: float) -> float:
        """See Limiter."""
        passed = 0.0 if self._seen is None else max(0.0, now - self._seen)
        self._seen = now
        self._tokens = min(float(self._most), self._tokens + passed * self._most / MINUTE)
        if self._tokens < 1.0:
            return (1.0 - self._tokens) * MINUTE / self._most
        self._tokens -= 1.0
        return 0.0


def make_limiter(kind: str, most: int) -> Limiter:
    """Return a limiter for `most` (at least 1) requests a minute; kinds are those of the trait `limit_window`."""
    makers: dict[str, Callable[[int], Limiter]] = {
        "rolling": RollingLimiter,
        "fixed": FixedLimiter,
        "bucket": BucketLimiter,
    }
    return makers[kind](most)


class Limits:
    """The limiters of all callers. `most` 0 means no limit."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._limiters: dict[tuple[str, str, int], Limiter] = {}

    def wait(self, caller: str, kind: str, now: float) -> float:
        """Return 0 when `caller` may go on at `now`, or the seconds until it may."""
        if not self.most:
            return 0.0
        name = (caller, kind, self.most)
        if name not in self._limiters:
            self._limiters[name] = make_limiter(kind, self.most)
        return self._limiters[name].wait(now)
