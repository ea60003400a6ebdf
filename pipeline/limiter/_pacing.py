"""The rate limiter that all workers share, and, with a store, all processes of the account.

The ceiling is one that the server would count in any rolling minute: a place is occupied from the moment a request
starts until a minute after its answer, which holds for a server that counts a rolling minute, a fixed one or a bucket
(`_schedule`). Processes lease places for a second or two from a small SQLite file, or from a Redis server for several
machines, so the store is asked about once a second and not once a request (`_share`, `_stores`, `_ledger`). A store
that cannot be used costs a warning, never the run: the process then keeps to the ceiling alone. A 429 pauses everybody,
for its `Retry-After` or for a pause that doubles. How many requests are in flight follows the service
(`_concurrency`).
"""

import logging
import math
import time
from collections.abc import Awaitable, Callable

import anyio

from pipeline.limiter._schedule import TICK, Schedule
from pipeline.limiter._share import RENEW_SECONDS, Share
from pipeline.values import Struct

Sleep = Callable[[float], Awaitable[None]]
Clock = Callable[[], float]

log = logging.getLogger("pipeline.limiter")

PATIENCE_SECONDS = 600.0
"""How long one request goes on being answered 429 before the client gives up."""

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 15.0
"""The first pause after a 429 without Retry-After, and what it doubles to at most while 429s go on."""

ANOTHER_PAUSE_SECONDS = 0.5
"""A pause of another process counts as new when it ends this much later than our own."""


class Permit(Struct, eq=False):
    """Permission to send one request. `started` is the clock's reading when it was given."""

    started: float


class RateLimiter:
    """One budget for all workers of a client: `acquire` before each request on the wire, `answered` after it.

    `requests_per_minute` 0 means no ceiling; a pause after a 429 holds all workers either way. With a `share` the
    budget is shared with the other processes of the account; `requests_per_minute` is still kept as well.
    """

    def __init__(
        self,
        requests_per_minute: int,
        *,
        clock: Clock = time.monotonic,
        sleep: Sleep = anyio.sleep,
        share: Share | None = None,
    ) -> None:
        self._schedule = Schedule(requests_per_minute) if requests_per_minute else None
        self._share = share if requests_per_minute else None
        self._clock = clock
        self._sleep = sleep
        self._turn = anyio.Lock()
        self._answer = anyio.Event()
        self._resume_at = -math.inf
        self._streak = 0

    async def acquire(self) -> Permit:
        """Wait until a request may be sent and return the permit for it; first come, first served."""
        now = self._clock()
        if self._schedule is None and now >= self._resume_at:
            # Without a ceiling there is nothing to wait for or to count.
            return Permit(now)
        async with self._turn:
            now = await self._renewed(self._clock())
            while (wait := self._delay(now)) is None or wait > TICK:
                now = await self._renewed(await self._let_pass(wait, now))
            if self._schedule is not None:
                self._schedule.start(now)
            if self._share is not None:
                self._share.start(now)
            return Permit(now)

    def answered(self, permit: Permit) -> None:
        """Release a permit: its answer came in, or the request was given up. Call it once for each permit."""
        now = max(self._clock(), permit.started)
        if self._schedule is not None:
            self._schedule.answered(now)
            self._answer.set()
        if self._share is not None:
            self._share.answered(now)

    def accepted(self, permit: Permit) -> None:
        """Note that the request was not answered 429: the next pause will be short again."""
        if permit.started >= self._resume_at:
            self._streak = 0

    def throttled(self, permit: Permit, retry_after: float | None) -> float:
        """Pause all requests because one was answered 429; return the seconds from now until the pause ends.

        Requests that were under way when a pause began do not double it: eight workers that are refused together make
        one pause. After it the rate grows back slowly.
        """
        now = max(self._clock(), permit.started)
        is_new = permit.started >= self._resume_at
        # A Retry-After of 0 contradicts the 429: our own pause is used.
        if retry_after:
            # A request gives up after PATIENCE_SECONDS; the others must not sleep for a day either.
            self.pause(min(retry_after, PATIENCE_SECONDS))
        elif is_new:
            self._streak += 1
            self.pause(min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** min(self._streak - 1, 10)))
        if is_new and self._schedule is not None:
            self._schedule.slow_down(now, self._resume_at)
        return max(0.0, self._resume_at - now)

    def pause(self, seconds: float) -> None:
        """Let no request start for `seconds` from now. A longer pause that is already set stays."""
        self._resume_at = max(self._resume_at, self._clock() + seconds)
        if self._share is not None:
            self._share.tell_pause(self._resume_at)

    async def leave(self) -> None:
        """Give the leased slots back to the shared budget. Nothing may be acquired afterwards."""
        if self._share is not None:
            await self._share.leave()

    async def _renewed(self, now: float) -> float:
        """Renew the lease of the shared budget where that is due; return the time afterwards."""
        share, schedule = self._share, self._schedule
        if share is None or schedule is None or not share.is_due(now):
            return now
        own = self._own_delay(now)
        # Slots that cannot be used during their lease are left to other processes.
        waiting = 0 if own is None or own > RENEW_SECONDS else self._turn.statistics().tasks_waiting + 1
        if not waiting and not share.has_to_tell(now):
            return now
        await share.renew(now, waiting=waiting, speed=schedule.speed(now))
        now = max(now, self._clock())
        schedule.spread(share.per_minute)
        if share.paused_until > max(now, self._resume_at + ANOTHER_PAUSE_SECONDS):
            log.debug("all requests pause for %.1f s after a 429 of another process", share.paused_until - now)
            schedule.slow_down(now, share.paused_until)
            self._resume_at = share.paused_until
        return now

    def _own_delay(self, now: float) -> float | None:
        """Return the wait that this process's own limit and the pause require."""
        paused = max(0.0, self._resume_at - now)
        if self._schedule is None:
            return paused
        wait = self._schedule.delay(now)
        return None if wait is None else max(wait, paused)

    def _delay(self, now: float) -> float | None:
        own = self._own_delay(now)
        if self._share is None or own is None:
            return own
        if own <= RENEW_SECONDS:
            return max(own, self._share.delay(now))
        return min(own, self._share.until_renewal(now)) if self._share.has_to_tell(now) else own

    async def _let_pass(self, wait: float | None, now: float) -> float:
        if wait is None:
            self._answer = anyio.Event()
            await self._answer.wait()
            return max(now, self._clock())
        await self._sleep(wait)
        if self._share is not None:
            self._share.waited(wait)
        # What was slept counts as passed even if the clock shows a little less, so that the loop above ends.
        return max(now + wait, self._clock())
