"""When a request may be repeated, and how long to wait before that."""

import email.utils
import logging
import math
from collections.abc import Awaitable, Callable
from typing import TypeVar

import tenacity

from pipeline.errors import PipelineError
from pipeline.limiter import PATIENCE_SECONDS

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]

log = logging.getLogger("pipeline.heymarket")

FIRST_BACKOFF_SECONDS = 0.5
LONGEST_BACKOFF_SECONDS = 15.0
LONGEST_TOLD_WAIT_SECONDS = 120.0
"""A Retry-After beside a 5xx is honoured up to here: it is advice about one request, not a rate limit."""

_BACKOFF = tenacity.wait_exponential(
    multiplier=FIRST_BACKOFF_SECONDS, max=LONGEST_BACKOFF_SECONDS
) + tenacity.wait_random(0, FIRST_BACKOFF_SECONDS)


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

    At most `max_attempts` attempts may fail; a 429 and a 401 do not count as failed, but 429s may not hold the request
    up for longer than PATIENCE_SECONDS. Raises the `error` of the last Repeat in the end. `on_repeat` is called before
    each repetition.
    """
    # Nearly all requests succeed at once, and preparing the repetitions for each would take a third of their time.
    try:
        return await attempt()
    except Repeat as first:
        failed: list[Repeat] = [first]

    async def next_attempt() -> T:
        if failed:
            raise failed.pop()
        return await attempt()

    def is_over(state: tenacity.RetryCallState) -> bool:
        reason = _reason(state)
        return reason.failures >= max_attempts or reason.limited_for > PATIENCE_SECONDS

    def wait(state: tenacity.RetryCallState) -> float:
        told = _reason(state).wait
        return _BACKOFF(state) if told is None else min(told, LONGEST_TOLD_WAIT_SECONDS)

    def before_sleep(state: tenacity.RetryCallState) -> None:
        on_repeat()
        log.debug("trying again in %.1f s: %s", state.upcoming_sleep, _reason(state))

    retry_repeats = tenacity.retry_if_exception_type(Repeat)
    retrying = tenacity.AsyncRetrying(
        sleep=sleep, retry=retry_repeats, stop=is_over, wait=wait, before_sleep=before_sleep, reraise=True
    )
    try:
        return await retrying(next_attempt)
    except Repeat as last:
        final = last.error
    raise final


def _reason(state: tenacity.RetryCallState) -> Repeat:
    reason = state.outcome and state.outcome.exception()
    if isinstance(reason, Repeat):
        return reason
    raise AssertionError("only a Repeat is tried again")


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
