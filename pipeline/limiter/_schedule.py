"""When the next request may start: a rolling minute with a limited number of places, and even spacing within it."""

import math
from collections import deque

MINUTE = 60.0

WINDOW_SECONDS = 60.1
"""The rolling minute, with a margin for the resolution of two clocks."""

TICK = 1e-6
"""A wait shorter than this (seconds) counts as none: it would be lost in the rounding of the clock."""

BURST = 4
"""Requests that may start at once after a pause; all others are spaced evenly."""

CATCH_UP_SECONDS = 0.25
"""How late a busy machine may be and still start the requests that it missed."""

SLOWER = 0.75
"""The rate is multiplied by this after a pause for a 429, but never falls below SLOWEST."""

SLOWEST = 0.25
RECOVERY = 0.05
"""Share of the full rate that is regained every second after such a pause."""


class Schedule:
    """When the next request may start, so that no rolling minute as the SERVER counts it holds more than the limit.

    A request arrives at the server at an unknown moment between its start and its answer. So it occupies its place
    from its start until a full window after its ANSWER, and a request may start only while fewer than `per_minute`
    places are occupied: of any `per_minute` + 1 arrivals the last began a full window after one of the others had been
    answered. Within that ceiling the starts are spaced evenly, with a burst of at most `BURST` (or of what
    CATCH_UP_SECONDS hold, where that is more). Memory: one number for each place.
    """

    def __init__(self, per_minute: int) -> None:
        self._places = per_minute
        self._interval = MINUTE / per_minute
        self._due = -math.inf
        self._flying = 0
        self._answered: deque[float] = deque()
        self._speed = 1.0
        self._recovers_from = -math.inf

    def delay(self, now: float) -> float | None:
        """Return the seconds until a request may start, or None when an answer must come in first."""
        while self._answered and self._answered[0] + WINDOW_SECONDS <= now + TICK:
            self._answered.popleft()
        wait = max(0.0, self._due - self._lead() - now)
        if self._flying + len(self._answered) < self._places:
            return wait
        if not self._answered:
            return None
        return max(wait, self._answered[0] + WINDOW_SECONDS - now)

    def start(self, now: float) -> None:
        """Occupy a place."""
        self._flying += 1
        self._due = max(self._due, now) + self._interval / self.speed(now)

    def answered(self, now: float) -> None:
        """Note that the answer to one of the requests came in (or that it was given up)."""
        self._flying -= 1
        self._answered.append(max(now, self._answered[-1]) if self._answered else now)

    def spread(self, per_minute: float) -> None:
        """Space the starts for this rate (at most the limit itself): the process's share of the account."""
        self._interval = MINUTE / min(per_minute, self._places)

    def slow_down(self, now: float, until: float) -> None:
        """Lower the rate because of a 429; it grows back from `until` on, the end of the pause, without a burst."""
        self._speed = max(SLOWEST, self.speed(now) * SLOWER)
        self._recovers_from = until
        self._due = max(self._due, until + self._lead())

    def speed(self, now: float) -> float:
        """Return the share of the rate that is used at `now`: 1, or less for a while after a 429."""
        return min(1.0, self._speed + RECOVERY * max(0.0, now - self._recovers_from))

    def _lead(self) -> float:
        """Return how far (seconds) the starts may run ahead of even spacing."""
        return max((min(BURST, self._places) - 1) * self._interval, CATCH_UP_SECONDS)
