"""How fast and how often: the rate limiter that all workers share, and the rules for repeating a request."""

import email.utils
import logging
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import anyio
import tenacity

from pipeline.errors import PipelineError

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]
Clock = Callable[[], float]

log = logging.getLogger("pipeline.heymarket")

WINDOW_SECONDS = 60.1
"""The rolling minute, with a margin for the resolution of two clocks."""

TICK = 1e-6
"""A wait shorter than this (seconds) is none: it would be lost in the rounding of the clock."""

BURST = 4
"""Requests that may start at once after a quiet moment; everything else is spaced evenly."""

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 15.0
"""Source: design, "Fine print": after a 429 without Retry-After about 1 s, doubling to at most 15 s."""

PATIENCE_SECONDS = 600.0
"""How long one request goes on being answered 429 before the client gives up."""

FIRST_BACKOFF_SECONDS = 0.5
LONGEST_BACKOFF_SECONDS = 15.0
LONGEST_TOLD_WAIT_SECONDS = 120.0
"""A Retry-After beside a 5xx is honoured up to here: it is advice about one request, not a rate limit."""


@dataclass(eq=False, slots=True)
class Slot:
    """The leave to send one request. `started` is the clock's reading when it was given."""

    started: float


class Schedule:
    """When the next request may start, so that no rolling minute on the SERVER's side holds more than the limit.

    A request arrives at the server at an unknown moment between its start and its answer. So it occupies its place
    from its start until a full window after its ANSWER, and a request may start only while fewer than `per_minute`
    places are occupied: of any `per_minute` + 1 arrivals the last began a full window after one of the others had been
    answered. Beneath that ceiling the starts are spaced evenly, with a burst of at most `BURST`.
    Memory: one number for each place.
    """

    def __init__(self, per_minute: int) -> None:
        self._places = per_minute
        self._interval = 60.0 / per_minute
        self._lead = (min(BURST, per_minute) - 1) * self._interval
        self._due = -math.inf
        self._flying = 0
        self._answered: deque[float] = deque()

    def delay(self, now: float) -> float | None:
        """Return the seconds until a request may start, or None when an answer must come in first."""
        while self._answered and self._answered[0] + WINDOW_SECONDS <= now + TICK:
            self._answered.popleft()
        wait = max(0.0, self._due - self._lead - now)
        if self._flying + len(self._answered) < self._places:
            return wait
        if not self._answered:
            return None
        return max(wait, self._answered[0] + WINDOW_SECONDS - now)

    def start(self, now: float) -> None:
        """Occupy a place."""
        self._flying += 1
        self._due = max(self._due, now) + self._interval

    def answered(self, now: float) -> None:
        """Note that the answer to one of the requests came in (or that it was given up)."""
        self._flying -= 1
        self._answered.append(max(now, self._answered[-1]) if self._answered else now)


class Pacer:
    """One budget for all workers of a client: `acquire` before each request on the wire, `answered` after it.

    `requests_per_minute` 0 means no ceiling; a pause after a 429 holds everybody either way.
    """

    def __init__(self, requests_per_minute: int, *, clock: Clock = time.monotonic, sleep: Sleep = anyio.sleep) -> None:
        self._schedule = Schedule(requests_per_minute) if requests_per_minute else None
        self._clock = clock
        self._sleep = sleep
        self._turn = anyio.Lock()
        self._answer = anyio.Event()
        self._resume_at = -math.inf
        self._streak = 0

    async def acquire(self) -> Slot:
        """Wait for the right moment and return the leave to send one request; first come, first served."""
        now = self._clock()
        if self._schedule is None and now >= self._resume_at:
            # Nothing to wait for: no turn, no bookkeeping.
            return Slot(now)
        async with self._turn:
            now = self._clock()
            while (wait := self._delay(now)) is None or wait > TICK:
                now = await self._let_pass(wait, now)
            if self._schedule is not None:
                self._schedule.start(now)
            return Slot(now)

    def answered(self, slot: Slot) -> None:
        """Give the place of `slot` back: its answer came in, or it was given up. Call it once for each slot."""
        if self._schedule is not None:
            self._schedule.answered(max(self._clock(), slot.started))
            self._answer.set()

    def accepted(self, slot: Slot) -> None:
        """Note that the request was not answered 429: the next pause is a short one again."""
        if slot.started >= self._resume_at:
            self._streak = 0

    def throttled(self, slot: Slot, retry_after: float | None) -> float:
        """Pause everybody because `slot` was answered 429; return the seconds from now until it ends.

        Requests that were under way when the pause began belong to the same episode: eight workers that are refused
        together make one pause, not a pause doubled eight times.
        """
        now = max(self._clock(), slot.started)
        # "Retry at once" is no advice for somebody who was just told to slow down: our own pause is used.
        if retry_after:
            # Beyond its patience this request gives up; others that are still to come must not sleep for a day.
            self.pause(min(retry_after, PATIENCE_SECONDS))
        elif slot.started >= self._resume_at:
            self._streak += 1
            self.pause(min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** min(self._streak - 1, 10)))
        return max(0.0, self._resume_at - now)

    def pause(self, seconds: float) -> None:
        """Let nobody start for `seconds` from now. A longer pause that is already set stays."""
        self._resume_at = max(self._resume_at, self._clock() + seconds)

    def _delay(self, now: float) -> float | None:
        paused = max(0.0, self._resume_at - now)
        if self._schedule is None:
            return paused
        wait = self._schedule.delay(now)
        return None if wait is None else max(wait, paused)

    async def _let_pass(self, wait: float | None, now: float) -> float:
        if wait is None:
            self._answer = anyio.Event()
            await self._answer.wait()
            return max(now, self._clock())
        await self._sleep(wait)
        # What was slept counts as passed even if the clock says a hair less: no spinning, and an injected sleep works.
        return max(now + wait, self._clock())


