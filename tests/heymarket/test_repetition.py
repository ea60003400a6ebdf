"""The rules of repetition."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import ServiceUnavailable
from pipeline.heymarket._repetition import LONGEST_TOLD_WAIT_SECONDS, Repeat, http_date, repeat, retry_after_seconds
from pipeline.limiter._pacing import PATIENCE_SECONDS


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
