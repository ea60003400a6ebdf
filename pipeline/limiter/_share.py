"""One process's share of an account's request budget: slots leased for two seconds, and reports of their use."""

import functools
import logging
import math
import time
import uuid
from collections import deque
from collections.abc import Callable

import anyio

from pipeline.limiter._ledger import LEASE_SECONDS, Grant, Ledger, LedgerUnreadable, UsageReport
from pipeline.limiter._schedule import MINUTE, TICK, WINDOW_SECONDS
from pipeline.limiter._stores import BudgetStore, StoreUnusable

Clock = Callable[[], float]

log = logging.getLogger("pipeline.limiter")

RENEW_SECONDS = 1.0
"""How often a process that sends reports what it did and takes new slots: well before its lease ends."""

SOON_SECONDS = 0.1
"""How soon it asks again when all its slots are used."""

NOTHING_GRANTED_SECONDS = 0.25
"""How soon it asks again when it was granted nothing; the wait doubles each time, up to RENEW_SECONDS."""

RETRY_SECONDS = 30.0
"""How often a store that cannot be used is tried again."""

AVERAGED_SECONDS = 5.0
"""Over how long the rate that a process wants is averaged."""


class Share:
    """The leased slots of one process. All times are readings of `clock`; use from one task at a time.

    While the store cannot be used, this process keeps to its own limit alone.
    """

    def __init__(
        self, store: BudgetStore, ceiling: int, *, timeout: float = 30.0, clock: Clock = time.monotonic
    ) -> None:
        self._store = store
        self._ceiling = ceiling
        self._timeout = timeout
        self._clock = clock
        self._name = uuid.uuid4().hex[:12]
        self._starts: deque[float] = deque()
        self._ends = -math.inf
        self._renew_at = -math.inf
        self._asked = -math.inf
        self._flying = 0
        self._answered: deque[float] = deque()
        self._started = 0
        self._waited = 0.0
        self._refusals = 0
        self._rate = float(ceiling)
        self._pause_to_tell = -math.inf
        self._works = True
        self._warned = False
        self.per_minute = float(ceiling)
        """The fair share of the rate."""
        self.paused_until = -math.inf
        """Until when all processes of the account must wait, because one of them was answered 429."""

    def is_due(self, now: float) -> bool:
        """Whether the store is to be asked before the next start."""
        return now + TICK >= self._renew_at or (self._works and self.has_news(now))

    def has_news(self, now: float) -> bool:
        """Whether there is a pause that the others do not know of."""
        return self._pause_to_tell > now

    def has_to_tell(self, now: float) -> bool:
        """Whether the store lacks something that other processes need: answers, unused slots, a pause."""
        return self._works and bool(self._answered or self._starts or self.has_news(now))

    def delay(self, now: float) -> float:
        """Return the seconds until a slot may be started, or until it makes sense to ask the store again."""
        if not self._works:
            return 0.0
        if now >= self._ends:
            self._starts.clear()
        return max(0.0, self._starts[0] - now) if self._starts else self.until_renewal(now)

    def until_renewal(self, now: float) -> float:
        """Return the seconds (more than 0) until the store may be asked again."""
        return max(SOON_SECONDS, self._renew_at - now)

    def start(self, now: float) -> None:
        """Use a slot."""
        self._flying += 1
        self._started += 1
        if self._starts:
            self._starts.popleft()
        if not self._starts and self._works:
            self._renew_at = min(self._renew_at, max(now, self._asked + SOON_SECONDS))

    def answered(self, now: float) -> None:
        """Note that an answer came in (or that the request was given up)."""
        self._flying -= 1
        self._answered.append(now)

    def waited(self, seconds: float) -> None:
        """Note that callers were held for `seconds`."""
        self._waited += seconds

    def tell_pause(self, until: float) -> None:
        """Let the other processes know of a pause with the next report."""
        self._pause_to_tell = max(self._pause_to_tell, until)

    async def renew(self, now: float, *, waiting: int = 1, speed: float = 1.0) -> None:
        """Report what was done, give back unused slots, and take new ones for `waiting` callers.

        `speed` is the part of its share that the process limits itself to. A failure of the store is never raised.
        """
        self._measure(now, speed)
        grant = await self._tell(self._report(now, waiting=waiting), now)
        if grant is None:
            return
        got = max(now, self._clock())
        self._starts = deque(got + wait for wait in grant.starts)
        # The lease is counted from before the request, the next report from after it: both are on the safe side.
        self._ends = now + LEASE_SECONDS
        self._renew_at = got + self._pause_between(grant, waiting)
        self.per_minute = grant.per_minute
        if grant.pause:
            self.paused_until = max(self.paused_until, got + grant.pause)

    async def leave(self) -> None:
        """Make the last report, give all slots back and close the store."""
        now = self._clock()
        if self._works and self._asked > -math.inf:
            await self._tell(self._report(now, leaving=True), now)
        with anyio.CancelScope(shield=True):
            await self._store.aclose()

    def _pause_between(self, grant: Grant, waiting: int) -> float:
        """Return the seconds until the store is to be asked again."""
        if grant.starts or not waiting:
            self._refusals = 0
            return RENEW_SECONDS
        self._refusals += 1
        return min(RENEW_SECONDS, NOTHING_GRANTED_SECONDS * 2.0 ** min(self._refusals - 1, 10))

    def _report(self, now: float, *, waiting: int = 0, leaving: bool = False) -> UsageReport:
        while self._answered and self._answered[0] + WINDOW_SECONDS <= now:
            self._answered.popleft()
        return UsageReport(
            ceiling=self._ceiling,
            answered=tuple(now - moment for moment in self._answered),
            flying=self._flying,
            waiting=waiting,
            rate=self._rate,
            timeout=self._timeout,
            pause=max(0.0, self._pause_to_tell - now),
            leaving=leaving,
        )

    async def _tell(self, report: UsageReport, now: float) -> Grant | None:
        """Send a report to the store; None when that failed."""
        # If it were cancelled, nobody could say whether the report was stored. The stores' own time-outs bound it.
        with anyio.CancelScope(shield=True):
            try:
                grant = await self._store.change(functools.partial(_settle, self._name, report))
            except (StoreUnusable, LedgerUnreadable) as error:
                self._do_without(now, error)
                return None
        self._works = True
        self._asked = now
        # Answers that came in meanwhile stay for the next report.
        for _ in report.answered:
            self._answered.popleft()
        self._pause_to_tell = -math.inf if self._pause_to_tell <= now + report.pause else self._pause_to_tell
        return grant

    def _do_without(self, now: float, error: Exception) -> None:
        self._works = False
        self._renew_at = now + RETRY_SECONDS
        self._starts.clear()
        self.per_minute = float(self._ceiling)
        if not self._warned:
            self._warned = True
            log.warning(
                "The request limit is not shared with other processes for now, because %s. This one keeps to its own"
                " limit of %d a minute; let no other process work on this account until that is repaired.",
                error,
                self._ceiling,
            )

    def _measure(self, now: float, speed: float) -> None:
        """Update the average of the wanted rate."""
        passed = now - self._asked
        if not math.isfinite(passed) or passed <= 0:
            return
        # The rate it would have without a limit: the time it was made to wait does not count.
        free = max(0.0, passed - self._waited) * speed
        wanted = min(self._ceiling, self._started * MINUTE / free) if free > TICK else self._ceiling
        self._rate += (wanted - self._rate) * min(1.0, passed / AVERAGED_SECONDS)
        self._started = 0
        self._waited = 0.0


def _settle(name: str, report: UsageReport, content: bytes, now: float) -> tuple[bytes, Grant]:
    ledger = Ledger.read(content)
    grant = ledger.settle(name, report, now)
    return ledger.write(), grant