class Repeat(Exception):
    """An attempt failed in a way that allows another one.

    `error` is what to raise when no attempt is left; `failures` counts the attempts that burn the allowance;
    `limited_for` is how long (seconds) the request has been held up by 429s; `wait` is a told pause, None = back off.
    """

    def __init__(
        self, error: PipelineError, *, failures: int = 0, limited_for: float = 0.0, wait: float | None = None
    ) -> None:
        super().__init__(str(error))
        self.error = error
        self.failures = failures
        self.limited_for = limited_for
        self.wait = wait


async def repeat(
    attempt: Callable[[], Awaitable[T]], *, max_attempts: int, sleep: Sleep, on_repeat: Callable[[], None]
) -> T:
    """Call `attempt` until it returns, raises anything but Repeat, or the allowance is used up.

    Raises the `error` of the last Repeat in the end. `on_repeat` is called before each repetition.
    """

    def before_sleep(state: tenacity.RetryCallState) -> None:
        on_repeat()
        log.debug("trying again in %.1f s: %s", state.upcoming_sleep, _reason(state))

    retrying = tenacity.AsyncRetrying(
        sleep=sleep,
        retry=tenacity.retry_if_exception_type(Repeat),
        stop=_StopAfterFailures(max_attempts) | _StopWhenPatienceEnds(),
        wait=_WaitAsTold(
            tenacity.wait_exponential(multiplier=FIRST_BACKOFF_SECONDS, max=LONGEST_BACKOFF_SECONDS)
            + tenacity.wait_random(0, FIRST_BACKOFF_SECONDS)
        ),
        before_sleep=before_sleep,
        reraise=True,
    )
    try:
        return await retrying(attempt)
    except Repeat as last:
        final = last.error
    raise final


def retry_after_seconds(text: str, now: float) -> float | None:
    """Read a Retry-After header: seconds, or an HTTP date seen from `now` (unix seconds). None when it says nothing.

    Source: RFC 9110, section 10.2.3.
    """
    try:
        seconds = float(text)
    except ValueError:
        moment = http_date(text)
        seconds = math.nan if moment is None else moment - now
    return max(0.0, seconds) if math.isfinite(seconds) else None


def http_date(text: str) -> float | None:
    """Return the unix seconds of an HTTP date, or None when `text` is none."""
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def _reason(state: tenacity.RetryCallState) -> BaseException | None:
    return None if state.outcome is None else state.outcome.exception()


class _StopAfterFailures(tenacity.stop.stop_base):
    """Stop when as many attempts as allowed have failed; 429 and 401 burn none."""

    def __init__(self, allowed: int) -> None:
        self._allowed = allowed

    def __call__(self, state: tenacity.RetryCallState) -> bool:
        reason = _reason(state)
        return isinstance(reason, Repeat) and reason.failures >= self._allowed


class _StopWhenPatienceEnds(tenacity.stop.stop_base):
    """Stop when 429s have held the request up for too long."""

    def __call__(self, state: tenacity.RetryCallState) -> bool:
        reason = _reason(state)
        return isinstance(reason, Repeat) and reason.limited_for > PATIENCE_SECONDS


class _WaitAsTold(tenacity.wait.wait_base):
    """Wait as long as the failure says, else as long as `otherwise` says."""

    def __init__(self, otherwise: tenacity.wait.wait_base) -> None:
        self._otherwise = otherwise

    def __call__(self, state: tenacity.RetryCallState) -> float:
        reason = _reason(state)
        told = reason.wait if isinstance(reason, Repeat) else None
        return self._otherwise(state) if told is None else min(told, LONGEST_TOLD_WAIT_SECONDS)
